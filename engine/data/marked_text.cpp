#include "engine/data/marked_text.h"

#include <algorithm>

#include "engine/data/assistant_turns.h"
#include "engine/data/tool_calls.h"
#include "engine/text/plain_turns.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

// Bytes [begin, end) of a piece.
using Spans = std::vector<TemplateSpan>;

// Marks what both options leave: the spans of the assistant, behind completion_begin.
std::vector<Mark> marks_of(const LabelOptions& labels, const Spans& assistant, std::size_t completion_begin,
                           std::size_t size) {
  if (!labels.assistant_only_loss && !labels.completion_only_loss) return {{0, LabelReason::kEverything}};
  if (!labels.assistant_only_loss) {
    if (completion_begin == 0) return {{0, LabelReason::kCompletion}};
    return {{0, LabelReason::kPrompt}, {completion_begin, LabelReason::kCompletion}};
  }
  const std::size_t first = labels.completion_only_loss ? completion_begin : 0;
  std::vector<Mark> out;
  const auto unlabelled = [&](std::size_t from, std::size_t to) {
    if (from < std::min(first, to)) out.push_back({from, LabelReason::kPrompt});
    if (std::max(from, first) < to) out.push_back({std::max(from, first), LabelReason::kOtherTurn});
  };
  std::size_t at = 0;
  for (const TemplateSpan& span : assistant) {
    const std::size_t begin = std::max({span.begin, first, at});
    if (begin >= span.end) continue;
    unlabelled(at, begin);
    out.push_back({begin, LabelReason::kAssistant});
    at = span.end;
  }
  unlabelled(at, size);
  if (out.empty()) out.push_back({0, LabelReason::kOtherTurn});
  return out;
}

// Takes a span out of what is learnt.
void mark_tool_call(std::vector<Mark>& marks, const TemplateSpan& span, std::size_t size) {
  if (span.begin >= span.end) return;
  std::vector<Mark> out;
  for (const Mark& mark : marks) {
    if (mark.begin < span.begin) out.push_back(mark);
  }
  out.push_back({span.begin, LabelReason::kToolCall});
  LabelReason behind = marks.front().reason;
  for (const Mark& mark : marks) {
    if (mark.begin <= span.end) behind = mark.reason;
  }
  if (span.end < size) out.push_back({span.end, behind});
  for (const Mark& mark : marks) {
    if (mark.begin > span.end) out.push_back(mark);
  }
  marks = std::move(out);
}

MarkedText mark_whole_text(const WholeText& content, const LabelOptions& labels, const std::string& place) {
  const bool by_markers = !labels.response_part.empty() && !labels.completion_only_loss;
  if ((labels.assistant_only_loss && !by_markers) || labels.completion_only_loss) {
    fail(ErrorCode::kInvalidInput, place,
         std::string(labels.assistant_only_loss ? "assistant_only_loss needs messages"
                                                : "completion_only_loss needs a prompt and a completion") +
             ", but the row is one text: turn it off, or map the columns.");
  }
  MarkedText out;
  TextPiece& piece = out.pieces.emplace_back();
  piece.text = content.text;
  const Spans turns =
      by_markers ? find_marked_turns(piece.text, labels.instruction_part, labels.response_part) : Spans();
  piece.marks = marks_of(labels, turns, 0, piece.text.size());
  out.loose_ends = by_markers;
  if (!piece.text.empty()) {
    const LabelReason last = piece.marks.back().reason;
    piece.end_of_text = is_labelled(last) ? LabelReason::kEndOfTurn : last;
  }
  return out;
}

MarkedText mark_prompt_completion(const PromptCompletion& content, const LabelOptions& labels,
                                  const std::string& place) {
  if (labels.assistant_only_loss) {
    fail(ErrorCode::kInvalidInput, place,
         "assistant_only_loss needs messages, but the row is a prompt and a completion: use completion_only_loss.");
  }
  MarkedText out;
  TextPiece& piece = out.pieces.emplace_back();
  piece.text = content.prompt + content.completion;
  piece.marks = marks_of(labels, {}, content.prompt.size(), piece.text.size());
  if (!content.completion.empty()) piece.end_of_text = LabelReason::kEndOfTurn;
  return out;
}

// One piece up to the end of each answer.
MarkedText lay_out(const Conversation& content, const LabelOptions& labels) {
  MarkedText out;
  out.unwritten_tools = content.tools.is_array() && !content.tools.empty();
  std::string text;
  for (std::size_t i = 0; i < content.messages.size(); ++i) {
    const ordered_json& message = content.messages[i];
    const auto& role = message["role"].get_ref<const std::string&>();
    const auto& words = message["content"].get_ref<const std::string&>();
    const bool in_completion = i >= content.prompt_messages;
    if (!text.empty() || !out.pieces.empty()) text += kBetweenTurns;
    text += turn_heading(role);
    if (role != "assistant") {
      text += words;
      continue;
    }
    const TemplateSpan answer{text.size(), text.size() + words.size()};
    TextPiece& piece = out.pieces.emplace_back();
    piece.text = text + words;
    piece.marks = marks_of(labels, {answer}, in_completion ? answer.begin : piece.text.size(), piece.text.size());
    if (has_tool_calls(message)) {
      ++out.unwritten_calls;
      mark_tool_call(piece.marks, answer, piece.text.size());
    }
    if (!words.empty()) {
      const bool labelled = is_labelled(piece.marks.back().reason);
      piece.end_of_text = labelled ? LabelReason::kEndOfTurn : piece.marks.back().reason;
    }
    text.clear();
  }
  if (!text.empty()) {
    TextPiece& piece = out.pieces.emplace_back();
    piece.text = text;
    piece.marks = marks_of(labels, {}, text.size(), text.size());
  }
  return out;
}

