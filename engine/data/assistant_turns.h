// Where in a rendered conversation the assistant speaks, for templates without {% generation %} blocks.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vernier/template.h"

namespace vernier {

// Renders a list of messages, with or without the generation prompt. Throws Error where the template refuses.
using RenderMessages = std::function<std::string(const nlohmann::ordered_json& messages, bool add_generation_prompt)>;

// `text` is the rendering of all `messages`. One span for each assistant message, in order: what the template writes
// behind the generation prompt, up to the next message. Throws Error{kInvalidInput} with `place` where the template
// does not let them be told apart.
std::vector<TemplateSpan> find_assistant_turns(const nlohmann::ordered_json& messages, const std::string& text,
                                               const RenderMessages& render, const std::string& place);

// By markers that the user gives: one span from behind each `response_part` up to the next `instruction_part`, or next
// `response_part`, or the end. instruction_part may be empty.
std::vector<TemplateSpan> find_marked_turns(const std::string& text, const std::string& instruction_part,
                                            const std::string& response_part);

// The byte at which the completion begins that follows the first `prompt_messages` of `messages`: behind the generation
// prompt. Errors as above.
std::size_t find_completion(const nlohmann::ordered_json& messages, std::size_t prompt_messages,
                            const std::string& text, const RenderMessages& render, const std::string& place);

}  // namespace vernier
