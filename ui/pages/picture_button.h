// What a picture offers, on a button that can be seen: copy, save, its table.
#pragma once

#include <QMenu>
#include <QToolButton>
#include <functional>

namespace vernier::ui {

// fill: adds the picture's actions to the menu whenever it opens.
QToolButton* make_picture_button(const char* object_name, const std::function<void(QMenu&)>& fill, QWidget* parent);

}  // namespace vernier::ui
