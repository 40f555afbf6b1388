#include "ui/models/row_selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace vernier::ui {
namespace {

// Thousandths of the row's tokens.
constexpr std::uint32_t kWhole = 1000;

}  // namespace

RowSelection::RowSelection(const LabelRows& rows, const LabelRowQuery& query, std::int32_t max_length)
    : rows_(rows), query_(query), max_length_(max_length), size_(rows.size()) {
  if (query_.show == LabelRowQuery::Show::kAll) chosen_.reserve(size_);
}

bool RowSelection::advance(std::size_t most) {
  while (stage_ != Stage::kDone) {
    const std::size_t end = length();
    for (; at_ < end && most > 0; ++at_, --most) look_at(at_);
    if (at_ < end) return false;
    end_stage();
  }
  return true;
}

void RowSelection::look_at(std::size_t at) {
  switch (stage_) {
    case Stage::kChoose:
      if (is_wanted(at)) chosen_.push_back(static_cast<std::uint32_t>(at));
      break;
    case Stage::kKeys:
      keys_[chosen_[at]] = key_of(chosen_[at]);
      break;
    case Stage::kCount:
      ++starts_[bucket_of(chosen_[at]) + 1];
      break;
    case Stage::kPlace:
      placed_[starts_[bucket_of(chosen_[at])]++] = chosen_[at];
      break;
    case Stage::kDone:
      break;
  }
}

void RowSelection::end_stage() {
  at_ = 0;
  switch (stage_) {
    case Stage::kChoose:
      stage_ = query_.order == LabelRowQuery::Order::kFile ? Stage::kDone : Stage::kKeys;
      if (stage_ == Stage::kKeys) keys_.resize(size_);
      break;
    case Stage::kKeys:
      placed_.resize(chosen_.size());
      stage_ = Stage::kCount;
      break;
    case Stage::kCount:
      std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
      stage_ = Stage::kPlace;
      break;
    case Stage::kPlace:
      // Equal ones keep their order, so that the last pass leaves all in order.
      chosen_.swap(placed_);
      starts_ = {};
      stage_ = ++pass_ < kPasses ? Stage::kCount : Stage::kDone;
      break;
    case Stage::kDone:
      break;
  }
}

bool RowSelection::is_wanted(std::size_t row) const {
  using Show = LabelRowQuery::Show;
  switch (query_.show) {
    case Show::kAll:
      return true;
    case Show::kTruncated:
      return LabelRows::is_cut(rows_[row], max_length_);
    case Show::kLost:
      return LabelRows::lost_with(rows_[row], max_length_) >= 0;
    case Show::kLostFor:
      return LabelRows::lost_with(rows_[row], max_length_) == static_cast<int>(query_.reason);
    case Show::kFlagged:
      return (rows_[row].flags & query_.flag) != 0;
  }
  return true;
}

std::uint32_t RowSelection::key_of(std::size_t i) const {
  using Order = LabelRowQuery::Order;
  const LabelRow& row = rows_[i];
  if (query_.order == Order::kLongest || query_.order == Order::kShortest) {
    const auto length = static_cast<std::uint32_t>(std::min(row.tokens, LabelRows::kMaxLength));
    return query_.order == Order::kShortest ? length : static_cast<std::uint32_t>(LabelRows::kMaxLength) - length;
  }
  const auto kept = max_length_ > 0 ? std::min(row.tokens, max_length_) : row.tokens;
  const double share = kept == 0 ? 0.0 : static_cast<double>(rows_.targets_with(i, max_length_)) / kept;
  const auto thousandths = static_cast<std::uint32_t>(std::lround(share * kWhole));
  return query_.order == Order::kLeastLearnt ? thousandths : kWhole - thousandths;
}

std::vector<std::uint32_t> select_rows(const LabelRows& rows, const LabelRowQuery& query, std::int32_t max_length) {
  RowSelection selection(rows, query, max_length);
  selection.advance(std::numeric_limits<std::size_t>::max());
  return selection.take();
}

}  // namespace vernier::ui
