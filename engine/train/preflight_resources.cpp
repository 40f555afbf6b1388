// Memory, time and disk, predicted without the weights.
#include <algorithm>
#include <filesystem>

#include "engine/inspect/capture.h"
#include "engine/model/adapter.h"
#include "engine/model/targets.h"
#include "engine/model/weights.h"
#include "engine/train/memory_plan.h"
#include "engine/train/preflight_context.h"
#include "engine/train/step_trial.h"
#include "vernier/error.h"
#include "vernier/recompute.h"
#include "vernier/resources.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

constexpr std::int64_t kStepsToCount = 64;  // for the mean of what a step holds

// What run.db grows by, with SQLite's own: measured on runs of the bundled model, rounded up for longer ids.
constexpr double kRecordBytes = 64e3;     // of its tables, however short the run
constexpr double kBytesAStep = 320.0;     // its figures and signals, and its places in the indices
constexpr double kBytesAGradient = 2.0;   // of a projection, at every step
constexpr double kBytesASequence = 50.0;  // of a step
constexpr double kBytesATarget = 7.0;     // loss, entropy, arg-max and rank
constexpr double kBytesAToken = 3.0;      // of the data, once
constexpr double kBytesAPiece = 20.0;     // text of a token, once

std::uint64_t float32_bytes(const Preflight& p) {
  return ModelWeights::bytes_of(p.run.model_config, DType::kF32, ParameterUse::kTrained);
}

// The advice as changes of the run file. A smaller batch is made up for by more of them a step.
nlohmann::json changes_for(const RunConfig& config, const MemoryAdvice& advice) {
  if (!advice) return nullptr;
  nlohmann::json out;
  if (advice.recompute) out["recompute"] = to_string(*advice.recompute);
  if (advice.length) out["max_length"] = *advice.length;
  if (advice.batch) {
    const std::int64_t all = config.per_device_train_batch_size * config.gradient_accumulation_steps;
    std::int64_t batch = *advice.batch;
    while (all % batch != 0) --batch;  // a step keeps its sequences
    out["per_device_train_batch_size"] = batch;
    out["gradient_accumulation_steps"] = all / batch;
  }
  return out;
}

// A step's means, over the first ones.
struct StepMeans {
  double tokens = 0.0;
  double sequences = 0.0;
  double targets = 0.0;
  double capture_bytes = 0.0;  // where its logits are captured
};

StepMeans mean_step(Preflight& p) {
  const ReturnLogits& asked = p.config.return_logits;
  StepMeans sum;
  TargetRows targets;
  const std::int64_t steps = std::min(kStepsToCount, p.report.total_steps);
  for (std::int64_t step = 1; step <= steps; ++step) {
    std::int64_t index = 0;  // of a sequence in its step
    for (const MicroBatch& batch : p.run.data.micro_batches(step)) {
      find_targets(batch, targets);
      sum.tokens += static_cast<double>(batch.input_ids.size());
      sum.sequences += static_cast<double>(batch.sequences.size());
      sum.targets += static_cast<double>(targets.targets.size());
      for (const SequenceRef& sequence : batch.sequences) {
        if (std::ranges::find(asked.rows, index++) == asked.rows.end()) continue;
        sum.capture_bytes +=
            static_cast<double>(captured_bytes(captured_rows(asked, sequence.length), sequence.length,
                                               p.run.model_config.vocab_size, captured_as(p.run.dtype)));
      }
    }
  }
  const auto count = static_cast<double>(steps);
  return {sum.tokens / count, sum.sequences / count, sum.targets / count, sum.capture_bytes / count};
}

// What a run takes of its disk; nothing of its steps where the data are not known.
struct DiskNeeds {
  std::uint64_t checkpoint = 0;  // one of them
  std::uint64_t result = 0;
  std::uint64_t capture = 0;  // all of one step
  std::uint64_t captures = 0;
  std::uint64_t record = 0;

  // One more than are kept is being written.
  std::uint64_t saved(std::int64_t kept) const { return checkpoint * (static_cast<std::uint64_t>(kept) + 1) + result; }
  std::uint64_t all(std::int64_t kept) const { return saved(kept) + captures + record; }
};

