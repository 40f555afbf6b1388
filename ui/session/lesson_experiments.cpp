#include "ui/session/lesson_experiments.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "ui/session/lesson_laboratory.h"
#include "vernier/error.h"
#include "vernier/parity.h"
#include "vernier/tokenizer.h"

namespace vernier::ui {
namespace {

using Ids = std::vector<std::int32_t>;
using Experiment = LessonResult (*)(const std::function<void(double)>&, std::stop_token);

constexpr std::int64_t kSteps = 40;    // of most runs
constexpr std::int64_t kHeldOut = 32;  // rows that are asked of a trained model

ForwardOptions losses_alone() {
  ForwardOptions options;
  options.logits = false;
  return options;
}

double held_out_loss(LanguageModel& model, const Batch& batch) {
  return model.forward(batch, losses_alone()).loss_per_token;
}

// The held-out rows, each token a target that is one in `labelled`, or (inverse) that is none.
Batch held_out(const std::vector<DataRow>& rows, bool inverse) {
  std::vector<Ids> input_ids, labels;
  for (const DataRow& row : rows) {
    Ids wanted = row.labels;
    if (inverse) {
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        wanted[i] = row.labels[i] == kNoLabel ? row.input_ids[i] : kNoLabel;
      }
    }
    input_ids.push_back(row.input_ids);
    labels.push_back(std::move(wanted));
  }
  return make_batch(input_ids, labels);
}

// The same rows, once learnt whole and once their answers alone.
LessonResult label_mask(const std::function<void(double)>& progress, std::stop_token stop) {
  Laboratory lab(2, progress, std::move(stop));
  RunConfig config = lab.config(kSteps);
  config.assistant_only_loss = true;
  const TrainedRun answers = lab.train(config, "answers");
  config.assistant_only_loss = false;
  const TrainedRun everything = lab.train(config, "everything");

  const std::vector<DataRow> rows = lab.rows(lab.demo().config.eval_dataset->path, true, kHeldOut);
  const Batch answer_batch = held_out(rows, false);
  const Batch question_batch = held_out(rows, true);
  LessonResult result;
  result.curves = {answers.curve("answers"), everything.curve("everything")};
  result.columns = {"labelled", "first_loss", "answers_loss", "questions_loss"};
  const auto add = [&](const std::string& key, const TrainedRun* run) {
    lab.check_stop();
    const auto model = lab.load(run == nullptr ? "" : run->adapter_dir);
    const double on_answers = held_out_loss(*model, answer_batch);
    const double on_questions = held_out_loss(*model, question_batch);
    LessonRow row{key, {"\u2013", "\u2013"}};
    if (run != nullptr) {
      const StepEvent& first = run->steps.front();
      const double share = static_cast<double>(first.num_items_in_batch) / static_cast<double>(first.num_tokens);
      row.cells = {percentage(share), fixed(first.loss, 2)};
      result.values[key + "_first"] = fixed(first.loss, 2);
    }
    row.cells.push_back(fixed(on_answers, 2));
    row.cells.push_back(fixed(on_questions, 2));
    result.values[key + "_on_answers"] = row.cells[2];
    result.values[key + "_on_questions"] = row.cells[3];
    result.rows.push_back(std::move(row));
  };
  add("base", nullptr);
  add("answers", &answers);
  add("everything", &everything);
  return result;
}

// One long answer to seven of a word, learnt under either weight.
LessonResult normalization(const std::function<void(double)>& progress, std::stop_token stop) {
  constexpr std::ptrdiff_t kStepsAnEpoch = 8;  // of 64 rows, eight a step
  constexpr std::int64_t kLongest = 16;        // tokens of a short answer
  Laboratory lab(2, progress, std::move(stop));
  const std::string path = lab.folder().file("uneven.jsonl");
  {
    std::ifstream in(lab.demo().config.dataset.path);
    std::vector<nlohmann::json> conversations;
    for (std::string line; std::getline(in, line);) conversations.push_back(nlohmann::json::parse(line)["messages"]);
    constexpr std::size_t kLong = 8;  // long rows
    constexpr std::size_t kShortPerLong = 7;
    constexpr std::size_t kAnswers = 6;  // joined to a long one
    if (conversations.size() < kLong * (kShortPerLong + kAnswers)) {
      fail(ErrorCode::kNotFound, lab.demo().config.dataset.path, "got too few rows, expected those of the demo.");
    }
    std::ofstream out(path);
    std::size_t next = 0;
    for (std::size_t i = 0; i < kLong; ++i) {
      std::string tale;
      for (std::size_t k = 0; k < kAnswers; ++k) {
        tale += (k == 0 ? "" : " ") + conversations[next++][1]["content"].get<std::string>();
      }
      const auto write = [&out](const std::string& question, const std::string& answer) {
        const nlohmann::json row = {
            {"messages", {{{"role", "user"}, {"content", question}}, {{"role", "assistant"}, {"content", answer}}}}};
        out << row.dump() << '\n';
      };
      write("Tell me all you know, tale " + std::to_string(i + 1) + ".", tale);
      for (std::size_t k = 0; k < kShortPerLong; ++k) write(conversations[next++][0]["content"], "Nay.");
    }
  }
  RunConfig config = lab.config(3 * kStepsAnEpoch);
  config.dataset.path = path;
  config.loss_normalization = LossNormalization::kPerToken;
  const TrainedRun per_token = lab.train(config, "per_token");
  config.loss_normalization = LossNormalization::kPerSequence;
  const TrainedRun per_sequence = lab.train(config, "per_sequence");

  LessonResult result;
  result.columns = {"long_weight", "short_loss", "long_loss", "loss_per_token", "loss_per_sequence"};
  const auto add = [&result](const std::string& key, const TrainedRun& run) {
    // Means of rows of one kind, or of all, over the last epoch, when each was met once.
    struct Mean {
      double losses = 0.0, token_losses = 0.0, tokens = 0.0, rows = 0.0;
      void take(const SequenceLoss& sequence) {
        const auto targets = static_cast<double>(sequence.num_targets);
        losses += sequence.loss;
        token_losses += sequence.loss * targets;
        tokens += targets;
        rows += 1.0;
      }
    };
    Mean brief, extended, all;
    for (auto step = run.steps.end() - kStepsAnEpoch; step != run.steps.end(); ++step) {
      for (const SequenceLoss& sequence : step->sequences) {
        (sequence.num_targets > kLongest ? extended : brief).take(sequence);
        all.take(sequence);
      }
    }
    const double weight = key == "per_token" ? extended.tokens / all.tokens : extended.rows / all.rows;
    result.rows.push_back(
        {key,
         {percentage(weight), fixed(brief.losses / brief.rows, 3), fixed(extended.losses / extended.rows, 2),
          fixed(all.token_losses / all.tokens, 2), fixed(all.losses / all.rows, 2)}});
    result.values[key + "_weight"] = percentage(weight);
    result.values[key + "_short"] = fixed(brief.losses / brief.rows, 3);
    result.values[key + "_long"] = fixed(extended.losses / extended.rows, 2);
  };
  add("per_token", per_token);
  add("per_sequence", per_sequence);
  result.curves = {per_token.curve("per_token_token", &StepEvent::loss_per_token),
                   per_token.curve("per_token_sequence", &StepEvent::loss_per_sequence),
                   per_sequence.curve("per_sequence_token", &StepEvent::loss_per_token),
                   per_sequence.curve("per_sequence_sequence", &StepEvent::loss_per_sequence)};
  return result;
}

// Rows of one voice, which the model does not know yet: each tells it something about the next.
LessonResult packing(const std::function<void(double)>& progress, std::stop_token stop) {
  constexpr std::int64_t kRows = 8;
  Laboratory lab(1, progress, std::move(stop));
  const auto model = lab.load("");
  std::vector<Ids> input_ids, labels;
  for (DataRow& row : lab.rows(lab.demo().config.eval_dataset->path, true, kRows)) {
    input_ids.push_back(std::move(row.input_ids));
    labels.push_back(std::move(row.labels));
  }
  const Batch apart = make_batch(input_ids, labels);
  // What a collator does that joins rows and forgets where they ended.
  Ids joined_ids, joined_labels;
  for (std::size_t b = 0; b < input_ids.size(); ++b) {
    joined_ids.insert(joined_ids.end(), input_ids[b].begin(), input_ids[b].end());
    joined_labels.insert(joined_labels.end(), labels[b].begin(), labels[b].end());
  }
  const Batch joined = make_batch({joined_ids}, {joined_labels});

  const ForwardOptions plain = losses_alone();
  ForwardOptions packed = plain;
  packed.packed = true;
  ForwardOptions unmasked = packed;
  unmasked.fault = {.kind = FaultKind::kDroppedMask, .path = ParityPath::kEval};
  const ForwardResult truth = model->forward(apart, plain);
  // The targets' losses of every row, one after the other, whatever the way they were computed.
  const auto losses = [&](const ForwardResult& result, bool is_joined) {
    std::vector<double> out;
    const std::int64_t width = result.token_loss.shape[1];
    std::int64_t offset = 0;
    for (std::size_t b = 0; b < labels.size(); ++b) {
      for (std::size_t t = 1; t < labels[b].size(); ++t) {
        if (labels[b][t] == kNoLabel) continue;
        const std::int64_t at = is_joined ? offset + static_cast<std::int64_t>(t) - 1
                                          : static_cast<std::int64_t>(b) * width + static_cast<std::int64_t>(t) - 1;
        out.push_back(static_cast<double>(result.token_loss.values[static_cast<std::size_t>(at)]));
      }
      offset += static_cast<std::int64_t>(labels[b].size());
    }
    return out;
  };
  const std::vector<double> expected = losses(truth, false);
  LessonResult result;
  result.columns = {"loss", "largest_difference"};
  const auto add = [&](const std::string& key, const ForwardResult& pass, bool is_joined) {
    const std::vector<double> found = losses(pass, is_joined);
    double largest = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) largest = std::max(largest, std::abs(found[i] - expected[i]));
    const std::string difference = largest < 1e-4 ? "< 0.0001" : fixed(largest, 2);
    result.rows.push_back({key, {fixed(pass.loss_per_token, 3), difference}});
    result.values[key] = fixed(pass.loss_per_token, 3);
    result.values[key + "_difference"] = difference;
  };
  add("apart", truth, false);
  add("packed", model->forward(apart, packed), false);
  progress(0.5);
  lab.check_stop();
  add("joined", model->forward(joined, plain), true);
  add("unmasked", model->forward(apart, unmasked), false);
  progress(1.0);
  return result;
}

