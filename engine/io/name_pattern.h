// Regular expressions that an adapter's configuration brings along.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace vernier {

// A compiled pattern (PCRE2, whose syntax covers what Python's `re` users write). Patterns come from strangers: their
// size, nesting and the steps of a match are bounded; running into a bound is an error.
// Errors: kInvalidInput with `place` and `what` ("target_modules") where the pattern is no valid one or too costly.
class NamePattern {
 public:
  NamePattern(const std::string& pattern, std::string place, std::string what);
  ~NamePattern();
  NamePattern(NamePattern&&) noexcept;
  NamePattern& operator=(NamePattern&&) noexcept;

  // As Python's re.fullmatch.
  bool matches(std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier
