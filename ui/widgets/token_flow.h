// A text as a flow of its real tokens: laid out, scrolled, read out, and selected by mouse and keys.
#pragma once

#include <QAbstractScrollArea>
#include <QFontMetricsF>
#include <utility>
#include <vector>

namespace vernier::ui {

// What a token looks like and tells is the subclass's. Click or arrow keys select; Home, End, Page up and down move
// further. GUI thread only.
class TokenFlow : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit TokenFlow(QWidget* parent = nullptr);

  int tokenCount() const { return static_cast<int>(words_.size()); }
  // -1 for none.
  int selectedIndex() const { return selected_; }
  // Of the index-th token, in the viewport's coordinates.
  QRectF tokenRect(int index) const;
  virtual QStringList readout(int index) const = 0;

 Q_SIGNALS:
  // By the user.
  void indexSelected(int index);

 protected:
  struct Word {
    QString text;
    bool ends_line = false;
    bool joins_before = false;  // stands on one line with the word before it, where a line can hold them
  };

  // explanation: a sentence about what will stand here, shown in place of words; "" shows the words. keeps_place: they
  // are the same tokens as before, scrolled and selected as they are.
  void setWords(std::vector<Word> words, const QString& explanation, bool keeps_place);
  // Without a signal; scrolled into sight.
  void setSelectedIndex(int index);
  // A strip above the words, hidden while there are none.
  void setHeader(QWidget* header);
  virtual void paintToken(QPainter& painter, int index, const QRectF& rect, const QString& text) = 0;
  // Of the index-th word, in the widget's font.
  virtual double widthOf(int index, const QString& text, const QFontMetricsF& metrics) const;
  // Between words of a line.
  virtual double gap() const;
  // For a screen reader, while nothing is selected.
  virtual QString description() const;

  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;
  void layOut();

 private:
  int indexAt(const QPointF& content) const;
  std::pair<int, int> linesWithin(double top, double bottom) const;
  void paintFocus(QPainter& painter);
  void select(int index);
  int lineEnd(int line) const;
  int indexOnLine(int line, double x) const;
  int lineOf(int index) const;
  void describeSelection();

  std::vector<Word> words_;
  QString explanation_;
  std::vector<QRectF> rects_;     // in the content's coordinates
  std::vector<int> line_starts_;  // index of each line's first token
  double line_height_ = 0.0;
  int selected_ = -1;
  int hovered_ = -1;
  QWidget* header_ = nullptr;
};

}  // namespace vernier::ui
