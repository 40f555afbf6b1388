// Unpacking gzip and zstd while reading.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace vernier {

// Thread: one thread at a time. Errors: Error{kInvalidInput} with the path for damaged data.
class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Takes bytes from the front of `in` and puts unpacked ones into `out`; returns how many. Needs more input where it
  // returns 0 with `in` empty.
  virtual std::size_t unpack(std::string_view& in, char* out, std::size_t capacity) = 0;
  // Whether the data may end here.
  virtual bool complete() const = 0;
};

// By the first bytes of the file; nullptr where they are neither gzip's nor zstd's.
std::unique_ptr<Decompressor> make_decompressor(std::string_view head, const std::string& path);

}  // namespace vernier
