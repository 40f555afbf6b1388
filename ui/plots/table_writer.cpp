#include "ui/plots/table_writer.h"

#include <utility>

namespace vernier::ui {
namespace {

constexpr qint64 kSlice = 8;        // milliseconds, of a frame
constexpr qint64 kTellEvery = 100;  // milliseconds
constexpr int kRowsALook = 1 << 5;  // at the clock

QString quoted(const QString& field) {
  if (!field.contains(',') && !field.contains('"') && !field.contains('\n') && !field.contains('\r')) return field;
  return '"' + QString(field).replace('"', QStringLiteral("\"\"")) + '"';
}

// Row -1: the header.
void add_line(QString& text, const TableData& data, int row, TableFormat format) {
  const bool is_csv = format == TableFormat::kCsv;
  for (int column = 0; column < data.headers.size(); ++column) {
    if (column > 0) text += QLatin1Char(is_csv ? ',' : '\t');
    const QString field = row < 0 ? data.headers[column] : data.cell(row, column);
    text += is_csv ? quoted(field) : field;
  }
  text += QLatin1String(is_csv ? "\r\n" : "\n");
}

}  // namespace

QString to_text(const TableData& data, TableFormat format) {
  QString text;
  for (int row = -1; row < data.rows; ++row) add_line(text, data, row, format);
  return text;
}

TableWriter::TableWriter(TableData data, TableFormat format, Take take, QObject* parent)
    : QObject(parent), data_(std::move(data)), format_(format), take_(std::move(take)) {
  timer_.setSingleShot(true);
  timer_.setInterval(0);
  connect(&timer_, &QTimer::timeout, this, &TableWriter::write_slice);
}

void TableWriter::start() {
  write_slice();
}

void TableWriter::cancel() {
  timer_.stop();
  take_ = nullptr;
}

void TableWriter::write_slice() {
  if (!take_) return;
  QElapsedTimer clock;
  clock.start();
  QString text;
  while (row_ < data_.rows) {
    add_line(text, data_, row_++, format_);
    if (row_ % kRowsALook == 0 && clock.elapsed() >= kSlice) break;
  }
  if (!take_(text)) return end(false);
  if (row_ >= data_.rows) return end(true);
  timer_.start();
  if (told_.isValid() && told_.elapsed() < kTellEvery) return;
  told_.start();
  Q_EMIT progressed(static_cast<double>(row_) / data_.rows);
}

void TableWriter::end(bool is_whole) {
  cancel();
  Q_EMIT ended(is_whole);
}

}  // namespace vernier::ui
