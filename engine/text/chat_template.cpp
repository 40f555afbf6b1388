#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "engine/text/jinja/parser.h"
#include "engine/text/jinja/runtime.h"
#include "vernier/error.h"
#include "vernier/template.h"

namespace vernier {
namespace {

[[noreturn]] void fail_at(const std::string& name, int line, std::string message) {
  // One sentence on one line, with a full stop.
  std::replace(message.begin(), message.end(), '\n', ' ');
  if (message.empty() || std::string_view(".!?").find(message.back()) == std::string_view::npos) message += '.';
  fail(ErrorCode::kInvalidInput, name + " line " + std::to_string(line), message);
}

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::is_regular_file(path, status)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) fail(ErrorCode::kIo, path.string(), "the file cannot be read.");
  return std::move(text).str();
}

// The value of tokenizer_config.json's chat_template called `name`.
std::optional<std::string> named_template(const nlohmann::json& value, const std::string& name,
                                          const std::string& where) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) {
    if (name != "default") return std::nullopt;
    return value.get<std::string>();
  }
  if (!value.is_array())
    fail(ErrorCode::kInvalidInput, where, "chat_template: expected a text or a list of named texts.");
  std::optional<std::string> found;  // of equal names the last, as Transformers has it
  for (const nlohmann::json& entry : value) {
    const bool well_formed = entry.is_object() && entry.contains("name") && entry["name"].is_string() &&
                             entry.contains("template") && entry["template"].is_string();
    if (!well_formed) {
      fail(ErrorCode::kInvalidInput, where, "chat_template: expected a list of {\"name\": ..., \"template\": ...}.");
    }
    if (entry["name"].get_ref<const std::string&>() == name) found = entry["template"].get<std::string>();
  }
  return found;
}

}  // namespace

struct ChatTemplate::Parsed {
  std::string name;
  jinja::Ast ast;
};

ChatTemplate::ChatTemplate(std::string_view source, std::string name) {
  auto parsed = std::make_unique<Parsed>();
  parsed->name = std::move(name);
  try {
    parsed->ast = jinja::parse(source);
  } catch (const jinja::SyntaxError& error) {
    fail_at(parsed->name, error.line, error.what());
  }
  parsed_ = std::move(parsed);
}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

bool ChatTemplate::has_generation_blocks() const {
  return parsed_->ast.has_generation;
}

RenderedTemplate ChatTemplate::render(const nlohmann::ordered_json& context, std::optional<std::time_t> now) const {
  if (!context.is_object()) fail(ErrorCode::kInvalidInput, parsed_->name, "context: expected an object of variables.");
  RenderedTemplate out;
  jinja::Runtime runtime(parsed_->ast, context, jinja::Limits{}, now);
  std::vector<jinja::Span> spans;
  try {
    out.text = runtime.render(spans);
  } catch (const jinja::RenderError& error) {
    fail_at(parsed_->name, runtime.line(), error.what());
  }
  std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  out.generation_spans.reserve(spans.size());
  for (const jinja::Span& span : spans) out.generation_spans.push_back({span.begin, span.end});
  out.lost_spans = runtime.lost_generation();
  return out;
}

namespace {

struct TemplateSource {
  std::string text;
  std::string place;
};

std::optional<TemplateSource> find_source(const std::string& model_dir, const std::string& name) {
  const std::filesystem::path folder(model_dir);
  // A name is a file's stem, never a path.
  if (name.empty() || name.find_first_of("/\\") != std::string::npos || name.starts_with(".")) {
    fail(ErrorCode::kInvalidInput, model_dir, "chat template name: got \"" + name + "\", expected a plain name.");
  }
  const std::filesystem::path file =
      name == "default" ? folder / "chat_template.jinja" : folder / "additional_chat_templates" / (name + ".jinja");
  if (auto source = read_text(file)) return TemplateSource{std::move(*source), file.filename().string()};
  const std::filesystem::path config_path = folder / "tokenizer_config.json";
  const auto text = read_text(config_path);
  if (!text) return std::nullopt;
  const nlohmann::json config = nlohmann::json::parse(*text, nullptr, false);
  if (!config.is_object()) {
    fail(ErrorCode::kInvalidInput, config_path.string(), "not a JSON object: the file is damaged.");
  }
  const auto it = config.find("chat_template");
  if (it == config.end()) return std::nullopt;
  auto source = named_template(*it, name, config_path.string());
  if (!source) return std::nullopt;
  return TemplateSource{std::move(*source), "chat_template"};
}

}  // namespace

std::optional<std::string> chat_template_source(const std::string& model_dir, const std::string& name) {
  auto source = find_source(model_dir, name);
  return source ? std::optional(std::move(source->text)) : std::nullopt;
}

std::unique_ptr<ChatTemplate> load_chat_template(const std::string& model_dir, const std::string& name) {
  const auto source = find_source(model_dir, name);
  return source ? std::make_unique<ChatTemplate>(source->text, source->place) : nullptr;
}

std::unique_ptr<ChatTemplate> choose_chat_template(const std::string& choice, const std::string& model_dir) {
  if (choice.empty()) return load_chat_template(model_dir);
  std::string ids;
  for (const BuiltInTemplate& built_in : built_in_templates()) {
    if (built_in.id == choice) return std::make_unique<ChatTemplate>(built_in.source, choice);
    ids += (ids.empty() ? "" : ", ") + std::string(built_in.id);
  }
  if (const auto source = read_text(choice)) return std::make_unique<ChatTemplate>(*source, choice);
  fail(ErrorCode::kNotFound, "chat_template", "got \"" + choice + "\", expected a Jinja file or one of " + ids + ".");
}

}  // namespace vernier
