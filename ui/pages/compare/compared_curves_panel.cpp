#include "ui/pages/compare/compared_curves_panel.h"

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <utility>

#include "ui/models/run_state.h"
#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/picture_button.h"
#include "ui/session/thread_priority.h"
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
  const std::vector<ComparedPoint>& points = run.points();
  const auto after = std::upper_bound(points.begin(), points.end(), step,
                                      [](qint64 wanted, const ComparedPoint& point) { return wanted < point.step; });
  return after == points.begin() ? 0.0 : static_cast<double>(x_of(*std::prev(after), axis));
}

CompareCurve curve_of(const ComparedRun& run, int axis) {
  CompareCurve curve;
  curve.name = run.name;
  std::vector<SeriesPoint> points;
  points.reserve(run.points().size());
  for (const ComparedPoint& point : run.points()) {
    SeriesPoint& out = points.emplace_back();
    out.step = x_of(point, axis);
    out.loss_per_token = point.loss_per_token;
    out.loss_per_sequence = point.loss_per_sequence;
  }
  auto series = std::make_shared<LossSeries>();
  series->reserve(points.size());
  series->append(points);
  curve.series = std::move(series);
  for (const EvalEvent& eval : run.evals) {
    curve.evals.push_back({x_of_eval(run, eval.step, axis), eval.eval_loss_per_token, eval.eval_loss_per_sequence});
  }
  return curve;
}

bool have_same_losses(const ComparedRun& a, const ComparedRun& b) {
  return !a.points().empty() &&
         std::ranges::equal(a.points(), b.points(), [](const ComparedPoint& x, const ComparedPoint& y) {
           return x.step == y.step && x.loss_per_token == y.loss_per_token &&
                  x.loss_per_sequence == y.loss_per_sequence;
         });
}

QString count_text(double value) {
  return value >= 1e6 ? ComparedCurvesPanel::tr("%1 million").arg(value * 1e-6, 0, 'g', 4)
                      : grouped(std::llround(value));
}

}  // namespace

struct ComparedCurvesPanel::Drawn {
  int axis = kSteps;
  std::vector<CompareCurve> curves;
  std::vector<std::pair<QString, QString>> same;  // runs by name
};

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
  QCheckBox* evaluation = add_switch("compareEvaluation", tr("Evaluati&on"),
                                     tr("Hollow points: the loss on rows that are never trained on."), true);
  QCheckBox* logarithmic =
      add_switch("compareLogarithmic", tr("&Logarithmic"), tr("Equal ratios as equal heights. On the plot: L."), false);
  QCheckBox* smooth =
      add_switch("compareSmooth", tr("&Smooth"),
                 tr("A moving mean over the thin raw curve of runs with sixty steps or more. On the plot: S."), true);
  controls_->addWidget(make_picture_button(
      "comparePicture", [this](QMenu& menu) { plot_->addActions(menu); }, this));
  layout->addLayout(controls_);
  layout->addWidget(plot_, 1);
  same_ = make_note({}, this);
  same_->setObjectName(QStringLiteral("compareSame"));
  same_->hide();
  layout->addWidget(same_);
  connect(axis_, &QComboBox::currentIndexChanged, this, &ComparedCurvesPanel::draw);
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
  draw();
}

// On a thread of its own: runs may be a million steps long.
void ComparedCurvesPanel::draw() {
  const quint64 job = ++job_;
  worker_.run([this, job, axis = axis_->currentIndex(), runs = runs_](const std::stop_token& stop) {
    yield_to_gui();
    auto drawn = std::make_shared<Drawn>();
    drawn->axis = axis;
    for (std::size_t i = 0; i < runs.size() && !stop.stop_requested(); ++i) {
      drawn->curves.push_back(curve_of(runs[i], axis));
      for (std::size_t j = i + 1; j < runs.size(); ++j) {
        if (!have_same_losses(runs[i], runs[j])) continue;
        drawn->same.emplace_back(runs[i].name, runs[j].name);
        break;
      }
    }
    mailbox_.post([this, job, drawn] {
      if (job == job_) show_drawn(*drawn);
    });
  });
}

void ComparedCurvesPanel::show_drawn(Drawn& drawn) {
  QStringList hidden;
  for (const auto& [upper, lower] : drawn.same) {
    hidden << tr("%1 and %2 have the same loss at every step: one curve lies under the other.").arg(upper, lower);
  }
  same_->setText(in_a_row(hidden));
  same_->setVisible(!hidden.isEmpty());
  std::vector<CompareCurve> curves = std::move(drawn.curves);
  switch (drawn.axis) {
    case kTokens:
      return plot_->setCurves(std::move(curves), tr("tokens trained on"), count_text);
    case kTime:
      return plot_->setCurves(std::move(curves), tr("time in steps"), [](double microseconds) {
        return microseconds <= 0.0 ? QStringLiteral("0") : to_duration(1e-6 * microseconds);
      });
    default:
      return plot_->setCurves(std::move(curves), tr("optimizer step"),
                              [](double step) { return grouped(std::llround(step)); });
  }
}

}  // namespace vernier::ui
