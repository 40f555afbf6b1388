// A 64-bit checksum that keeps up with a disk: words multiplied and folded, as wyhash does. It finds damage and
// differences, not malice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

namespace vernier {

class Checksum {
 public:
  void add(std::span<const std::byte> bytes) {
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
      std::uint64_t word;
      std::memcpy(&word, bytes.data(), 8);
      add(word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, bytes.data(), bytes.size());
    add(rest ^ (std::uint64_t{bytes.size()} << 56));
  }
  void add(std::uint64_t word) {
    const auto product = static_cast<unsigned __int128>(value_ ^ word) * 0x9E3779B97F4A7C15ull;
    value_ = (static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64)) + 0xD1B54A32D192ED03ull;
  }
  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value_));
    return digits;
  }

 private:
  std::uint64_t value_ = 0x8EBC6AF09C88C6E3ull;
};

}  // namespace vernier
