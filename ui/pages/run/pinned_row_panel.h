// One row of the data through the run: its loss whenever it came up, its tokens then and now.
#pragma once

#include <QLabel>
#include <QStackedWidget>
#include <QTimer>
#include <QWidget>

#include "ui/plots/row_history_plot.h"
#include "ui/session/run_details.h"
#include "ui/session/workbench.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/token_ribbon.h"

namespace vernier::ui {

class PinnedRowPanel : public QWidget {
  Q_OBJECT

 public:
  PinnedRowPanel(Workbench& workbench, RunDetails& details, QWidget* parent = nullptr);

  // -1: none.
  void pin(qint64 row);
  qint64 row() const { return row_; }
  RowHistoryPlot& plot() { return *plot_; }
  // Whether a sequence is selected whose row could be.
  void set_can_pin(bool can);

 Q_SIGNALS:
  // The selected one.
  void pinWanted();

 private:
  QWidget* make_content();
  void show_row(const RowThroughRun& row);

  Workbench& workbench_;
  RunDetails& details_;
  qint64 row_ = -1;
  QTimer timer_;  // while the run goes on
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  QLabel* note_ = nullptr;
  RowHistoryPlot* plot_ = nullptr;
  QLabel* then_note_ = nullptr;
  QLabel* now_note_ = nullptr;
  TokenRibbon* then_ = nullptr;
  TokenRibbon* now_ = nullptr;
};

}  // namespace vernier::ui
