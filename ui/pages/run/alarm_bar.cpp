#include "ui/pages/run/alarm_bar.h"

#include <algorithm>

#include "ui/pages/tab_order.h"
#include "ui/style/theme.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

AlarmBar::AlarmBar(RunAlarms& alarms, QWidget* parent) : QWidget(parent), alarms_(alarms) {
  setObjectName(QStringLiteral("alarmBar"));
  column_ = new QVBoxLayout(this);
  column_->setContentsMargins(0, 0, 0, 0);
  column_->setSpacing(kSpaceTiny);
  connect(&alarms_, &RunAlarms::changed, this, &AlarmBar::refresh);
  refresh();
}

void AlarmBar::refresh() {
  // One that is pressed, or comes anew with other figures, does not take the keyboard along.
  QString held;
  for (const QWidget* stop : tab_stops(this)) {
    if (stop->hasFocus()) held = stop->parentWidget()->objectName();
  }
  QWidgetList stops;
  while (QLayoutItem* item = column_->takeAt(0)) {
    item->widget()->hide();
    item->widget()->deleteLater();  // it may be the one whose button was pressed
    delete item;
  }
  for (const Alarm& alarm : alarms_.alarms()) {
    auto* bar = new MessageBar(this);
    bar->setObjectName(QStringLiteral("alarm_") + QString::fromStdString(to_string(alarm.kind)));
    const bool is_error = alarm.kind == AlarmKind::kNonFinite;
    bar->showMessage(is_error ? MessageLevel::kError : MessageLevel::kWarning,
                     tr("%1. %2").arg(name_of(alarm.kind), to_words(alarm)), action_of(alarm.kind));
    connect(bar, &MessageBar::actionTriggered, this, [this, alarm] { Q_EMIT evidenceWanted(alarm); });
    connect(bar, &MessageBar::dismissed, this, [this, alarm] { alarms_.dismiss(alarm.kind); });
    column_->addWidget(bar);
    stops << tab_stops(bar);
  }
  order_tabs(this, stops);
  setVisible(column_->count() > 0);
  stops.removeIf([](const QWidget* stop) { return stop->isHidden(); });
  if (held.isEmpty() || stops.isEmpty()) return;
  const auto same =
      std::ranges::find_if(stops, [&](const QWidget* stop) { return stop->parentWidget()->objectName() == held; });
  (same != stops.end() ? *same : stops.front())->setFocus(Qt::OtherFocusReason);
}

}  // namespace vernier::ui
