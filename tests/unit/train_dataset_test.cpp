// Runs on data files, with the demo's tokenizer and chat template.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/train_support.h"

namespace vernier {
namespace {

using test::Recorder;

class TrainDataset : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path demo = std::filesystem::path(VERNIER_SOURCE_DIR) / "resources" / "demo" / "model";
    std::filesystem::create_directories(scratch_ / "model");
    for (const char* name : {"tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"}) {
      std::filesystem::copy_file(demo / name, scratch_ / "model" / name);
    }
    nlohmann::json model = read_json_file(demo / "config.json");
    model["hidden_size"] = 24;
    model["intermediate_size"] = 32;
    model["num_hidden_layers"] = 1;
    model["num_attention_heads"] = 2;
    model["num_key_value_heads"] = 1;
    model["head_dim"] = 12;
    write_json_file(scratch_ / "model" / "config.json", model);
    std::string rows;
    for (int i = 0; i < 23; ++i) {
      nlohmann::json row;
      row["messages"] = {{{"role", "user"}, {"content", "How many stones are in bag " + std::to_string(i) + "?"}},
                         {{"role", "assistant"}, {"content", "There are " + std::to_string(3 * i) + " stones."}}};
      rows += row.dump() + "\n";
    }
    test::put_file(scratch_ / "data.jsonl", rows);
    config_.model_name_or_path = (scratch_ / "model").string();
    config_.method = Method::kFull;
    config_.init_from_config = true;
    config_.dataset.path = (scratch_ / "data.jsonl").string();
    config_.assistant_only_loss = true;
    config_.per_device_train_batch_size = 4;
    config_.gradient_accumulation_steps = 2;
    config_.learning_rate = 1e-2;
    config_.num_train_epochs = 2.0;
    config_.eval_fraction = 0.2;
    config_.eval_steps = 2;
  }

  test::TemporaryFolder scratch_;
  RunConfig config_;
};

TEST_F(TrainDataset, TrainsEvaluatesAndShows) {
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_EQ(events.started.num_eval_rows, 5);  // 23 / 5, rounded up
  EXPECT_EQ(events.started.num_rows, 18);
  ASSERT_EQ(events.steps.size(), 6u);  // ceil(ceil(18 / 4) / 2) an epoch
  EXPECT_EQ(events.steps[0].sequences.size(), 8u);
  EXPECT_EQ(events.steps[2].sequences.size(), 2u);
  EXPECT_DOUBLE_EQ(events.steps[2].epoch, 1.0);
  std::vector<std::int64_t> eval_steps, rows;
  for (const EvalEvent& eval : events.evals) eval_steps.push_back(eval.step);
  EXPECT_EQ(eval_steps, (std::vector<std::int64_t>{0, 2, 4, 6}));
  EXPECT_LT(events.evals.back().eval_loss_per_token, events.evals.front().eval_loss_per_token);
  for (int step = 0; step < 3; ++step) {
    for (const SequenceLoss& sequence : events.steps[static_cast<std::size_t>(step)].sequences) {
      rows.push_back(sequence.row);
    }
  }
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(std::unique(rows.begin(), rows.end()), rows.end());  // each row once an epoch
  const RunReader reader((scratch_ / "run").string());
  std::string text;
  bool saw_prompt = false;
  for (const TokenRecord& token : reader.tokens(1, 0).tokens) {
    if (token.is_target) text += reader.piece(token.input_id);
    saw_prompt = saw_prompt || !token.is_target;
  }
  EXPECT_NE(text.find("stones"), std::string::npos) << text;
  EXPECT_TRUE(saw_prompt);
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "run" / "model" / "tokenizer.model"));
}

// What is dropped is neither trained nor evaluated on, and steps are counted without it.
TEST_F(TrainDataset, DropsDuplicatesAndEvaluatesOnNothingThatIsTrainedOn) {
  const std::string rows = test::get_file(scratch_ / "data.jsonl");
  const std::string first = rows.substr(0, rows.find('\n') + 1);
  test::put_file(scratch_ / "data.jsonl", rows + first + first + first);
  const std::string more = rows.substr(rows.rfind('\n', rows.size() - 2) + 1);  // the last row, and one that is new
  std::string other = more;
  other.replace(other.find("bag"), 3, "box");
  test::put_file(scratch_ / "eval.jsonl", more + other);
  config_.eval_fraction = 0.0;
  config_.eval_dataset.emplace().path = (scratch_ / "eval.jsonl").string();
  config_.num_train_epochs = 1.0;
  Recorder all, dropped;
  ASSERT_EQ(test::train(config_, scratch_ / "all", all).status, RunStatus::kFinished);
  EXPECT_EQ(all.started.num_rows, 26);
  EXPECT_EQ(all.started.num_eval_rows, 2);
  EXPECT_EQ(all.steps.size(), 4u);  // ceil(ceil(26 / 4) / 2)
  config_.drop_duplicates = true;
  config_.drop_eval_overlap = true;
  const RunResult result = test::train(config_, scratch_ / "dropped", dropped);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_EQ(dropped.started.num_rows, 23);
  EXPECT_EQ(dropped.started.num_eval_rows, 1);
  EXPECT_EQ(dropped.steps.size(), 3u);
  // Held out by share, what stands twice cannot stand on both sides.
  config_.eval_dataset.reset();
  config_.eval_fraction = 0.2;
  Recorder held_out;
  ASSERT_EQ(test::train(config_, scratch_ / "held_out", held_out).status, RunStatus::kFinished);
  EXPECT_EQ(held_out.started.num_eval_rows, 5);
  EXPECT_EQ(held_out.started.num_rows, 18);
}

