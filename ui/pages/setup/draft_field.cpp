#include "ui/pages/setup/draft_field.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/style/color_maps.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kIcon = 14;
constexpr int kNumberChars = 11;
constexpr int kSteppersWidth = 52;  // of two buttons, which do not go with the size of the text

// Object names hold no points.
QString object_name(const FieldText& text, const char* suffix) {
  return QString::fromLatin1(text.key).replace('.', '_') + QLatin1String(suffix);
}

}  // namespace

void put_in_label_column(QLabel* label) {
  // Fields stand further from their labels than what is in a row does.
  label->setMinimumWidth(character_width(label->fontMetrics()) * kFieldLabelChars + kSpaceMedium - kSpaceSmall);
}

QString setting_text(double value) {
  if (value != 0.0 && std::abs(value) < 1e-3) {
    // 2.00e-04 -> 2e-4
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-12));
    const double mantissa = value / std::pow(10.0, exponent);
    return QStringLiteral("%1e%2").arg(QString::number(mantissa, 'g', 6)).arg(exponent);
  }
  return QString::number(value, 'g', std::abs(value) < 1e15 ? 15 : 17);
}

DraftField::DraftField(RunDraft& draft, FieldText text, QWidget* parent)
    : QWidget(parent), draft_(draft), text_(std::move(text)), grid_(new QGridLayout(this)) {
  setObjectName(object_name(text_, "Field"));
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setHorizontalSpacing(kSpaceMedium);
  grid_->setVerticalSpacing(kSpaceTiny / 2);
  grid_->setColumnStretch(1, 1);
  connect(&draft_, &RunDraft::changed, this, [this] { show_draft(); });
  connect(&draft_, &RunDraft::wentBack, this, [this] { give_up_typing(); });
}

void DraftField::set_control(QWidget* control) {
  add_row(control, nullptr);
}

void DraftField::set_wide_control(QWidget* control, QWidget* button) {
  add_row(control, button);
}

void DraftField::add_row(QWidget* control, QWidget* button) {
  control_ = control;
  const QString key = QString::fromLatin1(text_.key);
  // Of an adapter's settings the last part is what everybody calls them; of others it says too little.
  const QString own_name = key.startsWith(QLatin1String("lora.")) ? key.section('.', -1) : key;
  control->setObjectName(object_name(text_, "Control"));
  control->setAccessibleName(plain_label());
  control->setAccessibleDescription(text_.why);
  control->setToolTip(tr("%1 In a run file: %2.").arg(text_.why, key));
  control->installEventFilter(this);

  label_ = new QLabel(text_.label, this);
  label_->setBuddy(control);
  label_->setWordWrap(true);
  QLabel* name = make_note(own_name, this, false);
  name->setTextInteractionFlags(Qt::TextSelectableByMouse);
  name->setToolTip(tr("What this setting is called in a run file and in other tools."));
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  row->addWidget(control, button != nullptr ? 1 : 0);
  if (button != nullptr) row->addWidget(button);
  if (!text_.unit.isEmpty()) row->addWidget(new QLabel(text_.unit, this));
  // In a row of its own: in a wider cell its height would be that of too few lines.
  auto* note = new QHBoxLayout;
  note->addWidget(make_note(text_.why, this), 100);
  note->addStretch(1);
  grid_->addWidget(label_, 0, 0, Qt::AlignTop);
  grid_->addLayout(row, 0, 1);
  if (button == nullptr) {
    row->addWidget(name);
    row->addStretch(1);
    grid_->addLayout(note, 1, 1);
  } else {
    // The name takes no room from the path.
    grid_->addWidget(name, 1, 1);
    grid_->addLayout(note, 2, 1);
  }

  remark_ = new QWidget(this);
  remark_->setObjectName(object_name(text_, "Remark"));
  auto* remark_row = new QHBoxLayout(remark_);
  remark_row->setContentsMargins(0, 0, 0, 0);
  remark_row->setSpacing(kSpaceTiny);
  remark_icon_ = new QLabel(remark_);
  remark_text_ = new QLabel(remark_);
  remark_text_->setObjectName(object_name(text_, "RemarkText"));
  remark_text_->setWordWrap(true);
  remark_row->addWidget(remark_icon_, 0, Qt::AlignTop);
  remark_row->addWidget(remark_text_, 1);
  grid_->addWidget(remark_, 3, 1);
  remark_->hide();
  fit_to_font();
}

void DraftField::fit_to_font() {
  label_->setFixedWidth(character_width(fontMetrics()) * kFieldLabelChars);
  // Its line stands level with what is written in the control.
  label_->setMinimumHeight(control_->sizeHint().height());
}

QString DraftField::plain_label() const {
  return without_mnemonic(text_.label);
}

QString DraftField::problem() const {
  return has_error() ? tr("%1: %2").arg(plain_label(), error_) : QString();
}

void DraftField::set_error(const QString& error) {
  if (error == error_) return;
  error_ = error;
  show_remark();
  Q_EMIT errorChanged();
}

void DraftField::set_advice(const QString& advice) {
  if (advice == advice_) return;
  advice_ = advice;
  show_remark();
}

