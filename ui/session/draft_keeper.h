// The run that is being set up outlives the window.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <optional>
#include <utility>

#include "ui/session/background.h"
#include "ui/session/run_draft.h"

namespace vernier::ui {

// GUI thread; files are written on a thread of its own.
class DraftKeeper : public QObject {
  Q_OBJECT

 public:
  // Takes up what `file` holds, where that can be read, and keeps every later change there, also of a draft that lacks
  // its model or data yet; while it contradicts itself, the last one that does not. Where the file cannot be written,
  // nothing is lost but the keeping.
  DraftKeeper(RunDraft& draft, QString file, QObject* parent = nullptr);
  // What has changed last is written then.
  ~DraftKeeper() override;

  // A sentence where what was kept could not be read: it lies beside the file, under another name. Else empty.
  const QString& problem() const { return problem_; }

 private:
  void keep();

  RunDraft& draft_;
  QString file_;
  QString problem_;
  bool is_changed_ = false;
  QTimer timer_;
  std::optional<Worker> worker_{std::in_place};
};

}  // namespace vernier::ui
