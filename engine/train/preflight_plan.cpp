// Schedule and learning rate: figures that nothing but experience can judge.
#include <algorithm>
#include <cmath>

#include "engine/train/preflight_context.h"
#include "engine/train/schedule.h"

namespace vernier {
namespace {

// A learning rate that usually serves, and how far from it one may be.
struct UsualRate {
  double value = 0.0;
  double lowest = 0.0;
  double highest = 0.0;
};

// Good rates fall with the width D of the model. "LoRA Without Regret" (Schulman et al. 2025) finds 5e-5 (2000 /
// D)^0.78 for all weights, and ten times that for LoRA with lora_alpha 32 and the scale lora_alpha / r. With Adam a
// factor moves by the same amount each step, whatever its gradient, so that what reaches the weights grows with scale *
// r: other alphas, ranks and scales are brought to that case. Pretraining from nothing takes about 5e-4.
UsualRate usual_rate(const Preflight& p) {
  UsualRate out;
  const double by_width = std::pow(2000.0 / static_cast<double>(p.run.model_config.hidden_size), 0.78);
  if (p.config.method == Method::kFull) {
    out.value = p.config.init_from_config ? 5e-4 : 5e-5 * by_width;
    out.highest = 20.0 * out.value;
  } else {
    const LoraOptions& lora = p.config.lora;
    double alpha = lora.lora_alpha, rank = static_cast<double>(lora.r);
    bool by_root = lora.use_rslora;
    if (p.adapter) {
      alpha = p.adapter->lora_alpha;
      rank = static_cast<double>(p.adapter->r);
      by_root = p.adapter->use_rslora;
    }
    const double reach = by_root ? alpha * std::sqrt(rank) : alpha;  // scale * r
    out.value = 5e-4 * by_width * 32.0 / reach;
    out.highest = 15.0 * out.value;
  }
  out.lowest = out.value / 50.0;
  return out;
}

// 0.0003271 as 0.0003.
double one_digit(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)));
  return std::round(value / unit) * unit;
}

constexpr double kNear = 3.0;  // so many times more or less is about the same
constexpr std::int64_t kFewSteps = 10;

// More steps out of the same rows: fewer of them a step, and where that does not do each more often.
Remedy more_steps(const RunConfig& config, std::int64_t rows) {
  nlohmann::json changes;
  if (config.packing != Packing::kNone) changes["packing"] = "none";
  if (config.gradient_accumulation_steps > 1) changes["gradient_accumulation_steps"] = 1;
  std::int64_t batch = config.per_device_train_batch_size;
  const auto steps = [&](double epochs) {
    return static_cast<double>((rows + batch - 1) / batch) * epochs;  // as good as exact
  };
  while (batch > 1 && steps(config.num_train_epochs) < kFewSteps) batch /= 2;
  if (batch != config.per_device_train_batch_size) changes["per_device_train_batch_size"] = batch;
  if (steps(config.num_train_epochs) >= kFewSteps) return {"Take fewer rows a step.", changes};
  changes["num_train_epochs"] = std::ceil(static_cast<double>(kFewSteps) / static_cast<double>(rows));
  return {"Train on them more often.", changes};
}

void check_schedule(Preflight& p) {
  const Schedule schedule(p.config, p.report.total_steps);
  const std::string steps = std::to_string(p.report.total_steps) + " steps";
  if (p.config.lr_scheduler_type != SchedulerType::kConstant && schedule.warmup_steps() >= p.report.total_steps) {
    p.warn("schedule",
           "the learning rate warms up for " + std::to_string(schedule.warmup_steps()) + " steps, and the run has " +
               steps + ": it never reaches learning_rate.",
           Remedy("Lower warmup_steps or warmup_ratio, or train longer.",
                  {{"warmup_steps", 0}, {"warmup_ratio", p.report.total_steps < 10 ? 0.0 : 0.1}}));
  } else if (p.config.max_steps == 0 && p.report.total_steps < kFewSteps && p.report.rows > 0) {
    p.warn("schedule", "the run has only " + steps + ": hardly anything will be learnt.",
           more_steps(p.config, p.report.rows));
  } else {
    p.pass("schedule", steps + ", " + std::to_string(schedule.warmup_steps()) + " of them to warm up.");
  }
}

void check_learning_rate(Preflight& p) {
  const UsualRate usual = usual_rate(p);
  const double rate = p.config.learning_rate;
  const double value = one_digit(usual.value);
  const bool is_full = p.config.method == Method::kFull;
  const std::string of =
      is_full ? " for all weights of a model of this width" : " for this width, with this lora_alpha and rank";
  const Remedy remedy("Set learning_rate to " + short_number(value) + ", say.", {{"learning_rate", value}});
  if (rate == 0.0) {
    p.warn("learning_rate",
           "learning_rate is 0: nothing will change in " + std::to_string(p.report.total_steps) + " steps.", remedy);
  } else if (rate > usual.highest) {
    p.warn("learning_rate",
           "learning_rate " + short_number(rate) + " is so high that training usually falls apart; about " +
               short_number(value) + " is usual" + of + ".",
           remedy);
  } else if (rate < usual.lowest) {
    p.warn("learning_rate",
           "learning_rate " + short_number(rate) + " is so low that little will be learnt; about " +
               short_number(value) + " is usual" + of + ".",
           remedy);
  } else if (rate > kNear * value) {
    p.pass("learning_rate", "up to " + short_number(rate) + ", which works but is bold: about " + short_number(value) +
                                " is usual" + of + ", and with more the loss may jump.");
  } else if (rate < value / kNear) {
    p.pass("learning_rate", "up to " + short_number(rate) + ", which works but is careful: about " +
                                short_number(value) + " is usual" + of +
                                ", and with less the model learns more slowly.");
  } else {
    p.pass("learning_rate", "up to " + short_number(rate) + "; about " + short_number(value) + " is usual" + of + ".");
  }
}

}  // namespace

void check_plan(Preflight& p) {
  p.group = CheckGroup::kPlan;
  check_schedule(p);
  check_learning_rate(p);
}

}  // namespace vernier
