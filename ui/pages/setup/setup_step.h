// One of the steps in which a run is set up. They may be taken in any order.
#pragma once

#include <QString>
#include <QWidget>

namespace vernier::ui {

class SetupStep : public QWidget {
  Q_OBJECT

 public:
  // kEmpty: nothing was chosen yet. kBad: a run would fail.
  enum class State { kEmpty, kGood, kWarning, kBad };

  using QWidget::QWidget;

  virtual QString title() const = 0;
  virtual State state() const = 0;
  // What was chosen, or what is missing, on one line.
  virtual QString summary() const = 0;
  // Where the keyboard goes when the step is chosen.
  virtual void take_focus() = 0;

 Q_SIGNALS:
  // state() or summary() may have changed.
  void stateChanged();
};

}  // namespace vernier::ui
