#include "vernier/alarms.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace vernier {
namespace {

std::string number(double value, const char* format = "%.4g") {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string percent(double share) {
  return number(100.0 * share, "%.1f") + " %";
}

}  // namespace

std::string to_string(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::kNonFinite:
      return "non_finite";
    case AlarmKind::kDivergence:
      return "divergence";
    case AlarmKind::kGradientVanished:
      return "gradient_vanished";
    case AlarmKind::kEvaluationStuck:
      return "evaluation_stuck";
    case AlarmKind::kArgmaxCollapsed:
      return "argmax_collapsed";
    case AlarmKind::kLabelShare:
      return "label_share";
    case AlarmKind::kThroughput:
      return "throughput";
    case AlarmKind::kDiskLow:
      break;
  }
  return "disk_low";
}

std::string to_sentence(const Alarm& alarm) {
  const std::string value = number(alarm.value), yardstick = number(alarm.yardstick);
  const std::string since = "since step " + std::to_string(alarm.first_step);
  switch (alarm.kind) {
    case AlarmKind::kNonFinite:
      return "At step " + std::to_string(alarm.first_step) +
             (alarm.value > 0.0 ? " " + number(alarm.value, "%.0f") + " logits were NaN or infinite"
                                : std::string(" the loss or the gradient was NaN or infinite")) +
             ". Lower learning_rate or raise warmup_steps, and look at the step's sequences.";
    case AlarmKind::kDivergence:
      return "The held-out loss is " + value + ", its best was " + yardstick + " at step " +
             std::to_string(alarm.first_step) +
             ", while the training loss goes on falling. Stop and take the checkpoint near the best, or train for "
             "fewer "
             "epochs.";
    case AlarmKind::kGradientVanished:
      return "No gradient norm " + since + " was above " + value + ", at first they were about " + yardstick +
             ", and the loss is still high. Check labels, lora_alpha and learning_rate.";
    case AlarmKind::kEvaluationStuck:
      return "The evaluations at steps " + std::to_string(alarm.first_step) + " and " + std::to_string(alarm.step) +
             " are equal to the last bit (" + value +
             ") though the weights were updated between them. Check parity: the evaluation may not see the adapter.";
    case AlarmKind::kArgmaxCollapsed:
      return "One token is the likeliest at " + percent(alarm.value) + " of the positions " + since +
             ", though no target makes up more than " + percent(alarm.yardstick) +
             ". Look at the logits, and lower learning_rate.";
    case AlarmKind::kLabelShare:
      return "Labels are " + percent(alarm.value) + " of the tokens " + since +
             (alarm.yardstick > 0.0 ? ", before they were " + percent(alarm.yardstick) : std::string()) +
             ". Look at the sequences: a template may hide the answers, or rows are cut.";
    case AlarmKind::kThroughput:
      return "Training runs at " + number(alarm.value, "%.0f") + " tokens/s " + since + ", it has reached " +
             number(alarm.yardstick, "%.0f") + ". Another program may use the device, or it is hot.";
    case AlarmKind::kDiskLow:
      break;
  }
  return "The disk has " + number(alarm.value * 1e-6, "%.0f") + " MB left, a save needs up to " +
         number(alarm.yardstick * 1e-6, "%.0f") + " MB. Make room, or lower save_total_limit.";
}

void AlarmWatch::raise(AlarmKind kind, std::int64_t first_step, std::int64_t step, double value, double yardstick) {
  const std::uint32_t bit = 1u << static_cast<unsigned>(kind);
  if ((raised_ & bit) != 0) return;
  raised_ |= bit;
  alarms_.push_back({kind, first_step, step, value, yardstick});
}

void AlarmWatch::add(const SeriesPoint& point) {
  if (!std::isfinite(point.loss_per_token) || !std::isfinite(point.loss_per_sequence) ||
      !std::isfinite(point.grad_norm)) {
    raise(AlarmKind::kNonFinite, point.step, point.step, 0.0, 0.0);
    return;
  }
  watch_labels(point);
  watch_throughput(point);
  const bool learned = point.grad_norm > 0.0 || point.num_items_in_batch > 0;
  if (!learned) return;
  train_sum_ += point.loss_per_token;
  ++train_steps_;
  if (point.learning_rate > 0.0 && point.grad_norm > 0.0) ++updates_;
  watch_zero_gradient(point);
  watch_gradient(point);
}

