#include "vernier/preflight.h"

#include <algorithm>
#include <cstdio>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/train/preflight_context.h"
#include "vernier/error.h"

namespace vernier {

void Preflight::add(const std::string& id, CheckStatus status, std::string message, const Remedy& remedy) {
  const std::string changes = remedy.changes.is_null() ? "" : remedy.changes.dump();
  report.checks.push_back({id, status, std::move(message), remedy.fix, changes, group});
  if (checked) checked(report.checks.back());
}

bool Preflight::attempt(const std::string& id, const std::function<Remedy(const Error&)>& remedy,
                        const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    fail(id, error.what(), remedy(error));
  } catch (const std::bad_alloc&) {
    const Error error(ErrorCode::kOutOfMemory, "[check] the machine is out of memory.");
    fail(id, error.what(), remedy(error));
  }
  return false;
}

bool Preflight::attempt(const std::string& id, Remedy remedy, const std::function<void()>& work) {
  return attempt(
      id, [&](const Error&) { return remedy; }, work);
}

void Preflight::begin(const std::string& stage) {
  if (stop.stop_requested()) vernier::fail(ErrorCode::kCancelled, "check", "cancelled before it was done.");
  progress(stage, 0.0);
}

bool Preflight::has_failed(const std::string& id) const {
  return std::any_of(report.checks.begin(), report.checks.end(),
                     [&](const PreflightCheck& check) { return check.id == id && check.status == CheckStatus::kFail; });
}

std::string size_text(std::uint64_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (size < 1e6) return fixed_number(size * 1e-3, 0) + " kB";
  return size < 1e9 ? fixed_number(size * 1e-6, 1) + " MB" : fixed_number(size * 1e-9, 2) + " GB";
}

std::string short_number(double value) {
  return nlohmann::json(value).dump();
}

std::string fixed_number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string percent_text(double share) {
  return fixed_number(100.0 * share, 1) + " %";
}

std::string to_string(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPass:
      return "pass";
    case CheckStatus::kWarn:
      return "warn";
    case CheckStatus::kFail:
      return "fail";
  }
  return "fail";
}

std::int64_t PreflightReport::count(CheckStatus status) const {
  return std::count_if(checks.begin(), checks.end(), [&](const PreflightCheck& c) { return c.status == status; });
}

nlohmann::json PreflightReport::to_json() const {
  nlohmann::json list = nlohmann::json::array(), changes = nlohmann::json::array();
  for (const PreflightCheck& check : checks) {
    if (!check.fix_changes.empty()) {
      changes.push_back(
          {{"check", list.size()}, {"id", check.id}, {"changes", nlohmann::json::parse(check.fix_changes)}});
    }
    list.push_back(
        {{"id", check.id}, {"status", to_string(check.status)}, {"message", check.message}, {"fix", check.fix}});
  }
  nlohmann::json out = {{"checks", std::move(list)},
                        {"fix_changes", std::move(changes)},
                        {"free_memory_bytes", free_memory_bytes},
                        {"predicted_host_memory_bytes", predicted_host_memory_bytes},
                        {"total_steps", total_steps},
                        {"rows", rows},
                        {"tokens_per_step", tokens_per_step},
                        {"fill", fill}};
  const auto optional = [&](const char* key, const auto& value) {
    out[key] = nullptr;
    if (value) out[key] = *value;
  };
  optional("predicted_peak_memory_bytes", predicted_peak_memory_bytes);
  optional("predicted_step_ms", predicted_step_ms);
  optional("measured_peak_memory_bytes", measured_peak_memory_bytes);
  optional("first_loss", first_loss);
  optional("blind_guess", blind_guess);
  return out;
}

PreflightReport check_run(const PreflightOptions& options,
                          const std::function<void(const std::string& stage, double fraction)>& progress,
                          std::stop_token stop, const std::function<void(const PreflightCheck&)>& checked) {
  const LoadProgress tell = [&](const std::string& stage, double fraction) {
    if (progress) progress(stage, fraction);
  };
  Preflight preflight(options, tell, std::move(stop), checked);
  if (!check_files(preflight)) return preflight.report;
  if (check_data(preflight)) {
    check_plan(preflight);
    if (preflight.run.backend && !preflight.has_failed("adapter")) check_memory(preflight);
  }
  check_disk(preflight);
  const bool can_load = std::none_of(
      preflight.report.checks.begin(), preflight.report.checks.end(),
      [](const PreflightCheck& check) { return check.status == CheckStatus::kFail && check.id != "disk"; });
  if (options.use_weights && can_load) check_weights(preflight);
  return std::move(preflight.report);
}

RunConfig with_changes(const RunConfig& config, const std::string& changes) {
  nlohmann::json json = config.to_json();
  json.merge_patch(nlohmann::json::parse(changes));
  return RunConfig::from_json(json, "");
}

}  // namespace vernier
