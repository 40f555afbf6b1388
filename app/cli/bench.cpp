// vernier-cli bench: how fast this machine trains.
#include "vernier/bench.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "vernier/recompute.h"

namespace vernier::cli {
namespace {

struct BenchArguments {
  BenchOptions options;
  std::string recompute = "none";
  bool as_json = false;
};

// ", but gate and up of the last 3 layers", or nothing.
std::string kept(const BenchResult& plan) {
  std::string text;
  if (plan.kept_mlp_layers > 0) text += ", but gate and up of the last " + std::to_string(plan.kept_mlp_layers);
  if (plan.kept_attention_layers > 0) {
    text += (text.empty() ? ", but attention of the last " : " layers and attention of the last ") +
            std::to_string(plan.kept_attention_layers);
  }
  if (!text.empty()) text += " layers";
  if (plan.waiting_attention_layers > 0) {
    text += ", attention of " + std::to_string(plan.waiting_attention_layers) + " waiting in the host's memory";
  }
  return text;
}

void print_result(const BenchResult& result) {
  print(result.shape + " on " + result.device + " in " + result.dtype + ": " + std::to_string(result.batch) + " x " +
        std::to_string(result.length) + " tokens, " + std::to_string(result.trainable_parameters) + " of " +
        std::to_string(result.parameters) + " parameters trained\n" + fixed(result.tokens_per_second, 0) +
        " tokens/s, a step takes " + fixed(result.step_ms, 1) + " ms (" + fixed(result.step_ms_min, 1) + " to " +
        fixed(result.step_ms_max, 1) + ")\n" + fixed(result.useful_gflops, 1) + " useful GFLOP/s, " +
        fixed(100.0 * result.share_of_peak, 1) + " % of the " + fixed(result.peak_gflops, 1) + " measured here\n" +
        "memory: " + bytes_text(static_cast<double>(result.peak_bytes)) + ", predicted " +
        bytes_text(static_cast<double>(result.predicted_bytes)) + "\n");
  if (result.capture_bytes > 0) {
    print("captures: " + bytes_text(static_cast<double>(result.capture_bytes)) + " a step, " +
          fixed(result.capture_ms, 1) + " ms of it\n");
  }
}

int bench(const BenchArguments& arguments, const std::stop_token& stop) {
  BenchResult result;
  {
    Progress progress;
    const auto planned = [&](const BenchResult& plan) {
      progress.clear();
      print_note("Predicted peak memory " + bytes_text(static_cast<double>(plan.predicted_bytes)) + " on " +
                 plan.device + " in " + plan.dtype + ", recompute " + plan.recompute + kept(plan) +
                 (plan.host_bytes > 0 ? ", and " + bytes_text(static_cast<double>(plan.host_bytes)) + " of the host's."
                                      : "."));
    };
    result = run_bench(
        arguments.options, [&](double fraction) { progress.update("Measuring", fraction); }, stop, planned);
  }
  if (arguments.as_json) {
    print_json(result.to_json());
  } else {
    print_result(result);
  }
  return kDone;
}

}  // namespace

void register_bench(Program& program) {
  auto arguments = std::make_shared<BenchArguments>();
  BenchOptions& options = arguments->options;
  CLI::App* command =
      program.app.add_subcommand("bench", "Time training steps with random weights and tokens; needs no files");
  std::string shapes;
  for (const std::string& shape : bench_shapes()) shapes += (shapes.empty() ? "" : ", ") + shape;
  add_path(*command, "--shape", options.shape, "One of " + shapes + ", or a config.json")->required();
  add_device(*command, options.device);
  command->add_option("--batch", options.batch, "Sequences a step")->check(count_from(1))->capture_default_str();
  command
      ->add_option("--length", options.length,
                   "Tokens a sequence (default: 256 for the two smallest shapes, else 2048)")
      ->check(count_from(1));
  std::vector<std::string> recomputes;
  for (const RecomputeName& entry : kRecomputes) recomputes.emplace_back(entry.name);
  command
      ->add_option("--recompute", arguments->recompute,
                   "What the backward pass computes again instead of keeping it; offload: layers, from "
                   "inputs that wait in the host's memory")
      ->check(CLI::IsMember(recomputes))
      ->capture_default_str();
  command
      ->add_option("--memory-limit", options.memory_limit_gib,
                   "GiB that the peak should stay below; with --recompute auto the rest is used (0: no limit)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_dtype(*command, options.dtype);
  add_quantization(*command, options.quantization);
  command->add_option("--steps", options.steps, "Timed steps, after some that are not")
      ->check(count_from(1))
      ->capture_default_str();
  add_path(*command, "--captures", options.captures,
           "Capture the logits of each step's first sequence into this folder, as a run does; they are removed at the "
           "end");
  command->add_option("--threads", options.threads, "Threads of the CPU (0: as many as it has)")
      ->check(count_from(0))
      ->capture_default_str();
  command->add_flag("--json", arguments->as_json, "Print the figures as one JSON object");
  command->callback([&program, arguments] {
    for (const RecomputeName& entry : kRecomputes) {
      if (arguments->recompute == entry.name) arguments->options.recompute = entry.type;
    }
    program.action = [&program, arguments] { return bench(*arguments, program.interrupt.get_token()); };
  });
}

}  // namespace vernier::cli
