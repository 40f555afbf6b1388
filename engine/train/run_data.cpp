#include "engine/train/run_data.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "engine/data/cached_dataset.h"
#include "engine/data/dataset_audit.h"
#include "engine/train/checksum.h"
#include "vernier/error.h"
#include "vernier/model.h"
#include "vernier/outline.h"

namespace vernier {
namespace {

void check_ids(const std::string& path, const char* key, const std::vector<std::vector<std::int32_t>>& rows,
               const std::vector<std::int64_t>& lengths, std::int64_t vocab_size) {
  for (std::size_t b = 0; b < rows.size(); ++b) {
    for (std::size_t t = 0; t < static_cast<std::size_t>(lengths[b]); ++t) {
      const std::int32_t id = rows[b][t];
      if (id == kNoLabel && key[0] == 'l') continue;
      if (id >= 0 && id < vocab_size) continue;
      fail(ErrorCode::kInvalidInput, path,
           std::string(key) + "[" + std::to_string(b) + "][" + std::to_string(t) + "]: got " + std::to_string(id) +
               ", expected a token id from 0 to " + std::to_string(vocab_size - 1) +
               ", the last of the model's vocabulary.");
    }
  }
}

// One data set, with what the user should know of it.
LoadedDataset load_labelled(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                            const std::string& stage, const LoadProgress& progress, std::stop_token stop,
                            std::vector<DataNote>& notes) {
  LoadedDataset loaded = load_cached_dataset(
      options, reader, labels, token_cache_folder(), [&](double fraction) { progress(stage, fraction); }, stop);
  require_targets(loaded, options, labels);
  for (std::string& note : loaded.notes) notes.push_back({"token_cache", std::move(note), ""});
  for (DataNote& note : audit_notes(loaded.audit, labels, options.path)) notes.push_back(std::move(note));
  return loaded;
}

// Without those at `indices`, which rise.
TokenDataset without(const TokenDataset& rows, const std::vector<std::int64_t>& indices) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(rows.size())), others;
  std::iota(all.begin(), all.end(), std::int64_t{0});
  std::ranges::set_difference(all, indices, std::back_inserter(others));
  return rows.select(others);
}

void split_off_evaluation(TokenDataset& rows, TokenDataset& evaluation, const RunConfig& config) {
  const std::vector<std::int64_t> chosen = evaluation_split(rows.size(), config);
  evaluation = rows.select(chosen);
  rows = without(rows, chosen);
}

// Where every row to evaluate on is trained on, drop_eval_overlap would leave none.
void refuse_empty_evaluation(std::int64_t rows, const RunConfig& config) {
  fail(ErrorCode::kInvalidInput, config.eval_dataset ? config.eval_dataset->path : config.dataset.path,
       "all " + std::to_string(rows) +
           " rows to evaluate on are trained on: drop_eval_overlap leaves none of them. Evaluate on others, or set "
           "drop_eval_overlap to false.");
}

std::int64_t most_tokens(const std::vector<MicroBatch>& batches) {
  std::int64_t most = 0;
  for (const MicroBatch& batch : batches) most = std::max(most, std::ssize(batch.input_ids));
  return most;
}

}  // namespace

LabelOptions label_options(const RunConfig& config) {
  LabelOptions labels;
  labels.assistant_only_loss = config.assistant_only_loss;
  labels.completion_only_loss = config.completion_only_loss;
  labels.max_length = config.max_length;
  labels.keep_whole = config.packing == Packing::kBfdSplit || config.packing == Packing::kWrapped;
  labels.instruction_part = config.instruction_part;
  labels.response_part = config.response_part;
  labels.drop_duplicates = config.drop_duplicates;
  return labels;
}

RunData RunData::load(const RunConfig& config, const RowReader* reader, std::int64_t vocab_size,
                      const LoadProgress& progress, std::stop_token stop) {
  RunData data;
  if (config.batch) data.load_batch(config, vocab_size);
  if (!config.batch || config.eval_dataset) data.load_rows(config, *reader, progress, stop);
  return data;
}

void RunData::load_batch(const RunConfig& config, std::int64_t vocab_size) {
  Batch batch = Batch::from_file(*config.batch);
  check_ids(*config.batch, "input_ids", batch.input_ids, batch.lengths, vocab_size);
  check_ids(*config.batch, "labels", batch.labels, batch.lengths, vocab_size);
  std::int64_t cut = 0, targets = 0, tokens = 0;
  for (std::size_t b = 0; b < batch.lengths.size(); ++b) {
    cut += batch.lengths[b] > config.max_length ? 1 : 0;
    batch.lengths[b] = std::min(batch.lengths[b], config.max_length);
    tokens += batch.lengths[b];
    targets += count_row_targets(std::span(batch.labels[b]).first(static_cast<std::size_t>(batch.lengths[b])));
  }
  const auto rows = static_cast<std::int64_t>(batch.lengths.size());
  if (targets == 0) {
    fail(ErrorCode::kInvalidInput, *config.batch,
         "labels: got none among the " + std::to_string(tokens) + " tokens of " + std::to_string(rows) +
             " rows, expected at least one token to learn. -100 means no label, and a row's first token is never "
             "predicted.");
  }
  if (cut > 0) {
    notes_.push_back({"truncated",
                      "max_length " + std::to_string(config.max_length) + " cuts " + std::to_string(cut) +
                          " of the batch file's " + std::to_string(rows) + " rows.",
                      "Raise max_length."});
  }
  step_batches_ = micro_batches_of(batch, config.packing != Packing::kNone);
  fixed_total_steps_ = config.max_steps > 0
                           ? config.max_steps
                           : std::max<std::int64_t>(1, std::llround(std::ceil(config.num_train_epochs)));
}

