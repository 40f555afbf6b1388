// vernier-cli check: what a run would meet, before it starts.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "vernier/error.h"
#include "vernier/preflight.h"
#include "vernier/resources.h"

namespace vernier::cli {
namespace {

struct CheckArguments {
  PreflightOptions options;
  bool as_json = false;
};

void print_report(const PreflightReport& report) {
  for (const PreflightCheck& check : report.checks) {
    print(to_string(check.status) + "  " + check.id +
          std::string(check.id.size() < 26 ? 26 - check.id.size() : 1, ' ') + check.message +
          (check.fix.empty() ? "" : " " + check.fix) +
          (check.fix_changes.empty() ? "" : " [" + check.fix_changes + "]") + "\n");
  }
  if (report.predicted_peak_memory_bytes) {
    print("\npeak memory " + bytes_text(static_cast<double>(*report.predicted_peak_memory_bytes)));
    if (report.predicted_host_memory_bytes > 0) {
      print(" and " + bytes_text(static_cast<double>(report.predicted_host_memory_bytes)) + " of the host's");
    }
    if (report.predicted_step_ms) {
      print(", a step " + fixed(*report.predicted_step_ms, 0) + " ms, all " + std::to_string(report.total_steps) +
            " steps " + duration_text(1e-3 * *report.predicted_step_ms * static_cast<double>(report.total_steps)));
    }
    print("\n");
  }
}

int check(const CheckArguments& arguments, const std::stop_token& stop) {
  PreflightReport report;
  {
    Progress progress;
    report = check_run(
        arguments.options, [&](const std::string& stage, double fraction) { progress.update(stage, fraction); }, stop);
  }
  if (arguments.as_json) {
    print_json(report.to_json());
  } else {
    print_report(report);
  }
  const std::int64_t failed = report.count(CheckStatus::kFail);
  if (failed == 0) return kDone;
  std::string ids;
  for (const PreflightCheck& one : report.checks) {
    if (one.status == CheckStatus::kFail) ids += (ids.empty() ? "" : ", ") + one.id;
  }
  fail(ErrorCode::kInvalidInput, arguments.options.run_file,
       "check: got " + std::to_string(failed) + " that failed (" + ids + "), expected none.");
}

}  // namespace

void register_check(Program& program) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = program.app.add_subcommand(
      "check",
      "Find out before a run what it would meet: files, settings, data, memory, time, and with the real weights the "
      "longest rows, the first loss and whether all paths agree; trains nothing");
  add_path(*command, "--config", arguments->options.run_file, "Run file (JSON)")->required();
  add_path(*command, "--out", arguments->options.out_dir,
           "Where the run is to go, for the room on its disk (default: " + default_runs_dir() + ")");
  command->add_flag("!--without-weights", arguments->options.use_weights,
                    "Leave out what needs the weights in memory: quicker, and nothing is tried");
  add_device(*command, arguments->options.device);
  command->add_flag("--json", arguments->as_json, "Print one JSON object: the checks and what was predicted");
  command->callback([&program, arguments] {
    program.action = [&program, arguments] { return check(*arguments, program.interrupt.get_token()); };
  });
}

}  // namespace vernier::cli
