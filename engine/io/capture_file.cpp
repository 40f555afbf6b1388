#include "engine/io/capture_file.h"

#include <cstring>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace vernier {
namespace {

std::vector<std::int32_t> read_ids(const SafetensorsFile& file, const char* name, std::int64_t count) {
  const TensorInfo& tensor = count < 0 ? file.at(name) : file.at(name, std::span(&count, 1));
  if (tensor.dtype != DType::kI32 || tensor.shape.size() != 1) {
    fail(ErrorCode::kInvalidInput, file.path().string(),
         std::string(name) + ": got " + std::string(to_string(tensor.dtype)) + " " + shape_to_string(tensor.shape) +
             ", expected a row of I32 (a capture).");
  }
  std::vector<std::int32_t> ids(static_cast<std::size_t>(tensor.size()));
  if (!ids.empty()) std::memcpy(ids.data(), tensor.bytes.data(), tensor.bytes.size());
  return ids;
}

}  // namespace

std::uint64_t write_capture(const std::filesystem::path& path, const Capture& capture, DType dtype,
                            std::span<const std::byte> logits) {
  const auto count = static_cast<std::int64_t>(capture.positions.size());
  if (capture.targets.size() != capture.positions.size() || capture.vocab_size <= 0 ||
      logits.size() != static_cast<std::size_t>(count * capture.vocab_size) * size_of(dtype)) {
    fail(ErrorCode::kInternal, path.string(), "a capture's arrays do not fit its positions.");
  }
  SafetensorsWriter writer(path, Durability::kRenamed);
  writer.add("logits", dtype, {count, capture.vocab_size});
  writer.add("input_ids", DType::kI32, {static_cast<std::int64_t>(capture.input_ids.size())});
  writer.add("positions", DType::kI32, {count});
  writer.add("targets", DType::kI32, {count});
  writer.set_metadata("step", std::to_string(capture.step));
  for (const std::string& name : writer.begin()) {
    if (name == "logits") writer.write(logits);
    if (name == "input_ids") writer.write(std::as_bytes(std::span(capture.input_ids)));
    if (name == "positions") writer.write(std::as_bytes(std::span(capture.positions)));
    if (name == "targets") writer.write(std::as_bytes(std::span(capture.targets)));
  }
  writer.finish();
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(path, ignored);
  return ignored ? 0 : bytes;
}

std::uint64_t write_capture(const std::filesystem::path& path, const Capture& capture) {
  return write_capture(path, capture, DType::kF32, std::as_bytes(std::span(capture.logits)));
}

Capture read_capture(const std::filesystem::path& path, std::int64_t step) {
  const SafetensorsFile file(path);
  const TensorInfo& logits = file.at("logits");
  const bool readable = logits.dtype == DType::kF32 || logits.dtype == DType::kF16 || logits.dtype == DType::kBF16;
  if (!readable || logits.shape.size() != 2 || logits.shape[1] <= 0) {
    fail(ErrorCode::kInvalidInput, path.string(),
         "logits: got " + std::string(to_string(logits.dtype)) + " " + shape_to_string(logits.shape) +
             ", expected F32, F16 or BF16 [positions, vocabulary] (a capture).");
  }
  Capture capture;
  capture.step = step;
  capture.vocab_size = logits.shape[1];
  capture.input_ids = read_ids(file, "input_ids", -1);
  capture.positions = read_ids(file, "positions", logits.shape[0]);
  capture.targets = read_ids(file, "targets", logits.shape[0]);
  for (std::size_t i = 0; i < capture.positions.size(); ++i) {
    const std::int64_t position = capture.positions[i];
    const std::int64_t target = capture.targets[i];
    if (position < 0 || position >= static_cast<std::int64_t>(capture.input_ids.size()) ||
        (target != -100 && (target < 0 || target >= capture.vocab_size))) {
      fail(ErrorCode::kInvalidInput, path.string(),
           "damaged capture: got position " + std::to_string(position) + " with target " + std::to_string(target) +
               ", expected a position in the row and a target in the vocabulary.");
    }
  }
  capture.logits.resize(static_cast<std::size_t>(logits.size()));
  convert_to_f32(logits, capture.logits.data());
  return capture;
}

}  // namespace vernier
