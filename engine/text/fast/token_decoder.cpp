#include "engine/text/fast/token_decoder.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/text/fast/regex.h"
#include "engine/text/fast/token_model.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

void join(std::vector<std::string>& pieces) {
  std::string all;
  for (const std::string& piece : pieces) all += piece;
  pieces.assign(1, std::move(all));
}

class ByteLevelDecoder final : public TokenDecoder {
 public:
  void apply(std::vector<std::string>& pieces) const override {
    std::string bytes, all;
    for (const std::string& piece : pieces) all += byte_level_bytes(piece, bytes) ? bytes : piece;
    pieces.assign(1, lossy_utf8(all));
  }
};

// <0x41> <0x42> ... stand for bytes; those that are no UTF-8 become U+FFFD each.
class ByteFallbackDecoder final : public TokenDecoder {
 public:
  void apply(std::vector<std::string>& pieces) const override {
    std::vector<std::string> out;
    std::string bytes;
    const auto flush = [&] {
      if (bytes.empty()) return;
      if (is_valid_utf8(bytes)) {
        out.push_back(bytes);
      } else {
        for (std::size_t i = 0; i < bytes.size(); ++i) out.emplace_back(kReplacement);
      }
      bytes.clear();
    };
    for (std::string& piece : pieces) {
      unsigned value = 0;
      if (piece.size() == 6 && piece.starts_with("<0x") && piece.back() == '>' &&
          std::from_chars(piece.data() + 3, piece.data() + 5, value, 16).ptr == piece.data() + 5) {
        bytes += static_cast<char>(value);
      } else {
        flush();
        out.push_back(std::move(piece));
      }
    }
    flush();
    pieces = std::move(out);
  }
};

class FuseDecoder final : public TokenDecoder {
 public:
  void apply(std::vector<std::string>& pieces) const override { join(pieces); }
};

// Takes up to `start` times `content` from the front of every piece, and up to `stop` times from its end.
class StripDecoder final : public TokenDecoder {
 public:
  StripDecoder(std::string content, std::size_t start, std::size_t stop)
      : content_(std::move(content)), start_(start), stop_(stop) {}
  void apply(std::vector<std::string>& pieces) const override {
    if (content_.empty()) return;
    for (std::string& piece : pieces) {
      for (std::size_t i = 0; i < start_ && piece.starts_with(content_); ++i) piece.erase(0, content_.size());
      for (std::size_t i = 0; i < stop_ && piece.ends_with(content_); ++i) piece.resize(piece.size() - content_.size());
    }
  }

 private:
  std::string content_;
  std::size_t start_, stop_;
};

class ReplaceDecoder final : public TokenDecoder {
 public:
  ReplaceDecoder(Regex pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void apply(std::vector<std::string>& pieces) const override {
    for (std::string& piece : pieces) {
      if (!is_valid_utf8(piece)) continue;
      std::string out;
      std::size_t done = 0;
      Regex::Search search(pattern_, piece);
      for (std::size_t begin = 0, end = 0; search.next(begin, end); done = end) {
        out.append(piece, done, begin - done);
        out += content_;
      }
      out.append(piece, done);
      piece = std::move(out);
    }
  }

 private:
  Regex pattern_;
  std::string content_;
};

class MetaspaceDecoder final : public TokenDecoder {
 public:
  MetaspaceDecoder(std::string replacement, bool prefix) : replacement_(std::move(replacement)), prefix_(prefix) {}
  void apply(std::vector<std::string>& pieces) const override {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      std::string out;
      for (std::size_t at = 0; at < pieces[i].size();) {
        const std::size_t next = std::min(pieces[i].find(replacement_, at), pieces[i].size());
        out.append(pieces[i], at, next - at);
        // Of the first piece all go, as in HF tokenizers.
        if (next < pieces[i].size() && !(i == 0 && prefix_)) out += ' ';
        at = next + replacement_.size();
      }
      pieces[i] = std::move(out);
    }
  }

