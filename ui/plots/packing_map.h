// Packed rows as they went through the model: where each sequence begins, what is masked, what each target weighs.
#pragma once

#include <QAbstractScrollArea>
#include <QColor>
#include <QString>
#include <functional>
#include <vector>

namespace vernier::ui {

// A stretch of equal tokens of a sequence.
struct PackedStretch {
  qint64 begin = 0;  // in the sequence
  qint64 end = 0;
  double height = 0.0;  // 0 to 1: how much of the row's height is filled
  QColor color;         // invalid: masked, hatched
};

struct PackedPiece {
  qint64 begin = 0;  // in the row
  qint64 length = 0;
  QString name;  // written where it fits
  std::vector<PackedStretch> stretches;
};

struct PackedStrip {
  QString name;  // to the left
  QString note;  // to the right, such as how full it is
  qint64 length = 0;
  std::vector<PackedPiece> pieces;
};

// A click or the arrow keys choose a piece: left and right go through all, up and down through the rows. Ctrl and
// wheel,
// + and - zoom; a double click shows whole rows. GUI thread only.
class PackingMap : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit PackingMap(QWidget* parent = nullptr);

  // capacity: tokens of a full row. unused: what is written into the room that is left, "" for none.
  void setStrips(std::vector<PackedStrip> strips, qint64 capacity, const QString& unused);
  // Empty, with a sentence about what will stand here.
  void clear(const QString& explanation);
  // Without a signal; -1: none. position: token of the piece, -1 for none.
  void setSelected(int strip, int piece, qint64 position);
  // Told of under the mouse.
  void setReadout(std::function<QStringList(int strip, int piece, qint64 position)> readout);
  // The whole picture, with the sizes of now.
  void paintTo(QPaintDevice& device, const QSize& size);

  int selectedStrip() const { return strip_; }
  int selectedPiece() const { return piece_; }
  // In the viewport's coordinates.
  QRectF pieceRect(int strip, int piece) const;
  QRectF stripRect(int strip) const;
  double zoom() const { return zoom_; }

 Q_SIGNALS:
  void pieceSelected(int strip, int piece, qint64 position);

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Hit {
    int strip = -1;
    int piece = -1;
    qint64 position = -1;
    bool operator==(const Hit&) const = default;
  };

  Hit hitAt(const QPointF& point) const;
  double tokenX(qint64 token) const;
  double rulerHeight() const;
  void measure();
  void refreshBars();
  void zoomBy(double factor, double x);
  void select(int strip, int piece, qint64 position);
  void scrollToSelected();
  void describe();
  void paint(QPainter& painter, const QRectF& area) const;
  void paintStrip(QPainter& painter, int strip) const;
  void paintPiece(QPainter& painter, int strip, int piece) const;
  // position_ids of the strip: they begin anew with every piece.
  void paintRuler(QPainter& painter, int strip) const;

  std::vector<PackedStrip> strips_;
  qint64 capacity_ = 1;
  QString unused_;
  QString explanation_;
  std::function<QStringList(int, int, qint64)> readout_;
  double zoom_ = 1.0;
  double names_ = 0.0;  // width to the left
  double notes_ = 0.0;  // width to the right
  int strip_ = -1;
  int piece_ = -1;
  qint64 position_ = -1;
  Hit hovered_;
};

}  // namespace vernier::ui
