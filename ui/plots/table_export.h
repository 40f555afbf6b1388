// What every picture has a twin of: its numbers, as a table to look at and as a file.
#pragma once

#include <QMenu>
#include <QString>
#include <QWidget>
#include <functional>

#include "ui/plots/data_table_dialog.h"

namespace vernier::ui {

class MessageBar;

// Writes aside and puts the whole in place. A small table is written when this returns; of a large one `messages` tells
// how far it is, and offers to cancel it. They tell as well where it cannot be written. `owner` and `messages` must
// last as long as what the cells look at.
void save_csv(const QString& path, TableData data, QObject& owner, MessageBar& messages);

// "Show as table" and "Save as CSV...". The table is made when it is asked for.
void add_table_actions(QMenu& menu, QWidget& owner, const QString& title, const QString& name,
                       const std::function<TableData()>& table, MessageBar& messages);

}  // namespace vernier::ui
