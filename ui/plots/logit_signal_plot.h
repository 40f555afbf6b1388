// The logits at labelled positions over the steps: mean, spread, extremes, what is not finite, and how often one token
// is the answer.
#pragma once

#include <memory>

#include "ui/plots/signal_grid.h"
#include "ui/plots/step_plot.h"

namespace vernier::ui {

// Above, the logits: the extremes as thin lines, the mean within its spread. Below, the share of the most frequent
// arg-max beside that of the most frequent target. GUI thread only.
class LogitSignalPlot : public StepPlot {
  Q_OBJECT

 public:
  explicit LogitSignalPlot(QWidget* parent = nullptr);

  void setGrid(std::shared_ptr<const SignalGrid> grid);
  // Where a value of the upper part, or a share of the lower one, is drawn.
  double yOf(double logit) const;
  double yOfShare(double share) const;

 protected:
  int leftRoom(const QFontMetrics& metrics) const override;
  int topRoom(const QFontMetrics& metrics) const override;
  bool hasData() const override { return grid_ && !grid_->empty(); }
  void paintData(QPainter& painter) override;
  void paintAround(QPainter& painter) override;
  QStringList readoutAt(const QPointF& point) const override;
  qint64 recordedStepAt(double step) const override;
  qint64 neighbour(qint64 step, int by) const override;
  TableData table() const override;
  QString pictureName() const override;
  QString description() const override;

 private:
  void refreshRange();
  double middleOf(std::size_t column) const;
  QStringList columnWords(std::size_t column) const;
  QRectF upper() const;
  QRectF lower() const;

  std::shared_ptr<const SignalGrid> grid_;
  double least_ = -1.0, greatest_ = 1.0;
};

}  // namespace vernier::ui
