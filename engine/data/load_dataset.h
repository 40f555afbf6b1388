// A data file -> rows of tokens with labels, ready to train on.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/core/content_hash.h"
#include "engine/data/dataset.h"
#include "engine/data/dataset_audit.h"
#include "vernier/run_config.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {

struct LabelledRow;

struct LoadedDataset {
  TokenDataset rows;      // those that are learnt from: with something to learn, and by LabelOptions::drop_duplicates
  TokenDataset all_rows;  // the lost ones too
  std::string format;     // "messages", ...
  DatasetAudit audit;
  std::vector<std::string> notes;  // sentences about a token cache that could not be used
};

// What turns rows into tokens.
struct RowReader {
  const Tokenizer& tokenizer;
  const ChatTemplate* chat_template = nullptr;  // null where the model has none
  std::int64_t vocab_size = 0;                  // of the model
  Hash128 key;  // row_reader_key() of cached_dataset.h: of what tokenizer and template are made from
};

// A row on its way. Valid during the call.
struct ScannedRow {
  const TokenRow& row;  // source_row counts as the audit counts
  const Fingerprint& print;
  const LabelledRow& labelled;
  std::int64_t file_row;  // of the file's rows, from 0
  std::int32_t example;   // of those that it holds, from 0
};
// Takes every row in the file's order, those without anything to learn too, on the calling thread.
using RowSink = std::function<void(const ScannedRow& row)>;

struct ScannedDataset {
  std::string format;
  DatasetAudit audit;
};

// Reads, recognises the format, renders, tokenizes and labels every row on all cores, with the same result for any
// number of them. progress: 0 to 1, on the calling thread.
// Errors: what is wrong with the file or a row, in one sentence with the row's number; kCancelled by `stop`. A set
// without any target is no error here: see no_targets_message().
ScannedDataset scan_dataset(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                            const RowSink& sink, const std::function<void(double)>& progress = {},
                            std::stop_token stop = {});

// A text file has neither columns nor turns: throws Error{kInvalidInput} where the options ask for them.
void require_plain_text(const DatasetOptions& options, const LabelOptions& labels);

LoadedDataset loaded_dataset(TokenDataset rows, std::string format, DatasetAudit audit, const LabelOptions& labels);

// Keeps all rows in memory. All else as above.
LoadedDataset load_dataset(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                           const std::function<void(double)>& progress = {}, std::stop_token stop = {});

// Throws Error{kInvalidInput} with no_targets_message() where there is nothing to learn.
void require_targets(const LoadedDataset& dataset, const DatasetOptions& options, const LabelOptions& labels);

}  // namespace vernier
