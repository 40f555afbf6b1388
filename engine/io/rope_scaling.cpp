#include "engine/io/rope_scaling.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "vernier/error.h"

namespace vernier {
namespace {

std::vector<double> inverse_powers(double theta, std::int64_t dim) {
  std::vector<double> inv_freq(static_cast<std::size_t>(dim / 2));
  for (std::size_t i = 0; i < inv_freq.size(); ++i) {
    inv_freq[i] = std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
  }
  return inv_freq;
}

double yarn_mscale(double scale, double mscale) {
  return scale <= 1.0 ? 1.0 : 0.1 * mscale * std::log(scale) + 1.0;
}

// YaRN, equations 17 to 25: interpolate slow dimensions, keep fast ones, ramp between them.
RopeFrequencies yarn(const ModelConfig& config, const RopeParameters& rope) {
  const auto dim = static_cast<double>(config.rotary_dim);
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  const double mscale = rope.mscale.value_or(0.0);
  const double mscale_all_dim = rope.mscale_all_dim.value_or(0.0);
  RopeFrequencies result;
  if (rope.attention_factor) {
    result.attention_scaling = *rope.attention_factor;
  } else if (mscale != 0.0 && mscale_all_dim != 0.0) {
    result.attention_scaling = yarn_mscale(rope.factor, mscale) / yarn_mscale(rope.factor, mscale_all_dim);
  } else {
    result.attention_scaling = yarn_mscale(rope.factor, 1.0);
  }
  // The dimension that makes `rotations` turns over the pre-training context.
  const auto correction_dim = [&](double rotations) {
    return dim * std::log(original / (rotations * 2.0 * std::numbers::pi)) / (2.0 * std::log(rope.theta));
  };
  double low = correction_dim(rope.beta_fast.value_or(32.0));
  double high = correction_dim(rope.beta_slow.value_or(1.0));
  if (rope.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dim - 1.0);
  if (low == high) high += 0.001;
  result.inv_freq = inverse_powers(rope.theta, config.rotary_dim);
  for (std::size_t i = 0; i < result.inv_freq.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    result.inv_freq[i] *= ramp / rope.factor + (1.0 - ramp);
  }
  return result;
}

RopeFrequencies longrope(const ModelConfig& config, const RopeParameters& rope, std::int64_t seq_len) {
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  RopeFrequencies result;
  if (rope.attention_factor) {
    result.attention_scaling = *rope.attention_factor;
  } else if (rope.factor > 1.0) {
    result.attention_scaling = std::sqrt(1.0 + std::log(rope.factor) / std::log(original));
  }
  const bool is_long = seq_len > rope.original_max_position_embeddings;
  const std::vector<double>& factors = is_long ? rope.long_factor : rope.short_factor;
  result.inv_freq = inverse_powers(rope.theta, config.rotary_dim);
  for (std::size_t i = 0; i < result.inv_freq.size(); ++i) result.inv_freq[i] /= factors[i];
  return result;
}

RopeFrequencies llama3(const ModelConfig& config, const RopeParameters& rope) {
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  const double low_wavelength = original / rope.low_freq_factor;
  const double high_wavelength = original / rope.high_freq_factor;
  RopeFrequencies result{inverse_powers(rope.theta, config.rotary_dim), 1.0};
  for (double& inv_freq : result.inv_freq) {
    const double wavelength = 2.0 * std::numbers::pi / inv_freq;
    if (wavelength < high_wavelength) continue;
    if (wavelength > low_wavelength) {
      inv_freq /= rope.factor;
      continue;
    }
    const double smooth =
        (original / wavelength - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
    inv_freq *= (1.0 - smooth) / rope.factor + smooth;
  }
  return result;
}

RopeFrequencies dynamic_ntk(const ModelConfig& config, const RopeParameters& rope, std::int64_t seq_len) {
  const auto dim = static_cast<double>(config.rotary_dim);
  const auto trained = static_cast<double>(config.max_position_embeddings);
  const double length = std::max(static_cast<double>(seq_len), trained);
  const double stretch = rope.factor * length / trained - (rope.factor - 1.0);
  return {inverse_powers(rope.theta * std::pow(stretch, dim / (dim - 2.0)), config.rotary_dim), 1.0};
}

}  // namespace

RopeFrequencies rope_frequencies(const ModelConfig& config, const RopeParameters& rope, std::int64_t seq_len) {
  if (rope.type == "dynamic") return dynamic_ntk(config, rope, seq_len);
  if (rope.type == "yarn") return yarn(config, rope);
  if (rope.type == "llama3") return llama3(config, rope);
  if (rope.type == "longrope") return longrope(config, rope, seq_len);
  RopeFrequencies result{inverse_powers(rope.theta, config.rotary_dim), 1.0};
  if (rope.type == "linear") {
    for (double& inv_freq : result.inv_freq) inv_freq /= rope.factor;
  } else if (rope.type != "default") {
    fail(ErrorCode::kInternal, "rope_frequencies", "unknown type " + rope.type + ".");
  }
  return result;
}

}  // namespace vernier
