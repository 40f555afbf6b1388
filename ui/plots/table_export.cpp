#include "ui/plots/table_export.h"

#include <QFileDialog>
#include <QSaveFile>
#include <QTextStream>

#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

QString quoted(const QString& field) {
  if (!field.contains(',') && !field.contains('"') && !field.contains('\n') && !field.contains('\r')) return field;
  return '"' + QString(field).replace('"', QStringLiteral("\"\"")) + '"';
}

void write_csv(QTextStream& out, const TableData& data) {
  for (int row = -1; row < data.rows; ++row) {
    for (int column = 0; column < data.headers.size(); ++column) {
      if (column > 0) out << ',';
      out << quoted(row < 0 ? data.headers[column] : data.cell(row, column));
    }
    out << "\r\n";
  }
}

}  // namespace

QString to_csv(const TableData& data) {
  QString text;
  QTextStream out(&text);
  write_csv(out, data);
  return text;
}

bool save_csv(const QString& path, const TableData& data, MessageBar& messages) {
  QSaveFile file(path);
  bool saved = file.open(QIODevice::WriteOnly);
  if (saved) {
    QTextStream out(&file);
    write_csv(out, data);
    out.flush();
    saved = out.status() == QTextStream::Ok && file.commit();
  }
  if (saved) {
    messages.hide();
  } else {
    messages.showMessage(MessageLevel::kError,
                         QObject::tr("%1 cannot be written. Is the folder there, and is it yours?").arg(path));
  }
  return saved;
}

void add_table_actions(QMenu& menu, QWidget& owner, const QString& title, const QString& name,
                       const std::function<TableData()>& table, MessageBar& messages) {
  menu.addAction(QObject::tr("Show as &table"), &owner, [&owner, title, table] {
    auto* dialog = new DataTableDialog(title, table(), &owner);
    dialog->show();
  });
  menu.addAction(QObject::tr("Save as CS&V…"), &owner, [&owner, name, table, &messages] {
    const QString path = QFileDialog::getSaveFileName(&owner, QObject::tr("Save as CSV"), name + ".csv",
                                                      QObject::tr("Comma-separated values (*.csv)"));
    if (!path.isEmpty()) save_csv(path, table(), messages);
  });
}

}  // namespace vernier::ui
