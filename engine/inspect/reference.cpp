#include "engine/inspect/reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/io/rope_scaling.h"
#include "engine/io/tensor_names.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// [rows, cols], row-major.
struct Matrix {
  Matrix(std::int64_t rows_in, std::int64_t cols_in)
      : rows(rows_in), cols(cols_in), values(static_cast<std::size_t>(rows_in * cols_in)) {}
  double* row(std::int64_t r) { return values.data() + r * cols; }
  const double* row(std::int64_t r) const { return values.data() + r * cols; }

  std::int64_t rows;
  std::int64_t cols;
  std::vector<double> values;
};

// Eight running sums, so that the compiler can keep them in vector registers.
double dot(const double* a, const double* b, std::int64_t n) {
  std::array<double, 8> sums{};
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (std::int64_t lane = 0; lane < 8; ++lane) sums[static_cast<std::size_t>(lane)] += a[i + lane] * b[i + lane];
  }
  double sum = 0.0;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (const double s : sums) sum += s;
  return sum;
}

// y[n][o] += scale * sum_i x[n][i] w[first_row + o][i].
void add_product(const Matrix& x, const std::vector<float>& w, std::int64_t first_row, double scale, Matrix& y) {
  std::vector<double> weight_row(static_cast<std::size_t>(x.cols));
  for (std::int64_t o = 0; o < y.cols; ++o) {
    const float* from = w.data() + (first_row + o) * x.cols;
    std::copy(from, from + x.cols, weight_row.begin());
    for (std::int64_t n = 0; n < x.rows; ++n) y.row(n)[o] += scale * dot(x.row(n), weight_row.data(), x.cols);
  }
}

double activate(HiddenActivation activation, double x) {
  switch (activation) {
    case HiddenActivation::kSilu:
      return x / (1.0 + std::exp(-x));
    case HiddenActivation::kGelu:
      return 0.5 * x * (1.0 + std::erf(x / std::numbers::sqrt2));
    case HiddenActivation::kGeluTanh:
      return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  }
  return x;
}

double capped(double x, double cap) {
  return cap == 0.0 ? x : cap * std::tanh(x / cap);
}

// log sum_i exp(x_i).
double log_sum_exp(const double* x, std::int64_t n) {
  const double largest = *std::max_element(x, x + n);
  double sum = 0.0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::exp(x[i] - largest);
  return largest + std::log(sum);
}

class Reference {
 public:
  Reference(const ModelConfig& config, const TensorValues& weights, const ReferenceLora* lora, const MicroBatch& batch)
      : config_(config),
        weights_(weights),
        lora_(lora),
        batch_(batch),
        refs_(model_weight_refs(config)),
        tokens_(static_cast<std::int64_t>(batch.input_ids.size())) {}

  ReferenceResult run() {
    Matrix x = embed();
    for (std::int64_t layer = 0; layer < config_.num_layers; ++layer) {
      result_.hidden_states.push_back(x.values);
      const LayerWeightRefs& refs = refs_.layers[static_cast<std::size_t>(layer)];
      join(x, attention(layer, normed(x, refs.pre_attention_norm, 1)), refs.post_attention_norm);
      join(x, mlp(layer, normed(x, refs.pre_mlp_norm, 1)), refs.post_mlp_norm);
    }
    const Matrix last = normed(x, refs_.final_norm, 1);
    result_.hidden_states.push_back(last.values);
    head(last);
    return std::move(result_);
  }

 private:
  Matrix embed() const {
    const std::vector<float> table = weights_(refs_.embedding.name);
    Matrix x(tokens_, config_.hidden_size);
    for (std::int64_t n = 0; n < tokens_; ++n) {
      const float* from = table.data() + batch_.input_ids[static_cast<std::size_t>(n)] * x.cols;
      for (std::int64_t i = 0; i < x.cols; ++i) x.row(n)[i] = config_.embedding_scale * from[i];
    }
    return x;
  }

