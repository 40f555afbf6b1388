#include "ui/pages/run/curves_panel.h"

#include <QDir>
#include <QFileDialog>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <tuple>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/style/theme.h"
#include "ui/widgets/work_line.h"

namespace vernier::ui {
namespace {

// Where the pointer rests so long, the store is asked who holds the tokens of the step.
constexpr auto kRest = std::chrono::milliseconds(120);
// Steps that are added at once: some ten milliseconds.
constexpr std::size_t kStretch = 20'000;
// Steps that the smoothing spans at most, stop by stop.
constexpr std::array kSpans = {2, 5, 10, 20, 50, 100, 200, 500};

QToolButton* make_menu_button(const char* name, const QString& text, const QString& tool_tip, QMenu* menu,
                              QWidget* parent) {
  auto* button = new FocusButton(parent);
  describe(button, name, text, tool_tip);
  button->setText(text);
  button->setPopupMode(QToolButton::InstantPopup);
  button->setMenu(menu);
  button->setFocusPolicy(Qt::StrongFocus);
  return button;
}

}  // namespace

CurvesPanel::CurvesPanel(Workbench& workbench, Actions& actions, RunDetails& details, QWidget* parent)
    : QWidget(parent), workbench_(workbench), details_(details) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceTiny);
  plot_ = new LossPlot(this);
  describe(plot_, "lossPlot", tr("Loss"),
           tr("Both losses of each step, from one forward; where they part, the gap below shows by how much. Of two "
              "numbers at a line's end the second is smoothed. Click a point or use the arrow keys to select a step; "
              "drag over some steps to zoom into them, with Shift into a box."));
  layout->addWidget(make_bar(actions));
  layout->addWidget(plot_, 1);
  auto* work = new WorkLine(this);
  work->setObjectName(QStringLiteral("csvWork"));
  layout->addWidget(work);
  Task& csv = details_.csv();
  connect(&csv, &Task::progressed, work, [work, &csv](double fraction) { work->showWork(csv.activity(), fraction); });
  connect(&csv, &Task::runningChanged, work, [work](bool is_running) {
    if (!is_running) work->hide();
  });
  connect(work, &WorkLine::stopped, &csv, &Task::stop);

  for (const auto& [action, set, changed] :
       {std::tuple(actions.log_loss, &LossPlot::setLogarithmic, &LossPlot::logarithmicChanged),
        std::tuple(actions.smooth_loss, &LossPlot::setSmoothed, &LossPlot::smoothedChanged)}) {
    (plot_->*set)(action->isChecked());
    connect(action, &QAction::toggled, plot_, set);
    connect(plot_, changed, action, &QAction::setChecked);
  }
  connect(plot_, &LossPlot::csvWanted, this, &CurvesPanel::choose_csv);
  connect(&details_, &RunDetails::csvSaved, this, [this](const QString& path) {
    Q_EMIT workbench_.noticed(MessageLevel::kInfo,
                              tr("The run's numbers are in %1.").arg(QDir::toNativeSeparators(path)));
  });
  hover_timer_.setSingleShot(true);
  hover_timer_.setInterval(kRest);
  connect(plot_, &LossPlot::stepHovered, this, [this](qint64 step) {
    hovered_ = step;
    step > 0 ? hover_timer_.start() : hover_timer_.stop();
  });
  connect(&hover_timer_, &QTimer::timeout, this, [this] { details_.read_share(hovered_); });
  connect(&details_, &RunDetails::shareRead, this,
          [this](const TokenShare& share) { plot_->setHoverNote(share.step, to_words(share)); });
  // Of the selected step they are read anyway.
  connect(&workbench_.loader(), &RunLoader::sequencesLoaded, plot_,
          [this](qint64 step, const std::vector<SequenceRecord>& sequences) {
            plot_->setSelectedNote(step, to_words(token_share(step, sequences)));
          });
  fill_timer_.setSingleShot(true);
  fill_timer_.setInterval(0);
  connect(&fill_timer_, &QTimer::timeout, this, &CurvesPanel::fill);
  connect_run();
  show_run();
}

