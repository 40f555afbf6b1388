#include "engine/data/tool_calls.h"

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

// A function's real name may stand anywhere in a text. Neither JSON nor Python's way of writing a text changes this
// one.
std::string probe_name(std::size_t message, std::size_t call) {
  return "vernier_probe_" + std::to_string(message) + "_" + std::to_string(call) + "_";
}

}  // namespace

bool has_tool_calls(const ordered_json& message) {
  const auto calls = message.find("tool_calls");
  return calls != message.end() && calls->is_array() && !calls->empty();
}

std::vector<std::size_t> find_unwritten_calls(const ordered_json& messages, const ordered_json& tools,
                                              const RenderWithTools& render) {
  ordered_json probed = messages;
  std::vector<std::pair<std::size_t, std::string>> names;  // of the messages
  for (std::size_t i = 0; i < probed.size(); ++i) {
    if (probed[i]["role"] != "assistant" || !has_tool_calls(probed[i])) continue;
    ordered_json& calls = probed[i]["tool_calls"];
    for (std::size_t j = 0; j < calls.size(); ++j) {
      if (!calls[j].is_object()) continue;
      const auto function = calls[j].find("function");
      ordered_json& holder = function != calls[j].end() && function->is_object() ? *function : calls[j];
      const auto name = holder.find("name");
      if (name == holder.end() || !name->is_string()) continue;
      *name = probe_name(i, j);
      names.emplace_back(i, probe_name(i, j));
    }
  }
  std::vector<std::size_t> out;
  if (names.empty()) return out;
  std::string text;
  try {
    text = render(probed, tools);
  } catch (const Error&) {
    return out;
  }
  for (const auto& [message, name] : names) {
    if (text.find(name) != std::string::npos || (!out.empty() && out.back() == message)) continue;
    out.push_back(message);
  }
  return out;
}

bool leaves_tools_out(const ordered_json& messages, const ordered_json& tools, const std::string& text,
                      const RenderWithTools& render) {
  if (!tools.is_array() || tools.empty()) return false;
  try {
    return render(messages, nullptr) == text;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace vernier
