#include "ui/frame/shortcuts_dialog.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "ui/pages/describe.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {

ShortcutsDialog::ShortcutsDialog(const QList<QAction*>& actions, QWidget* parent) : QDialog(parent) {
  setAttribute(Qt::WA_DeleteOnClose);
  setObjectName(QStringLiteral("shortcutsDialog"));
  setWindowTitle(tr("Keyboard shortcuts"));
  QList<QPair<QString, QString>> rows;
  for (const QAction* action : actions) {
    if (action->shortcut().isEmpty() || !action->isVisible()) continue;
    rows.append({without_mnemonic(action->text()), action->shortcut().toString(QKeySequence::NativeText)});
  }
  rows.append({tr("Plots and maps: move the selection"), tr("arrow keys, Home, End")});
  rows.append({tr("Loss plot: by a tenth of what is seen"), tr("Ctrl + arrow keys")});
  rows.append({tr("Plots and maps: zoom, whole range"), tr("+, \u2212, 0")});
  rows.append({tr("Plots and maps: picture, table and CSV"), tr("Menu key, Shift+F10")});
  rows.append({tr("Loss plot: logarithmic, smoothed"), tr("L, S")});
  rows.append({tr("Maps of tokens: a page on, everything in sight"), tr("Page up, Page down, F")});
  rows.append({tr("Captured logits: the step before, the next"), tr("comma, full stop")});
  rows.append({tr("Sequences of a step: pin the row"), tr("P")});
  rows.append({tr("Lengths of rows: max_length by 1, by 16"), tr("arrow keys, Shift + arrow keys")});
  rows.append({tr("Lengths of rows: max_length to the double, to the half"), tr("Page up, Page down")});
  rows.append({tr("Numbers of the set-up: the next usual value"), tr("arrow keys")});
  rows.append({tr("Questions of several lines: ask"), tr("Ctrl+Return")});
  auto* table = new QTableWidget(static_cast<int>(rows.size()), 2, this);
  describe(table, "shortcutsTable", tr("Keyboard shortcuts"), tr("What each key does."));
  set_headings(table, {tr("Does"), tr("Keys")}, {});
  for (int row = 0; row < rows.size(); ++row) {
    table->setItem(row, 0, new QTableWidgetItem(rows[row].first));
    table->setItem(row, 1, new QTableWidgetItem(rows[row].second));
  }
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setShowGrid(false);
  table->setTabKeyNavigation(false);
  table->verticalHeader()->hide();
  table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  describe(buttons->button(QDialogButtonBox::Close), "shortcutsClose", tr("Close"), tr("Closes this list (Escape)."));
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(table);
  layout->addWidget(buttons);
  resize(character_width(fontMetrics()) * 75, fontMetrics().height() * 28);
}

}  // namespace vernier::ui
