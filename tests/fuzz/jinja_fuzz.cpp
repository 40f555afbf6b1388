// A chat template, and behind a NUL byte the JSON of its variables (without one: a conversation).
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "vernier/error.h"
#include "vernier/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Json = nlohmann::ordered_json;
  static const Json kConversation = {
      {"messages",
       {{{"role", "system"}, {"content", "Be brief."}},
        {{"role", "user"}, {"content", "Hi \u00e9\U0001F600"}},
        {{"role", "assistant"},
         {"content", nullptr},
         {"tool_calls", {{{"function", {{"name", "f"}, {"arguments", {{"x", 1.5}}}}}}}}}}},
      {"tools", nullptr},
      {"bos_token", "<s>"},
      {"eos_token", "</s>"},
      {"add_generation_prompt", true}};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t nul = input.find('\0');
  Json context = kConversation;
  if (nul != std::string_view::npos) {
    context = Json::parse(input.substr(nul + 1), nullptr, false);
    if (!context.is_object()) return -1;
  }
  try {
    const vernier::ChatTemplate chat_template(input.substr(0, nul));
    const vernier::RenderedTemplate rendered = chat_template.render(context, 1752148800);
    for (const vernier::TemplateSpan& span : rendered.generation_spans) {
      if (span.begin > span.end || span.end > rendered.text.size()) __builtin_trap();
    }
  } catch (const vernier::Error&) {
  }
  return 0;
}
