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

struct PackedKind {
  std::string_view magic;
  std::string_view name;
};
using namespace std::string_view_literals;
constexpr PackedKind kNotUnpacked[] = {{"\xFD\x37zXZ\0"sv, "XZ"},
                                       {"BZh1\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
                                       {"7z\xBC\xAF\x27\x1C"sv, "7z"},
                                       {"Rar!\x1A\x07"sv, "RAR"},
                                       {"\x04\x22\x4D\x18"sv, "LZ4"}};

// "" for what is not known to be packed. bzip2's fourth byte is the size of its blocks.
std::string_view packed_kind(std::string_view head) {
  for (const PackedKind& kind : kNotUnpacked) {
    std::string begin(head.substr(0, kind.magic.size()));
    if (begin.size() == kind.magic.size() && begin.starts_with("BZh")) begin[3] = '1';
    if (begin == kind.magic) return kind.name;
  }
  return "";
}

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
  if (const std::string_view packed = packed_kind(head); !packed.empty()) {
    refuse("packed with " + std::string(packed) + ": unpack it, or pack it with gzip or zstd, which are read.");
  } else if (starts("\xEF\xBB\xBF")) {
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

bool ByteSource::append_line(std::string& out, std::size_t max_bytes, char line_end) {
  if (peek() < 0) return false;
  while (max_bytes > 0 && peek() >= 0) {
    const std::size_t size = std::min(end_ - at_, max_bytes);
    const std::string_view piece = std::string_view(buffer_).substr(at_, size);
    const std::size_t newline = piece.find(line_end);
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