void AlarmWatch::add(const EvalEvent& eval) {
  const double loss = eval.eval_loss_per_token;
  if (!std::isfinite(loss)) {
    raise(AlarmKind::kNonFinite, eval.step, eval.step, 0.0, 0.0);
    return;
  }
  if (last_eval_ && last_eval_->step < eval.step && updates_ > 0 && last_eval_->eval_loss_per_token == loss &&
      last_eval_->eval_loss_per_sequence == eval.eval_loss_per_sequence) {
    raise(AlarmKind::kEvaluationStuck, last_eval_->step, eval.step, loss, loss);
  }
  const bool trained = train_steps_ > 0;
  const double train = trained ? train_sum_ / static_cast<double>(train_steps_) : 0.0;
  if (!best_eval_ || loss < best_eval_->eval_loss_per_token) {
    best_eval_ = eval;
    train_at_best_ = train;
    knows_train_at_best_ = trained;
    rose_ = false;
  } else if (!knows_train_at_best_) {
    // The best is that of the untrained model: what the first steps cost is what training began with.
    train_at_best_ = train;
    knows_train_at_best_ = trained;
  } else {
    const double best = best_eval_->eval_loss_per_token;
    const bool rises = loss > best * (1.0 + t_.eval_rise) && loss > best + t_.eval_rise_nats;
    if (rises && rose_ && loss >= last_eval_->eval_loss_per_token && trained && train < train_at_best_) {
      raise(AlarmKind::kDivergence, best_eval_->step, eval.step, loss, best);
    }
    rose_ = rises;
  }
  last_eval_ = eval;
  train_sum_ = 0.0;
  train_steps_ = updates_ = 0;
}

void AlarmWatch::add(const StepSignals& signals) {
  const LogitSignals& logits = signals.logits;
  if (logits.non_finite > 0) {
    raise(AlarmKind::kNonFinite, signals.step, signals.step, static_cast<double>(logits.non_finite), 0.0);
  }
  varied_steps_ = logits.top_argmax_share < t_.argmax_varied ? varied_steps_ + 1 : 0;
  was_varied_ = was_varied_ || varied_steps_ >= t_.argmax_steps;
  const bool collapsed = logits.top_argmax_share >= t_.argmax_share &&
                         logits.top_argmax_share >= t_.argmax_times_target * logits.top_target_share;
  if (!collapsed) {
    collapsed_steps_ = 0;
    return;
  }
  if (collapsed_steps_++ == 0) collapsed_first_ = signals.step;
  if (collapsed_steps_ < t_.argmax_steps || (!was_varied_ && signals.step < t_.argmax_patience)) return;
  raise(AlarmKind::kArgmaxCollapsed, collapsed_first_, signals.step, logits.top_argmax_share, logits.top_target_share);
}

void AlarmWatch::watch_zero_gradient(const SeriesPoint& point) {
  if (point.grad_norm != 0.0 || !(point.loss_per_token > t_.gradient_zero_loss)) {
    zero_steps_ = 0;
    norms_before_zero_ += point.grad_norm;
    ++steps_before_zero_;
    return;
  }
  if (zero_steps_++ == 0) zero_first_ = point.step;
  if (zero_steps_ < t_.gradient_zero_steps) return;
  const double before =
      steps_before_zero_ > 0 ? norms_before_zero_ / static_cast<double>(steps_before_zero_) : t_.gradient_least;
  raise(AlarmKind::kGradientVanished, zero_first_, point.step, 0.0, before);
}

