// The rows a run learns from and is evaluated on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/data/batch_planner.h"
#include "engine/data/load_dataset.h"
#include "vernier/run_config.h"

namespace vernier {

using LoadProgress = std::function<void(const std::string& stage, double fraction)>;

// What the run file says of labels.
LabelOptions label_options(const RunConfig& config);

// A data set with its planner, or one batch file that is the same at every step. Thread: one thread at a time.
class RunData {
 public:
  // Reads and checks everything; data files by way of the token caches under cache_dir(). reader may be null where
  // there is nothing but a batch file. Errors: as load_cached_dataset and Batch::from_file; kInvalidInput for ids
  // outside the vocabulary and where no token has a label; kCancelled.
  static RunData load(const RunConfig& config, const RowReader* reader, std::int64_t vocab_size,
                      const LoadProgress& progress, std::stop_token stop);

  // Valid until the next call.
  const std::vector<MicroBatch>& micro_batches(std::int64_t step);
  // Of the configuration: max_steps, or as many as num_train_epochs makes. An epoch of a batch file is one step.
  std::int64_t total_steps() const { return planner_ ? planner_->total_steps() : fixed_total_steps_; }
  // No micro-batch of a step, or of the evaluation, has more tokens; 0 where there is nothing to evaluate on.
  std::int64_t max_micro_batch_tokens() const;
  std::int64_t max_evaluation_tokens() const;
  // Of the largest micro-batch; a copy.
  MicroBatch longest_micro_batch();
  double epochs_after(std::int64_t step) const;
  std::int64_t num_rows() const;
  // Tokens of the longest row to train on.
  std::int64_t longest_row() const;
  // Of the rows to train on: their tokens and labels, in order.
  std::string fingerprint() const;
  // Empty where there is nothing to evaluate on.
  const std::vector<MicroBatch>& evaluation() const { return evaluation_; }
  // Whole rows, however packing cuts them.
  std::int64_t num_eval_rows() const { return num_eval_rows_; }
  // Rows to evaluate on that are trained on; with drop_eval_overlap they are left out.
  std::int64_t eval_overlap() const { return eval_overlap_; }
  // What the user should know of what was found.
  const std::vector<DataNote>& notes() const { return notes_; }
  // The data set's audit; none with a batch file.
  const std::optional<DatasetAudit>& audit() const { return audit_; }
  // That of eval_dataset.
  const std::optional<DatasetAudit>& eval_audit() const { return eval_audit_; }
  const std::string& format() const { return format_; }
  // Share of max_length that packed rows fill; 1 without packing.
  double fill() const { return planner_ ? planner_->fill() : 1.0; }

 private:
  void load_batch(const RunConfig& config, std::int64_t vocab_size);
  void load_rows(const RunConfig& config, const RowReader& reader, const LoadProgress& progress, std::stop_token stop);

  std::optional<BatchPlanner> planner_;
  std::int64_t fixed_total_steps_ = 0;
  std::vector<MicroBatch> step_batches_;  // of the last step asked for; those of a batch file stay
  std::vector<MicroBatch> evaluation_;
  std::int64_t num_eval_rows_ = 0;
  std::int64_t eval_overlap_ = 0;
  std::vector<DataNote> notes_;
  std::optional<DatasetAudit> audit_;
  std::optional<DatasetAudit> eval_audit_;
  std::string format_;
};

}  // namespace vernier
