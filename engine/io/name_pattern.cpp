#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/io/name_pattern.h"

#include <pcre2.h>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::size_t kMaxPatternBytes = 16384;
constexpr std::uint32_t kMaxSteps = 200'000;
constexpr std::uint32_t kMaxHeapKiB = 4096;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

std::string message_of(int code) {
  PCRE2_UCHAR text[128] = {};
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

struct NamePattern::Impl {
  std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>> code;
  std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>> data;
  std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>> context;
  std::string place;
  std::string what;
};

NamePattern::NamePattern(const std::string& pattern, std::string place, std::string what)
    : impl_(std::make_unique<Impl>()) {
  impl_->place = std::move(place);
  impl_->what = std::move(what);
  if (pattern.size() > kMaxPatternBytes) {
    fail(ErrorCode::kInvalidInput, impl_->place,
         impl_->what + ": got a pattern of " + std::to_string(pattern.size()) + " bytes, expected at most " +
             std::to_string(kMaxPatternBytes) + ".");
  }
  int error = 0;
  PCRE2_SIZE offset = 0;
  impl_->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                  PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C,
                                  &error, &offset, nullptr));
  if (!impl_->code) {
    fail(ErrorCode::kInvalidInput, impl_->place,
         impl_->what + ": not a valid pattern at character " + std::to_string(offset) + ": " + message_of(error) + ".");
  }
  impl_->data.reset(pcre2_match_data_create(1, nullptr));
  impl_->context.reset(pcre2_match_context_create(nullptr));
  if (!impl_->data || !impl_->context) fail(ErrorCode::kOutOfMemory, impl_->place, "out of memory.");
  pcre2_set_match_limit(impl_->context.get(), kMaxSteps);
  pcre2_set_heap_limit(impl_->context.get(), kMaxHeapKiB);
}

NamePattern::~NamePattern() = default;
NamePattern::NamePattern(NamePattern&&) noexcept = default;
NamePattern& NamePattern::operator=(NamePattern&&) noexcept = default;

bool NamePattern::matches(std::string_view text) const {
  const int result = pcre2_match(impl_->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                                 impl_->data.get(), impl_->context.get());
  if (result >= 0) return true;
  if (result == PCRE2_ERROR_NOMATCH) return false;
  fail(ErrorCode::kInvalidInput, impl_->place,
       impl_->what + ": the pattern cannot be matched: " + message_of(result) + ". Use a simpler one.");
}

}  // namespace vernier
