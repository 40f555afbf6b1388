#include "engine/text/fast/charsmap.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// "" where it is none.
std::string decode_base64(std::string_view text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return "";
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> count) & 0xFFu);
  }
  return out;
}

class Charsmap final : public Normalizer {
 public:
  Charsmap(std::vector<std::uint32_t> units, std::string replacements)
      : units_(std::move(units)), replacements_(std::move(replacements)) {}

  // As HF tokenizers does it: a grapheme of fewer than 6 bytes is replaced whole by what its shortest known beginning
  // stands for; else each of its characters for itself.
  void apply(MappedText& text, bool track) const override {
    MappedBuilder out(text, track);
    const std::string_view all = text.text;
    const auto one = [&](std::size_t begin, std::size_t end) {
      const auto replacement = find(all.substr(begin, end - begin));
      if (!replacement) return false;
      out.put(*replacement, begin);
      check_normalizer_growth(all.size(), out.size());
      return true;
    };
    for_each_grapheme(all, [&](std::size_t begin, std::size_t end) {
      if (end - begin < kShortGrapheme && one(begin, end)) return;
      while (begin < end) {
        const std::size_t next = begin + decode_utf8(all.substr(begin)).length;
        if (!one(begin, next)) out.keep(begin, next);
        begin = next;
      }
    });
    text = out.take();
  }

 private:
  static constexpr std::size_t kShortGrapheme = 6;

  template <typename Visit>
  static void for_each_grapheme(std::string_view text, const Visit& visit) {
    UErrorCode status = U_ZERO_ERROR;
    UText* utext = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status);
    const std::unique_ptr<icu::BreakIterator> breaks(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    if (U_SUCCESS(status)) breaks->setText(utext, status);
    if (U_FAILURE(status)) fail(ErrorCode::kInternal, "normalizer", std::string("ICU: ") + u_errorName(status) + ".");
    for (std::int32_t begin = breaks->first(), end = breaks->next(); end != icu::BreakIterator::DONE;
         begin = end, end = breaks->next()) {
      visit(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
    }
    utext_close(utext);
  }

  // A unit of the array: whether it has a leaf, the label it is reached by, and where its children lie.
  static bool has_leaf(std::uint32_t unit) { return ((unit >> 8) & 1u) != 0; }
  static std::uint32_t label(std::uint32_t unit) { return unit & ((1u << 31) | 0xFFu); }
  static std::size_t offset(std::uint32_t unit) { return std::size_t{unit >> 10} << ((unit & (1u << 9)) >> 6); }

  std::optional<std::string_view> find(std::string_view chunk) const {
    std::size_t node = offset(units_[0]);
    for (const char c : chunk) {
      if (c == 0) break;
      node ^= static_cast<unsigned char>(c);
      if (node >= units_.size() || label(units_[node]) != static_cast<unsigned char>(c)) break;
      const std::uint32_t unit = units_[node];
      node ^= offset(unit);
      if (!has_leaf(unit)) continue;
      const std::size_t begin = node < units_.size() ? units_[node] & 0x7FFFFFFFu : replacements_.size();
      const bool damaged =
          begin >= replacements_.size() || (static_cast<unsigned char>(replacements_[begin]) & 0xC0) == 0x80;
      if (damaged) break;
      return std::string_view(replacements_.c_str() + begin);
    }
    return std::nullopt;
  }

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

}  // namespace

std::unique_ptr<Normalizer> read_charsmap(const std::string& base64, const std::string& place) {
  const std::string bytes = decode_base64(base64);
  std::uint32_t size = 0;
  if (bytes.size() >= sizeof(size)) std::memcpy(&size, bytes.data(), sizeof(size));
  if (size == 0 || size % sizeof(std::uint32_t) != 0 || size > bytes.size() - sizeof(size)) {
    fail(ErrorCode::kInvalidInput, place, "normalizer: precompiled_charsmap: it is damaged.");
  }
  std::vector<std::uint32_t> units(size / sizeof(std::uint32_t));
  std::memcpy(units.data(), bytes.data() + sizeof(size), size);
  std::string replacements = bytes.substr(sizeof(size) + size);
  if (!is_valid_utf8(replacements)) {
    fail(ErrorCode::kInvalidInput, place, "normalizer: precompiled_charsmap: its texts are not UTF-8.");
  }
  return std::make_unique<Charsmap>(std::move(units), std::move(replacements));
}

}  // namespace vernier
