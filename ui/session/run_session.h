// The one class that talks to the engine's training thread.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "ui/models/run_state.h"
#include "ui/session/background.h"
#include "ui/session/engine_access.h"
#include "vernier/events.h"
#include "vernier/run.h"

namespace vernier::ui {

// Starts a run on a thread of its own, steers it, and hands its events to the GUI thread: discrete ones as they come,
// steps ten times a second and before every discrete event, so that the order of the run is kept. Events of another
// run_id are dropped. All members and signals: the GUI thread. No member waits for the engine but the destructor.
class RunSession : public QObject {
  Q_OBJECT

 public:
  explicit RunSession(TrainFunction train, QObject* parent = nullptr);
  // Stops a running run (which saves) and waits for its thread.
  ~RunSession() override;

  // Nothing while a run is active.
  void start(const RunConfig& config, const QString& out_dir);
  void resume_folder(const QString& run_dir);

  // Each does nothing where no run is active.
  void pause();
  void resume();
  void single_step();
  // Ends after the current step, with a checkpoint.
  void stop();
  void set_return_logits(const ReturnLogits& options);
  void request_parity();
  void request_save();
  // Answered by answered(), also while it is paused.
  void ask(const QString& question);

  bool is_active() const { return worker_.joinable(); }
  RunId run_id() const { return run_id_; }
  // Of the run that is active, what was told last; nothing before.
  const std::optional<PauseEvent>& last_pause() const { return last_pause_; }

 Q_SIGNALS:
  void stateChanged(vernier::RunState state);
  void progressed(const vernier::ProgressEvent& event);
  void started(const vernier::StartedEvent& event);
  // In order, without gaps, and never before or after a discrete event that came after or before them.
  void stepsArrived(const std::vector<vernier::StepEvent>& steps);
  void evaluated(const vernier::EvalEvent& event);
  void parityChecked(const vernier::ParityReport& report);
  void captured(const vernier::CaptureEvent& event);
  void saved(const vernier::SavedEvent& event);
  void messageArrived(const vernier::MessageEvent& event);
  void paused(const vernier::PauseEvent& event);
  void answered(const vernier::AnswerEvent& event);
  // The last signal of a run; is_active() is false from here on.
  void ended(const vernier::RunResult& result);

 private:
  class Sink;
  void launch(RunConfig config, RunOptions options);
  void deliver_steps();
  void finish(const RunResult& result);

  TrainFunction train_;
  QTimer step_timer_;
  Mailbox mailbox_;
  RunId run_id_ = 0;
  std::optional<PauseEvent> last_pause_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<RunControl> control_;
  std::jthread worker_;  // last: uses the three above
};

}  // namespace vernier::ui
