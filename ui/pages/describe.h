// Names and explains a control: every interactive one has all three.
#pragma once

#include <QLabel>
#include <QList>
#include <QString>
#include <QStringList>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWidget>

namespace vernier::ui {

// object_name: for tests and styles. accessible_name: what a screen reader says. tool_tip: teaches in a sentence or
// two.
void describe(QWidget* widget, const char* object_name, const QString& accessible_name, const QString& tool_tip);

// A caption as it is read: "&Open" without its mark, and "打开(&O)", as Chinese has it, without the letter.
QString without_mnemonic(QString text);

// Adds a note that wraps in a row of its own: in a wider one its height would be that of too few lines.
void add_note(QVBoxLayout* column, QLabel* note);

// Rows that are read and chosen whole, and not edited: no grid, no cell that Tab stops at, no numbers beside them.
void show_as_rows(QTableView* table);

// A heading stands where what is below it does: at the right above the columns of figures, else at the left.
void set_headings(QTableWidget* table, const QStringList& headings, const QList<int>& figures);

// Every row as high as its wrapped text needs, also after a column has become narrower, such as by a scroll bar.
void fit_rows_to_text(QTableView* table);

// A button whose focus can be seen in every theme, also while it is pressed or flat.
class FocusButton : public QToolButton {
  Q_OBJECT

 public:
  using QToolButton::QToolButton;

 protected:
  void paintEvent(QPaintEvent* event) override;
};

// A button of the action, named after it.
QToolButton* make_button(QAction* action, Qt::ToolButtonStyle style, QWidget* parent);

}  // namespace vernier::ui
