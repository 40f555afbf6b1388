// Memory, time and disk, predicted without the weights.
#include <algorithm>
#include <filesystem>

#include "engine/model/adapter.h"
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

constexpr std::int64_t kStepsToCount = 64;  // for the mean of a step's tokens

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

double mean_tokens(Preflight& p) {
  std::int64_t tokens = 0;
  const std::int64_t steps = std::min(kStepsToCount, p.report.total_steps);
  for (std::int64_t step = 1; step <= steps; ++step) {
    for (const MicroBatch& batch : p.run.data.micro_batches(step)) {
      tokens += static_cast<std::int64_t>(batch.input_ids.size());
    }
  }
  return static_cast<double>(tokens) / static_cast<double>(steps);
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
      refusal.changes = changes_for(p.config, advise_memory(model, needs, p.config.recompute, error.free_bytes));
    }
    throw;
  }
  p.report.predicted_peak_memory_bytes = plan.predicted_bytes;
  const std::string message = "the run's peak will be " + gigabytes(plan.predicted_bytes) + ", and " +
                              gigabytes(p.report.free_memory_bytes) + " are free; recompute is \"" +
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
        p.report.tokens_per_step = mean_tokens(p);
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
    std::uint64_t trained = 0;
    if (p.adapter) {
      for (const AdapterTarget& target : adapter_targets(*p.adapter, p.run.model_config, "lora")) {
        trained += static_cast<std::uint64_t>(target.r * (target.module.in + target.module.out)) * sizeof(float);
      }
    } else {
      trained = float32_bytes(p);
    }
    // A checkpoint holds values and two moments; one more than are kept is being written, and the result beside it.
    const auto needed = [&](std::int64_t kept) {
      return 3 * trained * (static_cast<std::uint64_t>(kept) + 1) + 2 * trained;
    };
    fs::path folder = fs::absolute(p.options.out_dir.empty() ? default_runs_dir() : p.options.out_dir);
    std::error_code error;
    while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    const fs::space_info space = fs::space(folder, error);
    if (error) {
      fail(ErrorCode::kIo, folder.string(), "the room on its disk cannot be told: " + error.message() + ".");
    }
    const std::string message = "checkpoints and the result take about " +
                                gigabytes(needed(p.config.save_total_limit)) + ", and " + gigabytes(space.available) +
                                " are free at " + folder.string() + ".";
    if (needed(p.config.save_total_limit) <= space.available) {
      p.pass("disk", message);
      return;
    }
    const bool fewer_fit = p.config.save_total_limit > 1 && needed(1) <= space.available;
    p.fail("disk", message,
           Remedy("Free some room, choose another place with --out, or lower save_total_limit.",
                  fewer_fit ? nlohmann::json{{"save_total_limit", 1}} : nlohmann::json()));
  });
}

}  // namespace vernier
