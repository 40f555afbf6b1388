#include "engine/io/rope_config.h"

#include <algorithm>
#include <cmath>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr double kMaxTheta = 1e18;
constexpr double kMaxFactor = 1e6;
constexpr std::int64_t kMaxContext = std::int64_t{1} << 40;

// Transformers' precedence: the dictionary's own value, then the top level's, then the family's default.
RopeParameters read_set(const JsonFields& fields, const JsonFields& dictionary, double default_theta,
                        const ModelConfig& config) {
  RopeParameters rope;
  rope.theta = dictionary.number("rope_theta", default_theta, 1.0, kMaxTheta);
  rope.type = dictionary.string("rope_type", dictionary.string("type", "default"));
  // Early files of Phi 3 called LongRoPE by other names.
  if (config.family == "phi3" && (rope.type == "su" || rope.type == "yarn")) rope.type = "longrope";
  const bool known = rope.type == "default" || rope.type == "linear" || rope.type == "dynamic" || rope.type == "yarn" ||
                     rope.type == "llama3" || rope.type == "longrope";
  if (!known) {
    fail(ErrorCode::kUnsupported, fields.place(),
         "rope_type: got " + shown_json(nlohmann::json(rope.type)) +
             ", which is not supported; supported are default, linear, dynamic, yarn, llama3 and longrope.");
  }
  if (rope.type == "default") return rope;

  const auto context = static_cast<double>(config.max_position_embeddings);
  if (rope.type == "yarn" || rope.type == "llama3" || rope.type == "longrope") {
    const std::int64_t inside =
        dictionary.integer("original_max_position_embeddings", config.max_position_embeddings, 2, kMaxContext);
    const std::int64_t outside = config.family == "phi3" ? 4096 : inside;
    rope.original_max_position_embeddings = fields.integer("original_max_position_embeddings", outside, 2, kMaxContext);
  }
  const bool derives_factor = rope.type == "longrope" || rope.type == "yarn";
  if (!derives_factor && !dictionary.has("factor")) dictionary.missing("factor");
  rope.factor = dictionary.number(
      "factor", derives_factor ? context / static_cast<double>(rope.original_max_position_embeddings) : 1.0, 0.0,
      kMaxFactor);
  if (rope.type == "dynamic" && config.rotary_dim <= 2) {
    fail(ErrorCode::kInvalidInput, fields.place(), "head_dim: got 2, expected more for dynamic RoPE scaling.");
  }
  if (rope.type == "yarn" || rope.type == "longrope") {
    rope.attention_factor = dictionary.optional_number("attention_factor", 0.0, kMaxFactor);
  }
  if (rope.type == "yarn") {
    rope.beta_fast = dictionary.optional_number("beta_fast", 0.0, kMaxFactor);
    rope.beta_slow = dictionary.optional_number("beta_slow", 0.0, kMaxFactor);
    rope.mscale = dictionary.optional_number("mscale", 0.0, kMaxFactor);
    rope.mscale_all_dim = dictionary.optional_number("mscale_all_dim", 0.0, kMaxFactor);
    rope.truncate = dictionary.boolean("truncate", true);
  }
  if (rope.type == "llama3") {
    for (const char* key : {"low_freq_factor", "high_freq_factor"}) {
      if (!dictionary.has(key)) dictionary.missing(key);
    }
    rope.low_freq_factor = dictionary.number("low_freq_factor", 1.0, 0.0, kMaxFactor);
    rope.high_freq_factor = dictionary.number("high_freq_factor", 4.0, 0.0, kMaxFactor);
    if (!(rope.high_freq_factor > rope.low_freq_factor)) {
      dictionary.wrong("high_freq_factor", "more than low_freq_factor");
    }
  }
  if (rope.type == "longrope") {
    const auto read_factors = [&](const char* key) {
      std::vector<double> factors = dictionary.numbers(key, 0.0);
      if (factors.size() != static_cast<std::size_t>(config.rotary_dim / 2)) {
        dictionary.wrong(key, "a list of " + std::to_string(config.rotary_dim / 2) + " numbers (rotary size / 2)");
      }
      return factors;
    };
    rope.short_factor = read_factors("short_factor");
    rope.long_factor = read_factors("long_factor");
  }
  return rope;
}

void read_rotary_dim(const JsonFields& fields, const JsonFields& dictionary, ModelConfig& config) {
  const double top = fields.number("partial_rotary_factor", 1.0, 0.0, 1.0);
  const double factor = dictionary.number("partial_rotary_factor", top, 0.0, 1.0);
  // Of the others Transformers reads the key too, but turns whole heads (default) or fails (scaled): what such a file
  // means nobody knows.
  if (factor != 1.0 && config.family != "phi3") {
    fail(ErrorCode::kUnsupported, fields.place(),
         "partial_rotary_factor: got " + shown_json(nlohmann::json(factor)) + ", which is not supported for " +
             config.family + "; only phi3 has it.");
  }
  config.rotary_dim = static_cast<std::int64_t>(static_cast<double>(config.head_dim) * factor);
  if (config.rotary_dim < 2 || config.rotary_dim % 2 != 0) {
    fail(ErrorCode::kInvalidInput, fields.place(),
         "partial_rotary_factor: got a rotary size of " + std::to_string(config.rotary_dim) + " from head_dim " +
             std::to_string(config.head_dim) + ", expected an even number from 2.");
  }
}

}  // namespace

void read_rope_parameters(const JsonFields& fields, ModelConfig& config) {
  // A non-empty rope_scaling (Transformers 4) stands before rope_parameters (5).
  const JsonFields scaling = fields.object("rope_scaling");
  const JsonFields parameters = fields.object("rope_parameters");
  const bool has_scaling = fields.has("rope_scaling") && !fields.find("rope_scaling")->empty();

  if (config.family == "gemma3" || config.family == "olmo3") {
    // By layer type; the window's layers have no scaling, and Gemma's a base of their own. ropes: {global, local}.
    const bool gemma = config.family == "gemma3";
    config.rotary_dim = config.head_dim;
    const bool by_type = parameters.has("full_attention") || parameters.has("sliding_attention");
    if (fields.has("rope_parameters") && !by_type && !fields.find("rope_parameters")->empty()) {
      fields.wrong("rope_parameters", "an object of full_attention and sliding_attention");
    }
    const JsonFields global = has_scaling ? scaling : parameters.object("full_attention");
    const double base = fields.number("rope_theta", gemma ? 1e6 : 5e5, 1.0, kMaxTheta);
    const double theta = parameters.object("full_attention").number("rope_theta", base, 1.0, kMaxTheta);
    config.ropes.push_back(read_set(fields, global, theta, config));
    config.ropes.push_back(read_set(fields, parameters.object("sliding_attention"),
                                    gemma ? fields.number("rope_local_base_freq", 1e4, 1.0, kMaxTheta) : base, config));
    return;
  }
  const JsonFields& dictionary = has_scaling ? scaling : parameters;
  for (const char* type : {"full_attention", "sliding_attention"}) {
    if (dictionary.has(type)) {
      fail(ErrorCode::kUnsupported, fields.place(),
           std::string("rope_parameters: got parameters by layer type (") + type +
               "), which only gemma3 and olmo3 have.");
    }
  }
  read_rotary_dim(fields, dictionary, config);
  const double default_theta = config.family == "smollm3" ? 2e6 : 1e4;
  config.ropes.push_back(
      read_set(fields, dictionary, fields.number("rope_theta", default_theta, 1.0, kMaxTheta), config));
}

}  // namespace vernier
