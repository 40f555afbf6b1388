// Where output goes: never over what is read, never into a stream that is closed; and what a signal leaves behind.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/golden/golden_case.h"
#include "tests/golden/program.h"

namespace vernier::golden {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class CliOutput : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path source = find_case("llama");
    ASSERT_FALSE(source.empty());
    model_ = temp_.path() / "model";
    fs::copy(source, model_, fs::copy_options::recursive);
    fs::copy(source / "batch.json", temp_.path() / "batch.json");
  }

  std::vector<std::string> forward(const std::string& out) const {
    return {"forward",
            "--device",
            "cpu",
            "--model",
            model_.string(),
            "--adapter",
            (model_ / "adapter").string(),
            "--batch",
            temp_ / "batch.json",
            "--out",
            out};
  }
  std::vector<std::string> export_to(const std::string& format, const std::string& out) const {
    return {"export",   "--device", "cpu",   "--model", model_.string(), "--adapter", (model_ / "adapter").string(),
            "--format", format,     "--out", out};
  }
  std::vector<std::string> endless_run(const std::string& out) {
    write_all(temp_.path() / "run.json", json{{"model_name_or_path", model_.string()},
                                              {"batch", temp_ / "batch.json"},
                                              {"max_steps", 1000000},
                                              {"lora", {{"r", 4}}}}
                                             .dump());
    return {"train", "--config", temp_ / "run.json", "--out", out, "--device", "cpu", "--json"};
  }

  // One sentence that names `named`, with everything as it was.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& named) const {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const auto before = listing(temp_.path());
    const std::string weights = read_all(model_ / "model.safetensors");
    const std::string batch = read_all(temp_ / "batch.json");
    const Outcome outcome = run_cli(arguments);
    expect_one_error(outcome);
    EXPECT_NE(outcome.err.find(named), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find(".tmp-"), std::string::npos) << outcome.err;
    EXPECT_EQ(listing(temp_.path()), before);
    EXPECT_EQ(read_all(model_ / "model.safetensors"), weights);
    EXPECT_EQ(read_all(temp_ / "batch.json"), batch);
  }

  TempFolder temp_;
  fs::path model_;
};

TEST_F(CliOutput, NothingThatIsReadIsWrittenOver) {
  fs::create_symlink(model_ / "model.safetensors", temp_.path() / "link");
  fs::create_directory_symlink(model_, temp_.path() / "same");
  for (const std::string out : {model_ / "model.safetensors", model_ / "adapter/new.safetensors", model_ / "new/out",
                                temp_.path() / "batch.json", temp_.path() / "link", temp_.path() / "same/new"}) {
    expect_refused(forward(out), "which is read");
    if (!out.ends_with("batch.json")) expect_refused(export_to("merged", out), "which is read");
    if (!out.ends_with("batch.json")) expect_refused(export_to("gguf", out), "which is read");
  }
  write_all(temp_.path() / "mine.gguf", "mine");
  expect_refused(export_to("gguf", temp_ / "mine.gguf"), "mine.gguf] cannot write: the file is there");
  expect_refused(endless_run(model_.string()), "which is read");
}

TEST_F(CliOutput, ARunsOwnFilesAreNotWrittenOver) {
  std::vector<std::string> run = endless_run(temp_ / "run");
  run.insert(run.end(), {"--max-steps", "2"});
  ASSERT_EQ(run_cli(run).status, 0);
  fs::create_directory_symlink(temp_ / "run", temp_.path() / "same");
  const std::string store = read_all(temp_ / "run/run.db");
  for (const std::string out :
       {"run/run.db", "run/run.json", "run/log.txt", "run/.lock", "run/run.db-wal", "run/adapter/film.html",
        "run/checkpoints/step-2/trainer_state.json", "run/model/film.html", "same/run.db", "run/../same/run.json"}) {
    expect_refused({"runs", temp_ / "run", "--film", temp_ / out}, "which is read");
    expect_refused(forward(temp_ / out), "which is read");
  }
  EXPECT_EQ(read_all(temp_ / "run/run.db"), store);
  EXPECT_EQ(run_cli({"runs", temp_ / "run", "--film", temp_ / "run/film.html"}).status, 0);
}

