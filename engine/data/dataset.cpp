#include "engine/data/dataset.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "vernier/error.h"

namespace vernier {

std::string_view to_string(LabelReason reason) {
  switch (reason) {
    case LabelReason::kEverything:
      return "everything";
    case LabelReason::kCompletion:
      return "completion";
    case LabelReason::kAssistant:
      return "assistant";
    case LabelReason::kEndOfTurn:
      return "end_of_turn";
    case LabelReason::kAddedToken:
      return "added_token";
    case LabelReason::kPrompt:
      return "prompt";
    case LabelReason::kOtherTurn:
      return "other_turn";
    case LabelReason::kGivenLabelled:
      return "given_labelled";
    case LabelReason::kGivenMasked:
      return "given_masked";
    case LabelReason::kToolCall:
      return "tool_call_not_rendered";
  }
  return "everything";
}

bool is_labelled(LabelReason reason) {
  switch (reason) {
    case LabelReason::kEverything:
    case LabelReason::kCompletion:
    case LabelReason::kAssistant:
    case LabelReason::kEndOfTurn:
    case LabelReason::kGivenLabelled:
      return true;
    case LabelReason::kAddedToken:
    case LabelReason::kPrompt:
    case LabelReason::kOtherTurn:
    case LabelReason::kGivenMasked:
    case LabelReason::kToolCall:
      return false;
  }
  return false;
}

std::int64_t count_row_targets(std::span<const std::int32_t> labels) {
  if (labels.empty()) return 0;
  return std::count_if(labels.begin() + 1, labels.end(), [](std::int32_t label) { return label != kNoLabel; });
}

RowEntry encode_row(const TokenRow& row, std::vector<std::int32_t>& words) {
  RowEntry entry;
  entry.first_word = words.size();
  entry.source_row = row.source_row;
  entry.num_tokens = static_cast<std::int32_t>(row.input_ids.size());
  entry.num_spans = static_cast<std::int32_t>(row.spans.size());
  entry.cut_tokens = row.cut_tokens;
  if (row.lost) entry.lost = static_cast<std::int8_t>(*row.lost);
  entry.duplicate = row.duplicate ? 1 : 0;
  for (const LabelSpan& span : row.spans) {
    for (auto i = static_cast<std::size_t>(span.begin); i < static_cast<std::size_t>(span.end); ++i) {
      const std::int32_t expected = is_labelled(span.reason) ? row.input_ids[i] : kNoLabel;
      if (row.labels[i] != expected) entry.own_labels = 1;
    }
  }
  words.insert(words.end(), row.input_ids.begin(), row.input_ids.end());
  if (entry.own_labels != 0) words.insert(words.end(), row.labels.begin(), row.labels.end());
  for (const LabelSpan& span : row.spans) {
    words.push_back(span.end);
    words.push_back(static_cast<std::int32_t>(span.reason));
  }
  return entry;
}

TokenDataset::TokenDataset(std::shared_ptr<const void> owner, std::span<const RowEntry> entries,
                           std::span<const Fingerprint> prints, std::span<const std::int32_t> words)
    : owner_(std::move(owner)), entries_(entries), prints_(prints), words_(words) {
  for (const RowEntry& entry : entries_) num_tokens_ += entry.num_tokens;
}

TokenDataset::TokenDataset(std::shared_ptr<const RowFile> file, std::span<const RowEntry> entries,
                           std::span<const Fingerprint> prints, std::span<const std::int32_t> words)
    : TokenDataset(std::shared_ptr<const void>(file), entries, prints, words) {
  file_ = std::move(file);
}

bool lies_within(const RowEntry& entry, std::uint64_t num_words) {
  return entry.num_tokens >= 0 && entry.num_spans >= 0 && entry.lost < kNumLostReasons &&
         entry.first_word <= num_words && entry.num_words() <= num_words - entry.first_word;
}

std::span<const std::int32_t> TokenDataset::input_ids(std::int64_t index) const {
  const RowEntry& e = entry(index);
  return words_.subspan(e.first_word, static_cast<std::size_t>(e.num_tokens));
}

TokenRow TokenDataset::row(std::int64_t index) const {
  if (!file_) return read(entry(index));
  file_->require_whole();
  const RowEntry e = entry(index);
  if (lies_within(e, words_.size())) {
    TokenRow out = read(e);
    if (row_fingerprint(out.input_ids, out.labels) == fingerprint(index)) return out;
  }
  fail(ErrorCode::kIo, file_->place(),
       "row " + std::to_string(e.source_row) +
           ": got other tokens than were written, so that the file was changed while "
           "it was in use. Start again: it is made anew.");
}

TokenRow TokenDataset::read(const RowEntry& e) const {
  const auto num_tokens = static_cast<std::size_t>(e.num_tokens);
  std::span<const std::int32_t> words = words_.subspan(e.first_word, e.num_words());
  TokenRow out;
  out.source_row = e.source_row;
  out.cut_tokens = e.cut_tokens;
  if (e.lost >= 0) out.lost = static_cast<LostReason>(e.lost);
  out.duplicate = e.duplicate != 0;
  out.input_ids = words.first(num_tokens);
  words = words.subspan(num_tokens);
  if (e.own_labels != 0) {
    out.labels.assign(words.begin(), words.begin() + e.num_tokens);
    words = words.subspan(num_tokens);
  } else {
    out.labels.assign(num_tokens, kNoLabel);
  }
  out.spans.reserve(static_cast<std::size_t>(e.num_spans));
  std::int32_t begin = 0;
  for (std::size_t s = 0; s < words.size(); s += 2) {
    const LabelSpan span{begin, std::clamp(words[s], begin, e.num_tokens), static_cast<LabelReason>(words[s + 1])};
    if (e.own_labels == 0 && is_labelled(span.reason)) {
      std::copy(out.input_ids.begin() + span.begin, out.input_ids.begin() + span.end, out.labels.begin() + span.begin);
    }
    out.spans.push_back(span);
    begin = span.end;
  }
  return out;
}

TokenDataset TokenDataset::select(std::span<const std::int64_t> indices) const {
  TokenDataset out = *this;
  std::vector<std::int64_t> chosen(indices.begin(), indices.end());
  out.num_tokens_ = 0;
  for (std::int64_t& index : chosen) {
    out.num_tokens_ += length(index);
    index = static_cast<std::int64_t>(at(index));
  }
  out.chosen_ = std::make_shared<const std::vector<std::int64_t>>(std::move(chosen));
  return out;
}

TokenDataset TokenDataset::learnable(bool drops_duplicates) const {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < size(); ++i) {
    if (entry(i).lost < 0 && !(drops_duplicates && entry(i).duplicate != 0)) indices.push_back(i);
  }
  return static_cast<std::int64_t>(indices.size()) == size() ? *this : select(indices);
}

void TokenDataset::release_pages() const {
  if (!file_) return;
  // Only whole pages of the words; whatever lies beside them stays.
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(words_.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(words_.data() + words_.size()) / page * page;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

std::vector<std::int64_t> overlap_of(const TokenDataset& rows, const TokenDataset& evaluation) {
  FingerprintSet prints;
  for (std::int64_t i = 0; i < evaluation.size(); ++i) prints.insert(evaluation.fingerprint(i));
  FingerprintSet found;
  for (std::int64_t i = 0; i < rows.size(); ++i) {
    if (prints.contains(rows.fingerprint(i))) found.insert(rows.fingerprint(i));
  }
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < evaluation.size(); ++i) {
    if (found.contains(evaluation.fingerprint(i))) out.push_back(i);
  }
  return out;
}

void TokenDatasetBuilder::append(const TokenRow& row, const Fingerprint& print) {
  entries_.push_back(encode_row(row, words_));
  prints_.push_back(print);
}

TokenDataset TokenDatasetBuilder::finish() && {
  const auto owner = std::make_shared<const TokenDatasetBuilder>(std::move(*this));
  return {owner, owner->entries_, owner->prints_, owner->words_};
}

}  // namespace vernier
