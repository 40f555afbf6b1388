// Bad input: one sentence, exit 1, nothing left behind. Wrong usage: one line, exit 2.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/golden/golden_case.h"
#include "tests/golden/program.h"

namespace vernier::golden {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class CliBadInput : public testing::Test {
 protected:
  void SetUp() override {
    source_ = find_case("llama");
    ASSERT_FALSE(source_.empty());
    model_ = temp_.path() / "model";
    fs::copy(source_, model_, fs::copy_options::recursive);
    batch_ = json::parse(read_all(source_ / "batch.json"));
  }

  std::string write(const std::string& name, const json& value) {
    write_all(temp_.path() / name, value.dump());
    return temp_ / name;
  }

  std::vector<std::string> forward(const std::string& batch) const {
    return {"forward",
            "--model",
            model_.string(),
            "--adapter",
            (model_ / "adapter").string(),
            "--batch",
            batch,
            "--out",
            temp_ / "out.safetensors",
            "--device",
            "cpu"};
  }
  std::vector<std::string> forward() const { return forward((model_ / "batch.json").string()); }

  json run() const {
    return {{"model_name_or_path", model_.string()},
            {"batch", (model_ / "batch.json").string()},
            {"max_steps", 20},
            {"lr_scheduler_type", "constant"},
            {"max_grad_norm", 0},
            {"lora", {{"r", 4}}}};
  }
  std::vector<std::string> train(const json& config, const std::string& out) {
    return {"train", "--config", write("run.json", config), "--out", out, "--device", "cpu", "--json"};
  }
  std::vector<std::string> train(const json& config) { return train(config, temp_ / "run"); }

  // The one sentence, of which `says` is a part; the folder is as it was.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& says = "") const {
    const auto before = listing(temp_.path());
    const Outcome outcome = run_cli(arguments);
    expect_one_error(outcome);
    EXPECT_NE(outcome.err.find(says), std::string::npos) << "expected \"" << says << "\" in: " << outcome.err;
    EXPECT_EQ(listing(temp_.path()), before);
  }
  void expect_both_refuse(const std::string& says = "") {
    const std::vector<std::string> training = train(run());
    expect_refused(forward(), says);
    expect_refused(training, says);
  }

  TempFolder temp_;
  fs::path source_;
  fs::path model_;
  json batch_;
};

TEST_F(CliBadInput, TheGoodCaseIsGood) {
  EXPECT_EQ(run_cli(forward()).status, 0);
  const Outcome outcome = run_cli(train(run()));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(CliBadInput, MissingModelOrWeights) {
  fs::remove(model_ / "model.safetensors");
  expect_both_refuse("model.safetensors");
  fs::remove(model_ / "config.json");
  expect_both_refuse("config.json");
  fs::remove_all(model_);
  expect_refused({"forward", "--model", model_.string(), "--batch", (source_ / "batch.json").string(), "--out",
                  temp_ / "out.safetensors"});
}

TEST_F(CliBadInput, TruncatedWeights) {
  const std::string whole = read_all(model_ / "model.safetensors");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{200}, whole.size() / 2, whole.size() - 1}) {
    write_all(model_ / "model.safetensors", whole.substr(0, size));
    expect_both_refuse("model.safetensors");
  }
}

TEST_F(CliBadInput, AShardThatIsMissing) {
  fs::remove_all(model_);
  fs::copy(find_case("llama-bf16-sharded"), model_, fs::copy_options::recursive);
  fs::remove(model_ / "model-00003-of-00004.safetensors");
  expect_both_refuse("model-00003-of-00004.safetensors");
}

TEST_F(CliBadInput, ForeignAndHostileFilesInPlaceOfTheWeights) {
  const fs::path folder = fs::path(VERNIER_SHARED_DIR) / "safetensors";
  if (!fs::exists(folder)) GTEST_SKIP() << "no reference files in " << folder;
  std::size_t tried = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".safetensors") continue;
    SCOPED_TRACE(entry.path().filename().string());
    write_all(model_ / "model.safetensors", read_all(entry.path()));
    expect_both_refuse();
    ++tried;
  }
  EXPECT_GE(tried, 18U);
}

TEST_F(CliBadInput, WrongShapes) {
  json config = json::parse(read_all(model_ / "config.json"));
  config["intermediate_size"] = config.at("intermediate_size").get<int>() - 1;
  write_all(model_ / "config.json", config.dump());
  expect_both_refuse("shape");
}