TEST_F(CliOutput, ARunGoesOnlyIntoANewOrEmptyFolder) {
  // What is trained lies where the run would put its result.
  fs::create_directory(temp_.path() / "mine");
  fs::copy(model_, temp_.path() / "mine/model", fs::copy_options::recursive);
  const std::string weights = read_all(temp_ / "mine/model/model.safetensors");
  std::vector<std::string> train = endless_run(temp_ / "mine");
  json config = json::parse(read_all(temp_ / "run.json"));
  config["model_name_or_path"] = temp_ / "mine/model";
  config["method"] = "full";
  config["max_steps"] = 1;
  config.erase("lora");
  write_all(temp_.path() / "run.json", config.dump());
  expect_refused(train, "the model of an earlier run, expected a new or empty one");
  EXPECT_EQ(read_all(temp_ / "mine/model/model.safetensors"), weights);

  config["model_name_or_path"] = model_.string();
  write_all(temp_.path() / "run.json", config.dump());
  fs::rename(temp_.path() / "mine/model", temp_.path() / "away");
  for (const char* name : {"thesis.txt", "log.txt", "model"}) {
    write_all(temp_.path() / "mine" / name, "mine");
    expect_refused(train, std::string(name) + (name == std::string("thesis.txt") ? " in it" : " of an earlier run"));
    fs::remove(temp_.path() / "mine" / name);
  }
  expect_refused(endless_run("/"), "expected a new or empty one");
  endless_run(temp_ / "mine");
  write_all(temp_.path() / "run.json", config.dump());
  const Outcome outcome = run_cli(train);  // it is empty now
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(CliOutput, APipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((temp_ / "pipe").c_str(), 0600), 0);
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"template", "--template", temp_ / "pipe", "--context", temp_ / "batch.json"},
           {"train", "--config", temp_ / "pipe", "--out", temp_ / "run"},
           {"parity", "--model", model_.string(), "--batch", temp_ / "pipe"}}) {
    expect_refused(arguments, "pipe] got a pipe or a device, expected a regular file");
  }
  if (const fs::path with_tokenizer = find_case("stories260k"); !with_tokenizer.empty()) {
    expect_refused({"tokenize", "--model", with_tokenizer.string(), "--file", temp_ / "pipe"}, "got a pipe");
    expect_refused(
        {"generate", "--model", with_tokenizer.string(), "--messages", temp_ / "pipe", "--max-new-tokens", "1"},
        "got a pipe");
  }
  std::vector<std::string> run = endless_run(temp_ / "run");
  run.insert(run.end(), {"--max-steps", "1"});
  ASSERT_EQ(run_cli(run).status, 0);
  for (const char* name : {"log.txt", "run.json"}) {
    fs::rename(temp_.path() / "run" / name, temp_.path() / "away");
    ASSERT_EQ(::mkfifo((temp_.path() / "run" / name).c_str(), 0600), 0);
    expect_refused({"train", "--resume", temp_ / "run", "--device", "cpu"}, std::string(name) + "] got a pipe");
    fs::remove(temp_.path() / "run" / name);
    fs::rename(temp_.path() / "away", temp_.path() / "run" / name);
  }
}

TEST_F(CliOutput, AnEmptyPathIsWrongUsage) {
  const std::string model = model_.string();
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"runs", ""},
           {"runs", temp_ / "run", "--film", ""},
           {"train", "--config", ""},
           {"train", "--resume", ""},
           {"train", "--config", temp_ / "run.json", "--out", ""},
           {"demo", "--out", ""},
           {"forward", "--model", model, "--batch", temp_ / "batch.json", "--out", ""},
           {"forward", "--model", "", "--batch", temp_ / "batch.json", "--out", "x"},
           {"export", "--model", model, "--adapter", "", "--format", "merged", "--out", temp_ / "out"},
           {"generate", "--model", model, "--adapter", "", "--input-ids", "[1]", "--max-new-tokens", "1"},
           {"data", "--model", model, "--data", ""},
           {"bench", "--shape", ""}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const Outcome outcome = run_cli(arguments);
    expect_one_error(outcome, 2);
    EXPECT_NE(outcome.err.find("got an empty value, expected a path"), std::string::npos) << outcome.err;
  }
}

