#include "engine/data/byte_source.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "vernier/error.h"
#include "vernier/inputs.h"

namespace vernier {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

}  // namespace

ByteSource::ByteSource(const std::string& path) : path_(path), buffer_(kBufferBytes, '\0') {
  check_input_file(path, "data file");
  std::error_code status;
  file_size_ = std::filesystem::file_size(path, status);
  if (status) file_size_ = 0;
  file_.open(path, std::ios::binary);
  if (!file_) fail(ErrorCode::kIo, path, "the data file cannot be opened: " + std::string(std::strerror(errno)) + ".");
  begin_text();
}

void ByteSource::begin_text() {
  fill();
  decompressor_ = make_decompressor(std::string_view(buffer_).substr(0, end_), path_);
  if (decompressor_ != nullptr) {
    packed_buffer_.swap(buffer_);
    packed_end_ = end_;
    buffer_.resize(kBufferBytes);
    fill();
  }
  const std::string_view head = std::string_view(buffer_).substr(0, end_);
  const auto starts = [&](std::string_view magic) { return head.starts_with(magic); };
  const auto refuse = [&](std::string_view what) { fail(ErrorCode::kUnsupported, path_, what); };
  if (starts("\xEF\xBB\xBF")) {
    at_ = 3;
  } else if (starts("PAR1")) {
    refuse("a Parquet file inside of another: unpack it first.");
  } else if (starts(std::string_view("\xFF\xFE\0\0", 4)) || starts(std::string_view("\0\0\xFE\xFF", 4))) {
    refuse("encoded as UTF-32: save it as UTF-8.");
  } else if (starts("\xFF\xFE") || starts("\xFE\xFF")) {
    refuse("encoded as UTF-16: save it as UTF-8.");
  } else if (head.size() >= 4 && (head[0] == '\0') != (head[1] == '\0') && (head[2] == '\0') != (head[3] == '\0')) {
    refuse("encoded as UTF-16 without a byte order mark: save it as UTF-8.");
  } else if (starts("PK\x03\x04")) {
    refuse("a ZIP archive (or a spreadsheet): unpack it, and save the data as JSONL or CSV.");
  }
}

std::size_t ByteSource::read_file(char* out, std::size_t capacity) {
  file_.read(out, static_cast<std::streamsize>(capacity));
  if (file_.bad()) {
    fail(ErrorCode::kIo, path_, "the data file cannot be read: " + std::string(std::strerror(errno)) + ".");
  }
  const auto count = static_cast<std::size_t>(file_.gcount());
  file_read_ += count;
  return count;
}

bool ByteSource::fill() {
  at_ = 0;
  end_ = 0;
  if (decompressor_ == nullptr) {
    end_ = read_file(buffer_.data(), buffer_.size());
    return end_ > 0;
  }
  for (;;) {
    std::string_view packed = std::string_view(packed_buffer_).substr(packed_at_, packed_end_ - packed_at_);
    end_ = decompressor_->unpack(packed, buffer_.data(), buffer_.size());
    packed_at_ = packed_end_ - packed.size();
    if (end_ > 0) return true;
    if (!packed.empty()) continue;
    packed_at_ = 0;
    packed_end_ = read_file(packed_buffer_.data(), packed_buffer_.size());
    if (packed_end_ > 0) continue;
    if (!decompressor_->complete())
      fail(ErrorCode::kInvalidInput, path_, "the packed file ends early: it is cut short.");
    return false;
  }
}

bool ByteSource::append_line(std::string& out, std::size_t max_bytes) {
  if (peek() < 0) return false;
  while (max_bytes > 0 && peek() >= 0) {
    const std::size_t size = std::min(end_ - at_, max_bytes);
    const std::string_view piece = std::string_view(buffer_).substr(at_, size);
    const std::size_t newline = piece.find('\n');
    const std::size_t taken = newline == std::string_view::npos ? size : newline + 1;
    out.append(piece.substr(0, taken));
    at_ += taken;
    max_bytes -= taken;
    if (newline != std::string_view::npos) break;
  }
  return true;
}

double ByteSource::fraction() const {
  if (file_size_ == 0) return 0.0;
  const std::size_t waiting = decompressor_ == nullptr ? end_ - at_ : packed_end_ - packed_at_;
  return std::min(1.0, static_cast<double>(file_read_ - waiting) / static_cast<double>(file_size_));
}

}  // namespace vernier
