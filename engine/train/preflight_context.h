// What the checks of one pre-flight share. Only preflight*.cpp include this.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/io/peft_adapter.h"
#include "engine/train/run_setup.h"
#include "vernier/error.h"
#include "vernier/preflight.h"
#include "vernier/template.h"

namespace vernier {

// What to do about something: in a sentence and, where a change of the run file does it, as a merge patch.
struct Remedy {
  Remedy() = default;
  Remedy(std::string words, nlohmann::json patch = nullptr) : fix(std::move(words)), changes(std::move(patch)) {}
  Remedy(const char* words) : fix(words) {}

  std::string fix;
  nlohmann::json changes;  // null: none
};

// One call of check_run. Thread: one.
struct Preflight {
  Preflight(const PreflightOptions& options_in, LoadProgress progress_in, std::stop_token stop_in,
            std::function<void(const PreflightCheck&)> checked_in)
      : options(options_in),
        progress(std::move(progress_in)),
        stop(std::move(stop_in)),
        checked(std::move(checked_in)) {}

  void add(const std::string& id, CheckStatus status, std::string message, const Remedy& remedy = {});
  void pass(const std::string& id, std::string message) { add(id, CheckStatus::kPass, std::move(message)); }
  void warn(const std::string& id, std::string message, const Remedy& remedy) {
    add(id, CheckStatus::kWarn, std::move(message), remedy);
  }
  void fail(const std::string& id, std::string message, const Remedy& remedy) {
    add(id, CheckStatus::kFail, std::move(message), remedy);
  }
  // Does `work`, which adds its check itself; an Error in it becomes the check's failure. remedy is asked only then.
  // False: it failed. Throws on Error{kCancelled}.
  bool attempt(const std::string& id, const std::function<Remedy(const Error&)>& remedy,
               const std::function<void()>& work);
  bool attempt(const std::string& id, Remedy remedy, const std::function<void()>& work);
  // Says what is begun now. Throws Error{kCancelled} where `stop` is asked for.
  void begin(const std::string& stage);
  bool has_failed(const std::string& id) const;

  const PreflightOptions& options;
  LoadProgress progress;
  std::stop_token stop;
  std::function<void(const PreflightCheck&)> checked;
  CheckGroup group = CheckGroup::kFiles;
  PreflightReport report;

  RunConfig config;
  RunSetup run;  // filled in as the checks go: backend, dtype, model_config, tokenizer, data
  std::optional<AdapterConfig> adapter;
  std::unique_ptr<ChatTemplate> chat_template;
};

// The model's own template where another was chosen, else a built-in one that this tokenizer can close, as a change of
// the run file; null where there is none.
nlohmann::json closing_template(const Preflight& preflight);
// float32 as a change of the run file; null where that is computed in already.
nlohmann::json exact_numbers(const Preflight& preflight);

// Each adds the checks of one group. False where nothing after it can be found out.
bool check_files(Preflight& preflight);
bool check_data(Preflight& preflight);
void check_plan(Preflight& preflight);
// Predicts memory and, where it is asked for, a step's time.
void check_memory(Preflight& preflight);
void check_disk(Preflight& preflight);
// Replaces the backend, so that its peak tells of the run alone.
void check_weights(Preflight& preflight);

// "1.25 GB", "12.5 MB", "340 kB".
std::string size_text(std::uint64_t bytes);
// As JSON writes it: "0.0002" or "2e-05".
std::string short_number(double value);
// `digits` behind the point.
std::string fixed_number(double value, int digits);
// 0.1234 as "12.3 %".
std::string percent_text(double share);

}  // namespace vernier
