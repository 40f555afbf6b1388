// A row's text -> token ids and labels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/data/label_options.h"
#include "engine/data/marked_text.h"
#include "engine/data/row_format.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {

// Why a row has nothing to learn.
enum class LostReason : std::uint8_t {
  kPromptTooLong,    // every label lies behind max_length
  kNoAssistantTurn,  // assistant_only_loss, and the assistant says nothing in it
  kEmpty,            // no text, an empty completion, or a single token, which nothing
                     // predicts
  kAllMasked         // its own labels are all -100
};
inline constexpr int kNumLostReasons = 4;
// "prompt_too_long", ...
std::string_view to_string(LostReason reason);

struct LabelledRow {
  std::vector<std::int32_t> input_ids;
  std::vector<std::int32_t> labels;
  std::vector<LabelSpan> spans;
  std::int32_t cut_tokens = 0;
  std::optional<LostReason> lost;
  bool double_bos = false;   // the text brought a BOS of its own; the tokenizer's was left out
  bool placeholder = false;  // the text holds something like {{name}}
};

// Every text is tokenized whole. A token belongs to the side of a border on
// which it begins. Thread: const members from any thread.
class RowLabeller {
 public:
  // Keeps references. chat_template: nullptr for none. model_vocab_size: ids
  // must be below. Throws Error{kInvalidInput} for a max_length below 1.
  RowLabeller(const Tokenizer& tokenizer, const ChatTemplate* chat_template, std::int64_t model_vocab_size,
              const LabelOptions& labels);

  LabelledRow label(const RowContent& content, const std::string& place) const;
  // A stretch of a longer text: rows of max_length tokens, each with the
  // tokenizer's special tokens in front, the last one of the text with an EOS
  // behind. Nothing is lost.
  std::vector<LabelledRow> label_stretch(const std::string& text, bool last, const std::string& place) const;

 private:
  struct MarkedToken {
    std::int32_t id;
    std::int32_t run;  // stretches between marks, counted through the row
    LabelReason reason;
  };
  std::vector<MarkedToken> tokenize(const MarkedText& marked, bool& double_bos) const;
  void mark_turn_ends(std::vector<MarkedToken>& tokens, bool loose_ends) const;
  void finish(LabelledRow& row, const std::string& place) const;

  const Tokenizer& tokenizer_;
  const ChatTemplate* chat_template_;
  std::int64_t vocab_size_;
  LabelOptions labels_;
  std::vector<std::int32_t> added_in_front_;
};

}  // namespace vernier
