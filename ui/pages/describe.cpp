#include "ui/pages/describe.h"

#include <QAction>

namespace vernier::ui {

void describe(QWidget* widget, const char* object_name, const QString& accessible_name, const QString& tool_tip) {
  widget->setObjectName(QLatin1String(object_name));
  widget->setAccessibleName(accessible_name);
  widget->setToolTip(tool_tip);
}

QToolButton* make_button(QAction* action, Qt::ToolButtonStyle style, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setDefaultAction(action);
  button->setToolButtonStyle(style);
  button->setFocusPolicy(Qt::StrongFocus);
  button->setObjectName(action->objectName() + QLatin1String("Button"));
  button->setAccessibleName(action->iconText());
  return button;
}

}  // namespace vernier::ui
