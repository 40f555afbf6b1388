// Lessons about what a run makes of its rows: which tokens it learns, what each weighs, what they see of each other.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "ui/session/lesson_catalogue.h"
#include "vernier/error.h"
#include "vernier/parity.h"

namespace vernier::ui {
namespace {

using Ids = std::vector<std::int32_t>;

// Rows with a long answer, each with some of one word behind it. Returns the file's path.
std::string write_uneven_rows(const Laboratory& lab) {
  constexpr std::size_t kLong = 8;
  constexpr std::size_t kShortPerLong = 7;
  constexpr std::size_t kAnswers = 6;  // joined to a long one
  const std::string& from = lab.demo().config.dataset.path;
  std::ifstream in(from);
  std::vector<nlohmann::json> conversations;
  for (std::string line; std::getline(in, line);) conversations.push_back(nlohmann::json::parse(line)["messages"]);
  if (conversations.size() < kLong * (kShortPerLong + kAnswers)) {
    fail(ErrorCode::kNotFound, from, "got too few rows, expected those of the demo.");
  }
  const std::string path = lab.folder().file("uneven.jsonl");
  std::ofstream out(path);
  const auto write = [&out](const std::string& question, const std::string& answer) {
    const nlohmann::json row = {
        {"messages", {{{"role", "user"}, {"content", question}}, {{"role", "assistant"}, {"content", answer}}}}};
    out << row.dump() << '\n';
  };
  std::size_t next = 0;
  for (std::size_t i = 0; i < kLong; ++i) {
    std::string tale;
    for (std::size_t k = 0; k < kAnswers; ++k) {
      tale += (k == 0 ? "" : " ") + conversations[next++][1]["content"].get<std::string>();
    }
    write("Tell me all you know, tale " + std::to_string(i + 1) + ".", tale);
    for (std::size_t k = 0; k < kShortPerLong; ++k) write(conversations[next++][0]["content"], "Nay.");
  }
  return path;
}

}  // namespace

// One run file, once with its mask and once with the mask lost on the way to the loss.
LessonResult lesson_label_mask(const LessonProgress& progress, std::stop_token stop) {
  Laboratory lab(2, progress, std::move(stop));
  RunConfig config = lab.config(kLessonSteps);
  config.assistant_only_loss = true;
  const TrainedRun kept = lab.train(config, "kept");
  const TrainedRun lost = lab.train(config, "lost", {FaultKind::kLostLabelMask, ParityPath::kTrain});

  LessonResult result;
  result.curves = {kept.curve("kept"), lost.curve("lost")};
  result.columns = {"checked", "labelled", "first_loss", "answers_loss", "questions_loss"};
  const std::string checked = percentage(lab.labelled_share(config));
  result.values["checked"] = checked;
  const Batch answers = lab.held_out(false);
  const Batch questions = lab.held_out(true);
  const auto add = [&](const std::string& key, const TrainedRun* run) {
    lab.check_stop();
    const auto model = lab.load(run == nullptr ? "" : run->adapter_dir);
    LessonRow row{key, {"\u2013", "\u2013", "\u2013"}};
    if (run != nullptr) {
      const StepEvent& first = run->steps.front();
      const double share = static_cast<double>(first.num_items_in_batch) / static_cast<double>(first.num_tokens);
      row.cells = {checked, percentage(share), fixed(first.loss, 2)};
      result.values[key + "_labelled"] = row.cells[1];
      result.values[key + "_first"] = row.cells[2];
    }
    row.cells.push_back(fixed(loss_of(*model, answers), 2));
    row.cells.push_back(fixed(loss_of(*model, questions), 2));
    result.values[key + "_on_answers"] = row.cells[3];
    result.values[key + "_on_questions"] = row.cells[4];
    result.rows.push_back(std::move(row));
  };
  add("base", nullptr);
  add("kept", &kept);
  add("lost", &lost);
  return result;
}

// One long answer to seven of a word: under either weight, with the step whole and row by row, and row by row with the
// mean of the rows' means in the place of the step's.
LessonResult lesson_normalization(const LessonProgress& progress, std::stop_token stop) {
  constexpr std::ptrdiff_t kStepsAnEpoch = 8;  // of 64 rows, eight a step
  constexpr std::int64_t kLongest = 16;        // tokens of a short answer
  Laboratory lab(4, progress, std::move(stop));
  RunConfig whole = lab.config(3 * kStepsAnEpoch);
  whole.dataset.path = write_uneven_rows(lab);
  whole.loss_normalization = LossNormalization::kPerToken;
  RunConfig split = whole;
  std::swap(split.per_device_train_batch_size, split.gradient_accumulation_steps);
  RunConfig per_sequence = whole;
  per_sequence.loss_normalization = LossNormalization::kPerSequence;

  LessonResult result;
  result.columns = {"long_weight", "first_norm", "short_loss", "long_loss"};
  const auto add = [&](const std::string& key, const RunConfig& config, bool weighs_rows, const Fault& fault = {}) {
    const TrainedRun run = lab.train(config, key, fault);
    // Means of rows of one kind, or of all, over the last epoch, when each was met once.
    struct Mean {
      double losses = 0.0, tokens = 0.0, rows = 0.0;
      void take(const SequenceLoss& sequence) {
        losses += sequence.loss;
        tokens += static_cast<double>(sequence.num_targets);
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
    const double weight = weighs_rows ? extended.rows / all.rows : extended.tokens / all.tokens;
    const LessonRow row{key,
                        {percentage(weight), fixed(run.steps.front().grad_norm, 4), fixed(brief.losses / brief.rows, 3),
                         fixed(extended.losses / extended.rows, 2)}};
    result.values[key + "_weight"] = row.cells[0];
    result.values[key + "_norm"] = row.cells[1];
    result.values[key + "_short"] = row.cells[2];
    result.values[key + "_long"] = row.cells[3];
    result.rows.push_back(row);
    result.curves.push_back(run.curve(key, &StepEvent::loss_per_token));
  };
  add("whole", whole, false);
  add("split", split, false);
  add("planted", split, true, {FaultKind::kMeanOfMeans, ParityPath::kTrain});
  add("per_sequence", per_sequence, true);
  return result;
}

// Rows of one voice, which the model does not know yet: each tells it something about the next.
LessonResult lesson_packing(const LessonProgress& progress, std::stop_token stop) {
  constexpr std::int64_t kRows = 8;
  constexpr double kMoved = 0.5;  // nats by which a token's loss changes for good or bad
  Laboratory lab(1, progress, std::move(stop));
  const auto model = lab.load("");
  std::vector<Ids> input_ids, labels;
  for (DataRow& row : lab.rows(lab.demo().config.eval_dataset->path, true, kRows)) {
    input_ids.push_back(std::move(row.input_ids));
    labels.push_back(std::move(row.labels));
  }
  const Batch batch = make_batch(input_ids, labels);
  ForwardOptions options = losses_alone();
  const ForwardResult apart = model->forward(batch, options);
  options.packed = true;

  LessonResult result;
  result.columns = {"loss", "first_row", "worse", "better", "verdict"};
  const auto width = static_cast<std::size_t>(batch.width());
  double done = 0.0;
  const auto add = [&](const std::string& key, const ForwardResult& pass, const std::string& verdict) {
    double of_first = 0.0, largest = 0.0;
    std::int64_t worse = 0, better = 0;
    for (std::size_t i = 0; i < pass.token_loss.values.size(); ++i) {
      const double moved =
          static_cast<double>(pass.token_loss.values[i]) - static_cast<double>(apart.token_loss.values[i]);
      largest = std::max(largest, std::abs(moved));
      if (i < width) of_first = std::max(of_first, std::abs(moved));
      worse += moved > kMoved ? 1 : 0;
      better += moved < -kMoved ? 1 : 0;
    }
    const auto difference = [](double nats) { return nats < 1e-4 ? std::string("< 0.0001") : fixed(nats, 2); };
    result.rows.push_back(
        {key, {fixed(pass.loss_per_token, 3), difference(of_first), count(worse), count(better), verdict}});
    result.values[key] = fixed(pass.loss_per_token, 3);
    result.values[key + "_difference"] = difference(largest);
    result.values[key + "_first_row"] = difference(of_first);
    result.values[key + "_worse"] = count(worse);
    result.values[key + "_better"] = count(better);
    progress(done += 0.25);
  };
  add("apart", apart, "\u2013");
  for (const auto& [key, kind] : {std::pair("packed", FaultKind::kNone), std::pair("borders", FaultKind::kLostBorders),
                                  std::pair("unmasked", FaultKind::kDroppedMask)}) {
    lab.check_stop();
    options.fault = {kind, ParityPath::kEval};
    const ParityPathReport report = model->parity(batch, options.fault).paths.at(1);
    result.values[std::string(key) + "_cause"] = report.likely_causes.empty() ? "" : report.likely_causes.front();
    add(key, model->forward(batch, options), to_string(report.verdict));
  }
  return result;
}

}  // namespace vernier::ui