void AlarmWatch::watch_gradient(const SeriesPoint& point) {
  if (first_steps_ < t_.gradient_steps) {
    first_norm_ += point.grad_norm;
    first_loss_ += point.loss_per_token;
    ++first_steps_;
    if (first_norm_ > t_.gradient_least * static_cast<double>(first_steps_) || first_steps_ < t_.gradient_steps) return;
    // Nothing to learn from the very first step on.
    raise(AlarmKind::kGradientVanished, point.step - t_.gradient_steps + 1, point.step,
          first_norm_ / static_cast<double>(first_steps_), t_.gradient_least);
    return;
  }
  const double norm = first_norm_ / static_cast<double>(first_steps_);
  const double loss = first_loss_ / static_cast<double>(first_steps_);
  if (point.grad_norm > std::max(norm * t_.gradient_share, t_.gradient_least)) {
    late_steps_ = 0;
    return;
  }
  if (late_steps_++ == 0) {
    late_first_ = point.step;
    late_norm_ = late_loss_ = 0.0;
  }
  late_norm_ = std::max(late_norm_, point.grad_norm);
  late_loss_ += point.loss_per_token;
  if (late_steps_ < t_.gradient_steps) return;
  if (late_loss_ / static_cast<double>(late_steps_) < loss * t_.gradient_loss_share) return;
  raise(AlarmKind::kGradientVanished, late_first_, point.step, late_norm_, norm);
}

void AlarmWatch::watch_labels(const SeriesPoint& point) {
  if (point.num_tokens <= 0) return;
  if (block_steps_++ == 0) block_first_ = point.step;
  block_items_ += point.num_items_in_batch;
  block_tokens_ += point.num_tokens;
  if (block_steps_ < t_.label_steps) return;
  const double share = static_cast<double>(block_items_) / static_cast<double>(block_tokens_);
  const double usual = all_tokens_ > 0 ? static_cast<double>(all_items_) / static_cast<double>(all_tokens_) : 0.0;
  if (share < t_.label_least) {
    raise(AlarmKind::kLabelShare, block_first_, point.step, share, usual);
  } else if (usual > 0.0 && (share > usual * t_.label_change || share * t_.label_change < usual)) {
    raise(AlarmKind::kLabelShare, block_first_, point.step, share, usual);
  }
  all_items_ += block_items_;
  all_tokens_ += block_tokens_;
  block_steps_ = block_items_ = block_tokens_ = 0;
}

void AlarmWatch::watch_throughput(const SeriesPoint& point) {
  if (!(point.tokens_per_second > 0.0)) return;
  if (speeds_.empty()) speed_first_ = point.step;
  speeds_.push_back(point.tokens_per_second);
  if (static_cast<std::int64_t>(speeds_.size()) < t_.throughput_steps) return;
  const auto middle = speeds_.begin() + static_cast<std::ptrdiff_t>(speeds_.size() / 2);
  std::nth_element(speeds_.begin(), middle, speeds_.end());
  const double median = *middle;
  speeds_.clear();
  if (median < best_speed_ * t_.throughput_share) {
    if (slow_first_ > 0) raise(AlarmKind::kThroughput, slow_first_, point.step, median, best_speed_);
    slow_first_ = slow_first_ > 0 ? slow_first_ : speed_first_;
  } else {
    slow_first_ = 0;
    best_speed_ = std::max(best_speed_, median);
  }
}

std::optional<Alarm> AlarmWatch::disk(std::uint64_t free_bytes, std::uint64_t save_bytes, std::int64_t step) const {
  const double needed = std::max(t_.disk_least, t_.disk_saves * static_cast<double>(save_bytes));
  if (static_cast<double>(free_bytes) >= needed) return std::nullopt;
  return Alarm{AlarmKind::kDiskLow, step, step, static_cast<double>(free_bytes), needed};
}

std::vector<Alarm> find_alarms(std::span<const SeriesPoint> series, std::span<const EvalEvent> evals,
                               std::span<const StepSignals> signals, const AlarmThresholds& thresholds) {
  AlarmWatch watch(thresholds);
  std::size_t eval = 0, signal = 0;
  const auto add_evals_before = [&](std::int64_t step) {
    for (; eval < evals.size() && evals[eval].step < step; ++eval) watch.add(evals[eval]);
  };
  for (const SeriesPoint& point : series) {
    add_evals_before(point.step);
    for (; signal < signals.size() && signals[signal].step <= point.step; ++signal) watch.add(signals[signal]);
    watch.add(point);
  }
  for (; signal < signals.size(); ++signal) watch.add(signals[signal]);
  add_evals_before(INT64_MAX);
  return watch.alarms();
}

}  // namespace vernier
