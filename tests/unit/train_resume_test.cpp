// Going on with a run: only as the run it was.
#include <gtest/gtest.h>

#include "engine/train/checkpoint.h"
#include "tests/unit/train_support.h"

namespace vernier {
namespace {

using nlohmann::json;
using test::Recorder;

class TrainResume : public test::SmallRun {
 protected:
  void SetUp() override {
    SmallRun::SetUp();
    Recorder events;
    const RunResult half = test::train(config_, run_, events, [](RunOptions& options) { options.max_steps = 4; });
    ASSERT_EQ(half.last_saved_step, 4) << half.message;
  }

  void expect_refused(const std::vector<std::string>& parts) const {
    Recorder events;
    const RunResult result = test::resume(run_, events);
    EXPECT_EQ(result.status, RunStatus::kFailed);
    EXPECT_EQ(to_string(result.code), "invalid_input") << result.message;
    for (const std::string& part : parts) EXPECT_NE(result.message.find(part), std::string::npos) << result.message;
    EXPECT_EQ(RunReader(run_.string()).steps().size(), 4u);  // nothing is forgotten
  }

  // Goes on to the end, and returns the warnings and notes.
  std::string expect_resumed(std::int64_t first_step) const {
    Recorder events;
    const RunResult result = test::resume(run_, events);
    EXPECT_EQ(result.status, RunStatus::kFinished) << result.message;
    EXPECT_EQ(events.started.first_step, first_step);
    std::string out;
    for (const std::string& message : events.messages) out += message + "\n";
    return out;
  }

  void edit(const std::filesystem::path& file, const std::function<void(json&)>& change) const {
    json object = read_json_file(file);
    change(object);
    write_json_file(file, object);
  }

  std::filesystem::path run_ = scratch_ / "run";
};

TEST_F(TrainResume, OtherDataIsRefused) {
  edit(scratch_ / "batch.json", [](json& batch) {
    for (json& rows : batch) rows.erase(3);
  });
  expect_refused({"batch.json", "got 6 rows", "expected 7"});
  test::make_batch(scratch_ / "batch.json", seed_ + 1);
  edit(scratch_ / "batch.json",
       [](json& batch) { batch["input_ids"][2][0] = (batch["input_ids"][2][0].get<int>() + 1) % 60; });
  expect_refused({"batch.json", "7 rows with other tokens or labels"});
  // The same data elsewhere is the same data.
  test::make_batch(scratch_ / "moved.json", seed_ + 1);
  edit(run_ / "run.json", [&](json& run) { run["batch"] = (scratch_ / "moved.json").string(); });
  expect_resumed(5);
}

TEST_F(TrainResume, OtherWeightsAreRefused) {
  const std::string weights = test::get_file(scratch_ / "model" / "model.safetensors");
  std::string changed = weights;
  changed[changed.size() - 9] = static_cast<char>(changed[changed.size() - 9] ^ 1);
  test::put_file(scratch_ / "model" / "model.safetensors", changed);
  expect_refused({"weights", "fingerprint"});
  test::put_file(scratch_ / "model" / "model.safetensors", weights);
  EXPECT_EQ(expect_resumed(5).find("fingerprint"), std::string::npos);
}

TEST_F(TrainResume, ACheckpointWithoutFingerprintsGoesOnWithAWarning) {
  edit(checkpoint_folder(run_, 4) / "trainer_state.json", [](json& state) { state.erase("inputs"); });
  EXPECT_NE(expect_resumed(5).find("without fingerprints"), std::string::npos);
}

TEST_F(TrainResume, SettingsThatChangeWhatIsTrainedAreRefused) {
  const json run = read_json_file(run_ / "run.json");
  const auto refused = [&](const std::string& pointer, const json& value, const std::vector<std::string>& parts) {
    json changed = run;
    changed[json::json_pointer(pointer)] = value;
    write_json_file(run_ / "run.json", changed);
    expect_refused(parts);
  };
  refused("/lora/r", 5, {"lora.r: got 5, expected 3"});
  refused("/per_device_train_batch_size", 2, {"per_device_train_batch_size: got 2, expected 8"});
  refused("/seed", 1, {"seed: got 1, expected 42"});
  refused("/weight_decay", 0.5, {"weight_decay: got 0.5, expected 0.01"});
  refused("/max_length", 7, {"max_length: got 7, expected 1024"});
  refused("/chat_template", "chatml", {"chat_template"});
  json changed = run;
  changed["max_steps"] = 6;
  changed["learning_rate"] = 1e-4;
  changed["save_steps"] = 1;
  changed["logging_steps"] = 2;
  write_json_file(run_ / "run.json", changed);
  expect_resumed(5);
  EXPECT_EQ(list_checkpoints(run_).front(), 6);
}

TEST_F(TrainResume, SaysThatItBeginsAgainWhereNoCheckpointIsLeft) {
  std::filesystem::remove_all(run_ / "checkpoints");
  const std::string said = expect_resumed(1);
  EXPECT_NE(said.find("begins again at step 1, and the 4 steps recorded are forgotten"), std::string::npos) << said;
}

TEST_F(TrainResume, WeightsThatHoldNanAreNamed) {
  std::string weights = test::get_file(scratch_ / "model" / "model.safetensors");
  const std::string nan("\0\0\xC0\x7F", 4);
  for (std::size_t i = 1; i <= 100; ++i) weights.replace(weights.size() - 4 * i, 4, nan);
  test::put_file(scratch_ / "model" / "model.safetensors", weights);
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "other", events);
  EXPECT_EQ(to_string(result.code), "non_finite") << result.message;
  EXPECT_NE(result.message.find("the model's weights or the adapter hold NaN"), std::string::npos) << result.message;
  EXPECT_EQ(result.message.find("learning_rate"), std::string::npos) << result.message;
}

}  // namespace
}  // namespace vernier
