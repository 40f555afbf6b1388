// Every check of the pre-flight, shown to fail by a planted cause, and its fix shown to mend it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "tests/unit/train_support.h"
#include "vernier/error.h"
#include "vernier/preflight.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kModel = fs::path(VERNIER_SOURCE_DIR) / "resources" / "demo" / "model";

json chat_row(const std::string& question, const std::string& answer) {
  return {{"messages", {{{"role", "user"}, {"content", question}}, {{"role", "assistant"}, {"content", answer}}}}};
}

std::string chat_rows(int first, int count) {
  std::string lines;
  for (int i = first; i < first + count; ++i) {
    lines += chat_row("Who is number " + std::to_string(i) + "?", "Nobody knows, not even Nell.").dump() + "\n";
  }
  return lines;
}

std::set<std::string> listing(const fs::path& folder) {
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) out.insert(entry.path().string());
  return out;
}

// Overwrites the values of the tensors of a safetensors file whose names `chosen` accepts.
void patch_tensors(const fs::path& path, const std::function<bool(const std::string&)>& chosen,
                   const std::function<void(char* begin, std::size_t size)>& change) {
  std::string bytes = test::get_file(path);
  std::uint64_t header = 0;
  std::copy_n(bytes.data(), sizeof header, reinterpret_cast<char*>(&header));
  const json tensors = json::parse(bytes.substr(8, header));
  for (const auto& [name, tensor] : tensors.items()) {
    if (name == "__metadata__" || !chosen(name)) continue;
    const auto begin = tensor["data_offsets"][0].get<std::size_t>(), end = tensor["data_offsets"][1].get<std::size_t>();
    change(bytes.data() + 8 + header + begin, end - begin);
  }
  test::put_file(path, bytes);
}

class PreflightTest : public testing::Test {
 protected:
  PreflightTest() {
    test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 24));
    config_.model_name_or_path = kModel.string();
    config_.dataset.path = (scratch_ / "rows.jsonl").string();
    config_.assistant_only_loss = true;
    config_.max_length = 128;
    config_.max_steps = 30;
    config_.lora.r = 4;
    options_.device = "cpu";
    options_.out_dir = (scratch_ / "run").string();
    options_.measure_step = false;
  }

  PreflightReport check(bool use_weights = false) {
    options_.config = config_;
    options_.use_weights = use_weights;
    return check_run(options_);
  }
  static const PreflightCheck* find(const PreflightReport& report, const std::string& id) {
    const auto found = std::find_if(report.checks.begin(), report.checks.end(),
                                    [&](const PreflightCheck& check) { return check.id == id; });
    return found == report.checks.end() ? nullptr : &*found;
  }
  // The check of that id has come out so, with a sentence to act on; where it has changes, they mend it.
  PreflightCheck expect(const std::string& id, CheckStatus status, bool use_weights = false) {
    const PreflightReport report = check(use_weights);
    const PreflightCheck* found = find(report, id);
    if (found == nullptr) {
      ADD_FAILURE() << "there is no " << id << " among " << report.to_json().dump(1);
      return {};
    }
    EXPECT_EQ(to_string(found->status), to_string(status)) << found->message;
    EXPECT_FALSE(found->message.empty());
    if (found->fix_changes.empty()) return *found;
    const RunConfig as_it_was = config_;
    config_ = with_changes(config_, found->fix_changes);
    const PreflightReport mended = check(use_weights);
    const PreflightCheck* again = find(mended, id);
    EXPECT_TRUE(again != nullptr || id == "rows_without_labels");  // which is gone with such rows
    if (again != nullptr) {
      EXPECT_EQ(to_string(again->status), "pass") << found->fix_changes << ": " << again->message;
    }
    config_ = as_it_was;
    return *found;
  }
  void expect_fix(const std::string& id, CheckStatus status, const std::string& changes, bool use_weights = false) {
    const PreflightCheck found = expect(id, status, use_weights);
    EXPECT_EQ(found.fix_changes, changes) << found.message;
    EXPECT_FALSE(found.fix.empty());
  }
  void copy_model() {
    fs::copy(kModel, scratch_ / "model");
    config_.model_name_or_path = (scratch_ / "model").string();
  }

  test::TemporaryFolder scratch_;
  RunConfig config_;
  PreflightOptions options_;
};

