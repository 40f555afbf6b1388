// Lessons about what a run computes and learns: its logits, its evaluation, its steps, its adapter.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

#include "ui/session/lesson_catalogue.h"
#include "vernier/parity.h"
#include "vernier/run_store.h"

namespace vernier::ui {
namespace {

// What the logits that a run kept of a step say.
struct KeptLogits {
  double loss = 0.0;    // a target, nats
  double copies = 0.0;  // share of targets' positions whose likeliest token is the one that was just read
};

KeptLogits read_kept_logits(const TrainedRun& run, std::int64_t step) {
  const RunReader reader(run.run_dir);
  KeptLogits kept;
  double targets = 0.0;
  for (const CaptureRecord& record : reader.captures()) {
    if (record.step != step) continue;
    const Capture capture = reader.load_capture(record);
    const auto vocab = static_cast<std::size_t>(capture.vocab_size);
    for (std::size_t i = 0; i < capture.positions.size(); ++i) {
      if (capture.targets[i] < 0) continue;
      const std::span<const float> logits(capture.logits.data() + i * vocab, vocab);
      const auto top = std::max_element(logits.begin(), logits.end());
      double sum = 0.0;
      for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - static_cast<double>(*top));
      kept.loss += *top + std::log(sum) - logits[static_cast<std::size_t>(capture.targets[i])];
      kept.copies += top - logits.begin() == capture.input_ids[static_cast<std::size_t>(capture.positions[i])] ? 1 : 0;
      targets += 1.0;
    }
  }
  return {kept.loss / targets, kept.copies / targets};
}

}  // namespace

