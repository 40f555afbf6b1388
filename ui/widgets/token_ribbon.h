// A sequence as a ribbon of its real tokens, coloured by what they cost the model.
#pragma once

#include "ui/style/paint.h"
#include "ui/widgets/token_flow.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// GUI thread only.
class TokenRibbon : public TokenFlow {
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
  QColor tokenColor(int index) const;
  QStringList readout(int index) const override;

 signals:
  void tokenSelected(int position);

 protected:
  void paintToken(QPainter& painter, int index, const QRectF& rect, const QString& text) override;

 private:
  class Legend;

  void chooseScale();
  double valueOf(const TokenRecord& token) const;

  StepTokens tokens_;
  PieceLookup pieces_;
  ColorBy by_ = ColorBy::kLoss;
  double scale_ = 1.0;
  double wanted_scale_ = 0.0;
  Legend* legend_ = nullptr;
};

}  // namespace vernier::ui
