// Run: the loss as it falls, and the sequences and tokens behind each point.
#pragma once

#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>

#include "ui/pages/actions.h"
#include "ui/pages/page.h"
#include "ui/pages/page_scroller.h"
#include "ui/plots/loss_plot.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"

namespace vernier::ui {

class RunHeader;

class RunPage : public Page {
  Q_OBJECT

 public:
  RunPage(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  void reset_layout() override;
  void take_focus() override;

 private:
  QWidget* make_details();
  void connect_run();
  void connect_selection();
  void show_run();
  void show_activity();
  // The tab that has something to show: sequences while it trains, a finished demo's answers.
  void choose_tab(Activity activity);
  void show_sequences(qint64 step, const std::vector<SequenceRecord>& sequences);

  Workbench& workbench_;
  QStackedWidget* stack_ = nullptr;
  bool was_answered_ = false;
  RunHeader* header_ = nullptr;
  EmptyState* no_run_ = nullptr;
  PageScroller* content_ = nullptr;
  QStackedWidget* plot_stack_ = nullptr;
  EmptyState* ready_ = nullptr;
  LossPlot* plot_ = nullptr;
  QSplitter* split_ = nullptr;
  QSplitter* details_split_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QWidget* answers_ = nullptr;
  QLabel* step_note_ = nullptr;
  SequenceTable* sequences_ = nullptr;
  TokenRibbon* ribbon_ = nullptr;
};

}  // namespace vernier::ui
