#include "engine/io/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/io/atomic_file.h"
#include "engine/io/nf4_tensor.h"
#include "engine/io/safetensors_header.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

void read_exactly(int fd, const fs::path& path, void* out, std::size_t bytes, std::uint64_t offset) {
  auto* to = static_cast<char*>(out);
  while (bytes > 0) {
    const ::ssize_t count = ::pread(fd, to, bytes, static_cast<::off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system(errno, "read", path);
    if (count == 0) fail(ErrorCode::kIo, path.string(), "cannot read: the file was cut short while it was read.");
    to += count;
    offset += static_cast<std::uint64_t>(count);
    bytes -= static_cast<std::size_t>(count);
  }
}

[[noreturn]] void not_found(const std::string& file, std::string_view name) {
  fail(ErrorCode::kInvalidInput, file,
       std::string(name) +
           ": not there, expected a tensor of that name. The checkpoint is incomplete or of another "
           "architecture than its config.json says.");
}

void check_shape(const std::string& file, const TensorInfo& tensor, std::span<const std::int64_t> shape) {
  if (std::ranges::equal(tensor.shape, shape)) return;
  fail(ErrorCode::kInvalidInput, file,
       tensor.name + ": got shape " + shape_to_string(tensor.shape) + ", expected " + shape_to_string(shape) +
           ". The weights and config.json do not belong together.");
}

}  // namespace

std::int64_t TensorInfo::size() const {
  return static_cast<std::int64_t>(bytes.size() / size_of(dtype));
}

std::string shape_to_string(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

SafetensorsFile::SafetensorsFile(const fs::path& path) : path_(path) {
  // Opened without blocking, so that a named pipe is refused instead of waited for.
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) fail_system(errno, "read", path);
  try {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) fail_system(errno, "read", path);
    if (!S_ISREG(status.st_mode)) {
      fail(ErrorCode::kInvalidInput, path.string(),
           S_ISDIR(status.st_mode) ? "got a folder, expected a file."
                                   : "got a pipe or a device, expected a regular file: save it to one first.");
    }
    read_header(fd_, static_cast<std::uint64_t>(status.st_size));
  } catch (...) {
    unmap();
    throw;
  }
}

void SafetensorsFile::read_header(int fd, std::uint64_t file_bytes) {
  const std::string file = path_.filename().string();
  const auto bad = [&](const std::string& why) {
    fail(ErrorCode::kInvalidInput, file,
         "not a valid safetensors file: " + why + ". It may be damaged or incompletely downloaded.");
  };
  if (file_bytes < 8) bad("got " + std::to_string(file_bytes) + " bytes, expected at least 8");
  std::uint64_t header_bytes = 0;
  read_exactly(fd, path_, &header_bytes, sizeof header_bytes, 0);
  if (header_bytes > kMaxSafetensorsHeaderBytes) {
    bad("its header claims " + std::to_string(header_bytes) + " bytes, expected at most " +
        std::to_string(kMaxSafetensorsHeaderBytes));
  }
  if (header_bytes > file_bytes - 8) {
    bad("its header claims " + std::to_string(header_bytes) + " bytes, but the file has " + std::to_string(file_bytes));
  }
  std::string text(static_cast<std::size_t>(header_bytes), '\0');
  read_exactly(fd, path_, text.data(), text.size(), 8);
  const std::uint64_t data_begin = 8 + header_bytes;
  SafetensorsHeader header = parse_safetensors_header(text, file_bytes - data_begin, file);

  void* mapping = ::mmap(nullptr, static_cast<std::size_t>(file_bytes), PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapping == MAP_FAILED) fail_system(errno, "map", path_);
  mapping_ = static_cast<std::byte*>(mapping);
  mapped_bytes_ = file_bytes;
  metadata_ = std::move(header.metadata);
  tensors_.reserve(header.tensors.size());
  for (SafetensorsHeader::Tensor& tensor : header.tensors) {
    index_.emplace(tensor.name, tensors_.size());
    tensors_.push_back({std::move(tensor.name), tensor.dtype, std::move(tensor.shape),
                        std::span<const std::byte>(mapping_ + data_begin + tensor.begin, tensor.end - tensor.begin)});
  }
}

void SafetensorsFile::unmap() {
  if (mapping_ != nullptr) ::munmap(mapping_, static_cast<std::size_t>(mapped_bytes_));
  if (fd_ >= 0) ::close(fd_);
  mapping_ = nullptr;
  fd_ = -1;
}

SafetensorsFile::~SafetensorsFile() {
  unmap();
}

SafetensorsFile::SafetensorsFile(SafetensorsFile&& other) noexcept
    : path_(std::move(other.path_)),
      tensors_(std::move(other.tensors_)),
      index_(std::move(other.index_)),
      metadata_(std::move(other.metadata_)),
      fd_(std::exchange(other.fd_, -1)),
      mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_bytes_(std::exchange(other.mapped_bytes_, 0)) {}

SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(tensors_, other.tensors_);
  std::swap(index_, other.index_);
  std::swap(metadata_, other.metadata_);
  std::swap(fd_, other.fd_);
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  return *this;
}

const TensorInfo* SafetensorsFile::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

const TensorInfo& SafetensorsFile::at(std::string_view name) const {
  const TensorInfo* tensor = find(name);
  if (tensor == nullptr) not_found(path_.filename().string(), name);
  return *tensor;
}

