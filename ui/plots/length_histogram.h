// How long rows are, in tokens, and the line behind which max_length cuts them.
#pragma once

#include <QWidget>
#include <cstdint>
#include <optional>
#include <vector>

#include "ui/plots/data_table_dialog.h"
#include "ui/plots/picture_export.h"

namespace vernier::ui {

// The line is dragged, or moved by keys: left and right by one token (with Shift by 16), Page up and down to the double
// and the half, Home and End to the shortest and longest row. L: logarithmic lengths. GUI thread only.
class LengthHistogram : public QWidget {
  Q_OBJECT

 public:
  explicit LengthHistogram(QWidget* parent = nullptr);

  // [n]: rows of n tokens.
  void setCounts(std::vector<std::int64_t> rows_by_length);
  void setLine(int tokens);
  int line() const { return line_; }
  // Rows longer than the line are cut there. Otherwise it says how rows are made, and cuts none.
  void setCutsRows(bool cuts);
  void setLogarithmic(bool on);
  bool isLogarithmic() const { return logarithmic_; }
  // Empty, with a sentence about what will stand here.
  void clear(const QString& explanation);

  // Where a length lies, and the length at a place.
  double xOf(double tokens) const;
  int tokensAt(double x) const;
  // Bars that are drawn: first and last length of each, and its rows.
  struct Bin {
    int first = 0;
    int last = 0;
    std::int64_t rows = 0;
  };
  const std::vector<Bin>& bins() const { return bins_; }
  bool savePicture(const QString& path);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  // By the user.
  void lineMoved(int tokens);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  QRectF plotRect() const;
  void makeBins();
  void paint(QPainter& painter);
  PaintPicture painted();
  void paintAxes(QPainter& painter, const QRectF& plot);
  void paintLine(QPainter& painter, const QRectF& plot);
  void moveLine(int tokens);
  int binAt(double x) const;
  QString binText(const Bin& bin) const;
  TableData table() const;
  void describe();

  MessageBar* messages_ = nullptr;
  std::vector<std::int64_t> counts_;
  int shortest_ = 0;
  int longest_ = 0;
  int line_ = 0;
  bool cuts_ = true;
  bool logarithmic_ = false;
  QString explanation_;
  int end_ = 1;  // the length at the right edge
  std::vector<Bin> bins_;
  std::int64_t most_ = 1;  // rows of a bin
  bool dragging_ = false;
  std::optional<QPointF> hovered_;
};

}  // namespace vernier::ui