// The same run without logits, with those of every row of every step, and with the rows off by one.
LessonResult lesson_logits(const LessonProgress& progress, std::stop_token stop) {
  Laboratory lab(3, progress, std::move(stop));
  RunConfig config = lab.config(kLessonSteps / 2);
  const TrainedRun without = lab.train(config, "without");
  config.return_logits.every = 1;
  config.return_logits.rows.clear();
  for (std::int64_t row = 0; row < config.per_device_train_batch_size; ++row) config.return_logits.rows.push_back(row);
  const Fault fault{FaultKind::kLogitsOffByOne, ParityPath::kTrain};
  const TrainedRun with = lab.train(config, "with");
  const TrainedRun planted = lab.train(config, "planted", fault);

  LessonResult result;
  result.curves = {without.curve("without"), with.curve("with"), planted.curve("planted")};
  result.columns = {"last_loss", "step_ms", "bytes", "kept_loss", "copies"};
  const auto add = [&result](const std::string& key, const TrainedRun& run) {
    std::vector<double> times;
    std::uint64_t bytes = 0;
    for (const StepEvent& step : run.steps) {
      times.push_back(step.step_ms);
      bytes = std::max(bytes, step.capture_bytes);
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    const StepEvent& last = run.steps.back();
    LessonRow row{key, {fixed(last.loss, 12), fixed(times[times.size() / 2], 1), "0", "\u2013", "\u2013"}};
    if (bytes > 0) {
      const KeptLogits kept = read_kept_logits(run, last.step);
      row.cells[2] = fixed(static_cast<double>(bytes) / 1e6, 2) + " MB";
      row.cells[3] = fixed(kept.loss, 4);
      row.cells[4] = percentage(kept.copies);
      result.values[key + "_kept_loss"] = row.cells[3];
      result.values[key + "_copies"] = row.cells[4];
    }
    result.values[key + "_bytes"] = row.cells[2];
    result.rows.push_back(std::move(row));
  };
  add("without", without);
  add("with", with);
  add("planted", planted);
  bool is_equal = true;
  for (std::size_t i = 0; i < without.steps.size(); ++i) {
    is_equal &= without.steps[i].loss == with.steps[i].loss && without.steps[i].loss == planted.steps[i].loss;
  }
  result.values["equal"] = is_equal ? "yes" : "no";
  result.values["last_loss"] = fixed(without.steps.back().loss_per_token, 4);
  const auto model = lab.load(planted.adapter_dir);
  const ParityPathReport report = model->parity(lab.held_out(false, 8), fault).paths.at(0);
  result.values["verdict"] = to_string(report.verdict);
  result.values["cause"] = report.likely_causes.empty() ? "" : report.likely_causes.front();
  return result;
}

// One defect at a time in the evaluation path, on rows that training has seen.
LessonResult lesson_evaluation(const LessonProgress& progress, std::stop_token stop) {
  Laboratory lab(2, progress, std::move(stop));
  RunConfig config = lab.config(kLessonSteps);
  config.lora.lora_dropout = 0.1;
  const TrainedRun run = lab.train(config, "trained");
  const auto model = lab.load(run.adapter_dir);
  std::vector<std::vector<std::int32_t>> input_ids, labels;
  for (const DataRow& row : lab.rows(lab.demo().config.dataset.path, true, 8)) {
    input_ids.push_back(row.input_ids);
    labels.push_back(row.labels);
  }
  const Batch batch = make_batch(input_ids, labels);
  LessonResult result;
  result.columns = {"eval_loss", "agreement", "verdict"};
  const std::vector<std::pair<std::string, FaultKind>> faults = {{"clean", FaultKind::kNone},
                                                                 {"dropout", FaultKind::kDropoutInEval},
                                                                 {"mask", FaultKind::kDroppedMask},
                                                                 {"epsilon", FaultKind::kNormEpsilon},
                                                                 {"collapse", FaultKind::kArgmaxCollapse}};
  for (std::size_t i = 0; i < faults.size(); ++i) {
    lab.check_stop();
    const auto& [key, kind] = faults[i];
    const ParityReport report = model->parity(batch, {.kind = kind, .path = ParityPath::kEval});
    const ParityPathReport& path = report.paths.at(1);
    result.rows.push_back(
        {key, {fixed(path.loss_per_token, 3), percentage(path.argmax_agreement, 1), to_string(path.verdict)}});
    result.values[key] = fixed(path.loss_per_token, 3);
    result.values[key + "_cause"] = path.likely_causes.empty() ? "" : path.likely_causes.front();
    progress(0.5 + 0.5 * static_cast<double>(i + 1) / static_cast<double>(faults.size()));
  }
  return result;
}

// The rate that the file says, and one that the optimizer takes times the rows of a step.
LessonResult lesson_learning_rate(const LessonProgress& progress, std::stop_token stop) {
  constexpr std::int64_t kFirstUpdate = 2;  // the first step that warms up has a rate of 0
  struct Trial {
    std::string key;
    double rate;
    Fault fault;
  };
  const std::vector<Trial> trials = {
      {"low", 0.0002, {}}, {"right", 0.004, {}}, {"planted", 0.004, {FaultKind::kScaledRate, ParityPath::kTrain}}};
  Laboratory lab(static_cast<int>(2 * trials.size()), progress, std::move(stop));
  LessonResult result;
  result.columns = {"rate", "scheduled", "applied", "highest_loss", "last_loss", "largest_norm"};
  for (const auto& [key, rate, fault] : trials) {
    RunConfig config = lab.config(kLessonSteps);
    config.per_device_train_batch_size = 16;
    config.learning_rate = rate;
    const TrainedRun start = lab.train(config, key + "_start", fault, kFirstUpdate);
    const double applied = largest_b(start.adapter_dir);
    const TrainedRun run = lab.train(config, key, fault);
    double highest = 0.0, norm = 0.0;
    for (const StepEvent& step : run.steps) {
      highest = std::max(highest, step.loss);
      norm = std::max(norm, step.grad_norm);
    }
    const LessonRow row{key,
                        {fixed(rate, 4), fixed(start.steps.back().learning_rate, 5), fixed(applied, 5),
                         fixed(highest, 2), fixed(run.steps.back().loss, 2), fixed(norm, 1)}};
    result.curves.push_back(run.curve(key));
    result.values[key] = row.cells[4];
    result.values[key + "_scheduled"] = row.cells[1];
    result.values[key + "_applied"] = row.cells[2];
    result.values[key + "_highest"] = row.cells[3];
    result.values[key + "_norm"] = row.cells[5];
    result.rows.push_back(row);
  }
  return result;
}

// Four ranks at one scale, and two of them with a scale that forgets the rank.
LessonResult lesson_rank(const LessonProgress& progress, std::stop_token stop) {
  struct Trial {
    std::string key;
    std::int64_t r;
    Fault fault;
  };
  const Fault fault{FaultKind::kLoraScale, ParityPath::kTrain};
  const std::vector<Trial> trials = {{"r1", 1, {}},   {"r4", 4, {}},          {"r16", 16, {}},
                                     {"r64", 64, {}}, {"planted4", 4, fault}, {"planted64", 64, fault}};
  Laboratory lab(static_cast<int>(trials.size()), progress, std::move(stop));
  const Batch batch = lab.held_out(false);
  LessonResult result;
  result.columns = {"parameters", "last_loss", "held_out_loss", "verdict"};
  for (const auto& [key, r, planted] : trials) {
    RunConfig config = lab.config(kLessonSteps);
    config.lora.r = r;
    config.lora.lora_alpha = 2.0 * static_cast<double>(r);  // the same scale at every rank
    config.parity_check_every = kLessonSteps;
    const TrainedRun run = lab.train(config, key, planted);
    const ParityReport& parity = run.parity.back();
    const LessonRow row{key,
                        {count(run.trainable_parameters), fixed(run.steps.back().loss, 2),
                         fixed(loss_of(*lab.load(run.adapter_dir), batch), 2), to_string(parity.verdict)}};
    result.curves.push_back(run.curve(key));
    result.values[key] = row.cells[2];
    result.values[key + "_parameters"] = row.cells[0];
    result.values[key + "_last"] = row.cells[1];
    const std::vector<std::string>& causes = parity.paths.front().likely_causes;
    result.values[key + "_cause"] = causes.empty() ? "" : causes.front();
    result.rows.push_back(row);
  }
  return result;
}

}  // namespace vernier::ui
