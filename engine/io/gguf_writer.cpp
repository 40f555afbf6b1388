#include "engine/io/gguf_writer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace vernier {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

constexpr std::int64_t kPieceValues = std::int64_t{1} << 20;

// The numbers of gguf_metadata_value_type.
enum ValueType : std::uint32_t { kUint32 = 4, kInt32 = 5, kFloat32 = 6, kBool = 7, kString = 8, kArray = 9 };

class Buffer {
 public:
  template <class T>
  void number(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void string(const std::string& value) {
    number<std::uint64_t>(value.size());
    text_ += value;
  }
  void value(const GgufValue& value) {
    std::visit([this](const auto& held) { put(held); }, value);
  }
  void pad() { text_.resize((text_.size() + kGgufAlignment - 1) / kGgufAlignment * kGgufAlignment); }
  const std::string& text() const { return text_; }

 private:
  void put(std::uint32_t value) {
    number<std::uint32_t>(kUint32);
    number(value);
  }
  void put(float value) {
    number<std::uint32_t>(kFloat32);
    number(value);
  }
  void put(bool value) {
    number<std::uint32_t>(kBool);
    number<std::uint8_t>(value ? 1 : 0);
  }
  void put(const std::string& value) {
    number<std::uint32_t>(kString);
    string(value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    number<std::uint32_t>(kArray);
    if constexpr (std::is_same_v<T, std::string>) {
      number<std::uint32_t>(kString);
    } else {
      number<std::uint32_t>(std::is_same_v<T, float> ? kFloat32 : kInt32);
    }
    number<std::uint64_t>(values.size());
    for (const T& value : values) {
      if constexpr (std::is_same_v<T, std::string>) {
        string(value);
      } else {
        number(value);
      }
    }
  }

  std::string text_;
};

std::int64_t value_count(const GgufTensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t dimension : tensor.shape) count *= dimension;
  return count;
}

void convert(std::span<const float> values, GgufType type, std::byte* out) {
  switch (type) {
    case GgufType::kF32:
      return convert_from_f32(values, DType::kF32, out);
    case GgufType::kF16:
      return convert_from_f32(values, DType::kF16, out);
    case GgufType::kBF16:
      return convert_from_f32(values, DType::kBF16, out);
    case GgufType::kQ8_0:
      return quantize_q8_0(values, out);
  }
}

}  // namespace

std::string to_string(GgufType type) {
  switch (type) {
    case GgufType::kF32:
      return "F32";
    case GgufType::kF16:
      return "F16";
    case GgufType::kBF16:
      return "BF16";
    case GgufType::kQ8_0:
      return "Q8_0";
  }
  return "";
}

std::uint64_t gguf_bytes(GgufType type, std::int64_t count) {
  const auto values = static_cast<std::uint64_t>(count);
  if (type == GgufType::kQ8_0) return values / kQ8Block * kQ8BlockBytes;
  return values * (type == GgufType::kF32 ? 4 : 2);
}

void quantize_q8_0(std::span<const float> values, std::byte* out) {
  for (std::size_t first = 0; first < values.size(); first += kQ8Block) {
    const std::span<const float> block = values.subspan(first, kQ8Block);
    float largest = 0.0f;
    for (const float value : block) largest = std::max(largest, std::abs(value));
    const float d = largest / 127.0f;
    const float inverse = d != 0.0f ? 1.0f / d : 0.0f;
    const std::uint16_t scale = f32_to_f16(d);
    std::memcpy(out, &scale, sizeof scale);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto q = static_cast<std::int8_t>(std::clamp(std::round(block[i] * inverse), -127.0f, 127.0f));
      std::memcpy(out + 2 + i, &q, 1);
    }
    out += kQ8BlockBytes;
  }
}

void dequantize_q8_0(const std::byte* blocks, std::int64_t count, float* out) {
  for (std::int64_t first = 0; first < count; first += kQ8Block, blocks += kQ8BlockBytes) {
    std::uint16_t scale = 0;
    std::memcpy(&scale, blocks, sizeof scale);
    const float d = f16_to_f32(scale);
    for (std::int64_t i = 0; i < kQ8Block; ++i) {
      std::int8_t q = 0;
      std::memcpy(&q, blocks + 2 + i, 1);
      out[first + i] = d * static_cast<float>(q);
    }
  }
}

bool write_gguf(AtomicFile& file, const GgufMetadata& metadata, const std::vector<GgufTensor>& tensors,
                const std::function<void(double)>& progress, std::stop_token stop) {
  const auto padded = [](std::uint64_t bytes) {
    return (bytes + kGgufAlignment - 1) / kGgufAlignment * kGgufAlignment;
  };
  Buffer header;
  header.number(kGgufMagic);
  header.number(kGgufVersion);
  header.number<std::uint64_t>(tensors.size());
  header.number<std::uint64_t>(metadata.size());
  for (const auto& [key, value] : metadata) {
    header.string(key);
    header.value(value);
  }
  std::uint64_t data_bytes = 0;
  for (const GgufTensor& tensor : tensors) {
    if (tensor.type == GgufType::kQ8_0 && tensor.shape.back() % kQ8Block != 0) {
      fail(ErrorCode::kInternal, "write_gguf", tensor.name + ": a Q8_0 row that is no multiple of 32.");
    }
    header.string(tensor.name);
    header.number(static_cast<std::uint32_t>(tensor.shape.size()));
    for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size) {
      header.number(static_cast<std::uint64_t>(*size));
    }
    header.number(static_cast<std::uint32_t>(tensor.type));
    header.number(data_bytes);
    data_bytes += padded(gguf_bytes(tensor.type, value_count(tensor)));
  }
  header.pad();
  file.reserve(header.text().size() + data_bytes);
  file.write(header.text());

  std::vector<float> values;
  std::vector<std::byte> bytes;
  std::uint64_t done = 0;
  for (const GgufTensor& tensor : tensors) {
    const std::int64_t rows = tensor.shape.size() == 2 ? tensor.shape[0] : 1;
    const std::int64_t width = value_count(tensor) / std::max<std::int64_t>(1, rows);
    const std::int64_t step = std::max<std::int64_t>(1, kPieceValues / std::max<std::int64_t>(1, width));
    std::uint64_t written = 0;
    for (std::int64_t row = 0; row < rows; row += step) {
      if (stop.stop_requested()) return false;
      const std::int64_t count = std::min(step, rows - row);
      values.resize(static_cast<std::size_t>(count * width));
      // A vector's rows are its values.
      const bool vector = tensor.shape.size() == 1;
      tensor.read(vector ? 0 : row, vector ? width : count, values.data());
      bytes.resize(gguf_bytes(tensor.type, count * width));
      convert(values, tensor.type, bytes.data());
      file.write(bytes);
      written += bytes.size();
      done += bytes.size();
      if (progress) progress(static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(1, data_bytes)));
    }
    const std::string gap(padded(written) - written, '\0');
    file.write(gap);
    done += gap.size();
  }
  return !stop.stop_requested();
}

}  // namespace vernier
