#include "ui/pages/inspect/lens_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/picture_button.h"
#include "ui/session/session_of.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kTop = 10;    // tokens of a cell that are listed
constexpr int kMost = 256;  // tokens looked at, to begin with
constexpr int kMostTokens = 8192;
constexpr int kFollowMs = 2000;  // a look that took less is repeated for another sequence unasked
constexpr int kPromptWidth = 260;
constexpr int kTableWidth = 320;
constexpr int kLeastLines = 24;

}  // namespace

LensView::LensView(Workbench& workbench, Actions&, QWidget* parent)
    : InspectView(parent), workbench_(workbench), models_(session_of<ModelSession>(workbench)) {
  setObjectName(QStringLiteral("lensView"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  layout->addWidget(make_controls());
  work_ = new WorkLine(this);
  layout->addWidget(work_);
  note_ = make_note({}, this);
  note_->setObjectName(QStringLiteral("lensNote"));
  add_note(layout, note_);
  layout->addWidget(make_pictures(), 1);
  connect_all();
  reset_layout();
  show_run();
}

QString LensView::title() const {
  return tr("Logit lens");
}

QString LensView::tool_tip() const {
  return tr(
      "What every layer would say next, if the model ended there: where an answer is made, and what the tuning "
      "changed on the way.");
}

QWidget* LensView::make_controls() {
  auto* controls = new QWidget(this);
  auto* row = new FlowLayout(kSpaceLarge, kSpaceTiny, controls);
  const auto add = [row](const QString& caption, QWidget* field) { add_captioned(*row, caption, field); };
  text_ = new QComboBox(controls);
  describe(text_, "lensText", tr("Text"),
           tr("What the model reads: the selected sequence, or a text of yours, as it stands or as a question through "
              "the model's chat template."));
  text_->addItem(tr("the selected sequence"), int(LensText::Kind::kIds));
  text_->addItem(tr("this text"), int(LensText::Kind::kPlain));
  text_->addItem(tr("this question"), int(LensText::Kind::kChat));
  add(tr("&Look at"), text_);
  prompt_ = new QLineEdit(controls);
  describe(prompt_, "lensPrompt", tr("Text to look at"),
           tr("The model reads this. Return looks at it through the layers."));
  prompt_->setPlaceholderText(tr("Once upon a time"));
  prompt_->setMinimumWidth(kPromptWidth);
  row->addWidget(prompt_);
  model_ = new QComboBox(controls);
  describe(model_, "lensModel", tr("Model"),
           tr("The model as the run has tuned it, as it was before, or both, so that it is seen in which layers they "
              "part."));
  model_->addItem(tr("tuned"), int(Asked::kTuned));
  model_->addItem(tr("base"), int(Asked::kBase));
  model_->addItem(tr("tuned against base"), int(Asked::kTunedAgainstBase));
  add(tr("&Model"), model_);
  most_ = new QSpinBox(controls);
  describe(most_, "lensMost", tr("Tokens at most"),
           tr("Every token costs the head once a layer. What comes later in the text changes nothing before it."));
  most_->setRange(1, kMostTokens);
  most_->setValue(kMost);
  most_->setSuffix(tr(" tokens"));
  add(tr("f&irst"), most_);
  look_ = new QPushButton(tr("Look &through the layers"), controls);
  describe(look_, "lensLook", tr("Look through the layers"),
           tr("Runs the model once and reads every layer through its final norm and head. It is loaded beside a "
              "training run, which takes its memory a second time."));
  row->addWidget(look_);
  color_ = new QComboBox(controls);
  describe(color_, "lensColor", tr("Colour"),
           tr("What the colour of a cell says. KL is how many nats a distribution differs from another."));
  // In the order of LensCells::ColorBy.
  color_->addItems({tr("probability of its likeliest token"), tr("probability of the token that follows"),
                    tr("entropy"), tr("KL from the model's answer"), tr("KL of tuned from base"),
                    tr("change of what follows, tuned \u2212 base")});
  add(tr("&Colour"), color_);
  return controls;
}

QWidget* LensView::make_pictures() {
  split_ = new QSplitter(Qt::Horizontal, this);
  split_->setObjectName(QStringLiteral("lensSplit"));
  split_->setChildrenCollapsible(false);
  split_->setMinimumHeight(fontMetrics().height() * kLeastLines);
  maps_ = new QSplitter(Qt::Vertical, split_);
  maps_->setObjectName(QStringLiteral("lensMaps"));
  maps_->setChildrenCollapsible(false);
  const auto add_map = [this](const char* name, const char* picture, const QString& words, QLabel** caption,
                              TokenMap** map) {
    auto* box = new QWidget(maps_);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kSpaceTiny);
    *caption = make_note({}, box);
    *map = new TokenMap(tr("logit-lens"), box);
    auto* line = new QHBoxLayout;
    line->addWidget(*caption, 1);
    line->addWidget(make_picture_button(
        picture, [shown = *map](QMenu& menu) { shown->addActions(menu); }, box));
    column->addLayout(line);
    describe(*map, name, words,
             tr("Positions across, layers down, the model's answer on top. Arrow keys move the cell, F fits "
                "everything."));
    column->addWidget(*map, 1);
    maps_->addWidget(box);
    return box;
  };
  add_map("lensTuned", "lensTunedPicture", tr("Layers of the model"), &tuned_caption_, &tuned_);
  QLabel* base_caption = nullptr;
  base_box_ = add_map("lensBase", "lensBasePicture", tr("Layers of the base model"), &base_caption, &base_);
  base_caption->setText(tr("Base"));
  split_->addWidget(maps_);

  auto* side = new QWidget(split_);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceTiny);
  cell_caption_ = make_note({}, side);
  cell_caption_->setObjectName(QStringLiteral("lensCell"));
  column->addWidget(cell_caption_);
  top_ = new QTableWidget(0, 4, side);
  describe(top_, "lensTop", tr("Likeliest tokens of the selected cell"),
           tr("What this layer holds likeliest at this position, in the tuned and in the base model."));
  show_as_rows(top_);
  top_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  column->addWidget(top_, 1);
  split_->addWidget(side);
  split_->setStretchFactor(0, 1);
  return split_;
}

