// One row of the data through a run: its loss whenever it came up.
#pragma once

#include <vector>

#include "ui/plots/step_plot.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// GUI thread only.
class RowHistoryPlot : public StepPlot {
  Q_OBJECT

 public:
  explicit RowHistoryPlot(QWidget* parent = nullptr);

  // In the order of the steps.
  void setHistory(std::vector<SequenceRecord> history);
  double yOf(double loss) const;

 protected:
  int leftRoom(const QFontMetrics& metrics) const override;
  int topRoom(const QFontMetrics& metrics) const override;
  bool hasData() const override { return !history_.empty(); }
  void paintData(QPainter& painter) override;
  void paintAround(QPainter& painter) override;
  QStringList readoutAt(const QPointF& point) const override;
  qint64 recordedStepAt(double step) const override;
  qint64 neighbour(qint64 step, int by) const override;
  TableData table() const override;
  QString pictureName() const override;
  QString description() const override;

 private:
  std::size_t nearest(double step) const;
  QStringList words(std::size_t i) const;

  std::vector<SequenceRecord> history_;
  double greatest_ = 1.0;
};

}  // namespace vernier::ui
