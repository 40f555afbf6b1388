#include "vernier/outline.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/data/shuffle.h"
#include "engine/data/unit_plan.h"
#include "engine/train/schedule.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// The sequences of unit `unit` of rows that are cut one behind the other, as `wrapped` does in the first epoch's place
// of the file's order. begins[i]: tokens in front of row i.
std::vector<std::int32_t> wrapped_unit(std::span<const std::int32_t> lengths, const std::vector<std::int64_t>& begins,
                                       std::int64_t unit, std::int64_t capacity) {
  std::vector<std::int32_t> out;
  const std::int64_t begin = unit * capacity;
  const std::int64_t end = std::min(begin + capacity, begins.back() + lengths.back());
  auto row = static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), begin) - begins.begin() - 1);
  for (std::int64_t at = begin; at < end; ++row) {
    const std::int64_t row_end = std::min(begins[row] + lengths[row], end);
    out.push_back(static_cast<std::int32_t>(row_end - at));
    at = row_end;
  }
  return out;
}

// Without rows of no tokens; cut at max_length where the packing does not split. `cut` counts what is lost.
std::vector<std::int32_t> kept_lengths(std::span<const std::int32_t> lengths, const RunConfig& config,
                                       std::int64_t& cut) {
  const bool splits = config.packing == Packing::kBfdSplit || config.packing == Packing::kWrapped;
  std::vector<std::int32_t> kept;
  kept.reserve(lengths.size());
  for (const std::int32_t length : lengths) {
    if (length <= 0) continue;
    kept.push_back(splits ? length : static_cast<std::int32_t>(std::min<std::int64_t>(length, config.max_length)));
    cut += length - kept.back();
  }
  return kept;
}

}  // namespace

std::vector<std::int64_t> evaluation_split(std::int64_t rows, const RunConfig& config) {
  const auto count = static_cast<std::int64_t>(std::ceil(static_cast<double>(rows) * config.eval_fraction));
  if (count >= rows) {
    fail(ErrorCode::kInvalidInput, "run file",
         "eval_fraction: got " + nlohmann::json(config.eval_fraction).dump() + " of " + std::to_string(rows) +
             " rows, expected to leave at least one row to train on.");
  }
  std::vector<std::int64_t> order = shuffled(rows, config.seed, ShufflePurpose::kSplit, 0);
  order.resize(static_cast<std::size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

std::int64_t largest_evaluation(std::span<const std::int32_t> lengths, const RunConfig& config) {
  std::int64_t cut = 0, largest = 0;
  for (const std::vector<Piece>& batch : plan_evaluation(kept_lengths(lengths, config, cut), config)) {
    std::int64_t tokens = 0;
    for (const Piece& piece : batch) tokens += piece.length;
    largest = std::max(largest, tokens);
  }
  return largest;
}

RunOutline outline_run(std::span<const std::int32_t> lengths, const RunConfig& config, std::int64_t units_shown) {
  RunOutline out;
  const std::vector<std::int32_t> kept = kept_lengths(lengths, config, out.cut_tokens);
  if (kept.empty()) return out;
  const UnitPlan plan = plan_units(kept, config);
  out.units = plan.num_units;
  out.fill = plan.fill;
  out.steps_per_epoch = plan.steps_per_epoch;
  out.total_steps = plan.total_steps;
  out.micro_batch_tokens = plan.max_micro_batch_tokens;
  out.micro_batch_sequences = std::min(config.per_device_train_batch_size, plan.num_units);
  const auto tokens = std::accumulate(kept.begin(), kept.end(), std::int64_t{0});
  out.tokens_per_step = static_cast<double>(tokens) / static_cast<double>(plan.steps_per_epoch);
  out.sequences = plan.pieces.empty() ? std::ssize(kept) : std::ssize(plan.pieces);

  std::vector<std::int64_t> begins;
  if (config.packing == Packing::kWrapped) {
    begins.assign(kept.size(), 0);
    for (std::size_t row = 1; row < kept.size(); ++row) begins[row] = begins[row - 1] + kept[row - 1];
  }
  const std::int64_t shown = std::min(units_shown, plan.num_units);
  for (std::int64_t i = 0; i < shown; ++i) {
    const std::int64_t unit = i * plan.num_units / shown;
    std::vector<std::int32_t>& in_unit = out.shown.emplace_back();
    if (config.packing == Packing::kWrapped) {
      in_unit = wrapped_unit(kept, begins, unit, config.max_length);
    } else if (config.packing == Packing::kNone) {
      in_unit.push_back(kept[static_cast<std::size_t>(unit)]);
    } else {
      for (const std::int64_t place : plan.units[static_cast<std::size_t>(unit)]) {
        in_unit.push_back(plan.pieces[static_cast<std::size_t>(place)].length);
      }
    }
  }
  return out;
}

double scheduled_learning_rate(const RunConfig& config, std::int64_t total_steps, std::int64_t steps_done) {
  return Schedule(config, total_steps).learning_rate(steps_done);
}

std::int64_t scheduled_warmup(const RunConfig& config, std::int64_t total_steps) {
  return Schedule(config, total_steps).warmup_steps();
}

}  // namespace vernier
