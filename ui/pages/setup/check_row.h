// One check of the pre-flight: shape, word, what was found, what it means, and a button that mends it, or leads to
// where it can be mended.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QPushButton>

#include "ui/session/check_session.h"

namespace vernier::ui {

class CheckRow : public QFrame {
  Q_OBJECT

 public:
  explicit CheckRow(QWidget* parent = nullptr);

  // config: what a fix would change.
  void show_check(const CheckSession::ShownCheck& shown, const RunConfig& config);
  const PreflightCheck& check() const { return shown_.check; }

 Q_SIGNALS:
  void fixWanted();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void apply_style();

  CheckSession::ShownCheck shown_;
  bool is_styling_ = false;
  QLabel* icon_ = nullptr;
  QLabel* word_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* found_ = nullptr;
  QLabel* meaning_ = nullptr;
  QLabel* fix_text_ = nullptr;
  QPushButton* fix_ = nullptr;
};

}  // namespace vernier::ui
