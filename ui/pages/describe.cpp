#include "ui/pages/describe.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QRegularExpression>
#include <QTimer>

namespace vernier::ui {

void describe(QWidget* widget, const char* object_name, const QString& accessible_name, const QString& tool_tip) {
  widget->setObjectName(QLatin1String(object_name));
  widget->setAccessibleName(accessible_name);
  widget->setToolTip(tool_tip);
}

QString without_mnemonic(QString text) {
  static const QRegularExpression kLetter(QStringLiteral(" ?\\(&\\w\\)"));
  return text.remove(kLetter).remove(QLatin1Char('&'));
}

void add_note(QVBoxLayout* column, QLabel* note) {
  auto* row = new QHBoxLayout;
  row->addWidget(note, 100);
  row->addStretch(1);
  column->addLayout(row);
}

void show_as_rows(QTableView* table) {
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setShowGrid(false);
  table->setAlternatingRowColors(true);
  table->setTabKeyNavigation(false);
  table->verticalHeader()->hide();
}

void set_headings(QTableWidget* table, const QStringList& headings, const QList<int>& figures) {
  table->setHorizontalHeaderLabels(headings);
  for (int column = 0; column < headings.size(); ++column) {
    const Qt::Alignment side = figures.contains(column) ? Qt::AlignRight : Qt::AlignLeft;
    table->horizontalHeaderItem(column)->setTextAlignment(side | Qt::AlignVCenter);
  }
}

void fit_rows_to_text(QTableView* table) {
  table->setWordWrap(true);
  QHeaderView* rows = table->verticalHeader();
  rows->setSectionResizeMode(QHeaderView::ResizeToContents);
  // Once for all columns that get another width together.
  auto* settle = new QTimer(table);
  settle->setSingleShot(true);
  settle->setInterval(0);
  QObject::connect(table->horizontalHeader(), &QHeaderView::sectionResized, settle, qOverload<>(&QTimer::start));
  QObject::connect(settle, &QTimer::timeout, rows, [rows] { rows->resizeSections(QHeaderView::ResizeToContents); });
}

void FocusButton::paintEvent(QPaintEvent* event) {
  QToolButton::paintEvent(event);
  if (!hasFocus()) return;
  constexpr qreal kRing = 2.0;
  constexpr qreal kRound = 3.0;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(palette().color(QPalette::Highlight), kRing));
  painter.drawRoundedRect(QRectF(rect()).adjusted(kRing / 2, kRing / 2, -kRing / 2, -kRing / 2), kRound, kRound);
}

QToolButton* make_button(QAction* action, Qt::ToolButtonStyle style, QWidget* parent) {
  auto* button = new FocusButton(parent);
  button->setDefaultAction(action);
  button->setToolButtonStyle(style);
  button->setFocusPolicy(Qt::StrongFocus);
  button->setObjectName(action->objectName() + QLatin1String("Button"));
  button->setAccessibleName(action->iconText());
  return button;
}

}  // namespace vernier::ui
