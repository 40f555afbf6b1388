#include "engine/text/fast/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/text/fast/charsmap.h"
#include "engine/text/fast/regex.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// A tokenizer.json may blow a text up without end.
constexpr std::size_t kGrowth = 16;
constexpr std::size_t kRoom = std::size_t{16} << 20;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// What an ICU operation that records its edits made of `text`.
template <typename Operation>
void apply_icu(MappedText& text, bool track, const Operation& operation) {
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  icu::Edits edits;
  UErrorCode status = U_ZERO_ERROR;
  operation(icu::StringPiece(text.text.data(), static_cast<std::int32_t>(text.text.size())), sink,
            track ? &edits : nullptr, status);
  if (U_FAILURE(status)) fail(ErrorCode::kInternal, "normalizer", std::string("ICU: ") + u_errorName(status) + ".");
  std::vector<std::size_t> origin;
  if (track) {
    origin.reserve(result.size());
    icu::Edits::Iterator at = edits.getFineIterator();
    while (at.next(status)) {
      for (std::int32_t i = 0; i < at.newLength(); ++i) {
        const std::int32_t step = at.hasChange() ? 0 : i;
        origin.push_back(text.origin_of(static_cast<std::size_t>(at.sourceIndex() + step)));
      }
    }
  }
  text.text = std::move(result);
  text.origin = std::move(origin);
}

class UnicodeForm final : public Normalizer {
 public:
  explicit UnicodeForm(const std::string& name) {
    UErrorCode status = U_ZERO_ERROR;
    form_ = name == "NFC"    ? icu::Normalizer2::getNFCInstance(status)
            : name == "NFD"  ? icu::Normalizer2::getNFDInstance(status)
            : name == "NFKC" ? icu::Normalizer2::getNFKCInstance(status)
                             : icu::Normalizer2::getNFKDInstance(status);
    if (U_FAILURE(status)) fail(ErrorCode::kInternal, "normalizer", std::string("ICU: ") + u_errorName(status) + ".");
  }
  void apply(MappedText& text, bool track) const override {
    if (is_ascii(text.text)) return;
    UErrorCode status = U_ZERO_ERROR;
    const icu::StringPiece piece(text.text.data(), static_cast<std::int32_t>(text.text.size()));
    if (form_->isNormalizedUTF8(piece, status) && U_SUCCESS(status)) return;
    apply_icu(text, track, [&](icu::StringPiece from, icu::ByteSink& sink, icu::Edits* edits, UErrorCode& error) {
      form_->normalizeUTF8(0, from, sink, edits, error);
    });
  }

 private:
  const icu::Normalizer2* form_;
};

class Lowercase final : public Normalizer {
 public:
  void apply(MappedText& text, bool track) const override {
    apply_icu(text, track, [](icu::StringPiece from, icu::ByteSink& sink, icu::Edits* edits, UErrorCode& error) {
      icu::CaseMap::utf8ToLower("", 0, from, sink, edits, error);
    });
  }
};

class StripAccents final : public Normalizer {
 public:
  void apply(MappedText& text, bool track) const override {
    if (is_ascii(text.text)) return;
    MappedBuilder out(text, track);
    for (std::size_t at = 0; at < text.text.size();) {
      const Utf8Char c = decode_utf8(std::string_view(text.text).substr(at));
      const int type = u_charType(static_cast<UChar32>(c.code_point));
      const bool mark = type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_COMBINING_SPACING_MARK;
      if (!mark) out.keep(at, at + c.length);
      at += c.length;
    }
    text = out.take();
  }
};

// SentencePiece's rules for translation: control characters vanish, white space and invisible marks become spaces.
class Nmt final : public Normalizer {
 public:
  void apply(MappedText& text, bool track) const override {
    MappedBuilder out(text, track);
    for (std::size_t at = 0; at < text.text.size();) {
      const Utf8Char c = decode_utf8(std::string_view(text.text).substr(at));
      if (is_space(c.code_point)) {
        out.put(" ", at);
      } else if (!is_control(c.code_point)) {
        out.keep(at, at + c.length);
      }
      at += c.length;
    }
    text = out.take();
  }

 private:
  static bool is_control(std::uint32_t c) {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
  }
  static bool is_space(std::uint32_t c) {
    return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
           c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  }
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string what) : what_(std::move(what)) {}
  void apply(MappedText& text, bool track) const override {
    if (text.text.empty()) return;
    MappedBuilder out(text, track);
    out.put(what_, 0);
    out.keep(0, text.text.size());
    text = out.take();
  }

 private:
  std::string what_;
};

