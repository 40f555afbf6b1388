#include "ui/pages/inspect/logits_view.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

// Tokens that the heat map shows of each position.
constexpr int kTopTokens = 12;
constexpr int kDetailsWidth = 380;
constexpr int kLeastPictures = 24;  // lines

}  // namespace

LogitsView::LogitsView(Workbench& workbench, Actions&, QWidget* parent) : InspectView(parent), workbench_(workbench) {
  setObjectName(QStringLiteral("logitsView"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  layout->addWidget(make_chooser());
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
  reset_layout();
  show_run();
}

QString LogitsView::title() const {
  return tr("Logits");
}

QString LogitsView::tool_tip() const {
  return tr("What the model held likely at every position of a captured row, and what each token cost it.");
}

QWidget* LogitsView::make_chooser() {
  auto* chooser = new QWidget(this);
  auto* row = new QHBoxLayout(chooser);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kSpaceSmall);
  auto* label = new QLabel(tr("&Captured logits"), chooser);
  capture_ = new QComboBox(chooser);
  describe(capture_, "inspectCapture", tr("Captured logits"),
           tr("Steps whose logits were kept. Choosing one selects its step and sequence."));
  capture_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  capture_->setMinimumContentsLength(24);
  label->setBuddy(capture_);
  row->addWidget(label);
  row->addWidget(capture_);
  row->addStretch();
  return chooser;
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
  add_note(column, map_note_);
  map_ = new LogitHeatMap(lower);
  describe(map_, "logitHeatMap", tr("Logits of the captured row"),
           tr("Positions across, the likeliest tokens down, colour by probability. A column predicts the next token."));
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

  auto* logits_tab = new QWidget(side_);
  auto* logits_layout = new QVBoxLayout(logits_tab);
  logits_layout->setContentsMargins(kSpaceSmall, kSpaceSmall, kSpaceSmall, kSpaceSmall);
  logits_ = new LogitsSwitch(logits_tab);
  logits_layout->addWidget(logits_);
  logits_note_ = make_note(tr("This run has ended: there are no steps left whose logits could be kept."), logits_tab);
  logits_note_->setObjectName(QStringLiteral("logitsEnded"));
  logits_layout->addWidget(logits_note_);
  logits_layout->addStretch();
  side_->addTab(logits_tab, tr("Return logits"));
  dock_->setWidget(side_);
  docks_->addDockWidget(Qt::RightDockWidgetArea, dock_);
}

void LogitsView::connect_run() {
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &LogitsView::show_run);
  connect(&run, &RunModel::stepsAppended, this, [this] {
    show_price(logits_->options());
    show_measured();
  });
  connect(&run, &RunModel::startedChanged, this, [this] { show_price(logits_->options()); });
  connect(&run, &RunModel::capturesChanged, this, [this] {
    list_captures();
    choose_capture();
  });
  connect(&workbench_, &Workbench::abilitiesChanged, this, &LogitsView::show_abilities);
  connect(logits_, &LogitsSwitch::changed, &workbench_, &Workbench::set_return_logits);
  connect(logits_, &LogitsSwitch::optionsEdited, this, &LogitsView::show_price);
  connect(logits_, &LogitsSwitch::optionsEdited, this, [this, &run] { options_step_ = run.latest().step; });
}

void LogitsView::connect_selection() {
  SelectionModel& selection = workbench_.selection();
  RunLoader& loader = workbench_.loader();
  connect(capture_, &QComboBox::activated, this, [this, &selection](int row) {
    const auto& captures = workbench_.run().captures();
    const auto number = static_cast<std::size_t>(capture_->itemData(row).toInt());
    if (number < captures.size()) selection.selectSequence(captures[number].step, captures[number].index);
  });
  connect(ribbon_, &TokenRibbon::tokenSelected, &selection, &SelectionModel::selectPosition);
  // A column predicts the token after it.
  connect(map_, &LogitHeatMap::positionSelected, this, [this, &selection](int position) {
    selection.selectSequence(shown_capture_.step, shown_capture_.index);
    selection.selectPosition(position + 1);
  });
  connect(&selection, &SelectionModel::sequenceChanged, this, [this](qint64, qint64 index) {
    if (index < 0) tokens_ = {};
    choose_capture();
    show_position();
  });
  connect(&selection, &SelectionModel::positionChanged, this, &LogitsView::show_position);
  connect(&loader, &RunLoader::tokensLoaded, this, &LogitsView::show_tokens);
  connect(&loader, &RunLoader::captureLoaded, this, &LogitsView::show_capture);
}

PieceLookup LogitsView::pieces() const {
  return [&loader = workbench_.loader()](std::int32_t id) { return loader.piece(id); };
}

void LogitsView::show_run() {
  const RunModel& run = workbench_.run();
  tokens_ = {};
  positions_.clear();
  wanted_capture_ = {};
  shown_capture_ = {};
  options_step_ = 0;
  ribbon_->clear(tr("The tokens of the selected sequence stand here, coloured by their loss."));
  logits_->setOptions(run.config().return_logits);
  show_price(run.config().return_logits);
  show_measured();
  show_abilities();
  list_captures();
  choose_capture();
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
  show_position();
}

