#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/hf_config.h"
#include "engine/io/rope_scaling.h"

namespace vernier {
namespace {

struct RopeCase {
  const char* name;
  const char* config;  // merged over the common sizes below
  std::int64_t seq_len;
  double attention_scaling;
  std::vector<double> inv_freq;
};

constexpr const char* kCommon = R"({"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 160, "max_position_embeddings": 512})";

class RopeScaling : public ::testing::TestWithParam<RopeCase> {};

// Expected values: Transformers 5.23, ROPE_INIT_FUNCTIONS[rope_type](config, "cpu", seq_len), float32.
TEST_P(RopeScaling, GivesTheFrequenciesOfTransformers) {
  const RopeCase& c = GetParam();
  nlohmann::json config_json = parse_json(kCommon, "common");
  config_json.update(parse_json(c.config, "case"));
  const ModelConfig config = model_config_from_json(config_json, {});
  const RopeFrequencies got = rope_frequencies(config, config.ropes.at(0), c.seq_len);
  EXPECT_TRUE(std::abs(got.attention_scaling - c.attention_scaling) <= 1e-12);
  ASSERT_EQ(got.inv_freq.size(), c.inv_freq.size());
  ASSERT_EQ(got.inv_freq.size(), static_cast<std::size_t>(config.rotary_dim / 2));
  for (std::size_t i = 0; i < got.inv_freq.size(); ++i) {
    EXPECT_TRUE(std::abs(got.inv_freq[i] - c.inv_freq[i]) <= 5e-7 * c.inv_freq[i]) << i << ": " << got.inv_freq[i];
  }
}

constexpr const char* kLongRope = R"({"model_type": "phi3", "original_max_position_embeddings": 128,
    "rope_theta": 10000.0, "rope_scaling": {"type": "longrope",
    "short_factor": [1.0, 1.05, 1.1, 1.2, 1.3, 1.5, 1.7, 2.0],
    "long_factor": [1.0, 1.5, 2.5, 4.0, 8.0, 16.0, 30.0, 50.0]}})";

INSTANTIATE_TEST_SUITE_P(
    Types, RopeScaling,
    ::testing::Values(
        RopeCase{
            "plain",
            R"({"model_type": "llama", "head_dim": 16, "rope_theta": 10000.0})",
            0,
            1.0,
            {1.0, 0.316227764, 0.100000001, 0.0316227786, 0.00999999978, 0.00316227786, 0.00100000005, 0.000316227786}},
        RopeCase{"linear",
                 R"({"model_type": "llama", "head_dim": 16, "rope_scaling": {"type": "linear", "factor": 4.0}})",
                 0,
                 1.0,
                 {0.25, 0.079056941, 0.0250000004, 0.00790569466, 0.00249999994, 0.000790569466, 0.000250000012,
                  7.90569466e-05}},
        RopeCase{
            "dynamic_short",
            R"({"model_type": "llama", "head_dim": 16, "rope_scaling": {"type": "dynamic", "factor": 2.0}})",
            512,
            1.0,
            {1.0, 0.316227764, 0.100000001, 0.0316227786, 0.00999999978, 0.00316227786, 0.00100000005, 0.000316227786}},
        RopeCase{"dynamic_long",
                 R"({"model_type": "llama", "head_dim": 16, "rope_scaling": {"type": "dynamic", "factor": 2.0}})",
                 1300,
                 1.0,
                 {1.0, 0.258696973, 0.066924125, 0.0173130687, 0.00447883829, 0.00115866202, 0.000299742358,
                  7.75424414e-05}},
        RopeCase{"yarn",
                 R"({"model_type": "qwen2", "hidden_size": 128, "rope_theta": 1000000.0,
                     "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}})",
                 0,
                 1.138629436111989,
                 {1.0, 0.342628419, 0.111142464, 0.0328078717, 0.00790569466, 0.00333380373, 0.00140585331,
                  0.000592843455, 0.000250000012, 0.000105424122, 4.44569851e-05, 1.87473561e-05, 7.90569356e-06,
                  3.33380353e-06, 1.40585337e-06, 5.92843435e-07}},
        RopeCase{"yarn_mscale",
                 R"({"model_type": "llama", "head_dim": 32, "rope_scaling": {"rope_type": "yarn", "factor": 8.0,
                     "original_max_position_embeddings": 64, "beta_fast": 16, "beta_slow": 2, "mscale": 1.0,
                     "mscale_all_dim": 0.7, "truncate": false}})",
                 0,
                 1.0544565075669314,
                 {1.0, 0.388342232, 0.120533988, 0.0222284924, 0.0125000002, 0.0070292661, 0.00395284733, 0.00222284929,
                  0.00124999997, 0.000702926656, 0.000395284733, 0.000222284929, 0.000125000006, 7.02926627e-05,
                  3.95284733e-05, 2.22284925e-05}},
        RopeCase{"yarn_attention_factor",
                 R"({"model_type": "llama", "head_dim": 16, "rope_parameters": {"rope_theta": 10000.0,
                     "rope_type": "yarn", "factor": 2.5, "attention_factor": 1.25,
                     "original_max_position_embeddings": 256}})",
                 0,
                 1.25,
                 {1.0, 0.268793583, 0.0700000003, 0.0173925273, 0.00400000019, 0.00126491114, 0.00039999999,
                  0.000126491112}},
        RopeCase{"llama3",
                 R"({"model_type": "llama", "head_dim": 16, "rope_theta": 500000.0, "rope_scaling": {
                     "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                     "original_max_position_embeddings": 64}})",
                 0,
                 1.0,
                 {1.0, 0.079403013, 0.00470075384, 0.000911583134, 0.000176776681, 3.42810235e-05, 6.64786967e-06,
                  1.28917316e-06}},
        RopeCase{"longrope_short",
                 kLongRope,
                 128,
                 1.1338934190276817,
                 {1.0, 0.301169306, 0.0909090936, 0.0263523124, 0.0076923077, 0.00210818532, 0.000588235271,
                  0.000158113893}},
        RopeCase{"longrope_long",
                 kLongRope,
                 129,
                 1.1338934190276817,
                 {1.0, 0.210818499, 0.0399999991, 0.00790569466, 0.00124999997, 0.000197642366, 3.33333337e-05,
                  6.32455567e-06}},
        RopeCase{"longrope_partial",
                 R"({"model_type": "phi3", "hidden_size": 128, "partial_rotary_factor": 0.75,
                     "original_max_position_embeddings": 128, "rope_scaling": {"type": "su",
                     "short_factor": [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.1],
                     "long_factor": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}})",
                 400,
                 1.1338934190276817,
                 {1.0, 0.232079446, 0.0718144849, 0.0250000004, 0.00928317662, 0.0035907249, 0.00142857141,
                  0.000580198714, 0.000239381596, 9.99999975e-05, 4.21962686e-05, 1.79536182e-05}}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace vernier