DiskNeeds disk_needs(Preflight& p) {
  DiskNeeds needs;
  std::uint64_t trained = 0;
  std::size_t projections = 7 * static_cast<std::size_t>(p.run.model_config.num_layers);
  if (p.adapter) {
    const std::vector<AdapterTarget> targets = adapter_targets(*p.adapter, p.run.model_config, "lora");
    projections = targets.size();
    for (const AdapterTarget& target : targets) {
      trained += static_cast<std::uint64_t>(target.r * (target.module.in + target.module.out)) * sizeof(float);
    }
  } else {
    trained = float32_bytes(p);
  }
  needs.checkpoint = 3 * trained;  // values and two moments
  needs.result = 2 * trained;
  if (p.report.total_steps == 0) return needs;
  const StepMeans mean = mean_step(p);
  const auto steps = static_cast<double>(p.report.total_steps);
  if (const std::int64_t every = p.config.return_logits.every; every > 0) {
    needs.capture = static_cast<std::uint64_t>(mean.capture_bytes);
    needs.captures = static_cast<std::uint64_t>(p.report.total_steps / every) * needs.capture;
  }
  const auto& audit = p.run.data.audit();
  const double known = std::min(steps * mean.tokens, audit ? static_cast<double>(audit->tokens) : mean.tokens);
  const double step_bytes = kBytesAStep + kBytesAGradient * static_cast<double>(projections) +
                            kBytesASequence * mean.sequences + kBytesATarget * mean.targets;
  const auto pieces = static_cast<double>(p.run.model_config.vocab_size);
  needs.record =
      static_cast<std::uint64_t>(kRecordBytes + steps * step_bytes + kBytesAToken * known + kBytesAPiece * pieces);
  return needs;
}

std::string told_of_the_disk(const DiskNeeds& needs, std::int64_t kept, std::uint64_t free, const fs::path& folder) {
  const std::string there = size_text(free) + " are free at " + folder.string() + ".";
  std::string text = "checkpoints and the result take about " + size_text(needs.saved(kept));
  if (needs.record == 0) return text + ", and " + there;
  text += needs.captures > 0 ? ", captured logits " + size_text(needs.captures) + ", the record "
                             : std::string(" and the record ");
  return text + size_text(needs.record) + ": " + size_text(needs.all(kept)) + " in all, and " + there;
}

// What has most to give comes first: fewer checkpoints, fewer captures, both, or no captures at all. No changes where
// even those do not fit.
Remedy remedy_for_the_disk(const DiskNeeds& needs, const RunConfig& config, std::int64_t steps, std::uint64_t free) {
  const std::int64_t kept = config.save_total_limit;
  const bool checkpoints_first = needs.captures <= needs.saved(kept);
  Remedy remedy(checkpoints_first ? "Free some room, choose another place with --out, or lower save_total_limit."
                                  : "Free some room, choose another place with --out, or raise return_logits.every.");
  // How often captures fit beside so many checkpoints; 0: never. A tenth stays free: the disk is not the run's alone.
  const auto rarer = [&](std::int64_t checkpoints) -> std::int64_t {
    const std::uint64_t others = needs.saved(checkpoints) + needs.record;
    const std::uint64_t room = free - std::min(free, free / 10 + others);
    const std::int64_t fit = needs.capture > 0 ? static_cast<std::int64_t>(room / needs.capture) : 0;
    return fit > 0 ? std::max(config.return_logits.every, (steps + fit - 1) / fit) : 0;
  };
  if (checkpoints_first && kept > 1 && needs.all(1) <= free) {
    remedy.changes = {{"save_total_limit", 1}};
    return remedy;
  }
  if (needs.captures == 0) return remedy;
  for (const std::int64_t checkpoints : {kept, std::int64_t{1}}) {
    if (const std::int64_t every = rarer(checkpoints); every > 0) {
      remedy.changes = {{"return_logits", {{"every", every}}}};
      if (checkpoints != kept) remedy.changes["save_total_limit"] = checkpoints;
      return remedy;
    }
  }
  for (const std::int64_t checkpoints : {kept, std::int64_t{1}}) {
    if (needs.saved(checkpoints) + needs.record > free) continue;
    remedy.changes = {{"return_logits", {{"every", 0}}}};
    if (checkpoints != kept) remedy.changes["save_total_limit"] = checkpoints;
    return remedy;
  }
  return remedy;
}

