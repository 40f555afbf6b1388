// The bytes of a data file, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "engine/data/decompressor.h"

namespace vernier {

// Reads in pieces, so that a file larger than memory streams. gzip and zstd are unpacked, whatever the file is called.
// A UTF-8 byte order mark in front is left out; files that are no UTF-8 text are refused by what they are (UTF-16,
// Parquet, XZ, ...). Thread: one thread at a time. Errors: kNotFound, kIo, kUnsupported, kInvalidInput for damaged
// packed data.
class ByteSource {
 public:
  explicit ByteSource(const std::string& path);

  const std::string& path() const { return path_; }
  // The next byte, or -1 at the end.
  int peek() {
    if (at_ == end_ && !fill()) return -1;
    return static_cast<unsigned char>(buffer_[at_]);
  }
  int get() {
    const int byte = peek();
    if (byte >= 0) ++at_;
    return byte;
  }
  // Appends bytes up to and including the next `line_end`, or what is left, but no more than max_bytes. False at the
  // end.
  bool append_line(std::string& out, std::size_t max_bytes, char line_end = '\n');
  // What part of the file is read, 0 to 1.
  double fraction() const;

 private:
  bool fill();
  std::size_t read_file(char* out, std::size_t capacity);
  void begin_text();

  std::string path_;
  std::ifstream file_;
  std::uint64_t file_size_ = 0;
  std::uint64_t file_read_ = 0;
  std::string buffer_;  // of text: bytes [at_, end_) are not given out yet
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<Decompressor> decompressor_;  // nullptr: the file is the text
  std::string packed_buffer_;
  std::size_t packed_at_ = 0;  // bytes [packed_at_, packed_end_) are not unpacked yet
  std::size_t packed_end_ = 0;
};

}  // namespace vernier
