// Runs through the command line: the loss trajectory of Transformers + PEFT, going on, being interrupted and killed.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/golden/golden_case.h"
#include "tests/golden/program.h"

namespace vernier::golden {
namespace {

using nlohmann::json;

// The reference's settings of a case as a run file's.
json reference_run(const std::filesystem::path& folder) {
  const json train = json::parse(read_all(folder / "batch.json")).at("train");
  return {{"model_name_or_path", folder.string()},
          {"adapter_name_or_path", (folder / "adapter").string()},
          {"batch", (folder / "batch.json").string()},
          {"max_steps", train.at("steps")},
          {"learning_rate", train.at("learning_rate")},
          {"lr_scheduler_type", train.at("schedule")},
          {"weight_decay", train.at("weight_decay")},
          {"adam_beta1", train.at("adam_beta1")},
          {"adam_beta2", train.at("adam_beta2")},
          {"adam_epsilon", train.at("adam_epsilon")},
          {"max_grad_norm", 0},
          {"loss_normalization", train.at("loss")}};
}

class CliTrain : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = find_case(GetParam());
    if (folder_.empty()) GTEST_SKIP() << "no reference case " << GetParam();
  }

  std::string write_run(const json& run) {
    write_all(temp_ / "run.json", run.dump());
    return temp_ / "run.json";
  }
  static std::vector<std::string> train(std::vector<std::string> more) {
    more.insert(more.begin(), {"train", "--device", "cpu", "--json"});
    return more;
  }
  static std::string adapter_of(const std::string& run_dir) {
    return read_all(std::filesystem::path(run_dir) / "adapter" / "adapter_model.safetensors");
  }

  std::filesystem::path folder_;
  TempFolder temp_;
};

TEST_P(CliTrain, FollowsTheReferenceAndIsReadBack) {
  const std::string out = temp_ / "run";
  const Outcome outcome = run_cli(train({"--config", write_run(reference_run(folder_)), "--out", out}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const SafetensorsFile expected(folder_ / "expected.safetensors");
  const std::vector<float> losses = values_of(expected, "train_loss");
  const std::vector<float> norms = values_of(expected, "train_grad_norm");
  const std::vector<json> steps = outcome.json_lines();
  ASSERT_EQ(steps.size(), losses.size());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    EXPECT_EQ(steps[i].at("step"), i + 1);
    const double loss = static_cast<double>(losses[i]);
    if (!(std::abs(steps[i].at("loss").get<double>() - loss) <= 1e-3 * loss)) {
      ADD_FAILURE() << "step " << i + 1 << ": loss " << steps[i].at("loss") << " against " << loss;
    }
    const double norm = static_cast<double>(norms[i]);
    if (!(std::abs(steps[i].at("grad_norm").get<double>() - norm) <= 2e-3 * norm)) {
      ADD_FAILURE() << "step " << i + 1 << ": gradient norm " << steps[i].at("grad_norm") << " against " << norm;
    }
    EXPECT_EQ(steps[i].at("loss"), steps[i].at("loss_per_token"));
    for (const char* name : {"loss_per_sequence", "learning_rate", "num_tokens", "num_items_in_batch",
                             "mean_token_accuracy", "entropy", "tokens_per_second", "step_ms", "peak_memory_bytes"}) {
      EXPECT_TRUE(steps[i].at(name).is_number()) << name;
    }
  }

  const Outcome read = run_cli({"runs", out, "--json"});
  ASSERT_EQ(read.status, 0) << read.err;
  EXPECT_EQ(read.json_lines(), steps);
  const Outcome some = run_cli({"runs", out, "--steps", "3:5", "--json"});
  EXPECT_EQ(some.json_lines(), std::vector<json>(steps.begin() + 2, steps.begin() + 5));

  // A step's sequences and tokens add up to its losses.
  const Outcome tokens = run_cli({"runs", out, "--tokens", "4", "--json"});
  ASSERT_EQ(tokens.status, 0) << tokens.err;
  double sum = 0.0;
  std::int64_t targets = 0;
  for (const json& token : tokens.json_lines()) {
    if (!token.at("is_target").get<bool>()) continue;
    sum += token.at("loss").get<double>();
    ++targets;
  }
  EXPECT_EQ(targets, steps[3].at("num_items_in_batch").get<std::int64_t>());
  const double mean = sum / static_cast<double>(targets);
  if (!(std::abs(mean - steps[3].at("loss_per_token").get<double>()) <= 1e-3 * mean)) ADD_FAILURE() << mean;
  const Outcome worst = run_cli({"runs", out, "--worst", "4", "--json"});
  ASSERT_EQ(worst.json_lines().size(), 4U) << worst.err;
  EXPECT_GE(worst.json_lines()[0].at("loss").get<double>(), worst.json_lines()[3].at("loss").get<double>());
  const Outcome csv = run_cli({"runs", out, "--csv"});
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.out.begin(), csv.out.end(), '\n')), losses.size() + 1);
  EXPECT_TRUE(csv.out.starts_with("step,")) << csv.out.substr(0, 80);
}

