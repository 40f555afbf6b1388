#include "engine/data/batch_planner.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "engine/data/packer.h"
#include "engine/data/shuffle.h"

namespace vernier {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

void append_row(const TokenDataset& rows, std::int64_t index, MicroBatch& out) {
  const TokenRow row = rows.row(index);
  out.append(row.source_row, row.input_ids.data(), row.labels.data(), static_cast<std::int32_t>(row.input_ids.size()));
}

}  // namespace

BatchPlanner::BatchPlanner(TokenDataset rows, const RunConfig& config)
    : rows_(std::move(rows)),
      packing_(config.packing),
      seed_(config.seed),
      batch_size_(config.per_device_train_batch_size),
      accumulation_(config.gradient_accumulation_steps) {
  std::int64_t num_units = rows_.size();
  if (packing_) {
    by_length_.resize(static_cast<std::size_t>(rows_.size()));
    std::iota(by_length_.begin(), by_length_.end(), std::int64_t{0});
    std::stable_sort(by_length_.begin(), by_length_.end(),
                     [&](std::int64_t a, std::int64_t b) { return rows_.length(a) > rows_.length(b); });
    std::vector<std::int32_t> lengths;
    lengths.reserve(by_length_.size());
    for (const std::int64_t row : by_length_) lengths.push_back(rows_.length(row));
    const auto capacity = static_cast<std::int32_t>(config.max_length);
    units_ = pack_best_fit_decreasing(lengths, capacity);
    num_units = static_cast<std::int64_t>(units_.size());
    fill_ = static_cast<double>(rows_.num_tokens()) / (static_cast<double>(num_units) * capacity);
  }
  steps_per_epoch_ = ceil_div(ceil_div(num_units, batch_size_), accumulation_);
  total_steps_ = config.max_steps > 0 ? config.max_steps
                                      : static_cast<std::int64_t>(std::ceil(
                                            config.num_train_epochs * static_cast<double>(steps_per_epoch_) - 1e-9));
  total_steps_ = std::max<std::int64_t>(total_steps_, 1);
}

double BatchPlanner::epochs_after(std::int64_t step) const {
  return static_cast<double>(step) / static_cast<double>(steps_per_epoch_);
}

std::int32_t BatchPlanner::longest_row() const {
  std::int32_t longest = 0;
  for (std::int64_t i = 0; i < rows_.size(); ++i) longest = std::max(longest, rows_.length(i));
  return longest;
}

std::int64_t BatchPlanner::max_micro_batch_tokens() const {
  std::vector<std::int64_t> sizes;
  for (std::int64_t row = 0; !packing_ && row < rows_.size(); ++row) sizes.push_back(rows_.length(row));
  for (const std::vector<std::int64_t>& places : units_) {
    std::int64_t size = 0;
    for (const std::int64_t place : places) size += rows_.length(by_length_[static_cast<std::size_t>(place)]);
    sizes.push_back(size);
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(batch_size_, std::ssize(sizes)));
  std::partial_sort(sizes.begin(), sizes.begin() + count, sizes.end(), std::greater<>());
  return std::accumulate(sizes.begin(), sizes.begin() + count, std::int64_t{0});
}

void BatchPlanner::enter_epoch(std::int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  const auto index = static_cast<std::uint64_t>(epoch);
  if (!packing_) {
    order_ = shuffled(rows_.size(), seed_, ShufflePurpose::kEpoch, index);
    return;
  }
  order_ = shuffled(static_cast<std::int64_t>(units_.size()), seed_, ShufflePurpose::kEpoch, index);
  // A random order of all rows, sorted stably by length, is a random order within each length.
  row_of_place_ = shuffled(rows_.size(), seed_, ShufflePurpose::kPacking, index);
  std::stable_sort(row_of_place_.begin(), row_of_place_.end(),
                   [&](std::int64_t a, std::int64_t b) { return rows_.length(a) > rows_.length(b); });
}

void BatchPlanner::append_unit(std::int64_t unit, MicroBatch& out) const {
  if (!packing_) {
    append_row(rows_, unit, out);
    return;
  }
  for (const std::int64_t place : units_[static_cast<std::size_t>(unit)]) {
    append_row(rows_, row_of_place_[static_cast<std::size_t>(place)], out);
  }
}

std::vector<MicroBatch> BatchPlanner::micro_batches(std::int64_t step) {
  enter_epoch((step - 1) / steps_per_epoch_);
  const std::int64_t in_epoch = (step - 1) % steps_per_epoch_;
  const auto num_units = static_cast<std::int64_t>(order_.size());
  const std::int64_t per_step = batch_size_ * accumulation_;
  const std::int64_t begin = in_epoch * per_step;
  const std::int64_t end = std::min(num_units, begin + per_step);
  std::vector<MicroBatch> out;
  for (std::int64_t first = begin; first < end; first += batch_size_) {
    MicroBatch& batch = out.emplace_back();
    for (std::int64_t i = first; i < std::min(end, first + batch_size_); ++i) {
      append_unit(order_[static_cast<std::size_t>(i)], batch);
    }
  }
  return out;
}

std::vector<MicroBatch> evaluation_batches(const TokenDataset& rows, const RunConfig& config) {
  const std::int64_t max_tokens = config.per_device_train_batch_size * config.max_length;
  std::vector<MicroBatch> out;
  for (std::int64_t i = 0; i < rows.size(); ++i) {
    bool full = out.empty();
    if (!full && config.packing) {
      full = static_cast<std::int64_t>(out.back().input_ids.size()) + rows.length(i) > max_tokens;
    } else if (!full) {
      full = static_cast<std::int64_t>(out.back().sequences.size()) >= config.per_device_train_batch_size;
    }
    if (full) out.emplace_back();
    append_row(rows, i, out.back());
  }
  return out;
}

}  // namespace vernier