const TensorInfo& SafetensorsFile::at(std::string_view name, std::span<const std::int64_t> shape) const {
  const TensorInfo& tensor = at(name);
  check_shape(path_.filename().string(), tensor, shape);
  return tensor;
}

void SafetensorsFile::check_unchanged() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) fail_system(errno, "read", path_);
  if (static_cast<std::uint64_t>(status.st_size) != mapped_bytes_) {
    fail(ErrorCode::kIo, path_.string(),
         "cannot read: the file had " + std::to_string(mapped_bytes_) + " bytes and now has " +
             std::to_string(status.st_size) + ". Another program changed it; load the model again.");
  }
}

ShardedSafetensors::ShardedSafetensors(const fs::path& folder) : folder_(folder) {
  const fs::path single = folder / "model.safetensors";
  const fs::path index_path = folder / "model.safetensors.index.json";
  std::error_code ignored;
  if (fs::exists(single, ignored)) {
    files_.emplace_back(single);
    for (const TensorInfo& tensor : files_.front().tensors()) index_.emplace(tensor.name, 0);
    return;
  }
  if (!fs::exists(index_path, ignored)) {
    fail(ErrorCode::kNotFound, folder.string(),
         "no weights: expected model.safetensors or model.safetensors.index.json. Other formats (.bin, .pth, .gguf) "
         "must be converted to safetensors first.");
  }
  const nlohmann::json index = read_json_file(index_path);
  const std::string place = index_path.filename().string();
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
    fail(ErrorCode::kInvalidInput, place, "not a checkpoint index: expected an object \"weight_map\".");
  }
  std::map<std::string, std::size_t> files_by_name;
  for (const auto& [tensor, shard] : index["weight_map"].items()) {
    if (!shard.is_string()) {
      fail(ErrorCode::kInvalidInput, place, tensor + ": got " + shard.type_name() + ", expected the name of a file.");
    }
    const auto& name = shard.get_ref<const std::string&>();
    auto known = files_by_name.find(name);
    if (known == files_by_name.end()) {
      // The system would take a name for ended at a NUL.
      if (name.empty() || name == "." || name == ".." || name.find_first_of(std::string_view("/\0", 2)) != name.npos) {
        fail(ErrorCode::kInvalidInput, place,
             tensor + ": got the shard " + shard.dump() + ", expected a file of the checkpoint's own folder.");
      }
      if (!fs::exists(folder / name, ignored)) {
        fail(ErrorCode::kInvalidInput, place,
             "the shard " + name + " is missing (it holds " + tensor + "). The checkpoint is incomplete.");
      }
      known = files_by_name.emplace(name, files_.size()).first;
      files_.emplace_back(folder / name);
    }
    if (files_[known->second].find(tensor) == nullptr) {
      fail(ErrorCode::kInvalidInput, name,
           tensor + ": not there, though " + place + " says so. The checkpoint is incomplete.");
    }
    index_.emplace(tensor, known->second);
  }
}

std::vector<std::string> ShardedSafetensors::names() const {
  std::vector<std::string> names;
  names.reserve(index_.size());
  for (const auto& [name, file] : index_) names.push_back(name);
  return names;
}

const TensorInfo* ShardedSafetensors::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : files_[found->second].find(name);
}

const SafetensorsFile& ShardedSafetensors::file_of(std::string_view name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) {
    not_found(files_.size() == 1 ? files_.front().path().filename().string() : "model.safetensors.index.json", name);
  }
  return files_[found->second];
}

const TensorInfo& ShardedSafetensors::at(std::string_view name, std::span<const std::int64_t> shape) const {
  return file_of(name).at(name, shape);
}

void ShardedSafetensors::read_f32(std::string_view name, std::span<const std::int64_t> shape, float* out) const {
  const SafetensorsFile& file = file_of(name);
  if (is_stored_nf4(*this, name)) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    file.check_unchanged();
    return read_nf4_as_f32(*this, name, shape, 0, {out, static_cast<std::size_t>(count)});
  }
  const TensorInfo& tensor = file.at(name, shape);
  file.check_unchanged();
  convert_to_f32(tensor, out);
}

void ShardedSafetensors::read_f32(std::string_view name, std::span<const std::int64_t> shape, std::int64_t first_row,
                                  std::int64_t rows, float* out) const {
  const SafetensorsFile& file = file_of(name);
  if (is_stored_nf4(*this, name) && shape.size() == 2) {
    if (first_row < 0 || rows < 0 || first_row > shape[0] - rows) {
      fail(ErrorCode::kInternal, "read_f32", "rows out of range of " + std::string(name) + ".");
    }
    file.check_unchanged();
    return read_nf4_as_f32(*this, name, shape, first_row * shape[1], {out, static_cast<std::size_t>(rows * shape[1])});
  }
  const TensorInfo& tensor = file.at(name, shape);
  if (shape.empty() || first_row < 0 || rows < 0 || first_row > shape[0] - rows) {
    fail(ErrorCode::kInternal, "read_f32", "rows out of range of " + tensor.name + ".");
  }
  if (rows == 0) return;
  file.check_unchanged();
  const std::int64_t row_size = tensor.size() / shape[0];
  convert_to_f32(tensor, first_row * row_size, rows * row_size, out);
}

std::uint64_t ShardedSafetensors::total_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : index_) bytes += files_[file].find(name)->bytes.size();
  return bytes;
}

}  // namespace vernier
