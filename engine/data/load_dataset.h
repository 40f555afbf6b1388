// A data file -> rows of tokens with labels, ready to train on.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "engine/data/dataset.h"
#include "engine/data/dataset_audit.h"
#include "engine/data/label_options.h"
#include "vernier/run_config.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {

struct LoadedDataset {
  TokenDataset rows;   // those with something to learn; source_row counts all
  std::string format;  // "messages", ...
  DatasetAudit audit;
};

// Reads, recognises the format, renders, tokenizes and labels every row. Rows
// without anything to learn are counted in the audit and kept out. The order is
// the file's; the result is the same for any number of threads. chat_template:
// nullptr where the model has none. progress: 0 to 1, on the calling thread.
// Errors: what is wrong with the file or a row, in one sentence with the row's
// number; kCancelled by `stop`. A set without any target is no error here: see
// no_targets_message().
LoadedDataset load_dataset(const DatasetOptions& options, const Tokenizer& tokenizer, const ChatTemplate* chat_template,
                           std::int64_t model_vocab_size, const LabelOptions& labels,
                           const std::function<void(double)>& progress = {}, std::stop_token stop = {});

// Throws Error{kInvalidInput} with no_targets_message() where there is nothing
// to learn.
void require_targets(const LoadedDataset& dataset, const DatasetOptions& options, const LabelOptions& labels);

}  // namespace vernier
