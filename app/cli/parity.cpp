// vernier-cli parity: do training, evaluation and decoding compute the same thing?
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/end_at_once.h"
#include "app/cli/load_model.h"
#include "app/cli/output.h"
#include "vernier/model.h"

namespace vernier::cli {
namespace {

struct ParityArguments {
  ModelOptions model;
  std::string batch;
  bool as_json = false;
};

std::string column(const std::string& text) {
  constexpr std::size_t kWidth = 14;
  return text.size() >= kWidth ? " " + text : std::string(kWidth - text.size(), ' ') + text;
}

std::string number(double value) {
  std::ostringstream out;
  out.precision(3);
  out << value;
  return out.str();
}

void print_report(const ParityReport& report) {
  print(to_string(report.verdict) + ": " + report.summary + "\n\n");
  std::string header = column("path");
  for (const char* name : {"loss", "loss diff", "mean |logit|", "max |logit|", "arg-max", "KL", "top arg-max"}) {
    header += column(name);
  }
  print(header + "\n" + column("reference") + column(fixed(report.reference_loss_per_token, 6)) +
        std::string(14 * 5, ' ') + column(fixed(100.0 * report.reference_top_argmax_share, 1) + " %") + "\n");
  for (const ParityPathReport& path : report.paths) {
    print(column(to_string(path.path)) + column(fixed(path.loss_per_token, 6)) + column(number(path.loss_difference)) +
          column(number(path.mean_abs_logit_difference)) + column(number(path.max_abs_logit_difference)) +
          column(fixed(100.0 * path.argmax_agreement, 1) + " %") + column(number(path.mean_kl)) +
          column(fixed(100.0 * path.top_argmax_share, 1) + " %") + "  " + to_string(path.verdict) + "\n");
    for (std::size_t i = 0; i < path.likely_causes.size(); ++i) {
      print(std::string(8, ' ') + path.likely_causes[i] + "\n");
      if (i < path.evidence.size()) print(std::string(10, ' ') + path.evidence[i] + "\n");
    }
  }
}

int check_parity(const ParityArguments& arguments, const std::stop_token& stop) {
  const Batch batch = Batch::from_file(arguments.batch);
  const std::unique_ptr<LanguageModel> model = load_model(arguments.model, stop);
  const ParityReport report = [&] {
    const EndAtOnce on_interrupt(stop);
    return model->parity(batch);
  }();
  if (arguments.as_json) {
    print_json(report.to_json());
  } else {
    print_report(report);
  }
  return kDone;
}

}  // namespace

void register_parity(Program& program) {
  auto arguments = std::make_shared<ParityArguments>();
  CLI::App* command = program.app.add_subcommand(
      "parity", "Hold the training, evaluation and KV-cache paths against an unfused reference on one batch");
  add_model(*command, arguments->model.model_dir);
  add_adapter(*command, arguments->model.adapter_dir);
  add_path(*command, "--batch", arguments->batch, "Batch file, as forward takes it")->required();
  command->add_flag("--json", arguments->as_json, "Print the report as one JSON object");
  add_device(*command, arguments->model.device);
  add_dtype(*command, arguments->model.dtype);
  add_quantization(*command, arguments->model.quantization);
  command->callback([&program, arguments] {
    program.action = [&program, arguments] { return check_parity(*arguments, program.interrupt.get_token()); };
  });
}

}  // namespace vernier::cli