QWidget* CurvesPanel::make_bar(Actions& actions) {
  auto* bar = new QWidget(this);
  auto* row = new FlowLayout(kSpaceTiny, kSpaceTiny, bar);
  auto* charts = new QMenu(bar);
  add_charts_menu(charts);
  row->addWidget(make_menu_button("chartsButton", tr("Charts"),
                                  tr("Chooses what stands under the loss, over the same steps: the gap between the "
                                     "two losses, evaluation, learning rate, gradient norm, throughput, memory."),
                                  charts, bar));
  row->addWidget(make_button(actions.log_loss, Qt::ToolButtonTextOnly, bar));
  row->addWidget(make_button(actions.smooth_loss, Qt::ToolButtonTextOnly, bar));
  smoothing_ = new QSlider(Qt::Horizontal, bar);
  describe(smoothing_, "smoothingSlider", tr("Smoothing strength"),
           tr("Over how many steps the loss is smoothed at most; short runs are smoothed over a twenty-fifth of their "
              "length. More shows the trend, less shows what single batches did."));
  smoothing_->setRange(0, static_cast<int>(kSpans.size()) - 1);
  smoothing_->setPageStep(1);
  smoothing_->setMaximumWidth(120);
  smoothing_words_ = make_note({}, bar, false);
  smoothing_words_->setMinimumWidth(fontMetrics().horizontalAdvance(tr("at most %1 steps").arg(888)));
  row->addWidget(smoothing_);
  row->addWidget(smoothing_words_);
  const auto stop = std::lower_bound(kSpans.begin(), kSpans.end(), workbench_.settings().smoothing_span());
  smoothing_->setValue(static_cast<int>(std::min(stop, kSpans.end() - 1) - kSpans.begin()));
  connect(smoothing_, &QSlider::valueChanged, this, &CurvesPanel::set_smoothing);
  set_smoothing(smoothing_->value());
  smoothing_->setEnabled(actions.smooth_loss->isChecked());
  connect(actions.smooth_loss, &QAction::toggled, smoothing_, &QWidget::setEnabled);

  auto* clip = new QAction(tr("Clip outliers"), this);
  clip->setObjectName(QStringLiteral("clipOutliersAction"));
  clip->setToolTip(
      tr("Draws to the usual values, from the 1st to the 99th percentile; triangles at the edge mark what "
         "lies beyond."));
  clip->setCheckable(true);
  clip->setChecked(workbench_.settings().clips_outliers());
  plot_->setOutliersClipped(clip->isChecked());
  connect(clip, &QAction::toggled, this, [this](bool on) {
    plot_->setOutliersClipped(on);
    workbench_.settings().set_clips_outliers(on);
  });
  row->addWidget(make_button(clip, Qt::ToolButtonTextOnly, bar));
  auto* reset = new QAction(tr("Show all steps"), this);
  reset->setObjectName(QStringLiteral("resetZoomAction"));
  reset->setToolTip(tr("Ends the zoom of all charts. On the plot: 0, or a double click."));
  connect(reset, &QAction::triggered, plot_, &LossPlot::resetZoom);
  row->addWidget(make_button(reset, Qt::ToolButtonTextOnly, bar));
  auto* save = new QMenu(bar);
  add_save_menu(save);
  row->addWidget(make_menu_button(
      "saveChartsButton", tr("Save charts"),
      tr("As a picture (PNG, SVG, PDF) of what is shown, or all of the run's numbers as CSV."), save, bar));
  return bar;
}

void CurvesPanel::add_charts_menu(QMenu* menu) {
  const QStringList shown = workbench_.settings().charts();
  for (const Strip strip : kAllStrips) {
    QAction* action = menu->addAction(name_of(strip));
    action->setObjectName(QStringLiteral("chart_") + key_of(strip));
    action->setCheckable(true);
    action->setChecked(strip == Strip::kLoss || shown.contains(key_of(strip)));
    action->setEnabled(strip != Strip::kLoss);
    charts_.append(action);
    connect(action, &QAction::triggered, this, [this] {
      choose_charts();
      QStringList keys;
      for (std::size_t i = 1; i < kAllStrips.size(); ++i) {
        if (charts_[static_cast<qsizetype>(i)]->isChecked()) keys << key_of(kAllStrips[i]);
      }
      workbench_.settings().set_charts(keys);
    });
  }
  choose_charts();
}

