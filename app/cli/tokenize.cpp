// vernier-cli tokenize: text to token ids and back.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "vernier/error.h"
#include "vernier/inputs.h"
#include "vernier/tokenizer.h"

namespace vernier::cli {
namespace {

struct TokenizeArguments {
  std::string model;
  std::string text;
  std::string file;
  std::string decode;
  bool special_tokens = false;
  bool as_json = false;
};

int tokenize(const CLI::App& command, const TokenizeArguments& arguments, const std::stop_token& stop) {
  const std::unique_ptr<Tokenizer> tokenizer = Tokenizer::load(arguments.model);
  if (command.count("--decode") != 0) {
    const std::vector<std::int32_t> ids = parse_ids(arguments.decode, "--decode");
    for (const std::int32_t id : ids) {
      if (id < 0 || id >= tokenizer->vocab_size()) {
        fail(ErrorCode::kInvalidInput, "--decode",
             "token id: got " + std::to_string(id) + ", expected 0 to " + std::to_string(tokenizer->vocab_size() - 1) +
                 ".");
      }
    }
    const std::string text = tokenizer->decode(ids, false);
    if (arguments.as_json) {
      print_json(text);
    } else {
      print(text + "\n");
    }
    return kDone;
  }
  const std::string text = command.count("--file") != 0 ? read_input_file(arguments.file) : arguments.text;
  print_json(tokenizer->encode(text, arguments.special_tokens, stop));
  return kDone;
}

}  // namespace

void register_tokenize(Program& program) {
  auto arguments = std::make_shared<TokenizeArguments>();
  CLI::App* command = program.app.add_subcommand("tokenize", "Turn text into token ids, or ids into text");
  add_model(*command, arguments->model);
  CLI::Option_group* input = command->add_option_group("input", "What to turn (exactly one)");
  input->add_option("--text", arguments->text, "Text to encode; prints a JSON list of ids");
  add_path(*input, "--file", arguments->file, "File whose text to encode");
  input->add_option("--decode", arguments->decode, "JSON list of ids to decode, as in [1, 403]; prints the text");
  input->require_option(1);
  command->add_flag(
      "--special-tokens", arguments->special_tokens,
      "Add what the checkpoint's own rules add (usually the first token of a text); special tokens written "
      "in the text are recognised either way");
  command->add_flag("--json", arguments->as_json, "Print decoded text as a JSON string");
  command->callback([&program, command, arguments] {
    program.action = [&program, command, arguments] {
      return tokenize(*command, *arguments, program.interrupt.get_token());
    };
  });
}

}  // namespace vernier::cli
