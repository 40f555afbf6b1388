// Captured logits, read and made into cells in the background.
#pragma once

#include <QObject>
#include <QString>
#include <optional>

#include "ui/session/task.h"
#include "vernier/logit_grid.h"

namespace vernier::ui {

// GUI thread.
class CaptureSession : public QObject {
  Q_OBJECT

 public:
  explicit CaptureSession(QObject* parent = nullptr);

  // The capture's cells; with `other`, against that one. A newer ask takes an older one's place.
  void load(const QString& run_dir, const CaptureRecord& capture, const GridRows& rows,
            const std::optional<CaptureRecord>& other = std::nullopt);
  Task& task() { return task_; }

 Q_SIGNALS:
  void loaded(const vernier::CaptureRecord& capture, const vernier::LogitGrid& grid);
  void failed(const QString& sentence);

 private:
  Task task_{this};
};

}  // namespace vernier::ui
