#include "ui/session/ask_prompt.h"

#include <QCoreApplication>
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "vernier/chat.h"
#include "vernier/data.h"
#include "vernier/error.h"
#include "vernier/outline.h"
#include "vernier/row_inspector.h"
#include "vernier/run_store.h"

namespace vernier::ui {
namespace {

// Of a row whose labels begin with it, so much is the prompt.
constexpr std::size_t kLongestOpening = 32;

struct Row {
  std::vector<std::int32_t> ids;
  std::vector<bool> is_target;
};

class Words {
  Q_DECLARE_TR_FUNCTIONS(AskPrompt)
};

std::vector<std::int32_t> encode_turns(const AskModel& model, const Tokenizer& tokenizer,
                                       const std::vector<ChatTurn>& turns) {
  nlohmann::json messages = nlohmann::json::array();
  for (const ChatTurn& turn : turns) messages.push_back({{"role", turn.role}, {"content", turn.content}});
  return encode_conversation(model.config.chat_template, model.model_dir, tokenizer, messages);
}

// As the run's store keeps it; nothing where the row was not trained on yet, or its tokens were not kept.
std::optional<Row> stored_row(const std::string& run_dir, std::int64_t row) {
  const RunReader reader(run_dir);
  const std::vector<SequenceRecord> history = reader.history_of_row(row);
  if (history.empty()) return std::nullopt;
  const StepTokens tokens = reader.tokens(history.back().step, history.back().loss.index);
  if (tokens.tokens.empty()) return std::nullopt;
  Row out;
  for (const TokenRecord& token : tokens.tokens) {
    out.ids.push_back(token.input_id);
    out.is_target.push_back(token.is_target);
  }
  return out;
}

LabelOptions label_options(const RunConfig& config) {
  LabelOptions labels;
  labels.assistant_only_loss = config.assistant_only_loss;
  labels.completion_only_loss = config.completion_only_loss;
  labels.max_length = config.max_length;
  labels.instruction_part = config.instruction_part;
  labels.response_part = config.response_part;
  return labels;
}

// Which row of the data set the run has held out as its `index`-th, by eval_fraction.
std::int64_t held_out_row(const AskModel& model, std::int64_t index, const std::function<void(double)>& progress,
                          const std::stop_token& stop) {
  const RunConfig& config = model.config;
  LabelOptions labels = label_options(config);
  labels.keep_whole = config.packing == Packing::kBfdSplit || config.packing == Packing::kWrapped;
  std::vector<std::int64_t> rows;  // that the run has split
  const RowInspector inspector(model.model_dir, config.chat_template);
  inspector.scan(
      config.dataset, labels,
      [&](const RowSummary& row) {
        if (!row.lost && !(config.drop_duplicates && row.duplicate)) rows.push_back(row.row);
      },
      progress, stop);
  const std::vector<std::int64_t> split = evaluation_split(std::ssize(rows), config);
  if (index >= std::ssize(split)) {
    fail(ErrorCode::kInvalidInput, config.dataset.path,
         "row: got " + std::to_string(index) + ", expected 0 to " + std::to_string(std::ssize(split) - 1) + ".");
  }
  return rows[static_cast<std::size_t>(split[static_cast<std::size_t>(index)])];
}

// As a run would read it from its file.
Row read_row(const AskModel& model, const DatasetOptions& dataset, std::int64_t row,
             const std::function<void(double)>& progress, const std::stop_token& stop) {
  const RunConfig& config = model.config;
  DataOptions options;
  options.dataset = dataset;
  options.labels = label_options(config);
  options.chat_template = config.chat_template;
  options.first_row = options.last_row = row;
  const DataReport report = inspect_data(model.model_dir, options, progress, stop);
  if (!report.rows_shown || report.rows_shown->empty()) {
    fail(ErrorCode::kInvalidInput, dataset.path,
         "row: got " + std::to_string(row) + ", expected 0 to " + std::to_string(report.audit.rows - 1) + ".");
  }
  const DataRow& found = report.rows_shown->front();
  Row out;
  out.ids = found.input_ids;
  for (std::size_t i = 0; i < found.labels.size(); ++i) out.is_target.push_back(i > 0 && found.labels[i] >= 0);
  return out;
}

// The prompt's end, and that of what the row says next.
std::pair<std::size_t, std::size_t> cut_row(const Row& row, std::int64_t cut) {
  const auto first = std::find(row.is_target.begin(), row.is_target.end(), true);
  auto begin = static_cast<std::size_t>(first - row.is_target.begin());
  const auto end = static_cast<std::size_t>(std::find(first, row.is_target.end(), false) - row.is_target.begin());
  // A row that is learnt whole has no prompt of its own: its opening is one.
  if (begin <= 1) begin = std::min(kLongestOpening, std::max<std::size_t>(1, row.ids.size() / 2));
  if (cut > 0) begin = std::min(static_cast<std::size_t>(cut), row.ids.size());
  return {begin, std::max(begin, begin < end ? end : row.ids.size())};
}

}  // namespace

EncodedPrompt encode_prompt(const AskModel& model, const Tokenizer& tokenizer, const AskPrompt& prompt,
                            const std::function<void(double)>& progress, const std::stop_token& stop) {
  EncodedPrompt out;
  if (prompt.kind == AskPrompt::Kind::kText) {
    out.ids = tokenizer.encode(prompt.text, true);
    return out;
  }
  if (prompt.kind == AskPrompt::Kind::kChat) {
    out.ids = encode_turns(model, tokenizer, prompt.turns);
    return out;
  }
  const bool held_out = prompt.kind == AskPrompt::Kind::kHeldOutRow;
  const bool is_split = held_out && !model.config.eval_dataset;  // off the rows to train on
  if (is_split && !(model.config.eval_fraction > 0.0)) {
    fail(ErrorCode::kNotFound, "run", "eval_dataset: got none, expected one to take a held-out row from.");
  }
  std::optional<Row> row;
  if (!held_out) row = stored_row(model.run_dir, prompt.row);
  if (!row && !held_out && model.config.dataset.path.empty()) {
    fail(ErrorCode::kNotFound, "run",
         "row: got " + std::to_string(prompt.row) + ", expected one that was trained on. This run has no data set.");
  }
  if (!row) {
    const std::int64_t index = is_split ? held_out_row(model, prompt.row, progress, stop) : prompt.row;
    const bool has_own_file = held_out && !is_split;
    row = read_row(model, has_own_file ? *model.config.eval_dataset : model.config.dataset, index, progress, stop);
  }
  if (row->ids.empty()) {
    fail(ErrorCode::kInvalidInput, "data", "row " + std::to_string(prompt.row) + ": got no tokens, expected some.");
  }
  const auto [begin, end] = cut_row(*row, prompt.cut);
  const auto at = [&row](std::size_t i) { return row->ids.begin() + static_cast<std::ptrdiff_t>(i); };
  out.ids.assign(row->ids.begin(), at(begin));
  out.reference.assign(at(begin), at(end));
  out.note = (held_out ? Words::tr("The first %1 of the %2 tokens of held-out row %3.")
                       : Words::tr("The first %1 of the %2 tokens of row %3."))
                 .arg(begin)
                 .arg(row->ids.size())
                 .arg(prompt.row);
  return out;
}

}  // namespace vernier::ui
