#include "ui/pages/setup/check_row.h"

#include <QEvent>
#include <QGridLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/setup/check_words.h"
#include "ui/pages/setup/fix_place.h"
#include "ui/style/color_maps.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr int kIconSize = 16;
constexpr int kTitleColumns = 24;  // average characters

QLabel* make_text(const char* name, QWidget* parent) {
  auto* label = new QLabel(parent);
  label->setObjectName(QLatin1String(name));
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  return label;
}

StateColor color_of(const CheckSession::ShownCheck& shown) {
  if (shown.is_stale) return StateColor::kNeutral;
  switch (shown.check.status) {
    case CheckStatus::kPass:
      return StateColor::kGood;
    case CheckStatus::kWarn:
      return StateColor::kWarning;
    case CheckStatus::kFail:
      return StateColor::kBad;
  }
  return StateColor::kNeutral;
}

}  // namespace

CheckRow::CheckRow(QWidget* parent) : QFrame(parent) {
  icon_ = new QLabel(this);
  icon_->setFixedSize(kIconSize, kIconSize);
  word_ = make_text("checkWord", this);
  word_->setWordWrap(false);
  title_ = make_text("checkTitle", this);
  found_ = make_text("checkFound", this);
  found_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  meaning_ = make_note({}, this);
  meaning_->setObjectName(QStringLiteral("checkMeaning"));
  fix_text_ = make_text("checkFix", this);
  for (QLabel* label : {meaning_, fix_text_}) label->setContentsMargins(0, kSpaceTiny, 0, 0);
  fix_ = new QPushButton(tr("Fix"), this);
  fix_->setAutoDefault(true);  // Enter does it as well
  fix_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  connect(fix_, &QPushButton::clicked, this, &CheckRow::fixWanted);

  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, kSpaceTiny, 0, kSpaceTiny);
  grid->setHorizontalSpacing(kSpaceSmall);
  grid->setVerticalSpacing(0);
  grid->addWidget(icon_, 0, 0, Qt::AlignTop);
  grid->addWidget(word_, 0, 1, Qt::AlignTop);
  grid->addWidget(title_, 0, 2);
  grid->addWidget(found_, 0, 3);
  grid->addWidget(meaning_, 1, 3);
  grid->addWidget(fix_text_, 2, 3);
  grid->addWidget(fix_, 0, 4, 3, 1, Qt::AlignTop);
  grid->setColumnStretch(3, 1);
  apply_style();
}

void CheckRow::show_check(const CheckSession::ShownCheck& shown, const RunConfig& config) {
  shown_ = shown;
  const PreflightCheck& check = shown.check;
  const QString id = QString::fromStdString(check.id);
  const QString title = title_of(check), meaning = meaning_of(check);
  setObjectName(QStringLiteral("check_") + id);
  word_->setText(shown.is_stale ? tr("Outdated") : word_of(check.status));
  title_->setText(title);
  const QString found = finding_of(check);
  found_->setText(found);
  const bool is_problem = check.status != CheckStatus::kPass;
  meaning_->setText(meaning);
  meaning_->setVisible(is_problem && !meaning.isEmpty());
  QStringList fix;
  if (!check.fix.empty()) fix << engine_text(check.fix);
  const QStringList changes = changes_of(config, check.fix_changes);
  const FixPlace place = fix_place(check, config);
  fix_text_->setText(changes.isEmpty() ? fix.join(QLatin1Char(' '))
                                       : tr("Fix sets %1.").arg(changes.join(QStringLiteral(", "))));
  fix_text_->setVisible(is_problem && !fix_text_->text().isEmpty());
  const bool leads = changes.isEmpty() && place.kind != FixPlace::Kind::kNone;
  fix_->setText(leads ? place.label : tr("Fix"));
  describe(
      fix_, "checkFixButton", leads ? tr("%1: %2").arg(title, place.label) : tr("Fix: %1").arg(title),
      leads ? place.tool_tip : tr("%1 Changes the configuration; Undo takes it back.").arg(fix.join(QLatin1Char(' '))));
  fix_->setObjectName(QStringLiteral("fix_") + id);
  fix_->setVisible(is_problem && (leads || !changes.isEmpty()));
  for (QWidget* widget : {static_cast<QWidget*>(this), static_cast<QWidget*>(title_), static_cast<QWidget*>(word_)}) {
    widget->setToolTip(meaning);
  }
  setAccessibleName(tr("%1: %2").arg(title, word_->text()));
  setAccessibleDescription(found);
  apply_style();
}

void CheckRow::changeEvent(QEvent* event) {
  QFrame::changeEvent(event);
  if (is_styling_) return;
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) apply_style();
}

void CheckRow::apply_style() {
  is_styling_ = true;
  const int character = character_width(fontMetrics());
  int widest = 0;
  for (const QString& word :
       {word_of(CheckStatus::kPass), word_of(CheckStatus::kWarn), word_of(CheckStatus::kFail), tr("Outdated")}) {
    widest = std::max(widest, fontMetrics().horizontalAdvance(word));
  }
  word_->setFixedWidth(widest + kSpaceTiny);
  title_->setFixedWidth(character * kTitleColumns);
  const QPalette base = parentWidget() != nullptr ? parentWidget()->palette() : palette();
  const StateShape shape = shown_.is_stale ? StateShape::kHollow : shape_of(shown_.check.status);
  icon_->setPixmap(state_icon(shape, base, kIconSize).pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
  QPalette colored = base;
  colored.setColor(QPalette::WindowText, legible(state_color(color_of(shown_), base), base.color(QPalette::Window)));
  word_->setPalette(colored);
  is_styling_ = false;
}

}  // namespace vernier::ui
