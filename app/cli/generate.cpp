// vernier-cli generate: text or ids that go on where a prompt ends.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/load_model.h"
#include "app/cli/output.h"
#include "vernier/error.h"
#include "vernier/inputs.h"
#include "vernier/model.h"

namespace vernier::cli {
namespace {

using nlohmann::json;

struct GenerateArguments {
  ModelOptions model;
  std::string prompt;
  std::string messages;
  std::string input_ids;
  GenerateOptions options;
  bool as_json = false;
};

json read_messages(const std::string& path) {
  json messages = parse_json(read_input_file(path), path);
  if (messages.is_object() && messages.contains("messages")) messages = json(messages["messages"]);
  if (!messages.is_array() || messages.empty()) {
    fail(ErrorCode::kInvalidInput, path,
         std::string("messages: got ") + (messages.is_array() ? "an empty" : "no") +
             " list, expected [{\"role\": \"user\", \"content\": \"...\"}, ...].");
  }
  return messages;
}

std::vector<std::int32_t> prompt_ids(const CLI::App& command, const GenerateArguments& arguments,
                                     const LanguageModel& model) {
  if (command.count("--input-ids") != 0) return parse_ids(arguments.input_ids, "--input-ids");
  if (model.tokenizer() == nullptr) {
    fail(ErrorCode::kNotFound, arguments.model.model_dir,
         "tokenizer: got none, expected one to read text with. Give token ids by --input-ids.");
  }
  if (command.count("--messages") != 0) {
    return encode_chat(arguments.model.model_dir, *model.tokenizer(), read_messages(arguments.messages));
  }
  return model.tokenizer()->encode(arguments.prompt, true);
}

json token_object(const Tokenizer* tokenizer, std::int32_t id, float log_probability) {
  json token = {{"id", id}, {"log_probability", log_probability}};
  if (tokenizer != nullptr) token["piece"] = tokenizer->piece(id);
  return token;
}

void print_result(const std::vector<std::int32_t>& input_ids, const std::vector<GeneratedToken>& generated,
                  const Tokenizer* tokenizer) {
  json result = {{"input_ids", input_ids}, {"output_ids", json::array()}, {"text", nullptr}, {"tokens", json::array()}};
  std::vector<std::int32_t> output_ids;
  for (const GeneratedToken& token : generated) {
    output_ids.push_back(token.id);
    json entry = token_object(tokenizer, token.id, token.log_probability);
    entry["top"] = json::array();
    for (const TokenAlternative& other : token.top) {
      entry["top"].push_back(token_object(tokenizer, other.id, other.log_probability));
    }
    result["tokens"].push_back(std::move(entry));
  }
  result["output_ids"] = output_ids;
  if (tokenizer != nullptr) result["text"] = tokenizer->decode(output_ids, true);
  print_json(result);
}

int generate(const CLI::App& command, const GenerateArguments& arguments, const std::stop_token& stop) {
  const std::unique_ptr<LanguageModel> model = load_model(arguments.model, stop);
  const Tokenizer* tokenizer = model->tokenizer();
  const std::vector<std::int32_t> input_ids = prompt_ids(command, arguments, *model);
  GenerateOptions options = arguments.options;
  if (arguments.as_json) {
    const std::vector<GeneratedToken> generated = model->generate(input_ids, options, {}, stop);
    print_result(input_ids, generated, tokenizer);
  } else if (tokenizer != nullptr) {
    options.num_top = 0;
    StreamDecoder decoder(*tokenizer);
    const auto show = [&](const GeneratedToken& token) {
      if (const std::string text = decoder.push(token.id); !text.empty()) print(text);
      return true;
    };
    model->generate(input_ids, options, show, stop);
    print(decoder.finish() + "\n");
  } else {
    // Without a tokenizer there are ids only.
    options.num_top = 0;
    std::vector<std::int32_t> output_ids;
    for (const GeneratedToken& token : model->generate(input_ids, options, {}, stop)) output_ids.push_back(token.id);
    print_json(output_ids);
  }
  // Last, as a request that is refused says nothing but why.
  const auto prompt = static_cast<std::int64_t>(input_ids.size());
  if (const std::int64_t positions = model->info().max_position_embeddings;
      options.max_new_tokens > positions - prompt) {
    print_note("warning: the prompt's " + std::to_string(prompt) + " tokens and " +
               std::to_string(options.max_new_tokens) + " new ones pass the " + std::to_string(positions) +
               " positions (max_position_embeddings) that the model was made for.");
  }
  return stop.stop_requested() ? kInterrupted : kDone;
}

}  // namespace

void register_generate(Program& program) {
  auto arguments = std::make_shared<GenerateArguments>();
  GenerateOptions& options = arguments->options;
  options.num_top = 5;
  CLI::App* command = program.app.add_subcommand("generate", "Let a model go on from a prompt");
  add_model(*command, arguments->model.model_dir);
  add_adapter(*command, arguments->model.adapter_dir);
  CLI::Option_group* input = command->add_option_group("prompt", "What to go on from (exactly one)");
  input->add_option("--prompt", arguments->prompt, "Text");
  add_path(*input, "--messages", arguments->messages,
           "JSON file with a conversation, [{\"role\": \"user\", \"content\": \"...\"}], put into the model's "
           "chat template");
  input->add_option("--input-ids", arguments->input_ids, "JSON list of token ids, as in [1, 403]");
  input->require_option(1);
  command
      ->add_option("--max-new-tokens", options.max_new_tokens, "Stop after so many tokens, or at an end-of-text token")
      ->required()
      ->check(count_from(1));
  command->add_option("--temperature", options.temperature, "0 takes the likeliest token, higher values vary more")
      ->check(at_least(0))
      ->capture_default_str();
  command->add_option("--top-k", options.top_k, "Draw from the k likeliest tokens only (0: all)")
      ->check(count_from(0))
      ->capture_default_str();
  command
      ->add_option("--top-p", options.top_p,
                   "Draw from the fewest tokens that reach this probability, above 0 and at most 1")
      ->check(CLI::Validator(
          [](const std::string& text) {
            double value = 0.0;
            if (CLI::detail::lexical_cast(text, value) && value > 0.0 && value <= 1.0) return std::string();
            return "got " + text + ", expected a number above 0 and at most 1";
          },
          ""))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "The same seed draws the same tokens")
      ->check(count_from(0))
      ->capture_default_str();
  add_dtype(*command, arguments->model.dtype);
  add_quantization(*command, arguments->model.quantization);
  command
      ->add_option("--alternatives", options.num_top,
                   "With --json: how many of the likeliest tokens to list for each token")
      ->check(count_from(0))
      ->capture_default_str();
  command->add_flag("--json", arguments->as_json,
                    "Print input_ids, output_ids, text, and every token's log-probability and likeliest alternatives");
  add_device(*command, arguments->model.device);
  command->callback([&program, command, arguments] {
    program.action = [&program, command, arguments] {
      return generate(*command, *arguments, program.interrupt.get_token());
    };
  });
}

}  // namespace vernier::cli
