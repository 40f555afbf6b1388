// The JSON header of a safetensors file, checked against the size of the data that follows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vernier/dtype.h"

namespace vernier {

struct SafetensorsHeader {
  struct Tensor {
    std::string name;
    DType dtype = DType::kF32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;  // bytes, from the start of the data
    std::uint64_t end = 0;
  };
  std::vector<Tensor> tensors;  // by `begin`
  std::map<std::string, std::string> metadata;
};

// Throws Error{kInvalidInput} or, for an unknown element type, Error{kUnsupported}, with `file` as its place.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes, const std::string& file);

}  // namespace vernier
