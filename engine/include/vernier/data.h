// What training would read from a data file: every row with its tokens, its labels and why they are what they are.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "vernier/run_config.h"

namespace vernier {

// The label of a token that nothing has to predict.
inline constexpr std::int32_t kNoLabel = -100;

// What of a row is learnt. Names as in a run file. Both set: what lies in both.
struct LabelOptions {
  bool assistant_only_loss = false;
  bool completion_only_loss = false;
  std::int64_t max_length = 1024;  // tokens; longer rows are cut at the end
  bool keep_whole = false;         // longer rows are left as they are: packing splits them
  // With assistant_only_loss: the assistant speaks behind each response_part, up to the next instruction_part. Empty:
  // the chat template shows its turns.
  std::string instruction_part;
  std::string response_part;
  bool drop_duplicates = false;  // rows that give exactly the tokens and labels of an earlier one are not learnt from
};

// Why a stretch of a row is labelled or not.
enum class LabelReason : std::uint8_t {
  kEverything,     // labelled: every token of the row is a target
  kCompletion,     // labelled: the completion
  kAssistant,      // labelled: what the assistant says
  kEndOfTurn,      // labelled: the token that ends the assistant's turn, or the text
  kAddedToken,     // not labelled: what the tokenizer adds in front
  kPrompt,         // not labelled: the prompt
  kOtherTurn,      // not labelled: other roles, and the template's own words
  kGivenLabelled,  // labelled: the file's own labels (format tokens)
  kGivenMasked,    // not labelled: the file's own labels, or its attention_mask
  kToolCall        // not labelled: a turn whose tool_calls the chat template does not render
};
inline constexpr int kNumLabelReasons = 10;
// "everything", "end_of_turn", ...
std::string_view to_string(LabelReason reason);
bool is_labelled(LabelReason reason);

// Tokens [begin, end) of a row.
struct LabelSpan {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  LabelReason reason = LabelReason::kEverything;
  bool operator==(const LabelSpan&) const = default;
};

// Why a row has nothing to learn.
enum class LostReason : std::uint8_t {
  kPromptTooLong,    // every label lies behind max_length
  kNoAssistantTurn,  // assistant_only_loss, and the assistant says nothing in it
  kEmpty,            // no text, an empty completion, or a single token, which nothing predicts
  kAllMasked         // its own labels are all -100 behind the first token, which is never predicted
};
inline constexpr int kNumLostReasons = 4;
// "prompt_too_long", ...
std::string_view to_string(LostReason reason);

// What a data set turned out to hold, counted over every row.
struct DatasetAudit {
  std::int64_t rows = 0;             // read; the data set has rows - lost_rows() of them, or fewer: drop_duplicates
  std::int64_t tokens = 0;           // of all rows, after cutting
  std::int64_t labelled_tokens = 0;  // of these, those to be learnt: a row's first token is never predicted
  std::int64_t truncated = 0;        // rows cut at max_length
  std::int64_t cut_tokens = 0;       // in all
  std::array<std::int64_t, kNumLostReasons> lost{};  // rows without anything to learn, by LostReason
  std::int64_t empty = 0;                            // rows without any text
  std::int64_t duplicates = 0;      // rows whose tokens and labels, before cutting, are exactly those of an earlier row
  std::int64_t double_bos = 0;      // rows whose text brought its own BOS beside the tokenizer's, which was left out
  std::int64_t placeholders = 0;    // rows with something like {{name}} in the text
  std::int64_t special_tokens = 0;  // rows whose content spells a special token, such as an end of turn
  std::int64_t unclosed_turns = 0;  // conversations in which no special token ends the assistant's last turn
  std::int64_t unrendered = 0;      // conversations that no chat template was there to render
  std::int64_t unwritten_calls = 0;  // turns of the assistant whose tool_calls are not rendered; they are masked
  std::int64_t unwritten_tools = 0;  // rows whose tools are not rendered
  std::int64_t ends_outside = 0;     // conversations whose end of turn lies behind the {% generation %} block
  std::int64_t lost_spans = 0;       // {% generation %} blocks that are not found in what is rendered
  bool looks_like_table = false;     // a plain text whose first line looks like the header of a CSV
  // [k]: rows of 2^k to 2^(k+1) - 1 tokens before cutting; rows without tokens are nowhere.
  std::vector<std::int64_t> length_histogram;

  std::int64_t lost_rows() const;
};

struct DataRow {
  std::int64_t row = 0;  // counted as the audit counts; a row of the file that holds several examples is several
  std::vector<std::int32_t> input_ids;
  std::vector<std::int32_t> labels;  // labels[i] is input_ids[i] or kNoLabel
  std::vector<std::string> pieces;   // as the vocabulary spells them
  std::vector<LabelSpan> spans;      // cover the row without gaps
  std::int32_t cut_tokens = 0;       // lost to max_length
  std::optional<LostReason> lost;

  nlohmann::json to_json() const;
};

struct DataOptions {
  DatasetOptions dataset;
  std::optional<DatasetOptions> eval_dataset;
  LabelOptions labels;
  std::string chat_template;  // as choose_chat_template() takes it
  // Rows to give back, both ends included; last -1: to the end. Without first: none.
  std::optional<std::int64_t> first_row;
  std::int64_t last_row = -1;
};

struct DataReport {
  std::string format;         // "messages", ...
  std::string chat_template;  // "model", the choice that was made, or "" for none
  DatasetAudit audit;
  std::optional<std::vector<DataRow>> rows_shown;  // where some were asked for
  // Where there is an eval_dataset.
  std::optional<DatasetAudit> eval_audit;
  std::string eval_format;
  std::int64_t eval_overlap = 0;   // its rows whose tokens and labels are those of a row to train on
  std::vector<std::string> notes;  // sentences about what the user should look at

  nlohmann::json to_json() const;
};

// Reads the data as a run would, and keeps nothing of it but the rows asked for. Needs the model's config.json and
// tokenizer, no weights. progress: 0 to 1, on the calling thread. Errors: as a run's, for a file without rows too;
// kCancelled by `stop`. That no row has anything to learn is a note here.
DataReport inspect_data(const std::string& model_dir, const DataOptions& options,
                        const std::function<void(double)>& progress = {}, std::stop_token stop = {});

}  // namespace vernier
