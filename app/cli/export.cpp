// vernier-cli export: a PEFT adapter, a merged checkpoint or a GGUF file, checked before it is called done.
#include "vernier/export.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "vernier/outputs.h"

namespace vernier::cli {
namespace {

struct ExportArguments {
  ExportOptions options;
  std::string format;
  bool as_json = false;
  bool dry_run = false;
};

std::string short_number(double value) {
  std::ostringstream out;
  out.precision(3);
  out << value;
  return out.str();
}

int export_to(const ExportArguments& arguments, const std::stop_token& stop) {
  check_out(arguments.options.out, {arguments.options.model_dir, arguments.options.adapter_dir});
  if (arguments.dry_run) {
    const ExportPlan plan = plan_export(arguments.options);
    for (const std::string& warning : plan.warnings) print_note("warning: " + warning);
    if (arguments.as_json) {
      print_json(plan.to_json());
    } else {
      print("would write " + std::to_string(plan.num_tensors) + " tensors, " + plan.dtype + ", " +
            bytes_text(static_cast<double>(plan.bytes)) + "; " + bytes_text(static_cast<double>(plan.free_bytes)) +
            " are free there\n");
    }
    return kDone;
  }
  Progress progress;
  const ExportResult result = export_model(
      arguments.options, [&](const std::string& stage, double fraction) { progress.update(stage, fraction); }, stop);
  progress.clear();
  for (const std::string& warning : result.warnings) print_note("warning: " + warning);
  if (arguments.as_json) {
    print_json(result.to_json());
    return kDone;
  }
  const ExportCheck& check = result.check;
  print("wrote " + result.path + ": " + std::to_string(result.num_tensors) + " tensors, " + result.dtype + ", " +
        bytes_text(static_cast<double>(result.bytes)) + "\n");
  print(to_string(check.verdict) + ": mean |logit difference| " + short_number(check.mean_abs_logit_difference) +
        " over " + std::to_string(check.num_positions) + " positions (max " +
        short_number(check.max_abs_logit_difference) + "; the adapter's effect " + short_number(check.adapter_effect) +
        "), the same likeliest token at " + fixed(100.0 * check.argmax_agreement, 1) + " %\n" + check.summary + "\n");
  return kDone;
}

}  // namespace

void register_export(Program& program) {
  auto arguments = std::make_shared<ExportArguments>();
  ExportOptions& options = arguments->options;
  CLI::App* command = program.app.add_subcommand(
      "export", "Write an adapter, or the model with it merged in, for other tools; reloaded and checked");
  add_model(*command, options.model_dir);
  add_path(*command, "--adapter", options.adapter_dir,
           "PEFT LoRA adapter folder, or a run folder, whose adapter is meant");
  command
      ->add_option("--format", arguments->format,
                   "adapter: a PEFT folder; merged: a Hugging Face checkpoint; gguf: one file for llama.cpp")
      ->required()
      ->check(CLI::IsMember({"adapter", "merged", "gguf"}));
  command
      ->add_option(
          "--dtype", options.dtype,
          "float32, float16 or bfloat16, with gguf also q8_0 (default: the checkpoint's own; an adapter float32)")
      ->check(CLI::IsMember({"float32", "float16", "bfloat16", "q8_0"}));
  add_path(*command, "--out", options.out, "What to write: a new folder, or with gguf a file")->required();
  command->add_flag("--json", arguments->as_json, "Print what was written and the check's figures as one JSON object");
  command->add_flag("--dry-run", arguments->dry_run,
                    "Only tell what would be written and how much room there is; no weight is read");
  add_device(*command, options.device);
  command->callback([&program, arguments] {
    const std::map<std::string, ExportFormat> formats = {
        {"adapter", ExportFormat::kAdapter}, {"merged", ExportFormat::kMerged}, {"gguf", ExportFormat::kGguf}};
    ExportOptions& chosen = arguments->options;
    chosen.format = formats.at(arguments->format);
    if (chosen.format == ExportFormat::kAdapter && chosen.adapter_dir.empty()) {
      throw CLI::ValidationError("--adapter", "got none, expected the adapter to export");
    }
    if (chosen.format != ExportFormat::kGguf && chosen.dtype == "q8_0") {
      throw CLI::ValidationError("--dtype", "got q8_0, expected float32, float16 or bfloat16 with this format");
    }
    program.action = [&program, arguments] { return export_to(*arguments, program.interrupt.get_token()); };
  });
}

}  // namespace vernier::cli