class Replace final : public Normalizer {
 public:
  Replace(Regex pattern, std::string literal, std::string content)
      : pattern_(std::move(pattern)), literal_(std::move(literal)), content_(std::move(content)) {}
  void apply(MappedText& text, bool track) const override {
    if (!literal_.empty() && text.text.find(literal_) == std::string::npos) return;
    MappedBuilder out(text, track);
    std::size_t done = 0, put = 0;
    const auto replace = [&](std::size_t begin, std::size_t end) {
      check_normalizer_growth(text.text.size(), put += content_.size());
      out.keep(done, begin);
      out.put(content_, begin);
      done = end;
    };
    if (literal_.empty()) {
      Regex::Search search(pattern_, text.text);
      for (std::size_t begin = 0, end = 0; search.next(begin, end);) replace(begin, end);
    } else {
      for (std::size_t at = 0; (at = text.text.find(literal_, at)) != std::string::npos; at += literal_.size()) {
        replace(at, at + literal_.size());
      }
    }
    out.keep(done, text.text.size());
    text = out.take();
  }

 private:
  Regex pattern_;
  std::string literal_;  // "" where the pattern is a regular expression
  std::string content_;
};

class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void apply(MappedText& text, bool track) const override {
    std::size_t first = text.text.size(), last = 0;
    for (std::size_t at = 0; at < text.text.size();) {
      const Utf8Char c = decode_utf8(std::string_view(text.text).substr(at));
      if (!is_unicode_space(c.code_point)) {
        first = std::min(first, at);
        last = at + c.length;
      }
      at += c.length;
    }
    const std::size_t begin = left_ ? first : 0;
    const std::size_t end = right_ ? std::max(begin, last) : text.text.size();
    if (begin == 0 && end == text.text.size()) return;
    MappedBuilder out(text, track);
    out.keep(begin, end);
    text = out.take();
  }

 private:
  bool left_, right_;
};

class NormalizerSequence final : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<Normalizer>> parts) : parts_(std::move(parts)) {}
  void apply(MappedText& text, bool track) const override {
    const std::size_t size = text.text.size();
    for (const auto& part : parts_) {
      part->apply(text, track);
      check_normalizer_growth(size, text.text.size());
    }
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

}  // namespace

void check_normalizer_growth(std::size_t from, std::size_t to) {
  if (to <= kRoom || (to - kRoom) / kGrowth <= from) return;
  fail(ErrorCode::kInvalidInput, "tokenizer.json",
       "normalizer: got more than " + std::to_string(to) + " bytes from a text of " + std::to_string(from) +
           ", expected at most " + std::to_string(kGrowth) + " times as many and 16 MiB.");
}

std::unique_ptr<Normalizer> Normalizer::from_json(const nlohmann::json& json, const std::string& place) {
  if (json.is_null()) return nullptr;
  try {
    const std::string type = json.at("type").get<std::string>();
    if (type == "Sequence") {
      std::vector<std::unique_ptr<Normalizer>> parts;
      for (const auto& part : json.at("normalizers")) {
        if (auto made = from_json(part, place)) parts.push_back(std::move(made));
      }
      return std::make_unique<NormalizerSequence>(std::move(parts));
    }
    if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") return std::make_unique<UnicodeForm>(type);
    if (type == "Lowercase") return std::make_unique<Lowercase>();
    if (type == "Nmt") return std::make_unique<Nmt>();
    if (type == "StripAccents") return std::make_unique<StripAccents>();
    if (type == "Precompiled") return read_charsmap(json.at("precompiled_charsmap").get<std::string>(), place);
    if (type == "Prepend") return std::make_unique<Prepend>(json.at("prepend").get<std::string>());
    if (type == "Strip")
      return std::make_unique<Strip>(json.value("strip_left", true), json.value("strip_right", true));
    if (type == "Replace") {
      const auto& pattern = json.at("pattern");
      const std::string content = json.at("content").get<std::string>();
      if (pattern.contains("String")) {
        const std::string text = pattern.at("String").get<std::string>();
        return std::make_unique<Replace>(Regex::literal(text, place), text, content);
      }
      return std::make_unique<Replace>(Regex(pattern.at("Regex").get<std::string>(), place), "", content);
    }
    fail(ErrorCode::kUnsupported, place,
         "normalizer: got type \"" + type +
             "\", supported are Sequence, Prepend, Precompiled, Replace, NFC, NFD, NFKC, NFKD, Nmt, Lowercase, Strip "
             "and StripAccents.");
  } catch (const nlohmann::json::exception&) {
    fail(ErrorCode::kInvalidInput, place, "normalizer: a member is missing or of the wrong type.");
  }
}

}  // namespace vernier