TEST_F(CliOutput, AVeryLongPathIsOneReadableSentence) {
  const std::string name = "/tmp/head" + std::string(4000, 'x') + "tail";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{endless_run(name),
                                             forward(name),
                                             export_to("merged", name),
                                             export_to("gguf", name),
                                             {"demo", "--device", "cpu", "--out", name},
                                             {"train", "--resume", name},
                                             {"runs", name},
                                             {"train", "--config", name},
                                             {"bench", "--shape", name, "--device", "cpu"}}) {
    const Outcome outcome = run_cli(arguments);
    SCOPED_TRACE(outcome.err);
    expect_one_error(outcome);
    EXPECT_EQ(outcome.err.find("internal"), std::string::npos);
    EXPECT_EQ(outcome.err.find("filesystem error"), std::string::npos);
    EXPECT_LT(outcome.err.size(), 1200u);
    EXPECT_NE(outcome.err.find("/tmp/head"), std::string::npos);
    EXPECT_NE(outcome.err.find("tail"), std::string::npos);
  }
}

TEST_F(CliOutput, AReaderThatLeavesIsNoError) {
  std::vector<std::string> run = endless_run(temp_ / "run");
  run.insert(run.end(), {"--max-steps", "2"});
  ASSERT_EQ(run_cli(run).status, 0);
  std::vector<std::string> command = {
      "bash", "-c",
      "trap '' PIPE; \"$0\" \"$@\" | true; for i in 1 2 3; do \"$0\" \"$@\" | head -c 1 >/dev/null; done; "
      "{ sleep 1; \"$0\" \"$@\"; } | true; echo ${PIPESTATUS[0]}"};
  const std::vector<std::string> arguments = cli_command({"runs", temp_ / "run", "--json"});
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Outcome outcome = Program(command).wait();
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, "141\n");
}

TEST_F(CliOutput, AFileInPlaceOfAFolderIsCalledOne) {
  write_all(temp_ / "file", "x");
  expect_refused({"generate", "--model", temp_ / "file", "--input-ids", "[1]", "--max-new-tokens", "1"},
                 "file] got a file, expected a Hugging Face checkpoint folder");
  expect_refused({"generate", "--model", model_.string(), "--adapter", temp_ / "file", "--input-ids", "[1]",
                  "--max-new-tokens", "1"},
                 "file] got a file, expected the folder of a PEFT adapter");
}