void LogitsView::list_captures() {
  const auto& captures = workbench_.run().captures();
  capture_->clear();
  for (std::size_t i = captures.size(); i-- > 0;) {  // newest first
    capture_->addItem(tr("step %1, sequence %2").arg(captures[i].step).arg(captures[i].index), static_cast<int>(i));
  }
  capture_->setEnabled(!captures.empty());
}

void LogitsView::choose_capture() {
  const SelectionModel& selection = workbench_.selection();
  const auto& captures = workbench_.run().captures();
  int best = -1;
  const auto fitness = [&selection](const CaptureRecord& record) {
    return std::pair(record.step, record.step == selection.step() && record.index == selection.sequence());
  };
  for (std::size_t i = 0; i < captures.size(); ++i) {
    if (captures[i].step > selection.step()) continue;
    if (best < 0 || fitness(captures[i]) > fitness(captures[static_cast<std::size_t>(best)]))
      best = static_cast<int>(i);
  }
  capture_->setCurrentIndex(capture_->findData(best));
  if (best < 0) {
    capture_->setPlaceholderText(captures.empty() ? tr("none yet")
                                                  : tr("none up to step %1").arg(grouped(selection.step())));
    wanted_capture_ = {};
    shown_capture_ = {};
    positions_.clear();
    map_note_->setText({});
    map_->clear(captures.empty() ? tr("No logits were captured yet. \u201cReturn logits\u201d in the details keeps "
                                      "those of a row every few steps, at a price it tells before.")
                                 : tr("No logits were captured up to this step. The first are those of step %1.")
                                       .arg(captures.front().step));
    return;
  }
  const CaptureRecord& record = captures[static_cast<std::size_t>(best)];
  if (record.file == wanted_capture_.file) return;
  wanted_capture_ = record;
  workbench_.loader().load_capture(record, kTopTokens);
}

void LogitsView::show_capture(const CaptureRecord& record, const std::vector<PositionView>& positions) {
  if (record.file != wanted_capture_.file) return;
  shown_capture_ = record;
  positions_ = positions;
  map_->setCapture(positions, pieces());
  show_position();
}

void LogitsView::show_map_note() {
  if (positions_.empty()) return;
  const SelectionModel& selection = workbench_.selection();
  const bool is_selected = shown_capture_.step == selection.step() && shown_capture_.index == selection.sequence();
  QString text = tr("Logits of sequence %1 of step %2.").arg(shown_capture_.index).arg(shown_capture_.step);
  if (!is_selected) text += tr(" The tokens above are another sequence's: click a column to see these.");
  map_note_->setText(text);
}

void LogitsView::show_position() {
  show_map_note();
  const SelectionModel& selection = workbench_.selection();
  const int position = selection.position();
  ribbon_->setSelectedPosition(position);
  std::optional<TokenRecord> token;
  for (const TokenRecord& record : tokens_.tokens) {
    if (record.position == position) token = record;
  }
  const bool is_captured = shown_capture_.step == selection.step() && shown_capture_.index == selection.sequence();
  map_->setSelectedPosition(is_captured && position > 0 ? position - 1 : -1);
  std::optional<PositionView> view;
  if (is_captured) {
    for (const PositionView& candidate : positions_) {
      if (candidate.position == position - 1) view = candidate;
    }
  }
  position_->show_token(token, view, pieces());
}

void LogitsView::show_price(const ReturnLogits& options) {
  const RunModel& run = workbench_.run();
  const StepEvent& latest = run.latest();
  // A captured sequence has as many positions as are asked for, or, without a limit, as an average one of the last
  // step.
  const auto& keep = options.logits_to_keep;
  std::int64_t positions = keep.last > 0 ? keep.last : static_cast<std::int64_t>(keep.positions.size());
  if (positions == 0) {
    positions = latest.sequences.empty() ? run.config().max_length
                                         : latest.num_tokens / static_cast<std::int64_t>(latest.sequences.size());
  }
  positions *= static_cast<std::int64_t>(options.rows.size());
  // Forward and the way back through frozen weights: four operations a parameter and token.
  const double flops = 4.0 * static_cast<double>(run.total_parameters()) * static_cast<double>(latest.num_tokens);
  logits_->setPrice(
      predict_logits_price(positions, run.info().vocab_size, run.info().hidden_size, latest.step_ms, flops));
}

void LogitsView::show_measured() {
  const StepEvent& step = workbench_.run().latest_capture();
  if (step.step > options_step_ && step.capture_bytes > 0 && step.step_ms > 0) {
    logits_->setMeasured(step.capture_bytes, 100.0 * step.capture_ms / step.step_ms);
  }
}

void LogitsView::show_abilities() {
  const bool can = workbench_.can_return_logits();
  logits_->setEnabled(can);
  logits_note_->setVisible(!can);
}

bool LogitsView::eventFilter(QObject* watched, QEvent* event) {
  if (watched == dock_ && event->type() == QEvent::Close) Q_EMIT detailsClosed();
  return InspectView::eventFilter(watched, event);
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
  pictures_->setSizes({kUnit, 2 * kUnit});
}

}  // namespace vernier::ui
