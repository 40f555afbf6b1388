// What steps tell of their insides: gradient norms by layer, logit statistics. Two widgets for two tabs, over the steps
// that the curves show.
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>

#include "ui/models/run_alarms.h"
#include "ui/plots/gradient_map.h"
#include "ui/plots/logit_signal_plot.h"
#include "ui/plots/loss_plot.h"
#include "ui/session/run_details.h"
#include "ui/session/workbench.h"

namespace vernier::ui {

class SignalsPanel : public QObject {
  Q_OBJECT

 public:
  // `curves` leads the range of the steps.
  SignalsPanel(Workbench& workbench, RunDetails& details, RunAlarms& alarms, LossPlot& curves, QWidget* parent);

  QWidget* gradients() { return gradients_; }
  QWidget* logits() { return logit_plot_; }
  GradientMap& map() { return *map_; }
  LogitSignalPlot& logit_plot() { return *logit_plot_; }

 private:
  void make_gradients(QWidget* parent);
  void connect_plot(StepPlot* plot);
  void restart();
  void read();
  void follow_range();
  void show_grid();
  void explain();

  Workbench& workbench_;
  RunDetails& details_;
  LossPlot& curves_;
  QWidget* gradients_ = nullptr;
  GradientMap* map_ = nullptr;
  LogitSignalPlot* logit_plot_ = nullptr;
  std::shared_ptr<const SignalGrid> whole_, part_;
  bool is_read_ = false;  // once, to the end
  QTimer read_timer_;     // while the run goes on
  QTimer zoom_timer_;     // a zoom that has come to rest is read more finely
};

}  // namespace vernier::ui
