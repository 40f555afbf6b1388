// Run: the loss as it falls, and the sequences and tokens behind each point.
#pragma once

#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>

#include "ui/models/run_alarms.h"
#include "ui/pages/actions.h"
#include "ui/pages/page.h"
#include "ui/pages/page_scroller.h"
#include "ui/session/end_notice.h"
#include "ui/session/run_details.h"
#include "ui/widgets/empty_state.h"

namespace vernier::ui {

class CurvesPanel;
class PinnedRowPanel;
class SequencesPanel;
class SignalsPanel;
class StepPlot;

class RunPage : public Page {
  Q_OBJECT

 public:
  RunPage(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  void reset_layout() override;
  void take_focus() override;
  bool is_busy() override;

 private:
  void make_curves(Actions& actions);
  void make_tabs();
  void connect_run();
  void show_activity();
  // Of the tab that is shown; null where it has none.
  StepPlot* shown_plot() const;
  void show_ready();
  // The tab that has something to show: sequences while it trains, a finished demo's answers.
  void choose_tab(Activity activity);
  void show_evidence(const Alarm& alarm);

  Workbench& workbench_;
  RunDetails details_;
  RunAlarms alarms_;
  EndNotice end_notice_;
  QTimer disk_timer_;
  QStackedWidget* stack_ = nullptr;
  bool was_answered_ = false;
  EmptyState* no_run_ = nullptr;
  PageScroller* content_ = nullptr;
  QSplitter* split_ = nullptr;
  QStackedWidget* plot_stack_ = nullptr;
  EmptyState* ready_ = nullptr;
  CurvesPanel* curves_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  SequencesPanel* sequences_ = nullptr;
  PinnedRowPanel* pinned_ = nullptr;
  SignalsPanel* signals_ = nullptr;
  QWidget* answers_ = nullptr;
};

}  // namespace vernier::ui
