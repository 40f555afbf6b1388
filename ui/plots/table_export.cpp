#include "ui/plots/table_export.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QSaveFile>
#include <memory>
#include <utility>

#include "ui/plots/table_writer.h"
#include "ui/style/paint.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

void tell_failure(const QString& path, MessageBar& messages) {
  messages.showMessage(MessageLevel::kError,
                       QObject::tr("%1 cannot be written. Is the folder there, and is it yours?").arg(path));
}

}  // namespace

void save_csv(const QString& path, TableData data, QObject& owner, MessageBar& messages) {
  const auto file = std::make_shared<QSaveFile>(path);  // what was there stays until all of it is written
  if (!file->open(QIODevice::WriteOnly)) return tell_failure(path, messages);
  auto* writer = new TableWriter(
      std::move(data), TableFormat::kCsv,
      [file](const QString& text) {
        const QByteArray bytes = text.toUtf8();
        return file->write(bytes) == bytes.size();
      },
      &owner);
  QObject::connect(writer, &TableWriter::progressed, &messages, [&messages, path](double fraction) {
    messages.showMessage(MessageLevel::kInfo,
                         QObject::tr("Writing %1: %2").arg(QFileInfo(path).fileName(), percent(fraction, 0)),
                         QObject::tr("Cancel"));
  });
  QObject::connect(&messages, &MessageBar::actionTriggered, writer, [&messages, writer] {
    writer->cancel();
    writer->deleteLater();  // and with it what was written aside
    messages.hide();
  });
  QObject::connect(writer, &TableWriter::ended, &messages,
                   [&messages, writer, path, kept = file](bool is_whole) mutable {
                     if (is_whole && kept->commit()) {
                       messages.hide();
                     } else {
                       tell_failure(path, messages);
                     }
                     kept.reset();
                     writer->deleteLater();
                   });
  writer->start();
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
    if (!path.isEmpty()) save_csv(path, table(), owner, messages);
  });
}

}  // namespace vernier::ui
