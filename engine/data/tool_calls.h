// Which tool calls and tools of a conversation a chat template leaves out.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vernier {

bool has_tool_calls(const nlohmann::ordered_json& message);

// Renders messages with tools (null: none). Throws Error where the template refuses.
using RenderWithTools =
    std::function<std::string(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& tools)>;

// The assistant's messages with tool calls of which the rendering does not hold every function's name. A template that
// refuses to be asked is believed.
std::vector<std::size_t> find_unwritten_calls(const nlohmann::ordered_json& messages,
                                              const nlohmann::ordered_json& tools, const RenderWithTools& render);

// Whether `text`, the rendering with tools, is the same without.
bool leaves_tools_out(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& tools,
                      const std::string& text, const RenderWithTools& render);

}  // namespace vernier
