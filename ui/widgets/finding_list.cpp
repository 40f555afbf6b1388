#include "ui/widgets/finding_list.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kIconSize = 16;

QString word_of(StateShape shape) {
  switch (shape) {
    case StateShape::kCircle:
      return FindingList::tr("Good");
    case StateShape::kTriangle:
      return FindingList::tr("Warning");
    case StateShape::kOctagon:
      return FindingList::tr("Error");
    case StateShape::kHollow:
    case StateShape::kInfo:
      return FindingList::tr("Note");
  }
  return {};
}

}  // namespace

FindingList::FindingList(QWidget* parent) : QWidget(parent), layout_(new QVBoxLayout(this)) {
  setObjectName(QStringLiteral("findings"));
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setSpacing(kSpaceTiny);
  hide();
}

void FindingList::setFindings(const QList<Finding>& findings) {
  if (findings == findings_) return;
  findings_ = findings;
  build();
}

void FindingList::build() {
  // The keyboard stays on a button that comes again.
  QString focused;
  for (QPushButton* button : findChildren<QPushButton*>()) {
    if (button->hasFocus()) focused = button->objectName();
  }
  while (QLayoutItem* item = layout_->takeAt(0)) {
    if (QWidget* line = item->widget()) {
      line->hide();
      line->deleteLater();
    }
    delete item;
  }
  QStringList spoken;
  for (const Finding& finding : findings_) {
    auto* line = new QWidget(this);
    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpaceSmall);
    auto* icon = new QLabel(line);
    icon->setPixmap(
        state_icon(finding.shape, palette(), kIconSize).pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
    icon->setToolTip(word_of(finding.shape));
    // Level with the first line of the sentence, also where a button makes the line higher.
    icon->setFixedWidth(kIconSize);
    row->addWidget(icon, 0, finding.action.isEmpty() ? Qt::AlignTop : Qt::AlignVCenter);
    auto* sentence = new QLabel(finding.sentence, line);
    sentence->setTextFormat(Qt::PlainText);
    sentence->setWordWrap(true);
    sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(sentence, 1);
    if (!finding.action.isEmpty()) {
      auto* button = new QPushButton(finding.action, line);
      button->setObjectName(finding.id + QStringLiteral("Action"));
      button->setAccessibleName(finding.action);
      button->setToolTip(finding.tool_tip.isEmpty() ? finding.sentence : finding.tool_tip);
      row->addWidget(button, 0, Qt::AlignTop);
      connect(button, &QPushButton::clicked, this, [this, id = finding.id] { Q_EMIT actionTriggered(id); });
      if (button->objectName() == focused) button->setFocus();
    }
    layout_->addWidget(line);
    //: A finding for a screen reader: how much it weighs, and what it says.
    spoken << tr("%1: %2").arg(word_of(finding.shape), finding.sentence);
  }
  setAccessibleName(tr("Findings"));
  setAccessibleDescription(spoken.join(QChar('\n')));
  setVisible(!findings_.isEmpty());
}

void FindingList::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) build();
}

}  // namespace vernier::ui
