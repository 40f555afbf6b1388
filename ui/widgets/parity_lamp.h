// One look tells whether training, evaluation and decoding still compute the same thing.
#pragma once

#include <QAbstractButton>
#include <optional>

#include "vernier/parity.h"

namespace vernier::ui {

// A button of a shape and a word: circle "agrees", triangle "drifting", octagon "differs", hollow "not checked yet".
// Emits clicked() by mouse, Space and Enter. GUI thread only.
class ParityLamp : public QAbstractButton {
  Q_OBJECT

 public:
  explicit ParityLamp(QWidget* parent = nullptr);

  void setReport(const ParityReport& report);
  // No report yet, but a check before the run in which the paths agreed; `found` is the tooltip's sentence.
  void setAgreedBefore(const QString& found);
  // No report: hollow, "not checked yet"; `why` is the tooltip's sentence.
  void setIdle(const QString& why);

  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  std::optional<ParityVerdict> verdict_;
};

}  // namespace vernier::ui
