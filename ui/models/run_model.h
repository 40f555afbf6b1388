// The run that the window shows, whether it goes on now or was read from its folder.
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <utility>
#include <vector>

#include "ui/models/run_state.h"
#include "ui/plots/loss_series.h"
#include "vernier/events.h"
#include "vernier/run_config.h"
#include "vernier/run_store.h"

namespace vernier::ui {

class CurveWatch;

// What steps took together, of those whose time is a number.
struct StepTotals {
  double milliseconds = 0.0;
  double tokens = 0.0;
  void add(const SeriesPoint& point);
};
StepTotals totals_of(const std::vector<SeriesPoint>& series);

// Everything of a run folder that is shown at once.
struct RunOverview {
  RunInfo info;
  RunConfig config;
  StepEvent latest;          // step 0: no step yet
  StepEvent latest_capture;  // the newest that returned logits; step 0: none
  std::vector<SeriesPoint> series;
  StepTotals totals;                   // of `series`
  std::shared_ptr<LossSeries> curves;  // `series` ready to be drawn; null where whoever draws it makes it
  std::shared_ptr<CurveWatch> watch;   // which has taken in `series` and `evals`; null where whoever asks it makes it
  std::vector<EvalEvent> evals;
  std::vector<ParityReport> parity;
  std::vector<MessageEvent> messages;
  std::vector<CaptureRecord> captures;
};

// GUI thread. Details of single steps are not kept here: they are read from the run store when they are looked at.
class RunModel : public QObject {
  Q_OBJECT

 public:
  explicit RunModel(QObject* parent = nullptr) : QObject(parent) {}

  // An opened folder.
  void show(RunOverview overview);
  // The curves of the folder that is being opened: for whoever draws them, while wasReset() is told. Null where there
  // are none, or they were taken.
  std::shared_ptr<LossSeries> take_curves() { return std::move(run_.curves); }
  // In the same way, for whoever looks for alarms.
  std::shared_ptr<CurveWatch> take_watch() { return std::move(run_.watch); }
  // What the shown run has had since its last known step: the series from there on, everything else whole.
  void add_news(const RunOverview& news);
  // What another process made of the run before this window went on with it.
  void fill_gaps(const RunOverview& news);
  // A run that is about to start into `run_dir`.
  void show_ready(RunConfig config, const QString& run_dir);
  // The same run goes on: what came after the checkpoint at `last_step` is forgotten.
  void rewind(qint64 last_step);

  // All that there is, for a window that has come to be since.
  void tell_again();
  void set_activity(Activity activity);
  // Why a run failed, as its folder tells it later.
  void set_message(const std::string& message);
  void set_started(const StartedEvent& event);
  void set_progress(const ProgressEvent& event);
  void set_return_logits(const ReturnLogits& options);
  void set_captures(std::vector<CaptureRecord> captures);
  void append_steps(const std::vector<StepEvent>& steps);
  void append_eval(const EvalEvent& event);
  void append_parity(const ParityReport& report);
  void set_parity_before(const QString& found);
  void set_saved_step(qint64 step);

  Activity activity() const { return activity_; }
  QString name() const;
  QString run_dir() const { return QString::fromStdString(run_.info.run_dir); }
  const RunInfo& info() const { return run_.info; }
  const RunConfig& config() const { return run_.config; }
  const StepEvent& latest() const { return run_.latest; }
  const StepEvent& latest_capture() const { return run_.latest_capture; }
  const std::vector<SeriesPoint>& series() const { return run_.series; }
  const std::vector<EvalEvent>& evals() const { return run_.evals; }
  const std::vector<ParityReport>& parity() const { return run_.parity; }
  // What the check of the set-up said where its paths agreed; "" where there was none, or the run was not started by
  // this window.
  const QString& parity_before() const { return parity_before_; }
  const std::vector<CaptureRecord>& captures() const { return run_.captures; }
  // The first sequence of a step whose logits were captured, -1 for none.
  qint64 captured_sequence(qint64 step) const;
  const std::vector<MessageEvent>& messages() const { return run_.messages; }
  // 0 where the run was not started by this window.
  qint64 total_parameters() const { return total_parameters_; }
  const ProgressEvent& progress() const { return progress_; }
  bool has_run() const { return activity_ != Activity::kNone; }
  // What its steps took, without loading and evaluations.
  double training_seconds() const { return run_.totals.milliseconds / 1e3; }
  // Tokens a second over all its steps; 0 where none told its time.
  double training_speed() const;
  // The loss of guessing blindly over the whole vocabulary, ln V; 0 where V is unknown.
  double blind_guess() const;

 Q_SIGNALS:
  // Everything may have changed.
  void wasReset();
  void activityChanged(vernier::ui::Activity activity);
  void progressChanged();
  void messageChanged();
  void startedChanged();
  // series()[first..] are new.
  void stepsAppended(std::size_t first);
  void evalsChanged();
  void parityChanged();
  void capturesChanged();
  void returnLogitsChanged();
  void savedStepChanged(qint64 step);

 private:
  RunOverview run_;
  Activity activity_ = Activity::kNone;
  ProgressEvent progress_;
  qint64 total_parameters_ = 0;
  QString parity_before_;
  qint64 first_own_step_ = 1;  // of the run that this window started or went on with
};

}  // namespace vernier::ui
