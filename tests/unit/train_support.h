// Shared by the tests of engine/train: a small random model on disk, batch files, and a sink that remembers.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "engine/cpu/cpu_backend.h"
#include "engine/io/atomic_file.h"
#include "engine/io/hf_config.h"
#include "engine/io/safetensors.h"
#include "engine/model/weights.h"
#include "tests/unit/io_test_support.h"
#include "vernier/run.h"
#include "vernier/run_store.h"

namespace vernier::test {

inline constexpr int kVocabulary = 61;

class Recorder : public EventSink {
 public:
  void on_state(RunId, RunState state) override { states.push_back(state); }
  void on_started(const StartedEvent& event) override { started = event; }
  void on_step(const StepEvent& event) override {
    steps.push_back(event);
    if (after_step) after_step(event);
  }
  void on_eval(const EvalEvent& event) override { evals.push_back(event); }
  void on_parity(const ParityEvent& event) override { parity.push_back(event.report); }
  void on_capture(const CaptureEvent& event) override { captures.push_back(event); }
  void on_saved(const SavedEvent& event) override { saved.push_back(event.step); }
  void on_message(const MessageEvent& event) override { messages.push_back(event.text); }

  std::vector<double> losses() const {
    std::vector<double> out;
    for (const StepEvent& event : steps) out.push_back(event.loss);
    return out;
  }

  std::function<void(const StepEvent&)> after_step;
  std::vector<RunState> states;
  StartedEvent started;
  std::vector<StepEvent> steps;
  std::vector<EvalEvent> evals;
  std::vector<ParityReport> parity;
  std::vector<CaptureEvent> captures;
  std::vector<std::int64_t> saved;
  std::vector<std::string> messages;
};

// config.json and float32 weights of a Llama of some thousand parameters with grouped-query attention.
inline void make_model(const std::filesystem::path& folder, std::uint64_t seed, bool tied = false,
                       int vocabulary = kVocabulary) {
  std::filesystem::create_directories(folder);
  write_json_file(folder / "config.json", {{"architectures", {"LlamaForCausalLM"}},
                                           {"model_type", "llama"},
                                           {"vocab_size", vocabulary},
                                           {"hidden_size", 24},
                                           {"intermediate_size", 40},
                                           {"num_hidden_layers", 2},
                                           {"num_attention_heads", 3},
                                           {"num_key_value_heads", 1},
                                           {"head_dim", 8},
                                           {"max_position_embeddings", 128},
                                           {"rms_norm_eps", 1e-5},
                                           {"rope_theta", 10000.0},
                                           {"initializer_range", 0.1},
                                           {"tie_word_embeddings", tied},
                                           {"hidden_act", "silu"}});
  const ModelConfig config = read_model_config(folder);
  const std::unique_ptr<Backend> backend = make_cpu_backend(1);
  const auto weights = ModelWeights::random(*backend, config, seed);
  std::vector<std::vector<float>> values;
  std::vector<TensorToWrite> tensors;
  for (std::size_t i = 0; i < weights->set().parameters().size(); ++i) values.push_back(weights->set().download(i));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Parameter& parameter = weights->set().parameters()[i];
    tensors.push_back({parameter.name, DType::kF32, parameter.shape, std::as_bytes(std::span(values[i]))});
  }
  write_safetensors(folder / "model.safetensors", tensors);
}

// Rows of different lengths, each with some tokens at its start that have no label.
inline void make_batch(const std::filesystem::path& file, std::uint64_t seed, int rows = 7, int longest = 19) {
  std::mt19937_64 random(seed);
  nlohmann::json ids = nlohmann::json::array(), labels = ids, lengths = ids;
  for (int b = 0; b < rows; ++b) {
    const int length = b == 0 ? longest : 2 + static_cast<int>(random() % static_cast<unsigned>(longest - 2));
    const int masked = static_cast<int>(random() % static_cast<unsigned>(length - 1));
    std::vector<int> row(static_cast<std::size_t>(longest), 0), row_labels(static_cast<std::size_t>(longest), -100);
    for (int t = 0; t < length; ++t) {
      row[static_cast<std::size_t>(t)] = static_cast<int>(random() % kVocabulary);
      if (t >= masked) row_labels[static_cast<std::size_t>(t)] = row[static_cast<std::size_t>(t)];
    }
    ids.push_back(row);
    labels.push_back(row_labels);
    lengths.push_back(length);
  }
  write_json_file(file, {{"input_ids", ids}, {"labels", labels}, {"lengths", lengths}});
}

// LoRA on a batch file; change what a test is about.
inline RunConfig small_config(const std::filesystem::path& model, const std::filesystem::path& batch) {
  RunConfig config;
  config.model_name_or_path = model.string();
  config.batch = batch.string();
  config.lora.r = 3;
  config.lora.lora_alpha = 6.0;
  config.learning_rate = 5e-3;
  config.weight_decay = 0.01;
  config.max_steps = 10;
  config.warmup_steps = 2;
  return config;
}

inline RunResult train(const RunConfig& config, const std::filesystem::path& out, Recorder& events,
                       const std::function<void(RunOptions&)>& change = {}, std::stop_token stop = {}) {
  RunOptions options;
  options.out_dir = out.string();
  options.device = "cpu";
  if (change) change(options);
  RunControl control;
  return run_training(config, options, events, control, std::move(stop));
}

inline RunResult resume(const std::filesystem::path& run, Recorder& events,
                        const std::function<void(RunOptions&)>& change = {}) {
  return train({}, "", events, [&](RunOptions& options) {
    options.resume_dir = run.string();
    if (change) change(options);
  });
}

// A small model, a batch file and a run's configuration for them, of a fresh seed.
class SmallRun : public testing::Test {
 protected:
  void SetUp() override {
    make_model(scratch_ / "model", seed_);
    make_batch(scratch_ / "batch.json", seed_ + 1);
    config_ = small_config(scratch_ / "model", scratch_ / "batch.json");
  }

  const std::uint64_t seed_ = fresh_seed();
  TemporaryFolder scratch_;
  RunConfig config_;
};

}  // namespace vernier::test