void DraftField::show_remark() {
  const QString& shown = error_.isEmpty() ? advice_ : error_;
  remark_text_->setText(shown);
  const StateShape shape = error_.isEmpty() ? StateShape::kTriangle : StateShape::kOctagon;
  remark_icon_->setPixmap(state_icon(shape, palette(), kIcon).pixmap(QSize(kIcon, kIcon), devicePixelRatioF()));
  remark_->setVisible(!shown.isEmpty());
  control_->setAccessibleDescription(shown.isEmpty() ? text_.why : tr("%1 %2").arg(shown, text_.why));
}

void DraftField::edit(const std::function<void(RunConfig&)>& change) {
  const QString key = QString::fromLatin1(text_.key);
  draft_.edit(tr("change %1").arg(key), change, QStringLiteral("%1#%2").arg(key).arg(visit_));
}

bool DraftField::eventFilter(QObject* watched, QEvent* event) {
  if (watched != control_) return QWidget::eventFilter(watched, event);
  if (event->type() == QEvent::FocusIn) begin_visit();
  // A text field's own undo would leave the draft behind: the window's takes the key.
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
      begin_visit();
      // Where there is nothing else to take back, what is typed wrongly is.
      if (has_error() && !draft_.undo_stack().canUndo()) give_up_typing();
      event->ignore();
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

void DraftField::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (remark_ == nullptr) return;
  if (event->type() == QEvent::PaletteChange) show_remark();
  if (event->type() == QEvent::FontChange) fit_to_font();
}

NumberField::NumberField(RunDraft& draft, FieldText text, NumberRange range,
                         std::function<double(const RunConfig&)> get, std::function<void(RunConfig&, double)> set,
                         QWidget* parent)
    : DraftField(draft, std::move(text), parent),
      range_(range),
      get_(std::move(get)),
      set_(std::move(set)),
      line_(new QLineEdit(this)) {
  line_->setAlignment(Qt::AlignRight);
  set_control(line_);
  more_ = add_stepper(Icon::kMore, "More", tr("%1: more").arg(plain_label()), 1);
  less_ = add_stepper(Icon::kLess, "Less", tr("%1: less").arg(plain_label()), -1);
  NumberField::fit_to_font();
  connect(line_, &QLineEdit::textEdited, this, &NumberField::take);
  show_draft();
}

QAction* NumberField::add_stepper(Icon icon, const char* suffix, const QString& text, int direction) {
  auto* action = new QAction(make_icon(icon), text, line_);
  action->setObjectName(object_name(this->text(), suffix));
  action->setToolTip(tr("To the next number that is usual; the up and down keys do the same."));
  line_->addAction(action, QLineEdit::TrailingPosition);
  connect(action, &QAction::triggered, this, [this, direction] { step(direction); });
  return action;
}

void NumberField::fit_to_font() {
  DraftField::fit_to_font();
  line_->setFont(tabular_font(font()));
  line_->setFixedWidth(character_width(fontMetrics()) * kNumberChars + kSteppersWidth);
}

void NumberField::show_draft() {
  const double value = get_(draft().config());
  // What is wrong stays to be seen while other settings change,
  if (has_error() && value == shown_) return;
  shown_ = value;
  // and what is being typed stands as long as it means what the draft says.
  bool is_number = false;
  const double typed = QLocale::c().toDouble(line_->text().trimmed(), &is_number);
  if (!is_number || typed != value) line_->setText(setting_text(value));
  more_->setEnabled(stepped(1).has_value());
  less_->setEnabled(stepped(-1).has_value());
  set_error({});
}

void NumberField::give_up_typing() {
  if (!has_error()) return;
  set_error({});
  show_draft();
}

void NumberField::take(const QString& typed) {
  bool is_number = false;
  const double value = QLocale::c().toDouble(typed.trimmed(), &is_number);
  const bool low_ok = range_.low_open ? value > range_.low : value >= range_.low;
  const bool high_ok = range_.high_open ? value < range_.high : value <= range_.high;
  if (is_number && std::isfinite(value) && low_ok && high_ok && (!range_.whole || value == std::floor(value))) {
    set_error({});
    edit([this, value](RunConfig& config) { set_(config, value); });
    return;
  }
  const QString got = typed.trimmed().isEmpty() ? tr("nothing") : typed.trimmed();
  const QString low = range_.low_open ? tr("above %1").arg(setting_text(range_.low)) : setting_text(range_.low);
  if (typed.contains(',')) {
    set_error(tr("Got %1. Write the number with a point, without commas: 0.5 or 2e-4.").arg(got));
  } else if (range_.high > 1e15) {
    set_error(range_.whole      ? tr("Got %1, expected a whole number, at least %2.").arg(got, setting_text(range_.low))
              : range_.low_open ? tr("Got %1, expected a number above %2.").arg(got, setting_text(range_.low))
                                : tr("Got %1, expected a number of at least %2.").arg(got, setting_text(range_.low)));
  } else {
    const QString high = range_.high_open ? tr("below %1").arg(setting_text(range_.high)) : setting_text(range_.high);
    set_error(range_.whole ? tr("Got %1, expected a whole number from %2 to %3.").arg(got, low, high)
                           : tr("Got %1, expected a number from %2 to %3.").arg(got, low, high));
  }
}