TEST_F(TrainDataset, PackingTouchesSpeedAlone) {
  config_.eval_fraction = 0.0;
  config_.per_device_train_batch_size = 64;  // all rows in one step, either way
  config_.gradient_accumulation_steps = 1;
  config_.max_steps = 4;
  Recorder rows;
  ASSERT_EQ(test::train(config_, scratch_ / "rows", rows).status, RunStatus::kFinished);
  config_.max_length = 100;
  for (const Packing packing : {Packing::kBfd, Packing::kBfdSplit}) {
    config_.packing = packing;
    Recorder packed;
    const std::string out = packing == Packing::kBfd ? "bfd" : "bfd_split";
    ASSERT_EQ(test::train(config_, scratch_ / out, packed).status, RunStatus::kFinished);
    // The store knows which row of the micro-batch each sequence stood in.
    std::vector<std::int64_t> filled;
    for (const SequenceRecord& sequence : RunReader((scratch_ / out).string()).sequences(2)) {
      EXPECT_EQ(sequence.loss.micro_batch, 0);
      ASSERT_GE(sequence.loss.packed_row, 0);
      filled.resize(static_cast<std::size_t>(sequence.loss.packed_row) + 1);
      filled.back() += sequence.loss.num_tokens;
    }
    EXPECT_GT(filled.size(), 1u);
    for (const std::int64_t tokens : filled) EXPECT_TRUE(tokens > 0 && tokens <= 100) << tokens;
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(rows.steps[i].num_items_in_batch, packed.steps[i].num_items_in_batch);
      EXPECT_FALSE(!(std::abs(rows.steps[i].loss - packed.steps[i].loss) <= 1e-4 * rows.steps[i].loss)) << i;
      EXPECT_FALSE(!(std::abs(rows.steps[i].grad_norm - packed.steps[i].grad_norm) <= 1e-4 * rows.steps[i].grad_norm));
    }
  }
}

// `wrapped` cuts rows wherever a packed row is full: a part is a sequence of its own. The same parts, each in a row of
// a batch file, give the same losses and gradients.
TEST_F(TrainDataset, WrappedComputesItsPartsAsIfEachStoodAlone) {
  config_.eval_fraction = 0.0;
  config_.per_device_train_batch_size = 64;
  config_.gradient_accumulation_steps = 1;
  config_.max_steps = 1;
  config_.max_length = 37;
  config_.packing = Packing::kWrapped;
  Recorder wrapped;
  ASSERT_EQ(test::train(config_, scratch_ / "wrapped", wrapped).status, RunStatus::kFinished);
  ASSERT_GT(wrapped.steps[0].sequences.size(), 23u);  // some rows were cut

  const RunReader reader((scratch_ / "wrapped").string());
  std::vector<std::vector<std::int32_t>> ids, labels;
  std::size_t width = 0;
  for (const SequenceLoss& sequence : wrapped.steps[0].sequences) {
    ids.emplace_back();
    labels.emplace_back();
    for (const TokenRecord& token : reader.tokens(1, sequence.index).tokens) {
      ids.back().push_back(token.input_id);
      labels.back().push_back(token.is_target ? token.input_id : -100);
    }
    width = std::max(width, ids.back().size());
  }
  nlohmann::json batch;
  for (std::size_t row = 0; row < ids.size(); ++row) {
    batch["lengths"].push_back(ids[row].size());
    ids[row].resize(width, 0);
    labels[row].resize(width, -100);
  }
  batch["input_ids"] = ids;
  batch["labels"] = labels;
  write_json_file(scratch_ / "parts.json", batch);
  config_.dataset = {};
  config_.assistant_only_loss = false;
  config_.batch = (scratch_ / "parts.json").string();
  config_.packing = Packing::kNone;
  Recorder alone;
  const RunResult result = test::train(config_, scratch_ / "alone", alone);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  const StepEvent &a = wrapped.steps[0], &b = alone.steps[0];
  EXPECT_EQ(a.num_items_in_batch, b.num_items_in_batch);
  EXPECT_FALSE(!(std::abs(a.loss_per_token - b.loss_per_token) <= 1e-6 * b.loss_per_token));
  EXPECT_FALSE(!(std::abs(a.loss_per_sequence - b.loss_per_sequence) <= 1e-6 * b.loss_per_sequence));
  EXPECT_FALSE(!(std::abs(a.grad_norm - b.grad_norm) <= 1e-5 * b.grad_norm)) << a.grad_norm << " " << b.grad_norm;
}

