// What an empty page says: what will stand here, why it does not yet, and the next thing to do.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace vernier::ui {

class EmptyState : public QWidget {
  Q_OBJECT

 public:
  explicit EmptyState(QWidget* parent = nullptr);

  void setIcon(const QIcon& icon);  // a null icon takes no room
  void setTitle(const QString& title);
  void setExplanation(const QString& explanation);
  // A verb; empty for no button.
  void setAction(const QString& action);
  // What else may be done instead, beside it.
  void setOtherAction(const QString& action);

 signals:
  void actionTriggered();
  void otherActionTriggered();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void applyStyle();

  QLabel* icon_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* explanation_ = nullptr;
  QPushButton* action_ = nullptr;
  QPushButton* other_ = nullptr;
};

}  // namespace vernier::ui
