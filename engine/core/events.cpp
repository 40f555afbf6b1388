// Names and JSON of the events and of the parity report. A number that is not finite is null in JSON text.
#include "vernier/events.h"

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;

// "null", "a string", "an array", ...
std::string type_of(const json& value) {
  const std::string name = value.type_name();
  if (value.is_null()) return name;
  return (name.front() == 'a' || name.front() == 'o' ? "an " : "a ") + name;
}

[[noreturn]] void fail_field(std::string_view what, const char* key, const json& object, const char* expected) {
  const auto found = object.find(key);
  const std::string got = found == object.end() ? std::string("nothing") : type_of(*found);
  fail(ErrorCode::kInvalidInput, what, std::string(key) + ": got " + got + ", expected " + expected + ".");
}

// Reads the fields of one object; errors name the object and the key.
class Fields {
 public:
  Fields(std::string_view what, const json& object) : what_(what), object_(object) {
    if (!object.is_object()) {
      fail(ErrorCode::kInvalidInput, what, "got " + type_of(object) + ", expected a JSON object.");
    }
  }

  void read(const char* key, double& value) const {
    const auto found = object_.find(key);
    if (found != object_.end() && found->is_null()) {
      value = std::numeric_limits<double>::quiet_NaN();
    } else if (found != object_.end() && found->is_number()) {
      value = found->get<double>();
    } else {
      fail_field(what_, key, object_, "a number");
    }
  }
  void read(const char* key, std::int64_t& value) const {
    const auto found = object_.find(key);
    if (found == object_.end() || !found->is_number_integer() ||
        (found->is_number_unsigned() && found->get<std::uint64_t>() > kMaxInt64)) {
      fail_field(what_, key, object_, "a whole number");
    }
    value = found->get<std::int64_t>();
  }
  void read(const char* key, std::uint64_t& value) const {
    const auto found = object_.find(key);
    if (found == object_.end() || !found->is_number_unsigned())
      fail_field(what_, key, object_, "a whole number from 0");
    value = found->get<std::uint64_t>();
  }
  void read(const char* key, bool& value) const {
    const auto found = object_.find(key);
    if (found == object_.end() || !found->is_boolean()) fail_field(what_, key, object_, "true or false");
    value = found->get<bool>();
  }
  void read(const char* key, std::string& value) const {
    const auto found = object_.find(key);
    if (found == object_.end() || !found->is_string()) fail_field(what_, key, object_, "a string");
    value = found->get<std::string>();
  }
  // A value by its name.
  template <typename Enum, std::size_t kCount>
  void read(const char* key, const std::array<Enum, kCount>& values, Enum& value) const {
    std::string name;
    read(key, name);
    for (const Enum candidate : values) {
      if (to_string(candidate) == name) {
        value = candidate;
        return;
      }
    }
    fail(ErrorCode::kInvalidInput, what_, std::string(key) + ": got \"" + name + "\", which is not one of its values.");
  }
  const json& array(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end() || !found->is_array()) fail_field(what_, key, object_, "a list");
    return *found;
  }
  void read(const char* key, std::vector<std::string>& values) const {
    for (const json& value : array(key)) {
      if (!value.is_string()) fail_list(key, "strings");
      values.push_back(value.get<std::string>());
    }
  }
  void read(const char* key, std::vector<double>& values) const {
    for (const json& value : array(key)) {
      if (!value.is_number() && !value.is_null()) fail_list(key, "numbers");
      values.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
    }
  }
  // Fields that are written only where they say something.
  template <typename Value>
  void read_optional(const char* key, Value& value) const {
    if (object_.contains(key)) read(key, value);
  }

 private:
  [[noreturn]] void fail_list(const char* key, const char* of) const {
    fail(ErrorCode::kInvalidInput, what_, std::string(key) + ": expected a list of " + of + ".");
  }

  static constexpr auto kMaxInt64 = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::string_view what_;
  const json& object_;
};

