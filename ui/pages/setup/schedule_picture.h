// The learning rate over the run, as the engine will schedule it.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/plots/data_table_dialog.h"
#include "vernier/run_config.h"

namespace vernier::ui {

class SchedulePicture : public QWidget {
  Q_OBJECT

 public:
  explicit SchedulePicture(QWidget* parent);

  // total_steps 0: not known yet; the shape is drawn over 1 000 steps and the axis says shares.
  void show_schedule(const RunConfig& config, qint64 total_steps);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QRectF plot_rect() const;
  double rate_at(qint64 step) const;
  QPointF place(qint64 step) const;
  QString step_text(qint64 step) const;
  TableData table() const;

  RunConfig config_;
  qint64 steps_ = 1000;
  bool known_ = false;
  double top_ = 0.0;      // of the axis
  qint64 looked_at_ = 0;  // steps count from 1; 0: none
};

}  // namespace vernier::ui
