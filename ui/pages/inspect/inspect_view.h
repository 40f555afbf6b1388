// One way to look at a run: a tab of the Inspect page.
#pragma once

#include <QString>
#include <QWidget>

namespace vernier::ui {

class InspectView : public QWidget {
  Q_OBJECT

 public:
  using QWidget::QWidget;

  // On the tab, in the menu and in the command palette.
  virtual QString title() const = 0;
  // What is seen here, in a sentence.
  virtual QString tool_tip() const = 0;
  // There is nothing to look at before the run has a step.
  virtual bool needs_steps() const { return true; }
  // The page's choosers of step and sequence mean something here.
  virtual bool uses_selection() const { return true; }
  // Where the keyboard goes when the view is chosen.
  virtual void take_focus() = 0;
  virtual void reset_layout() {}
  // Something that it shows is still being worked out, by the view itself and not by a task of the workbench.
  virtual bool is_busy() { return false; }
};

}  // namespace vernier::ui
