// Gradient norms as a heat map, layers and projections x steps: where they vanish and where they explode.
#pragma once

#include <memory>

#include "ui/plots/signal_grid.h"
#include "ui/plots/step_plot.h"

namespace vernier::ui {

// The first layer at the bottom, as the model is built. Up and down move between the rows. GUI thread only.
class GradientMap : public StepPlot {
  Q_OBJECT

 public:
  // By layer: the projections of a layer side by side. By projection: the layers of a projection.
  enum class Order { kLayer, kProjection };

  explicit GradientMap(QWidget* parent = nullptr);

  void setGrid(std::shared_ptr<const SignalGrid> grid);
  void setOrder(Order order);
  Order order() const { return order_; }
  // The group in row `row`, counted from the top.
  std::size_t groupOfRow(int row) const { return rows_[static_cast<std::size_t>(row)]; }
  int rowCount() const { return static_cast<int>(rows_.size()); }
  // The colour of a norm; a neutral one for what is no finite number above 0.
  QColor colorOf(float norm) const;
  // Where the cell of a step and a row is drawn.
  QRectF cellRect(double step, int row) const;
  int selectedRow() const { return row_; }

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  int leftRoom(const QFontMetrics& metrics) const override;
  int topRoom(const QFontMetrics& metrics) const override;
  bool hasData() const override { return grid_ && !grid_->empty() && !grid_->groups().empty(); }
  void paintData(QPainter& painter) override;
  void paintAround(QPainter& painter) override;
  QStringList readoutAt(const QPointF& point) const override;
  qint64 recordedStepAt(double step) const override;
  qint64 neighbour(qint64 step, int by) const override;
  TableData table() const override;
  QString pictureName() const override;
  QString description() const override;

 private:
  void sortRows();
  QString nameOf(std::size_t group) const;
  // What a row shares with its neighbours in this order: its layer, or its projection.
  QString heading(std::size_t group) const;
  double rowTop(int row) const;
  QStringList cellWords(std::size_t column, std::size_t group) const;
  // The part of the columns in sight, [first, last).
  std::pair<std::size_t, std::size_t> columnsInSight() const;

  std::shared_ptr<const SignalGrid> grid_;
  Order order_ = Order::kLayer;
  std::vector<std::size_t> rows_;  // groups, from the top
  int row_ = -1;
};

}  // namespace vernier::ui