TEST_F(CliBadInput, AnAdapterOfAnotherModel) {
  fs::remove_all(model_ / "adapter");
  const fs::path other = find_case("stories260k");
  if (other.empty()) GTEST_SKIP() << "no reference case stories260k";
  fs::copy(other / "adapter", model_ / "adapter", fs::copy_options::recursive);
  expect_refused(forward());
  json config = run();
  config.erase("lora");
  config["adapter_name_or_path"] = (model_ / "adapter").string();
  expect_refused(train(config));
}

// Nothing is refused, but every command that uses the weights says it, and says it once.
TEST_F(CliBadInput, AHeadOfItsOwnThatConfigCallsTied) {
  fs::remove_all(model_);
  fs::copy(find_case("dynamic"), model_, fs::copy_options::recursive);
  json config = json::parse(read_all(model_ / "config.json"));
  ASSERT_EQ(config.at("tie_word_embeddings"), false);
  config["tie_word_embeddings"] = true;
  write_all(model_ / "config.json", config.dump());
  const auto exported = [&](const std::string& format) {
    return std::vector<std::string>{
        "export", "--model", model_.string(),          "--adapter", (model_ / "adapter").string(), "--format",
        format,   "--out",   temp_ / (format + ".out")};
  };
  std::vector<std::string> planned = exported("gguf");
  planned.emplace_back("--dry-run");
  for (const std::vector<std::string>& arguments :
       {forward(),
        std::vector<std::string>{"generate", "--model", model_.string(), "--input-ids", "[1, 2]", "--max-new-tokens",
                                 "2"},
        std::vector<std::string>{"parity", "--model", model_.string(), "--batch", (model_ / "batch.json").string()},
        train(run()), planned, exported("adapter"), exported("merged"), exported("gguf")}) {
    const Outcome outcome = run_cli(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const std::string note = "warning: config.json ties the output head to the embedding, but the weights hold a";
    const std::size_t at = outcome.err.find(note);
    EXPECT_NE(at, std::string::npos) << arguments.front() << ": " << outcome.err;
    EXPECT_EQ(outcome.err.find(note, at + 1), std::string::npos) << arguments.front() << ": " << outcome.err;
  }
}

TEST_F(CliBadInput, TokenIdsOutOfRange) {
  for (const std::int64_t id : {std::int64_t{-1}, std::int64_t{160}, std::int64_t{1} << 40}) {
    json batch = batch_;
    batch["input_ids"][1][2] = id;
    const std::string path = write("batch.json", batch);
    expect_refused(forward(path), std::to_string(id));
    json config = run();
    config["batch"] = path;
    expect_refused(train(config), std::to_string(id));
  }
  expect_refused({"generate", "--model", model_.string(), "--input-ids", "[1, 160]", "--max-new-tokens", "4"}, "160");
  expect_refused({"generate", "--model", model_.string(), "--input-ids", "[]", "--max-new-tokens", "4"});
  expect_refused({"generate", "--model", model_.string(), "--input-ids", "[1,", "--max-new-tokens", "4"});
  expect_refused({"generate", "--model", model_.string(), "--prompt", "text", "--max-new-tokens", "4"}, "tokenizer");
}

TEST_F(CliBadInput, MoreTokensThanFitAndNoMessages) {
  expect_refused({"generate", "--model", model_.string(), "--input-ids", "[1]", "--max-new-tokens", "99999999999"},
                 "max_new_tokens: got 99999999999, expected 0 to");
  const fs::path with_tokenizer = find_case("stories260k");
  if (with_tokenizer.empty()) GTEST_SKIP() << "no reference case stories260k";
  expect_refused({"generate", "--model", with_tokenizer.string(), "--messages", write("none.json", json::array()),
                  "--max-new-tokens", "4"},
                 "an empty list");
}

TEST_F(CliBadInput, ControlCharactersOfTheInputStayThere) {
  json config = run();
  config["\u001b[31mred\u009b"] = 1;
  expect_refused(train(config), "\\u001b[31mred\\u009b");
}

TEST_F(CliBadInput, ADemoThatHasNoPlaceIsNotShown) {
  write_all(temp_ / "file", "text");
  expect_refused({"demo", "--device", "cpu", "--out", temp_ / "file"}, "file");
  const std::string bundled = std::string(VERNIER_SOURCE_DIR) + "/resources/demo/model";
  expect_refused({"demo", "--device", "cpu", "--out", bundled + "/run"}, "which is read");
}

TEST_F(CliBadInput, ARunOfEveryWeightIsNoAdapter) {
  json config = run();
  config.erase("lora");
  config["method"] = "full";
  config["max_steps"] = 1;
  ASSERT_EQ(run_cli(train(config)).status, 0);
  expect_refused(
      {"export", "--model", model_.string(), "--adapter", temp_ / "run", "--format", "merged", "--out", temp_ / "out"},
      "run/model");
  expect_refused({"generate", "--model", model_.string(), "--adapter", temp_ / "run", "--input-ids", "[1]",
                  "--max-new-tokens", "1"},
                 "run/model");
  std::vector<std::string> pass = forward();
  *(std::ranges::find(pass, "--adapter") + 1) = temp_ / "run";
  expect_refused(pass, "run/model");
}

TEST_F(CliBadInput, BatchFiles) {
  expect_refused(forward(temp_ / "missing.json"), "missing.json");
  write_all(temp_ / "batch.json", "{\"input_ids\": [[1, 2]");
  expect_refused(forward(temp_ / "batch.json"), "JSON");
  expect_refused(forward(write("batch.json", json::object())), "input_ids");
  expect_refused(forward(write("batch.json", {{"input_ids", json::array()}})), "input_ids");
  expect_refused(forward(write("batch.json", {{"input_ids", {{1, 2}, {3}}}})), "input_ids");
  json batch = batch_;
  batch["lengths"][0] = 1000;
  expect_refused(forward(write("batch.json", batch)), "lengths");
}

TEST_F(CliBadInput, LogitsPastTheRows) {
  std::vector<std::string> arguments = forward();
  arguments.insert(arguments.end(), {"--logits-to-keep", "0,1000"});
  expect_refused(arguments, "1000");
}

TEST_F(CliBadInput, NoLabels) {
  json batch = batch_;
  for (json& row : batch["labels"]) {
    for (json& label : row) label = -100;
  }
  json config = run();
  config["batch"] = write("batch.json", batch);
  expect_refused(train(config), "label");
  expect_refused(forward(temp_ / "batch.json"), "label");
  expect_refused({"parity", "--model", model_.string(), "--batch", temp_ / "batch.json"}, "label");
  // Labels that nobody gave are no mistake.
  write("batch.json", {{"input_ids", {{1}, {2}}}});
  EXPECT_EQ(run_cli(forward(temp_ / "batch.json")).status, 0);
}

TEST_F(CliBadInput, RunFiles) {
  json config = run();
  config["max_length"] = 0;
  expect_refused(train(config), "max_length");
  config = run();
  config["learning_rat"] = 1.0;
  expect_refused(train(config), "learning_rate");
  config = run();
  config["quantization"] = "nf5";
  expect_refused(train(config), "quantization");
  write_all(temp_ / "broken.json", "{");
  expect_refused({"train", "--config", temp_ / "broken.json", "--out", temp_ / "run"}, "JSON");
  expect_refused({"train", "--config", temp_ / "missing.json", "--out", temp_ / "run"}, "missing.json");
  expect_refused({"train", "--resume", temp_ / "missing"}, "missing");
  expect_refused({"runs", temp_ / "missing"}, "missing");
}

TEST_F(CliBadInput, ARunFolderThatIsThereOrCannotBe) {
  ASSERT_EQ(run_cli(train(run())).status, 0);
  expect_refused(train(run()), "run");
  write_all(temp_ / "file", "text");
  expect_refused(train(run(), temp_ / "file/run"));
  expect_refused(train(run(), "/proc/run"));
  if (::geteuid() != 0) {
    fs::create_directory(temp_.path() / "locked");
    fs::permissions(temp_.path() / "locked", fs::perms::owner_read | fs::perms::owner_exec);
    expect_refused(train(run(), temp_ / "locked/run"), "ermission");
  }
}

TEST_F(CliBadInput, ALossThatIsNoNumber) {
  // One embedding is NaN: the first step already has no loss.
  const SafetensorsFile weights(source_ / "model.safetensors");
  std::string bytes = read_all(model_ / "model.safetensors");
  const TensorInfo& table = weights.at("model.embed_tokens.weight");
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto begin = static_cast<std::size_t>(table.bytes.data() - weights.tensors().front().bytes.data()) + 8 + header;
  const std::size_t row = static_cast<std::size_t>(table.shape[1]) * sizeof(float);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + begin + batch_["input_ids"][0][0].get<std::size_t>() * row, &nan, sizeof nan);
  write_all(model_ / "model.safetensors", bytes);
  const Outcome outcome = run_cli(train(run()));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_NE(outcome.err.find("step 1"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("sequence"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("-nan"), std::string::npos) << outcome.err;
  const Outcome pass = run_cli(forward());
  EXPECT_EQ(pass.status, 0) << pass.err;
  EXPECT_NE(pass.err.find("warning: [logits]"), std::string::npos) << pass.err;
  EXPECT_NE(pass.err.find("model.embed_tokens.weight holds nan"), std::string::npos) << pass.err;
  EXPECT_EQ(pass.out.find("-nan"), std::string::npos) << pass.out;
}

TEST_F(CliBadInput, ALossThatBecomesNoNumberKeepsTheLastGoodCheckpoint) {
  json config = run();
  config["learning_rate"] = 1e-3;
  config["save_steps"] = 2;
  config["max_steps"] = 4;
  ASSERT_EQ(run_cli(train(config)).status, 0);
  // Goes on with a rate that no weight survives: the run's own settings are changed in its folder.
  json stored = json::parse(read_all(temp_.path() / "run" / "run.json"));
  stored["learning_rate"] = 1e38;
  write_all(temp_.path() / "run" / "run.json", stored.dump());
  const auto before = listing(temp_.path() / "run" / "checkpoints");
  const std::string adapter = read_all(temp_.path() / "run" / "adapter" / "adapter_model.safetensors");
  const Outcome outcome = run_cli({"train", "--resume", temp_ / "run", "--max-steps", "10", "--device", "cpu"});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("step 6"), std::string::npos) << outcome.err;
  EXPECT_EQ(listing(temp_.path() / "run" / "checkpoints"), before);
  EXPECT_EQ(read_all(temp_.path() / "run" / "adapter" / "adapter_model.safetensors"), adapter);
  EXPECT_EQ(run_cli({"runs", temp_ / "run", "--json"}).status, 0);
}

// A disk of `kilobytes` in a mount namespace of its own; the command's $0 is the program, $1 the run file or batch.
Outcome run_on_small_disk(const fs::path& mount, int kilobytes, const std::string& command,
                          const std::vector<std::string>& arguments) {
  const std::string script = "mount -t tmpfs -o size=" + std::to_string(kilobytes) + "k none '" + mount.string() +
                             "' || exit 99\n" + command + "\nstatus=$?\nfind '" + mount.string() +
                             "' -mindepth 1 >&2\nexit $status\n";
  std::vector<std::string> all = {"unshare", "--map-root-user", "--mount", "sh", "-c", script, VERNIER_CLI};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return Program(all).wait();
}

TEST_F(CliBadInput, ADiskThatIsFull) {
  const fs::path mount = temp_.path() / "disk";
  fs::create_directory(mount);
  if (run_on_small_disk(mount, 100, "true", {}).status != 0) GTEST_SKIP() << "no small disk can be mounted here";
  const Outcome forward =
      run_on_small_disk(mount, 16,
                        "\"$0\" forward --model \"$1\" --batch \"$1/batch.json\" --device cpu --out '" +
                            (mount / "out.safetensors").string() + "'",
                        {model_.string()});
  expect_one_error(forward);
  EXPECT_NE(forward.err.find("disk"), std::string::npos) << forward.err;

  json config = run();
  config["save_steps"] = 1;
  config["save_total_limit"] = 1000;
  config["max_steps"] = 1000;
  const Outcome training = run_on_small_disk(
      mount, 2000, "\"$0\" train --config \"$1\" --device cpu --json --out '" + (mount / "run").string() + "'",
      {write("run.json", config)});
  EXPECT_EQ(training.status, 1) << training.err;
  EXPECT_EQ(training.err.find("error: ["), 0U) << training.err;
  // What is there is whole: checkpoints under their final names only.
  const std::string left = training.err.substr(training.err.find('\n') + 1);
  EXPECT_EQ(left.find(".tmp-"), std::string::npos) << left;
  EXPECT_NE(training.err.find("checkpoints/step-1"), std::string::npos) << training.err;
}

TEST_F(CliBadInput, WrongUsage) {
  const std::string model = model_.string();
  const std::vector<std::vector<std::string>> cases = {
      {},
      {"nonsense"},
      {"forward"},
      {"forward", "--model", model},
      {"forward", "--model", model, "--batch", "b", "--out", "o", "--mode", "fast"},
      {"forward", "--model", model, "--batch", "b", "--out", "o", "--dtype", "float8"},
      {"forward", "--model", model, "--batch", "b", "--out", "o", "--logits-to-keep", "0"},
      {"forward", "--model", model, "--batch", "b", "--out", "o", "--logits-to-keep", "1,x"},
      {"forward", "--model", model, "--batch", "b", "--out", "o", "--gradients", "both"},
      {"forward", "--model", model, "--batch", "b", "--out", "o", "--gradients", "per_token", "--mode", "decode"},
      {"train"},
      {"train", "--config", "a", "--resume", "b"},
      {"train", "--resume", "b", "--out", "c"},
      {"train", "--config", "a", "--max-steps", "0"},
      {"generate", "--model", model, "--max-new-tokens", "3"},
      {"generate", "--model", model, "--prompt", "a", "--input-ids", "[1]", "--max-new-tokens", "3"},
      {"generate", "--model", model, "--prompt", "a"},
      {"generate", "--model", model, "--prompt", "a", "--max-new-tokens", "0"},
      {"generate", "--model", model, "--prompt", "a", "--max-new-tokens", "3", "--temperature", "-1"},
      {"generate", "--model", model, "--prompt", "a", "--max-new-tokens", "3", "--top-p", "1.5"},
      {"tokenize", "--model", model},
      {"tokenize", "--model", model, "--text", "a", "--decode", "[1]"},
      {"parity", "--model", model},
      {"runs"},
      {"runs", "folder", "--steps", "5:3"},
      {"runs", "folder", "--steps", "a"},
      {"runs", "folder", "--worst", "0"},
      {"runs", "folder", "--csv", "--json"},
      {"bench"},
      {"bench", "--shape", "stories-15m", "--steps", "0"},
      {"bench", "--shape", "stories-15m", "--recompute", "some"},
      {"demo", "--fast"},
      {"nonsense", "--help"},
      {"forward", "--model", model, "--batch", "b", "--out", "o", "--logits-to-keep", ""},
      {"generate", "--model", model, "--prompt", "a", "--max-new-tokens", "3", "--top-p", "0"},
      {"generate", "--model", model, "--prompt", "a", "--max-new-tokens", "3", "--seed", "-1"},
      {"generate", "--model", model, "--prompt", "a", "--max-new-tokens", "3", "--seed", "99999999999999999999"},
      {"generate", "--model", model, "--prompt", "a", "--max-new-tokens", "99999999999999999999"},
      {"train", "--config", "a", "--max-steps", "99999999999999999999"},
  };
  for (const std::vector<std::string>& arguments : cases) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    expect_one_error(run_cli(arguments), 2);
  }
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"train", "--cofig", "a"}, {"generate", "--model", model, "--prompt", "a", "--max-new-token", "3"}}) {
    const Outcome outcome = run_cli(arguments);
    expect_one_error(outcome, 2);
    const std::string& misspelt = arguments[arguments.size() - 2];
    EXPECT_NE(outcome.err.find("was not expected: " + misspelt + ". See"), std::string::npos) << outcome.err;
  }
}

