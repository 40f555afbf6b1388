#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/text/fast/regex.h"

#include <pcre2.h>

#include "engine/text/fast/oniguruma.h"
#include "vernier/error.h"

namespace vernier {

namespace {

constexpr std::string_view kMongolianVowelSeparator = "\xE1\xA0\x8E";

}  // namespace

struct Regex::Code {
  Code(const std::string& pattern, const std::string& where) : place(where) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                         PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NO_UTF_CHECK, &error, &offset, nullptr);
    if (code == nullptr) {
      PCRE2_UCHAR text[128] = {};
      pcre2_get_error_message(error, text, sizeof text);
      fail(ErrorCode::kInvalidInput, place,
           "pattern: " + std::string(reinterpret_cast<const char*>(text)) + " at offset " + std::to_string(offset) +
               " of " + pattern + ".");
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where it fails, the interpreter matches the same
    context = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(context, 10'000'000);
  }
  ~Code() {
    pcre2_match_context_free(context);
    pcre2_code_free(code);
  }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  pcre2_code* code = nullptr;
  pcre2_match_context* context = nullptr;
  std::string place;
};

Regex::Regex(const std::string& pattern, const std::string& place) {
  const std::string usual = pcre_from_oniguruma(pattern, false);
  const std::string exact = pcre_from_oniguruma(pattern, true);
  code_ = std::make_unique<Code>(usual, place);
  if (exact != usual) exact_ = std::make_unique<Code>(exact, place);
}

Regex Regex::literal(const std::string& text, const std::string& place) {
  std::string pattern;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool word = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    if (byte < 0x80 && !word) pattern += '\\';
    pattern += c;
  }
  return Regex(pattern, place);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Regex::Search::Search(const Regex& regex, std::string_view text)
    : code_(regex.exact_ && text.find(kMongolianVowelSeparator) != std::string_view::npos ? *regex.exact_
                                                                                          : *regex.code_),
      text_(text),
      match_data_(pcre2_match_data_create(1, nullptr)) {}

Regex::Search::~Search() {
  pcre2_match_data_free(static_cast<pcre2_match_data*>(match_data_));
}

bool Regex::Search::next(std::size_t& begin, std::size_t& end) {
  auto* data = static_cast<pcre2_match_data*>(match_data_);
  while (at_ <= text_.size()) {
    const int result = pcre2_match(code_.code, reinterpret_cast<PCRE2_SPTR>(text_.data()), text_.size(), at_,
                                   PCRE2_NO_UTF_CHECK, data, code_.context);
    if (result == PCRE2_ERROR_NOMATCH) return false;
    if (result < 0) fail(ErrorCode::kInvalidInput, code_.place, "pattern: a match takes too many steps on this text.");
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data);
    begin = ends[0];
    end = at_ = ends[1];
    if (begin > end) begin = end;  // \K inside a lookahead
    if (begin < end || last_end_ != end) {
      last_end_ = end;
      return true;
    }
    do ++at_;  // one character on
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80);
  }
  return false;
}

}  // namespace vernier
