// Where a window was, for the one that takes its place in another language.
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>
#include <optional>

#include "ui/session/ask_worker.h"

namespace vernier::ui {

class MainWindow;

// The page, the tabs, the steps and lessons, what was typed and not yet asked, how answers are drawn, what was
// predicted, the pinned row, the runs compared, and how far was scrolled. Runs, selection, set-up, answers, lessons'
// experiments and settings are the workbench's, and outlive the window. GUI thread.
class WindowPlace {
 public:
  explicit WindowPlace(MainWindow& window);
  // Into a window with the same workbench, which has heard of its run.
  void restore(MainWindow& window) const;

 private:
  int page_ = 0;
  QHash<QString, int> numbers_;  // of widgets, by their way down from the window
  QHash<QString, QString> texts_;
  std::optional<AskPrompt> prompt_;
  std::optional<AskSampling> sampling_;
  double strength_ = 1.0;  // of the adapter, with sampling_
  QStringList compared_;
  qint64 pinned_row_ = -1;
};

}  // namespace vernier::ui
