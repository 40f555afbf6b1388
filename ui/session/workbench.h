// What the window can do: the pages and the menus call this, and it keeps run, selection and settings together.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <vector>

#include "ui/models/run_model.h"
#include "ui/models/selection.h"
#include "ui/session/demo_session.h"
#include "ui/session/engine_access.h"
#include "ui/session/run_draft.h"
#include "ui/session/run_loader.h"
#include "ui/session/run_session.h"
#include "ui/session/settings.h"

namespace vernier::ui {

// In the order of the rail.
enum class PageId { kStart, kSetUp, kRun, kInspect, kCompare, kLessons };

// GUI thread.
class Workbench : public QObject {
  Q_OBJECT

 public:
  // runs_dir: where new runs go.
  Workbench(EngineAccess engine, const QString& runs_dir, QObject* parent = nullptr);

  Settings& settings() { return settings_; }
  RunModel& run() { return run_; }
  SelectionModel& selection() { return selection_; }
  RunLoader& loader() { return loader_; }
  DemoSession& demo() { return demo_; }
  RunSession& session() { return session_; }
  // The run that is being set up.
  RunDraft& draft() { return draft_; }
  const EngineAccess& engine() const { return engine_; }
  // Where new runs go.
  const QString& runs_dir() const { return runs_dir_; }

  // Asks the window to go to a page.
  void show(PageId page) { Q_EMIT pageWanted(page); }
  // Opens a run folder in the background and goes to its page.
  void open_run(const QString& run_dir);
  // Loads the bundled demo and makes it ready to start.
  void open_demo();
  // Makes a configuration ready to start into `run_dir`.
  void make_ready(const RunConfig& config, const QString& run_dir);
  void list_runs();
  void ask_devices();

  void start();
  void pause();
  // A paused run goes on; a run that ended goes on from its last checkpoint.
  void resume();
  void single_step();
  void stop();
  void save_checkpoint();
  void check_parity();
  // Where nobody picked a sequence, one with captured logits is looked at rather than the newest or the worst.
  void set_prefers_captured(bool prefers);
  void set_return_logits(const ReturnLogits& options);

  bool can_start() const;
  bool can_pause() const;
  bool can_resume() const;
  bool can_single_step() const;
  bool can_stop() const;
  // Steering that needs a run which goes on.
  bool can_ask() const;
  // There are steps to come whose logits can be asked for.
  bool can_return_logits() const;
  // The run that is shown is the demo's.
  bool is_demo() const { return is_demo_; }
  // Something is being read or asked in the background, a run apart.
  bool is_busy();
  // Another process trains the run that is shown: it is followed here, not steered.
  bool is_followed() const { return is_active(run_.activity()) && !session_.is_active(); }
  // Nothing that would lose the view of a run that goes on.
  bool can_open() const { return !session_.is_active(); }

 Q_SIGNALS:
  void pageWanted(vernier::ui::PageId page);
  void noticed(vernier::MessageLevel level, const QString& sentence);
  // can_*() may have changed.
  void abilitiesChanged();
  void devicesListed(const std::vector<vernier::DeviceInfo>& devices);
  void runEnded(const vernier::RunResult& result);

 private:
  void connect_session();
  void connect_loader();
  void when_started(const StartedEvent& event);
  void when_ended(const RunResult& result);
  void follow_newest();
  void add_news(const RunOverview& news);
  void read_run(const QString& run_dir);
  void choose_sequence(qint64 step, const std::vector<SequenceRecord>& sequences);

  EngineAccess engine_;
  QString runs_dir_;
  Settings settings_;
  RunModel run_;
  SelectionModel selection_;
  RunDraft draft_;
  bool is_demo_ = false;
  bool prefers_captured_ = false;
  bool is_resuming_ = false;  // asked for, and not begun yet
  QTimer follow_timer_;
  Mailbox mailbox_;
  RunLoader loader_;
  DemoSession demo_;
  RunSession session_;
  Worker worker_;  // devices; last: posts to the mailbox
};

}  // namespace vernier::ui
