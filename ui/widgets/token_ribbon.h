// A sequence as a ribbon of its real tokens, coloured by what they cost the model.
#pragma once

#include <QAbstractScrollArea>
#include <utility>
#include <vector>

#include "ui/style/paint.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// Click or arrow keys select; Home, End, Page up and down move further. GUI thread only.
class TokenRibbon : public QAbstractScrollArea {
  Q_OBJECT

 public:
  enum class ColorBy { kLoss, kEntropy };

  explicit TokenRibbon(QWidget* parent = nullptr);

  void setTokens(const StepTokens& tokens, PieceLookup pieces);
  // TokenRecord::position (-1: none), without a signal; scrolled into sight.
  void setSelectedPosition(int position);
  // Empty, with a sentence about what will stand here.
  void clear(const QString& explanation);
  void setColorBy(ColorBy by);
  ColorBy colorBy() const { return by_; }
  // The value in nats with the brightest colour; 0 takes it from the tokens shown.
  void setScaleMaximum(double nats);
  double scaleMaximum() const { return scale_; }

  int selectedPosition() const;
  // Of the index-th token, in the viewport's coordinates.
  QRectF tokenRect(int index) const;
  QColor tokenColor(int index) const;
  QStringList readout(int index) const;

 signals:
  void tokenSelected(int position);

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Cell {
    QRectF rect;  // in the content's coordinates
    QString text;
  };
  class Legend;

  void layOut();
  void chooseScale();
  double valueOf(const TokenRecord& token) const;
  int indexAt(const QPointF& content) const;
  std::pair<int, int> linesWithin(double top, double bottom) const;
  void paintFocus(QPainter& painter);
  void paintToken(QPainter& painter, int index, const QRectF& rect);
  void select(int index);
  int indexOnLine(int line, double x) const;
  int lineOf(int index) const;
  void describeSelection();

  StepTokens tokens_;
  PieceLookup pieces_;
  QString explanation_;
  ColorBy by_ = ColorBy::kLoss;
  std::vector<Cell> cells_;
  std::vector<int> line_starts_;  // index of each line's first token
  double line_height_ = 0.0;
  double scale_ = 1.0;
  double wanted_scale_ = 0.0;
  int selected_ = -1;
  int hovered_ = -1;
  Legend* legend_ = nullptr;
};

}  // namespace vernier::ui