TEST_F(CliOutput, ACheckpointThatCannotBeWrittenIsCalledByItsName) {
  std::vector<std::string> command = {"sh", "-c", "ulimit -f 800; exec \"$0\" \"$@\""};
  std::vector<std::string> arguments = cli_command(endless_run(temp_ / "run"));
  json config = json::parse(read_all(temp_ / "run.json"));
  config["save_steps"] = 1;
  config["method"] = "full";  // whose optimizer is larger than all that is written before it
  config.erase("lora");
  write_all(temp_.path() / "run.json", config.dump());
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Outcome outcome = Program(command).wait();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err.find(".tmp-"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("checkpoints/step-1/optimizer.safetensors] cannot write"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("Nothing was saved before. What was learnt until step 1 is written, but cannot be resumed "
                             "from"),
            std::string::npos)
      << outcome.err;
}

TEST_F(CliOutput, APipeIsNotReplaced) {
  ASSERT_EQ(::mkfifo((temp_ / "pipe").c_str(), 0600), 0);
  expect_refused(forward(temp_ / "pipe"), "pipe] cannot write");
  expect_refused(export_to("merged", temp_ / "pipe"), "pipe] cannot write");
  expect_refused(export_to("gguf", temp_ / "pipe"), "pipe] cannot write");
  EXPECT_TRUE(fs::is_fifo(temp_.path() / "pipe"));
}

TEST_F(CliOutput, FoldersOnTheWayAreMadeAndGoWithAFailure) {
  EXPECT_EQ(run_cli(forward(temp_ / "deep/er/out.safetensors")).status, 0);
  EXPECT_TRUE(fs::exists(temp_ / "deep/er/out.safetensors"));
  EXPECT_EQ(run_cli(export_to("merged", temp_ / "deep/merged/")).status, 0);
  EXPECT_TRUE(fs::exists(temp_ / "deep/merged/config.json"));
  expect_refused(export_to("gguf", temp_ / "deep/gguf/"), "a folder");
  expect_refused(forward(temp_ / "deep/new/"), "a folder");
  // A file size limit stands for a full disk.
  for (const char* format : {"merged", "gguf", "adapter", "forward"}) {
    const std::string out = temp_ / "one/two/three";
    std::vector<std::string> command = {"sh", "-c", "ulimit -f 20; exec \"$0\" \"$@\""};
    const std::vector<std::string> arguments =
        cli_command(format == std::string("forward") ? forward(out) : export_to(format, out));
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Outcome outcome = Program(command).wait();
    expect_one_error(outcome);
    EXPECT_NE(outcome.err.find("File too large"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("one/two/three"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find(".tmp-"), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(temp_ / "one")) << format;
  }
}

TEST_F(CliOutput, DamagedWeightsAreNotExported) {
  std::string bytes = read_all(model_ / "adapter/adapter_model.safetensors");
  bytes.replace(bytes.size() - 4, 4, "\xff\xff\xff\xff");
  write_all(model_ / "adapter/adapter_model.safetensors", bytes);
  for (const char* format : {"merged", "gguf", "adapter"}) {
    expect_refused(export_to(format, temp_ / "out"), "adapter_model.safetensors: base_model.model.");
  }
}

TEST_F(CliOutput, AClosedStreamTakesNothing) {
  for (const std::string closed : {">&-", "2>&-", ">&- 2>&- <&-"}) {
    SCOPED_TRACE(closed);
    const std::string out = temp_ / ("run" + std::to_string(closed.size()));
    std::vector<std::string> command = {"sh", "-c", "\"$0\" \"$@\" " + closed};
    std::vector<std::string> arguments = cli_command(endless_run(out));
    arguments.insert(arguments.end(), {"--max-steps", "3"});
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Outcome outcome = Program(command).wait();
    EXPECT_EQ(outcome.status, closed == "2>&-" ? 0 : 1) << outcome.err;
    for (const char* file : {".lock", "run.json", "log.txt"}) {
      const std::string text = fs::exists(fs::path(out) / file) ? read_all(fs::path(out) / file) : "";
      EXPECT_EQ(text.find("mean_token_accuracy"), std::string::npos) << file << text;
    }
    EXPECT_EQ(run_cli({"runs", out, "--json"}).status, 0);
  }
}

// What takes long and has nothing to save does not keep whoever interrupts it waiting.
TEST_F(CliOutput, AnInterruptedPassEndsAtOnceAndLeavesNothing) {
  const std::string model = std::string(VERNIER_SOURCE_DIR) + "/resources/demo/model";
  std::vector<int> row;
  for (int t = 0; t < 500; ++t) row.push_back(4 + t);
  write_all(temp_ / "large.json", json{{"input_ids", std::vector(40, row)}}.dump());
  std::string text;
  for (int line = 0; line < 250'000; ++line) text += "the captain of ship " + std::to_string(line) + " says so\n";
  write_all(temp_ / "large.txt", text);
  const auto before = listing(temp_.path());
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"parity", "--device", "cpu", "--model", model, "--batch", temp_ / "large.json"},
           {"forward", "--device", "cpu", "--model", model, "--batch", temp_ / "large.json", "--hidden-states",
            "--gradients", "per_token", "--out", temp_ / "out.safetensors"},
           {"tokenize", "--model", model, "--file", temp_ / "large.txt"}}) {
    Program program(cli_command(arguments));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    program.send(SIGINT);
    const auto asked = std::chrono::steady_clock::now();
    const Outcome outcome = program.wait();
    EXPECT_EQ(outcome.status, 130) << arguments.front() << ": " << outcome.err;
    EXPECT_EQ(outcome.out, "") << arguments.front();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(5)) << arguments.front();
    EXPECT_EQ(listing(temp_.path()), before) << arguments.front();
  }
}

TEST_F(CliOutput, RepeatedSignalsAndAHangupAreSavedToo) {
  int n = 0;
  for (const std::vector<int>& signals :
       {std::vector{SIGINT, SIGINT, SIGINT}, std::vector{SIGINT, SIGTERM}, std::vector{SIGHUP}}) {
    const std::string out = temp_ / ("run" + std::to_string(++n));
    Program program(cli_command(endless_run(out)));
    ASSERT_TRUE(program.wait_for_lines(2)) << program.wait().err;
    for (const int signal : signals) {
      program.send(signal);
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    const Outcome outcome = program.wait();
    EXPECT_EQ(outcome.status, 130) << outcome.err;
    const auto last = outcome.json_lines().back().at("step").get<std::int64_t>();
    EXPECT_TRUE(fs::exists(fs::path(out) / "checkpoints" / ("step-" + std::to_string(last)))) << outcome.err;
  }
}

}  // namespace
}  // namespace vernier::golden
