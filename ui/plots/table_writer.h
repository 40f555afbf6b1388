// A table as text, without holding up the window however many rows it has.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <functional>

#include "ui/plots/data_table_dialog.h"

namespace vernier::ui {

// kCsv: as RFC 4180 has it, commas, quotes where a field needs them; kTsv: for a spreadsheet's clipboard. Both with '.'
// as decimal point.
enum class TableFormat { kCsv, kTsv };

// Gives the header and the rows to `take`, as many at a time as a part of a frame allows. Not on another thread: cells
// may look at what the window shows. GUI thread.
class TableWriter : public QObject {
  Q_OBJECT

 public:
  // False where it cannot be taken.
  using Take = std::function<bool(const QString& text)>;
  TableWriter(TableData data, TableFormat format, Take take, QObject* parent);

  // The first slice at once: a small table is done when this returns.
  void start();
  // Nothing is told any more, and `take` is let go of.
  void cancel();

 Q_SIGNALS:
  // 0 to 1, a few times a second; not of a table that is done at once.
  void progressed(double fraction);
  // is_whole: everything was taken.
  void ended(bool is_whole);

 private:
  void write_slice();
  void end(bool is_whole);

  TableData data_;
  TableFormat format_;
  Take take_;
  int row_ = -1;  // the header
  QElapsedTimer told_;
  QTimer timer_;
};

// All of it at once.
QString to_text(const TableData& data, TableFormat format);

}  // namespace vernier::ui