TEST_F(PreflightTest, PassesAGoodRunOneCheckAtATimeAndWritesNothing) {
  config_.eval_fraction = 0.2;
  options_.config = config_;
  std::vector<std::string> told, stages;
  const std::set<std::string> before = listing(scratch_.path());
  const PreflightReport report = check_run(
      options_,
      [&](const std::string& stage, double) {
        if (stages.empty() || stages.back() != stage) stages.push_back(stage);
      },
      {}, [&](const PreflightCheck& check) { told.push_back(check.id); });
  EXPECT_EQ(listing(scratch_.path()), before);
  std::vector<std::string> listed;
  for (const PreflightCheck& check : report.checks) {
    listed.push_back(check.id);
    if (check.id == "memory" || check.id == "disk") continue;  // somebody else may have taken nearly all
    EXPECT_EQ(to_string(check.status), "pass") << check.id << ": " << check.message;
    EXPECT_TRUE(check.fix_changes.empty()) << check.id;
  }
  EXPECT_EQ(told, listed);
  for (const char* id :
       {"run_file",      "settings", "device",     "model",          "weights",   "adapter",    "tokenizer",
        "chat_template", "data",     "labels",     "unclosed_turns", "truncated", "duplicates", "eval_overlap",
        "evaluation",    "context",  "schedule",   "learning_rate",  "memory",    "disk",       "loading",
        "longest_batch", "gradient", "first_loss", "parity",         "base_loss"}) {
    EXPECT_NE(find(report, id), nullptr) << id;
  }
  EXPECT_TRUE(std::is_sorted(report.checks.begin(), report.checks.end(),
                             [](const PreflightCheck& a, const PreflightCheck& b) { return a.group < b.group; }));
  EXPECT_NE(std::find(stages.begin(), stages.end(), "Trying the longest rows"), stages.end());
  const double guess = std::log(1536.0);
  EXPECT_FALSE(!(std::abs(report.blind_guess.value() - guess) <= 1e-12 * guess));
  EXPECT_FALSE(!(report.first_loss.value() > 0.0 && report.first_loss.value() < guess));
  const auto measured = static_cast<double>(report.measured_peak_memory_bytes.value());
  const auto predicted = static_cast<double>(report.predicted_peak_memory_bytes.value());
  EXPECT_FALSE(!(std::abs(measured - predicted) <= 0.05 * predicted)) << measured << " " << predicted;
  EXPECT_TRUE(report.predicted_step_ms.has_value());  // from the real step, as none was timed before
}

TEST_F(PreflightTest, TheFirstLossIsTheOneThatTrainingShows) {
  const PreflightReport report = check(true);
  config_.max_steps = 1;
  test::Recorder events;
  ASSERT_EQ(test::train(config_, scratch_ / "run", events).status, RunStatus::kFinished);
  const double trained = events.steps.front().loss_per_token;
  EXPECT_FALSE(!(std::abs(report.first_loss.value() - trained) <= 1e-4 * trained))
      << *report.first_loss << " " << trained;
  // Nor has the check drawn from anything that training draws from.
  EXPECT_FALSE(!(static_cast<double>(events.steps.front().peak_memory_bytes) <=
                 1.05 * static_cast<double>(*report.measured_peak_memory_bytes)));
}

