// Rows chosen and put in order a stretch at a time, so that a million of them never hold up whoever asks.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "ui/models/label_rows.h"

namespace vernier::ui {

// The work of select_rows() in pieces. Keeps a reference: rows may be added meanwhile, which are left out, but none may
// be taken away.
class RowSelection {
 public:
  RowSelection(const LabelRows& rows, const LabelRowQuery& query, std::int32_t max_length);

  // Looks at rows up to `most` times, each costing some ten nanoseconds; true once everything is done.
  bool advance(std::size_t most);
  const LabelRowQuery& query() const { return query_; }
  // So many rows there were.
  std::size_t of_rows() const { return size_; }
  // Indices into the rows, once it is done.
  std::vector<std::uint32_t> take() { return std::move(chosen_); }

 private:
  static constexpr int kBits = 11;
  static constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  static constexpr int kPasses = 2;
  // Each of them once over all rows, or over all that are chosen; both of a sorting pass as often as there are passes.
  enum class Stage { kChoose, kKeys, kCount, kPlace, kDone };

  std::size_t length() const { return stage_ == Stage::kChoose ? size_ : chosen_.size(); }
  void look_at(std::size_t at);
  void end_stage();
  bool is_wanted(std::size_t row) const;
  std::uint32_t key_of(std::size_t row) const;
  std::size_t bucket_of(std::uint32_t row) const { return (keys_[row] >> (pass_ * kBits)) & (kBuckets - 1); }

  const LabelRows& rows_;
  LabelRowQuery query_;
  std::int32_t max_length_;
  std::size_t size_;
  Stage stage_ = Stage::kChoose;
  std::size_t at_ = 0;
  int pass_ = 0;
  std::vector<std::uint32_t> chosen_;
  std::vector<std::uint32_t> keys_;    // by row
  std::vector<std::uint32_t> placed_;  // of this pass
  std::array<std::uint32_t, kBuckets + 1> starts_{};
};

}  // namespace vernier::ui
