// Where in the model a path begins to differ from the reference: the worst deviation of every hidden state.
#pragma once

#include <QWidget>

#include "vernier/parity.h"

namespace vernier::ui {

// From the embeddings on the left over the layers to the final norm, logarithmic, with what rounding stays below. Empty
// and without height where no path differs. GUI thread only.
class StateDeviations : public QWidget {
  Q_OBJECT

 public:
  explicit StateDeviations(QWidget* parent = nullptr);

  void setReport(const ParityReport& report);
  bool isEmpty() const;
  // "what layer 3 leaves: 0.12 on the evaluation path", a line a path.
  QStringList readout(int state) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  int count() const;
  QRectF axes() const;
  double xOf(int state) const;
  QString stateName(int state) const;

  ParityReport report_;
  int hovered_ = -1;
};

}  // namespace vernier::ui