TEST_F(PreflightTest, CanBeCancelledAndCanDoWithoutWeights) {
  for (const PreflightCheck& check : check(false).checks) EXPECT_NE(check.group, CheckGroup::kWeights) << check.id;
  std::stop_source source;
  options_.use_weights = true;
  try {
    check_run(options_, {}, source.get_token(), [&](const PreflightCheck& check) {
      if (check.id == "longest_batch") source.request_stop();
      EXPECT_NE(check.id, "first_loss");
    });
    ADD_FAILURE() << "went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
}

TEST_F(PreflightTest, JudgesTheFiles) {
  config_.method = Method::kFull;
  config_.quantization = "nf4";
  expect_fix("settings", CheckStatus::kFail, R"({"quantization":"none"})");
  config_.method = Method::kLora;
  expect("settings", CheckStatus::kPass);
  config_.quantization = "none";
  config_.lora.target_modules = {"q_prj"};
  expect_fix("adapter", CheckStatus::kFail, R"({"lora":{"target_modules":"all-linear"}})");
  config_.lora.target_modules = {"all-linear"};
  config_.adapter_name_or_path = (scratch_ / "nothing").string();
  expect_fix("adapter", CheckStatus::kFail, R"({"adapter_name_or_path":null})");
  config_.adapter_name_or_path.reset();
  config_.chat_template = "no-such-template";
  expect_fix("chat_template", CheckStatus::kFail, R"({"chat_template":null})");
  config_.chat_template.clear();

  options_.device = "cuda:77";
  expect("device", CheckStatus::kFail);
  options_.device = "cpu";

  copy_model();
  fs::remove(scratch_ / "model" / "tokenizer.model");
  expect("tokenizer", CheckStatus::kFail);
  fs::remove(scratch_ / "model" / "model.safetensors");
  expect("weights", CheckStatus::kFail);
  config_.model_name_or_path = (scratch_ / "nowhere").string();
  expect("model", CheckStatus::kFail);
  config_.model_name_or_path.clear();
  expect("run_file", CheckStatus::kFail);
  EXPECT_EQ(check().checks.size(), 1u);
}

TEST_F(PreflightTest, JudgesTheLabels) {
  config_.max_length = 4;  // cuts off every answer
  expect_fix("data", CheckStatus::kFail, R"({"max_length":32})");
  config_.max_length = 128;
  const std::string question = json{{"messages", {{{"role", "user"}, {"content", "Only a question"}}}}}.dump() + "\n";
  test::put_file(scratch_ / "rows.jsonl", question);
  expect_fix("data", CheckStatus::kFail, R"({"assistant_only_loss":false})");
  // Where most rows have an answer, the others stay masked as they are.
  test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 3) + question);
  EXPECT_EQ(expect("rows_without_labels", CheckStatus::kWarn).fix_changes, "");
  test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 1) + question + question);
  expect_fix("rows_without_labels", CheckStatus::kWarn, R"({"assistant_only_loss":false})");

  config_.assistant_only_loss = false;
  std::string lines;
  for (int row = 0; row < 4; ++row) {
    std::vector<int> ids(400, 100 + row), labels(400, -100);
    labels.back() = 7;
    lines += json{{"input_ids", ids}, {"labels", labels}}.dump() + "\n";
  }
  test::put_file(scratch_ / "rows.jsonl", lines);
  config_.max_length = 512;
  EXPECT_NE(expect("labels", CheckStatus::kWarn).message.find("4 of 1600 tokens (0.2 %)"), std::string::npos);

  config_.dataset.path = (scratch_ / "nowhere.jsonl").string();
  EXPECT_EQ(expect("data", CheckStatus::kFail).fix_changes, "");
}