void LensView::connect_all() {
  RunModel& run = workbench_.run();
  SelectionModel& selection = workbench_.selection();
  connect(&run, &RunModel::wasReset, this, &LensView::show_run);
  connect(&run, &RunModel::savedStepChanged, this, &LensView::show_controls);
  connect(&run, &RunModel::activityChanged, this, &LensView::show_controls);
  connect(&workbench_.loader(), &RunLoader::tokensLoaded, this, [this](const StepTokens& tokens) {
    tokens_ = tokens;
    show_controls();
    follow();
  });
  connect(&selection, &SelectionModel::positionChanged, this, [this](int position) {
    // The cell that predicts the token.
    if (shows_selected() && position > 0) select(position - 1, row_);
  });
  connect(text_, &QComboBox::activated, this, [this] {
    show_controls();
    if (is_prompt()) prompt_->setFocus();
    follow();
  });
  connect(prompt_, &QLineEdit::textChanged, this, &LensView::show_controls);
  connect(prompt_, &QLineEdit::returnPressed, this, [this] {
    if (look_->isEnabled()) look();
  });
  connect(model_, &QComboBox::activated, this, &LensView::follow);
  connect(look_, &QPushButton::clicked, this, &LensView::look);
  connect(color_, &QComboBox::activated, this, &LensView::show_cells);
  for (TokenMap* map : {tuned_, base_}) {
    connect(map, &TokenMap::cellSelected, this, [this, &selection](int position, int row) {
      select(position, row);
      if (shown_.is_prompt) return;
      if (!shows_selected()) selection.selectSequence(shown_.step, shown_.sequence);
      selection.selectPosition(position + 1);
    });
  }
  connect(&models_, &ModelSession::lensReady, this, &LensView::show_lens);
  connect(&models_, &ModelSession::lensFailed, this, &LensView::clear);
  Task& task = models_.task();
  connect(&task, &Task::runningChanged, this, [this, &task](bool is_running) {
    if (is_running) {
      work_->showWork(task.activity());
    } else {
      work_->hide();
    }
  });
  connect(&task, &Task::progressed, work_, &WorkLine::setFraction);
  connect(work_, &WorkLine::stopped, &task, &Task::stop);
}

