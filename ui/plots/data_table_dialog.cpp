#include "ui/plots/data_table_dialog.h"

#include <QAbstractTableModel>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>
#include <utility>

namespace vernier::ui {
namespace {

class Model : public QAbstractTableModel {
 public:
  Model(TableData data, QObject* parent) : QAbstractTableModel(parent), data_(std::move(data)) {}

  int rowCount(const QModelIndex& parent) const override { return parent.isValid() ? 0 : data_.rows; }
  int columnCount(const QModelIndex& parent) const override {
    return parent.isValid() ? 0 : static_cast<int>(data_.headers.size());
  }
  QVariant data(const QModelIndex& index, int role) const override {
    if (role == Qt::DisplayRole) return data_.cell(index.row(), index.column());
    if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    return {};
  }
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
    if (orientation == Qt::Horizontal && role == Qt::DisplayRole) return data_.headers[section];
    return {};
  }

 private:
  TableData data_;
};

}  // namespace

QString to_tsv(const TableData& data) {
  QString text = data.headers.join('\t') + '\n';
  for (int row = 0; row < data.rows; ++row) {
    for (int column = 0; column < data.headers.size(); ++column) {
      if (column > 0) text += '\t';
      text += data.cell(row, column);
    }
    text += '\n';
  }
  return text;
}

DataTableDialog::DataTableDialog(const QString& title, TableData content, QWidget* parent) : QDialog(parent) {
  setObjectName("dataTableDialog");
  setWindowTitle(title);
  setAttribute(Qt::WA_DeleteOnClose);
  auto* table = new QTableView(this);
  table->setObjectName("dataTable");
  table->setAccessibleName(title);
  table->setToolTip(tr("The numbers behind the plot, unrounded where they are drawn."));
  table->setModel(new Model(content, table));
  table->verticalHeader()->hide();
  table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  table->setShowGrid(false);
  table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  // No figure is cut.
  table->horizontalHeader()->setMinimumSectionSize(
      fontMetrics().horizontalAdvance(QStringLiteral("-0.000000000e-00 ")));
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  QPushButton* copy = buttons->addButton(tr("&Copy all"), QDialogButtonBox::ActionRole);
  copy->setObjectName("copyTable");
  copy->setToolTip(tr("All rows, separated by tabs, ready for a spreadsheet."));
  connect(copy, &QPushButton::clicked, this,
          [content = std::move(content)] { QGuiApplication::clipboard()->setText(to_tsv(content)); });
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(table);
  layout->addWidget(buttons);
  resize(960, 480);
}

}  // namespace vernier::ui
