// Text that flows as one reads it, every token of it coloured by a magnitude.
#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "ui/widgets/token_flow.h"

namespace vernier::ui {

struct RibbonToken {
  QString text;   // the characters that it completes; "" while one is unfinished
  QString piece;  // as the vocabulary spells it: shown where it is special
  bool is_special = false;
  bool is_marked = false;                                   // underlined: chosen by the user
  double value = std::numeric_limits<double>::quiet_NaN();  // not known yet: no colour
};

// Ctrl+C copies the text. GUI thread only.
class TextRibbon : public TokenFlow {
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
  // Without a signal; none where there is no such token.
  void setSelected(int index) { setSelectedIndex(index < tokenCount() ? index : -1); }

  QString text() const;
  QColor tokenColor(int index) const;
  QStringList readout(int index) const override { return readout_ ? readout_(index) : QStringList(); }

 protected:
  void paintToken(QPainter& painter, int index, const QRectF& rect, const QString& text) override;
  double widthOf(int index, const QString& text, const QFontMetricsF& metrics) const override;
  double gap() const override { return 0.0; }
  QString description() const override { return text(); }
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void showWords(const QString& explanation);

  std::vector<RibbonToken> tokens_;
  std::function<QStringList(int)> readout_;
  double scale_ = 1.0;
  bool growing_ = false;
};

}  // namespace vernier::ui
