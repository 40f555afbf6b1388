#include "ui/frame/navigation_rail.h"

#include <QDir>
#include <QVBoxLayout>

#include "ui/pages/describe.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {

NavigationRail::NavigationRail(RunModel& run, Actions& actions, QWidget* parent) : QFrame(parent), run_(run) {
  setObjectName(QStringLiteral("navigationRail"));
  setFrameShape(QFrame::NoFrame);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceSmall, kSpaceMedium, kSpaceSmall, kSpaceSmall);
  layout->setSpacing(kSpaceTiny);
  const int width = character_width(fontMetrics()) * 16;
  name_ = new QLabel(this);
  name_->setObjectName(QStringLiteral("railRunName"));
  name_->setTextFormat(Qt::PlainText);
  name_->setWordWrap(true);
  name_->setMaximumWidth(width);
  state_ = make_note({}, this);
  state_->setObjectName(QStringLiteral("railRunState"));
  state_->setMaximumWidth(width);
  layout->addWidget(name_);
  layout->addWidget(state_);
  layout->addSpacing(kSpaceMedium);
  for (QAction* page : actions.pages->actions()) {
    QToolButton* button = make_button(page, Qt::ToolButtonTextUnderIcon, this);
    button->setAutoRaise(true);
    button->setIconSize(QSize(kSpaceHuge, kSpaceHuge));
    button->setFixedWidth(width);
    button->setVisible(page->isVisible());
    connect(page, &QAction::visibleChanged, button, [button, page] { button->setVisible(page->isVisible()); });
    layout->addWidget(button);
  }
  layout->addStretch();
  connect(&run_, &RunModel::activityChanged, this, &NavigationRail::refresh);
  connect(&run_, &RunModel::wasReset, this, &NavigationRail::refresh);
  refresh();
}

void NavigationRail::refresh() {
  const bool has_run = run_.has_run();
  name_->setVisible(has_run);
  // A zero-width space after each dash lets a long name break there.
  name_->setText(run_.name().replace(QLatin1Char('-'), QStringLiteral("-\u200b")));
  name_->setToolTip(QDir::toNativeSeparators(run_.run_dir()));
  state_->setText(to_words(run_.activity()));
}

}  // namespace vernier::ui
