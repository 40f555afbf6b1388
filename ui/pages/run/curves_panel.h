// The run's curves and what they can be made to show.
#pragma once

#include <QLabel>
#include <QMenu>
#include <QSlider>
#include <QTimer>
#include <QWidget>

#include "ui/pages/actions.h"
#include "ui/plots/loss_plot.h"
#include "ui/session/run_details.h"

namespace vernier::ui {

class CurvesPanel : public QWidget {
  Q_OBJECT

 public:
  CurvesPanel(Workbench& workbench, Actions& actions, RunDetails& details, QWidget* parent = nullptr);

  LossPlot& plot() { return *plot_; }
  // Shows a strip that was not shown, without changing what is remembered.
  void show_chart(Strip strip);
  // A long run's steps are still being added.
  bool is_filling() const { return fill_timer_.isActive(); }

 private:
  QWidget* make_bar(Actions& actions);
  void add_charts_menu(QMenu* menu);
  void add_save_menu(QMenu* menu);
  void choose_csv();
  void choose_charts();
  void set_smoothing(int stop);
  void connect_run();
  void show_run();
  // Adds the next steps to the plot: a million at once would hold up the window.
  void fill();

  Workbench& workbench_;
  RunDetails& details_;
  LossPlot* plot_ = nullptr;
  QList<QAction*> charts_;
  QSlider* smoothing_ = nullptr;
  QLabel* smoothing_words_ = nullptr;
  QTimer hover_timer_;
  qint64 hovered_ = 0;
  QTimer fill_timer_;
  std::size_t filled_ = 0;  // steps that the plot has
};

}  // namespace vernier::ui
