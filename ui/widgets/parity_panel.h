// What the parity lamp found: every path against the reference, with likely causes and the checks before.
#pragma once

#include <QWidget>
#include <vector>

#include "vernier/parity.h"

class QComboBox;
class QLabel;
class QScrollArea;
class QTableWidget;

namespace vernier::ui {

class EmptyState;

class ParityPanel : public QWidget {
  Q_OBJECT

 public:
  explicit ParityPanel(QWidget* parent = nullptr);

  // In order of their steps; shows the newest unless an older one was chosen.
  void setReports(const std::vector<ParityReport>& reports);
  // The step whose report is shown, 0 for none.
  qint64 shownStep() const;
  // Index among the reports of the one that is shown, -1 for none.
  int shownIndex() const { return shown_; }
  void showReport(int index);

 signals:
  // Another report is shown, by the user's choice or because a newer one came.
  void reportShown(int index);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void makeTable();
  void show(int index);
  void fillTable(const ParityReport& report);

  std::vector<ParityReport> reports_;
  int shown_ = -1;
  EmptyState* empty_ = nullptr;
  QScrollArea* scroller_ = nullptr;
  QLabel* icon_ = nullptr;
  QLabel* summary_ = nullptr;
  QComboBox* history_ = nullptr;
  QLabel* tally_ = nullptr;
  QLabel* reference_ = nullptr;
  QTableWidget* table_ = nullptr;
  QLabel* causes_ = nullptr;
};

}  // namespace vernier::ui