  // RMSNorm over each of `groups` equal parts of a row; the row itself where the model has no such norm.
  Matrix normed(const Matrix& x, const WeightRef& ref, std::int64_t groups) const {
    if (!ref) return x;
    const std::vector<float> weight = weights_(ref.name);
    const std::int64_t size = x.cols / groups;
    Matrix y(x.rows, x.cols);
    for (std::int64_t n = 0; n < x.rows; ++n) {
      for (std::int64_t first = 0; first < x.cols; first += size) {
        const double* from = x.row(n) + first;
        double* to = y.row(n) + first;
        const double mean_square = dot(from, from, size) / static_cast<double>(size);
        const double factor = 1.0 / std::sqrt(mean_square + config_.rms_norm_eps);
        for (std::int64_t i = 0; i < size; ++i) {
          to[i] = from[i] * factor * (config_.norm_weight_offset + weight[static_cast<std::size_t>(i)]);
        }
      }
    }
    return y;
  }

  // x += residual_scale * norm(branch).
  void join(Matrix& x, const Matrix& branch, const WeightRef& post_norm) const {
    const Matrix y = normed(branch, post_norm, 1);
    for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += config_.residual_scale * y.values[i];
  }

  // A linear layer with its bias and LoRA branch. `module` is what an adapter calls it; weight and B may be rows of a
  // fused tensor.
  Matrix project(const Matrix& x, std::int64_t layer, const char* module, const WeightRef& ref,
                 const WeightRef& bias_ref) const {
    Matrix y(x.rows, ref.rows);
    add_product(x, weights_(ref.name), ref.first_row, 1.0, y);
    if (lora_ != nullptr && lora_->strength != 0.0) {
      for (const AdapterTarget& target : lora_->targets) {
        if (target.module.layer != layer || target.module.name != module) continue;
        const AdapterKeys keys = adapter_keys(target.module.path);
        Matrix t(x.rows, target.r);
        add_product(x, lora_->values(keys.a), 0, 1.0, t);
        add_product(t, lora_->values(keys.b), ref.first_row, lora_->strength * target.scale, y);
        if (lora_->use_dora) scale_to_magnitude(target, keys, ref, x.cols, y);
      }
    }
    if (bias_ref) {
      const std::vector<float> bias = weights_(bias_ref.name);
      for (std::int64_t n = 0; n < y.rows; ++n) {
        for (std::int64_t o = 0; o < y.cols; ++o) y.row(n)[o] += bias[static_cast<std::size_t>(o)];
      }
    }
    return y;
  }

  // y[n, o] *= magnitude[o] / || W[o] + scale B[o] A ||  (DoRA, Liu et al. 2024).
  void scale_to_magnitude(const AdapterTarget& target, const AdapterKeys& keys, const WeightRef& ref,
                          std::int64_t inputs, Matrix& y) const {
    const std::vector<float> weight = weights_(ref.name), a = lora_->values(keys.a), b = lora_->values(keys.b);
    const std::vector<float> magnitude = lora_->values(keys.magnitude + ".weight");
    for (std::int64_t o = 0; o < y.cols; ++o) {
      const std::int64_t row = ref.first_row + o;
      double square = 0.0;
      for (std::int64_t i = 0; i < inputs; ++i) {
        double value = weight[static_cast<std::size_t>(row * inputs + i)];
        for (std::int64_t r = 0; r < target.r; ++r) {
          value += lora_->strength * target.scale *
                   static_cast<double>(b[static_cast<std::size_t>(row * target.r + r)]) *
                   static_cast<double>(a[static_cast<std::size_t>(r * inputs + i)]);
        }
        square += value * value;
      }
      const double factor = magnitude[static_cast<std::size_t>(row)] / std::sqrt(square);
      for (std::int64_t n = 0; n < y.rows; ++n) y.row(n)[o] *= factor;
    }
  }

