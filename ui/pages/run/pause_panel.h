// A paused run: what its state is, what can be done with it, and whether looking changed anything.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include "ui/session/workbench.h"

namespace vernier::ui {

// Shown while the run is paused, and after it until the result was read.
class PausePanel : public QFrame {
  Q_OBJECT

 public:
  explicit PausePanel(Workbench& workbench, QWidget* parent = nullptr);

 private:
  QWidget* make_asking();
  void show_pause(const PauseEvent& pause);
  void show_answer(const AnswerEvent& answer);
  // Takes no room while it is empty.
  void show_words(const QString& answer);
  void follow(Activity activity);
  void ask();

  Workbench& workbench_;
  QLabel* words_ = nullptr;
  QWidget* asking_ = nullptr;
  QLineEdit* question_ = nullptr;
  QPushButton* ask_ = nullptr;
  QLabel* answer_ = nullptr;
};

}  // namespace vernier::ui
