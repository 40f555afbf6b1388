// Chat templates: Jinja text that turns a conversation into the text a model was trained on.
#pragma once

#include <cstddef>
#include <ctime>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// Byte offsets into the rendered text of what one {% generation %} block wrote.
struct TemplateSpan {
  std::size_t begin = 0, end = 0;
};

struct RenderedTemplate {
  std::string text;
  std::vector<TemplateSpan> generation_spans;  // in the order of the text
  std::size_t lost_spans = 0;  // blocks whose text was changed on its way into this one, so that it is not found
};

// A template, parsed once and rendered often: Jinja2's language as Transformers sets it up (trim_blocks, lstrip_blocks,
// loop controls, {% generation %}, raise_exception, strftime_now, tojson without escapes, the immutable sandbox).
// Templates come from strangers: they reach no file, and their steps, sizes and recursion are bounded.
// Thread: const members may be called from several threads at once.
class ChatTemplate {
 public:
  // `name` is what errors call it. Throws Error{kInvalidInput} with the line where the source does not parse.
  explicit ChatTemplate(std::string_view source, std::string name = "chat_template");
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;

  // `context` is an object: `messages`, `add_generation_prompt`, `bos_token`, `eos_token`, `tools`, ...; dicts keep
  // their order. `now` is what strftime_now tells, in local time; without it the clock does. Throws
  // Error{kInvalidInput} where Jinja2 raises, with its message, and where a limit is reached.
  RenderedTemplate render(const nlohmann::ordered_json& context, std::optional<std::time_t> now = std::nullopt) const;
  bool has_generation_blocks() const;

 private:
  struct Parsed;
  std::unique_ptr<const Parsed> parsed_;
};

// A model folder's template: chat_template.jinja (another `name`: additional_chat_templates/NAME.jinja), else
// tokenizer_config.json's chat_template, a text or a list of named ones. nullptr where there is none.
// Throws Error{kInvalidInput, kIo} for one that cannot be read or does not parse.
std::unique_ptr<ChatTemplate> load_chat_template(const std::string& model_dir, const std::string& name = "default");

// The text of that template, not parsed. Errors: as above, for reading.
std::optional<std::string> chat_template_source(const std::string& model_dir, const std::string& name = "default");

struct BuiltInTemplate {
  std::string_view id;  // "chatml"
  std::string_view title;
  std::string_view source;
};
// For models that come without one. All mark assistant turns with {% generation %}.
const std::vector<BuiltInTemplate>& built_in_templates();

// A built-in template by its id, else the Jinja file at that path; for "" the model folder's own (nullptr where there
// is none). Throws Error{kNotFound} that lists the ids.
std::unique_ptr<ChatTemplate> choose_chat_template(const std::string& choice, const std::string& model_dir);

}  // namespace vernier