TEST_F(PreflightTest, JudgesTheRows) {
  config_.max_length = 14;  // cuts into the answers
  expect_fix("truncated", CheckStatus::kWarn, R"({"max_length":32})");
  config_.max_length = 128;
  config_.chat_template = "chatml";
  expect_fix("unclosed_turns", CheckStatus::kWarn, R"({"chat_template":null})");
  config_.chat_template.clear();

  test::put_file(scratch_ / "eval.jsonl", chat_rows(20, 8));
  config_.eval_dataset.emplace().path = (scratch_ / "eval.jsonl").string();
  expect_fix("eval_overlap", CheckStatus::kWarn, R"({"drop_eval_overlap":true})");
  // Where none would be left, others have to be held out.
  test::put_file(scratch_ / "eval.jsonl", chat_rows(20, 4));
  expect_fix("eval_overlap", CheckStatus::kWarn, R"({"eval_dataset":null,"eval_fraction":0.1})");
  config_.drop_eval_overlap = true;
  expect_fix("data", CheckStatus::kFail, R"({"drop_eval_overlap":false})");
  config_.drop_eval_overlap = false;
  // Rows that stand twice in the file to evaluate on.
  test::put_file(scratch_ / "eval.jsonl", chat_rows(50, 4) + chat_rows(50, 1));
  expect_fix("duplicates", CheckStatus::kWarn, R"({"drop_duplicates":true})");
  config_.eval_dataset.reset();

  test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 12) + chat_rows(3, 5));
  const PreflightCheck twice = expect("duplicates", CheckStatus::kWarn);
  EXPECT_TRUE(twice.message.starts_with("5 of the 17 rows")) << twice.message;
  EXPECT_EQ(twice.fix_changes, R"({"drop_duplicates":true})");
  EXPECT_EQ(check().rows, 17);
  config_.drop_duplicates = true;
  const PreflightReport once = check();
  EXPECT_EQ(once.rows, 12);
  EXPECT_TRUE(find(once, "duplicates")->message.starts_with("5 of the 17 rows")) << find(once, "duplicates")->message;
  // Where they were nearly all, a share to evaluate on leaves nothing to train on.
  test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 1) + chat_rows(0, 1));
  config_.eval_fraction = 0.1;
  expect_fix("data", CheckStatus::kFail, R"({"eval_fraction":0.0})");
  EXPECT_NE(expect("data", CheckStatus::kFail).message.find("got 0.1 of 1 rows"), std::string::npos);
  config_.eval_fraction = 0.0;
  test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 12) + chat_rows(3, 5));
  config_.drop_duplicates = false;

  // As many rows as are held out, however packing cuts them.
  config_.eval_fraction = 0.25;
  config_.max_length = 16;
  for (const Packing packing : {Packing::kNone, Packing::kBfdSplit, Packing::kWrapped}) {
    config_.packing = packing;
    const PreflightReport held_out = check();
    ASSERT_NE(find(held_out, "evaluation"), nullptr);
    EXPECT_EQ(find(held_out, "evaluation")->message, "on 5 rows.");
  }
  config_.packing = Packing::kNone;
  config_.eval_fraction = 0.0;
  config_.max_length = 128;

  std::string lengthy;
  for (int i = 0; i < 700; ++i) lengthy += "captain ";
  test::put_file(scratch_ / "rows.jsonl", json{{"text", lengthy}}.dump() + "\n");
  config_.assistant_only_loss = false;
  config_.max_length = 100000;
  expect_fix("context", CheckStatus::kWarn, R"({"max_length":512})");
}

