#include "ui/pages/setup/setup_section.h"

#include <QApplication>
#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/style/theme.h"

namespace vernier::ui {

SetupSection::SetupSection(const char* object_name, const QString& title, const QString& explanation, QWidget* parent,
                           Folding folding)
    : QWidget(parent), body_(new QWidget(this)) {
  setObjectName(QLatin1String(object_name));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, kSpaceMedium, 0, kSpaceMedium);
  layout->setSpacing(kSpaceSmall);
  line_ = new QFrame(this);
  line_->setFrameShape(QFrame::HLine);
  line_->setFrameShadow(QFrame::Plain);
  line_->setForegroundRole(QPalette::Midlight);
  layout->addWidget(line_);
  if (folding == Folding::kFolded) {
    fold_ = new FocusButton(this);
    fold_->setText(title);
    fold_->setFont(heading_font(QApplication::font()));
    fold_->setCheckable(true);
    fold_->setAutoRaise(true);
    fold_->setFocusPolicy(Qt::StrongFocus);
    fold_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    fold_->setArrowType(Qt::RightArrow);
    describe(fold_, "", title, explanation);
    fold_->setObjectName(QLatin1String(object_name) + QLatin1String("Fold"));
    connect(fold_, &QToolButton::toggled, this, [this](bool open) {
      fold_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
      body_->setVisible(open);
    });
    layout->addWidget(fold_, 0, Qt::AlignLeft);
    body_->hide();
  } else {
    layout->addWidget(make_heading(title, this));
  }
  if (!explanation.isEmpty()) add_note(layout, make_note(explanation, this));
  layout->addWidget(body_);
  columns_ = new QBoxLayout(QBoxLayout::TopToBottom, body_);
  columns_->setContentsMargins(0, kSpaceTiny, 0, 0);
  columns_->setSpacing(kSpaceHuge);
  settings_ = new QVBoxLayout;
  settings_->setSpacing(kSpaceMedium);
  pictures_ = new QVBoxLayout;
  pictures_->setSpacing(kSpaceMedium);
  columns_->addLayout(settings_, 1);
  columns_->addLayout(pictures_, 1);
  settings_->addStretch(0);
  pictures_->addStretch(0);
}

void SetupSection::add(QWidget* widget) {
  settings_->insertWidget(settings_->count() - 1, widget);
}

void SetupSection::add_picture(QWidget* widget) {
  pictures_->insertWidget(pictures_->count() - 1, widget);
}

void SetupSection::stand_first() {
  line_->hide();
  layout()->setContentsMargins(0, 0, 0, kSpaceMedium);
}

void SetupSection::unfold() {
  if (fold_ != nullptr) fold_->setChecked(true);
}

void SetupSection::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange && fold_ != nullptr) fold_->setFont(heading_font(QApplication::font()));
}

void SetupSection::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

QSize SetupSection::minimumSizeHint() const {
  // Of one column: where two have no room, they stand one below the other.
  const int least = std::max(settings_->minimumSize().width(), pictures_->minimumSize().width());
  return {least, QWidget::minimumSizeHint().height()};
}

void SetupSection::arrange() {
  const bool has_picture = pictures_->count() > 1;
  const int needed = settings_->minimumSize().width() + columns_->spacing() + pictures_->minimumSize().width();
  columns_->setDirection(has_picture && needed <= width() ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

}  // namespace vernier::ui