// Where the messages `wanted` stand, as far as that can be told. `assistant`: the spans found for the assistant's
// turns.
Spans spans_of(const std::vector<std::size_t>& wanted, const ordered_json& messages, const Spans& assistant,
               const std::string& text, const RenderMessages& render, const std::string& place) {
  std::vector<std::size_t> speaking;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i]["role"] == "assistant") speaking.push_back(i);
  }
  Spans turns = assistant;
  if (turns.size() != speaking.size()) {
    try {
      turns = find_assistant_turns(messages, text, render, place);
    } catch (const Error&) {
      return {};  // nothing of these turns can be told from the rest then
    }
  }
  Spans out;
  for (std::size_t k = 0; k < speaking.size(); ++k) {
    if (std::find(wanted.begin(), wanted.end(), speaking[k]) != wanted.end()) out.push_back(turns[k]);
  }
  return out;
}

MarkedText mark_conversation(const Conversation& content, const LabelOptions& labels, const ChatTemplate* chat_template,
                             const Tokenizer& tokenizer, const std::string& place) {
  if (labels.completion_only_loss && content.prompt_messages == 0) {
    fail(ErrorCode::kInvalidInput, place,
         "completion_only_loss needs a prompt and a completion, but the row is a list of messages: use "
         "assistant_only_loss.");
  }
  if (chat_template == nullptr) return lay_out(content, labels);

  const auto render = [&](const ordered_json& messages, const ordered_json& tools, bool add_generation_prompt) {
    return chat_template->render({{"messages", messages},
                                  {"tools", tools},
                                  {"documents", nullptr},
                                  {"add_generation_prompt", add_generation_prompt},
                                  {"bos_token", tokenizer.bos_token()},
                                  {"eos_token", tokenizer.eos_token()}});
  };
  const RenderMessages render_text = [&](const ordered_json& messages, bool add_generation_prompt) {
    return render(messages, content.tools, add_generation_prompt).text;
  };
  const RenderWithTools render_tools = [&](const ordered_json& messages, const ordered_json& tools) {
    return render(messages, tools, false).text;
  };
  MarkedText out;
  out.add_special_tokens = false;
  TextPiece& piece = out.pieces.emplace_back();
  RenderedTemplate rendered;
  try {
    rendered = render(content.messages, content.tools, false);
  } catch (const Error& error) {
    fail(error.code(), place, "the chat template does not take this conversation: " + std::string(error.what()));
  }
  piece.text = std::move(rendered.text);
  Spans assistant;
  if (labels.assistant_only_loss) {
    const bool by_markers = !labels.response_part.empty();
    out.loose_ends = by_markers || !chat_template->has_generation_blocks();
    if (by_markers) {
      assistant = find_marked_turns(piece.text, labels.instruction_part, labels.response_part);
    } else if (out.loose_ends) {
      assistant = find_assistant_turns(content.messages, piece.text, render_text, place);
    } else {
      assistant = std::move(rendered.generation_spans);
      out.by_generation = true;
      out.lost_spans = static_cast<std::int32_t>(rendered.lost_spans);
    }
  }
  std::size_t completion_begin = 0;
  if (labels.completion_only_loss) {
    completion_begin = find_completion(content.messages, content.prompt_messages, piece.text, render_text, place);
  }
  piece.marks = marks_of(labels, assistant, completion_begin, piece.text.size());
  const std::vector<std::size_t> unwritten = find_unwritten_calls(content.messages, content.tools, render_tools);
  if (!unwritten.empty()) {
    out.unwritten_calls = static_cast<std::int32_t>(unwritten.size());
    for (const TemplateSpan& turn : spans_of(unwritten, content.messages, assistant, piece.text, render_text, place)) {
      mark_tool_call(piece.marks, turn, piece.text.size());
    }
  }
  out.unwritten_tools = leaves_tools_out(content.messages, content.tools, piece.text, render_tools);
  return out;
}

}  // namespace

MarkedText mark_text(const RowContent& content, const LabelOptions& labels, const ChatTemplate* chat_template,
                     const Tokenizer& tokenizer, const std::string& place) {
  if (const auto* text = std::get_if<WholeText>(&content)) return mark_whole_text(*text, labels, place);
  if (const auto* pair = std::get_if<PromptCompletion>(&content)) return mark_prompt_completion(*pair, labels, place);
  return mark_conversation(std::get<Conversation>(content), labels, chat_template, tokenizer, place);
}

}  // namespace vernier
