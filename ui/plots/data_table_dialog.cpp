#include "ui/plots/data_table_dialog.h"

#include <QAbstractTableModel>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>
#include <memory>
#include <utility>

#include "ui/plots/table_writer.h"
#include "ui/widgets/work_line.h"

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
  auto* work = new WorkLine(this);
  connect(copy, &QPushButton::clicked, this, [this, copy, work, content = std::move(content)] {
    const auto text = std::make_shared<QString>();
    auto* writer = new TableWriter(
        content, TableFormat::kTsv,
        [text](const QString& rows) {
          *text += rows;
          return true;
        },
        this);
    const auto finish = [copy, work, writer] {
      work->hide();
      copy->setEnabled(true);
      writer->deleteLater();
    };
    connect(writer, &TableWriter::progressed, work, [copy, work](double fraction) {
      work->showWork(tr("Copying all rows"), fraction);
      copy->setEnabled(false);
    });
    connect(writer, &TableWriter::ended, this, [text, finish] {
      QGuiApplication::clipboard()->setText(*text);
      finish();
    });
    connect(work, &WorkLine::stopped, writer, [writer, finish] {
      writer->cancel();
      finish();
    });
    writer->start();
  });
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(table);
  layout->addWidget(work);
  layout->addWidget(buttons);
  resize(960, 480);
}

}  // namespace vernier::ui
