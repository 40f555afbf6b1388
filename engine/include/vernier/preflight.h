// What a run would meet, found out before it starts.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace vernier {

enum class CheckStatus { kPass, kWarn, kFail };
// "pass", "warn", "fail".
std::string to_string(CheckStatus status);

struct PreflightCheck {
  std::string id;  // "data"
  CheckStatus status = CheckStatus::kPass;
  std::string message;  // a sentence: what was found
  std::string fix;      // a sentence: what to do about it; "" where there is nothing to do
};

struct PreflightReport {
  // In the order of the run: run_file, settings, device, model, weights, adapter, tokenizer, chat_template, data and
  // what is worth a look in it, context, schedule, memory, disk. What cannot be found out, as something before it
  // failed, is left out.
  std::vector<PreflightCheck> checks;

  // Of the device's memory at the run's peak, as peak_memory_bytes of its steps will tell it, and what is free now.
  std::optional<std::uint64_t> predicted_peak_memory_bytes;
  std::uint64_t free_memory_bytes = 0;
  // Of an average step, from timing one or two of the model's layers with random weights on rows of the data.
  std::optional<double> predicted_step_ms;
  std::int64_t total_steps = 0;  // 0: not known
  std::int64_t rows = 0;         // to train on
  double tokens_per_step = 0.0;  // mean
  double fill = 1.0;             // share of max_length that packed rows fill

  std::int64_t count(CheckStatus status) const;
  nlohmann::json to_json() const;
};

struct PreflightOptions {
  std::string run_file;
  std::string device = "auto";
  std::string out_dir;       // where the run is to go, for the room on its disk; "": default_runs_dir()
  bool measure_step = true;  // without: no predicted_step_ms
};

// Blocks. Reads the data (the token cache that it leaves serves the run); loads no weights. Throws
// Error{kCancelled} where `stop` is asked for; everything else that is wrong is in the report.
PreflightReport check_run(const PreflightOptions& options,
                          const std::function<void(const std::string& stage, double fraction)>& progress = {},
                          std::stop_token stop = {});

}  // namespace vernier
