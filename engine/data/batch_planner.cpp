#include "engine/data/batch_planner.h"

#include <algorithm>
#include <numeric>

#include "engine/data/shuffle.h"

namespace vernier {
namespace {

constexpr std::int64_t kWrappedEpochs = 8;  // looked at for something to learn

std::vector<std::int32_t> lengths_of(const TokenDataset& rows) {
  std::vector<std::int32_t> lengths(static_cast<std::size_t>(rows.size()));
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = rows.length(static_cast<std::int64_t>(i));
  return lengths;
}

void append_piece(const TokenDataset& rows, const Piece& piece, MicroBatch& out) {
  const TokenRow row = rows.row(piece.row);
  out.append(row.source_row, row.input_ids.data() + piece.begin, row.labels.data() + piece.begin, piece.length,
             piece.begin);
}

}  // namespace

BatchPlanner::BatchPlanner(TokenDataset rows, const RunConfig& config)
    : rows_(std::move(rows)),
      packing_(config.packing),
      seed_(config.seed),
      batch_size_(config.per_device_train_batch_size),
      accumulation_(config.gradient_accumulation_steps),
      capacity_(config.max_length),
      plan_(plan_units(lengths_of(rows_), config)) {}

double BatchPlanner::epochs_after(std::int64_t step) const {
  return static_cast<double>(step) / static_cast<double>(plan_.steps_per_epoch);
}

std::int32_t BatchPlanner::longest_row() const {
  std::int32_t longest = 0;
  for (std::int64_t i = 0; i < rows_.size(); ++i) longest = std::max(longest, rows_.length(i));
  return static_cast<std::int32_t>(std::min<std::int64_t>(longest, capacity_));
}

void BatchPlanner::enter_epoch(std::int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  const auto index = static_cast<std::uint64_t>(epoch);
  order_ =
      shuffled(packing_ == Packing::kWrapped ? rows_.size() : plan_.num_units, seed_, ShufflePurpose::kEpoch, index);
  if (packing_ == Packing::kWrapped) {
    row_begins_.resize(order_.size());
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      row_begins_[i] = begin;
      begin += rows_.length(order_[i]);
    }
  } else if (packing_ != Packing::kNone) {
    // A random order of all pieces, sorted stably by length, is a random order within each length.
    piece_of_place_ = shuffled(static_cast<std::int64_t>(plan_.pieces.size()), seed_, ShufflePurpose::kPacking, index);
    std::stable_sort(piece_of_place_.begin(), piece_of_place_.end(), [&](std::int64_t a, std::int64_t b) {
      return plan_.pieces[static_cast<std::size_t>(a)].length > plan_.pieces[static_cast<std::size_t>(b)].length;
    });
  }
}

void BatchPlanner::append_unit(std::int64_t unit, MicroBatch& out) const {
  if (packing_ == Packing::kWrapped) {
    const std::int64_t begin = unit * capacity_;
    const std::int64_t end = std::min(begin + capacity_, rows_.num_tokens());
    auto i = static_cast<std::size_t>(std::upper_bound(row_begins_.begin(), row_begins_.end(), begin) -
                                      row_begins_.begin() - 1);
    for (std::int64_t at = begin; at < end; ++i) {
      const auto in_row = static_cast<std::int32_t>(at - row_begins_[i]);
      const std::int64_t left = std::min<std::int64_t>(rows_.length(order_[i]) - in_row, end - at);
      append_piece(rows_, {order_[i], in_row, static_cast<std::int32_t>(left)}, out);
      at += left;
    }
    return;
  }
  const std::int64_t chosen = order_[static_cast<std::size_t>(unit)];
  if (packing_ == Packing::kNone) {
    append_piece(rows_, {chosen, 0, rows_.length(chosen)}, out);
    return;
  }
  for (const std::int64_t place : plan_.units[static_cast<std::size_t>(chosen)]) {
    const auto piece = static_cast<std::size_t>(piece_of_place_[static_cast<std::size_t>(place)]);
    append_piece(rows_, plan_.pieces[piece], out);
  }
}

