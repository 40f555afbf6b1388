#include "ui/models/label_rows.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace vernier::ui {
qint64 LengthEffect::lost_rows() const {
  return std::accumulate(lost.begin(), lost.end(), qint64{0});
}

void LabelRows::clear() {
  *this = LabelRows();
}

void LabelRows::add_at(std::vector<std::int64_t>& counts, std::int32_t at, std::int64_t count) {
  const auto index = static_cast<std::size_t>(std::min(at, kMaxLength));
  if (counts.size() <= index) counts.resize(std::bit_ceil(index + 1));
  counts[index] += count;
}

void LabelRows::append(const RowSummary& summary) {
  LabelRow row;
  row.file_row = summary.file_row;
  row.example = summary.example;
  row.tokens = summary.ends.empty() ? 0 : summary.ends.back();
  row.first_target = row.tokens;
  row.first_end = static_cast<std::uint32_t>(ends_.size());
  row.num_ends = static_cast<std::uint32_t>(summary.ends.size());
  row.lost = summary.lost ? static_cast<std::int8_t>(*summary.lost) : std::int8_t{-1};
  const auto set = [&row](bool on, LabelFlag flag) {
    if (on) row.flags = static_cast<std::uint8_t>(row.flags | flag);
  };
  set(summary.duplicate, kFlagDuplicate);
  set(summary.empty, kFlagEmpty);
  set(summary.placeholder, kFlagPlaceholder);
  set(summary.special_token, kFlagSpecialToken);
  set(summary.unclosed_turn, kFlagUnclosedTurn);
  set(summary.double_bos, kFlagDoubleBos);
  for (std::size_t i = 1; i < summary.ends.size(); i += 2) {
    const std::int32_t begin = std::max(1, summary.ends[i - 1]), end = summary.ends[i];
    if (begin >= end) continue;
    row.first_target = std::min(row.first_target, begin);
    row.targets += end - begin;
  }
  ends_.insert(ends_.end(), summary.ends.begin(), summary.ends.end());
  rows_.push_back(row);

  longest_ = std::max(longest_, row.tokens);
  for (int bit = 0; bit < kNumLabelFlags; ++bit) flags_[static_cast<std::size_t>(bit)] += (row.flags >> bit) & 1;
  tokens_ += row.tokens;
  targets_ += row.targets;
  add_at(by_length_, row.tokens, 1);
  if (row.lost >= 0) {
    ++always_lost_[static_cast<std::size_t>(row.lost)];
  } else {
    add_at(by_first_target_, row.first_target, 1);
  }
  for (std::size_t i = 1; i < summary.ends.size(); i += 2) {
    const std::int32_t begin = std::max(1, summary.ends[i - 1]), end = summary.ends[i];
    if (begin >= end) continue;
    add_at(target_edges_, begin, 1);
    add_at(target_edges_, end, -1);
  }
  is_summed_ = false;
}

void LabelRows::append(const LabelRows& other) {
  const auto shift = static_cast<std::uint32_t>(ends_.size());
  const std::size_t first = rows_.size();
  rows_.insert(rows_.end(), other.rows_.begin(), other.rows_.end());
  for (std::size_t i = first; i < rows_.size(); ++i) rows_[i].first_end += shift;
  ends_.insert(ends_.end(), other.ends_.begin(), other.ends_.end());
  longest_ = std::max(longest_, other.longest_);
  tokens_ += other.tokens_;
  targets_ += other.targets_;
  const auto add = [](auto& to, const auto& from) {
    for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
  };
  add(flags_, other.flags_);
  add(always_lost_, other.always_lost_);
  for (auto [to, from] :
       {std::pair(&by_length_, &other.by_length_), std::pair(&by_first_target_, &other.by_first_target_),
        std::pair(&target_edges_, &other.target_edges_)}) {
    if (to->size() < from->size()) to->resize(from->size());
    add(*to, *from);
  }
  is_summed_ = false;
}

qint64 LabelRows::flagged(LabelFlag flag) const {
  return flags_[static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(flag)))];
}

void LabelRows::sum_up() const {
  if (is_summed_) return;
  is_summed_ = true;
  const std::size_t size = static_cast<std::size_t>(std::min(longest_, kMaxLength)) + 2;
  for (auto* sums : {&rows_up_to_, &tokens_up_to_, &first_targets_below_, &targets_below_}) sums->assign(size, 0);
  const auto count = [](const std::vector<std::int64_t>& counts, std::size_t i) {
    return i < counts.size() ? counts[i] : 0;
  };
  // [n + 1] from [n]. Rows longer than n have one token more with max_length n + 1; likewise their targets.
  std::int64_t labelled = 0;  // rows with a target at n
  for (std::size_t n = 0; n + 1 < size; ++n) {
    rows_up_to_[n + 1] = rows_up_to_[n] + count(by_length_, n);
    tokens_up_to_[n + 1] = tokens_up_to_[n] + static_cast<std::int64_t>(rows_.size()) - rows_up_to_[n + 1];
    first_targets_below_[n + 1] = first_targets_below_[n] + count(by_first_target_, n);
    labelled += count(target_edges_, n);
    targets_below_[n + 1] = targets_below_[n] + labelled;
  }
}

qint64 LabelRows::learnable_duplicates(std::int32_t max_length) const {
  return std::count_if(rows_.begin(), rows_.end(), [max_length](const LabelRow& row) {
    return (row.flags & kFlagDuplicate) != 0 && lost_with(row, max_length) < 0;
  });
}

LengthEffect LabelRows::effect(std::int32_t max_length) const {
  LengthEffect out;
  out.rows = static_cast<qint64>(rows_.size());
  out.lost = always_lost_;
  if (max_length <= 0 || max_length >= longest_ || max_length >= kMaxLength) {
    out.tokens = tokens_;
    out.targets = targets_;
    return out;
  }
  sum_up();
  const auto n = static_cast<std::size_t>(max_length);
  out.truncated = out.rows - rows_up_to_[n + 1];
  out.tokens = tokens_up_to_[n];
  out.cut_tokens = tokens_ - out.tokens;
  out.targets = targets_below_[n];
  const qint64 learnable = out.rows - out.lost_rows();
  out.lost[static_cast<std::size_t>(LostReason::kPromptTooLong)] += learnable - first_targets_below_[n];
  return out;
}

std::int32_t LabelRows::length_quantile(double share) const {
  const double wanted = share * static_cast<double>(rows_.size());
  std::int64_t rows = 0;
  for (std::size_t n = 0; n < by_length_.size(); ++n) {
    rows += by_length_[n];
    if (static_cast<double>(rows) >= wanted) return static_cast<std::int32_t>(n);
  }
  return longest_;
}

int LabelRows::lost_with(const LabelRow& row, std::int32_t max_length) {
  if (row.lost >= 0) return row.lost;
  const bool cut_off = max_length > 0 && row.first_target >= max_length;
  return cut_off ? static_cast<int>(LostReason::kPromptTooLong) : -1;
}

std::int32_t LabelRows::targets_with(std::size_t i, std::int32_t max_length) const {
  if (!is_cut(rows_[i], max_length)) return rows_[i].targets;
  std::int32_t targets = 0;
  const std::span<const std::int32_t> row = ends(i);
  for (std::size_t e = 1; e < row.size(); e += 2) {
    targets += std::max(0, std::min(row[e], max_length) - std::max(1, row[e - 1]));
  }
  return targets;
}

}  // namespace vernier::ui
