#include "ui/widgets/logits_switch.h"

#include <QCheckBox>
#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QRegularExpressionValidator>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr int kDefaultEvery = 10;
constexpr int kMost = 1'000'000;

QString joined(const std::vector<std::int64_t>& numbers) {
  QStringList words;
  for (const std::int64_t number : numbers) words << QString::number(number);
  return words.join(QStringLiteral(", "));
}

// Ascending, each once.
std::vector<std::int64_t> numbers_in(const QString& text) {
  static const QRegularExpression kBetween(QStringLiteral("[,\\s]+"));
  std::vector<std::int64_t> numbers;
  for (const QString& word : text.split(kBetween, Qt::SkipEmptyParts)) numbers.push_back(word.toLongLong());
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

}  // namespace

LogitsSwitch::LogitsSwitch(QWidget* parent)
    : QWidget(parent),
      switch_(new QCheckBox(tr("Return logits"), this)),
      every_(new QSpinBox(this)),
      rows_(new QLineEdit(this)),
      last_(new QSpinBox(this)),
      note_(new QLabel(this)),
      price_label_(new QLabel(this)) {
  setObjectName("logitsSwitch");
  setAccessibleName(tr("Return logits"));
  switch_->setObjectName("returnLogits");
  switch_->setAccessibleName(tr("Return logits"));
  switch_->setToolTip(tr(
      "Keeps the model's scores for every token of the vocabulary (return_logits) at some positions, to be seen as a "
      "heat map. The loss is the same to the bit with and without; it costs what the line below says."));
  every_->setObjectName("logitsEvery");
  every_->setRange(1, kMost);
  every_->setValue(kDefaultEvery);
  every_->setSuffix(tr(" steps"));
  every_->setAccessibleName(tr("Capture every so many steps"));
  every_->setToolTip(tr("Steps between two captures. The other steps cost nothing."));
  rows_->setObjectName("logitsRows");
  rows_->setText(QStringLiteral("0"));
  rows_->setAccessibleName(tr("Sequences of the step to capture"));
  rows_->setToolTip(
      tr("Which sequences of the step, counted from 0, with commas between: 0, 3, 7. Each costs the same."));
  rows_->setValidator(new QRegularExpressionValidator(
      QRegularExpression(QStringLiteral("\\s*\\d{1,6}(\\s*,\\s*\\d{1,6})*\\s*,?\\s*")), rows_));
  last_->setObjectName("logitsToKeep");
  last_->setRange(0, kMost);
  last_->setSpecialValueText(tr("all tokens"));
  last_->setSuffix(tr(" tokens"));
  last_->setAccessibleName(tr("Last tokens of a sequence to keep"));
  last_->setToolTip(
      tr("Only the last so many real tokens get logits (logits_to_keep): the hidden states are cut before the head, so "
         "the others are never computed."));
  note_->setObjectName("logitsNote");
  note_->setWordWrap(true);
  note_->hide();
  price_label_->setObjectName("logitsPrice");
  price_label_->setWordWrap(true);

  auto* form = new QFormLayout(this);
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(12);
  form->setVerticalSpacing(8);
  form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
  form->addRow(switch_);
  form->addRow(price_label_);
  form->addRow(tr("Ever&y"), every_);
  form->addRow(tr("Se&quences"), rows_);
  form->addRow(tr("Las&t"), last_);
  form->addRow(note_);

  connect(switch_, &QCheckBox::toggled, this, &LogitsSwitch::onToggled);
  connect(every_, &QSpinBox::valueChanged, this, &LogitsSwitch::onEdited);
  connect(last_, &QSpinBox::valueChanged, this, [this] {
    given_.logits_to_keep.positions.clear();
    onEdited();
  });
  connect(rows_, &QLineEdit::editingFinished, this, [this] {
    if (numbers_in(rows_->text()) != given_.rows) onEdited();
  });
  say();
}

void LogitsSwitch::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) say();
}

void LogitsSwitch::setPrice(const LogitsPrice& price) {
  price_ = price;
  say();
}

void LogitsSwitch::setMeasured(quint64 bytes, double percent_of_step) {
  measured_ = {bytes, percent_of_step};
  say();
}

void LogitsSwitch::setOptions(const ReturnLogits& options) {
  const QSignalBlocker block_switch(switch_);
  const QSignalBlocker block_every(every_);
  const QSignalBlocker block_last(last_);
  given_ = options;
  switch_->setChecked(options.every > 0);
  if (options.every > 0) every_->setValue(static_cast<int>(std::min<std::int64_t>(options.every, kMost)));
  rows_->setText(joined(options.rows));
  last_->setValue(static_cast<int>(std::min<std::int64_t>(options.logits_to_keep.last, kMost)));
  measured_.reset();
  say();
}

ReturnLogits LogitsSwitch::options() const {
  ReturnLogits options = edited();
  if (!switch_->isChecked()) options.every = 0;
  return options;
}

ReturnLogits LogitsSwitch::edited() const {
  ReturnLogits options = given_;
  options.every = every_->value();
  // A field that is being emptied leaves the rows as they were.
  const std::vector<std::int64_t> rows = numbers_in(rows_->text());
  if (!rows.empty()) options.rows = rows;
  options.logits_to_keep.last = last_->value();
  return options;
}

void LogitsSwitch::onToggled(bool) {
  measured_.reset();
  say();
  emit changed(options());
}

void LogitsSwitch::onEdited() {
  given_ = edited();
  // What was said of other options does not hold for these.
  price_.reset();
  measured_.reset();
  say();
  emit optionsEdited(given_);
  if (switch_->isChecked()) emit changed(given_);
}

void LogitsSwitch::say() {
  QString text;
  if (!price_) {
    text = tr("What it will cost is known once a step has been measured.");
  } else if (price_->percent_of_step > 0.0) {
    text = tr("%1 a capture, +%2 of a step, every %3 steps; steps wait where the disk takes less than %4 a second")
               .arg(byte_count(price_->bytes), percent(price_->percent_of_step / 100.0), grouped(every_->value()),
                    byte_count(static_cast<quint64>(price_->bytes_per_second)));
  } else {
    text = tr("%1 a capture, every %2 steps; its time is known once a step has been measured")
               .arg(byte_count(price_->bytes), grouped(every_->value()));
  }
  if (switch_->isChecked() && measured_) {
    // A prediction without a time has nothing to add.
    const bool is_whole = price_ && price_->percent_of_step > 0.0;
    text = tr("Measured: %1 a capture, +%2 of a step.")
               .arg(byte_count(measured_->first), percent(measured_->second / 100.0)) +
           (is_whole ? QStringLiteral("\n") + tr("Predicted: %1").arg(text) : QString());
  } else if (switch_->isChecked()) {
    text += QStringLiteral("\n") + tr("Measured with the next capture.");
  } else if (price_) {
    text = tr("If turned on: %1").arg(text);
  }
  price_label_->setText(text);
  setAccessibleDescription(text);
  QPalette quiet = palette();
  quiet.setColor(QPalette::WindowText, secondary_text(palette()));
  price_label_->setPalette(quiet);
  note_->setPalette(quiet);

  const auto& positions = given_.logits_to_keep.positions;
  note_->setVisible(!positions.empty());
  note_->setText(tr("The run file lists positions %1; a number of last tokens replaces them.").arg(joined(positions)));
}

}  // namespace vernier::ui
