// Reads how the sequences of a step were packed.
#pragma once

#include <QObject>
#include <QString>
#include <atomic>
#include <memory>

#include "ui/models/step_layout.h"
#include "ui/session/background.h"

namespace vernier::ui {

// GUI thread; reads on a thread of its own. A newer ask replaces one that waits or is read.
class LayoutLoader : public QObject {
  Q_OBJECT

 public:
  explicit LayoutLoader(QObject* parent = nullptr);

  void load(const QString& run_dir, const RunConfig& config, qint64 step);
  // What was asked for is not wanted any more.
  void cancel() { ++newest_; }
  // Something was asked for and has not come yet.
  bool is_busy() { return worker_.is_busy() || !mailbox_.is_empty(); }

 Q_SIGNALS:
  void loaded(const vernier::ui::StepLayout& layout);
  void failed(const QString& sentence);

 private:
  std::atomic<quint64> newest_ = 0;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
