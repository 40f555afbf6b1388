#include "engine/data/assistant_turns.h"

#include <algorithm>
#include <optional>

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

constexpr const char* kSpace = " \t\r\n";

// The rendering of the first `count` messages, where it is what `text` begins with.
std::optional<std::size_t> prefix_length(const ordered_json& messages, std::size_t count, bool add_generation_prompt,
                                         const std::string& text, const RenderMessages& render) {
  const ordered_json first(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(count));
  try {
    const std::string rendered = render(first, add_generation_prompt);
    if (text.starts_with(rendered)) return rendered.size();
  } catch (const Error&) {
    // Many templates refuse conversations that end with the user, or that are empty.
  }
  return std::nullopt;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// One space in front belongs to the word behind it.
std::size_t before_space(const std::string& text, std::size_t at) {
  return at > 0 && text[at - 1] == ' ' ? at - 1 : at;
}

// Where the content of message i stands: what changes when the content does.
std::optional<TemplateSpan> changed_span(const ordered_json& messages, std::size_t i, const std::string& text,
                                         const RenderMessages& render) {
  const std::string content = trimmed(messages[i]["content"].get<std::string>());
  if (content.empty()) return std::nullopt;
  const std::string marker = "\xEE\x80\x80";  // U+E000: no real content begins with it
  ordered_json changed = messages;
  changed[i]["content"] = marker;
  const std::string other = render(changed, false);
  std::size_t begin = 0;
  while (begin < std::min(text.size(), other.size()) && text[begin] == other[begin]) ++begin;
  if (other.compare(begin, marker.size(), marker) != 0) return std::nullopt;
  const std::size_t tail = other.size() - std::min(other.size(), begin + marker.size());
  if (tail > text.size() - begin || other.compare(other.size() - tail, tail, text, text.size() - tail, tail) != 0)
    return std::nullopt;
  return TemplateSpan{begin, text.size() - tail};
}

// Behind the content of message i, what closes its turn: what follows it where it is the last message.
std::size_t closed_end(const ordered_json& messages, std::size_t i, const std::string& text, std::size_t end,
                       const RenderMessages& render) {
  const ordered_json first(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  try {
    const std::string rendered = render(first, false);
    const auto last = changed_span(first, i, rendered, render);
    if (last && text.compare(end, rendered.size() - last->end, rendered, last->end) == 0) {
      return end + (rendered.size() - last->end);
    }
  } catch (const Error&) {
    // Nothing is known about the end then.
  }
  return end;
}

// Whether the messages beside message i stand in front of its content and behind its turn, as far as that can be told.
bool keeps_order(const ordered_json& messages, std::size_t i, std::size_t content_begin, std::size_t turn_end,
                 const std::string& text, const RenderMessages& render) {
  try {
    const auto before = i > 0 ? changed_span(messages, i - 1, text, render) : std::nullopt;
    const auto behind = i + 1 < messages.size() ? changed_span(messages, i + 1, text, render) : std::nullopt;
    return (!before || before->end <= content_begin) && (!behind || behind->begin >= turn_end);
  } catch (const Error&) {
    return true;  // the template does not take another content there
  }
}

TemplateSpan find_turn(const ordered_json& messages, std::size_t i, const std::string& text,
                       const RenderMessages& render, const std::string& place) {
  auto begin = prefix_length(messages, i, true, text, render);
  auto end = i + 1 == messages.size() ? text.size() : prefix_length(messages, i + 1, false, text, render);
  if (begin && end && *end > *begin) {
    // A template without a generation prompt: what it writes in front of the answer is not the assistant's.
    const std::string turn = text.substr(*begin, *end - *begin);
    const std::size_t head = turn.find(trimmed(messages[i]["content"].get<std::string>()));
    if (head != std::string::npos && turn.find_first_not_of(kSpace) < head &&
        prefix_length(messages, i, false, text, render) == begin) {
      begin = before_space(text, *begin + head);
    }
    return {*begin, *end};
  }
  const auto changed = changed_span(messages, i, text, render);
  TemplateSpan turn;
  if (changed) {
    if (!begin || *begin > changed->begin) begin = before_space(text, changed->begin);
    if (!end || *end < changed->end) end = closed_end(messages, i, text, changed->end, render);
    turn = {*begin, *end};
  }
  if (!changed || !keeps_order(messages, i, changed->begin, turn.end, text, render)) {
    fail(ErrorCode::kInvalidInput, place,
         "messages[" + std::to_string(i) +
             "]: the chat template does not show where this turn stands. Mark the assistant's text in the template "
             "with {% generation %} ... {% endgeneration %}, or give what stands in front of it as response_part.");
  }
  return turn;
}

}  // namespace

std::vector<TemplateSpan> find_assistant_turns(const ordered_json& messages, const std::string& text,
                                               const RenderMessages& render, const std::string& place) {
  std::vector<TemplateSpan> out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i]["role"] != "assistant") continue;
    TemplateSpan span = find_turn(messages, i, text, render, place);
    if (!out.empty()) span.begin = std::max(span.begin, out.back().end);
    span.end = std::max(span.begin, span.end);
    out.push_back(span);
  }
  return out;
}

std::vector<TemplateSpan> find_marked_turns(const std::string& text, const std::string& instruction_part,
                                            const std::string& response_part) {
  std::vector<TemplateSpan> out;
  std::size_t at = text.find(response_part);
  while (at != std::string::npos) {
    const std::size_t begin = at + response_part.size();
    at = text.find(response_part, begin);
    const std::size_t next = instruction_part.empty() ? std::string::npos : text.find(instruction_part, begin);
    out.push_back({begin, std::min({text.size(), at, next})});
  }
  return out;
}

std::size_t find_completion(const ordered_json& messages, std::size_t prompt_messages, const std::string& text,
                            const RenderMessages& render, const std::string& place) {
  if (prompt_messages >= messages.size()) return text.size();
  const auto begin = prefix_length(messages, prompt_messages, true, text, render);
  return begin ? *begin : find_turn(messages, prompt_messages, text, render, place).begin;
}

}  // namespace vernier