void RunData::load_rows(const RunConfig& config, const RowReader& reader, const LoadProgress& progress,
                        std::stop_token stop) {
  const LabelOptions labels = label_options(config);
  TokenDataset evaluation;
  if (!config.batch) {
    LoadedDataset loaded = load_labelled(config.dataset, reader, labels, "Reading data", progress, stop, notes_);
    audit_ = std::move(loaded.audit);
    format_ = std::move(loaded.format);
    TokenDataset rows = std::move(loaded.rows);
    if (config.eval_fraction > 0.0) split_off_evaluation(rows, evaluation, config);
    planner_.emplace(std::move(rows), config);
    if (!planner_->has_targets())
      fail(ErrorCode::kInvalidInput, config.dataset.path, cut_targets_message(audit_->rows, labels));
  }
  if (config.eval_dataset) {
    LoadedDataset loaded =
        load_labelled(*config.eval_dataset, reader, labels, "Reading evaluation data", progress, stop, notes_);
    eval_audit_ = std::move(loaded.audit);
    evaluation = std::move(loaded.rows);
  }
  if (planner_) {
    const std::vector<std::int64_t> overlap = overlap_of(planner_->rows(), evaluation);
    eval_overlap_ = std::ssize(overlap);
    if (eval_overlap_ > 0 && config.drop_eval_overlap) {
      if (eval_overlap_ == evaluation.size()) refuse_empty_evaluation(eval_overlap_, config);
      evaluation = without(evaluation, overlap);
    } else if (eval_overlap_ > 0) {
      notes_.push_back(overlap_note(eval_overlap_, evaluation.size()));
    }
  }
  num_eval_rows_ = evaluation.size();
  if (num_eval_rows_ == 0) return;
  evaluation_ = evaluation_batches(evaluation, config);
  if (any_target(evaluation_)) return;
  if (config.eval_dataset) {
    fail(ErrorCode::kInvalidInput, config.eval_dataset->path, cut_targets_message(evaluation.size(), labels));
  }
  fail(ErrorCode::kInvalidInput, config.dataset.path,
       "none of the " + std::to_string(evaluation.size()) +
           " rows that eval_fraction splits off has a token to learn. Raise eval_fraction, or set it to 0.");
}

const std::vector<MicroBatch>& RunData::micro_batches(std::int64_t step) {
  if (planner_) step_batches_ = planner_->micro_batches(step);
  return step_batches_;
}

std::int64_t RunData::max_micro_batch_tokens() const {
  return planner_ ? planner_->max_micro_batch_tokens() : most_tokens(step_batches_);
}

std::int64_t RunData::max_evaluation_tokens() const {
  return most_tokens(evaluation_);
}

MicroBatch RunData::longest_micro_batch() {
  if (planner_) return planner_->longest_micro_batch();
  return *std::max_element(step_batches_.begin(), step_batches_.end(), [](const MicroBatch& a, const MicroBatch& b) {
    return a.input_ids.size() < b.input_ids.size();
  });
}

double RunData::epochs_after(std::int64_t step) const {
  return planner_ ? planner_->epochs_after(step) : static_cast<double>(step);
}

std::int64_t RunData::num_rows() const {
  if (planner_) return planner_->rows().size();
  std::int64_t rows = 0;
  for (const MicroBatch& batch : step_batches_) rows += static_cast<std::int64_t>(batch.sequences.size());
  return rows;
}

std::int64_t RunData::longest_row() const {
  if (planner_) return planner_->longest_row();
  std::int64_t longest = 0;
  for (const MicroBatch& batch : step_batches_) {
    for (const SequenceRef& sequence : batch.sequences) longest = std::max<std::int64_t>(longest, sequence.length);
  }
  return longest;
}

std::string RunData::fingerprint() const {
  Checksum sum;
  const auto add = [&](const Fingerprint& print) {
    sum.add(print.first);
    sum.add(print.second);
  };
  if (planner_) {
    const TokenDataset& rows = planner_->rows();
    for (std::int64_t i = 0; i < rows.size(); ++i) add(rows.fingerprint(i));
    return sum.text();
  }
  for (const MicroBatch& batch : step_batches_) {
    for (const SequenceRef& sequence : batch.sequences) {
      const auto begin = static_cast<std::size_t>(sequence.begin), length = static_cast<std::size_t>(sequence.length);
      add(row_fingerprint(std::span(batch.input_ids).subspan(begin, length),
                          std::span(batch.labels).subspan(begin, length)));
    }
  }
  return sum.text();
}

}  // namespace vernier