TEST_F(CliBadInput, HelpIsThereOnEveryLevel) {
  EXPECT_EQ(run_cli({"--version"}).status, 0);
  const Outcome help = run_cli({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"forward", "train", "generate", "tokenize", "parity", "runs", "bench", "demo"}) {
    EXPECT_NE(help.out.find(std::string("  ") + command), std::string::npos) << command;
    const Outcome outcome = run_cli({command, "--help"});
    EXPECT_EQ(outcome.status, 0) << command;
    EXPECT_EQ(outcome.err, "") << command;
    EXPECT_NE(outcome.out.find("--help"), std::string::npos) << command;
  }
}

TEST_F(CliBadInput, ShapesThatBenchDoesNotKnow) {
  expect_refused({"bench", "--shape", "stories-15", "--device", "cpu"}, "stories-15");
  expect_refused({"bench", "--shape", (model_ / "config.json").string(), "--length", "1", "--device", "cpu"}, "length");
}

TEST_F(CliBadInput, DevicesThatAreNotThere) {
  std::vector<std::string> arguments = forward();
  arguments.back() = "cuda:77";
  expect_refused(arguments, "cuda:77");
  arguments.back() = "abacus";
  expect_refused(arguments, "abacus");
}

}  // namespace
}  // namespace vernier::golden