  Matrix attention(std::int64_t layer, const Matrix& x) const {
    const LayerWeightRefs& refs = refs_.layers[static_cast<std::size_t>(layer)];
    const bool fused = config_.fused_qkv;
    Matrix q = project(x, layer, fused ? "self_attn.qkv_proj" : "self_attn.q_proj", refs.q, refs.q_bias);
    Matrix k = project(x, layer, fused ? "self_attn.qkv_proj" : "self_attn.k_proj", refs.k, refs.k_bias);
    const Matrix v = project(x, layer, fused ? "self_attn.qkv_proj" : "self_attn.v_proj", refs.v, refs.v_bias);
    const bool per_head = config_.qk_norm == QkNorm::kPerHead;
    q = normed(q, refs.q_norm, per_head ? config_.num_heads : 1);
    k = normed(k, refs.k_norm, per_head ? config_.num_kv_heads : 1);

    Matrix mixed(tokens_, config_.num_heads * config_.head_dim);
    for (std::size_t s = 0; s + 1 < batch_.cu_seqlens.size(); ++s) {
      const std::int64_t first = batch_.cu_seqlens[s];
      const std::int64_t end = batch_.cu_seqlens[s + 1];
      rotate(layer, first, end, q);
      rotate(layer, first, end, k);
      for (std::int64_t h = 0; h < config_.num_heads; ++h) attend(layer, h, first, end, q, k, v, mixed);
    }
    return project(mixed, layer, "self_attn.o_proj", refs.o, refs.o_bias);
  }

  // Rotary embedding of one sequence's rows: of each head's first rotary_dim values, pairs (i, i + rotary_dim / 2)
  // turn by position * inv_freq[i].
  void rotate(std::int64_t layer, std::int64_t first, std::int64_t end, Matrix& x) const {
    const std::int32_t rope = config_.layer_rope[static_cast<std::size_t>(layer)];
    if (rope < 0 || first == end) return;
    const auto positions = batch_.position_ids.begin();
    const std::int64_t length = 1 + *std::max_element(positions + first, positions + end);
    const RopeFrequencies frequencies =
        rope_frequencies(config_, config_.ropes[static_cast<std::size_t>(rope)], length);
    const std::int64_t half = config_.rotary_dim / 2;
    for (std::int64_t n = first; n < end; ++n) {
      for (std::int64_t i = 0; i < half; ++i) {
        // Transformers multiplies position and frequency in float32: these angles are the model's, in every precision.
        const float angle =
            static_cast<float>(frequencies.inv_freq[static_cast<std::size_t>(i)]) * static_cast<float>(positions[n]);
        const double c = std::cos(static_cast<double>(angle)) * frequencies.attention_scaling;
        const double s = std::sin(static_cast<double>(angle)) * frequencies.attention_scaling;
        for (double* head = x.row(n); head < x.row(n) + x.cols; head += config_.head_dim) {
          const double a = head[i];
          const double b = head[i + half];
          head[i] = a * c - b * s;
          head[i + half] = b * c + a * s;
        }
      }
    }
  }

  // One head over one sequence: all T x T scores, those that the mask hides at minus infinity.
  void attend(std::int64_t layer, std::int64_t h, std::int64_t first, std::int64_t end, const Matrix& q,
              const Matrix& k, const Matrix& v, Matrix& out) const {
    const std::int64_t e = config_.head_dim;
    const std::int64_t kv_head = h / (config_.num_heads / config_.num_kv_heads);
    const std::int64_t window = config_.layer_window[static_cast<std::size_t>(layer)];
    const std::int64_t length = end - first;
    Matrix scores(length, length);
    for (std::int64_t i = 0; i < length; ++i) {
      double* row = scores.row(i);
      for (std::int64_t j = 0; j < length; ++j) {
        const double score = dot(q.row(first + i) + h * e, k.row(first + j) + kv_head * e, e);
        const bool seen = j <= i && (window == 0 || i - j < window);
        row[j] = seen ? capped(score * config_.attention_scale, config_.attention_softcap)
                      : -std::numeric_limits<double>::infinity();
      }
      const double lse = log_sum_exp(row, length);
      double* to = out.row(first + i) + h * e;
      for (std::int64_t j = 0; j < length; ++j) {
        const double probability = std::exp(row[j] - lse);
        const double* from = v.row(first + j) + kv_head * e;
        for (std::int64_t c = 0; c < e; ++c) to[c] += probability * from[c];
      }
    }
  }

