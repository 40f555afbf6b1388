// Every row of a data set by where its labels lie, and what any max_length would leave of it.
#pragma once

#include <QtGlobal>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "vernier/row_inspector.h"

namespace vernier::ui {

// Why a row is worth a look. Bits.
enum LabelFlag : std::uint8_t {
  kFlagDuplicate = 1,
  kFlagEmpty = 2,
  kFlagPlaceholder = 4,
  kFlagSpecialToken = 8,
  kFlagUnclosedTurn = 16,
  kFlagDoubleBos = 32
};
inline constexpr int kNumLabelFlags = 6;

// Of a row that was not cut.
struct LabelRow {
  std::int64_t file_row = 0;
  std::int32_t example = 0;
  std::int32_t tokens = 0;
  std::int32_t targets = 0;       // labelled tokens, the first one apart, which nothing predicts
  std::int32_t first_target = 0;  // `tokens` where there is none
  std::uint32_t first_end = 0;    // of the ends
  std::uint32_t num_ends = 0;
  std::int8_t lost = -1;  // a LostReason that no max_length changes, or -1
  std::uint8_t flags = 0;
};

// What cutting at a max_length leaves.
struct LengthEffect {
  qint64 rows = 0;
  qint64 truncated = 0;
  qint64 tokens = 0;  // kept
  qint64 cut_tokens = 0;
  qint64 targets = 0;  // kept
  std::array<qint64, kNumLostReasons> lost{};

  qint64 lost_rows() const;
  // Rows that have something to learn.
  qint64 learnable() const { return rows - lost_rows(); }
  bool operator==(const LengthEffect&) const = default;
};

// A million rows take some 60 MB. Thread: one at a time; copies of the rows are cheap to make where they are few.
class LabelRows {
 public:
  // Beyond so many tokens positions are no longer told apart.
  static constexpr std::int32_t kMaxLength = 1 << 20;

  void clear();
  void append(const RowSummary& row);
  // Those of `other` behind these.
  void append(const LabelRows& other);

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const LabelRow& operator[](std::size_t i) const { return rows_[i]; }
  // As RowSummary::ends.
  std::span<const std::int32_t> ends(std::size_t i) const {
    return std::span(ends_).subspan(rows_[i].first_end, rows_[i].num_ends);
  }
  std::int32_t longest() const { return longest_; }
  qint64 flagged(LabelFlag flag) const;
  // Rows with something to learn that an earlier row says already. Linear.
  qint64 learnable_duplicates(std::int32_t max_length) const;

  // max_length 0: nothing is cut. O(1) but for the first call after rows were added.
  LengthEffect effect(std::int32_t max_length) const;
  // Rows of exactly so many tokens.
  const std::vector<std::int64_t>& rows_by_length() const { return by_length_; }
  // The smallest length that `share` (0 to 1) of the rows do not exceed.
  std::int32_t length_quantile(double share) const;

  // A row's LostReason with this max_length (0: nothing is cut), or -1.
  static int lost_with(const LabelRow& row, std::int32_t max_length);
  static bool is_cut(const LabelRow& row, std::int32_t max_length) { return max_length > 0 && row.tokens > max_length; }
  // Labelled tokens that are kept.
  std::int32_t targets_with(std::size_t i, std::int32_t max_length) const;

 private:
  void sum_up() const;
  static void add_at(std::vector<std::int64_t>& counts, std::int32_t at, std::int64_t count);

  std::vector<LabelRow> rows_;
  std::vector<std::int32_t> ends_;
  std::int32_t longest_ = 0;
  std::array<qint64, kNumLabelFlags> flags_{};
  std::array<qint64, kNumLostReasons> always_lost_{};
  qint64 tokens_ = 0;
  qint64 targets_ = 0;
  std::vector<std::int64_t> by_length_;        // [n]: rows of n tokens
  std::vector<std::int64_t> by_first_target_;  // [n]: rows that can be learnt and whose first target is at n
  std::vector<std::int64_t> target_edges_;     // [n]: rows whose targets begin at n, less those whose end there
  // Sums over [0, n), made when they are asked for.
  mutable bool is_summed_ = true;
  mutable std::vector<std::int64_t> rows_up_to_, tokens_up_to_, first_targets_below_, targets_below_;
};

// Which rows, in which order.
struct LabelRowQuery {
  enum class Show { kAll, kTruncated, kLost, kLostFor, kFlagged };
  enum class Order { kFile, kLongest, kShortest, kMostLearnt, kLeastLearnt };
  Show show = Show::kAll;
  LostReason reason = LostReason::kPromptTooLong;  // kLostFor
  LabelFlag flag = kFlagDuplicate;                 // kFlagged
  Order order = Order::kFile;
  bool operator==(const LabelRowQuery&) const = default;
};

// Indices into `rows`. Linear in their number, the orders too.
std::vector<std::uint32_t> select_rows(const LabelRows& rows, const LabelRowQuery& query, std::int32_t max_length);

}  // namespace vernier::ui
