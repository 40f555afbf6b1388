// Names and explains a control: every interactive one has all three.
#pragma once

#include <QString>
#include <QToolButton>
#include <QWidget>

namespace vernier::ui {

// object_name: for tests and styles. accessible_name: what a screen reader says. tool_tip: teaches in a sentence or
// two.
void describe(QWidget* widget, const char* object_name, const QString& accessible_name, const QString& tool_tip);

// A button of the action, named after it.
QToolButton* make_button(QAction* action, Qt::ToolButtonStyle style, QWidget* parent);

}  // namespace vernier::ui
