#include "engine/data/row_labeller.h"

#include <algorithm>
#include <utility>

#include "engine/data/placeholders.h"
#include "vernier/error.h"

namespace vernier {
namespace {

bool is_white(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool no_assistant_turn(const RowContent& content) {
  const auto* conversation = std::get_if<Conversation>(&content);
  return conversation != nullptr && !conversation->messages.empty() &&
         std::none_of(conversation->messages.begin(), conversation->messages.end(),
                      [](const auto& message) { return message["role"] == "assistant"; });
}

// Whether the row is a conversation whose last word is the assistant's.
bool ends_with_assistant(const RowContent& content) {
  const auto* conversation = std::get_if<Conversation>(&content);
  if (conversation == nullptr || conversation->messages.empty()) return false;
  const auto& last = conversation->messages.back();
  return last["role"] == "assistant" && last["content"] != "";
}

// Behind an end of turn templates write a line end or two.
constexpr std::size_t kMaxSpaceTokens = 8;

}  // namespace

std::string_view to_string(LostReason reason) {
  switch (reason) {
    case LostReason::kPromptTooLong:
      return "prompt_too_long";
    case LostReason::kNoAssistantTurn:
      return "no_assistant_turn";
    case LostReason::kEmpty:
      return "empty";
    case LostReason::kAllMasked:
      return "all_masked";
  }
  return "empty";
}

RowLabeller::RowLabeller(const Tokenizer& tokenizer, const ChatTemplate* chat_template, std::int64_t model_vocab_size,
                         const LabelOptions& labels, std::stop_token stop)
    : tokenizer_(tokenizer),
      chat_template_(chat_template),
      vocab_size_(model_vocab_size),
      labels_(labels),
      stop_(std::move(stop)),
      special_(tokenizer) {
  if (labels.max_length < 1) {
    fail(ErrorCode::kInvalidInput, "max_length", "got " + std::to_string(labels.max_length) + ", expected at least 1.");
  }
  if (!labels.response_part.empty() && !labels.assistant_only_loss) {
    fail(ErrorCode::kInvalidInput, "response_part",
         "assistant_only_loss is off: turn it on to learn what the marker opens.");
  }
  if (!labels.instruction_part.empty() && labels.response_part.empty()) {
    fail(ErrorCode::kInvalidInput, "instruction_part", "response_part is missing: give both, or none.");
  }
  for (const PlacedToken& token : tokenizer.encode_placed("a", true)) {
    if (token.begin != PlacedToken::kNotInText) break;
    added_in_front_.push_back(token.id);
  }
}

std::vector<RowLabeller::MarkedToken> RowLabeller::tokenize(const MarkedText& marked, bool& double_bos) const {
  std::vector<MarkedToken> out;
  std::int32_t run = -1;
  bool first = true;
  for (const TextPiece& piece : marked.pieces) {
    std::vector<PlacedToken> placed = tokenizer_.encode_placed(piece.text, first && marked.add_special_tokens, stop_);
    if (first && placed.size() >= 2 && placed[0].id == placed[1].id && placed[0].id == tokenizer_.bos_id()) {
      double_bos = true;
      if (placed[0].begin == PlacedToken::kNotInText) placed.erase(placed.begin());
    }
    first = false;
    std::size_t next_mark = 0;
    LabelReason reason = LabelReason::kOtherTurn;
    bool ends = false;  // with an EOS of the tokenizer's or of the text's
    for (const PlacedToken& token : placed) {
      ends = tokenizer_.eos_id() == token.id;
      if (token.begin == PlacedToken::kNotInText) {
        // Behind the text stands an EOS, if anything.
        const bool behind = ends && piece.end_of_text && &token != &placed.front();
        out.push_back({token.id, ++run, behind ? *piece.end_of_text : LabelReason::kAddedToken});
        continue;
      }
      while (next_mark < piece.marks.size() && piece.marks[next_mark].begin <= token.begin) {
        reason = piece.marks[next_mark++].reason;
        ++run;
      }
      out.push_back({token.id, run, reason});
    }
    if (piece.end_of_text && !ends && tokenizer_.eos_id()) {
      out.push_back({*tokenizer_.eos_id(), ++run, *piece.end_of_text});
    }
    ++run;
  }
  return out;
}

void RowLabeller::mark_turn_ends(std::vector<MarkedToken>& tokens, bool loose_ends) const {
  for (std::size_t begin = 0; begin < tokens.size();) {
    std::size_t end = begin;
    while (end < tokens.size() && tokens[end].run == tokens[begin].run) ++end;
    if (tokens[begin].reason == LabelReason::kAssistant || tokens[begin].reason == LabelReason::kCompletion) {
      // The last special token, if nothing but white space follows it.
      std::size_t last = end;
      const auto is_special = [&] { return tokenizer_.is_special(tokens[last - 1].id); };
      while (last > begin && !is_special() && is_white(tokenizer_.decode({tokens[last - 1].id}, false))) --last;
      if (last > begin && is_special()) {
        tokens[last - 1].reason = LabelReason::kEndOfTurn;
        if (loose_ends) {
          for (std::size_t i = last; i < end; ++i) tokens[i].reason = LabelReason::kOtherTurn;
        }
      }
    }
    begin = end;
  }
}

bool RowLabeller::is_closed(const std::vector<MarkedToken>& tokens) const {
  std::vector<std::int32_t> tail;
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
    if (tokenizer_.is_special(token->id)) return is_white(tokenizer_.decode(tail, false));
    if (tail.size() == kMaxSpaceTokens) return false;
    tail.insert(tail.begin(), token->id);
  }
  return false;
}

bool RowLabeller::leaves_end_out(const std::vector<MarkedToken>& tokens) const {
  const auto end = std::find_if(tokens.rbegin(), tokens.rend(),
                                [&](const MarkedToken& token) { return tokenizer_.is_special(token.id); });
  if (end == tokens.rend() || end->reason != LabelReason::kOtherTurn) return false;
  const auto words = std::find_if(end + 1, tokens.rend(), [&](const MarkedToken& token) {
    return token.reason == LabelReason::kAssistant || !is_white(tokenizer_.decode({token.id}, false));
  });
  return words != tokens.rend() && words->reason == LabelReason::kAssistant;
}

bool RowLabeller::spells_special_token(const RowContent& content) const {
  const auto spells = [&](std::string_view text) { return !special_.find(text).empty(); };
  if (const auto* text = std::get_if<WholeText>(&content)) {
    // A text with response markers is a conversation that somebody has rendered already.
    return labels_.response_part.empty() && spells(text->text);
  }
  if (const auto* pair = std::get_if<PromptCompletion>(&content))
    return spells(pair->prompt) || spells(pair->completion);
  const auto* conversation = std::get_if<Conversation>(&content);
  return conversation != nullptr &&
         std::any_of(conversation->messages.begin(), conversation->messages.end(), [&](const auto& message) {
           return spells(message["content"].template get_ref<const std::string&>());
         });
}

LabelledRow RowLabeller::label(const RowContent& content, const std::string& place) const {
  LabelledRow out;
  if (const auto* given = std::get_if<GivenTokens>(&content)) {
    if (labels_.assistant_only_loss || labels_.completion_only_loss) {
      fail(ErrorCode::kInvalidInput, place,
           "the row is made of token ids, in which prompt and answer cannot be told apart: turn off "
           "assistant_only_loss and completion_only_loss, and give labels (-100 for what is not learnt).");
    }
    out.input_ids = given->input_ids;
    out.empty = out.input_ids.empty();
    const bool labels_given = !given->labels.empty();
    out.labels = labels_given ? given->labels : given->input_ids;
    for (std::size_t i = 0; i < out.labels.size(); ++i) {
      const bool labelled = out.labels[i] != kNoLabel;
      if (labels_given && labelled && (out.labels[i] < 0 || out.labels[i] >= vocab_size_)) {
        fail(ErrorCode::kInvalidInput, place,
             "labels[" + std::to_string(i) + "]: got " + std::to_string(out.labels[i]) +
                 ", expected -100 or a token id below " + std::to_string(vocab_size_) +
                 ", the size of the model's vocabulary.");
      }
      const LabelReason reason = !labels_given ? LabelReason::kEverything
                                 : labelled    ? LabelReason::kGivenLabelled
                                               : LabelReason::kGivenMasked;
      const auto at = static_cast<std::int32_t>(i);
      if (out.spans.empty() || out.spans.back().reason != reason) out.spans.push_back({at, at, reason});
      out.spans.back().end = at + 1;
    }
    out.double_bos =
        out.input_ids.size() >= 2 && out.input_ids[0] == out.input_ids[1] && out.input_ids[0] == tokenizer_.bos_id();
    if (out.input_ids.size() > 1 && labels_given && count_row_targets(out.labels) == 0) {
      out.lost = LostReason::kAllMasked;
    }
  } else {
    const MarkedText marked = mark_text(content, labels_, chat_template_, tokenizer_, place);
    out.empty = true;
    for (const TextPiece& piece : marked.pieces) {
      out.placeholder = out.placeholder || has_placeholder(piece.text);
      out.empty = out.empty && is_white(piece.text);
    }
    out.special_token = spells_special_token(content);
    std::vector<MarkedToken> tokens = tokenize(marked, out.double_bos);
    mark_turn_ends(tokens, marked.loose_ends);
    out.unrendered = chat_template_ == nullptr && std::holds_alternative<Conversation>(content);
    const auto* conversation = std::get_if<Conversation>(&content);
    out.empty = out.empty || (conversation != nullptr && conversation->messages.empty());
    out.unclosed_turn = ends_with_assistant(content) && !is_closed(tokens);
    out.end_outside =
        marked.by_generation && ends_with_assistant(content) && !out.unclosed_turn && leaves_end_out(tokens);
    out.unwritten_calls = marked.unwritten_calls;
    out.unwritten_tools = marked.unwritten_tools;
    out.lost_spans = marked.lost_spans;
    for (const MarkedToken& token : tokens) {
      const auto at = static_cast<std::int32_t>(out.input_ids.size());
      if (out.spans.empty() || out.spans.back().reason != token.reason) out.spans.push_back({at, at, token.reason});
      out.spans.back().end = at + 1;
      out.input_ids.push_back(token.id);
      out.labels.push_back(is_labelled(token.reason) ? token.id : kNoLabel);
    }
    const bool no_turn =
        labels_.response_part.empty() ? no_assistant_turn(content) : !out.empty && count_row_targets(out.labels) == 0;
    if (labels_.assistant_only_loss && no_turn) out.lost = LostReason::kNoAssistantTurn;
  }
  finish(out, place);
  return out;
}

void RowLabeller::finish(LabelledRow& row, const std::string& place) const {
  for (std::size_t i = 0; i < row.input_ids.size(); ++i) {
    if (row.input_ids[i] >= 0 && row.input_ids[i] < vocab_size_) continue;
    fail(ErrorCode::kInvalidInput, place,
         "token " + std::to_string(i) + ": got id " + std::to_string(row.input_ids[i]) + ", expected 0 to " +
             std::to_string(vocab_size_ - 1) + " (the model's vocabulary has " + std::to_string(vocab_size_) +
             " entries).");
  }
  const bool had_targets = count_row_targets(row.labels) > 0;
  row.uncut = row_fingerprint(row.input_ids, row.labels);
  const auto max_length = static_cast<std::size_t>(labels_.max_length);
  if (row.input_ids.size() > max_length && !labels_.keep_whole) {
    row.cut_tokens = static_cast<std::int32_t>(row.input_ids.size() - max_length);
    row.input_ids.resize(max_length);
    row.labels.resize(max_length);
    while (row.spans.back().begin >= labels_.max_length) row.spans.pop_back();
    row.spans.back().end = static_cast<std::int32_t>(max_length);
  }
  if (row.lost || count_row_targets(row.labels) > 0) return;
  row.lost = had_targets ? LostReason::kPromptTooLong : LostReason::kEmpty;
}

std::vector<LabelledRow> RowLabeller::label_stretch(const std::string& text, bool last,
                                                    const std::string& place) const {
  std::vector<std::int32_t> ids = tokenizer_.encode(text, false, stop_);
  const bool placeholder = has_placeholder(text);
  const bool special_token = !special_.find(text).empty();
  const bool closes = last && tokenizer_.eos_id() && (ids.empty() || ids.back() != *tokenizer_.eos_id());
  if (closes) ids.push_back(*tokenizer_.eos_id());
  const auto max_length = static_cast<std::size_t>(labels_.max_length);
  // Where max_length leaves no room for text behind them, the added tokens are left out.
  const std::size_t in_front = added_in_front_.size() < max_length ? added_in_front_.size() : 0;
  std::vector<LabelledRow> out;
  for (std::size_t begin = 0; begin < ids.size(); begin += max_length - in_front) {
    const std::size_t end = std::min(ids.size(), begin + max_length - in_front);
    LabelledRow& row = out.emplace_back();
    row.placeholder = placeholder && begin == 0;
    row.special_token = special_token && begin == 0;
    const auto add = [&](std::int32_t id, LabelReason reason) {
      const auto at = static_cast<std::int32_t>(row.input_ids.size());
      if (row.spans.empty() || row.spans.back().reason != reason) row.spans.push_back({at, at, reason});
      row.spans.back().end = at + 1;
      row.input_ids.push_back(id);
      row.labels.push_back(is_labelled(reason) ? id : kNoLabel);
    };
    for (std::size_t i = 0; i < in_front; ++i) add(added_in_front_[i], LabelReason::kAddedToken);
    for (std::size_t i = begin; i < end; ++i) {
      add(ids[i], closes && i + 1 == ids.size() ? LabelReason::kEndOfTurn : LabelReason::kEverything);
    }
    finish(row, place);
  }
  return out;
}

}  // namespace vernier