  Matrix mlp(std::int64_t layer, const Matrix& x) const {
    const LayerWeightRefs& refs = refs_.layers[static_cast<std::size_t>(layer)];
    const bool fused = config_.fused_gate_up;
    Matrix gate = project(x, layer, fused ? "mlp.gate_up_proj" : "mlp.gate_proj", refs.gate, refs.gate_bias);
    const Matrix up = project(x, layer, fused ? "mlp.gate_up_proj" : "mlp.up_proj", refs.up, refs.up_bias);
    for (std::size_t i = 0; i < gate.values.size(); ++i) {
      gate.values[i] = activate(config_.activation, gate.values[i]) * up.values[i];
    }
    return project(gate, layer, "mlp.down_proj", refs.down, refs.down_bias);
  }

  void head(const Matrix& hidden) {
    Matrix logits(tokens_, config_.vocab_size);
    add_product(hidden, weights_(refs_.head ? refs_.head.name : refs_.embedding.name), 0, config_.logit_scale, logits);
    for (double& logit : logits.values) logit = capped(logit, config_.final_softcap);

    result_.token_loss.assign(static_cast<std::size_t>(tokens_), 0.0);
    for (std::size_t s = 0; s + 1 < batch_.cu_seqlens.size(); ++s) {
      for (std::int64_t n = batch_.cu_seqlens[s]; n + 1 < batch_.cu_seqlens[s + 1]; ++n) {
        const std::int32_t target = batch_.labels[static_cast<std::size_t>(n + 1)];
        if (target < 0) continue;
        const double loss = log_sum_exp(logits.row(n), logits.cols) - logits.row(n)[target];
        result_.token_loss[static_cast<std::size_t>(n)] = loss;
        result_.loss_per_token += loss;
        ++result_.num_targets;
      }
    }
    if (result_.num_targets > 0) result_.loss_per_token /= static_cast<double>(result_.num_targets);
    result_.logits = std::move(logits.values);
  }

  const ModelConfig& config_;
  const TensorValues& weights_;
  const ReferenceLora* lora_;
  const MicroBatch& batch_;
  ModelWeightRefs refs_;
  std::int64_t tokens_;
  ReferenceResult result_;
};

TensorValues values_of(const ParameterSet& set) {
  return [&set](const std::string& name) {
    const std::int64_t index = set.find(name);
    if (index < 0) fail(ErrorCode::kInternal, "reference", name + " is not among the loaded tensors.");
    return set.download_as_computed(static_cast<std::size_t>(index));
  };
}

TensorValues values_of(const ModelWeights& weights) {
  return [&weights](const std::string& name) {
    const std::int64_t index = weights.set().find(name);
    if (index < 0) fail(ErrorCode::kInternal, "reference", name + " is not among the loaded tensors.");
    return weights.download_as_computed(static_cast<std::size_t>(index));
  };
}

}  // namespace

ReferenceResult reference_forward(const ModelConfig& config, const TensorValues& weights, const ReferenceLora* lora,
                                  const MicroBatch& batch) {
  return Reference(config, weights, lora, batch).run();
}

ReferenceResult reference_forward(const ModelConfig& config, const ModelWeights& weights, const Adapter* adapter,
                                  const MicroBatch& batch) {
  if (adapter == nullptr) return reference_forward(config, values_of(weights), nullptr, batch);
  const ReferenceLora lora{adapter->targets(), values_of(adapter->set()), adapter->strength(),
                           adapter->config().use_dora};
  return reference_forward(config, values_of(weights), &lora, batch);
}

}  // namespace vernier
