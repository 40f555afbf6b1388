// Small models of every shape the decoder knows, with random weights, adapters and batches.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "engine/core/micro_batch.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/model/adapter.h"
#include "engine/model/decoder.h"
#include "engine/model/weights.h"
#include "tests/unit/random.h"

namespace vernier::test {

inline bool coin(double chance = 0.5) {
  return std::bernoulli_distribution(chance)(rng());
}

inline double uniform(double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(rng());
}

// layers: 0 for a few.
inline ModelConfig random_config(std::int64_t layers = 0) {
  ModelConfig config;
  config.family = "random";
  config.num_kv_heads = uniform_int(1, 3);
  config.num_heads = config.num_kv_heads * uniform_int(1, 3);
  config.head_dim = 2 * uniform_int(2, 12);
  config.rotary_dim = coin(0.7) ? config.head_dim : 2 * uniform_int(1, config.head_dim / 2);
  config.hidden_size = uniform_int(9, 70);
  config.intermediate_size = uniform_int(9, 110);
  config.vocab_size = uniform_int(30, 300);
  config.num_layers = layers > 0 ? layers : uniform_int(1, 4);
  config.max_position_embeddings = 128;
  config.rms_norm_eps = coin() ? 1e-5 : 1e-6;
  config.norm_weight_offset = coin(0.3) ? 1.0 : 0.0;
  // A post-norm undoes what an empty cache entry too many does to a single head: that fault would have no effect.
  config.post_norms = config.num_heads > 1 && coin(0.3);
  config.pre_norms = !config.post_norms || coin();
  config.qk_norm = coin(0.6) ? QkNorm::kNone : coin() ? QkNorm::kPerHead : QkNorm::kFull;
  config.attention_bias = coin(0.3);
  config.attention_output_bias = coin(0.2);
  config.mlp_bias = coin(0.2);
  config.activation = coin() ? HiddenActivation::kSilu : coin() ? HiddenActivation::kGelu : HiddenActivation::kGeluTanh;
  config.tie_word_embeddings = coin();
  config.embedding_scale = coin(0.3) ? std::sqrt(static_cast<double>(config.hidden_size)) : 1.0;
  config.attention_scale = 1.0 / std::sqrt(static_cast<double>(config.head_dim));
  config.residual_scale = config.pre_norms && coin(0.2) ? 0.22 : 1.0;
  config.logit_scale = coin(0.2) ? 0.25 : 1.0;
  config.attention_softcap = coin(0.2) ? 20.0 : 0.0;
  config.final_softcap = coin(0.2) ? 15.0 : 0.0;
  config.ropes.resize(2);
  config.ropes[1].theta = 500000.0;
  config.ropes[1].type = "linear";
  config.ropes[1].factor = 2.0;
  for (std::int64_t layer = 0; layer < config.num_layers; ++layer) {
    config.layer_rope.push_back(layer > 0 && coin(0.15) ? -1 : coin(0.7) ? 0 : 1);
    config.layer_window.push_back(coin(0.2) ? uniform_int(4, 9) : 0);
  }
  config.fused_qkv = !config.attention_bias && coin(0.2);
  config.fused_gate_up = !config.mlp_bias && coin(0.2);
  return config;
}

// A decoder with all it stands on.
struct RandomModel {
  explicit RandomModel(bool with_adapter, std::unique_ptr<Backend> on = make_cpu_backend(), DType dtype = DType::kF32,
                       std::int64_t layers = 0)
      : config(random_config(layers)), backend(std::move(on)) {
    weights = ModelWeights::random(*backend, config, rng()(), dtype);
    for (std::size_t i = 0; i < weights->set().parameters().size(); ++i) {
      const Parameter& parameter = weights->set().parameters()[i];
      std::vector<float> values(static_cast<std::size_t>(parameter.size()));
      // As trained weights: rows that keep a vector's length, norms around one, embeddings of length about one.
      const bool matrix = parameter.shape.size() == 2;
      const bool norm = !matrix && parameter.name.find("norm") != std::string::npos;
      const double scale = matrix ? 0.9 / std::sqrt(static_cast<double>(parameter.cols())) : 0.1;
      const double center = norm ? 1.0 - config.norm_weight_offset : 0.0;
      for (float& value : values) value = static_cast<float>(center + scale * normal_(rng()));
      weights->set().upload(i, values);
    }
    if (with_adapter) {
      AdapterConfig options;
      options.r = uniform_int(1, 9);
      options.lora_alpha = static_cast<double>(2 * options.r);
      options.target_pattern = "all-linear";
      adapter = Adapter::create(*backend, config, options, rng()(), dtype);
      for (std::size_t i = 1; i < adapter->set().parameters().size(); i += 2) {
        const Parameter& b = adapter->set().parameters()[i];
        adapter->set().upload(i, normal(static_cast<std::size_t>(b.size()), 0.2f));
      }
    }
    decoder = std::make_unique<Decoder>(*backend, config, *weights, adapter.get());
  }

  // Several sequences of odd lengths; the first has at least `shortest` tokens.
  MicroBatch random_batch(std::int64_t shortest = 1) const {
    MicroBatch batch;
    const std::int64_t rows = uniform_int(1, 5);
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t length = uniform_int(row == 0 ? shortest : 1, std::max<std::int64_t>(shortest, 40));
      std::vector<std::int32_t> ids;
      std::vector<std::int32_t> labels;
      for (std::int64_t t = 0; t < length; ++t) {
        ids.push_back(static_cast<std::int32_t>(uniform_int(0, config.vocab_size - 1)));
        labels.push_back(coin(0.8) ? ids.back() : -100);
      }
      batch.append(row, ids.data(), labels.data(), static_cast<std::int32_t>(length));
    }
    return batch;
  }

  ModelConfig config;
  std::unique_ptr<Backend> backend;
  std::unique_ptr<ModelWeights> weights;
  std::unique_ptr<Adapter> adapter;
  std::unique_ptr<Decoder> decoder;

 private:
  std::normal_distribution<double> normal_{0.0, 1.0};
};

}  // namespace vernier::test
