// What every picture has a twin of: its numbers, as a table to look at and as a file.
#pragma once

#include <QMenu>
#include <QString>
#include <QWidget>
#include <functional>

#include "ui/plots/data_table_dialog.h"

namespace vernier::ui {

class MessageBar;

// Header and rows as RFC 4180 has them: commas, quotes where a field needs them, '.' as decimal point.
QString to_csv(const TableData& data);
// False where the file cannot be written, which `messages` then tells.
bool save_csv(const QString& path, const TableData& data, MessageBar& messages);

// "Show as table" and "Save as CSV...". The table is made when it is asked for.
void add_table_actions(QMenu& menu, QWidget& owner, const QString& title, const QString& name,
                       const std::function<TableData()>& table, MessageBar& messages);

}  // namespace vernier::ui