 private:
  std::string replacement_;
  bool prefix_;
};

class DecoderSequence final : public TokenDecoder {
 public:
  explicit DecoderSequence(std::vector<std::unique_ptr<TokenDecoder>> parts) : parts_(std::move(parts)) {}
  void apply(std::vector<std::string>& pieces) const override {
    for (const auto& part : parts_) part->apply(pieces);
  }

 private:
  std::vector<std::unique_ptr<TokenDecoder>> parts_;
};

}  // namespace

std::string lossy_utf8(std::string_view bytes, std::vector<std::size_t>* origin) {
  const std::size_t size = bytes.size();
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Utf8Char c = decode_utf8(bytes);
    if (c.code_point != kBadUtf8) {
      out.append(bytes.substr(0, c.length));
      for (std::size_t i = 0; origin != nullptr && i < c.length; ++i) origin->push_back(size - bytes.size() + i);
      bytes.remove_prefix(c.length);
      continue;
    }
    // The longest beginning of a well-formed character (Unicode 15, table 3-7) is one part.
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = byte(0);
    std::size_t part = 1;
    if (lead >= 0xC2 && lead <= 0xF4 && bytes.size() > 1) {
      const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      if (byte(1) >= low && byte(1) <= high) {
        part = 2;
        while (part + 1 < length && part < bytes.size() && (byte(part) & 0xC0) == 0x80) ++part;
      }
    }
    out += kReplacement;
    if (origin != nullptr) origin->resize(out.size(), size - bytes.size());
    bytes.remove_prefix(std::min(part, bytes.size()));
  }
  if (origin != nullptr) origin->push_back(size);
  return out;
}

std::unique_ptr<TokenDecoder> TokenDecoder::from_json(const nlohmann::json& json, const std::string& place) {
  if (json.is_null()) return nullptr;
  try {
    const std::string type = json.at("type").get<std::string>();
    if (type == "Sequence") {
      std::vector<std::unique_ptr<TokenDecoder>> parts;
      for (const auto& part : json.at("decoders")) {
        if (auto made = from_json(part, place)) parts.push_back(std::move(made));
      }
      return std::make_unique<DecoderSequence>(std::move(parts));
    }
    if (type == "ByteLevel") return std::make_unique<ByteLevelDecoder>();
    if (type == "ByteFallback") return std::make_unique<ByteFallbackDecoder>();
    if (type == "Fuse") return std::make_unique<FuseDecoder>();
    if (type == "Strip") {
      const auto count = [&](const char* key) {
        const auto value = json.find(key);
        if (value == json.end()) return std::size_t{0};
        if (!value->is_number_unsigned()) {
          fail(ErrorCode::kInvalidInput, place,
               "decoder: Strip: " + std::string(key) + " is no whole number from 0 on.");
        }
        return value->get<std::size_t>();
      };
      return std::make_unique<StripDecoder>(json.at("content").get<std::string>(), count("start"), count("stop"));
    }
    if (type == "Replace") {
      const auto& pattern = json.at("pattern");
      Regex regex = pattern.contains("String") ? Regex::literal(pattern.at("String").get<std::string>(), place)
                                               : Regex(pattern.at("Regex").get<std::string>(), place);
      return std::make_unique<ReplaceDecoder>(std::move(regex), json.at("content").get<std::string>());
    }
    if (type == "Metaspace") {
      const bool prefix =
          json.contains("prepend_scheme") ? json.at("prepend_scheme") != "never" : json.value("add_prefix_space", true);
      return std::make_unique<MetaspaceDecoder>(json.value("replacement", std::string("\xE2\x96\x81")), prefix);
    }
    fail(ErrorCode::kUnsupported, place,
         "decoder: got type \"" + type +
             "\", supported are Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace and Metaspace.");
  } catch (const nlohmann::json::exception&) {
    fail(ErrorCode::kInvalidInput, place, "decoder: a member is missing or of the wrong type.");
  }
}

}  // namespace vernier