TEST_F(TrainDataset, RefusesDataWithoutLabels) {
  config_.max_length = 4;  // the answer is cut off
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  EXPECT_EQ(result.status, RunStatus::kFailed);
  EXPECT_EQ(to_string(result.code), "invalid_input");
  EXPECT_NE(result.message.find("23"), std::string::npos) << result.message;
  EXPECT_NE(result.message.find("max_length"), std::string::npos) << result.message;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run"));
}

// A piece's first token is never predicted: rows that are cut may have nothing left to learn.
TEST_F(TrainDataset, RefusesPackingThatCutsAllLabelsOff) {
  config_.assistant_only_loss = false;
  config_.eval_fraction = 0.0;
  config_.eval_steps = 0;
  config_.max_steps = 1;
  const auto train_on = [&](Packing packing, std::int64_t max_length) {
    config_.packing = packing;
    config_.max_length = max_length;
    Recorder events;
    std::filesystem::remove_all(scratch_ / "run");
    return test::train(config_, scratch_ / "run", events);
  };
  for (const Packing packing : {Packing::kWrapped, Packing::kBfdSplit, Packing::kBfd, Packing::kNone}) {
    const RunResult result = train_on(packing, 1);
    EXPECT_EQ(result.status, RunStatus::kFailed) << static_cast<int>(packing);
    EXPECT_EQ(to_string(result.code), "invalid_input");
    EXPECT_NE(result.message.find("data.jsonl] none of the 23 rows has a token to learn"), std::string::npos)
        << result.message;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "run"));
  }
  // Pieces of two: the label of token 2 is the first of its piece, that of token 3 is not.
  for (const int labelled : {2, 3}) {
    nlohmann::json row = {{"input_ids", {5, 6, 7, 8}}, {"labels", {-100, -100, -100, -100}}};
    row["labels"][static_cast<std::size_t>(labelled)] = 9;
    test::put_file(scratch_ / "data.jsonl", row.dump() + "\n" + row.dump() + "\n");
    for (const Packing packing : {Packing::kWrapped, Packing::kBfdSplit}) {
      const RunResult result = train_on(packing, 2);
      EXPECT_EQ(result.status, labelled == 2 ? RunStatus::kFailed : RunStatus::kFinished) << result.message;
      EXPECT_EQ(result.message.find("(max_length 2)") != std::string::npos, labelled == 2) << result.message;
    }
  }
}

TEST_F(TrainDataset, RefusesEvaluationThatHasNoLabelLeft) {
  const auto tokens = [](int labelled) {
    nlohmann::json row = {{"input_ids", {5, 6, 7, 8}}, {"labels", {-100, -100, -100, -100}}};
    row["labels"][static_cast<std::size_t>(labelled)] = 9;
    return row.dump() + "\n";
  };
  config_.assistant_only_loss = false;
  config_.max_steps = 1;
  const auto train = [&] {
    Recorder events;
    std::filesystem::remove_all(scratch_ / "run");
    return test::train(config_, scratch_ / "run", events);
  };
  // Cut between tokens 1 and 2 of each row: the label of token 2 has nothing in front of it.
  config_.packing = Packing::kWrapped;
  config_.max_length = 2;
  config_.eval_fraction = 0.0;
  config_.eval_dataset.emplace().path = (scratch_ / "eval.jsonl").string();
  test::put_file(scratch_ / "data.jsonl", tokens(3) + tokens(3));
  for (const int labelled : {2, 3}) {
    test::put_file(scratch_ / "eval.jsonl", tokens(labelled) + tokens(labelled));
    const RunResult result = train();
    EXPECT_EQ(result.status, labelled == 2 ? RunStatus::kFailed : RunStatus::kFinished) << result.message;
    EXPECT_EQ(result.message.find("eval.jsonl] none of the 2 rows has a token to learn") != std::string::npos,
              labelled == 2)
        << result.message;
    EXPECT_EQ(std::filesystem::exists(scratch_ / "run"), labelled == 3);
  }

  // One row is split off; by some seed it is the one whose label is cut off.
  config_.eval_dataset.reset();
  config_.eval_fraction = 0.3;
  test::put_file(scratch_ / "data.jsonl", tokens(3) + tokens(3) + tokens(2));
  int refused = 0;
  for (config_.seed = 0; config_.seed < 20; ++config_.seed) {
    const RunResult result = train();
    const bool split = result.message.find("data.jsonl] none of the 1 rows that eval_fraction") != std::string::npos;
    EXPECT_EQ(result.status, split ? RunStatus::kFailed : RunStatus::kFinished) << result.message;
    refused += split ? 1 : 0;
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 20);
}

}  // namespace
}  // namespace vernier
