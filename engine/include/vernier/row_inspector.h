// Every row of a data file as a run would read it, told row by row while they are read, and any one of them in full.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "vernier/data.h"
#include "vernier/data_sample.h"

namespace vernier {

// What the audit counts of one row, and where its labels lie.
struct RowSummary {
  std::int64_t row = 0;       // as the audit counts
  std::int64_t file_row = 0;  // of the file, from 0: of one that holds several examples
  std::int32_t example = 0;   // ... this one
  std::int32_t cut_tokens = 0;
  std::optional<LostReason> lost;
  bool duplicate = false;
  bool empty = false;
  bool placeholder = false;
  bool special_token = false;
  bool unclosed_turn = false;
  bool double_bos = false;
  // Where stretches of tokens end that have no label, and that have one, in turn; the first has none, and may be empty.
  // Valid during the call.
  std::span<const std::int32_t> ends;
};

// Called with the rows in their order, on the thread that scans.
using RowSummarySink = std::function<void(const RowSummary& row)>;

struct RowScan {
  std::string format;
  DatasetAudit audit;
};

// A row token by token.
struct InspectedRow {
  DataRow row;                     // its spans cover the whole row, also where fewer tokens were asked for
  std::vector<bool> special;       // tokens that are control tokens
  std::vector<std::string> texts;  // what each token decodes to alone
};

// Reads rows with a model's tokenizer and a chat template. Thread: const members from several threads at once.
class RowInspector {
 public:
  // Needs config.json and the tokenizer, no weights. chat_template: as choose_chat_template() takes it. Throws Error.
  RowInspector(const std::string& model_dir, const std::string& chat_template);
  ~RowInspector();

  bool has_chat_template() const;
  // As inspect_data(), but nothing is cached: the rows are told as they are read. With labels.keep_whole nothing is
  // cut, so that every max_length can be judged from one scan; a plain text is cut into rows of max_length in any case.
  // Errors as inspect_data()'s.
  RowScan scan(const DatasetOptions& dataset, const LabelOptions& labels, const RowSummarySink& sink,
               const std::function<void(double)>& progress = {}, std::stop_token stop = {}) const;
  // Goes through the file up to the row, and tokenizes that alone; gives back most_tokens of it, the first. Throws
  // Error{kInvalidInput} where there is no such row.
  InspectedRow read_row(const DatasetOptions& dataset, const LabelOptions& labels, std::int64_t file_row,
                        std::int32_t example, std::int64_t most_tokens, std::stop_token stop = {}) const;
  // The text of each example of a row of the sample, as the model reads it.
  std::vector<std::string> texts(const DataSample& sample, std::int64_t row, const DatasetOptions& dataset) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace vernier