TEST_P(CliTrain, GoesOnInTheSameBits) {
  json run = reference_run(folder_);
  run["max_steps"] = 6;
  run["max_grad_norm"] = 1.0;
  const std::string config = write_run(run);
  const Outcome whole = run_cli(train({"--config", config, "--out", temp_ / "whole"}));
  ASSERT_EQ(whole.status, 0) << whole.err;
  const Outcome half = run_cli(train({"--config", config, "--out", temp_ / "parts", "--max-steps", "3"}));
  ASSERT_EQ(half.status, 0) << half.err;
  const Outcome rest = run_cli(train({"--resume", temp_ / "parts", "--max-steps", "6"}));
  ASSERT_EQ(rest.status, 0) << rest.err;
  ASSERT_EQ(rest.json_lines().size(), 3U);
  EXPECT_EQ(rest.json_lines()[2].at("loss"), whole.json_lines()[5].at("loss"));
  EXPECT_FALSE(adapter_of(temp_ / "whole").empty());
  EXPECT_EQ(adapter_of(temp_ / "whole"), adapter_of(temp_ / "parts"));
}

TEST_P(CliTrain, MaxStepsIsWhereItEnds) {
  json run = reference_run(folder_);
  run["max_steps"] = 4;
  run["lr_scheduler_type"] = "linear";
  run["logging_steps"] = 1;
  const std::string out = temp_ / "run";
  const Outcome whole = run_cli(train({"--config", write_run(run), "--out", temp_ / "whole"}));
  const auto stored_steps = [&] { return json::parse(read_all(out + "/run.json")).at("max_steps"); };
  const auto state = [&] { return run_cli({"runs", out}).out; };
  // Fewer: the schedule stays.
  const Outcome some = run_cli(train({"--config", temp_ / "run.json", "--out", out, "--max-steps", "2"}));
  ASSERT_EQ(some.status, 0) << some.err;
  EXPECT_NE(read_all(out + "/log.txt").find("Stops after step 2 of the run file's 4"), std::string::npos);
  EXPECT_EQ(some.json_lines().back().at("learning_rate"), whole.json_lines()[1].at("learning_rate"));
  EXPECT_EQ(stored_steps(), 4);
  EXPECT_NE(state().find("stopped, step 2 of 4"), std::string::npos) << state();
  EXPECT_TRUE(some.err.starts_with("Stopped after step 2 of 4. Saved: checkpoints/step-2")) << some.err;
  EXPECT_EQ(some.err.find("topped after", 5), std::string::npos) << some.err;
  EXPECT_NE(some.err.find("vernier-cli train --resume " + out), std::string::npos) << some.err;
  const Outcome text_lines = run_cli(
      {"train", "--device", "cpu", "--config", temp_ / "run.json", "--out", temp_ / "in-words", "--max-steps", "2"});
  EXPECT_NE(text_lines.out.find("\nstep 2/2 "), std::string::npos) << text_lines.out;
  EXPECT_NE(text_lines.out.find(" 2 steps\n"), std::string::npos) << text_lines.out;
  // As many lines as the run's own logging_steps asks for, after a resume too.
  run["logging_steps"] = 3;
  write_all(temp_ / "seldom.json", run.dump());
  const std::string seldom = temp_ / "seldom";
  ASSERT_EQ(
      run_cli({"train", "--device", "cpu", "--config", temp_ / "seldom.json", "--out", seldom, "--max-steps", "1"})
          .status,
      0);
  const std::string rest = run_cli({"train", "--device", "cpu", "--resume", seldom}).out;
  EXPECT_EQ(rest.find("step 2/4 "), std::string::npos) << rest;
  EXPECT_NE(rest.find("step 3/4 "), std::string::npos) << rest;
  EXPECT_EQ(run_cli(train({"--resume", out})).json_lines().size(), 2U);
  // More: the run has as many from then on.
  ASSERT_EQ(run_cli(train({"--resume", out, "--max-steps", "6"})).json_lines().size(), 2U);
  EXPECT_EQ(stored_steps(), 6);
  EXPECT_NE(state().find("finished, step 6 of 6"), std::string::npos) << state();
  // None left.
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--max-steps", "3"}}) {
    std::vector<std::string> arguments = train({"--resume", out});
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome again = run_cli(arguments);
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(again.out, "");
    EXPECT_NE(again.err.find("Nothing left to do: 6 steps are done"), std::string::npos) << again.err;
    EXPECT_NE(state().find("finished, step 6 of 6"), std::string::npos) << state();
  }
  // The store's copy, which stands in for a run.json that is gone, has as many too.
  std::filesystem::remove(out + "/run.json");
  EXPECT_NE(run_cli(train({"--resume", out})).err.find("Nothing left to do: 6 steps are done, 6 were"),
            std::string::npos);
  EXPECT_EQ(stored_steps(), 6);
  // A run folder stands for its adapter.
  const Outcome text = run_cli({"generate", "--device", "cpu", "--model", folder_.string(), "--adapter", out,
                                "--input-ids", "[1, 2, 3]", "--max-new-tokens", "2", "--json"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_EQ(text.out, run_cli({"generate", "--device", "cpu", "--model", folder_.string(), "--adapter",
                               out + "/adapter", "--input-ids", "[1, 2, 3]", "--max-new-tokens", "2", "--json"})
                          .out);
  // The log tells each step once.
  const std::string log = read_all(out + "/log.txt");
  for (const char* once : {"step 1/", "step 2/", "saved checkpoints/step-2"}) {
    const std::size_t at = log.find(once);
    EXPECT_NE(at, std::string::npos) << once << log;
    EXPECT_EQ(log.find(once, at + 1), std::string::npos) << once << log;
  }
}

TEST_P(CliTrain, AnInterruptedRunIsSavedAndGoesOn) {
  json run = reference_run(folder_);
  run["max_steps"] = 1000000;
  const std::string out = temp_ / "run";
  Program program(cli_command(train({"--config", write_run(run), "--out", out})));
  ASSERT_TRUE(program.wait_for_lines(2)) << program.wait().err;
  program.send(SIGINT);
  const Outcome outcome = program.wait();
  ASSERT_EQ(outcome.status, 130) << outcome.err;
  const auto last = outcome.json_lines().back().at("step").get<std::int64_t>();
  const Outcome rest = run_cli(train({"--resume", out, "--max-steps", std::to_string(last + 2)}));
  ASSERT_EQ(rest.status, 0) << rest.err;
  ASSERT_EQ(rest.json_lines().size(), 2U);
  EXPECT_EQ(rest.json_lines()[0].at("step"), last + 1);
}

TEST_P(CliTrain, AKilledRunOpensAndGoesOn) {
  json run = reference_run(folder_);
  run["max_steps"] = 1000000;
  run["save_steps"] = 3;
  const std::string out = temp_ / "run";
  {
    Program program(cli_command(train({"--config", write_run(run), "--out", out})));
    ASSERT_TRUE(program.wait_for_lines(8)) << program.wait().err;
    program.send(SIGKILL);
    EXPECT_EQ(program.wait().status, -SIGKILL);
  }
  const Outcome read = run_cli({"runs", out, "--json"});
  ASSERT_EQ(read.status, 0) << read.err;
  const auto steps = static_cast<std::int64_t>(read.json_lines().size());
  ASSERT_GE(steps, 6);
  const Outcome rest = run_cli(train({"--resume", out, "--max-steps", std::to_string(steps + 5)}));
  ASSERT_EQ(rest.status, 0) << rest.err;
  const auto first = rest.json_lines().front().at("step").get<std::int64_t>();
  EXPECT_EQ((first - 1) % 3, 0);
  EXPECT_GE(first, steps - 4);
  // One history: every step once.
  const std::vector<json> all = run_cli({"runs", out, "--json"}).json_lines();
  ASSERT_EQ(static_cast<std::int64_t>(all.size()), steps + 5);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].at("step"), i + 1);
}

TEST_P(CliTrain, StopsWhereStdoutIsClosed) {
  json run = reference_run(folder_);
  run["max_steps"] = 1000000;
  const std::string config = write_run(run);
  Program program({"sh", "-c", "\"$0\" train --device cpu --json --config \"$1\" --out \"$2\" >/dev/full", VERNIER_CLI,
                   config, temp_ / "run"});
  expect_one_error(program.wait());
}

INSTANTIATE_TEST_SUITE_P(Cases, CliTrain, testing::Values("llama", "llama-bf16-sharded", "stories260k"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace vernier::golden