void CurvesPanel::choose_charts() {
  std::vector<Strip> strips;
  for (std::size_t i = 0; i < kAllStrips.size(); ++i) {
    if (charts_[static_cast<qsizetype>(i)]->isChecked()) strips.push_back(kAllStrips[i]);
  }
  plot_->setShownStrips(strips);
}

void CurvesPanel::show_chart(Strip strip) {
  charts_[static_cast<qsizetype>(strip)]->setChecked(true);
  choose_charts();
  plot_->setFocus(Qt::OtherFocusReason);
}

void CurvesPanel::add_save_menu(QMenu* menu) {
  menu->addAction(tr("&Picture…"), plot_, &LossPlot::saveThroughDialog);
  menu->addAction(tr("&Numbers as CSV…"), this, &CurvesPanel::choose_csv);
  menu->addAction(tr("&Copy as picture"), plot_, &LossPlot::copyPicture);
  menu->addAction(tr("Show as &table"), plot_, &LossPlot::showTable);
}

void CurvesPanel::choose_csv() {
  const QString path = QFileDialog::getSaveFileName(
      this, tr("Save numbers"), workbench_.run().name() + QStringLiteral(".csv"), tr("CSV (*.csv)"));
  if (!path.isEmpty()) details_.save_csv(path);
}

void CurvesPanel::set_smoothing(int stop) {
  const int span = kSpans[static_cast<std::size_t>(stop)];
  plot_->setSmoothingSpan(static_cast<std::size_t>(span));
  smoothing_words_->setText(tr("at most %1 steps").arg(span));
  workbench_.settings().set_smoothing_span(span);
}

void CurvesPanel::connect_run() {
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &CurvesPanel::show_run);
  connect(&run, &RunModel::startedChanged, this, [this, &run] {
    plot_->setTotalSteps(run.info().total_steps);
    plot_->setBlindGuess(run.blind_guess(), run.info().vocab_size);
  });
  connect(&run, &RunModel::stepsAppended, this, [this, &run](std::size_t first) {
    if (is_filling()) return;  // these come in their turn
    filled_ = first;
    fill();
  });
  connect(&run, &RunModel::evalsChanged, this, [this, &run] { plot_->setEvals(run.evals()); });
  SelectionModel& selection = workbench_.selection();
  connect(plot_, &LossPlot::stepSelected, &selection, &SelectionModel::selectStep);
  connect(&selection, &SelectionModel::stepChanged, plot_,
          [this](qint64 step) { plot_->setSelectedStep(std::max<qint64>(step, 0)); });
}

void CurvesPanel::fill() {
  const std::vector<SeriesPoint>& series = workbench_.run().series();
  const std::size_t end = std::min(series.size(), filled_ + kStretch);
  const auto at = [&series](std::size_t i) { return series.begin() + static_cast<std::ptrdiff_t>(i); };
  if (filled_ < end) plot_->append({at(filled_), at(end)});
  filled_ = end;
  if (end < series.size()) fill_timer_.start();
}

void CurvesPanel::show_run() {
  RunModel& run = workbench_.run();
  plot_->clear();
  plot_->setTotalSteps(run.info().total_steps);
  plot_->setBlindGuess(run.blind_guess(), run.info().vocab_size);
  fill_timer_.stop();
  filled_ = 0;
  if (const std::shared_ptr<LossSeries> curves = run.take_curves()) {
    plot_->setSeries(std::move(*curves));
    filled_ = run.series().size();
  }
  fill();
  plot_->setEvals(run.evals());
  plot_->setSelectedStep(std::max<qint64>(workbench_.selection().step(), 0));
}

}  // namespace vernier::ui
