// A data set as one bar a row: what of it is learnt, what is masked, what max_length cuts away.
#pragma once

#include <QAbstractScrollArea>
#include <cstdint>
#include <functional>
#include <span>

#include "ui/plots/data_table_dialog.h"
#include "ui/plots/picture_export.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {

// One row as it is drawn. `ends`: where stretches without and with a label end, in turn, beginning without.
struct LabelBar {
  std::int64_t row = 0;  // its number, in the table
  QString name;          // the same as it is drawn
  std::int32_t tokens = 0;
  std::span<const std::int32_t> ends;
  StateShape shape = StateShape::kHollow;  // kHollow: nothing to say
};

// Asks for the bars that are in sight alone, so that a million rows scroll as ten do. Click, arrow keys, Page up and
// down, Home and End choose a row. GUI thread only.
class LabelBars : public QAbstractScrollArea {
  Q_OBJECT

 public:
  using BarSource = std::function<LabelBar(int index)>;
  using Readout = std::function<QStringList(int index)>;

  explicit LabelBars(QWidget* parent = nullptr);

  // Both are asked for any index below `count` until the next call.
  void setRows(int count, BarSource bar, Readout readout);
  // The bars' insides changed, not their number.
  void refresh();
  // Tokens that the width stands for, and where rows are cut (0: nowhere).
  void setScale(int tokens, int cut_at);
  // Nothing where there are rows.
  void setExplanation(const QString& explanation);

  int count() const { return count_; }
  // Without a signal; scrolled into sight where wanted. -1: none.
  void setCurrent(int index, bool scroll = true);
  int current() const { return current_; }
  // In the viewport's coordinates; the part that stands for tokens.
  QRectF barRect(int index) const;
  double xOf(double tokens) const;
  int firstVisible() const;
  QSize sizeHint() const override;

 Q_SIGNALS:
  // By the user.
  void currentChanged(int index);
  // What was asked of the rows before is over.
  void rowsReplaced();

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void layOut();
  void paint(QPainter& painter);
  TableData table() const;
  void paintHeader(QPainter& painter);
  void paintRow(QPainter& painter, int index);
  void paintStretches(QPainter& painter, const QRectF& bar, const LabelBar& row);
  void choose(int index);
  int indexAt(double y) const;
  int visibleRows() const;
  void describe();

  MessageBar* messages_;
  int count_ = 0;
  BarSource bar_;
  Readout readout_;
  QString explanation_;
  int scale_ = 1;
  int cut_at_ = 0;
  int current_ = -1;
  int hovered_ = -1;
  int pitch_ = 16;
  int header_height_ = 20;
  int left_ = 60;   // of the bars
  int right_ = 60;  // of what follows them
  int wheel_rest_ = 0;
};

}  // namespace vernier::ui
