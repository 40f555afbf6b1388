// A message in the page, where a box would stop the work.
#pragma once

#include <QFrame>

#include "vernier/events.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace vernier::ui {

// Hidden until showMessage(). GUI thread only.
class MessageBar : public QFrame {
  Q_OBJECT

 public:
  explicit MessageBar(QWidget* parent = nullptr);

  // `action` is a verb on a button that emits actionTriggered(); empty for none.
  void showMessage(MessageLevel level, const QString& text, const QString& action = {});
  QString text() const;
  // As its cross does.
  void dismiss();

 signals:
  void actionTriggered();
  void dismissed();

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void applyStyle();

  MessageLevel level_ = MessageLevel::kInfo;
  bool is_styling_ = false;
  QLabel* icon_ = nullptr;
  QLabel* word_ = nullptr;
  QLabel* text_ = nullptr;
  QPushButton* action_ = nullptr;
  QToolButton* close_ = nullptr;
};

}  // namespace vernier::ui
