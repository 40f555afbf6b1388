// vernier-cli template: renders a chat template.
#include "vernier/template.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "vernier/error.h"
#include "vernier/inputs.h"
#include "vernier/tokenizer.h"

namespace vernier::cli {
namespace {

using nlohmann::json;

struct TemplateArguments {
  std::string source, model_dir;  // one of them
  std::string context;
  std::string now;
  bool mask = false;
};

// "2025-07-10T12:00", in local time. Throws CLI::ValidationError: wrong usage.
std::time_t parse_time(const std::string& text) {
  std::tm time{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M", &time);
  if (end != nullptr && *end == ':') end = ::strptime(end, ":%S", &time);
  if (end == nullptr || *end != '\0') {
    throw CLI::ValidationError("--now", "got " + text + ", expected a local time as in 2025-07-10T12:00");
  }
  time.tm_isdst = -1;
  return std::mktime(&time);
}

// Unicode characters in the first `bytes` bytes: those that do not continue another.
std::int64_t characters_before(std::string_view text, std::size_t bytes) {
  const std::string_view before = text.substr(0, bytes);
  return std::count_if(before.begin(), before.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::unique_ptr<ChatTemplate> load(const TemplateArguments& arguments) {
  if (!arguments.source.empty()) {
    return std::make_unique<ChatTemplate>(read_input_file(arguments.source), arguments.source);
  }
  std::unique_ptr<ChatTemplate> found = load_chat_template(arguments.model_dir);
  if (!found) {
    fail(ErrorCode::kNotFound, arguments.model_dir,
         "chat template: got none, expected chat_template.jinja or one in tokenizer_config.json. Name one with "
         "--template.");
  }
  return found;
}

int render(const TemplateArguments& arguments, std::optional<std::time_t> now) {
  const std::unique_ptr<ChatTemplate> chat_template = load(arguments);
  nlohmann::ordered_json context = parse_ordered_json(read_input_file(arguments.context), arguments.context);
  if (!context.is_object()) {
    fail(ErrorCode::kInvalidInput, arguments.context,
         "got a JSON " + std::string(context.type_name()) + ", expected an object of the template's variables.");
  }
  if (!arguments.model_dir.empty()) {
    // As the model would see it; what the context says stands.
    const auto tokenizer = Tokenizer::load(arguments.model_dir);
    context.emplace("bos_token", tokenizer->bos_token());
    context.emplace("eos_token", tokenizer->eos_token());
  }
  const RenderedTemplate rendered = chat_template->render(context, now);
  if (!arguments.mask) {
    print(rendered.text);
    return kDone;
  }
  json spans = json::array();
  for (const TemplateSpan& span : rendered.generation_spans) {
    spans.push_back({characters_before(rendered.text, span.begin), characters_before(rendered.text, span.end)});
  }
  print_json({{"text", rendered.text}, {"generation_spans", spans}});
  if (rendered.lost_spans > 0) {
    print_note("Not in the spans: " + std::to_string(rendered.lost_spans) +
               " of the {% generation %} blocks, whose text was changed on its way into the output.");
  }
  return kDone;
}

}  // namespace

void register_template(Program& program) {
  auto arguments = std::make_shared<TemplateArguments>();
  CLI::App* command = program.app.add_subcommand("template", "Render a chat template");
  CLI::Option_group* source = command->add_option_group("source", "What is rendered (exactly one)");
  add_path(*source, "--template", arguments->source, "Jinja file: chat_template.jinja");
  add_path(*source, "--model", arguments->model_dir,
           "Model folder, for the template that comes with it, and its bos_token and eos_token");
  source->require_option(1);
  add_path(*command, "--context", arguments->context,
           "JSON object of the template's variables: messages, add_generation_prompt, bos_token, ...")
      ->required();
  command->add_flag("--mask", arguments->mask,
                    "Print JSON: the text, and where its {% generation %} blocks begin and end, in characters");
  command->add_option(
      "--now", arguments->now,
      "Local time that strftime_now tells the template, as in 2025-07-10T12:00 (without it: the clock)");
  command->callback([&program, command, arguments] {
    std::optional<std::time_t> now;
    if (command->count("--now") != 0) now = parse_time(arguments->now);
    program.action = [arguments, now] { return render(*arguments, now); };
  });
}

}  // namespace vernier::cli