constexpr std::array kPaths = {ParityPath::kTrain, ParityPath::kEval, ParityPath::kDecode};
constexpr std::array kVerdicts = {ParityVerdict::kAgrees, ParityVerdict::kDrifting, ParityVerdict::kDiffers};

}  // namespace

std::string to_string(RunState state) {
  switch (state) {
    case RunState::kLoading:
      return "loading";
    case RunState::kRunning:
      return "running";
    case RunState::kPaused:
      return "paused";
    case RunState::kStopping:
      return "stopping";
    case RunState::kFinished:
      return "finished";
    case RunState::kStopped:
      return "stopped";
    case RunState::kFailed:
      return "failed";
  }
  return "failed";
}

std::string to_string(MessageLevel level) {
  switch (level) {
    case MessageLevel::kInfo:
      return "info";
    case MessageLevel::kWarning:
      return "warning";
    case MessageLevel::kError:
      return "error";
  }
  return "error";
}

std::string to_string(ParityPath path) {
  switch (path) {
    case ParityPath::kTrain:
      return "train";
    case ParityPath::kEval:
      return "eval";
    case ParityPath::kDecode:
      return "decode";
  }
  return "decode";
}

std::string to_string(ParityVerdict verdict) {
  switch (verdict) {
    case ParityVerdict::kAgrees:
      return "agrees";
    case ParityVerdict::kDrifting:
      return "drifting";
    case ParityVerdict::kDiffers:
      return "differs";
  }
  return "differs";
}

json StepEvent::to_json() const {
  json out = {{"step", step},
              {"loss", loss},
              {"loss_per_token", loss_per_token},
              {"loss_per_sequence", loss_per_sequence},
              {"grad_norm", grad_norm},
              {"learning_rate", learning_rate},
              {"num_tokens", num_tokens},
              {"num_items_in_batch", num_items_in_batch},
              {"mean_token_accuracy", mean_token_accuracy},
              {"entropy", entropy},
              {"tokens_per_second", tokens_per_second},
              {"step_ms", step_ms},
              {"peak_memory_bytes", peak_memory_bytes},
              {"epoch", epoch}};
  if (capture_bytes != 0) {
    out["capture_ms"] = capture_ms;
    out["capture_bytes"] = capture_bytes;
  }
  if (skipped) out["skipped"] = true;
  return out;
}

StepEvent StepEvent::from_json(const json& object) {
  const Fields fields("step", object);
  StepEvent event;
  fields.read("step", event.step);
  fields.read("loss", event.loss);
  fields.read("loss_per_token", event.loss_per_token);
  fields.read("loss_per_sequence", event.loss_per_sequence);
  fields.read("grad_norm", event.grad_norm);
  fields.read("learning_rate", event.learning_rate);
  fields.read("num_tokens", event.num_tokens);
  fields.read("num_items_in_batch", event.num_items_in_batch);
  fields.read("mean_token_accuracy", event.mean_token_accuracy);
  fields.read("entropy", event.entropy);
  fields.read("tokens_per_second", event.tokens_per_second);
  fields.read("step_ms", event.step_ms);
  fields.read("peak_memory_bytes", event.peak_memory_bytes);
  fields.read("epoch", event.epoch);
  fields.read_optional("capture_ms", event.capture_ms);
  fields.read_optional("capture_bytes", event.capture_bytes);
  fields.read_optional("skipped", event.skipped);
  return event;
}

json EvalEvent::to_json() const {
  return {{"step", step},
          {"eval_loss_per_token", eval_loss_per_token},
          {"eval_loss_per_sequence", eval_loss_per_sequence},
          {"eval_mean_token_accuracy", eval_mean_token_accuracy},
          {"eval_num_items", num_items},
          {"eval_ms", milliseconds}};
}

