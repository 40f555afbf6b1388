// Fast hashes of what files hold: to tell contents apart and to find damage, not to withstand an attacker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// XXH64 (Collet, "xxHash fast digest algorithm", 0.1.1).
std::uint64_t xxh64(std::span<const std::byte> bytes, std::uint64_t seed = 0);

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
};
// 32 hexadecimal digits.
std::string to_hex(const Hash128& hash);

inline constexpr std::size_t kHashBlock = std::size_t{1} << 20;

// Of a sequence of bytes: XXH64 of each block of kHashBlock bytes, and XXH64 of these with the length, under two seeds.
// Blocks can be hashed side by side.
Hash128 hash_of_blocks(std::vector<std::uint64_t> block_hashes, std::uint64_t num_bytes);

// The same for bytes that come in pieces. Thread: one thread at a time.
class ContentHash {
 public:
  void update(std::span<const std::byte> bytes);
  // With its length in front, so that neighbouring texts cannot run into each other.
  void update_text(std::string_view text);
  Hash128 finish() &&;

 private:
  std::vector<std::uint64_t> blocks_;
  std::vector<std::byte> open_;  // less than a block
  std::uint64_t num_bytes_ = 0;
};

}  // namespace vernier
