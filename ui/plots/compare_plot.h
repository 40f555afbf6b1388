// The losses of several runs over one axis.
#pragma once

#include <QLabel>
#include <QMenu>
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ui/plots/data_table_dialog.h"
#include "ui/plots/loss_series.h"

class QCPAxis;
class QCPGraph;
class QCPItemLine;
class QCPItemText;
class QCustomPlot;

namespace vernier::ui {

class MessageBar;

// One run. x is whatever the plot's axis counts: steps, tokens, microseconds.
struct CompareCurve {
  QString name;
  std::shared_ptr<const LossSeries> series;  // its steps are x; made where there is the time for it
  struct Eval {
    double x = 0.0;
    double loss_per_token = 0.0;
    double loss_per_sequence = 0.0;
  };
  std::vector<Eval> evals;
};

// Wheel zooms x (Shift: y), drag pans, Shift + drag zooms into a box, double click resets. Keys: left and right move
// the cursor, + - 0 zoom, L logarithmic, S smooth. Each run has a hue and a line style; evaluations are hollow points
// of its hue. GUI thread only.
class ComparePlot : public QWidget {
  Q_OBJECT

 public:
  explicit ComparePlot(QWidget* parent = nullptr);
  ~ComparePlot() override;

  // x_label: "optimizer step". text_of_x: a value of the axis in words, for ticks and the read-out.
  void setCurves(std::vector<CompareCurve> curves, const QString& x_label, std::function<QString(double)> text_of_x);
  void setPerSequence(bool on);
  void setShowsTraining(bool on);
  void setShowsEvaluation(bool on);
  void setLogarithmic(bool on);
  bool logarithmic() const { return logarithmic_; }
  void setSmoothed(bool on);
  bool smoothed() const { return smoothed_; }
  void resetZoom();

  // What stands at x, a line a run; empty without curves.
  QStringList readout(double x) const;
  // PNG (at twice the size), SVG or PDF by the name's ending. False, and a message, where it cannot be written.
  bool savePicture(const QString& path);
  // Picture and table.
  void addActions(QMenu& menu);

 signals:
  void logarithmicChanged(bool on);
  void smoothedChanged(bool on);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  class XTicker;
  struct Run {
    CompareCurve curve;
    QCPGraph* raw = nullptr;
    QCPGraph* line = nullptr;
    QCPGraph* evals = nullptr;
    QCPItemText* label = nullptr;
  };
  void connectGestures();
  void applyStyle();
  void refresh();
  void placeLabels();
  void setCursor(std::optional<double> x);
  void zoom(double factor);
  TableData table() const;
  void paintTo(QPaintDevice& device, const QSize& size);
  std::pair<double, double> xRange() const;

  MessageBar* messages_ = nullptr;
  QCustomPlot* canvas_ = nullptr;
  QLabel* readout_ = nullptr;
  QCPItemLine* cursor_line_ = nullptr;
  std::vector<Run> runs_;
  std::function<QString(double)> text_of_x_;
  bool per_sequence_ = false;
  bool shows_training_ = true;
  bool shows_evaluation_ = true;
  bool logarithmic_ = false;
  bool smoothed_ = true;
  bool is_y_zoomed_ = false;
  std::optional<double> cursor_;
};

}  // namespace vernier::ui
