// Searching with the regular expressions that tokenizer.json brings along.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace vernier {

// PCRE2 with Unicode properties, compiled to machine code where the processor allows, on patterns in Oniguruma's terms
// (oniguruma.h). Patterns come from strangers: the steps of a match are bounded.
// Thread: const members from several threads; each search has a state of its own.
class Regex {
  struct Code;

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
    // The next match, as [begin, end) in bytes; false after the last one. An empty one counts where it does not follow
    // the last match at once, as HF tokenizers has it.
    bool next(std::size_t& begin, std::size_t& end);

   private:
    const Code& code_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t last_end_ = std::string_view::npos;  // of the last match
    void* match_data_;
  };

 private:
  std::unique_ptr<Code> code_;
  std::unique_ptr<Code> exact_;  // for texts with U+180E, where it makes a difference
};

}  // namespace vernier
