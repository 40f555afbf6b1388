#include "ui/widgets/work_line.h"

#include <QHBoxLayout>

#include "ui/style/icons.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kSteps = 1000;  // of the bar
constexpr int kBarWidth = 180;

}  // namespace

WorkLine::WorkLine(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("workLine"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kSpaceSmall);
  activity_ = new QLabel(this);
  activity_->setObjectName(QStringLiteral("workActivity"));
  row->addWidget(activity_);
  bar_ = new QProgressBar(this);
  bar_->setObjectName(QStringLiteral("workProgress"));
  bar_->setAccessibleName(tr("Progress"));
  bar_->setToolTip(tr("How far the work in the background is. The window goes on meanwhile."));
  bar_->setMaximumWidth(kBarWidth);
  bar_->setTextVisible(false);
  row->addWidget(bar_);
  stop_ = new QToolButton(this);
  stop_->setObjectName(QStringLiteral("workStop"));
  stop_->setText(tr("Stop"));
  stop_->setIcon(make_icon(Icon::kClose));
  stop_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  stop_->setAccessibleName(tr("Stop this work"));
  stop_->setToolTip(tr("Ends this work now. What was shown before stays, and it can be asked for again."));
  connect(stop_, &QToolButton::clicked, this, &WorkLine::stopped);
  row->addWidget(stop_);
  row->addStretch();
  hide();
}

void WorkLine::showWork(const QString& activity, double fraction) {
  activity_->setText(activity);
  setFraction(fraction);
  show();
}

void WorkLine::setFraction(double fraction) {
  bar_->setRange(0, fraction < 0.0 ? 0 : kSteps);
  bar_->setValue(static_cast<int>(fraction * kSteps));
}

}  // namespace vernier::ui
