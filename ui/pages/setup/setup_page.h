// Setting up a run: steps in any order, the chosen one in the middle, and below what the run will be.
#pragma once

#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QTimer>
#include <optional>

#include "ui/pages/actions.h"
#include "ui/pages/page.h"
#include "ui/pages/part_stack.h"
#include "ui/pages/setup/setup_step.h"
#include "ui/session/draft_facts.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {

class CheckStep;
class LabelsStep;
class TrainingStep;
struct FixPlace;

class SetupPage : public Page {
  Q_OBJECT

 public:
  SetupPage(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  void take_focus() override;
  bool is_busy() override;

  // Counted from 0; nothing where there is none.
  void choose_step(int row);
  // Something dropped on the window: a model's or an adapter's folder, a run file, else a data file.
  void take_path(const QString& path);
  // A run file becomes the draft, as one change that can be undone.
  void open_run_file(const QString& path);
  // Writes the draft; returns whether it could.
  bool save_run_file(const QString& path);
  // The line that starts the draft from a terminal; writes a run file where there is none that says the same. "" where
  // that cannot be, which the message bar tells.
  QString make_command();
  DraftFacts& facts() { return facts_; }
  // A start waits for the run that goes on to end.
  bool is_waiting() const { return waiting_.has_value(); }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  enum class Readiness { kBlocked, kRisky, kWarned, kReady };
  struct Verdict {
    Readiness readiness = Readiness::kBlocked;
    QString reason;
  };

  QWidget* make_header(Actions& actions);
  QWidget* make_footer();
  void connect_actions(Actions& actions);
  void add_step(SetupStep* step);
  // Where a check has its cause.
  void go_to(const FixPlace& place);
  // What reading the data tells is worked out into steps, packing and memory.
  void tell_rows();
  static StateShape shape_of(Readiness readiness);
  Verdict judge() const;
  void refresh_start();
  void start_wanted();
  void start_now(const RunConfig& config, const QString& name);
  QString run_dir(const QString& name) const;

  Workbench& workbench_;
  DraftFacts facts_;
  QList<SetupStep*> steps_;
  SetupStep* model_step_ = nullptr;
  SetupStep* data_step_ = nullptr;
  LabelsStep* labels_step_ = nullptr;
  TrainingStep* training_step_ = nullptr;
  CheckStep* check_step_ = nullptr;
  MessageBar* messages_ = nullptr;
  QListView* list_ = nullptr;
  PartStack* stack_ = nullptr;
  QLabel* reason_icon_ = nullptr;
  QLabel* reason_ = nullptr;
  QPushButton* start_ = nullptr;
  QPushButton* start_anyway_ = nullptr;
  QTimer rows_timer_;
  QString file_;  // the run file that the draft was read from or written to
  // Starts when the run that goes on has ended.
  struct Waiting {
    RunConfig config;
    QString name;
  };
  std::optional<Waiting> waiting_;
  QString started_name_;  // of the run that was started last
};

}  // namespace vernier::ui
