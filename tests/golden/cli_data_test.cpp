// vernier-cli data: every row counted, and rows shown with their labels.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.h"
#include "vernier/tokenizer.h"

namespace vernier::golden {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kModel = std::string(VERNIER_SOURCE_DIR) + "/resources/demo/model";

std::string chat_row(const std::string& question, const std::string& answer) {
  json messages = json::array({{{"role", "user"}, {"content", question}}});
  if (!answer.empty()) messages.push_back({{"role", "assistant"}, {"content", answer}});
  return json{{"messages", messages}}.dump() + "\n";
}

json audit(const std::string& file, std::vector<std::string> more) {
  std::vector<std::string> command = {"data", "--model", kModel, "--data", file, "--json"};
  command.insert(command.end(), more.begin(), more.end());
  const Outcome outcome = run_cli(command);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return outcome.status == 0 ? json::parse(outcome.out) : json();
}

TEST(CliData, CountsEveryRow) {
  const TempFolder folder;
  const std::string word = "The captain has a parrot. ";
  std::string lengthy;
  for (int i = 0; i < 40; ++i) lengthy += word;
  write_all(folder / "train.jsonl", chat_row("Who are you?", "A captain.") + chat_row("Who are you?", "A captain.") +
                                        chat_row("Anybody?", "") + chat_row("Say <|end|> twice", "No.") +
                                        chat_row("Hello {{ first_name }}", "Hi.") + chat_row("Tell", lengthy) +
                                        chat_row(lengthy, "Too late."));
  write_all(folder / "eval.jsonl", chat_row("Who are you?", "A captain.") + chat_row("And you?", "A parrot."));
  const json report = audit(folder / "train.jsonl",
                            {"--assistant-only-loss", "--max-length", "64", "--eval-data", folder / "eval.jsonl"});
  EXPECT_EQ(report["format"], "messages");
  EXPECT_EQ(report["chat_template"], "model");
  EXPECT_EQ(report["rows"], 7);
  EXPECT_EQ(report["duplicates"], 1);
  EXPECT_EQ(report["truncated"], 2);
  EXPECT_EQ(report["rows_without_labels"], 2);
  EXPECT_EQ(report["without_labels_by_reason"]["no_assistant_turn"], 1);
  EXPECT_EQ(report["without_labels_by_reason"]["prompt_too_long"], 1);
  EXPECT_EQ(report["special_tokens_in_content"], 1);
  EXPECT_EQ(report["placeholders"], 1);
  EXPECT_EQ(report["empty"], 0);
  EXPECT_EQ(report["unclosed_turns"], 0);
  std::int64_t in_bins = 0;
  for (const json& bin : report["length_histogram"]) in_bins += bin["rows"].get<std::int64_t>();
  EXPECT_EQ(in_bins, 7);
  EXPECT_EQ(report["eval"]["rows"], 2);
  EXPECT_EQ(report["eval"]["overlap"], 1);
  const json once = audit(folder / "train.jsonl", {"--assistant-only-loss", "--drop-duplicates"});
  EXPECT_NE(once["notes"].dump().find("1 of the 7 rows of train.jsonl give exactly the tokens and labels of an earlier "
                                      "one and are left out."),
            std::string::npos)
      << once["notes"];
  EXPECT_GE(report["notes"].size(), 5u);
  EXPECT_FALSE(report.contains("rows_shown"));
}

TEST(CliData, ShowsRowsWithTheirLabels) {
  const TempFolder folder;
  write_all(folder / "train.jsonl",
            chat_row("Who?", "Me.") + chat_row("Where?", "Here, on the sea.") + chat_row("x", "y"));
  const json report = audit(folder / "train.jsonl", {"--assistant-only-loss", "--rows", "1:1"});
  ASSERT_EQ(report["rows_shown"].size(), 1u);
  const json& row = report["rows_shown"][0];
  EXPECT_EQ(row["row"], 1);
  const auto tokenizer = Tokenizer::load(kModel);
  const auto ids = row["input_ids"].get<std::vector<std::int32_t>>();
  EXPECT_EQ(ids, tokenizer->encode("<s><|user|>Where?<|end|><|assistant|>Here, on the sea.<|end|>", false));
  std::vector<std::int32_t> learnt;
  std::vector<int> mask_of_spans(ids.size(), -1);
  for (const json& span : row["spans"]) {
    for (std::size_t i = span["begin"]; i < span["end"]; ++i) mask_of_spans[i] = span["labelled"].get<bool>() ? 1 : 0;
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool labelled = row["label_mask"][i] == 1;
    EXPECT_EQ(row["labels"][i], labelled ? ids[i] : -100);
    EXPECT_EQ(mask_of_spans[i], row["label_mask"][i].get<int>()) << i;
    EXPECT_EQ(row["pieces"][i], tokenizer->piece(ids[i]));
    if (labelled) learnt.push_back(ids[i]);
  }
  EXPECT_EQ(tokenizer->decode(learnt, false), "Here, on the sea.<|end|>");
  EXPECT_EQ(row["spans"].back()["reason"], "end_of_turn");

  EXPECT_EQ(audit(folder / "train.jsonl", {"--rows", ":1"})["rows_shown"].size(), 2u);
  EXPECT_EQ(audit(folder / "train.jsonl", {"--rows", "1:"})["rows_shown"].size(), 2u);
  const Outcome text = run_cli({"data", "--model", kModel, "--data", folder / "train.jsonl", "--rows", "0"});
  EXPECT_EQ(text.status, 0);
  EXPECT_NE(text.out.find("row 0: "), std::string::npos) << text.out;
}

TEST(CliData, PointsOutToolCallsThatTheTemplateLeavesOut) {
  const TempFolder folder;
  const json call = {{"id", "1"}, {"type", "function"}, {"function", {{"name", "e"}, {"arguments", "{}"}}}};
  const json row = {{"messages",
                     {{{"role", "user"}, {"content", "a"}},
                      {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", json::array({call})}},
                      {{"role", "tool"}, {"content", "3"}},
                      {{"role", "assistant"}, {"content", "three"}}}}};
  write_all(folder / "tool.jsonl", row.dump() + "\n{\"messages\": []}\n");
  const json report =
      audit(folder / "tool.jsonl", {"--assistant-only-loss", "--chat-template", "chatml", "--rows", "0:1"});
  EXPECT_EQ(report["tool_calls_not_rendered"], 1);
  EXPECT_EQ(report["without_labels_by_reason"]["empty"], 1);
  EXPECT_EQ(report["without_labels_by_reason"]["no_assistant_turn"], 0);
  EXPECT_NE(report["notes"].dump().find("tool_calls"), std::string::npos) << report["notes"];
  bool shown = false;
  for (const json& span : report["rows_shown"][0]["spans"]) {
    if (span["reason"] != "tool_call_not_rendered") continue;
    shown = true;
    EXPECT_EQ(span["labelled"], false);
  }
  EXPECT_TRUE(shown);
}

TEST(CliData, TakesColumnsTemplatesAndMarkers) {
  const TempFolder folder;
  write_all(folder / "pairs.csv", "q,a\nWhy?,Because.\n");
  const json pairs = audit(folder / "pairs.csv", {"--columns", R"({"prompt": "q", "completion": "a"})", "--format",
                                                  "prompt_completion", "--completion-only-loss", "--rows", "0"});
  EXPECT_EQ(pairs["format"], "prompt_completion");
  EXPECT_EQ(pairs["rows_shown"][0]["spans"].back()["reason"], "end_of_turn");

  // ChatML's markers are no tokens of this model, so that nothing ends a turn.
  write_all(folder / "chat.jsonl", chat_row("Who?", "Me."));
  const json chatml = audit(folder / "chat.jsonl", {"--chat-template", "chatml"});
  EXPECT_EQ(chatml["chat_template"], "chatml");
  EXPECT_EQ(chatml["unclosed_turns"], 1);

  // A template that shows no turns, as each of its renderings counts the messages.
  write_all(folder / "counting.jinja",
            "{{ messages | length }}{% for m in messages %}{{ '<|user|>' if m.role == 'user' else '<|assistant|>' }}"
            "{{ m.content | upper | length }}{{ m.content | reverse }}<|end|>{% endfor %}");
  const std::vector<std::string> counting = {"--chat-template", folder / "counting.jinja", "--assistant-only-loss"};
  std::vector<std::string> failing = {"data", "--model", kModel, "--data", folder / "chat.jsonl", "--json"};
  failing.insert(failing.end(), counting.begin(), counting.end());
  const Outcome refused = run_cli(failing);
  expect_one_error(refused);
  EXPECT_NE(refused.err.find("response_part"), std::string::npos) << refused.err;
  std::vector<std::string> marked = counting;
  for (const char* more : {"--instruction-part", "<|user|>", "--response-part", "<|assistant|>", "--rows", "0"})
    marked.emplace_back(more);
  const json row = audit(folder / "chat.jsonl", marked)["rows_shown"][0];
  std::string learnt;
  for (std::size_t i = 0; i < row["pieces"].size(); ++i) {
    if (row["label_mask"][i] == 1) learnt += row["pieces"][i].get<std::string>();
  }
  EXPECT_EQ(learnt, "3.eM<|end|>");
}

TEST(CliData, RefusesWhatItCannotRead) {
  const TempFolder folder;
  write_all(folder / "chat.jsonl", chat_row("Who?", "Me."));
  const auto refused = [&](std::vector<std::string> more, int status = 1) {
    std::vector<std::string> command = {"data", "--model", kModel, "--data", folder / "chat.jsonl", "--json"};
    command.insert(command.end(), more.begin(), more.end());
    const Outcome outcome = run_cli(command);
    expect_one_error(outcome, status);
    return outcome.err;
  };
  EXPECT_NE(refused({"--chat-template", "chatm"}).find("chatml"), std::string::npos);
  EXPECT_NE(refused({"--columns", "[1]"}, 2).find("expected an object"), std::string::npos);
  EXPECT_NE(refused({"--columns", "{\"text\": 1}"}, 2).find("text: got a JSON number"), std::string::npos);
  EXPECT_NE(refused({"--columns", R"({"text": "a", "text": "b"})"}, 2).find("text: got it twice"), std::string::npos);
  EXPECT_NE(refused({"--columns", "{text"}, 2).find("not JSON"), std::string::npos);
  EXPECT_NE(refused({"--format", "bogus"}, 2).find("alpaca"), std::string::npos);
  EXPECT_NE(refused({"--columns", "{\"massages\": \"q\"}"}).find("messages"), std::string::npos);
  EXPECT_NE(refused({"--rows", "5:9"}).find("1 rows"), std::string::npos);
  EXPECT_NE(refused({"--response-part", "A:"}).find("assistant_only_loss"), std::string::npos);
  EXPECT_NE(refused({"--eval-data", folder / "none.jsonl"}).find("no such data file"), std::string::npos);
  // The flag's name, not the run file's.
  write_all(folder / "unknown.jsonl", "{\"q\": \"a\"}\n");
  const Outcome unknown = run_cli({"data", "--model", kModel, "--data", folder / "unknown.jsonl"});
  expect_one_error(unknown);
  EXPECT_NE(unknown.err.find("--columns can map names"), std::string::npos) << unknown.err;
  EXPECT_EQ(unknown.err.find("dataset.columns"), std::string::npos) << unknown.err;
  write_all(folder / "none.jsonl", "");
  const Outcome none = run_cli({"data", "--model", kModel, "--data", folder / "none.jsonl", "--json"});
  expect_one_error(none);
  EXPECT_NE(none.err.find("no rows"), std::string::npos) << none.err;
  fs::remove(folder / "none.jsonl");
  refused({"--rows", "b"}, 2);
  refused({"--max-length", "0"}, 2);
}

TEST(CliData, ReadsRealFiles) {
  const fs::path shared = VERNIER_SHARED_DIR;
  if (!fs::exists(shared / "datasets" / "gsm8k_test.jsonl")) GTEST_SKIP() << "missing: datasets/gsm8k_test.jsonl";
  // Rows counted by other means: lines, list entries, Self-Instruct's instances (one a task), and the answers in the
  // tree that no other answer follows.
  const std::vector<std::tuple<std::string, std::string, std::int64_t>> files = {
      {"gsm8k_test.jsonl", "question_answer", 1319},
      {"identity_alpaca.json", "alpaca", 91},
      {"self_instruct_user_oriented.jsonl", "alpaca", 252},
      {"oasst_seed_tree.json", "oasst", 158},
      {"wikisql_text.jsonl", "text", 1000},
      {"chat_tiny.json", "sharegpt", 1}};
  for (const auto& [name, format, rows] : files) {
    const json report = audit((shared / "datasets" / name).string(), {"--max-length", "4096"});
    EXPECT_EQ(report["format"], format) << name;
    EXPECT_EQ(report["rows"], rows) << name;
    EXPECT_EQ(report["rows_without_labels"], 0) << name;
    EXPECT_GT(report["tokens"], 20 * rows) << name;
  }
}

}  // namespace
}  // namespace vernier::golden
