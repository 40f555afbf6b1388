// What in a run's curves asks for a look: found from what the run store keeps, while the run goes on or after it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vernier/events.h"
#include "vernier/run_store.h"
#include "vernier/step_signals.h"

namespace vernier {

enum class AlarmKind {
  kNonFinite,         // a loss, gradient or logit is NaN or infinite. value: how many logits (0: not told)
  kDivergence,        // the held-out loss rises while the training loss falls. value: now, yardstick: the best
  kGradientVanished,  // nothing is learned, though the loss is high. value: largest norm of late, yardstick: at first
  kEvaluationStuck,   // two evaluations are equal to the bit, with updates between them. value: the loss
  kArgmaxCollapsed,   // one token is the model's answer nearly everywhere. value: its share, yardstick: of a target
  kLabelShare,        // hardly any token has a label, or as many as before no longer. value: share, yardstick: usual
  kThroughput,        // tokens/s have fallen. value: now, yardstick: the best there was
  kDiskLow,           // the next save may fail. value: bytes free, yardstick: bytes needed
};
// "non_finite", "divergence", ...
std::string to_string(AlarmKind kind);

struct Alarm {
  AlarmKind kind = AlarmKind::kNonFinite;
  std::int64_t first_step = 0;  // where what it speaks of begins
  std::int64_t step = 0;        // where it was noticed
  double value = 0.0;
  double yardstick = 0.0;
};
// One sentence with the evidence and one with what to do.
std::string to_sentence(const Alarm& alarm);

// When an alarm is raised. The numbers are wide of what healthy runs do, noisy ones too: an alarm that cries wolf is
// switched off.
struct AlarmThresholds {
  // The held-out loss is this much above its best at two evaluations in a row, the second no lower than the first,
  // while the training loss is below what it was at the best: over-fitting, not noise.
  double eval_rise = 0.05;
  double eval_rise_nats = 0.02;
  // Every gradient norm of the last steps is below this share of the first steps' mean (or below the least), and the
  // loss has kept this share of the first steps': a gradient that small moves nothing.
  std::int64_t gradient_steps = 20;
  double gradient_share = 1e-3;
  double gradient_least = 1e-7;
  double gradient_loss_share = 0.7;
  // Or so many steps in a row have a gradient of exactly zero, which noise never has, with losses above this.
  std::int64_t gradient_zero_steps = 3;
  double gradient_zero_loss = 0.1;
  // One id is the arg-max at this share of positions, and this many times as often as the most frequent target is one,
  // for so many steps; after it was varied once, or after the steps that a model trained from nothing may take.
  double argmax_share = 0.5;
  double argmax_times_target = 3.0;
  std::int64_t argmax_steps = 10;
  double argmax_varied = 0.25;
  std::int64_t argmax_patience = 200;
  // Labels are less than this share of the tokens, or their share of so many steps is this many times as high or as
  // low as of all before.
  double label_least = 0.01;
  double label_change = 3.0;
  std::int64_t label_steps = 50;
  // The median tokens/s of two blocks of steps in a row is below this share of the best block's.
  double throughput_share = 0.5;
  std::int64_t throughput_steps = 30;
  // Free bytes are less than this many saves, or less than the least.
  double disk_saves = 2.0;
  double disk_least = 512e6;
};

// Takes in what a run tells, in the order of the steps, and raises each kind once. Each call costs the same however
// long the run is. Thread: one thread at a time.
class AlarmWatch {
 public:
  explicit AlarmWatch(const AlarmThresholds& thresholds = {}) : t_(thresholds) {}

  void add(const SeriesPoint& point);
  // Of the step that was added last, or later.
  void add(const EvalEvent& eval);
  void add(const StepSignals& step_signals);
  // Where a checkpoint takes save_bytes (0: not known). Raised anew each time; nothing where there is room.
  std::optional<Alarm> disk(std::uint64_t free_bytes, std::uint64_t save_bytes, std::int64_t step) const;

  // In the order they were raised.
  const std::vector<Alarm>& alarms() const { return alarms_; }

 private:
  void raise(AlarmKind kind, std::int64_t first_step, std::int64_t step, double value, double yardstick);
  void watch_gradient(const SeriesPoint& point);
  void watch_zero_gradient(const SeriesPoint& point);
  void watch_labels(const SeriesPoint& point);
  void watch_throughput(const SeriesPoint& point);

  AlarmThresholds t_;
  std::vector<Alarm> alarms_;
  std::uint32_t raised_ = 0;  // a bit a kind

  // Training between two evaluations.
  double train_sum_ = 0.0;
  std::int64_t train_steps_ = 0, updates_ = 0;
  std::optional<EvalEvent> last_eval_, best_eval_;
  double train_at_best_ = 0.0;
  bool knows_train_at_best_ = false, rose_ = false;
  // The first steps and the last ones.
  double first_norm_ = 0.0, first_loss_ = 0.0;
  std::int64_t first_steps_ = 0;
  double late_norm_ = 0.0, late_loss_ = 0.0;
  std::int64_t late_steps_ = 0, late_first_ = 0;
  std::int64_t zero_steps_ = 0, zero_first_ = 0;
  double norms_before_zero_ = 0.0;
  std::int64_t steps_before_zero_ = 0;
  // Arg-maxima.
  std::int64_t collapsed_steps_ = 0, collapsed_first_ = 0, varied_steps_ = 0;
  bool was_varied_ = false;
  // Labels.
  std::int64_t block_steps_ = 0, block_first_ = 0, block_items_ = 0, block_tokens_ = 0;
  std::int64_t all_items_ = 0, all_tokens_ = 0;
  // Speed.
  std::vector<double> speeds_;
  double best_speed_ = 0.0;
  std::int64_t speed_first_ = 0, slow_first_ = 0;
};

// The same of a whole run.
std::vector<Alarm> find_alarms(std::span<const SeriesPoint> series, std::span<const EvalEvent> evals,
                               std::span<const StepSignals> step_signals, const AlarmThresholds& thresholds = {});

}  // namespace vernier