TEST_F(PreflightTest, JudgesThePlan) {
  config_.warmup_steps = 50;
  expect_fix("schedule", CheckStatus::kWarn, R"({"warmup_ratio":0.1,"warmup_steps":0})");
  config_.warmup_steps = 0;
  // So few steps of the data teach hardly anything, unless they are what was asked for.
  const RunConfig before = config_;
  config_.max_steps = 2;
  expect("schedule", CheckStatus::kPass);
  config_.max_steps = 0;
  config_.num_train_epochs = 1.0;
  config_.per_device_train_batch_size = 8;
  config_.packing = Packing::kBfd;
  config_.gradient_accumulation_steps = 2;
  expect_fix("schedule", CheckStatus::kWarn,
             R"({"gradient_accumulation_steps":1,"packing":"none","per_device_train_batch_size":2})");
  test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 3));
  expect_fix(
      "schedule", CheckStatus::kWarn,
      R"({"gradient_accumulation_steps":1,"num_train_epochs":4.0,"packing":"none","per_device_train_batch_size":1})");
  test::put_file(scratch_ / "rows.jsonl", chat_rows(0, 24));
  config_ = before;
  for (const double rate : {0.5, 1e-8, 0.0}) {
    config_.learning_rate = rate;
    EXPECT_NE(expect("learning_rate", CheckStatus::kWarn).fix_changes, "") << rate;
  }
  // What reaches the weights is what counts: rate times scale times rank.
  config_.learning_rate = 4e-3;
  config_.lora.r = 16;
  config_.lora.lora_alpha = 32.0;
  // "Usual" is said of what is usual alone.
  EXPECT_NE(expect("learning_rate", CheckStatus::kPass).message.find("up to 0.004; about"), std::string::npos);
  config_.learning_rate = 2e-4;
  const std::string careful = expect("learning_rate", CheckStatus::kPass).message;
  EXPECT_NE(careful.find("careful"), std::string::npos) << careful;
  config_.learning_rate = 2e-2;
  const std::string bold = expect("learning_rate", CheckStatus::kPass).message;
  EXPECT_NE(bold.find("bold"), std::string::npos) << bold;
  config_.learning_rate = 4e-3;
  config_.lora.lora_alpha = 3200.0;
  expect("learning_rate", CheckStatus::kWarn);
  config_.lora.lora_alpha = 320.0;
  expect("learning_rate", CheckStatus::kPass);
  config_.lora.r = 256;
  expect("learning_rate", CheckStatus::kPass);
  config_.lora.use_rslora = true;
  expect("learning_rate", CheckStatus::kWarn);
  config_.lora = {};
  config_.method = Method::kFull;
  config_.learning_rate = 1e-4;
  expect("learning_rate", CheckStatus::kPass);
  config_.learning_rate = 1e-2;
  expect("learning_rate", CheckStatus::kWarn);
}

// A model that exists as a configuration alone: narrow projections, few weights, and so wide and deep a stream that a
// batch's activations take twice what is free.
TEST_F(PreflightTest, JudgesMemoryAndDisk) {
  fs::create_directories(scratch_ / "model");
  for (const char* name : {"tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"}) {
    fs::copy_file(kModel / name, scratch_ / "model" / name);
  }
  const auto free = static_cast<double>(make_cpu_backend(1)->free_bytes());
  json model = read_json_file(kModel / "config.json");
  constexpr double kTokens = 24 * 25, kLayers = 400, kBytesKept = 16;  // of a token, a layer and a column
  model["hidden_size"] = static_cast<std::int64_t>(2.0 * free / (kTokens * kLayers * kBytesKept));
  model["num_hidden_layers"] = static_cast<std::int64_t>(kLayers);
  model["intermediate_size"] = 32;
  model["num_attention_heads"] = model["num_key_value_heads"] = 1;
  write_json_file(scratch_ / "model" / "config.json", model);
  config_.model_name_or_path = (scratch_ / "model").string();
  config_.method = Method::kFull;
  config_.init_from_config = true;
  config_.lora = {};
  config_.per_device_train_batch_size = 24;
  config_.recompute = Recompute::kNone;
  const PreflightReport report = check();
  const PreflightCheck* memory = find(report, "memory");
  ASSERT_NE(memory, nullptr) << report.to_json().dump(1);
  EXPECT_EQ(to_string(memory->status), "fail") << memory->message;
  ASSERT_FALSE(memory->fix_changes.empty()) << memory->message;
  config_ = with_changes(config_, memory->fix_changes);
  EXPECT_EQ(config_.per_device_train_batch_size * config_.gradient_accumulation_steps, 24);  // the same steps
  const PreflightReport mended = check();
  EXPECT_NE(to_string(find(mended, "memory")->status), "fail") << find(mended, "memory")->message;

  config_.model_name_or_path = kModel.string();  // small enough for one checkpoint of it to find room
  config_.save_total_limit = 1'000'000'000;
  expect_fix("disk", CheckStatus::kFail, R"({"save_total_limit":1})");
}

// The size that stands behind `what` in a message, in bytes.
double size_after(const std::string& message, const std::string& what) {
  const std::size_t at = message.find(what);
  if (at == std::string::npos) return std::nan("");
  std::istringstream rest(message.substr(at + what.size()));
  double size = 0.0;
  std::string unit;
  rest >> size >> unit;
  return size * (unit.starts_with("kB")   ? 1e3
                 : unit.starts_with("MB") ? 1e6
                 : unit.starts_with("GB") ? 1e9
                                          : std::nan(""));
}

