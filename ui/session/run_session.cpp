#include "ui/session/run_session.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "ui/session/thread_priority.h"

namespace vernier::ui {
namespace {

constexpr auto kStepInterval = std::chrono::milliseconds(100);

// One number for every run of this process.
RunId next_run_id() {
  static RunId last = 0;
  return ++last;
}

}  // namespace

// Called on the worker thread. Everything but a step is a letter; steps wait in a list that goes, as a letter, before
// the next one or when the GUI asks for it. One mutex guards both, so that letters keep the order of the run.
class RunSession::Sink : public EventSink {
 public:
  Sink(RunSession& session, RunId run_id) : session_(session), run_id_(run_id) {}

  void on_state(RunId run_id, RunState state) override {
    if (run_id == run_id_) post([state](RunSession& s) { Q_EMIT s.stateChanged(state); });
  }
  void on_progress(const ProgressEvent& event) override { forward(event, &RunSession::progressed); }
  void on_started(const StartedEvent& event) override { forward(event, &RunSession::started); }
  void on_step(const StepEvent& event) override {
    if (event.run_id != run_id_) return;
    const std::lock_guard lock(mutex_);
    steps_.push_back(event);
  }
  void on_eval(const EvalEvent& event) override { forward(event, &RunSession::evaluated); }
  void on_parity(const ParityEvent& event) override {
    if (event.run_id != run_id_) return;
    post([report = event.report](RunSession& s) { Q_EMIT s.parityChecked(report); });
  }
  void on_capture(const CaptureEvent& event) override { forward(event, &RunSession::captured); }
  void on_saved(const SavedEvent& event) override { forward(event, &RunSession::saved); }
  void on_message(const MessageEvent& event) override { forward(event, &RunSession::messageArrived); }
  void on_pause(const PauseEvent& event) override { forward(event, &RunSession::paused); }
  void on_answer(const AnswerEvent& event) override { forward(event, &RunSession::answered); }

  void end(const RunResult& result) {
    post([result](RunSession& s) { s.finish(result); });
  }

  // Posts the steps that wait. Any thread.
  void post_steps() {
    const std::lock_guard lock(mutex_);
    post_steps_locked();
  }

 private:
  template <typename Event>
  void forward(const Event& event, void (RunSession::*signal)(const Event&)) {
    if (event.run_id != run_id_) return;
    post([event, signal](RunSession& s) { Q_EMIT(s.*signal)(event); });
  }

  template <typename Letter>
  void post(Letter letter) {
    const std::lock_guard lock(mutex_);
    post_steps_locked();
    session_.mailbox_.post([&session = session_, letter = std::move(letter)] { letter(session); });
  }

  void post_steps_locked() {
    if (steps_.empty()) return;
    session_.mailbox_.post(
        [&session = session_, steps = std::exchange(steps_, {})] { Q_EMIT session.stepsArrived(steps); });
  }

  RunSession& session_;
  RunId run_id_;
  std::mutex mutex_;
  std::vector<StepEvent> steps_;
};

RunSession::RunSession(TrainFunction train, QObject* parent) : QObject(parent), train_(std::move(train)) {
  step_timer_.setInterval(kStepInterval);
  connect(&step_timer_, &QTimer::timeout, this, &RunSession::deliver_steps);
  connect(this, &RunSession::paused, this, [this](const PauseEvent& event) { last_pause_ = event; });
}

RunSession::~RunSession() {
  stop();
  if (worker_.joinable()) worker_.join();
}

void RunSession::start(const RunConfig& config, const QString& out_dir) {
  RunOptions options;
  options.out_dir = out_dir.toStdString();
  launch(config, std::move(options));
}

void RunSession::resume_folder(const QString& run_dir) {
  RunOptions options;
  options.resume_dir = run_dir.toStdString();
  launch({}, std::move(options));
}

void RunSession::launch(RunConfig config, RunOptions options) {
  if (is_active()) return;
  run_id_ = options.run_id = next_run_id();
  last_pause_.reset();
  sink_ = std::make_unique<Sink>(*this, run_id_);
  control_ = std::make_unique<RunControl>();
  worker_ = std::jthread([train = train_, config = std::move(config), options = std::move(options), sink = sink_.get(),
                          control = control_.get()](std::stop_token stop) {
    yield_to_gui();
    sink->end(train(config, options, *sink, *control, std::move(stop)));
  });
  step_timer_.start();
}

void RunSession::deliver_steps() {
  sink_->post_steps();
  mailbox_.open_all();
}

void RunSession::finish(const RunResult& result) {
  step_timer_.stop();
  worker_.join();  // its last act was this letter
  Q_EMIT ended(result);
}

void RunSession::pause() {
  if (is_active()) control_->pause();
}

void RunSession::resume() {
  if (is_active()) control_->resume();
}

void RunSession::single_step() {
  if (is_active()) control_->single_step();
}

void RunSession::stop() {
  if (is_active()) worker_.request_stop();
}

void RunSession::set_return_logits(const ReturnLogits& options) {
  if (is_active()) control_->set_return_logits(options);
}

void RunSession::request_parity() {
  if (is_active()) control_->request_parity();
}

void RunSession::request_save() {
  if (is_active()) control_->request_save();
}

void RunSession::ask(const QString& question) {
  if (is_active()) control_->ask(question.toStdString());
}

}  // namespace vernier::ui
