// A row of a data set as the tokenizer sees it: which tokens are learnt, which are masked, and why.
#pragma once

#include <array>
#include <vector>

#include "ui/widgets/token_flow.h"
#include "vernier/row_inspector.h"

namespace vernier::ui {

// GUI thread only.
class MaskRibbon : public TokenFlow {
  Q_OBJECT

 public:
  explicit MaskRibbon(QWidget* parent = nullptr);

  // The tokens that `row` has; what lies at cut_at and behind is shown as cut away (0: nothing is).
  void setRow(const InspectedRow& row, int cut_at);
  void setCutAt(int cut_at);
  // Empty, with a sentence about what will stand here.
  void clear(const QString& explanation);

  LabelReason reasonOf(int index) const { return reasons_[static_cast<std::size_t>(index)]; }
  bool isCut(int index) const { return cut_at_ > 0 && index >= cut_at_; }
  QStringList readout(int index) const override;
  // The reasons of the row and how many tokens have each.
  QString legendText() const;

 protected:
  void paintToken(QPainter& painter, int index, const QRectF& rect, const QString& text) override;

 private:
  class Legend;

  InspectedRow row_;
  std::vector<LabelReason> reasons_;
  std::array<int, kNumLabelReasons> counts_{};
  int cut_at_ = 0;
  Legend* legend_ = nullptr;
};

// How a token with this reason is filled: hatched where it is masked.
void paint_reason(QPainter& painter, const QRectF& rect, LabelReason reason, const QPalette& palette);

}  // namespace vernier::ui
