// vernier-cli check: what a run would meet.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "program.h"

namespace vernier::golden {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kModel = std::string(VERNIER_SOURCE_DIR) + "/resources/demo/model";

std::string chat_rows(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += json{{"messages",
                   {{{"role", "user"}, {"content", "Who is number " + std::to_string(i) + "?"}},
                    {{"role", "assistant"}, {"content", "Nobody knows, not even Nell."}}}}}
                 .dump() +
             "\n";
  }
  return lines;
}

class CliCheck : public testing::Test {
 protected:
  CliCheck() {
    write_all(folder_ / "rows.jsonl", chat_rows(24));
    run_ = {{"model_name_or_path", kModel},
            {"dataset", {{"path", "rows.jsonl"}}},
            {"lora", {{"r", 4}}},
            {"max_length", 128},
            {"max_steps", 3}};
  }

  Outcome outcome(std::vector<std::string> more = {"--json"}) {
    write_all(folder_ / "run.json", run_.dump());
    std::vector<std::string> command = {"check", "--config", folder_ / "run.json"};
    command.insert(command.end(), more.begin(), more.end());
    return run_cli(command);
  }
  // The status of each check, with exit 0 exactly where none failed.
  std::map<std::string, std::string> statuses() {
    const Outcome result = outcome();
    std::map<std::string, std::string> out;
    report_ = json::parse(result.out);
    for (const json& check : report_["checks"]) {
      EXPECT_EQ(check.size(), 4u);
      EXPECT_FALSE(check["message"].get<std::string>().empty());
      if (check["status"] == "fail") {
        EXPECT_FALSE(check["fix"].get<std::string>().empty()) << check;
      }
      out[check["id"]] = check["status"];
    }
    const bool failed = std::any_of(out.begin(), out.end(), [](const auto& entry) { return entry.second == "fail"; });
    EXPECT_EQ(result.status, failed ? 1 : 0) << result.err;
    if (failed) {
      // Progress, where it took long, comes before.
      const std::size_t error = result.err.find("error: [");
      EXPECT_NE(error, std::string::npos) << result.err;
      EXPECT_EQ(result.err.find('\n', error), result.err.size() - 1) << result.err;
    }
    return out;
  }
  std::string message_of(const std::string& id) const {
    for (const json& check : report_["checks"]) {
      if (check["id"] == id) return check["message"];
    }
    return "";
  }

  TempFolder folder_;
  json run_;
  json report_;
};

