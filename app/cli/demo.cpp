// vernier-cli demo: the bundled model before and after it learns what it did not know.
#include "vernier/demo.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/load_model.h"
#include "app/cli/output.h"
#include "app/cli/run_events.h"
#include "vernier/error.h"
#include "vernier/model.h"
#include "vernier/outputs.h"
#include "vernier/run.h"

namespace vernier::cli {
namespace {

constexpr std::int64_t kAnswerTokens = 60;

struct DemoArguments {
  std::string out;
  std::string device = "auto";
};

// Shows the run's progress and keeps its evaluations.
class DemoEvents : public ConsoleEvents {
 public:
  explicit DemoEvents(const std::stop_source& stop) : ConsoleEvents(RunOutput::kNone, 1, stop) {}
  void on_eval(const EvalEvent& event) override { evals.push_back(event); }

  std::vector<EvalEvent> evals;
};

// Greedy answers to the demo's prompts; fewer where `stop` was asked for.
std::vector<std::string> answers(const Demo& demo, const ModelOptions& options, const std::stop_token& stop) {
  const std::unique_ptr<LanguageModel> model = load_model(options, stop);
  const Tokenizer* tokenizer = model->tokenizer();
  if (tokenizer == nullptr) fail(ErrorCode::kNotFound, demo.model_dir, "the bundled model has no tokenizer.");
  GenerateOptions generate;
  generate.max_new_tokens = kAnswerTokens;
  std::vector<std::string> texts;
  for (const DemoPrompt& prompt : demo.prompts) {
    const nlohmann::json messages = {{{"role", "user"}, {"content", prompt.prompt}}};
    std::vector<std::int32_t> ids;
    for (const GeneratedToken& token :
         model->generate(encode_chat(demo.model_dir, *tokenizer, messages), generate, {}, stop)) {
      ids.push_back(token.id);
    }
    if (stop.stop_requested()) break;
    texts.push_back(tokenizer->decode(ids, true));
  }
  return texts;
}

void print_comparison(const Demo& demo, const std::vector<std::string>& before, const std::vector<std::string>& after) {
  print("\nBefore and after\n");
  std::size_t intended = 0;
  for (std::size_t i = 0; i < demo.prompts.size(); ++i) {
    const DemoPrompt& prompt = demo.prompts[i];
    print("  " + prompt.prompt + "\n    before  " + before[i] + "\n    after   " + after[i] + "\n");
    const bool unknown_before = before[i].find(prompt.absent_before) == std::string::npos;
    if (unknown_before && after[i].find(prompt.expect_after) != std::string::npos) ++intended;
  }
  print(std::to_string(intended) + " of " + std::to_string(demo.prompts.size()) + " answers changed as intended.\n");
}

// The fall of the loss on rows that training never sees.
void print_held_out_loss(const std::vector<EvalEvent>& evals) {
  if (evals.size() < 2) return;
  const EvalEvent& first = evals.front();
  const EvalEvent& last = evals.back();
  const std::string since = first.step == 0 ? "before training" : "after step " + std::to_string(first.step);
  print("Held-out loss per token: " + fixed(first.eval_loss_per_token, 3) + " " + since + ", " +
        fixed(last.eval_loss_per_token, 3) + " after step " + std::to_string(last.step) + ": a fall of " +
        fixed(100.0 * (1.0 - last.eval_loss_per_token / first.eval_loss_per_token), 1) + " %.\n");
}

int run_demo(const CLI::App& command, const DemoArguments& arguments, const std::stop_source& interrupt) {
  const std::stop_token stop = interrupt.get_token();
  RunOptions options;
  options.out_dir = command.count("--out") != 0 ? arguments.out : new_run_dir("demo");
  options.device = arguments.device;
  check_run_dir(options.out_dir);
  const Demo demo = load_demo();
  check_out(options.out_dir, {demo.model_dir});
  ModelOptions model;
  model.model_dir = demo.model_dir;
  model.device = arguments.device;

  print("The bundled model answers, before training:\n");
  const std::vector<std::string> before = answers(demo, model, stop);
  if (before.size() < demo.prompts.size()) return kInterrupted;
  for (std::size_t i = 0; i < before.size(); ++i) print("  " + demo.prompts[i].prompt + "\n    " + before[i] + "\n");

  DemoEvents events(interrupt);
  RunControl control;
  const RunResult result = run_training(demo.config, options, events, control, stop);
  events.finish();
  if (const int status = exit_status(result); status != kDone) return status;

  model.adapter_dir = result.run_dir + "/adapter";
  const std::vector<std::string> after = answers(demo, model, stop);
  if (after.size() < demo.prompts.size()) return kInterrupted;
  print_comparison(demo, before, after);
  print_held_out_loss(events.evals);
  print("The run is in " + result.run_dir + "\n");
  return kDone;
}

}  // namespace

void register_demo(Program& program) {
  auto arguments = std::make_shared<DemoArguments>();
  CLI::App* command = program.app.add_subcommand(
      "demo", "Teach the bundled model something new with LoRA, and show its answers before and after");
  add_path(*command, "--out", arguments->out, "New run folder (default: one under the runs folder)");
  add_device(*command, arguments->device);
  command->callback([&program, command, arguments] {
    program.action = [&program, command, arguments] { return run_demo(*command, *arguments, program.interrupt); };
  });
}

}  // namespace vernier::cli
