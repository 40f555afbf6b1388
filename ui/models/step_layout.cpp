#include "ui/models/step_layout.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <functional>

#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

class Words {
  Q_DECLARE_TR_FUNCTIONS(StepLayout)
};

std::vector<TokenRun> target_runs(const std::vector<TokenRecord>& tokens) {
  std::vector<TokenRun> runs;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (!tokens[t].is_target) continue;
    const auto at = static_cast<qint64>(t);
    if (runs.empty() || runs.back().end != at) runs.push_back({at, at});
    runs.back().end = at + 1;
  }
  return runs;
}

}  // namespace

StepLayout::StepLayout(qint64 step, const std::vector<SequenceRecord>& sequences, const std::vector<StepTokens>& tokens,
                       const RunConfig& config)
    : step_(step), packing_(config.packing), optimised_(config.loss_normalization) {
  is_recorded_ = std::all_of(sequences.begin(), sequences.end(), [](const SequenceRecord& sequence) {
    return sequence.loss.micro_batch >= 0 && sequence.loss.packed_row >= 0;
  });
  auto own = tokens.begin();
  for (const SequenceRecord& record : sequences) {
    const SequenceLoss& loss = record.loss;
    const bool same_row = is_recorded_ && !rows_.empty() && rows_.back().micro_batch == loss.micro_batch &&
                          rows_.back().packed_row == loss.packed_row;
    if (!same_row) {
      LaidRow& row = rows_.emplace_back();
      row.micro_batch = is_recorded_ ? loss.micro_batch : 0;
      row.packed_row = is_recorded_ ? loss.packed_row : std::ssize(rows_) - 1;
      row.first = sequences_.size();
    }
    LaidRow& row = rows_.back();
    LaidSequence& laid = sequences_.emplace_back();
    laid.loss = loss;
    laid.row = rows_.size() - 1;
    laid.begin = row.tokens;
    while (own != tokens.end() && own->sequence.index < loss.index) ++own;
    if (own != tokens.end() && own->sequence.index == loss.index) laid.targets = target_runs(own->tokens);
    row.tokens += loss.num_tokens;
    ++row.count;
    num_tokens_ += loss.num_tokens;
    num_items_ += loss.num_targets;
    num_labelled_ += loss.num_targets > 0 ? 1 : 0;
  }
  qint64 longest = 1;
  for (const LaidRow& row : rows_) longest = std::max(longest, row.tokens);
  capacity_ = is_recorded_ && is_packed() ? std::max<qint64>(longest, config.max_length) : longest;
}

double StepLayout::fill() const {
  if (rows_.empty() || !is_packed() || !is_recorded_) return 1.0;
  return static_cast<double>(num_tokens_) / (static_cast<double>(std::ssize(rows_)) * static_cast<double>(capacity_));
}

int StepLayout::sequence_at(std::size_t row, qint64 token) const {
  if (row >= rows_.size()) return -1;
  for (std::size_t i = rows_[row].first; i < rows_[row].first + rows_[row].count; ++i) {
    if (token >= sequences_[i].begin && token < sequences_[i].begin + sequences_[i].loss.num_tokens) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

int StepLayout::find(qint64 index) const {
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    if (sequences_[i].loss.index == index) return static_cast<int>(i);
  }
  return -1;
}

double StepLayout::token_weight(const LaidSequence& sequence, LossNormalization normalization) const {
  if (sequence.loss.num_targets == 0) return 0.0;
  return normalization == LossNormalization::kPerToken
             ? 1.0 / static_cast<double>(num_items_)
             : 1.0 / (static_cast<double>(num_labelled_) * static_cast<double>(sequence.loss.num_targets));
}

double StepLayout::sequence_weight(const LaidSequence& sequence, LossNormalization normalization) const {
  return token_weight(sequence, normalization) * static_cast<double>(sequence.loss.num_targets);
}

double StepLayout::log_ratio(const LaidSequence& sequence) const {
  if (sequence.loss.num_targets == 0) return 0.0;
  return std::log2(token_weight(sequence, LossNormalization::kPerSequence) /
                   token_weight(sequence, LossNormalization::kPerToken));
}

double StepLayout::largest_token_weight() const {
  double largest = 0.0;
  for (const LaidSequence& sequence : sequences_) {
    largest = std::max({largest, token_weight(sequence, LossNormalization::kPerToken),
                        token_weight(sequence, LossNormalization::kPerSequence)});
  }
  return largest;
}

double StepLayout::largest_log_ratio() const {
  double largest = 0.0;
  for (const LaidSequence& sequence : sequences_) largest = std::max(largest, std::abs(log_ratio(sequence)));
  return largest;
}

QString StepLayout::weight_sentence(LossNormalization normalization) const {
  if (num_labelled_ == 0) return Words::tr("No sequence of this step has anything to learn: it was skipped.");
  const auto labelled = static_cast<int>(num_labelled_);
  if (normalization == LossNormalization::kPerSequence) {
    return with_grouped(
               Words::tr(
                   "Per sequence, each of the %n sequences with targets holds %1 of the weight, whatever its length.",
                   nullptr, labelled),
               labelled)
        .arg(percent(1.0 / static_cast<double>(num_labelled_)));
  }
  // The fewest that hold half of it or more.
  std::vector<qint64> targets;
  for (const LaidSequence& sequence : sequences_) targets.push_back(sequence.loss.num_targets);
  std::sort(targets.begin(), targets.end(), std::greater<>());
  int count = 0;
  qint64 held = 0;
  while (2 * held < num_items_) held += targets[static_cast<std::size_t>(count++)];
  return Words::tr("Per token, %n of %1 sequences with targets hold %2 of the weight.", nullptr, count)
      .arg(grouped(num_labelled_), percent(static_cast<double>(held) / static_cast<double>(num_items_), 0));
}

QString StepLayout::difference_sentence() const {
  qint64 fewest = 0, most = 0;
  for (const LaidSequence& sequence : sequences_) {
    const qint64 targets = sequence.loss.num_targets;
    if (targets == 0) continue;
    fewest = fewest == 0 ? targets : std::min(fewest, targets);
    most = std::max(most, targets);
  }
  if (fewest == 0) return weight_sentence(LossNormalization::kPerToken);
  if (fewest == most)
    return Words::tr("All sequences have equally many targets: both losses weigh every token the same.");
  return Words::tr(
             "Per sequence, a target of the sequence with %1 targets weighs %2 times one of that with %3; per token, "
             "all "
             "weigh the same.")
      .arg(grouped(fewest), figure(static_cast<double>(most) / static_cast<double>(fewest), 3), grouped(most));
}

QString StepLayout::fill_sentence() const {
  const auto rows = static_cast<int>(rows_.size());
  if (!is_recorded_) {
    return Words::tr("This run was made by a version that did not record its rows: each sequence stands alone here.");
  }
  if (!is_packed()) {
    return with_grouped(
        Words::tr("Nothing is packed: each of the %n sequences stands alone, one behind the other and without padding.",
                  nullptr, rows),
        rows);
  }
  return with_grouped(Words::tr("%n packed rows of %1 tokens, filled to %2.", nullptr, rows), rows)
      .arg(grouped(capacity_), percent(fill()));
}

}  // namespace vernier::ui