std::optional<double> NumberField::stepped(int direction) const {
  // Large whole numbers double, others go 1, 2, 5, 10.
  constexpr double kDoubles = 16.0;
  constexpr std::array kNice = {1.0, 2.0, 5.0, 10.0};
  const double value = get_(draft().config());
  double next = value + direction;
  if (range_.whole || range_.doubles) {
    if (direction > 0 && value >= kDoubles) next = value * 2.0;
    if (direction < 0 && value > kDoubles) next = std::floor(value / 2.0);
  } else if (value <= 0.0) {
    next = direction > 0 ? 0.01 : value;
  } else {
    const double power = std::pow(10.0, std::floor(std::log10(value) + 1e-9));
    const double scaled = value / power;
    if (direction > 0) {
      next = *std::find_if(kNice.begin(), kNice.end(), [&](double nice) { return nice > scaled * (1 + 1e-9); }) * power;
    } else {
      next = 0.5 * power;
      for (const double nice : kNice) {
        if (nice < scaled * (1 - 1e-9)) next = nice * power;
      }
    }
  }
  next = std::clamp(next, range_.low, range_.high);
  if ((range_.low_open && next == range_.low) || (range_.high_open && next == range_.high)) return std::nullopt;
  // 5e-05 and not 5.0000000000000002e-05.
  next = QLocale::c().toDouble(setting_text(next));
  return next == value ? std::nullopt : std::optional<double>(next);
}

void NumberField::step(int direction) {
  const std::optional<double> next = stepped(direction);
  if (!next) return;
  begin_visit();
  edit([this, next = *next](RunConfig& config) { set_(config, next); });
  line_->selectAll();
}

bool NumberField::eventFilter(QObject* watched, QEvent* event) {
  if (watched == line_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Up || key == Qt::Key_Down) {
      step(key == Qt::Key_Up ? 1 : -1);
      return true;
    }
  }
  return DraftField::eventFilter(watched, event);
}

ChoiceField::ChoiceField(RunDraft& draft, FieldText text, const QList<Choice>& choices,
                         std::function<int(const RunConfig&)> get, std::function<void(RunConfig&, int)> set,
                         QWidget* parent)
    : DraftField(draft, std::move(text), parent), get_(std::move(get)), box_(new QComboBox(this)) {
  for (const Choice& choice : choices) box_->addItem(choice.label, choice.value);
  set_control(box_);
  connect(box_, &QComboBox::activated, this, [this, set = std::move(set)](int index) {
    const int value = box_->itemData(index).toInt();
    begin_visit();
    edit([&set, value](RunConfig& config) { set(config, value); });
  });
  show_draft();
}

void ChoiceField::show_draft() {
  box_->setCurrentIndex(box_->findData(get_(draft().config())));
}

SwitchField::SwitchField(RunDraft& draft, FieldText text, std::function<bool(const RunConfig&)> get,
                         std::function<void(RunConfig&, bool)> set, QWidget* parent)
    : DraftField(draft, std::move(text), parent), get_(std::move(get)), box_(new QCheckBox(tr("On"), this)) {
  set_control(box_);
  connect(box_, &QCheckBox::clicked, this, [this, set = std::move(set)](bool on) {
    begin_visit();
    edit([&set, on](RunConfig& config) { set(config, on); });
  });
  show_draft();
}

void SwitchField::show_draft() {
  box_->setChecked(get_(draft().config()));
}

NumbersField::NumbersField(RunDraft& draft, FieldText text,
                           std::function<std::vector<std::int64_t>(const RunConfig&)> get,
                           std::function<void(RunConfig&, std::vector<std::int64_t>)> set, QWidget* parent)
    : DraftField(draft, std::move(text), parent),
      get_(std::move(get)),
      set_(std::move(set)),
      line_(new QLineEdit(this)) {
  set_control(line_);
  connect(line_, &QLineEdit::textEdited, this, [this](const QString& typed) {
    std::vector<std::int64_t> values;
    for (const QString& part : typed.split(',')) {
      bool is_number = false;
      const qlonglong value = part.trimmed().toLongLong(&is_number);
      if (!is_number || value < 0) {
        set_error(tr("Got %1, expected whole numbers of at least 0 with commas between them: 0, 3, 5.")
                      .arg(part.trimmed().isEmpty() ? tr("nothing") : part.trimmed()));
        return;
      }
      values.push_back(value);
    }
    set_error({});
    edit([this, &values](RunConfig& config) { set_(config, values); });
  });
  show_draft();
}

void NumbersField::give_up_typing() {
  if (!has_error()) return;
  set_error({});
  show_draft();
}

void NumbersField::show_draft() {
  QStringList texts;
  for (const std::int64_t value : get_(draft().config())) texts.append(QString::number(value));
  const QString text = texts.join(QStringLiteral(", "));
  if (has_error() && text == shown_) return;
  shown_ = text;
  if (line_->text().remove(' ') != QString(text).remove(' ')) line_->setText(text);
  set_error({});
}

}  // namespace vernier::ui
