// A row as the text that the model will read, with marks that say what of it is learnt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/data/row_format.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {

// From byte `begin` up to the next mark's. Two marks with the same reason are two stretches (two turns).
struct Mark {
  std::size_t begin = 0;
  LabelReason reason = LabelReason::kEverything;
};

struct TextPiece {
  std::string text;
  std::vector<Mark> marks;                 // rising, the first at 0
  std::optional<LabelReason> end_of_text;  // the EOS token behind the text, unless the text itself ends with it
};

// Pieces are tokenized apart: only where an EOS token stands between them.
struct MarkedText {
  std::vector<TextPiece> pieces;
  bool add_special_tokens = true;
  // The marks follow whole turns, so that white space which the template puts behind the end-of-turn token is in them
  // too.
  bool loose_ends = false;
  bool by_generation = false;        // the assistant's turns are the template's {% generation %} spans
  std::int32_t lost_spans = 0;       // of these, those that are not found in the text
  std::int32_t unwritten_calls = 0;  // turns whose tool_calls are not in the text; they are marked kToolCall
  bool unwritten_tools = false;      // the row's tools are not in the text
};

// Texts get the tokenizer's own special tokens and an EOS at the end. Conversations are rendered by the template, which
// writes its special tokens itself; without a template they are laid out in Alpaca's way
// ("### Instruction:\n...\n\n### Response:\n..."), with an EOS behind each answer.
//
// Assistant turns are what the response markers open, where the user gives some; else the template's {% generation %}
// blocks, or where it has none what each assistant message adds to
// the rendering of the messages before it (with the generation prompt). For templates that render a message differently
// once others follow, they are found by rendering again with another content in its place.
//
// Not for GivenTokens. Errors: Error{kInvalidInput} with `place` where the options ask for what such a row does not
// have, or the template refuses it.
MarkedText mark_text(const RowContent& content, const LabelOptions& labels, const ChatTemplate* chat_template,
                     const Tokenizer& tokenizer, const std::string& place);

}  // namespace vernier
