// Oniguruma's regular expressions, which tokenizer.json carries, in PCRE2's terms.
#pragma once

#include <string>

namespace vernier {

// The same pattern (Oniguruma with Ruby's syntax and UTF-8) for PCRE2 with PCRE2_UTF, PCRE2_UCP and PCRE2_MULTILINE.
// Both agree on most; what they read otherwise is rewritten: \w, \b, \h and POSIX brackets (Unicode's properties
// there), intersections and nested sets, `{1,3}+` (a repetition of repetitions there, possessive here), (?m), \uHHHH,
// and the long names of general categories. What neither knows is left for PCRE2 to refuse. exact_space: also \s, as
// White_Space; PCRE2 counts U+180E to it, which Unicode no longer does.
std::string pcre_from_oniguruma(const std::string& pattern, bool exact_space);

// What Rust's regex crate matches by \w, for use inside brackets.
inline constexpr const char* kRustWord = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control})";

}  // namespace vernier
