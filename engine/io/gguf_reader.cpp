#include "engine/io/gguf_reader.h"

#include <cstring>
#include <utility>

#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace vernier {

template <class T>
T GgufReader::number() {
  T value{};
  take(&value, sizeof value);
  return value;
}

GgufReader::GgufReader(const std::filesystem::path& path) : path_(path), in_(path, std::ios::binary) {
  std::error_code error;
  file_bytes_ = std::filesystem::file_size(path, error);
  if (error) fail(ErrorCode::kNotFound, path.string(), "there is no such file.");
  if (number<std::uint32_t>() != kGgufMagic) damaged("it does not begin with GGUF");
  if (const auto version = number<std::uint32_t>(); version != kGgufVersion) {
    fail(ErrorCode::kUnsupported, path.string(), "got GGUF version " + std::to_string(version) + ", expected 3.");
  }
  const std::uint64_t num_tensors = count(24);
  const std::uint64_t num_values = count(13);
  for (std::uint64_t i = 0; i < num_values; ++i) {
    std::string key = string();
    const auto type = number<std::uint32_t>();
    if (!metadata_.emplace(std::move(key), value(type)).second) damaged("a key comes twice");
  }
  for (std::uint64_t i = 0; i < num_tensors; ++i) {
    std::string name = string();
    Tensor tensor;
    const auto dimensions = number<std::uint32_t>();
    if (dimensions < 1 || dimensions > 2) damaged(name + " has " + std::to_string(dimensions) + " dimensions");
    std::uint64_t values = 1;
    for (std::uint32_t d = 0; d < dimensions; ++d) {
      const auto size = number<std::uint64_t>();
      if (size == 0 || size > 4 * file_bytes_ / values) damaged(name + " is larger than the file");
      values *= size;
      tensor.shape.insert(tensor.shape.begin(), static_cast<std::int64_t>(size));
    }
    tensor.type = static_cast<GgufType>(number<std::uint32_t>());
    if (to_string(tensor.type).empty()) fail(ErrorCode::kUnsupported, path_.string(), name + ": its element type.");
    tensor.offset = number<std::uint64_t>();
    if (tensor.offset % kGgufAlignment != 0) damaged(name + " is not aligned");
    if (!tensors_.emplace(std::move(name), std::move(tensor)).second) damaged("a tensor comes twice");
  }
  const std::uint64_t data = (at_ + kGgufAlignment - 1) / kGgufAlignment * kGgufAlignment;
  for (auto& [name, tensor] : tensors_) {
    std::int64_t values = 1;
    for (const std::int64_t size : tensor.shape) values *= size;
    const std::uint64_t bytes = gguf_bytes(tensor.type, values);
    if (data > file_bytes_ || tensor.offset > file_bytes_ - data || bytes > file_bytes_ - data - tensor.offset) {
      damaged(name + " ends past the file");
    }
    tensor.offset += data;
  }
}

void GgufReader::damaged(const std::string& what) const {
  fail(ErrorCode::kInvalidInput, path_.string(), "no GGUF file, or it is damaged: " + what + ".");
}

void GgufReader::take(void* out, std::uint64_t bytes) {
  if (bytes > file_bytes_ - at_) damaged("it ends early");
  in_.read(static_cast<char*>(out), static_cast<std::streamsize>(bytes));
  if (!in_) fail(ErrorCode::kIo, path_.string(), "the file cannot be read.");
  at_ += bytes;
}

std::uint64_t GgufReader::count(std::uint64_t size) {
  const auto wanted = number<std::uint64_t>();
  if (wanted > (file_bytes_ - at_) / size) damaged("it ends early");
  return wanted;
}

std::string GgufReader::string() {
  std::string text(count(1), '\0');
  take(text.data(), text.size());
  return text;
}

GgufValue GgufReader::value(std::uint32_t type) {
  switch (type) {
    case 4:
      return number<std::uint32_t>();
    case 6:
      return number<float>();
    case 7:
      return number<std::uint8_t>() != 0;
    case 8:
      return string();
    case 9:
      break;
    default:
      fail(ErrorCode::kUnsupported, path_.string(), "metadata of type " + std::to_string(type) + ".");
  }
  const auto element = number<std::uint32_t>();
  if (element == 8) {
    std::vector<std::string> strings(count(8));
    for (std::string& text : strings) text = string();
    return strings;
  }
  if (element == 5) {
    std::vector<std::int32_t> numbers(count(4));
    take(numbers.data(), numbers.size() * 4);
    return numbers;
  }
  if (element == 6) {
    std::vector<float> numbers(count(4));
    take(numbers.data(), numbers.size() * 4);
    return numbers;
  }
  fail(ErrorCode::kUnsupported, path_.string(), "an array of type " + std::to_string(element) + ".");
}

void GgufReader::read(const std::string& name, std::int64_t first_row, std::int64_t rows, float* out) {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) damaged("it has no tensor " + name);
  const Tensor& tensor = found->second;
  const std::int64_t width = tensor.shape.size() == 2 ? tensor.shape[1] : 1;
  if (first_row < 0 || rows < 0 || first_row + rows > tensor.shape[0]) damaged(name + " has fewer rows");
  std::vector<std::byte> bytes(gguf_bytes(tensor.type, rows * width));
  at_ = tensor.offset + gguf_bytes(tensor.type, first_row * width);
  in_.seekg(static_cast<std::streamoff>(at_));
  take(bytes.data(), bytes.size());
  if (tensor.type == GgufType::kQ8_0) return dequantize_q8_0(bytes.data(), rows * width, out);
  const DType dtype = tensor.type == GgufType::kF32   ? DType::kF32
                      : tensor.type == GgufType::kF16 ? DType::kF16
                                                      : DType::kBF16;
  convert_to_f32({name, dtype, {rows * width}, bytes}, out);
}

}  // namespace vernier
