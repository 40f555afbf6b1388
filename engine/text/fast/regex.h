// Searching with the regular expressions that tokenizer.json brings along.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace vernier {

// PCRE2 with Unicode properties, compiled to machine code where the processor allows; its syntax covers what published
// tokenizers use of Oniguruma's. Patterns come from strangers: the steps of a match are bounded.
// Thread: const members from several threads; each search has a state of its own.
class Regex {
 public:
  // Throws Error{kInvalidInput} with `place` where the pattern cannot be compiled.
  Regex(const std::string& pattern, const std::string& place);
  // Matches exactly this text.
  static Regex literal(const std::string& text, const std::string& place);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // One walk over a text, which must be valid UTF-8 and outlive it.
  class Search {
   public:
    Search(const Regex& regex, std::string_view text);
    ~Search();
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;
    // The next match that is not empty, as [begin, end) in bytes; false after the last one.
    bool next(std::size_t& begin, std::size_t& end);

   private:
    const Regex& regex_;
    std::string_view text_;
    std::size_t at_ = 0;
    void* match_data_;
  };

 private:
  struct Code;
  std::unique_ptr<Code> code_;
};

}  // namespace vernier
