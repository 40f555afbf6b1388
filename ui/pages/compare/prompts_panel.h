// Compare: the same prompts answered by each run.
#pragma once

#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QWidget>

#include "ui/pages/compare/comparison_panel.h"
#include "ui/session/compare_session.h"

namespace vernier::ui {

class PromptsPanel : public QWidget {
  Q_OBJECT

 public:
  explicit PromptsPanel(CompareSession& session, QWidget* parent = nullptr);

 private:
  QStringList prompts() const;
  void show_runs();
  void ask();
  void show_answers(int run, const QStringList& answers);
  void fill();
  void refresh();

  CompareSession& session_;
  QPlainTextEdit* prompts_ = nullptr;
  QPushButton* ask_ = nullptr;
  QPushButton* cancel_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* note_ = nullptr;
  ComparisonPanel* answers_ = nullptr;
  QStringList asked_;          // the prompts that the table shows
  QList<QStringList> of_run_;  // answers, empty where a run has none yet
};

}  // namespace vernier::ui
