// A row's text -> token ids and labels.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/data/marked_text.h"
#include "engine/data/row_fingerprint.h"
#include "engine/data/row_format.h"
#include "engine/data/special_spellings.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {

struct LabelledRow {
  std::vector<std::int32_t> input_ids;
  std::vector<std::int32_t> labels;
  std::vector<LabelSpan> spans;
  std::int32_t cut_tokens = 0;
  Fingerprint uncut;  // of the row before cutting
  std::optional<LostReason> lost;
  bool empty = false;            // no text at all
  bool double_bos = false;       // the text brought a BOS of its own; the tokenizer's was left out
  bool placeholder = false;      // the text holds something like {{name}}
  bool special_token = false;    // the content spells a special token
  bool unclosed_turn = false;    // no special token ends the assistant's last turn
  bool unrendered = false;       // a conversation, and there is no chat template
  bool end_outside = false;      // the token that ends the assistant's last turn lies behind its {% generation %} block
  bool unwritten_tools = false;  // the chat template does not render the row's tools
  std::int32_t unwritten_calls = 0;  // turns whose tool_calls it does not render
  std::int32_t lost_spans = 0;       // {% generation %} blocks that are not found in the text
};

// Every text is tokenized whole. A token belongs to the side of a border on which it begins.
// Thread: const members from any thread.
class RowLabeller {
 public:
  // Keeps references. chat_template: nullptr for none. model_vocab_size: ids must be below. Throws Error{kInvalidInput}
  // for a max_length below 1, and for response markers that nothing would use. `stop` ends a long row too, with
  // Error{kCancelled}.
  RowLabeller(const Tokenizer& tokenizer, const ChatTemplate* chat_template, std::int64_t model_vocab_size,
              const LabelOptions& labels, std::stop_token stop = {});

  LabelledRow label(const RowContent& content, const std::string& place) const;
  // A stretch of a longer text: rows of max_length tokens, each with the tokenizer's special tokens in front, the last
  // one of the text with an EOS behind. Nothing is lost.
  std::vector<LabelledRow> label_stretch(const std::string& text, bool last, const std::string& place) const;

 private:
  struct MarkedToken {
    std::int32_t id;
    std::int32_t run;  // stretches between marks, counted through the row
    LabelReason reason;
  };
  std::vector<MarkedToken> tokenize(const MarkedText& marked, bool& double_bos) const;
  void mark_turn_ends(std::vector<MarkedToken>& tokens, bool loose_ends) const;
  // Whether a special token ends the text, white space aside.
  bool is_closed(const std::vector<MarkedToken>& tokens) const;
  // Whether that token is not learnt, where the assistant's words in front of it are.
  bool leaves_end_out(const std::vector<MarkedToken>& tokens) const;
  bool spells_special_token(const RowContent& content) const;
  void finish(LabelledRow& row, const std::string& place) const;

  const Tokenizer& tokenizer_;
  const ChatTemplate* chat_template_;
  std::int64_t vocab_size_;
  LabelOptions labels_;
  std::stop_token stop_;
  std::vector<std::int32_t> added_in_front_;
  SpecialSpellings special_;
};

}  // namespace vernier
