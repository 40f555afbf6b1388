// Shapes of models that are well known, for measuring without their weights.
#pragma once

#include <cstdint>
#include <string>

#include "engine/io/model_config.h"

namespace vernier {

struct BenchShape {
  std::string name;
  std::int64_t length = 2048;  // of a sequence, where nobody says otherwise
  ModelConfig config;
};

// A name of bench_shapes(), or the path of a config.json or of its folder. Errors: kInvalidInput naming the nearest
// known shape; as read_model_config.
BenchShape find_bench_shape(const std::string& name_or_path);

}  // namespace vernier