// The same run without logits and with those of every row of every step.
LessonResult logits(const std::function<void(double)>& progress, std::stop_token stop) {
  Laboratory lab(2, progress, std::move(stop));
  RunConfig config = lab.config(kSteps / 2);
  const TrainedRun without = lab.train(config, "without");
  config.return_logits.every = 1;
  config.return_logits.rows.clear();
  for (std::int64_t row = 0; row < config.per_device_train_batch_size; ++row) config.return_logits.rows.push_back(row);
  const TrainedRun with = lab.train(config, "with");

  LessonResult result;
  result.curves = {without.curve("without"), with.curve("with")};
  result.columns = {"last_loss", "step_ms", "bytes"};
  bool is_equal = true;
  for (std::size_t i = 0; i < without.steps.size(); ++i) is_equal &= without.steps[i].loss == with.steps[i].loss;
  const auto add = [&result](const std::string& key, const TrainedRun& run) {
    std::vector<double> times;
    std::uint64_t bytes = 0;
    for (const StepEvent& step : run.steps) {
      times.push_back(step.step_ms);
      bytes = std::max(bytes, step.capture_bytes);
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    const std::string size = bytes == 0 ? "0" : fixed(static_cast<double>(bytes) / 1e6, 2) + " MB";
    result.rows.push_back({key, {fixed(run.steps.back().loss, 12), fixed(times[times.size() / 2], 1), size}});
    result.values[key + "_bytes"] = size;
  };
  add("without", without);
  add("with", with);
  result.values["equal"] = is_equal ? "yes" : "no";
  return result;
}

// One defect at a time in the evaluation path, on rows that training has seen.
LessonResult evaluation(const std::function<void(double)>& progress, std::stop_token stop) {
  Laboratory lab(2, progress, std::move(stop));
  RunConfig config = lab.config(kSteps);
  config.lora.lora_dropout = 0.1;
  const TrainedRun run = lab.train(config, "trained");
  const auto model = lab.load(run.adapter_dir);
  std::vector<Ids> input_ids, labels;
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

LessonResult learning_rate(const std::function<void(double)>& progress, std::stop_token stop) {
  const std::vector<std::pair<std::string, double>> rates = {{"low", 0.0002}, {"right", 0.004}, {"high", 0.1}};
  Laboratory lab(static_cast<int>(rates.size()), progress, std::move(stop));
  LessonResult result;
  result.columns = {"rate", "first_loss", "highest_loss", "last_loss", "largest_norm"};
  for (const auto& [key, rate] : rates) {
    RunConfig config = lab.config(kSteps);
    config.learning_rate = rate;
    const TrainedRun run = lab.train(config, key);
    double highest = 0.0, norm = 0.0;
    for (const StepEvent& step : run.steps) {
      highest = std::max(highest, step.loss);
      norm = std::max(norm, step.grad_norm);
    }
    result.curves.push_back(run.curve(key));
    result.rows.push_back({key,
                           {fixed(rate, 4), fixed(run.steps.front().loss, 2), fixed(highest, 2),
                            fixed(run.steps.back().loss, 2), fixed(norm, 1)}});
    result.values[key] = fixed(run.steps.back().loss, 2);
    result.values[key + "_highest"] = fixed(highest, 2);
  }
  return result;
}

LessonResult rank(const std::function<void(double)>& progress, std::stop_token stop) {
  const std::vector<std::int64_t> ranks = {1, 4, 16, 64};
  Laboratory lab(static_cast<int>(ranks.size()), progress, std::move(stop));
  const Batch batch = held_out(lab.rows(lab.demo().config.eval_dataset->path, true, kHeldOut), false);
  LessonResult result;
  result.columns = {"parameters", "held_out_loss"};
  for (const std::int64_t r : ranks) {
    RunConfig config = lab.config(kSteps);
    config.lora.r = r;
    config.lora.lora_alpha = 2.0 * static_cast<double>(r);  // the same scale at every rank
    const std::string key = "r" + std::to_string(r);
    const TrainedRun run = lab.train(config, key);
    const std::string loss = fixed(held_out_loss(*lab.load(run.adapter_dir), batch), 2);
    result.curves.push_back(run.curve(key));
    result.rows.push_back({key, {count(run.trainable_parameters), loss}});
    result.values[key] = loss;
    result.values[key + "_parameters"] = count(run.trainable_parameters);
  }
  return result;
}

const std::vector<std::pair<std::string, Experiment>>& experiments() {
  static const std::vector<std::pair<std::string, Experiment>> all = {
      {"label-mask", label_mask}, {"normalization", normalization}, {"packing", packing}, {"logits", logits},
      {"evaluation", evaluation}, {"learning-rate", learning_rate}, {"rank", rank}};
  return all;
}

}  // namespace

const std::vector<std::string>& lesson_ids() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> out;
    for (const auto& [id, experiment] : experiments()) out.push_back(id);
    return out;
  }();
  return ids;
}

LessonResult run_lesson(const std::string& id, const std::function<void(double)>& progress, std::stop_token stop) {
  const auto found =
      std::find_if(experiments().begin(), experiments().end(), [&id](const auto& entry) { return entry.first == id; });
  if (found == experiments().end()) fail(ErrorCode::kNotFound, "lesson", id + ": got no such lesson.");
  return found->second(progress, std::move(stop));
}

}  // namespace vernier::ui