EvalEvent EvalEvent::from_json(const json& object) {
  const Fields fields("evaluation", object);
  EvalEvent event;
  fields.read("step", event.step);
  fields.read("eval_loss_per_token", event.eval_loss_per_token);
  fields.read("eval_loss_per_sequence", event.eval_loss_per_sequence);
  fields.read("eval_mean_token_accuracy", event.eval_mean_token_accuracy);
  fields.read("eval_num_items", event.num_items);
  fields.read("eval_ms", event.milliseconds);
  return event;
}

json ParityReport::to_json() const {
  json out = {{"step", step},
              {"num_tokens", num_tokens},
              {"reference_loss_per_token", reference_loss_per_token},
              {"reference_top_argmax_share", reference_top_argmax_share},
              {"verdict", to_string(verdict)},
              {"summary", summary},
              {"milliseconds", milliseconds},
              {"paths", json::array()}};
  const bool tells_thresholds = thresholds.differs != 0.0;
  if (tells_thresholds) {
    out["thresholds"] = {
        {"agrees", thresholds.agrees}, {"differs", thresholds.differs}, {"state_differs", thresholds.state_differs}};
  }
  for (const ParityPathReport& path : paths) {
    json& entry = out["paths"].emplace_back(json{{"path", to_string(path.path)},
                                                 {"loss_per_token", path.loss_per_token},
                                                 {"loss_difference", path.loss_difference},
                                                 {"mean_abs_logit_difference", path.mean_abs_logit_difference},
                                                 {"max_abs_logit_difference", path.max_abs_logit_difference},
                                                 {"argmax_agreement", path.argmax_agreement},
                                                 {"mean_kl", path.mean_kl},
                                                 {"top_argmax_share", path.top_argmax_share},
                                                 {"verdict", to_string(path.verdict)},
                                                 {"likely_causes", path.likely_causes}});
    if (tells_thresholds) entry["deviation"] = path.deviation;
    if (!path.evidence.empty()) entry["evidence"] = path.evidence;
    if (!path.state_deviations.empty()) entry["state_deviations"] = path.state_deviations;
  }
  return out;
}

ParityReport ParityReport::from_json(const json& object) {
  const Fields fields("parity report", object);
  ParityReport report;
  fields.read("step", report.step);
  fields.read("num_tokens", report.num_tokens);
  fields.read("reference_loss_per_token", report.reference_loss_per_token);
  fields.read("reference_top_argmax_share", report.reference_top_argmax_share);
  fields.read("verdict", kVerdicts, report.verdict);
  fields.read("summary", report.summary);
  fields.read("milliseconds", report.milliseconds);
  if (object.contains("thresholds")) {
    const Fields thresholds("parity report", object["thresholds"]);
    thresholds.read("agrees", report.thresholds.agrees);
    thresholds.read("differs", report.thresholds.differs);
    thresholds.read("state_differs", report.thresholds.state_differs);
  }
  for (const auto& entry : fields.array("paths")) {
    const Fields path_fields("parity report", entry);
    ParityPathReport path;
    path_fields.read("path", kPaths, path.path);
    path_fields.read("loss_per_token", path.loss_per_token);
    path_fields.read("loss_difference", path.loss_difference);
    path_fields.read("mean_abs_logit_difference", path.mean_abs_logit_difference);
    path_fields.read("max_abs_logit_difference", path.max_abs_logit_difference);
    path_fields.read("argmax_agreement", path.argmax_agreement);
    path_fields.read("mean_kl", path.mean_kl);
    path_fields.read("top_argmax_share", path.top_argmax_share);
    path_fields.read("verdict", kVerdicts, path.verdict);
    path_fields.read("likely_causes", path.likely_causes);
    path_fields.read_optional("deviation", path.deviation);
    path_fields.read_optional("evidence", path.evidence);
    path_fields.read_optional("state_deviations", path.state_deviations);
    report.paths.push_back(std::move(path));
  }
  return report;
}

}  // namespace vernier
