#include "engine/inspect/asked_states.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/micro_batch.h"
#include "engine/inspect/model_insides.h"
#include "engine/model/download.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::int64_t kChunkLogits = 1 << 22;  // values at a time
constexpr std::int64_t kMostRows = 64;

// The base model is the tuned one without its adapter, for as long as this lives.
class AdapterOff {
 public:
  explicit AdapterOff(LanguageModel& model) : model_(model) { model_.set_adapter_strength(0.0); }
  ~AdapterOff() { model_.set_adapter_strength(1.0); }
  AdapterOff(const AdapterOff&) = delete;
  AdapterOff& operator=(const AdapterOff&) = delete;

 private:
  LanguageModel& model_;
};

void check_ids(const std::vector<std::int32_t>& input_ids, std::int64_t vocab_size) {
  if (input_ids.empty()) fail(ErrorCode::kInvalidInput, "tokens", "got none, expected at least one.");
  for (std::size_t i = 0; i < input_ids.size(); ++i) {
    if (input_ids[i] >= 0 && input_ids[i] < vocab_size) continue;
    fail(ErrorCode::kInvalidInput, "tokens",
         "got id " + std::to_string(input_ids[i]) + " at position " + std::to_string(i) + ", expected 0 to " +
             std::to_string(vocab_size - 1) + " (the model's vocabulary).");
  }
}

}  // namespace

AskedStates ask_states(Decoder& decoder, const std::vector<std::int32_t>& input_ids, KeptStates kept) {
  check_ids(input_ids, decoder.config().vocab_size);
  const std::vector<std::int32_t> labels(input_ids.size(), -100);
  MicroBatch batch;
  batch.append(0, input_ids.data(), labels.data(), static_cast<std::int32_t>(input_ids.size()));
  PassOptions options;
  options.keep_hidden_states = kept == KeptStates::kAll;
  decoder.forward(batch, options);
  AskedStates asked;
  asked.decoder = &decoder;
  if (kept == KeptStates::kAll) {
    asked.states = decoder.hidden_states();
  } else {
    asked.states.push_back(download_f32(decoder.backend(), decoder.hidden()));
  }
  return asked;
}

std::vector<AskedStates> ask_states(const ModelPair& models, const std::vector<std::int32_t>& input_ids, Asked asked,
                                    KeptStates kept) {
  LanguageModel& tuned = *models.tuned;
  if (models.base != nullptr) {
    const ModelInfo& a = tuned.info();
    const ModelInfo& b = models.base->info();
    if (a.vocab_size != b.vocab_size || a.num_layers != b.num_layers || a.hidden_size != b.hidden_size) {
      const auto shape = [](const ModelInfo& info) {
        return std::to_string(info.num_layers) + " layers of " + std::to_string(info.hidden_size) + " over " +
               std::to_string(info.vocab_size) + " tokens";
      };
      fail(ErrorCode::kInvalidInput, "base model",
           "shape: got " + shape(b) + ", expected " + shape(a) + " as the tuned model has.");
    }
  }
  std::vector<AskedStates> states;
  if (asked != Asked::kBase) states.push_back(ask_states(ModelInsides::decoder(tuned), input_ids, kept));
  if (asked == Asked::kTuned) return states;
  if (models.base != nullptr) {
    states.push_back(ask_states(ModelInsides::decoder(*models.base), input_ids, kept));
  } else {
    const AdapterOff off(tuned);
    states.push_back(ask_states(ModelInsides::decoder(tuned), input_ids, kept));
  }
  return states;
}

HeadReader::HeadReader(Decoder& decoder)
    : decoder_(decoder), chunk_(std::clamp<std::int64_t>(kChunkLogits / decoder.config().vocab_size, 1, kMostRows)) {
  Backend& backend = decoder.backend();
  const auto row = static_cast<std::size_t>(decoder.config().hidden_size) * size_of(decoder.dtype());
  const auto count = static_cast<std::size_t>(chunk_);
  states_ = backend.allocate(count * row);
  normed_ = backend.allocate(count * row);
  inv_rms_ = backend.allocate(count * sizeof(float));
  logits_.resize(count * static_cast<std::size_t>(decoder.config().vocab_size));
}

const std::vector<float>& HeadReader::read(const float* states, std::int64_t count, bool is_normed) {
  if (count < 1 || count > chunk_) fail(ErrorCode::kInternal, "head", "expected one chunk of positions.");
  Backend& backend = decoder_.backend();
  const ModelConfig& config = decoder_.config();
  const std::int64_t width = config.hidden_size;
  const auto values = static_cast<std::size_t>(count * width);
  if (decoder_.dtype() == DType::kF32) {
    backend.upload(states_->data(), states, values * sizeof(float));
  } else {
    // They were bfloat16 before they were kept: nothing is lost.
    halves_.resize(values);
    std::transform(states, states + values, halves_.begin(), f32_to_bf16);
    backend.upload(states_->data(), halves_.data(), values * sizeof(std::uint16_t));
  }
  TensorView hidden(states_->data(), decoder_.dtype(), count, width, width);
  ModelWeights& weights = decoder_.weights();
  if (!is_normed) {
    const TensorView normed(normed_->data(), decoder_.dtype(), count, width, width);
    backend.rms_norm_forward({.x = hidden,
                              .weight = weights.value(weights.final_norm()),
                              .eps = static_cast<float>(config.rms_norm_eps),
                              .weight_offset = static_cast<float>(config.norm_weight_offset),
                              .y = normed,
                              .inv_rms = TensorView(inv_rms_->data(), DType::kF32, count, 1, 1)});
    hidden = normed;
  }
  rows_.resize(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) rows_[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i);
  backend.logits_forward({.hidden = hidden,
                          .rows = rows_,
                          .weight = weights.value(weights.head()),
                          .logit_scale = static_cast<float>(config.logit_scale),
                          .softcap = static_cast<float>(config.final_softcap),
                          .logits = TensorView(logits_.data(), count, config.vocab_size)});
  return logits_;
}

}  // namespace vernier