TEST_F(PreflightTest, TellsWhatWaitsInTheHostsMemory) {
  const PreflightReport without = check();
  EXPECT_EQ(without.predicted_host_memory_bytes, 0u);
  EXPECT_EQ(find(without, "memory")->message.find("of the computer's memory"), std::string::npos);
  config_.recompute = Recompute::kOffload;
  const PreflightReport with = check();
  EXPECT_GT(with.predicted_host_memory_bytes, 0u);
  EXPECT_EQ(with.to_json()["predicted_host_memory_bytes"], with.predicted_host_memory_bytes);
  EXPECT_NE(find(with, "memory")->message.find("of the computer's memory"), std::string::npos);
}

TEST_F(PreflightTest, CountsWhatARunWritesBesideItsCheckpoints) {
  config_.per_device_train_batch_size = 8;
  config_.max_steps = 60;
  const PreflightReport silent = check();
  EXPECT_EQ(find(silent, "disk")->message.find("captured"), std::string::npos) << find(silent, "disk")->message;

  config_.return_logits.every = 4;
  config_.return_logits.rows = {0, 3, 8};  // a step has no ninth
  config_.return_logits.logits_to_keep.last = 5;
  const PreflightReport report = check();
  const std::string message = find(report, "disk")->message;
  test::Recorder events;
  ASSERT_EQ(test::train(config_, scratch_ / "run", events).status, RunStatus::kFinished);
  double captures = 0.0;
  for (const auto& file : fs::directory_iterator(scratch_ / "run" / "captures")) {
    captures += static_cast<double>(fs::file_size(file));
  }
  ASSERT_GT(captures, 0.0);
  const double predicted = size_after(message, "captured logits ");
  EXPECT_FALSE(!(std::abs(predicted - captures) <= 0.1 * captures)) << predicted << " " << captures << ": " << message;
  double record = 0.0;  // with what SQLite has beside it
  for (const char* name : {"run.db", "run.db-wal"}) {
    std::error_code missing;
    const std::uintmax_t size = fs::file_size(scratch_ / "run" / name, missing);
    if (!missing) record += static_cast<double>(size);
  }
  const double recorded = size_after(message, "the record ");
  EXPECT_FALSE(!(std::abs(recorded - record) <= 0.4 * record)) << recorded << " " << record << ": " << message;
  const double all = size_after(message, ": ");
  const double parts = size_after(message, "take about ") + predicted + recorded;
  EXPECT_FALSE(!(std::abs(all - parts) <= 0.1 * parts)) << message;  // but for their rounding
}

TEST_F(PreflightTest, FindsCapturesThatFillTheDisk) {
  constexpr double kLeastOfACapture = 5.0 * 1536 * 2;  // bytes
  config_.per_device_train_batch_size = 1;
  config_.return_logits.every = 1;
  const double available = static_cast<double>(fs::space(scratch_.path()).available);
  config_.max_steps = static_cast<std::int64_t>(4.0 * available / kLeastOfACapture);
  const PreflightCheck found = expect("disk", CheckStatus::kFail);
  const json changes = json::parse(found.fix_changes);
  EXPECT_GT(changes["return_logits"]["every"].get<std::int64_t>(), 1) << found.message;
  EXPECT_NE(found.fix.find("return_logits.every"), std::string::npos) << found.fix;

  // Beside more checkpoints than fit, too.
  config_.save_total_limit = 1'000'000'000;
  const json both = json::parse(expect("disk", CheckStatus::kFail).fix_changes);
  EXPECT_GT(both["return_logits"]["every"].get<std::int64_t>(), 1);
  EXPECT_EQ(both["save_total_limit"], 1);
}

