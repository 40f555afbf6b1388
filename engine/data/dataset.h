// Rows of token ids with their labels, and why each label is what it is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/data/row_fingerprint.h"
#include "vernier/data.h"

namespace vernier {

// A row, seen in the data set that holds it.
struct TokenRow {
  std::span<const std::int32_t> input_ids;
  std::vector<std::int32_t> labels;  // labels[i] is the label of token i, or kNoLabel
  std::vector<LabelSpan> spans;      // cover the row without gaps
  std::int64_t source_row = 0;       // of the data file, from 0
  std::int32_t cut_tokens = 0;       // lost to max_length
  std::optional<LostReason> lost;    // nothing to learn
  bool duplicate = false;            // before cutting, an earlier row had the same tokens and labels
};

// A token's label counts only where a token before it can predict it.
std::int64_t count_row_targets(std::span<const std::int32_t> labels);

// Where a row lies in a data set's words, and what is known of it. Its words: the ids; the labels, where they are not
// what the spans make of the ids; each span's end and reason.
struct RowEntry {
  std::uint64_t first_word = 0;
  std::int64_t source_row = 0;
  std::int32_t num_tokens = 0;
  std::int32_t num_spans = 0;
  std::int32_t cut_tokens = 0;
  std::int8_t lost = -1;  // a LostReason, or -1
  std::uint8_t own_labels = 0;
  std::uint8_t duplicate = 0;
  std::uint8_t unused = 0;

  std::uint64_t num_words() const {
    return static_cast<std::uint64_t>(num_tokens) * (own_labels != 0 ? 2 : 1) +
           2 * static_cast<std::uint64_t>(num_spans);
  }
};

// Whether a row's words lie within so many.
bool lies_within(const RowEntry& entry, std::uint64_t num_words);

// Appends the words of a row and returns its entry; first_word is where they begin in `words`.
RowEntry encode_row(const TokenRow& row, std::vector<std::int32_t>& words);

// A file that rows lie in.
class RowFile {
 public:
  virtual ~RowFile() = default;
  // Throws Error{kIo} where the file has become shorter since it was opened: reading what is gone would end the
  // process.
  virtual void require_whole() const = 0;
  virtual std::string place() const = 0;  // for messages
};

// Thread: const members from any thread.
class TokenDataset {
 public:
  TokenDataset() = default;
  // Of arrays that `owner` keeps alive.
  TokenDataset(std::shared_ptr<const void> owner, std::span<const RowEntry> entries,
               std::span<const Fingerprint> prints, std::span<const std::int32_t> words);
  // Of arrays in a mapped file.
  TokenDataset(std::shared_ptr<const RowFile> file, std::span<const RowEntry> entries,
               std::span<const Fingerprint> prints, std::span<const std::int32_t> words);

  std::int64_t size() const { return static_cast<std::int64_t>(chosen_ ? chosen_->size() : entries_.size()); }
  std::int64_t num_tokens() const { return num_tokens_; }
  // Errors: kIo where the row lies in a file that somebody has changed since it was opened.
  TokenRow row(std::int64_t index) const;
  std::span<const std::int32_t> input_ids(std::int64_t index) const;
  std::int32_t length(std::int64_t index) const { return entry(index).num_tokens; }
  std::int64_t source_row(std::int64_t index) const { return entry(index).source_row; }
  // Of ids and labels: tells equal rows.
  const Fingerprint& fingerprint(std::int64_t index) const { return prints_[at(index)]; }

  // The rows at `indices`, in that order. The arrays are shared.
  TokenDataset select(std::span<const std::int64_t> indices) const;
  // Those with something to learn; of equal rows the first alone where `drops_duplicates`.
  TokenDataset learnable(bool drops_duplicates = false) const;
  // Of a mapped file: gives the memory of pages read so far back, so that going through a large data set does not keep
  // all of it resident.
  void release_pages() const;

 private:
  std::size_t at(std::int64_t index) const {
    const auto i = static_cast<std::size_t>(index);
    return chosen_ ? static_cast<std::size_t>((*chosen_)[i]) : i;
  }
  const RowEntry& entry(std::int64_t index) const { return entries_[at(index)]; }

  TokenRow read(const RowEntry& entry) const;

  std::shared_ptr<const void> owner_;
  std::shared_ptr<const RowFile> file_;  // null: memory of its own
  std::span<const RowEntry> entries_;
  std::span<const Fingerprint> prints_;
  std::span<const std::int32_t> words_;
  std::shared_ptr<const std::vector<std::int64_t>> chosen_;  // null: all
  std::int64_t num_tokens_ = 0;
};

// The rows of `evaluation` that have exactly the ids and labels of a row of `rows`: their indices.
std::vector<std::int64_t> overlap_of(const TokenDataset& rows, const TokenDataset& evaluation);

// A data set in memory, row by row.
class TokenDatasetBuilder {
 public:
  void append(const TokenRow& row) { append(row, row_fingerprint(row.input_ids, row.labels)); }
  void append(const TokenRow& row, const Fingerprint& print);
  TokenDataset finish() &&;

 private:
  std::vector<RowEntry> entries_;
  std::vector<Fingerprint> prints_;
  std::vector<std::int32_t> words_;
};

}  // namespace vernier
