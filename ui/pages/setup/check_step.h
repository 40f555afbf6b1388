// Set up, step 5: what the run would meet, found out before it starts.
#pragma once

#include <QHash>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/pages/actions.h"
#include "ui/pages/page_scroller.h"
#include "ui/pages/setup/check_figures.h"
#include "ui/pages/setup/check_row.h"
#include "ui/pages/setup/fix_place.h"
#include "ui/pages/setup/setup_step.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

// Checks by itself while it is shown; a change of the configuration makes it check again what depends on that.
class CheckStep : public SetupStep {
  Q_OBJECT

 public:
  CheckStep(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  QString title() const override;
  // kEmpty: not checked, or being checked; kBad: something fails.
  State state() const override;
  QString summary() const override;
  void take_focus() override;

  // What a start would risk, a sentence each; empty where nothing fails.
  QStringList failures() const;
  // What was found where the paths of the configuration as it stands agree; "" where they do not, or were not checked.
  QString parity_found() const;
  CheckSession& session() { return session_; }

 Q_SIGNALS:
  // The button of a check that no setting mends.
  void placeWanted(const vernier::ui::FixPlace& place);

 protected:
  void showEvent(QShowEvent* event) override;
  // Files are changed in other windows.
  void changeEvent(QEvent* event) override;

 private:
  struct Section {
    QLabel* heading = nullptr;
    QVBoxLayout* rows = nullptr;
  };
  QWidget* make_header();
  Section make_section(QVBoxLayout* layout, const char* name, const QString& title);
  void look_at_files();
  void refresh();
  void show_progress();
  void show_checks();
  void place(const Section& section, const QList<CheckRow*>& rows);
  void fix(PreflightCheck check);  // its row changes with the draft
  QStringList titles(CheckStatus status) const;
  QString headline() const;
  QString note() const;

  Workbench& workbench_;
  CheckSession session_;
  QTimer edit_timer_;  // an edit is often followed by another
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  QWidget* content_ = nullptr;
  QWidget* list_ = nullptr;  // what scrolls
  QLabel* icon_ = nullptr;
  QLabel* headline_ = nullptr;
  QLabel* note_ = nullptr;
  QPushButton* check_again_ = nullptr;
  QPushButton* try_weights_ = nullptr;
  QPushButton* cancel_ = nullptr;
  QWidget* progress_row_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* stage_ = nullptr;
  MessageBar* message_ = nullptr;
  CheckFigures* figures_ = nullptr;
  Section failing_, worth_a_look_, passing_;
  QHash<QString, CheckRow*> rows_;  // by id and how often it came before
};

}  // namespace vernier::ui