void LensView::show_run() {
  tokens_ = {};
  took_ms_ = -1;
  model_->setCurrentIndex(0);  // the base model where nothing is tuned yet
  clear(
      tr("Every layer's state goes through the model's own final norm and head here: what it would say if it were the "
         "last. \u201cLook through the layers\u201d runs the model once on the selected sequence, or on a text of "
         "yours."));
  show_controls();
}

void LensView::show_controls() {
  prompt_->setVisible(is_prompt());
  const ModelPlaces places = ModelPlaces::of(workbench_.run());
  auto* items = qobject_cast<QStandardItemModel*>(model_->model());
  for (const int row : {0, 2}) {
    items->item(row)->setEnabled(places.has_tuned());
    model_->setItemData(
        row, places.has_tuned() ? QString() : tr("The run has saved nothing yet. It saves when it ends or is stopped."),
        Qt::ToolTipRole);
  }
  if (!places.has_tuned()) model_->setCurrentIndex(1);
  const bool has_text = is_prompt() ? !prompt_->text().trimmed().isEmpty() : !tokens_.tokens.empty();
  look_->setEnabled(has_text && !places.base.isEmpty());
}

void LensView::look() {
  LensText text;
  text.kind = static_cast<LensText::Kind>(text_->currentData().toInt());
  text.text = prompt_->text();
  text.most = most_->value();
  if (text.kind == LensText::Kind::kIds) {
    for (const TokenRecord& token : tokens_.tokens) text.ids.push_back(token.input_id);
  }
  asked_ = {is_prompt(), tokens_.step, tokens_.sequence.index};
  asked_models_ = static_cast<Asked>(model_->currentData().toInt());
  clock_.start();
  models_.ask_lens(ModelPlaces::of(workbench_.run()), text, kTop, asked_models_);
}

void LensView::follow() {
  if (!isVisible() || !look_->isEnabled()) return;
  const bool is_quick = took_ms_ >= 0 ? took_ms_ < kFollowMs : ModelPlaces::of(workbench_.run()).is_light();
  if (is_quick) look();
}

void LensView::showEvent(QShowEvent* event) {
  InspectView::showEvent(event);
  if (!lens_ || (!shown_.is_prompt && !shows_selected())) follow();
}

bool LensView::shows_selected() const {
  const SelectionModel& selection = workbench_.selection();
  return lens_ && !shown_.is_prompt && shown_.step == selection.step() && shown_.sequence == selection.sequence();
}

void LensView::show_lens(const std::shared_ptr<const LensPair>& lens, const QHash<int, QString>& names,
                         qint64 vocab_size, qint64 cut_from) {
  took_ms_ = clock_.elapsed();
  shown_ = asked_;
  shown_models_ = asked_models_;
  lens_ = lens;
  names_ = names;
  vocab_size_ = vocab_size;
  const auto length = static_cast<qint64>(lens->tuned.positions());
  const QString of = shown_.is_prompt
                         ? tr("Your text")
                         : tr("Sequence %1 of step %2").arg(grouped(shown_.sequence), grouped(shown_.step));
  note_->setText(length < cut_from
                     ? tr("%1: the first %2 of its %3 tokens.").arg(of, grouped(length), grouped(cut_from))
                     : tr("%1: all of its %2 tokens.").arg(of, grouped(length)));
  auto* items = qobject_cast<QStandardItemModel*>(color_->model());
  for (const auto by : {LensCells::ColorBy::kTunedFromBase, LensCells::ColorBy::kNextChange}) {
    items->item(int(by))->setEnabled(compares());
    if (!compares() && color_->currentIndex() == int(by)) color_->setCurrentIndex(0);
  }
  show_cells();
  const int position = shows_selected() ? workbench_.selection().position() - 1 : -1;
  select(position >= 0 ? position : static_cast<int>(length) - 1, 0);
}

