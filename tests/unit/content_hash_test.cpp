#include "engine/core/content_hash.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace vernier {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// What the xxhash package of PyPI gives.
TEST(ContentHash, IsXxh64) {
  EXPECT_EQ(xxh64(bytes_of("")), 0xef46db3751d8e999u);
  EXPECT_EQ(xxh64(bytes_of("a")), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(xxh64(bytes_of("abc")), 0x44bc2cf5ad770999u);
  EXPECT_EQ(xxh64(bytes_of("Nobody inspects the spammish repetition")), 0xfbcea83c8a378bf1u);
  std::string text;
  for (int i = 0; i < 101; ++i) text += static_cast<char>(i * 7);
  EXPECT_EQ(xxh64(bytes_of(text), 12345), 0x2e03f45ef6dab834u);
}

TEST(ContentHash, PiecesDoNotMatter) {
  std::mt19937 random(3);
  std::string text(3 * kHashBlock + 17, '\0');
  for (char& c : text) c = static_cast<char>(random());
  ContentHash whole, pieces;
  whole.update(bytes_of(text));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min<std::size_t>(text.size() - at, 1 + random() % (kHashBlock + kHashBlock / 2));
    pieces.update(bytes_of(text).subspan(at, size));
    at += size;
  }
  const Hash128 hash = std::move(whole).finish();
  EXPECT_EQ(hash, std::move(pieces).finish());
  std::vector<std::uint64_t> blocks;
  for (std::size_t at = 0; at < text.size(); at += kHashBlock) {
    blocks.push_back(xxh64(bytes_of(text).subspan(at, std::min(kHashBlock, text.size() - at))));
  }
  EXPECT_EQ(hash, hash_of_blocks(blocks, text.size()));
  EXPECT_EQ(to_hex(hash).size(), 32u);
  text[kHashBlock + 5] ^= 1;
  ContentHash changed;
  changed.update(bytes_of(text));
  EXPECT_NE(hash, std::move(changed).finish());
}

TEST(ContentHash, NeighbouringTextsDoNotRunTogether) {
  ContentHash one, other;
  one.update_text("ab");
  one.update_text("c");
  other.update_text("a");
  other.update_text("bc");
  EXPECT_NE(std::move(one).finish(), std::move(other).finish());
}

}  // namespace
}  // namespace vernier
