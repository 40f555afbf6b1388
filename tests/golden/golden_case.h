// A reference case: a checkpoint, an adapter, a batch, and what Transformers + PEFT make of them.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/io/safetensors.h"
#include "vernier/model.h"

namespace vernier::golden {

// Where the case lies: in tests/golden/cases, else in the shared folder (the environment's VERNIER_SHARED_DIR, on a
// machine that did not build the test); "" where neither has it.
inline std::filesystem::path find_case(const std::string& name) {
  const char* elsewhere = std::getenv("VERNIER_SHARED_DIR");
  for (const std::string& root : {std::string(VERNIER_SOURCE_DIR) + "/tests/golden/cases",
                                  std::string(elsewhere != nullptr ? elsewhere : VERNIER_SHARED_DIR) + "/golden"}) {
    if (std::filesystem::exists(std::filesystem::path(root) / name / "config.json")) {
      return std::filesystem::path(root) / name;
    }
  }
  return {};
}

inline std::vector<float> values_of(const SafetensorsFile& file, const std::string& name) {
  const TensorInfo& tensor = file.at(name);
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  convert_to_f32(tensor, values.data());
  return values;
}

// ||a - b|| / ||b||, summed over pairs that add() was given.
class RelativeError {
 public:
  void add(double got, double expected) {
    difference_ += (got - expected) * (got - expected);
    size_ += expected * expected;
  }
  void add(const float* got, const float* expected, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add(static_cast<double>(got[i]), static_cast<double>(expected[i]));
  }
  // NaN where anything was NaN or nothing was compared.
  double value() const { return size_ > 0.0 ? std::sqrt(difference_ / size_) : std::nan(""); }

 private:
  double difference_ = 0.0;
  double size_ = 0.0;
};

template <class A, class B>
double relative_error(const std::vector<A>& got, const std::vector<B>& expected) {
  if (got.size() != expected.size()) return std::nan("");
  RelativeError error;
  for (std::size_t i = 0; i < got.size(); ++i) {
    error.add(static_cast<double>(got[i]), static_cast<double>(expected[i]));
  }
  return error.value();
}

// From padded rows [B, T, width], which begin at `first`, the real tokens' values, one row behind the other.
inline std::vector<float> real_tokens(const std::vector<float>& padded, std::size_t first, const Batch& batch,
                                      std::int64_t width) {
  std::vector<float> values;
  const std::int64_t row_size = batch.width() * width;
  for (std::size_t b = 0; b < batch.lengths.size(); ++b) {
    const auto from = padded.begin() + static_cast<std::int64_t>(first) + static_cast<std::int64_t>(b) * row_size;
    values.insert(values.end(), from, from + batch.lengths[b] * width);
  }
  return values;
}

}  // namespace vernier::golden
