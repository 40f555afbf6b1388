#include "ui/pages/run/signals_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "ui/pages/describe.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr auto kRefresh = std::chrono::seconds(1);
constexpr auto kRest = std::chrono::milliseconds(250);

}  // namespace

SignalsPanel::SignalsPanel(Workbench& workbench, RunDetails& details, RunAlarms& alarms, LossPlot& curves,
                           QWidget* parent)
    : QObject(parent), workbench_(workbench), details_(details), curves_(curves) {
  make_gradients(parent);
  logit_plot_ = new LogitSignalPlot(parent);
  logit_plot_->setToolTip(
      tr("The logits where a label is predicted, from the same pass as the loss. Extremes that run "
         "away come before a loss that does; one answer that is far more frequent than any target "
         "means that the model has collapsed."));
  connect_plot(map_);
  connect_plot(logit_plot_);
  connect(&curves_, &LossPlot::stepRangeChanged, this, &SignalsPanel::follow_range);
  connect(
      &details_, &RunDetails::signalsRead, this,
      [this, &alarms](const std::shared_ptr<const SignalGrid>& grid, const std::vector<Alarm>& found, bool complete) {
        whole_ = grid;
        is_read_ = is_read_ || complete;
        alarms.set_signal_alarms(found);
        show_grid();
      });
  connect(&details_, &RunDetails::signalsOfRead, this, [this](const std::shared_ptr<const SignalGrid>& grid) {
    part_ = grid;
    show_grid();
  });
  read_timer_.setInterval(kRefresh);
  connect(&read_timer_, &QTimer::timeout, this, &SignalsPanel::read);
  zoom_timer_.setSingleShot(true);
  zoom_timer_.setInterval(kRest);
  connect(&zoom_timer_, &QTimer::timeout, this, [this] {
    const auto [low, high] = curves_.stepRange();
    details_.read_signals_of(std::llround(std::max(0.0, std::floor(low))), std::llround(std::ceil(high)));
  });
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &SignalsPanel::restart);
  connect(&run, &RunModel::startedChanged, this, &SignalsPanel::restart);
  connect(&run, &RunModel::activityChanged, this, [this](Activity activity) {
    read();
    is_active(activity) ? read_timer_.start() : read_timer_.stop();
    explain();
  });
  restart();
}

void SignalsPanel::make_gradients(QWidget* parent) {
  gradients_ = new QWidget(parent);
  auto* layout = new QVBoxLayout(gradients_);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  layout->setSpacing(kSpaceTiny);
  auto* order = new QComboBox(gradients_);
  describe(order, "gradientOrder", tr("Order of the rows"),
           tr("By layer shows where in the depth gradients vanish or explode; by projection shows which kind of matrix "
              "does the learning."));
  order->addItems({tr("By layer"), tr("By projection")});
  auto* label = new QLabel(tr("Ro&ws"), gradients_);
  label->setBuddy(order);
  auto* head = new QHBoxLayout;
  head->addWidget(label);
  head->addWidget(order);
  head->addStretch(1);
  layout->addLayout(head);
  map_ = new GradientMap(gradients_);
  map_->setToolTip(
      tr("The norm of each projection's gradient at every step. Rows that turn dark no longer learn, rows "
         "that turn bright before the loss rises are where it breaks; a cross marks NaN or infinity."));
  layout->addWidget(map_, 1);
  connect(order, &QComboBox::currentIndexChanged, map_, [this](int index) {
    map_->setOrder(index == 0 ? GradientMap::Order::kLayer : GradientMap::Order::kProjection);
  });
}

void SignalsPanel::connect_plot(StepPlot* plot) {
  SelectionModel& selection = workbench_.selection();
  connect(plot, &StepPlot::stepSelected, &selection, &SelectionModel::selectStep);
  connect(&selection, &SelectionModel::stepChanged, plot,
          [plot](qint64 step) { plot->setSelectedStep(std::max<qint64>(step, 0)); });
  connect(plot, &StepPlot::stepRangeWanted, &curves_, &LossPlot::showSteps);
  connect(plot, &StepPlot::wholeRangeWanted, &curves_, &LossPlot::resetZoom);
}

void SignalsPanel::restart() {
  whole_.reset();
  part_.reset();
  is_read_ = false;
  details_.set_current(workbench_.run().activity() == Activity::kReady ? QString() : workbench_.run().run_dir());
  show_grid();
  read();
}

void SignalsPanel::read() {
  details_.read_signals();
}

void SignalsPanel::follow_range() {
  const auto [low, high] = curves_.stepRange();
  for (StepPlot* plot : {static_cast<StepPlot*>(map_), static_cast<StepPlot*>(logit_plot_)}) {
    plot->setStepRange(low, high);
  }
  show_grid();
  // What the whole run's columns blur can be seen one step at a time.
  const bool is_blurred = whole_ && whole_->stepsAColumn() > 1;
  const bool is_zoomed = is_blurred && high - low < 0.5 * static_cast<double>(whole_->size()) *
                                                        static_cast<double>(whole_->stepsAColumn());
  is_zoomed ? zoom_timer_.start() : zoom_timer_.stop();
}

void SignalsPanel::show_grid() {
  const auto [low, high] = curves_.stepRange();
  const bool part_serves = part_ && !part_->empty() && whole_ && part_->stepsAColumn() < whole_->stepsAColumn() &&
                           part_->leftOf(0) <= low + 1.0 && part_->leftOf(part_->size()) >= high - 1.0;
  const std::shared_ptr<const SignalGrid>& shown = part_serves ? part_ : whole_;
  map_->setGrid(shown);
  logit_plot_->setGrid(shown);
  explain();
}

void SignalsPanel::explain() {
  const bool none_recorded = is_read_ && whole_ && whole_->groups().empty() && !workbench_.run().series().empty();
  map_->setExplanation(
      none_recorded
          ? tr("This run was recorded by a version of Vernier that kept no gradient norms. Runs from now on do.")
          : tr("The gradient norm of every projection stands here, step by step."));
  logit_plot_->setExplanation(
      none_recorded
          ? tr("This run was recorded by a version of Vernier that kept no logit statistics. Runs from now on do.")
          : tr("Mean, spread and extremes of the logits stand here, step by step."));
}

}  // namespace vernier::ui
