#include "engine/io/nf4_tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::string_view kState = ".quant_state.bitsandbytes__nf4";

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

[[noreturn]] void refuse(std::string_view name, const std::string& what) {
  fail(ErrorCode::kInvalidInput, name, what);
}

// The parts of one matrix in the file's mapping, checked against each other.
class Stored {
 public:
  Stored(const ShardedSafetensors& weights, std::string_view name, std::span<const std::int64_t> shape)
      : name_(name), count_(1) {
    for (const std::int64_t size : shape) count_ *= size;
    read_state(part(weights, kState, DType::kU8), shape);
    codes_ = sized(part(weights, "", DType::kU8), (count_ + 1) / 2);
    const std::int64_t blocks = ceil_div(count_, kNf4Block);
    table_ = floats(part(weights, ".quant_map", DType::kF32), 16);
    const bool exact = std::equal(table_.begin(), table_.end(), kNf4Table.begin(),
                                  [](float a, float b) { return std::abs(a - b) <= 1e-6f; });
    if (!exact) refuse(name_, "quant_map: got other numbers than NF4's 16.");
    if (!nested_) {
      absmax_f32_ = floats(part(weights, ".absmax", DType::kF32), blocks);
      return;
    }
    absmax_ = sized(part(weights, ".absmax", DType::kU8), blocks);
    nested_absmax_ = floats(part(weights, ".nested_absmax", DType::kF32), ceil_div(blocks, kNf4NestedBlock));
    absmax_table_ = floats(part(weights, ".nested_quant_map", DType::kF32), 256);
  }

  bool nested() const { return nested_; }

  Nf4Values values() const {
    if (!nested_) fail(ErrorCode::kInternal, "nf4", name_ + " is not double-quantized.");
    Nf4Values out;
    out.codes = bytes_of(codes_);
    out.absmax = bytes_of(absmax_);
    out.nested_absmax = nested_absmax_;
    std::copy(absmax_table_.begin(), absmax_table_.end(), out.absmax_table.begin());
    out.offset = offset_;
    return out;
  }

  void read(std::int64_t first, std::span<float> out) const {
    for (std::size_t n = 0; n < out.size(); ++n) {
      const std::int64_t i = first + static_cast<std::int64_t>(n);
      const auto block = static_cast<std::size_t>(i / kNf4Block);
      const auto pair = static_cast<unsigned>(codes_[static_cast<std::size_t>(i / 2)]);
      out[n] = kNf4Table[i % 2 == 0 ? pair >> 4 : pair & 15u] * absmax_of(block);
    }
  }

 private:
  float absmax_of(std::size_t block) const {
    if (!nested_) return absmax_f32_[block];
    return absmax_table_[static_cast<std::size_t>(absmax_[block])] * nested_absmax_[block / kNf4NestedBlock] + offset_;
  }

  const TensorInfo& part(const ShardedSafetensors& weights, std::string_view suffix, DType dtype) const {
    const std::string full = name_ + std::string(suffix);
    const TensorInfo* tensor = weights.find(full);
    if (tensor == nullptr) refuse(full, "got no such tensor, which the 4-bit weights beside it need.");
    if (tensor->dtype != dtype) {
      refuse(full, "got element type " + std::string(to_string(tensor->dtype)) + ", expected " +
                       std::string(to_string(dtype)) + ".");
    }
    return *tensor;
  }

  std::span<const std::byte> sized(const TensorInfo& tensor, std::int64_t expected) const {
    if (tensor.size() != expected) {
      refuse(tensor.name, "got " + std::to_string(tensor.size()) + " values, expected " + std::to_string(expected) +
                              " for a matrix of " + std::to_string(count_) + " in 4 bits.");
    }
    return tensor.bytes;
  }

  std::vector<float> floats(const TensorInfo& tensor, std::int64_t expected) const {
    sized(tensor, expected);
    std::vector<float> out(static_cast<std::size_t>(expected));
    convert_to_f32(tensor, out.data());
    return out;
  }

  static std::vector<std::uint8_t> bytes_of(std::span<const std::byte> bytes) {
    std::vector<std::uint8_t> out(bytes.size());
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }

  void read_state(const TensorInfo& tensor, std::span<const std::int64_t> shape) {
    const std::string text(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    const nlohmann::json state = nlohmann::json::parse(text, nullptr, false);
    const auto number = [&](const char* key) -> std::optional<double> {
      const auto found = state.is_object() ? state.find(key) : state.end();
      return state.is_object() && found != state.end() && found->is_number() ? std::optional(found->get<double>())
                                                                             : std::nullopt;
    };
    const std::optional<double> block = number("blocksize");
    if (!block || !state.contains("shape"))
      refuse(tensor.name, "got no JSON of bitsandbytes' with shape and blocksize.");
    if (state["shape"] != nlohmann::json(std::vector<std::int64_t>(shape.begin(), shape.end()))) {
      refuse(name_, "got shape " + state["shape"].dump() + ", expected " + shape_to_string(shape) + ".");
    }
    nested_ = state.contains("nested_blocksize");
    if (*block != kNf4Block || (nested_ && number("nested_blocksize") != double{kNf4NestedBlock})) {
      fail(ErrorCode::kUnsupported, name_,
           "got 4-bit blocks of " + std::to_string(static_cast<std::int64_t>(*block)) +
               " values, supported are 64, with 256 scales in a nested block.");
    }
    if (!nested_) return;
    const std::optional<double> offset = number("nested_offset");
    if (!offset || !std::isfinite(*offset)) refuse(tensor.name, "nested_offset: got none, expected a number.");
    offset_ = static_cast<float>(*offset);
  }

  std::string name_;
  std::int64_t count_;
  bool nested_ = false;
  float offset_ = 0.0f;
  std::span<const std::byte> codes_, absmax_;
  std::vector<float> table_, absmax_f32_, nested_absmax_, absmax_table_;
};

}  // namespace

bool is_stored_nf4(const ShardedSafetensors& weights, std::string_view name) {
  return weights.find(std::string(name) + std::string(kState)) != nullptr;
}

bool is_part_of_nf4(const ShardedSafetensors& weights, std::string_view name) {
  const std::size_t dot = name.rfind(".weight.");
  return dot != std::string_view::npos &&
         is_stored_nf4(weights, name.substr(0, dot + std::string_view(".weight").size()));
}

void check_nf4(const ShardedSafetensors& weights, std::string_view name, std::span<const std::int64_t> shape) {
  Stored(weights, name, shape);
}

bool is_double_quantized(const ShardedSafetensors& weights, std::string_view name) {
  return weights.find(std::string(name) + ".nested_absmax") != nullptr;
}

Nf4Values read_nf4(const ShardedSafetensors& weights, std::string_view name, std::span<const std::int64_t> shape) {
  return Stored(weights, name, shape).values();
}

void read_nf4_as_f32(const ShardedSafetensors& weights, std::string_view name, std::span<const std::int64_t> shape,
                     std::int64_t first, std::span<float> out) {
  Stored(weights, name, shape).read(first, out);
}

}  // namespace vernier
