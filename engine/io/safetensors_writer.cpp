#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace vernier {

struct SafetensorsWriter::State {
  struct Entry {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t bytes;
  };

  State(std::filesystem::path path, Durability durability) : file(std::move(path), durability) {}

  [[noreturn]] void misuse(const std::string& what) const {
    fail(ErrorCode::kInternal, file.target().filename().string(), "safetensors writer: " + what + ".");
  }

  AtomicFile file;
  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  bool begun = false;
  std::size_t current = 0;           // the entry that the next bytes belong to
  std::uint64_t current_bytes = 0;   // of it, written so far
  std::vector<std::byte> converted;  // of write_f32
};

SafetensorsWriter::SafetensorsWriter(std::filesystem::path path, Durability durability)
    : state_(std::make_unique<State>(std::move(path), durability)) {}

SafetensorsWriter::~SafetensorsWriter() = default;

void SafetensorsWriter::add(std::string name, DType dtype, std::vector<std::int64_t> shape) {
  if (state_->begun) state_->misuse("add() after begin()");
  std::uint64_t bytes = size_of(dtype);
  for (const std::int64_t dimension : shape) {
    if (dimension < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(dimension), &bytes)) {
      state_->misuse(name + " has the impossible shape " + shape_to_string(shape));
    }
  }
  state_->entries.push_back({std::move(name), dtype, std::move(shape), bytes});
}

void SafetensorsWriter::set_metadata(std::string key, std::string value) {
  if (state_->begun) state_->misuse("set_metadata() after begin()");
  state_->metadata[std::move(key)] = std::move(value);
}

std::vector<std::string> SafetensorsWriter::begin() {
  State& state = *state_;
  if (state.begun) state.misuse("begin() twice");
  state.begun = true;
  std::sort(state.entries.begin(), state.entries.end(), [](const State::Entry& a, const State::Entry& b) {
    return size_of(a.dtype) != size_of(b.dtype) ? size_of(a.dtype) > size_of(b.dtype) : a.name < b.name;
  });
  nlohmann::json header;
  header["__metadata__"] = state.metadata;
  std::vector<std::string> names;
  std::uint64_t position = 0;
  for (const State::Entry& entry : state.entries) {
    if (header.contains(entry.name)) state.misuse(entry.name + " twice");
    header[entry.name] = {{"dtype", to_string(entry.dtype)},
                          {"shape", entry.shape},
                          {"data_offsets", {position, position + entry.bytes}}};
    position += entry.bytes;
    names.push_back(entry.name);
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t header_bytes = text.size();
  state.file.reserve(8 + header_bytes + position);
  state.file.write(std::as_bytes(std::span(&header_bytes, 1)));
  state.file.write(text);
  return names;
}

void SafetensorsWriter::write(std::span<const std::byte> bytes) {
  State& state = *state_;
  if (!state.begun) state.misuse("write() before begin()");
  while (state.current < state.entries.size() && state.current_bytes == state.entries[state.current].bytes) {
    ++state.current;
    state.current_bytes = 0;
  }
  if (bytes.empty()) return;
  if (state.current == state.entries.size() ||
      bytes.size() > state.entries[state.current].bytes - state.current_bytes) {
    state.misuse("more bytes than the tensor has");
  }
  state.file.write(bytes);
  state.current_bytes += bytes.size();
}

void SafetensorsWriter::write_f32(std::span<const float> values) {
  State& state = *state_;
  write({});  // moves on to the tensor that these values belong to
  if (values.empty()) return;
  if (state.current == state.entries.size()) state.misuse("more values than the tensors have");
  const DType dtype = state.entries[state.current].dtype;
  if (dtype == DType::kF32) return write(std::as_bytes(values));
  constexpr std::size_t kPiece = std::size_t{1} << 18;
  while (!values.empty()) {
    const std::span<const float> piece = values.first(std::min(values.size(), kPiece));
    state.converted.resize(piece.size() * size_of(dtype));
    convert_from_f32(piece, dtype, state.converted.data());
    write(state.converted);
    values = values.subspan(piece.size());
  }
}

void SafetensorsWriter::finish() {
  State& state = *state_;
  write({});
  if (state.current != state.entries.size()) {
    state.misuse("too few bytes for " + state.entries[state.current].name);
  }
  state.file.commit();
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata) {
  SafetensorsWriter writer(path);
  std::map<std::string_view, std::span<const std::byte>> bytes;
  for (const TensorToWrite& tensor : tensors) {
    writer.add(tensor.name, tensor.dtype, tensor.shape);
    bytes[tensor.name] = tensor.bytes;
  }
  for (const auto& [key, value] : metadata) writer.set_metadata(key, value);
  for (const std::string& name : writer.begin()) writer.write(bytes[name]);
  writer.finish();
}

}  // namespace vernier