std::vector<MicroBatch> BatchPlanner::micro_batches(std::int64_t step) {
  enter_epoch((step - 1) / plan_.steps_per_epoch);
  const std::int64_t in_epoch = (step - 1) % plan_.steps_per_epoch;
  const std::int64_t per_step = batch_size_ * accumulation_;
  const std::int64_t begin = in_epoch * per_step;
  const std::int64_t end = std::min(plan_.num_units, begin + per_step);
  std::vector<MicroBatch> out;
  for (std::int64_t first = begin; first < end; first += batch_size_) {
    MicroBatch& batch = out.emplace_back();
    for (std::int64_t unit = first; unit < std::min(end, first + batch_size_); ++unit) {
      const std::size_t had = batch.sequences.size();
      append_unit(unit, batch);
      for (std::size_t i = had; i < batch.sequences.size(); ++i) {
        batch.sequences[i].packed_row = static_cast<std::int32_t>(unit - first);
      }
    }
  }
  rows_.release_pages();
  return out;
}

std::int64_t BatchPlanner::tokens_of_unit(std::int64_t unit) const {
  if (packing_ == Packing::kNone) return rows_.length(unit);
  std::int64_t tokens = 0;
  for (const std::int64_t place : plan_.units[static_cast<std::size_t>(unit)]) {
    tokens += plan_.pieces[static_cast<std::size_t>(place)].length;
  }
  return tokens;
}

std::vector<std::int64_t> BatchPlanner::largest_units() const {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(plan_.num_units));
  std::vector<std::int64_t> units(sizes.size());
  std::iota(units.begin(), units.end(), 0);
  for (const std::int64_t unit : units) sizes[static_cast<std::size_t>(unit)] = tokens_of_unit(unit);
  const auto count = static_cast<std::ptrdiff_t>(std::min(batch_size_, plan_.num_units));
  std::partial_sort(units.begin(), units.begin() + count, units.end(), [&](std::int64_t a, std::int64_t b) {
    return sizes[static_cast<std::size_t>(a)] > sizes[static_cast<std::size_t>(b)];
  });
  units.resize(static_cast<std::size_t>(count));
  return units;
}

MicroBatch BatchPlanner::longest_micro_batch() {
  MicroBatch out;
  if (packing_ == Packing::kWrapped) {
    enter_epoch(0);
    for (std::int64_t unit = 0; unit < std::min(batch_size_, plan_.num_units); ++unit) append_unit(unit, out);
  } else {
    for (const std::int64_t unit : largest_units()) {
      if (packing_ == Packing::kNone) {
        append_piece(rows_, {unit, 0, rows_.length(unit)}, out);
        continue;
      }
      for (const std::int64_t place : plan_.units[static_cast<std::size_t>(unit)]) {
        append_piece(rows_, plan_.pieces[static_cast<std::size_t>(place)], out);
      }
    }
  }
  rows_.release_pages();
  return out;
}

bool any_target(const std::vector<MicroBatch>& batches) {
  return std::ranges::any_of(batches, [](const MicroBatch& batch) {
    return std::ranges::any_of(batch.sequences, [&](const SequenceRef& sequence) {
      return count_row_targets(
                 std::span(batch.labels)
                     .subspan(static_cast<std::size_t>(sequence.begin), static_cast<std::size_t>(sequence.length))) > 0;
    });
  });
}

bool BatchPlanner::has_targets() {
  if (capacity_ == 1) return false;
  const std::int64_t epochs = packing_ == Packing::kWrapped ? kWrappedEpochs : 1;
  for (std::int64_t step = 1; step <= epochs * plan_.steps_per_epoch; ++step) {
    if (any_target(micro_batches(step))) return true;
  }
  return false;
}

std::vector<MicroBatch> evaluation_batches(const TokenDataset& rows, const RunConfig& config) {
  std::vector<MicroBatch> out;
  for (const std::vector<Piece>& pieces : plan_evaluation(lengths_of(rows), config)) {
    MicroBatch& batch = out.emplace_back();
    for (const Piece& piece : pieces) append_piece(rows, piece, batch);
  }
  rows.release_pages();
  return out;
}

}  // namespace vernier
