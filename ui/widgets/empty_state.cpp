#include "ui/widgets/empty_state.h"

#include <QEvent>
#include <QIcon>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"

namespace vernier::ui {
namespace {

constexpr int kIconSize = 48;
constexpr int kTextColumns = 60;

}  // namespace

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent),
      icon_(new QLabel(this)),
      title_(new QLabel(this)),
      explanation_(new QLabel(this)),
      action_(new QPushButton(this)),
      other_(new QPushButton(this)) {
  setObjectName("emptyState");
  icon_->setObjectName("emptyStateIcon");
  title_->setObjectName("emptyStateTitle");
  explanation_->setObjectName("emptyStateExplanation");
  action_->setObjectName("emptyStateAction");
  other_->setObjectName("emptyStateOtherAction");
  icon_->setAlignment(Qt::AlignHCenter);
  title_->setAlignment(Qt::AlignHCenter);
  explanation_->setAlignment(Qt::AlignHCenter);
  explanation_->setWordWrap(true);
  explanation_->setMaximumWidth(character_width(fontMetrics()) * kTextColumns);
  explanation_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  icon_->hide();
  for (QPushButton* button : {action_, other_}) {
    button->hide();
    button->setAutoDefault(true);  // Enter does it as well
  }

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(24, 24, 24, 24);
  layout->setSpacing(12);
  layout->addStretch(2);
  layout->addWidget(icon_, 0, Qt::AlignHCenter);
  layout->addWidget(title_, 0, Qt::AlignHCenter);
  // A row of its own: a label that wraps gets its height from its width only where it is not aligned.
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  row->addWidget(explanation_, 100);
  row->addStretch(1);
  layout->addLayout(row);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(action_);
  buttons->addWidget(other_);
  buttons->addStretch(1);
  layout->addLayout(buttons);
  layout->addStretch(3);
  connect(action_, &QPushButton::clicked, this, &EmptyState::actionTriggered);
  connect(other_, &QPushButton::clicked, this, &EmptyState::otherActionTriggered);
  applyStyle();
}

void EmptyState::setIcon(const QIcon& icon) {
  icon_->setPixmap(icon.pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
  icon_->setVisible(!icon.isNull());
}

void EmptyState::setTitle(const QString& title) {
  title_->setText(title);
  setAccessibleName(title);
}

void EmptyState::setExplanation(const QString& explanation) {
  explanation_->setText(explanation);
  setAccessibleDescription(explanation);
}

void EmptyState::setAction(const QString& action) {
  action_->setText(action);
  action_->setAccessibleName(action);
  action_->setToolTip(explanation_->text());
  action_->setVisible(!action.isEmpty());
  // Tab would end at a proxy that is hidden.
  setFocusProxy(action.isEmpty() ? nullptr : action_);
}

void EmptyState::setOtherAction(const QString& action) {
  other_->setText(action);
  other_->setAccessibleName(action);
  other_->setToolTip(explanation_->text());
  other_->setVisible(!action.isEmpty());
}

void EmptyState::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) applyStyle();
}

void EmptyState::applyStyle() {
  title_->setFont(scaled_font(font(), 1.3));
  QPalette quiet = palette();
  quiet.setColor(QPalette::WindowText, secondary_text(palette()));
  explanation_->setPalette(quiet);
}

}  // namespace vernier::ui
