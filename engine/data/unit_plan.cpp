#include "engine/data/unit_plan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace vernier {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

std::int64_t sum_of_largest(std::vector<std::int64_t> sizes, std::int64_t batch_size) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(batch_size, std::ssize(sizes)));
  std::partial_sort(sizes.begin(), sizes.begin() + count, sizes.end(), std::greater<>());
  return std::accumulate(sizes.begin(), sizes.begin() + count, std::int64_t{0});
}

}  // namespace

UnitPlan plan_units(std::span<const std::int32_t> lengths, const RunConfig& config) {
  UnitPlan plan;
  const std::int64_t capacity = config.max_length;
  const std::int64_t batch_size = config.per_device_train_batch_size;
  const std::int64_t num_tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  if (config.packing == Packing::kBfd || config.packing == Packing::kBfdSplit) {
    plan.pieces = split_long_rows(lengths, static_cast<std::int32_t>(capacity));
    std::stable_sort(plan.pieces.begin(), plan.pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.length > b.length; });
    std::vector<std::int32_t> piece_lengths;
    piece_lengths.reserve(plan.pieces.size());
    for (const Piece& piece : plan.pieces) piece_lengths.push_back(piece.length);
    plan.units = pack_best_fit_decreasing(piece_lengths, static_cast<std::int32_t>(capacity));
    plan.num_units = std::ssize(plan.units);
    std::vector<std::int64_t> sizes;
    for (const std::vector<std::int64_t>& places : plan.units) {
      std::int64_t size = 0;
      for (const std::int64_t place : places) size += piece_lengths[static_cast<std::size_t>(place)];
      sizes.push_back(size);
    }
    plan.max_micro_batch_tokens = sum_of_largest(std::move(sizes), batch_size);
  } else if (config.packing == Packing::kWrapped) {
    plan.num_units = ceil_div(num_tokens, capacity);
    plan.max_micro_batch_tokens = std::min(batch_size * capacity, num_tokens);
  } else {
    plan.num_units = std::ssize(lengths);
    plan.max_micro_batch_tokens = sum_of_largest({lengths.begin(), lengths.end()}, batch_size);
  }
  if (config.packing != Packing::kNone) {
    plan.fill = static_cast<double>(num_tokens) / (static_cast<double>(plan.num_units) * static_cast<double>(capacity));
  }
  plan.steps_per_epoch = ceil_div(ceil_div(plan.num_units, batch_size), config.gradient_accumulation_steps);
  const double steps = std::ceil(config.num_train_epochs * static_cast<double>(plan.steps_per_epoch) - 1e-9);
  plan.total_steps =
      config.max_steps > 0 ? config.max_steps : std::max<std::int64_t>(1, static_cast<std::int64_t>(steps));
  return plan;
}

std::vector<std::vector<Piece>> plan_evaluation(std::span<const std::int32_t> lengths, const RunConfig& config) {
  const std::int64_t max_tokens = config.per_device_train_batch_size * config.max_length;
  std::vector<std::vector<Piece>> batches;
  std::int64_t tokens = 0;  // of the last one
  for (const Piece& piece : split_long_rows(lengths, static_cast<std::int32_t>(config.max_length))) {
    const bool full = batches.empty() || (config.packing != Packing::kNone
                                              ? tokens + piece.length > max_tokens
                                              : std::ssize(batches.back()) >= config.per_device_train_batch_size);
    if (full) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(piece);
    tokens += piece.length;
  }
  return batches;
}

}  // namespace vernier
