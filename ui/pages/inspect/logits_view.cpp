#include "ui/pages/inspect/logits_view.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/inspect/return_logits_panel.h"
#include "ui/pages/picture_button.h"
#include "ui/session/session_of.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kDetailsWidth = 380;
constexpr int kLeastPictures = 26;  // lines

}  // namespace

LogitsView::LogitsView(Workbench& workbench, Actions&, QWidget* parent)
    : InspectView(parent),
      workbench_(workbench),
      vocabulary_(session_of<Vocabulary>(workbench)),
      captures_(session_of<CaptureSession>(workbench)),
      models_(session_of<ModelSession>(workbench)) {
  setObjectName(QStringLiteral("logitsView"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  controls_ = new LogitsControls(vocabulary_, this);
  layout->addWidget(controls_);
  work_ = new WorkLine(this);
  layout->addWidget(work_);
  // Docks need a main window around them, also where that is a part of a page.
  docks_ = new QMainWindow(this);
  docks_->setWindowFlags(Qt::Widget);
  docks_->setObjectName(QStringLiteral("inspectDocks"));
  docks_->setContextMenuPolicy(Qt::NoContextMenu);
  docks_->setCentralWidget(make_pictures());
  docks_->setMinimumHeight(fontMetrics().height() * kLeastPictures);
  make_details();
  layout->addWidget(docks_, 1);
  connect_run();
  connect_selection();
  connect_sessions();
  reset_layout();
  show_run();
}

QString LogitsView::title() const {
  return tr("Logits");
}

QString LogitsView::tool_tip() const {
  return tr("What the model held likely at every position of a row, and what each token cost it.");
}

QWidget* LogitsView::make_pictures() {
  pictures_ = new QSplitter(Qt::Vertical, docks_);
  pictures_->setObjectName(QStringLiteral("inspectPictures"));
  pictures_->setChildrenCollapsible(false);
  ribbon_ = new TokenRibbon(pictures_);
  describe(ribbon_, "inspectRibbon", tr("Tokens of the selected sequence"),
           tr("Each token coloured by what it cost the model. Arrow keys move the selection."));
  pictures_->addWidget(ribbon_);
  auto* lower = new QWidget(pictures_);
  auto* column = new QVBoxLayout(lower);
  column->setContentsMargins(0, kSpaceSmall, 0, 0);
  column->setSpacing(kSpaceTiny);
  map_note_ = make_note({}, lower);
  map_note_->setObjectName(QStringLiteral("mapNote"));
  map_ = new TokenMap(tr("logits"), lower);
  auto* line = new QHBoxLayout;
  line->addWidget(map_note_, 1);
  line->addWidget(make_picture_button(
                      "logitsPicture", [this](QMenu& menu) { map_->addActions(menu); }, lower),
                  0, Qt::AlignTop);
  column->addLayout(line);
  describe(map_, "logitHeatMap", tr("Logits of the row"),
           tr("Positions across, tokens down. A column predicts the next token; the true one is outlined. Arrow keys "
              "move the cell, comma and full stop the captured step, F fits everything."));
  column->addWidget(map_, 1);
  pictures_->addWidget(lower);
  return pictures_;
}

void LogitsView::make_details() {
  dock_ = new QDockWidget(tr("Details"), docks_);
  dock_->setObjectName(QStringLiteral("inspectDock"));
  dock_->setFeatures(QDockWidget::DockWidgetClosable | QDockWidget::DockWidgetMovable);
  dock_->setAllowedAreas(Qt::LeftDockWidgetArea | Qt::RightDockWidgetArea);
  dock_->installEventFilter(this);
  side_ = new QTabWidget(dock_);
  describe(side_, "inspectSide", tr("Details"), tr("The selected token, and what is captured."));
  side_->setDocumentMode(true);
  position_ = new PositionPanel(side_);
  side_->addTab(position_, tr("Token"));

  side_->addTab(new ReturnLogitsPanel(workbench_, side_), tr("Return logits"));
  dock_->setWidget(side_);
  docks_->addDockWidget(Qt::RightDockWidgetArea, dock_);
}

void LogitsView::connect_run() {
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &LogitsView::show_run);
  connect(&run, &RunModel::capturesChanged, this, &LogitsView::refresh);
  const auto show_tuned = [this, &run] { controls_->set_has_tuned(ModelPlaces::of(run).has_tuned()); };
  connect(&run, &RunModel::savedStepChanged, this, show_tuned);
  connect(&run, &RunModel::activityChanged, this, show_tuned);
}

void LogitsView::connect_selection() {
  SelectionModel& selection = workbench_.selection();
  RunLoader& loader = workbench_.loader();
  connect(controls_, &LogitsControls::captureChosen, this, [this, &selection](int index) {
    const auto& captures = workbench_.run().captures();
    const auto number = static_cast<std::size_t>(index);
    if (number < captures.size()) selection.selectSequence(captures[number].step, captures[number].index);
  });
  connect(controls_, &LogitsControls::contentChanged, this, &LogitsView::refresh);
  connect(controls_, &LogitsControls::colorChanged, this, &LogitsView::show_cells);
  connect(ribbon_, &TokenRibbon::tokenSelected, &selection, &SelectionModel::selectPosition);
  // A column predicts the token after it.
  connect(map_, &TokenMap::cellSelected, this, [this, &selection](int position) {
    if (!shows_selected()) selection.selectSequence(grid_step_, grid_sequence_);
    selection.selectPosition(position + 1);
  });
  connect(&selection, &SelectionModel::sequenceChanged, this, [this](qint64, qint64 index) {
    if (index < 0) tokens_ = {};
    refresh();
    show_position();
  });
  connect(&selection, &SelectionModel::positionChanged, this, &LogitsView::show_position);
  connect(&loader, &RunLoader::tokensLoaded, this, &LogitsView::show_tokens);
}

void LogitsView::connect_sessions() {
  connect(&captures_, &CaptureSession::loaded, this, [this](const CaptureRecord& capture, const LogitGrid& grid) {
    show_grid(grid, capture.step, capture.index);
  });
  connect(&models_, &ModelSession::gridReady, this,
          [this](const LogitGrid& grid, qint64 step, qint64 sequence) { show_grid(grid, step, sequence); });
  const auto failed = [this](const QString& sentence) {
    // Another view's ask is none of ours.
    if (wanted_.isEmpty()) return;
    wanted_.clear();
    clear_map(sentence);
  };
  connect(&captures_, &CaptureSession::failed, this, failed);
  connect(&models_, &ModelSession::gridFailed, this, failed);
  for (Task* task : {&captures_.task(), &models_.task()}) {
    connect(task, &Task::runningChanged, this, [this, task](bool is_running) {
      if (is_running) {
        work_->showWork(task->activity());
      } else {
        work_->hide();
      }
    });
    connect(task, &Task::progressed, work_, &WorkLine::setFraction);
    connect(work_, &WorkLine::stopped, task, [this, task] {
      if (!task->is_running()) return;
      task->stop();
      wanted_.clear();
    });
  }
  connect(&vocabulary_, &Vocabulary::changed, this, [this] {
    show_cells();
    show_position();
  });
}

PieceLookup LogitsView::pieces() const {
  return [this](std::int32_t id) {
    const QString piece = vocabulary_.piece(id);
    return piece.isEmpty() ? workbench_.loader().piece(id) : piece;
  };
}

void LogitsView::show_run() {
  const RunModel& run = workbench_.run();
  tokens_ = {};
  ribbon_->clear(tr("The tokens of the selected sequence stand here, coloured by their loss."));
  controls_->set_has_tuned(ModelPlaces::of(run).has_tuned());
  wanted_.clear();
  clear_map({});
  refresh();
  show_position();
}

void LogitsView::show_tokens(const StepTokens& tokens) {
  const SelectionModel& selection = workbench_.selection();
  if (tokens.step != selection.step() || tokens.sequence.index != selection.sequence()) return;
  tokens_ = tokens;
  if (tokens.tokens.empty()) {
    ribbon_->clear(tr("The tokens of this sequence were not recorded."));
  } else {
    ribbon_->setTokens(tokens, pieces());
  }
  refresh();
  show_position();
}

void LogitsView::refresh() {
  const auto& captures = workbench_.run().captures();
  const int best = best_capture();
  controls_->set_captures(
      captures, best,
      captures.empty() ? tr("none yet") : tr("none up to step %1").arg(grouped(workbench_.selection().step())));
  if (controls_->source() == LogitsControls::Source::kCaptured) {
    load_capture();
  } else {
    ask_model();
  }
}

int LogitsView::best_capture() const {
  const SelectionModel& selection = workbench_.selection();
  const auto& captures = workbench_.run().captures();
  const auto fitness = [&selection](const CaptureRecord& record) {
    return std::pair(record.step, record.step == selection.step() && record.index == selection.sequence());
  };
  int best = -1;
  for (std::size_t i = 0; i < captures.size(); ++i) {
    if (captures[i].step > selection.step()) continue;
    if (best < 0 || fitness(captures[i]) > fitness(captures[static_cast<std::size_t>(best)])) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

void LogitsView::load_capture() {
  const auto& captures = workbench_.run().captures();
  const int best = best_capture();
  if (best < 0) {
    wanted_.clear();
    clear_map(captures.empty() ? tr("No logits were captured yet. \u201cReturn logits\u201d in the details keeps "
                                    "those of a row every few steps, at a price it tells before.")
                               : tr("No logits were captured up to this step. The first are those of step %1.")
                                     .arg(grouped(captures.front().step)));
    return;
  }
  const CaptureRecord& record = captures[static_cast<std::size_t>(best)];
  std::optional<CaptureRecord> other;
  if (controls_->against() >= 0) other = captures[static_cast<std::size_t>(controls_->against())];
  const GridRows rows = controls_->rows();
  QString key = QString::fromStdString(record.file) + '|' + QString::fromStdString(other ? other->file : "");
  key += '|' + QString::number(rows.top);
  for (const std::int32_t id : rows.tokens) key += ',' + QString::number(id);
  if (key == wanted_) return;
  wanted_ = key;
  captures_.load(workbench_.run().run_dir(), record, rows, other);
}

void LogitsView::ask_model() {
  const SelectionModel& selection = workbench_.selection();
  if (tokens_.tokens.empty() || tokens_.step != selection.step() || tokens_.sequence.index != selection.sequence()) {
    wanted_.clear();
    clear_map(tr("The tokens of this sequence were not recorded: there is nothing to ask the model about."));
    return;
  }
  const LogitsControls::Source source = controls_->source();
  const Asked asked = source == LogitsControls::Source::kBase    ? Asked::kBase
                      : source == LogitsControls::Source::kTuned ? Asked::kTuned
                                                                 : Asked::kTunedAgainstBase;
  const ModelPlaces places = ModelPlaces::of(workbench_.run());
  const GridRows rows = controls_->rows();
  QString key = QStringLiteral("asked %1 %2 %3 %4 %5 ")
                    .arg(int(asked))
                    .arg(places.saved_ms)
                    .arg(tokens_.step)
                    .arg(tokens_.sequence.index)
                    .arg(rows.top);
  for (const std::int32_t id : rows.tokens) key += ',' + QString::number(id);
  if (key == wanted_) return;
  wanted_ = key;
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> labels;
  for (const TokenRecord& token : tokens_.tokens) {
    ids.push_back(token.input_id);
    labels.push_back(token.is_target ? token.input_id : -100);
  }
  models_.ask_grid(places, {tokens_.step, tokens_.sequence.index}, ids, labels, rows, asked);
}

void LogitsView::show_grid(LogitGrid grid, qint64 step, qint64 sequence) {
  grid_ = std::make_shared<const LogitGrid>(std::move(grid));
  shown_ = wanted_;
  grid_step_ = step;
  grid_sequence_ = sequence;
  show_cells();
  show_position();
}

void LogitsView::show_cells() {
  if (!grid_) return;
  QString shown = tr("step %1").arg(grouped(grid_step_));
  QString other;
  if (controls_->source() == LogitsControls::Source::kTunedAgainstBase) {
    shown = tr("the tuned model");
    other = tr("the base model");
  } else if (controls_->against() >= 0) {
    other =
        tr("step %1").arg(grouped(workbench_.run().captures()[static_cast<std::size_t>(controls_->against())].step));
  }
  map_->setCells(
      std::make_shared<LogitCells>(grid_, pieces(), controls_->color_by(), controls_->has_list(), shown, other));
  show_map_note();
}

void LogitsView::clear_map(const QString& explanation) {
  grid_.reset();
  shown_.clear();
  grid_step_ = grid_sequence_ = -1;
  map_note_->setText({});
  map_->clear(explanation);
}

bool LogitsView::shows_selected() const {
  const SelectionModel& selection = workbench_.selection();
  return grid_ && grid_step_ == selection.step() && grid_sequence_ == selection.sequence();
}

void LogitsView::show_map_note() {
  if (!grid_) return;
  const auto step = grouped(grid_step_);
  const auto sequence = grouped(grid_sequence_);
  if (controls_->source() != LogitsControls::Source::kCaptured) {
    map_note_->setText(tr("What the model says now about sequence %1 of step %2.").arg(sequence, step));
  } else if (shows_selected()) {
    map_note_->setText(tr("Logits of sequence %1 of step %2.").arg(sequence, step));
  } else {
    map_note_->setText(tr("Logits of sequence %1 of step %2. The tokens above are another sequence's: click a column "
                          "to see these.")
                           .arg(sequence, step));
  }
}

void LogitsView::show_position() {
  show_map_note();
  const int position = workbench_.selection().position();
  ribbon_->setSelectedPosition(position);
  std::optional<TokenRecord> token;
  for (const TokenRecord& record : tokens_.tokens) {
    if (record.position == position) token = record;
  }
  std::optional<PositionView> view;
  const bool is_shown = shows_selected();
  map_->setSelected(is_shown && position > 0 ? position - 1 : -1);
  if (is_shown) {
    for (const PositionView& candidate : grid_->columns) {
      if (candidate.position == position - 1) view = candidate;
    }
  }
  position_->show_token(token, view, pieces());
}

bool LogitsView::eventFilter(QObject* watched, QEvent* event) {
  if (watched == dock_ && event->type() == QEvent::Close) Q_EMIT detailsClosed();
  return InspectView::eventFilter(watched, event);
}

void LogitsView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Comma) return controls_->step_capture(-1);
  if (event->key() == Qt::Key_Period) return controls_->step_capture(1);
  InspectView::keyPressEvent(event);
}

void LogitsView::showEvent(QShowEvent* event) {
  InspectView::showEvent(event);
  // Another view may have asked the model for something else before the answer came.
  if (shown_ == wanted_ || models_.task().is_running() || captures_.task().is_running()) return;
  wanted_.clear();
  refresh();
}

void LogitsView::set_details_shown(bool shown) {
  dock_->setVisible(shown);
}

void LogitsView::take_focus() {
  ribbon_->setFocus(Qt::OtherFocusReason);
}

void LogitsView::reset_layout() {
  constexpr int kUnit = 1000;
  docks_->addDockWidget(Qt::RightDockWidgetArea, dock_);
  docks_->resizeDocks({dock_}, {kDetailsWidth}, Qt::Horizontal);
  set_details_shown(true);
  pictures_->setSizes({kUnit, 3 * kUnit});
}

}  // namespace vernier::ui
