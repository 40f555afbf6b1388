// vernier-cli forward: one pass over a batch, into a safetensors file.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/end_at_once.h"
#include "app/cli/load_model.h"
#include "app/cli/output.h"
#include "vernier/model.h"
#include "vernier/non_finite.h"
#include "vernier/outputs.h"

namespace vernier::cli {
namespace {

struct ForwardArguments {
  ModelOptions model;
  std::string batch;
  std::string out;
  std::string mode = "eval";
  std::string logits_to_keep;
  std::string gradients;
  ForwardOptions options;
};

// NaN is written as it is, for whoever looks for it; but not in silence.
void warn_of_non_finite(const ForwardResult& result, const ModelOptions& model) {
  const auto is_finite = [](float value) { return std::isfinite(value); };
  for (const NamedTensor* tensor : {&result.logits, &result.token_loss}) {
    if (std::all_of(tensor->values.begin(), tensor->values.end(), is_finite)) continue;
    const std::string weight = describe_non_finite_weight(model.model_dir, model.adapter_dir);
    print_note("warning: [" + tensor->name + "] values: got some that are no finite numbers, expected numbers (" +
               (weight.empty() ? "every weight is finite" : weight) + ").");
    return;
  }
}

int forward(const ForwardArguments& arguments, const std::stop_token& stop) {
  check_out(arguments.out, {arguments.model.model_dir, arguments.model.adapter_dir, arguments.batch});
  const Batch batch = Batch::from_file(arguments.batch);
  const std::unique_ptr<LanguageModel> model = load_model(arguments.model, stop);
  const ForwardResult result = [&] {
    const EndAtOnce on_interrupt(stop);
    return model->forward(batch, arguments.options);
  }();
  write_forward_result(result, arguments.out);
  warn_of_non_finite(result, arguments.model);
  print("loss per token " + fixed(result.loss_per_token, 6) + ", per sequence " + fixed(result.loss_per_sequence, 6) +
        ", on " + model->info().device + "; wrote " + arguments.out + "\n");
  return kDone;
}

}  // namespace

void register_forward(Program& program) {
  auto arguments = std::make_shared<ForwardArguments>();
  ForwardOptions& options = arguments->options;
  CLI::App* command =
      program.app.add_subcommand("forward", "Pass a batch through a model, forward and, on request, backward");
  add_model(*command, arguments->model.model_dir);
  add_adapter(*command, arguments->model.adapter_dir);
  add_path(*command, "--batch", arguments->batch,
           "Batch file: {\"input_ids\": [[...]], \"labels\": [[...]], \"lengths\": [...]}")
      ->required();
  add_path(*command, "--out", arguments->out, "safetensors file to write: logits, token_loss, loss_per_token, ...")
      ->required();
  arguments->model.dtype = "float32";  // exact unless asked otherwise: its output is for comparing
  add_dtype(*command, arguments->model.dtype);
  add_quantization(*command, arguments->model.quantization);
  command
      ->add_option("--mode", arguments->mode,
                   "train and eval run whole rows, decode one token at a time through the KV cache")
      ->check(CLI::IsMember({"train", "eval", "decode"}))
      ->capture_default_str();
  command->add_flag("--packed", options.packed, "Put all rows into one flat row; the results are the same");
  command->add_option(
      "--logits-to-keep", arguments->logits_to_keep,
      "Logits of the last N real tokens of each row only, or of positions i,j,k (one position: \"i,\")");
  command
      ->add_option("--gradients", arguments->gradients,
                   "Also the gradients of this loss: grad.<PEFT key> for every adapter tensor, or every weight's "
                   "without an adapter")
      ->check(CLI::IsMember({"per_token", "per_sequence"}));
  command->add_flag("--hidden-states", options.hidden_states,
                    "Also hidden_states: embeddings, every layer's output, the last after the final norm");
  add_device(*command, arguments->model.device);
  command->callback([&program, command, arguments] {
    ForwardOptions& chosen = arguments->options;
    chosen.mode = arguments->mode == "train"  ? ForwardMode::kTrain
                  : arguments->mode == "eval" ? ForwardMode::kEval
                                              : ForwardMode::kDecode;
    if (command->count("--logits-to-keep") != 0)
      chosen.logits_to_keep = parse_logits_to_keep(arguments->logits_to_keep);
    if (!arguments->gradients.empty()) {
      if (chosen.mode == ForwardMode::kDecode) {
        throw CLI::ValidationError("--gradients", "got --mode decode, expected train or eval");
      }
      chosen.gradients =
          arguments->gradients == "per_token" ? LossNormalization::kPerToken : LossNormalization::kPerSequence;
    }
    program.action = [&program, arguments] { return forward(*arguments, program.interrupt.get_token()); };
  });
}

}  // namespace vernier::cli
