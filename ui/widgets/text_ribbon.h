// Text that flows as one reads it, every token of it coloured by a magnitude.
#pragma once

#include <QAbstractScrollArea>
#include <functional>
#include <limits>
#include <vector>

namespace vernier::ui {

struct RibbonToken {
  QString text;   // the characters that it completes; "" while one is unfinished
  QString piece;  // as the vocabulary spells it: shown where it is special
  bool is_special = false;
  bool is_marked = false;                                   // underlined: chosen by the user
  double value = std::numeric_limits<double>::quiet_NaN();  // not known yet: no colour
};

// Click or arrow keys select a token; Home, End, Page up and down move further; Ctrl+C copies the text. GUI thread
// only.
class TextRibbon : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit TextRibbon(QWidget* parent = nullptr);

  // The tokens from `first` on; those behind them are gone. Those before it stay. Follows the end while it is in sight.
  void setTokens(std::size_t first, const std::vector<RibbonToken>& tokens);
  // Empty, with a sentence about what will stand here.
  void clear(const QString& explanation);
  // More text is to come: a cursor stands at its end.
  void setGrowing(bool growing);
  // The value with the brightest colour.
  void setScaleMaximum(double maximum);
  // What is told of a token under the mouse.
  void setReadout(std::function<QStringList(int index)> readout) { readout_ = std::move(readout); }
  // Without a signal; -1: none.
  void setSelected(int index);

  int selected() const { return selected_; }
  int count() const { return static_cast<int>(tokens_.size()); }
  QString text() const;
  // In the viewport's coordinates.
  QRectF tokenRect(int index) const;
  QColor tokenColor(int index) const;

 Q_SIGNALS:
  void tokenSelected(int index);

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
    QString shown;
    double width = 0.0;
    bool breaks = false;  // the line ends behind it
  };

  void measure(std::size_t first);
  void layOut();
  void paintToken(QPainter& painter, int index) const;
  int indexAt(const QPointF& content) const;
  int indexNear(double x, double y) const;
  void select(int index);
  void describe();

  std::vector<RibbonToken> tokens_;
  std::vector<Cell> cells_;
  std::function<QStringList(int)> readout_;
  QString explanation_;
  double line_height_ = 1.0;
  double scale_ = 1.0;
  bool growing_ = false;
  int selected_ = -1;
  int hovered_ = -1;
};

}  // namespace vernier::ui
