// vernier-cli train: a run from a run file, or one gone on with.
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/run_events.h"
#include "vernier/error.h"
#include "vernier/outputs.h"
#include "vernier/resources.h"
#include "vernier/run.h"

namespace vernier::cli {
namespace {

struct TrainArguments {
  std::string config;
  std::string out;
  std::string resume;
  std::string device = "auto";
  std::int64_t max_steps = 0;
  bool as_json = false;
};

// The last part of the model's path that says something.
std::string model_name(const RunConfig& config) {
  const std::filesystem::path path = std::filesystem::path(config.model_name_or_path).lexically_normal();
  const std::string name = path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
  return name.empty() || name.front() == '.' ? "run" : name;
}

// As the run's own run.json has it, so that a run that goes on says as much as it did.
std::int64_t logging_steps_of(const std::string& run_dir) {
  try {
    return RunConfig::from_file(run_dir + "/run.json").logging_steps;
  } catch (const Error&) {
    return 1;  // what is wrong with it, resuming says
  }
}

int train(const CLI::App& command, const TrainArguments& arguments, const std::stop_source& interrupt) {
  RunOptions options;
  options.device = arguments.device;
  if (command.count("--max-steps") != 0) options.max_steps = arguments.max_steps;
  RunConfig config;
  if (command.count("--resume") != 0) {
    options.resume_dir = arguments.resume;
    config.logging_steps = logging_steps_of(arguments.resume);
  } else {
    config = RunConfig::from_file(arguments.config);
    options.out_dir = command.count("--out") != 0 ? arguments.out : new_run_dir(model_name(config));
    check_out(options.out_dir,
              {config.model_name_or_path, config.adapter_name_or_path.value_or(""), config.dataset.path,
               config.eval_dataset ? config.eval_dataset->path : "", config.batch.value_or("")});
  }
  ConsoleEvents events(arguments.as_json ? RunOutput::kJson : RunOutput::kText, config.logging_steps, interrupt,
                       options.max_steps);
  RunControl control;
  const RunResult result = run_training(config, options, events, control, interrupt.get_token());
  events.finish();
  int status = exit_status(result);
  if (result.status == RunStatus::kStopped) {
    // Where --max-steps had it stop, it has done what was asked.
    const bool as_asked = options.max_steps && result.last_step >= *options.max_steps;
    if (as_asked) status = kDone;
  } else if (status == kDone && !result.message.empty()) {
    print_note(result.message);
  } else if (status == kDone && !arguments.as_json) {
    print("finished after step " + std::to_string(result.last_step) + "; the result and the record are in " +
          result.run_dir + "\n");
  }
  return status;
}

}  // namespace

void register_train(Program& program) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = program.app.add_subcommand("train", "Fine-tune a model; Ctrl-C stops after the step, saved");
  CLI::Option_group* source = command->add_option_group("run", "What to train (exactly one)");
  add_path(*source, "--config", arguments->config,
           "Run file (JSON): model_name_or_path, dataset {path, format}, lora {r, ...}, learning_rate, ...");
  CLI::Option* resume =
      add_path(*source, "--resume", arguments->resume, "Run folder to go on with from its last checkpoint");
  source->require_option(1);
  add_path(*command, "--out", arguments->out, "New run folder (default: one under " + default_runs_dir() + ")")
      ->excludes(resume);
  command
      ->add_option(
          "--max-steps", arguments->max_steps,
          "Stop after step N. Fewer than the run file's: its schedule stays and --resume goes on to its end; more: "
          "the run gets as many, and its schedule with it")
      ->check(count_from(1));
  command->add_flag("--json", arguments->as_json, "One JSON object a step and an evaluation on stdout");
  add_device(*command, arguments->device);
  command->callback([&program, command, arguments] {
    program.action = [&program, command, arguments] { return train(*command, *arguments, program.interrupt); };
  });
}

}  // namespace vernier::cli
