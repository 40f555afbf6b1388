// Chat templates: conversations -> the text that a model reads.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// Bytes [begin, end) of the rendered text.
struct TemplateSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct RenderedTemplate {
  std::string text;
  std::vector<TemplateSpan> generation_spans;  // of the {% generation %} blocks
};

class ChatTemplate {
 public:
  explicit ChatTemplate(std::string_view source, std::string name = "chat_template");
  RenderedTemplate render(const nlohmann::ordered_json& context) const;
  bool has_generation_blocks() const;
};

}  // namespace vernier