void LensView::show_cells() {
  if (!lens_) return;
  const auto by = static_cast<LensCells::ColorBy>(color_->currentIndex());
  const PieceLookup pieces = [names = names_](std::int32_t id) { return names.value(id); };
  tuned_caption_->setText(shown_models_ == Asked::kBase ? tr("Base") : tr("Tuned"));
  tuned_->setCells(std::make_shared<LensCells>(lens_, pieces, by, LensCells::Side::kTuned, vocab_size_));
  base_box_->setVisible(compares());
  if (compares()) {
    base_->setCells(std::make_shared<LensCells>(lens_, pieces, by, LensCells::Side::kBase, vocab_size_));
  }
}

void LensView::select(int position, int row) {
  position_ = position;
  row_ = row;
  tuned_->setSelected(position, row);
  if (compares()) base_->setSelected(position, row);
  show_cell();
}

void LensView::show_cell() {
  const bool has_cell = lens_ && position_ >= 0 && position_ < lens_->tuned.positions() && row_ < lens_->tuned.layers;
  top_->setVisible(has_cell);
  if (!has_cell) {
    cell_caption_->setText({});
    return;
  }
  const auto name = [this](std::int32_t id) { return visible_piece(names_.value(id), id); };
  const std::int64_t layer = lens_->tuned.layers - 1 - row_;
  cell_caption_->setText(tr("Layer %1 of %2, after \u201c%3\u201d at position %4")
                             .arg(layer)
                             .arg(lens_->tuned.layers - 1)
                             .arg(name(lens_->tuned.input_ids[static_cast<std::size_t>(position_)]))
                             .arg(grouped(position_)));
  const bool compares = this->compares();
  top_->setColumnCount(compares ? 4 : 2);
  if (compares) {
    set_headings(top_, {tr("Tuned"), tr("Probability"), tr("Base"), tr("Probability")}, {1, 3});
  } else {
    set_headings(top_, {tr("Token"), tr("Probability")}, {1});
  }
  top_->setRowCount(static_cast<int>(lens_->tuned.top));
  const auto fill = [&](const LogitLens& lens, int column) {
    const TopToken* tokens = lens.tokens.data() + lens.at(layer, position_) * static_cast<std::size_t>(lens.top);
    for (int row = 0; row < top_->rowCount(); ++row) {
      auto* probability = new QTableWidgetItem(chance(static_cast<double>(tokens[row].probability)));
      probability->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
      top_->setItem(row, column, new QTableWidgetItem(name(tokens[row].id)));
      top_->setItem(row, column + 1, probability);
    }
  };
  fill(lens_->tuned, 0);
  if (compares) fill(lens_->base, 2);
}

void LensView::clear(const QString& explanation) {
  lens_.reset();
  position_ = -1;
  note_->setText({});
  tuned_caption_->setText({});
  base_box_->hide();
  tuned_->clear(explanation);
  show_cell();
}

void LensView::take_focus() {
  (lens_ ? static_cast<QWidget*>(tuned_) : look_)->setFocus(Qt::OtherFocusReason);
}

void LensView::reset_layout() {
  constexpr int kUnit = 1000;
  split_->setSizes({3 * kTableWidth, kTableWidth});
  maps_->setSizes({kUnit, kUnit});
}

}  // namespace vernier::ui
