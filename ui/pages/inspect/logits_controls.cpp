#include "ui/pages/inspect/logits_controls.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kTop = 12;
constexpr int kSliderWidth = 160;
constexpr int kListWidth = 220;

void set_item_enabled(QComboBox* box, int row, bool on) {
  auto* item = qobject_cast<QStandardItemModel*>(box->model())->item(row);
  item->setEnabled(on);
}

}  // namespace

LogitsControls::LogitsControls(Vocabulary& vocabulary, QWidget* parent) : QWidget(parent), vocabulary_(vocabulary) {
  auto* row = new FlowLayout(kSpaceLarge, kSpaceTiny, this);
  source_ = new QComboBox(this);
  describe(source_, "logitsSource", tr("Whose logits"),
           tr("Logits that the training kept at a step, or what the model says now when it is asked again: as it is "
              "tuned, as it was before, or the one against the other."));
  source_->addItem(tr("kept while training"), QVariant::fromValue(int(Source::kCaptured)));
  source_->addItem(tr("the tuned model, asked now"), QVariant::fromValue(int(Source::kTuned)));
  source_->addItem(tr("the base model, asked now"), QVariant::fromValue(int(Source::kBase)));
  source_->addItem(tr("tuned against base, asked now"), QVariant::fromValue(int(Source::kTunedAgainstBase)));
  add_captioned(*row, tr("&Logits"), source_);
  make_captured(this, row);
  make_rows(row);
  make_colors(row);
  connect(source_, &QComboBox::activated, this, [this] {
    // What is compared is what is to be seen.
    if (source() == Source::kTunedAgainstBase) color_->setCurrentIndex(int(LogitCells::ColorBy::kChange));
    refresh();
    Q_EMIT contentChanged();
  });
  connect(&vocabulary_, &Vocabulary::changed, this, [this] {
    list_->setVocabulary(vocabulary_.shown(), [this](int id) { return vocabulary_.name_of(id); });
    show_named();
    if (has_list()) Q_EMIT contentChanged();
  });
  list_->setVocabulary(vocabulary_.shown(), [this](int id) { return vocabulary_.name_of(id); });
  set_captures({}, -1, {});
}

void LogitsControls::make_captured(QWidget* parent, QLayout* row) {
  captured_ = new QWidget(parent);
  auto* layout = new QHBoxLayout(captured_);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceTiny);
  const auto arrow = [this](const char* name, Qt::ArrowType type, const QString& words, const QString& tip, int by) {
    auto* button = new FocusButton(captured_);
    button->setArrowType(type);
    describe(button, name, words, tip);
    button->setFocusPolicy(Qt::StrongFocus);
    connect(button, &QToolButton::clicked, this, [this, by] { step_capture(by); });
    return button;
  };
  auto* caption = new QLabel(tr("&at step"), captured_);
  layout->addWidget(caption);
  previous_ = arrow("capturePrevious", Qt::LeftArrow, tr("The captured step before"),
                    tr("The captured step before this one. In the picture: comma."), -1);
  layout->addWidget(previous_);
  slider_ = new QSlider(Qt::Horizontal, captured_);
  describe(slider_, "captureSlider", tr("Captured step"),
           tr("Goes through the steps whose logits were kept. Each selects its step and sequence everywhere."));
  slider_->setMinimumWidth(kSliderWidth);
  slider_->setPageStep(1);
  caption->setBuddy(slider_);
  layout->addWidget(slider_);
  next_ = arrow("captureNext", Qt::RightArrow, tr("The captured step after"),
                tr("The captured step after this one. In the picture: full stop."), 1);
  layout->addWidget(next_);
  label_ = new QLabel(captured_);
  label_->setObjectName(QStringLiteral("captureLabel"));
  layout->addWidget(label_);
  row->addWidget(captured_);
  connect(slider_, &QSlider::valueChanged, this, &LogitsControls::captureChosen);

  against_ = new QComboBox(this);
  describe(against_, "logitsAgainst", tr("Compared with"), {});  // list_against() gives it a tooltip
  against_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  against_pair_ = add_captioned(*row, tr("a&gainst"), against_);
  connect(against_, &QComboBox::activated, this, [this] {
    if (against() >= 0) color_->setCurrentIndex(int(LogitCells::ColorBy::kChange));
    refresh();
    Q_EMIT contentChanged();
  });
}

void LogitsControls::make_rows(QLayout* row) {
  rows_ = new QComboBox(this);
  describe(rows_, "logitsRows", tr("Rows"),
           tr("Down the picture: the likeliest tokens of each position, or tokens of your choice, the same at every "
              "position."));
  rows_->addItem(tr("the likeliest"));
  rows_->addItem(tr("the tokens"));
  add_captioned(*row, tr("Ro&ws"), rows_);
  top_ = new QSpinBox(this);
  describe(top_, "logitsTop", tr("How many of the likeliest tokens"),
           tr("Tokens of each position that are shown, likeliest on top, up to 256. The picture scrolls."));
  top_->setRange(1, kMostRows);
  top_->setValue(kTop);
  top_->setKeyboardTracking(false);
  row->addWidget(top_);
  list_ = new TokenListEdit(this);
  describe(list_, "logitsTokens", tr("Tokens to show"),
           tr("Tokens or their ids, separated by blanks. Type and choose from the vocabulary; put a token that looks "
              "like an id in double quotes."));
  list_->setPlaceholderText(tr("tokens or ids: yes no 42"));
  list_->setMinimumWidth(kListWidth);
  list_->setClearButtonEnabled(true);
  row->addWidget(list_);
  unknown_ = new QLabel(this);
  unknown_->setObjectName(QStringLiteral("logitsUnknown"));
  row->addWidget(unknown_);
  connect(rows_, &QComboBox::activated, this, [this] {
    refresh();
    if (rows_->currentIndex() == 1) list_->setFocus();
    Q_EMIT contentChanged();
  });
  connect(top_, &QSpinBox::valueChanged, this, &LogitsControls::contentChanged);
  connect(list_, &QLineEdit::textEdited, this, [this] {
    show_named();
    Q_EMIT contentChanged();
  });
}

