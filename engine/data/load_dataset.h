// A data file -> rows of tokens with labels, ready to train on.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "engine/data/dataset.h"
#include "engine/data/dataset_audit.h"
#include "engine/data/row_fingerprint.h"
#include "engine/data/row_labeller.h"
#include "vernier/run_config.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {

struct LoadedDataset {
  TokenDataset rows;   // those with something to learn; source_row counts all
  std::string format;  // "messages", ...
  DatasetAudit audit;
};

// Takes every row in the file's order, those without anything to learn too, on the calling thread.
using RowSink = std::function<void(std::int64_t index, const LabelledRow& row, const Fingerprint& print)>;

struct ScannedDataset {
  std::string format;
  DatasetAudit audit;
};

// Reads, recognises the format, renders, tokenizes and labels every row; keeps none. The result is the same for any
// number of threads.
// chat_template: nullptr where the model has none. progress: 0 to 1, on the calling thread.
// Errors: what is wrong with the file or a row, in one sentence with the row's number; kCancelled by `stop`. A set
// without any target is no error here: see no_targets_message().
ScannedDataset scan_dataset(const DatasetOptions& options, const Tokenizer& tokenizer,
                            const ChatTemplate* chat_template, std::int64_t model_vocab_size,
                            const LabelOptions& labels, const RowSink& sink,
                            const std::function<void(double)>& progress = {}, std::stop_token stop = {});

// Keeps the rows with something to learn. All else as above.
LoadedDataset load_dataset(const DatasetOptions& options, const Tokenizer& tokenizer, const ChatTemplate* chat_template,
                           std::int64_t model_vocab_size, const LabelOptions& labels,
                           const std::function<void(double)>& progress = {}, std::stop_token stop = {});

// Throws Error{kInvalidInput} with no_targets_message() where there is nothing to learn.
void require_targets(const LoadedDataset& dataset, const DatasetOptions& options, const LabelOptions& labels);

}  // namespace vernier
