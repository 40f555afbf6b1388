// What goes on in the background: in words, how far it is, and a way to stop it.
#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QToolButton>
#include <QWidget>

namespace vernier::ui {

// Hidden while nothing goes on. GUI thread only.
class WorkLine : public QWidget {
  Q_OBJECT

 public:
  explicit WorkLine(QWidget* parent = nullptr);

  // fraction < 0: how far is not known yet.
  void showWork(const QString& activity, double fraction = -1.0);
  void setFraction(double fraction);

 Q_SIGNALS:
  void stopped();

 private:
  QLabel* activity_ = nullptr;
  QProgressBar* bar_ = nullptr;
  QToolButton* stop_ = nullptr;
};

}  // namespace vernier::ui