void LogitsControls::make_colors(QLayout* row) {
  color_ = new QComboBox(this);
  describe(color_, "logitsColor", tr("Colour"),
           tr("What the colour of a cell says. Change is the probability minus that of the other side, in points."));
  // In the order of LogitCells::ColorBy.
  color_->addItems({tr("probability"), tr("logit"), tr("rank"), tr("change")});
  add_captioned(*row, tr("&Colour"), color_);
  connect(color_, &QComboBox::activated, this, &LogitsControls::colorChanged);
}

LogitsControls::Source LogitsControls::source() const {
  return static_cast<Source>(source_->currentData().toInt());
}

bool LogitsControls::has_list() const {
  return rows_->currentIndex() == 1 && !vocabulary_.parse(list_->text()).ids.empty();
}

GridRows LogitsControls::rows() const {
  GridRows rows;
  rows.top = top_->value();
  if (rows_->currentIndex() == 1) rows.tokens = vocabulary_.parse(list_->text()).ids;
  if (rows.tokens.size() > kMostRows) rows.tokens.resize(kMostRows);
  return rows;
}

LogitCells::ColorBy LogitsControls::color_by() const {
  return static_cast<LogitCells::ColorBy>(color_->currentIndex());
}

int LogitsControls::against() const {
  return source() == Source::kCaptured && against_->currentIndex() > 0 ? against_->currentData().toInt() : -1;
}

void LogitsControls::set_captures(const std::vector<CaptureRecord>& captures, int shown, const QString& placeholder) {
  captures_ = captures;
  shown_ = shown;
  const QSignalBlocker blocker(slider_);
  slider_->setRange(0, std::max(0, static_cast<int>(captures.size()) - 1));
  if (shown >= 0) {
    const CaptureRecord& record = captures[static_cast<std::size_t>(shown)];
    slider_->setValue(shown);
    label_->setText(tr("%1, sequence %2 (%3 of %4)")
                        .arg(grouped(record.step), grouped(record.index), grouped(shown + 1),
                             grouped(static_cast<qint64>(captures.size()))));
  } else {
    label_->setText(placeholder);
  }
  list_against();
  refresh();
}

void LogitsControls::list_against() {
  const QVariant chosen = against_->currentIndex() > 0 ? against_->currentData(Qt::UserRole + 1) : QVariant();
  against_->clear();
  against_->addItem(tr("nothing"));
  if (shown_ >= 0) {
    const CaptureRecord& own = captures_[static_cast<std::size_t>(shown_)];
    for (std::size_t i = 0; i < captures_.size(); ++i) {
      const CaptureRecord& other = captures_[i];
      if (other.row != own.row || other.step == own.step) continue;
      against_->addItem(tr("step %1").arg(grouped(other.step)), QVariant::fromValue(static_cast<int>(i)));
      against_->setItemData(against_->count() - 1, QString::fromStdString(other.file), Qt::UserRole + 1);
    }
  }
  // The same one as before, where it is still among them.
  if (chosen.isValid()) against_->setCurrentIndex(std::max(0, against_->findData(chosen, Qt::UserRole + 1)));
  against_->setToolTip(
      against_->count() > 1
          ? tr("Another step at which the same data row was captured: what the training between the two changed.")
          : tr("No other captured step has this data row, as training shuffles the rows. Its later captures stand here "
               "when it comes up again."));
}

void LogitsControls::set_has_tuned(bool has_tuned) {
  for (const int row : {1, 3}) {
    set_item_enabled(source_, row, has_tuned);
    source_->setItemData(
        row, has_tuned ? QString() : tr("The run has saved nothing yet. It saves when it ends or is stopped."),
        Qt::ToolTipRole);
  }
}

void LogitsControls::step_capture(int by) {
  if (shown_ < 0 && by > 0 && !captures_.empty()) {
    // The selected step is before all of them.
    Q_EMIT captureChosen(0);
    return;
  }
  slider_->setValue(slider_->value() + by);
}

void LogitsControls::refresh() {
  const bool captured = source() == Source::kCaptured;
  captured_->setVisible(captured);
  against_pair_->setVisible(captured);
  against_->setEnabled(against_->count() > 1);
  slider_->setEnabled(captures_.size() > 1);
  previous_->setEnabled(shown_ > 0);
  next_->setEnabled(shown_ + 1 < static_cast<int>(captures_.size()));
  const bool lists = rows_->currentIndex() == 1;
  top_->setVisible(!lists);
  list_->setVisible(lists);
  unknown_->setVisible(lists && !unknown_->text().isEmpty());
  const bool compares = source() == Source::kTunedAgainstBase || against() >= 0;
  set_item_enabled(color_, int(LogitCells::ColorBy::kChange), compares);
  if (!compares && color_by() == LogitCells::ColorBy::kChange) color_->setCurrentIndex(0);
}

void LogitsControls::show_named() {
  const QStringList unknown = vocabulary_.parse(list_->text()).unknown;
  unknown_->setText(unknown.isEmpty() || vocabulary_.pieces().isEmpty()
                        ? QString()
                        : tr("not in the vocabulary: %1").arg(unknown.join(QStringLiteral(", "))));
  refresh();
}

}  // namespace vernier::ui
