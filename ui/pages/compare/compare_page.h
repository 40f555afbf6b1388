// Compare: two to four runs side by side.
#pragma once

#include <QLabel>
#include <QListView>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>

#include "ui/models/run_choice_model.h"
#include "ui/pages/actions.h"
#include "ui/pages/compare/compared_curves_panel.h"
#include "ui/pages/compare/comparison_panel.h"
#include "ui/pages/compare/prompts_panel.h"
#include "ui/pages/page.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

class ComparePage : public Page {
  Q_OBJECT

 public:
  ComparePage(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  void take_focus() override;
  void reset_layout() override;
  bool is_busy() override { return session_.is_reading() || session_.is_asking() || curves_->is_busy(); }

  // As another window left it; what is not listed yet joins once it is.
  void choose(const QStringList& run_dirs);
  CompareSession& session() { return session_; }
  RunChoiceModel& choice() { return choice_; }

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* make_picker();
  void take_runs(const std::vector<RunSummary>& runs);
  // The newest two, or the run that is open beside the newest other. One opened since joins, once, where there is room;
  // in the place of what was proposed before where nobody has chosen. What was chosen, or given up, stays.
  void propose();
  void read_chosen();
  void show_choice();
  void show_runs();

  Workbench& workbench_;
  CompareSession session_;
  RunChoiceModel choice_;
  bool has_proposed_ = false;
  QString joined_;        // the open run that was proposed last
  QStringList proposed_;  // what nobody has changed yet
  QStringList left_;      // by another window, until runs are listed
  QSplitter* split_ = nullptr;
  QListView* list_ = nullptr;
  QLabel* note_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  QWidget* content_ = nullptr;
  MessageBar* messages_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  ComparedCurvesPanel* curves_ = nullptr;
  ComparisonPanel* figures_ = nullptr;
  ComparisonPanel* settings_ = nullptr;
  PromptsPanel* prompts_ = nullptr;
};

}  // namespace vernier::ui