TEST_F(PreflightTest, FindsDamagedWeights) {
  copy_model();
  patch_tensors(
      scratch_ / "model" / "model.safetensors", [](const std::string& name) { return name == "model.norm.weight"; },
      [](char* begin, std::size_t) {
        begin[2] = static_cast<char>(0xc0);  // bfloat16 NaN
        begin[3] = 0x7f;
      });
  const PreflightCheck found = expect("longest_batch", CheckStatus::kFail, true);
  EXPECT_NE(found.message.find("model.norm.weight"), std::string::npos) << found.message;
}

TEST_F(PreflightTest, FindsAdaptersThatLearnNothingOrDoHarm) {
  config_.max_steps = 2;
  test::Recorder events;
  ASSERT_EQ(test::train(config_, scratch_ / "first", events).status, RunStatus::kFinished);
  const fs::path adapter = scratch_ / "first" / "adapter";
  config_.adapter_name_or_path = adapter.string();
  expect("gradient", CheckStatus::kPass, true);
  expect("base_loss", CheckStatus::kPass, true);
  expect("adapter", CheckStatus::kPass);
  config_.lora.r = 6;
  config_.lora.target_modules = {"q_proj"};
  const PreflightCheck other = expect("adapter", CheckStatus::kWarn);
  EXPECT_NE(other.message.find("keeps its own lora.r, lora.target_modules,"), std::string::npos) << other.message;
  config_.lora.r = 4;
  config_.lora.target_modules = {"all-linear"};

  const fs::path file = adapter / "adapter_model.safetensors";
  const std::string trained = test::get_file(file);
  const auto zero = [](char* begin, std::size_t size) { std::fill_n(begin, size, 0); };
  patch_tensors(
      file, [](const std::string& name) { return name.find("layers.3.mlp.up_proj") != std::string::npos; }, zero);
  const PreflightCheck one = expect("gradient", CheckStatus::kWarn, true);
  EXPECT_NE(one.message.find("1 of 42 projections get none, such as model.layers.3.mlp.up_proj"), std::string::npos)
      << one.message;
  patch_tensors(
      file, [](const std::string&) { return true; }, zero);
  expect_fix("gradient", CheckStatus::kFail, R"({"adapter_name_or_path":null})", true);

  test::put_file(file, trained);
  patch_tensors(
      file, [](const std::string& name) { return name.find("lora_B") != std::string::npos; },
      [](char* begin, std::size_t size) {
        for (std::size_t i = 0; i < size / 4; ++i) {
          const float value = i % 2 == 0 ? 0.5f : -0.5f;
          std::copy_n(reinterpret_cast<const char*>(&value), 4, begin + 4 * i);
        }
      });
  expect_fix("base_loss", CheckStatus::kWarn, R"({"adapter_name_or_path":null})", true);
}

TEST_F(PreflightTest, FindsRowsThatAreNotTheModels) {
  std::mt19937 random(20261126);
  json ids = json::array();
  for (int row = 0; row < 4; ++row) {
    std::vector<int> line(40);
    for (int& id : line) id = 6 + static_cast<int>(random() % 1500);
    ids.push_back(line);
  }
  write_json_file(scratch_ / "batch.json", {{"input_ids", ids}});
  config_ = RunConfig();
  config_.model_name_or_path = kModel.string();
  config_.batch = (scratch_ / "batch.json").string();
  config_.max_steps = 5;
  const PreflightCheck found = expect("first_loss", CheckStatus::kWarn, true);
  EXPECT_NE(found.message.find("worse than guessing"), std::string::npos) << found.message;
}

TEST_F(PreflightTest, FindsPathsThatDisagree) {
  options_.fault = {FaultKind::kRopeOffByOne, ParityPath::kDecode};
  expect("parity", CheckStatus::kFail, true);
  expect("base_loss", CheckStatus::kPass, true);
  // An evaluation that computes something else shows as an adapter that is not nothing.
  options_.fault = {FaultKind::kNormEpsilon, ParityPath::kEval};
  expect("parity", CheckStatus::kFail, true);
  const PreflightCheck found = expect("base_loss", CheckStatus::kFail, true);
  EXPECT_NE(found.message.find("a new adapter must not change anything"), std::string::npos) << found.message;
}

}  // namespace
}  // namespace vernier
