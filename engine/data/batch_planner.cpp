#include "engine/data/batch_planner.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "engine/data/shuffle.h"

namespace vernier {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

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
      num_units_(rows_.size()) {
  if (packing_ == Packing::kBfd || packing_ == Packing::kBfdSplit) {
    pieces_ = split_long_rows(lengths_of(rows_), static_cast<std::int32_t>(capacity_));
    std::stable_sort(pieces_.begin(), pieces_.end(),
                     [](const Piece& a, const Piece& b) { return a.length > b.length; });
    std::vector<std::int32_t> lengths;
    lengths.reserve(pieces_.size());
    for (const Piece& piece : pieces_) lengths.push_back(piece.length);
    units_ = pack_best_fit_decreasing(lengths, static_cast<std::int32_t>(capacity_));
    num_units_ = static_cast<std::int64_t>(units_.size());
  } else if (packing_ == Packing::kWrapped) {
    num_units_ = ceil_div(rows_.num_tokens(), capacity_);
  }
  if (packing_ != Packing::kNone) {
    fill_ =
        static_cast<double>(rows_.num_tokens()) / (static_cast<double>(num_units_) * static_cast<double>(capacity_));
  }
  steps_per_epoch_ = ceil_div(ceil_div(num_units_, batch_size_), accumulation_);
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
  return static_cast<std::int32_t>(std::min<std::int64_t>(longest, capacity_));
}

void BatchPlanner::enter_epoch(std::int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  const auto index = static_cast<std::uint64_t>(epoch);
  order_ = shuffled(packing_ == Packing::kWrapped ? rows_.size() : num_units_, seed_, ShufflePurpose::kEpoch, index);
  if (packing_ == Packing::kWrapped) {
    row_begins_.resize(order_.size());
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      row_begins_[i] = begin;
      begin += rows_.length(order_[i]);
    }
  } else if (packing_ != Packing::kNone) {
    // A random order of all pieces, sorted stably by length, is a random order within each length.
    piece_of_place_ = shuffled(static_cast<std::int64_t>(pieces_.size()), seed_, ShufflePurpose::kPacking, index);
    std::stable_sort(piece_of_place_.begin(), piece_of_place_.end(), [&](std::int64_t a, std::int64_t b) {
      return pieces_[static_cast<std::size_t>(a)].length > pieces_[static_cast<std::size_t>(b)].length;
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
  for (const std::int64_t place : units_[static_cast<std::size_t>(chosen)]) {
    const auto piece = static_cast<std::size_t>(piece_of_place_[static_cast<std::size_t>(place)]);
    append_piece(rows_, pieces_[piece], out);
  }
}

std::vector<MicroBatch> BatchPlanner::micro_batches(std::int64_t step) {
  enter_epoch((step - 1) / steps_per_epoch_);
  const std::int64_t in_epoch = (step - 1) % steps_per_epoch_;
  const std::int64_t per_step = batch_size_ * accumulation_;
  const std::int64_t begin = in_epoch * per_step;
  const std::int64_t end = std::min(num_units_, begin + per_step);
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

std::int64_t BatchPlanner::max_micro_batch_tokens() const {
  if (packing_ == Packing::kWrapped) return std::min(batch_size_ * capacity_, rows_.num_tokens());
  std::vector<std::int64_t> sizes;
  for (std::int64_t row = 0; packing_ == Packing::kNone && row < rows_.size(); ++row) {
    sizes.push_back(rows_.length(row));
  }
  for (const std::vector<std::int64_t>& places : units_) {
    std::int64_t size = 0;
    for (const std::int64_t place : places) size += pieces_[static_cast<std::size_t>(place)].length;
    sizes.push_back(size);
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(batch_size_, std::ssize(sizes)));
  std::partial_sort(sizes.begin(), sizes.begin() + count, sizes.end(), std::greater<>());
  return std::accumulate(sizes.begin(), sizes.begin() + count, std::int64_t{0});
}

std::vector<MicroBatch> evaluation_batches(const TokenDataset& rows, const RunConfig& config) {
  const std::int64_t max_tokens = config.per_device_train_batch_size * config.max_length;
  std::vector<MicroBatch> out;
  for (const Piece& piece : split_long_rows(lengths_of(rows), static_cast<std::int32_t>(config.max_length))) {
    bool full = out.empty();
    if (!full && config.packing != Packing::kNone) {
      full = static_cast<std::int64_t>(out.back().input_ids.size()) + piece.length > max_tokens;
    } else if (!full) {
      full = static_cast<std::int64_t>(out.back().sequences.size()) >= config.per_device_train_batch_size;
    }
    if (full) out.emplace_back();
    append_piece(rows, piece, out.back());
  }
  rows.release_pages();
  return out;
}

}  // namespace vernier
