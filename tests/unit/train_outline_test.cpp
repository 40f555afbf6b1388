// What is known of a run before it starts: its model, its adapter, its steps and its memory, each against the run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>

#include "engine/cpu/cpu_backend.h"
#include "engine/data/batch_planner.h"
#include "engine/data/cached_dataset.h"
#include "engine/data/dataset.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "engine/model/adapter.h"
#include "engine/train/memory_plan.h"
#include "engine/train/run_data.h"
#include "engine/train/schedule.h"
#include "tests/unit/train_support.h"
#include "vernier/describe.h"
#include "vernier/error.h"
#include "vernier/memory.h"
#include "vernier/outline.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

fs::path demo_model() {
  return fs::path(VERNIER_SOURCE_DIR) / "resources" / "demo" / "model";
}

class OutlineTest : public testing::Test {
 protected:
  OutlineTest() : folder_(fs::path(testing::TempDir()) / ("vernier_outline_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~OutlineTest() override { fs::remove_all(folder_); }

  // The demo's model, file by file, to be spoilt.
  fs::path copy_of_demo() const {
    const fs::path copy = folder_ / "model";
    fs::copy(demo_model(), copy);
    return copy;
  }

  fs::path folder_;
};

TEST_F(OutlineTest, DescribesTheBundledModel) {
  const ModelDescription model = describe_model(demo_model().string());
  EXPECT_EQ(model.family, "llama");
  EXPECT_EQ(model.vocab_size, 1536);
  EXPECT_EQ(model.num_layers, 6);
  EXPECT_EQ(model.num_heads, 6);
  EXPECT_EQ(model.num_kv_heads, 3);
  EXPECT_EQ(model.max_position_embeddings, 512);
  EXPECT_TRUE(model.tied_embeddings);
  EXPECT_EQ(model.sliding_layers, 0);
  // V*D + L*(2*D*D + 2*D*K*E + 3*D*F + 2*D) + D, as config.json has it.
  EXPECT_EQ(model.parameters, 1536 * 192 + 6 * (2 * 192 * 192 + 2 * 192 * 96 + 3 * 192 * 512 + 2 * 192) + 192);
  EXPECT_EQ(model.weights_dtype, "BF16");
  EXPECT_EQ(model.weights_bytes, static_cast<std::uint64_t>(2 * model.parameters));
  EXPECT_EQ(model.weights_files, 1);
  EXPECT_EQ(model.tokenizer, "SentencePiece (tokenizer.model)");
  EXPECT_EQ(model.tokenizer_size, 1536);
  EXPECT_TRUE(model.has_chat_template);
  EXPECT_TRUE(model.template_marks_assistant);
  EXPECT_TRUE(model.problems.empty());
  ASSERT_EQ(model.projections.size(), 7u);
  EXPECT_EQ(model.projections[1].name, "k_proj");
  EXPECT_EQ(model.projections[1].block, "self_attn");
  EXPECT_EQ(model.projections[1].in, 192);
  EXPECT_EQ(model.projections[1].out, 96);
  EXPECT_EQ(model.projections[6].name, "down_proj");
  EXPECT_EQ(model.projections[6].block, "mlp");
}

TEST_F(OutlineTest, TellsWhatIsMissingAndGoesOn) {
  const fs::path copy = copy_of_demo();
  fs::remove(copy / "tokenizer.model");
  fs::resize_file(copy / "model.safetensors", 1000);
  const ModelDescription model = describe_model(copy.string());
  EXPECT_EQ(model.num_layers, 6);
  ASSERT_EQ(model.problems.size(), 2u);
  EXPECT_TRUE(model.is_blocked());
  EXPECT_NE(model.problems[0].message.find("model.safetensors"), std::string::npos) << model.problems[0].message;
  EXPECT_NE(model.problems[1].message.find("tokenizer"), std::string::npos) << model.problems[1].message;
  for (const ModelProblem& problem : model.problems) EXPECT_FALSE(problem.fix.empty());
  EXPECT_EQ(model.tokenizer, "");
}

TEST_F(OutlineTest, NamesTheFamiliesThereAre) {
  write_json_file(folder_ / "config.json", {{"model_type", "mamba"}});
  try {
    describe_model(folder_.string());
    ADD_FAILURE() << "went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("qwen3"), std::string::npos) << error.what();
  }
}

TEST_F(OutlineTest, ReadsTheKindOfATokenizerJson) {
  const fs::path copy = copy_of_demo();
  fs::remove(copy / "tokenizer_config.json");  // names tokens by other ids
  write_json_file(
      copy / "tokenizer.json",
      {{"version", "1.0"},
       {"type", "not this one"},
       {"decoder", {{"type", "ByteLevel"}}},
       {"model", {{"vocab", {{"a", 0}, {"type", 1}}}, {"merges", nlohmann::json::array()}, {"type", "BPE"}}}});
  EXPECT_EQ(describe_model(copy.string()).tokenizer, "BPE (tokenizer.json)");
}

TEST_F(OutlineTest, CountsAnAdapterAsItIsMade) {
  const ModelDescription model = describe_model(demo_model().string());
  const ModelConfig config = read_model_config(demo_model());
  const std::unique_ptr<Backend> backend = make_cpu_backend(1);
  std::mt19937_64 random(std::random_device{}());
  for (int round = 0; round < 6; ++round) {
    RunConfig run;
    run.model_name_or_path = demo_model().string();
    run.lora.r = 1 + static_cast<std::int64_t>(random() % 40);
    run.lora.use_dora = round % 2 == 1;
    if (round > 1) {
      run.lora.target_modules.clear();
      for (const ProjectionInfo& projection : model.projections) {
        if (random() % 2 == 0) run.lora.target_modules.push_back(projection.name);
      }
      if (run.lora.target_modules.empty()) run.lora.target_modules = {"v_proj"};
    }
    const AdapterOutline outline = outline_adapter(model, run);
    const auto adapter =
        Adapter::create(*backend, config, adapter_config_from_options(run.lora, run.model_name_or_path), 1);
    EXPECT_EQ(outline.parameters, adapter->set().count());
    EXPECT_EQ(std::accumulate(outline.by_projection.begin(), outline.by_projection.end(), std::int64_t{0}),
              outline.parameters);
    for (std::size_t i = 0; i < model.projections.size(); ++i) {
      std::int64_t here = 0;
      for (const Parameter& parameter : adapter->set().parameters()) {
        if (parameter.name.find("." + model.projections[i].name + ".") != std::string::npos) here += parameter.size();
      }
      EXPECT_EQ(outline.by_projection[i], here) << model.projections[i].name;
    }
    // One to go on from is counted from its files.
    const fs::path folder = folder_ / ("adapter" + std::to_string(round));
    adapter->write(folder, config);
    RunConfig further;
    further.adapter_name_or_path = folder.string();
    EXPECT_EQ(outline_adapter(model, further).by_projection, outline.by_projection);
    EXPECT_EQ(outline_adapter(model, further).r, run.lora.r);
  }
  RunConfig wrong;
  wrong.lora.target_modules = {"c_attn"};
  EXPECT_THROW(outline_adapter(model, wrong), Error);
  RunConfig full;
  full.method = Method::kFull;
  EXPECT_EQ(outline_adapter(model, full).parameters, 0);
}

TEST_F(OutlineTest, PlansTheStepsThatTheRunWillTake) {
  std::mt19937_64 random(std::random_device{}());
  const auto draw = [&random](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
  };
  for (int round = 0; round < 60; ++round) {
    RunConfig config;
    config.packing = static_cast<Packing>(draw(0, 3));
    config.max_length = draw(1, 70);
    config.per_device_train_batch_size = draw(1, 5);
    config.gradient_accumulation_steps = draw(1, 3);
    config.num_train_epochs = static_cast<double>(draw(1, 35)) / 10.0;
    config.max_steps = draw(0, 4) == 0 ? draw(1, 50) : 0;
    const bool splits = config.packing == Packing::kBfdSplit || config.packing == Packing::kWrapped;

    auto words = std::make_shared<std::vector<std::int32_t>>();
    std::vector<RowEntry> entries;
    std::vector<std::int32_t> lengths;
    std::int64_t cut = 0;
    for (std::int64_t row = 0, rows = draw(1, 60); row < rows; ++row) {
      lengths.push_back(static_cast<std::int32_t>(draw(0, 100)));
      if (lengths.back() == 0) continue;
      const std::int64_t kept = splits ? lengths.back() : std::min<std::int64_t>(lengths.back(), config.max_length);
      cut += lengths.back() - kept;
      const std::vector<std::int32_t> ids(static_cast<std::size_t>(kept), 7);
      TokenRow as_read;
      as_read.input_ids = ids;
      as_read.labels = ids;
      as_read.spans = {{.end = static_cast<std::int32_t>(kept), .reason = LabelReason::kEverything}};
      RowEntry entry = encode_row(as_read, *words);
      entry.source_row = row;
      entries.push_back(entry);
    }
    const RunOutline outline = outline_run(lengths, config, 5);
    if (entries.empty()) {
      EXPECT_EQ(outline.total_steps, 0);
      continue;
    }
    const std::vector<Fingerprint> prints(entries.size());
    BatchPlanner planner(TokenDataset(std::shared_ptr<const void>(words), entries, prints, *words), config);
    SCOPED_TRACE(testing::Message() << "packing " << static_cast<int>(config.packing) << ", " << entries.size()
                                    << " rows of up to " << config.max_length);
    EXPECT_EQ(outline.steps_per_epoch, planner.steps_per_epoch());
    EXPECT_EQ(outline.total_steps, planner.total_steps());
    EXPECT_EQ(outline.cut_tokens, cut);
    // Against the micro-batches themselves: every token once an epoch, none larger than promised.
    std::int64_t tokens = 0, largest = 0, sequences = 0;
    for (std::int64_t step = 1; step <= planner.steps_per_epoch(); ++step) {
      for (const MicroBatch& batch : planner.micro_batches(step)) {
        tokens += std::ssize(batch.input_ids);
        sequences += std::ssize(batch.sequences);
        largest = std::max(largest, std::ssize(batch.input_ids));
      }
    }
    EXPECT_LE(largest, outline.micro_batch_tokens);
    EXPECT_LE(outline.micro_batch_tokens, config.per_device_train_batch_size * config.max_length);
    const double per_step = static_cast<double>(tokens) / static_cast<double>(planner.steps_per_epoch());
    EXPECT_TRUE(std::abs(outline.tokens_per_step - per_step) <= 1e-9 * per_step);
    if (config.packing != Packing::kWrapped) {
      EXPECT_EQ(outline.sequences, sequences);
    }
    for (const std::vector<std::int32_t>& unit : outline.shown) {
      EXPECT_FALSE(unit.empty());
      EXPECT_LE(std::accumulate(unit.begin(), unit.end(), std::int64_t{0}), config.max_length);
    }
    EXPECT_EQ(std::ssize(outline.shown), std::min<std::int64_t>(5, outline.units));
  }
}

// Of the demo's rows, as the run loads, cuts and splits them.
TEST_F(OutlineTest, SplitsAndMeasuresAsTheRunDoes) {
  ::setenv("VERNIER_CACHE_DIR", (folder_ / "cache").c_str(), 1);
  RunConfig config;
  config.model_name_or_path = demo_model().string();
  config.dataset.path = (demo_model().parent_path() / "lora" / "train.jsonl").string();
  const std::unique_ptr<Tokenizer> tokenizer = Tokenizer::load(config.model_name_or_path);
  const auto chat_template = load_chat_template(config.model_name_or_path);
  const RowReader reader{*tokenizer, chat_template.get(), 1536, row_reader_key(config.model_name_or_path, "")};
  DataOptions whole;
  whole.dataset = config.dataset;
  whole.labels.max_length = 1 << 20;
  whole.first_row = 0;
  const DataReport report = inspect_data(config.model_name_or_path, whole);
  std::vector<std::int32_t> lengths;
  for (const DataRow& row : *report.rows_shown) {
    if (!row.lost) lengths.push_back(static_cast<std::int32_t>(row.input_ids.size()));
  }
  ASSERT_GT(lengths.size(), 100u);
  for (const Packing packing : {Packing::kNone, Packing::kBfd, Packing::kBfdSplit, Packing::kWrapped}) {
    SCOPED_TRACE(static_cast<int>(packing));
    config.packing = packing;
    config.max_length = 50;
    config.per_device_train_batch_size = 3;
    config.eval_fraction = 0.17;
    config.seed = std::random_device{}();
    const RunData data = RunData::load(config, &reader, 1536, [](const std::string&, double) {}, {});
    const std::vector<std::int64_t> chosen = evaluation_split(std::ssize(lengths), config);
    EXPECT_EQ(std::ssize(chosen), static_cast<std::int64_t>(std::ceil(0.17 * static_cast<double>(lengths.size()))));
    std::vector<std::int32_t> training, evaluation;
    for (std::int64_t row = 0; row < std::ssize(lengths); ++row) {
      (std::ranges::binary_search(chosen, row) ? evaluation : training)
          .push_back(lengths[static_cast<std::size_t>(row)]);
    }
    const RunOutline outline = outline_run(training, config);
    EXPECT_EQ(outline.total_steps, data.total_steps());
    EXPECT_EQ(outline.micro_batch_tokens, data.max_micro_batch_tokens());
    EXPECT_EQ(outline.fill, data.fill());
    EXPECT_EQ(largest_evaluation(evaluation, config), data.max_evaluation_tokens());
  }
  config.eval_fraction = 1.0;
  EXPECT_THROW(evaluation_split(10, config), Error);
}

TEST_F(OutlineTest, DrawsTheScheduleOfTheRun) {
  RunConfig config;
  config.lr_scheduler_type = SchedulerType::kCosine;
  config.warmup_ratio = 0.1;
  const Schedule schedule(config, 200);
  for (const std::int64_t step : {0, 1, 19, 20, 21, 110, 199}) {
    EXPECT_EQ(scheduled_learning_rate(config, 200, step), schedule.learning_rate(step));
  }
  EXPECT_EQ(scheduled_warmup(config, 200), 20);
}

// Against a run of the real engine: what was predicted of the demo's model is its peak, to the byte.
TEST_F(OutlineTest, PredictsTheMemoryThatARunTakes) {
  const fs::path model_dir = folder_ / "tiny";
  test::make_model(model_dir, 5);
  test::make_batch(folder_ / "batch.json", 6);
  for (const bool full : {false, true}) {
    for (const bool dora : {false, true}) {
      if (full && dora) continue;
      RunConfig config;
      config.model_name_or_path = model_dir.string();
      config.batch = (folder_ / "batch.json").string();
      config.method = full ? Method::kFull : Method::kLora;
      config.lora.use_dora = dora;
      config.max_steps = 2;
      config.packing = Packing::kBfd;  // all rows in one micro-batch
      config.recompute = Recompute::kMlp;
      RunOptions options;
      options.device = "cpu";  // as what is estimated
      options.out_dir = (folder_ / ("run" + std::to_string(full) + std::to_string(dora))).string();
      test::Recorder events;
      RunControl control;
      const RunResult result = run_training(config, options, events, control, {});
      ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;

      ModelDescription model;
      model.config = std::make_shared<const ModelConfig>(read_model_config(model_dir));
      const Batch batch = Batch::from_file(*config.batch);
      MicroBatchNeeds needs;
      needs.tokens = std::accumulate(batch.lengths.begin(), batch.lengths.end(), std::int64_t{0});
      needs.sequences = std::ssize(batch.lengths);
      const MemoryEstimate estimate = MemoryEstimator("cpu").estimate(model, config, needs);
      EXPECT_EQ(estimate.problem, "");
      EXPECT_EQ(estimate.dtype, "float32");
      EXPECT_EQ(estimate.recompute, Recompute::kMlp);
      // Rotary tables and what the decoder's norms are computed with come on top.
      const std::uint64_t measured = events.steps.back().peak_memory_bytes;
      EXPECT_LE(estimate.total(), measured);
      EXPECT_TRUE(static_cast<double>(measured - estimate.total()) <= 0.02 * static_cast<double>(measured))
          << estimate.total() << " of " << measured;
      EXPECT_EQ(estimate.optimizer, 2 * estimate.gradients);
      EXPECT_EQ(estimate.adapter == 0, full);
    }
  }
}

TEST_F(OutlineTest, SaysWhatWaitsInTheHostsMemory) {
  const ModelDescription model = describe_model(demo_model().string());
  RunConfig config;
  config.model_name_or_path = demo_model().string();
  config.recompute = Recompute::kLayer;
  MicroBatchNeeds needs;
  needs.tokens = 300;
  needs.sequences = 3;
  MemoryEstimator estimator("cpu");
  const MemoryEstimate here = estimator.estimate(model, config, needs);
  EXPECT_EQ(here.host_bytes, 0u);
  config.recompute = Recompute::kOffload;
  const MemoryEstimate there = estimator.estimate(model, config, needs);
  const auto inputs = static_cast<std::uint64_t>((model.config->num_layers - 1) * 300 * model.config->hidden_size * 4);
  ASSERT_GT(inputs, 0u);
  EXPECT_EQ(there.host_bytes, inputs);
  EXPECT_LT(there.total(), here.total());  // what waits there is not counted here
}

TEST_F(OutlineTest, SaysWhatWouldFit) {
  const ModelDescription model = describe_model(demo_model().string());
  RunConfig config;
  config.model_name_or_path = demo_model().string();
  MicroBatchNeeds needs;
  needs.tokens = std::int64_t{1} << 40;
  needs.sequences = 1 << 20;
  const MemoryEstimate estimate = MemoryEstimator("cpu").estimate(model, config, needs);
  EXPECT_NE(estimate.problem.find("per_device_train_batch_size"), std::string::npos) << estimate.problem;
  EXPECT_GT(estimate.total(), estimate.free_bytes);
}

}  // namespace
}  // namespace vernier