TEST_F(CliCheck, PassesAGoodRunAndPredictsIt) {
  for (const auto& [id, status] : statuses()) {
    // Nearly all of the machine may be taken by somebody else.
    if (id != "memory" && id != "disk") {
      EXPECT_EQ(status, "pass") << id << ": " << message_of(id);
    }
  }
  for (const char* id : {"run_file",   "settings",      "device",   "model",         "weights",        "adapter",
                         "tokenizer",  "chat_template", "data",     "labels",        "unclosed_turns", "truncated",
                         "duplicates", "context",       "schedule", "learning_rate", "memory",         "disk",
                         "loading",    "longest_batch", "gradient", "first_loss",    "parity",         "base_loss"}) {
    EXPECT_NE(message_of(id), "") << id;
  }
  EXPECT_EQ(report_["rows"], 24);
  EXPECT_EQ(report_["total_steps"], 3);
  EXPECT_FALSE(fs::exists(fs::path(folder_ / "run.db")));

  const Outcome trained = run_cli({"train", "--config", folder_ / "run.json", "--out", folder_ / "run", "--json"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  const double measured = trained.json_lines().back()["peak_memory_bytes"];
  const double predicted = report_["predicted_peak_memory_bytes"];
  EXPECT_FALSE(!(std::abs(predicted - measured) <= 0.05 * measured)) << predicted << " " << measured;
  std::vector<double> times;
  for (const json& line : trained.json_lines()) times.push_back(line["step_ms"]);
  // Within an order of magnitude: timings on a busy machine are what they are.
  const double fastest = *std::min_element(times.begin(), times.end());
  const double step_ms = report_["predicted_step_ms"];
  EXPECT_FALSE(!(step_ms >= 0.1 * fastest && step_ms <= 20.0 * fastest)) << step_ms << " " << fastest;

  EXPECT_TRUE(report_["fix_changes"].empty());
  EXPECT_LT(report_["first_loss"], report_["blind_guess"]);

  const Outcome text = outcome({"--without-weights"});
  EXPECT_EQ(text.status, 0);
  EXPECT_EQ(text.out.find("first_loss"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("pass  data"), std::string::npos) << text.out;
}

TEST_F(CliCheck, NamesWhatIsWrong) {
  run_["max_length"] = 3;
  run_["assistant_only_loss"] = true;
  EXPECT_EQ(statuses()["data"], "fail");
  EXPECT_NE(message_of("data").find("none of the 24 rows"), std::string::npos) << message_of("data");
  EXPECT_TRUE(report_["predicted_step_ms"].is_null());

  run_["max_length"] = 128;
  run_["dataset"]["path"] = "nowhere.jsonl";
  EXPECT_EQ(statuses()["data"], "fail");
  EXPECT_NE(message_of("data").find("no such data file"), std::string::npos);

  run_["dataset"]["path"] = "rows.jsonl";
  run_["lora"]["target_modules"] = {"q_prj"};
  auto found = statuses();
  EXPECT_EQ(found["adapter"], "fail");
  EXPECT_EQ(found["data"], "pass");  // one failure does not hide what else there is
  EXPECT_NE(message_of("adapter").find("q_prj"), std::string::npos);

  run_ = {{"model_name_or_path", kModel},
          {"dataset", {{"path", "rows.jsonl"}}},
          {"method", "full"},
          {"quantization", "nf4"}};
  found = statuses();
  EXPECT_EQ(found["settings"], "fail");
  EXPECT_EQ(found["data"], "pass");

  run_ = {{"model_name_or_path", kModel}, {"dataset", {{"path", "rows.jsonl"}}}, {"learning_rat", 1}};
  found = statuses();
  EXPECT_EQ(found.size(), 1u);
  EXPECT_NE(message_of("run_file").find("learning_rate"), std::string::npos);

  run_ = {{"model_name_or_path", "no-model"}, {"dataset", {{"path", "rows.jsonl"}}}};
  EXPECT_EQ(statuses()["model"], "fail");

  // A checkpoint without its weights.
  fs::create_directories(fs::path(folder_ / "bare"));
  for (const auto& entry : fs::directory_iterator(kModel)) {
    if (entry.path().extension() != ".safetensors") fs::copy(entry.path(), folder_ / "bare");
  }
  run_["model_name_or_path"] = "bare";
  found = statuses();
  EXPECT_EQ(found["weights"], "fail");
  EXPECT_EQ(found["data"], "pass");
}

TEST_F(CliCheck, WarnsOfWhatIsWorthALook) {
  write_all(folder_ / "rows.jsonl", chat_rows(8) + chat_rows(3) +
                                        json{{"messages",
                                              {{{"role", "user"}, {"content", "Hello {{name}}"}},
                                               {{"role", "assistant"}, {"content", "Say <|end|> to stop."}}}}}
                                            .dump() +
                                        "\n");
  write_all(folder_ / "eval.jsonl", chat_rows(2));
  run_["eval_dataset"] = {{"path", "eval.jsonl"}};
  run_["chat_template"] = "chatml";
  run_["max_length"] = 30;
  run_["warmup_steps"] = 50;
  auto found = statuses();
  for (const char* id : {"duplicates", "placeholders", "special_tokens_in_content", "unclosed_turns", "truncated",
                         "eval_overlap", "schedule"}) {
    EXPECT_EQ(found[id], "warn") << id;
  }
  EXPECT_EQ(found["evaluation"], "pass");
  // A script can make the change that a fix would be.
  json changes;
  for (const json& fix : report_["fix_changes"]) {
    EXPECT_EQ(report_["checks"][fix["check"].get<std::size_t>()]["id"], fix["id"]);
    changes[fix["id"].get<std::string>()] = fix["changes"];
  }
  EXPECT_EQ(changes["truncated"], (json{{"max_length", 64}}));
  EXPECT_EQ(changes["unclosed_turns"], (json{{"chat_template", nullptr}}));
  EXPECT_EQ(changes["duplicates"], (json{{"drop_duplicates", true}}));

  run_.erase("warmup_steps");
  run_["learning_rate"] = 0.5;
  EXPECT_EQ(statuses()["learning_rate"], "warn");
  run_["learning_rate"] = 0;
  EXPECT_EQ(statuses()["learning_rate"], "warn");

  std::string lengthy;
  for (int i = 0; i < 700; ++i) lengthy += "captain ";
  write_all(folder_ / "rows.jsonl", json{{"text", lengthy}}.dump() + "\n");
  run_["max_length"] = 100000;
  EXPECT_EQ(statuses()["context"], "warn");
}

TEST_F(CliCheck, KnowsABatchFile) {
  write_all(folder_ / "batch.json", R"({"input_ids": [[1, 5, 6, 7], [1, 8, 9, 0]], "lengths": [4, 3]})");
  run_ = {{"model_name_or_path", kModel}, {"batch", "batch.json"}, {"max_steps", 2}};
  EXPECT_EQ(statuses()["data"], "pass");
  EXPECT_EQ(report_["rows"], 2);
  EXPECT_EQ(report_["total_steps"], 2);
  write_all(folder_ / "batch.json", R"({"input_ids": [[1, 5]], "labels": [[-100, -100]]})");
  EXPECT_EQ(statuses()["data"], "fail");
}

}  // namespace
}  // namespace vernier::golden
