#include "ui/pages/compare/compared_curves_panel.h"

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/models/run_state.h"
#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/style/paint.h"
#include "ui/style/sentences.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

qint64 x_of(const ComparedPoint& point, int axis) {
  return axis == ComparedCurvesPanel::kTokens ? point.tokens
         : axis == ComparedCurvesPanel::kTime ? point.microseconds
                                              : point.step;
}

// An evaluation lies where the step stands after which it was made; step 0 at the beginning.
double x_of_eval(const ComparedRun& run, qint64 step, int axis) {
  double x = 0.0;
  for (const ComparedPoint& point : run.points) {
    if (point.step > step) break;
    x = static_cast<double>(x_of(point, axis));
  }
  return x;
}

CompareCurve curve_of(const ComparedRun& run, int axis) {
  CompareCurve curve;
  curve.name = run.name;
  for (const ComparedPoint& point : run.points) {
    SeriesPoint& out = curve.points.emplace_back();
    out.step = x_of(point, axis);
    out.loss_per_token = point.loss_per_token;
    out.loss_per_sequence = point.loss_per_sequence;
  }
  for (const EvalEvent& eval : run.evals) {
    curve.evals.push_back({x_of_eval(run, eval.step, axis), eval.eval_loss_per_token, eval.eval_loss_per_sequence});
  }
  return curve;
}

bool have_same_losses(const ComparedRun& a, const ComparedRun& b) {
  return !a.points.empty() &&
         std::ranges::equal(a.points, b.points, [](const ComparedPoint& x, const ComparedPoint& y) {
           return x.step == y.step && x.loss_per_token == y.loss_per_token &&
                  x.loss_per_sequence == y.loss_per_sequence;
         });
}

QString count_text(double value) {
  return value >= 1e6 ? ComparedCurvesPanel::tr("%1 million").arg(value * 1e-6, 0, 'g', 4)
                      : grouped(std::llround(value));
}

}  // namespace

ComparedCurvesPanel::ComparedCurvesPanel(QWidget* parent) : QWidget(parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  layout->setSpacing(kSpaceSmall);
  controls_ = new FlowLayout(kSpaceMedium, kSpaceTiny);
  plot_ = new ComparePlot(this);
  axis_ = new QComboBox(this);
  describe(
      axis_, "compareAxis", tr("Horizontal axis"),
      tr("What the curves are drawn over. Steps of runs with different batches are not equal work: tokens and time "
         "tell which run learns more from the same."));
  axis_->addItems({tr("Over steps"), tr("Over tokens"), tr("Over time")});
  controls_->addWidget(axis_);
  loss_ = new QComboBox(this);
  describe(loss_, "compareLoss", tr("Which loss"),
           tr("Both come from the same forward pass, whichever a run was trained on: per token every token weighs the "
              "same, per sequence every row does."));
  loss_->addItems({tr("Loss per token"), tr("Loss per sequence")});
  controls_->addWidget(loss_);
  QCheckBox* training = add_switch("compareTraining", tr("&Training"),
                                   tr("The loss of every step, on the rows that were trained on in it."), true);
  QCheckBox* evaluation = add_switch("compareEvaluation", tr("&Evaluation"),
                                     tr("Hollow points: the loss on rows that are never trained on."), true);
  QCheckBox* logarithmic =
      add_switch("compareLogarithmic", tr("&Logarithmic"), tr("Equal ratios as equal heights. On the plot: L."), false);
  QCheckBox* smooth =
      add_switch("compareSmooth", tr("&Smooth"),
                 tr("A moving mean over the thin raw curve of runs with sixty steps or more. On the plot: S."), true);
  layout->addLayout(controls_);
  layout->addWidget(plot_, 1);
  same_ = make_note({}, this);
  same_->setObjectName(QStringLiteral("compareSame"));
  same_->hide();
  layout->addWidget(same_);
  connect(axis_, &QComboBox::currentIndexChanged, this, &ComparedCurvesPanel::show_curves);
  connect(loss_, &QComboBox::currentIndexChanged, this, [this](int index) { plot_->setPerSequence(index == 1); });
  connect(training, &QCheckBox::toggled, plot_, &ComparePlot::setShowsTraining);
  connect(evaluation, &QCheckBox::toggled, plot_, &ComparePlot::setShowsEvaluation);
  connect(logarithmic, &QCheckBox::toggled, plot_, &ComparePlot::setLogarithmic);
  connect(plot_, &ComparePlot::logarithmicChanged, logarithmic, &QCheckBox::setChecked);
  connect(smooth, &QCheckBox::toggled, plot_, &ComparePlot::setSmoothed);
  connect(plot_, &ComparePlot::smoothedChanged, smooth, &QCheckBox::setChecked);
}

QCheckBox* ComparedCurvesPanel::add_switch(const char* name, const QString& text, const QString& tool_tip, bool on) {
  auto* box = new QCheckBox(text, this);
  describe(box, name, without_mnemonic(text), tool_tip);
  box->setChecked(on);
  controls_->addWidget(box);
  return box;
}

void ComparedCurvesPanel::set_runs(const std::vector<ComparedRun>& runs) {
  runs_ = runs;
  QStringList hidden;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    for (std::size_t j = i + 1; j < runs_.size(); ++j) {
      if (!have_same_losses(runs_[i], runs_[j])) continue;
      hidden << tr("%1 and %2 have the same loss at every step: one curve lies under the other.")
                    .arg(runs_[i].name, runs_[j].name);
      break;
    }
  }
  same_->setText(in_a_row(hidden));
  same_->setVisible(!hidden.isEmpty());
  show_curves();
}

void ComparedCurvesPanel::show_curves() {
  const int axis = axis_->currentIndex();
  std::vector<CompareCurve> curves;
  for (const ComparedRun& run : runs_) curves.push_back(curve_of(run, axis));
  switch (axis) {
    case kTokens:
      return plot_->setCurves(curves, tr("tokens trained on"), count_text);
    case kTime:
      return plot_->setCurves(curves, tr("time in steps"), [](double microseconds) {
        return microseconds <= 0.0 ? QStringLiteral("0") : to_duration(1e-6 * microseconds);
      });
    default:
      return plot_->setCurves(curves, tr("optimizer step"), [](double step) { return grouped(std::llround(step)); });
  }
}

}  // namespace vernier::ui
