#include "ui/widgets/message_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr int kIconSize = 16;

QString word_of(MessageLevel level) {
  switch (level) {
    case MessageLevel::kInfo:
      return MessageBar::tr("Note");
    case MessageLevel::kWarning:
      return MessageBar::tr("Warning");
    case MessageLevel::kError:
      return MessageBar::tr("Error");
  }
  return {};
}

StateColor color_of(MessageLevel level) {
  switch (level) {
    case MessageLevel::kInfo:
      return StateColor::kInfo;
    case MessageLevel::kWarning:
      return StateColor::kWarning;
    case MessageLevel::kError:
      return StateColor::kBad;
  }
  return StateColor::kInfo;
}

}  // namespace

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent),
      icon_(new QLabel(this)),
      word_(new QLabel(this)),
      text_(new QLabel(this)),
      action_(new QPushButton(this)),
      close_(new QToolButton(this)) {
  setObjectName("messageBar");
  text_->setObjectName("messageBarText");
  action_->setObjectName("messageBarAction");
  close_->setObjectName("messageBarDismiss");
  setAutoFillBackground(true);
  text_->setWordWrap(true);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  text_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  action_->setAccessibleName(tr("No action"));
  action_->setToolTip(tr("What the message offers to do"));
  close_->setAutoRaise(true);
  close_->setText(QStringLiteral("×"));
  close_->setFont(scaled_font(font(), 1.3));
  close_->setAccessibleName(tr("Dismiss"));
  close_->setToolTip(tr("Hide this message (Esc)."));

  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(12, 8, 8, 8);
  layout->setSpacing(8);
  layout->addWidget(icon_);
  layout->addWidget(word_);
  layout->addWidget(text_, 1);
  layout->addWidget(action_);
  layout->addWidget(close_);
  connect(action_, &QPushButton::clicked, this, &MessageBar::actionTriggered);
  connect(close_, &QToolButton::clicked, this, &MessageBar::dismiss);
  hide();
}

void MessageBar::showMessage(MessageLevel level, const QString& text, const QString& action) {
  level_ = level;
  word_->setText(word_of(level));
  text_->setText(text);
  action_->setText(action);
  action_->setAccessibleName(action.isEmpty() ? tr("No action") : action);
  action_->setToolTip(text);
  action_->setVisible(!action.isEmpty());
  setAccessibleName(word_of(level) + QStringLiteral(": ") + text);
  applyStyle();
  show();
}

QString MessageBar::text() const {
  return text_->text();
}

void MessageBar::changeEvent(QEvent* event) {
  QFrame::changeEvent(event);
  // Setting our own palette sends this event as well.
  if (event->type() == QEvent::PaletteChange && !is_styling_) applyStyle();
}

void MessageBar::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) {
    dismiss();
  } else {
    QFrame::keyPressEvent(event);
  }
}

void MessageBar::applyStyle() {
  is_styling_ = true;
  const QPalette base = parentWidget() != nullptr ? parentWidget()->palette() : QPalette();
  const QColor state = state_color(color_of(level_), base);
  // This role alone: a bar that has all of them would not hear of a new palette.
  QPalette own;
  own.setColor(QPalette::Window, mixed(base.color(QPalette::Window), state, is_dark(base) ? 0.22 : 0.14));
  setPalette(own);
  icon_->setPixmap(
      state_icon(shape_of(level_), base, kIconSize).pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
  QPalette colored = own;
  colored.setColor(QPalette::WindowText, legible(state, own.color(QPalette::Window)));
  word_->setPalette(colored);
  is_styling_ = false;
}

void MessageBar::dismiss() {
  hide();
  emit dismissed();
}

}  // namespace vernier::ui
