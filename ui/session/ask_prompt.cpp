#include "ui/session/ask_prompt.h"

#include <QCoreApplication>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "vernier/chat.h"
#include "vernier/data.h"
#include "vernier/error.h"
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

// As a run would read it from its file.
Row read_row(const AskModel& model, const DatasetOptions& dataset, std::int64_t row,
             const std::function<void(double)>& progress, const std::stop_token& stop) {
  const RunConfig& config = model.config;
  DataOptions options;
  options.dataset = dataset;
  options.labels.assistant_only_loss = config.assistant_only_loss;
  options.labels.completion_only_loss = config.completion_only_loss;
  options.labels.max_length = config.max_length;
  options.labels.instruction_part = config.instruction_part;
  options.labels.response_part = config.response_part;
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
  if (held_out && !model.config.eval_dataset) {
    fail(ErrorCode::kNotFound, "run", "eval_dataset: got none, expected one to take a held-out row from.");
  }
  std::optional<Row> row;
  if (!held_out) row = stored_row(model.run_dir, prompt.row);
  if (!row && !held_out && model.config.dataset.path.empty()) {
    fail(ErrorCode::kNotFound, "run",
         "row: got " + std::to_string(prompt.row) + ", expected one that was trained on. This run has no data set.");
  }
  if (!row) {
    row = read_row(model, held_out ? *model.config.eval_dataset : model.config.dataset, prompt.row, progress, stop);
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
