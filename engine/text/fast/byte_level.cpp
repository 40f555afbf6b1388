#include <array>

#include "engine/text/fast/token_model.h"
#include "engine/text/utf8.h"

namespace vernier {
namespace {

// Printable characters of Latin-1 stand for themselves; the other bytes, in order, for U+0100 and on.
std::array<std::int16_t, 512> make_table() {
  std::array<std::int16_t, 512> bytes;
  bytes.fill(-1);
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    bytes[static_cast<std::size_t>(printable ? byte : next++)] = static_cast<std::int16_t>(byte);
  }
  return bytes;
}

}  // namespace

bool byte_level_bytes(std::string_view piece, std::string& bytes) {
  static const std::array<std::int16_t, 512> kTable = make_table();
  bytes.clear();
  while (!piece.empty()) {
    const Utf8Char c = decode_utf8(piece);
    if (c.code_point >= kTable.size() || kTable[c.code_point] < 0) return false;
    bytes += static_cast<char>(kTable[c.code_point]);
    piece.remove_prefix(c.length);
  }
  return true;
}

}  // namespace vernier