// Memory first: the trial of a step may not fit where the run does not.
MemoryPlan predict(Preflight& p, const Adapter* adapter, Remedy& refusal) {
  Backend& backend = *p.run.backend;
  // The weights; of what is trained also gradients and two moments, float32.
  const ParameterUse use = adapter ? ParameterUse::kFrozen : ParameterUse::kTrained;
  const std::uint64_t weights =
      ModelWeights::bytes_of(p.run.model_config, p.run.dtype, use, quantization_from_name(p.config.quantization));
  const std::uint64_t trained = adapter ? adapter->set().masters().size_bytes() : float32_bytes(p);
  const PlannedModel model{backend, p.run.model_config, adapter ? &adapter->layout() : nullptr, p.run.dtype};
  const MemoryNeeds needs = memory_needs(p.config, p.run.data);
  MemoryPlan plan;
  try {
    plan = predict_memory(model, needs, p.config.recompute, weights + 3 * trained);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kOutOfMemory) {
      // What the error calls free may be the host's.
      const std::uint64_t free = backend.free_bytes(), to_come = weights + 3 * trained;
      const std::uint64_t room = std::min(error.free_bytes, free - std::min(free, to_come));
      refusal.changes = changes_for(p.config, advise_memory(model, needs, p.config.recompute, room));
    }
    throw;
  }
  p.report.predicted_peak_memory_bytes = plan.predicted_bytes;
  p.report.predicted_host_memory_bytes = plan.host_bytes;
  const std::string on_host =
      plan.host_bytes > 0 ? ", with " + size_text(plan.host_bytes) + " of the computer's memory beside" : "";
  const std::string message = "the run's peak will be " + size_text(plan.predicted_bytes) + ", and " +
                              size_text(p.report.free_memory_bytes) + " are free" + on_host + "; recompute is \"" +
                              std::string(to_string(plan.recompute)) + "\".";
  const std::uint64_t a_tenth = p.report.free_memory_bytes / 10;
  if (plan.predicted_bytes > 9 * a_tenth) {
    const std::uint64_t room = plan.free_bytes - std::min(plan.free_bytes, a_tenth);
    p.warn("memory", message,
           Remedy("Lower per_device_train_batch_size (and raise gradient_accumulation_steps), or max_length, to leave "
                  "others some room.",
                  changes_for(p.config, advise_memory(model, needs, plan.recompute, room))));
  } else {
    p.pass("memory", message);
  }
  return plan;
}

}  // namespace

void check_memory(Preflight& p) {
  p.group = CheckGroup::kResources;
  p.begin("Predicting memory");
  Remedy refusal("Do as the message says, or use another device.");
  p.attempt(
      "memory", [&](const Error&) { return refusal; },
      [&] {
        std::unique_ptr<Adapter> adapter;
        if (p.adapter) {
          const RunConfig& config = p.config;
          adapter = config.adapter_name_or_path
                        ? Adapter::load(*p.run.backend, p.run.model_config, *config.adapter_name_or_path, p.run.dtype)
                        : Adapter::create(*p.run.backend, p.run.model_config, *p.adapter, config.seed, p.run.dtype);
        }
        const MemoryPlan plan = predict(p, adapter.get(), refusal);
        adapter.reset();
        p.report.tokens_per_step = mean_step(p).tokens;
        if (!p.options.measure_step) return;
        p.begin("Timing a step");
        const MicroBatch batch = p.run.data.micro_batches(1).front();
        PassOptions pass;
        pass.recompute = plan.recompute;
        p.report.predicted_step_ms =
            predict_step_ms(*p.run.backend, p.run.model_config, p.run.dtype, p.adapter ? &*p.adapter : nullptr,
                            p.config, pass, batch, p.report.tokens_per_step);
        p.progress("Timing a step", 1.0);
      });
}

void check_disk(Preflight& p) {
  p.group = CheckGroup::kResources;
  p.attempt("disk", "Choose a folder on another disk with --out.", [&] {
    const DiskNeeds needs = disk_needs(p);
    fs::path folder = fs::absolute(p.options.out_dir.empty() ? default_runs_dir() : p.options.out_dir);
    std::error_code error;
    while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    const fs::space_info space = fs::space(folder, error);
    if (error) {
      fail(ErrorCode::kIo, folder.string(), "the room on its disk cannot be told: " + error.message() + ".");
    }
    const std::int64_t kept = p.config.save_total_limit;
    const std::string message = told_of_the_disk(needs, kept, space.available, folder);
    if (needs.all(kept) <= space.available) {
      p.pass("disk", message);
    } else {
      p.fail("disk", message, remedy_for_the_disk(needs, p.config, p.report.total_steps, space.available));
    }
  });
}

}  // namespace vernier
