#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/text/fast/regex.h"

#include <pcre2.h>

#include "vernier/error.h"

namespace vernier {

struct Regex::Code {
  pcre2_code* code = nullptr;
  pcre2_match_context* context = nullptr;
  std::string place;
  ~Code() {
    pcre2_match_context_free(context);
    pcre2_code_free(code);
  }
};

Regex::Regex(const std::string& pattern, const std::string& place) : code_(std::make_unique<Code>()) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  code_->place = place;
  code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                              PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK, &error, &offset, nullptr);
  if (code_->code == nullptr) {
    PCRE2_UCHAR text[128] = {};
    pcre2_get_error_message(error, text, sizeof text);
    fail(ErrorCode::kInvalidInput, place,
         "pattern: " + std::string(reinterpret_cast<const char*>(text)) + " at offset " + std::to_string(offset) + ".");
  }
  pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE);  // where it fails, the interpreter matches the same
  code_->context = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(code_->context, 10'000'000);
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
    : regex_(regex), text_(text), match_data_(pcre2_match_data_create(1, nullptr)) {}

Regex::Search::~Search() {
  pcre2_match_data_free(static_cast<pcre2_match_data*>(match_data_));
}

bool Regex::Search::next(std::size_t& begin, std::size_t& end) {
  auto* data = static_cast<pcre2_match_data*>(match_data_);
  std::uint32_t flags = PCRE2_NO_UTF_CHECK;
  while (at_ <= text_.size()) {
    const int result = pcre2_match(regex_.code_->code, reinterpret_cast<PCRE2_SPTR>(text_.data()), text_.size(), at_,
                                   flags, data, regex_.code_->context);
    if (result == PCRE2_ERROR_NOMATCH) return false;
    if (result < 0) {
      fail(ErrorCode::kInvalidInput, regex_.code_->place, "pattern: a match takes too many steps on this text.");
    }
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data);
    if (ends[1] > ends[0]) {
      begin = ends[0];
      end = at_ = ends[1];
      return true;
    }
    flags |= PCRE2_NOTEMPTY;  // an empty match: look on for one that is not
    at_ = ends[1];
  }
  return false;
}

}  // namespace vernier
