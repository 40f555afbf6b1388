#include "engine/text/fast/oniguruma.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

namespace vernier {
namespace {

constexpr int kMaxDepth = 32;

// Oniguruma's \w: as Unicode has it, but for the joiners and for six numbers below U+0100.
constexpr const char* kWord = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";

using Name = std::pair<std::string_view, std::string_view>;

// POSIX brackets, and the same names as properties.
constexpr std::array<Name, 8> kPosix = {{{"alpha", R"(\p{Alphabetic})"},
                                         {"alnum", R"(\p{Alphabetic}\p{Nd})"},
                                         {"digit", R"(\p{Nd})"},
                                         {"lower", R"(\p{Lowercase})"},
                                         {"punct", R"(\p{P}\p{S})"},
                                         {"space", R"(\s)"},
                                         {"upper", R"(\p{Uppercase})"},
                                         {"word", kWord}}};
// Where PCRE2 goes by the extensions of a script and Oniguruma does not.
constexpr std::array<std::string_view, 30> kScripts = {
    "arabic",  "armenian", "bengali",  "common", "cyrillic", "devanagari", "ethiopic",  "georgian",
    "greek",   "gujarati", "gurmukhi", "han",    "hangul",   "hebrew",     "hiragana",  "inherited",
    "kannada", "katakana", "khmer",    "lao",    "latin",    "malayalam",  "mongolian", "myanmar",
    "sinhala", "syriac",   "tamil",    "telugu", "thai",     "tibetan"};
// PCRE2 knows general categories by their short names only.
constexpr std::array<Name, 18> kCategories = {{{"letter", "L"},
                                               {"mark", "M"},
                                               {"number", "N"},
                                               {"punctuation", "P"},
                                               {"symbol", "S"},
                                               {"separator", "Z"},
                                               {"other", "C"},
                                               {"uppercaseletter", "Lu"},
                                               {"lowercaseletter", "Ll"},
                                               {"titlecaseletter", "Lt"},
                                               {"modifierletter", "Lm"},
                                               {"otherletter", "Lo"},
                                               {"nonspacingmark", "Mn"},
                                               {"decimalnumber", "Nd"},
                                               {"letternumber", "Nl"},
                                               {"othernumber", "No"},
                                               {"connectorpunctuation", "Pc"},
                                               {"spaceseparator", "Zs"}}};

template <std::size_t N>
std::string_view find(const std::array<Name, N>& names, std::string_view name) {
  for (const auto& [known, meaning] : names) {
    if (known == name) return meaning;
  }
  return {};
}

class Translator {
 public:
  Translator(std::string_view pattern, bool exact_space) : in_(pattern), exact_space_(exact_space) {}

  std::string run() {
    while (at_ < in_.size()) next();
    return std::move(out_);
  }

 private:
  bool starts(std::string_view text) const { return in_.substr(at_, text.size()) == text; }
  std::string space(bool negated) const {
    if (!exact_space_) return negated ? R"(\S)" : R"(\s)";
    return negated ? R"(\P{White_Space})" : R"(\p{White_Space})";
  }

  void atom(const std::string& text) {
    atom_ = out_.size();
    out_ += text;
  }

  void next() {
    const char c = in_[at_];
    if (c == '\\') {
      const std::string word = std::string("[") + kWord + "]";
      const char kind = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
      if (kind == 'b' || kind == 'B') {
        at_ += 2;
        const bool edge = kind == 'b';
        return atom("(?:(?<=" + word + (edge ? ")(?!" : ")(?=") + word + ")|(?<!" + word + (edge ? ")(?=" : ")(?!") +
                    word + "))");
      }
      bool negated = false;
      const std::string items = escape(negated);
      const bool set = items.size() > 2 && !(items.starts_with("\\") && single_escape(items));
      return atom(negated ? "[^" + items + "]" : set ? "[" + items + "]" : items);
    }
    if (c == '[') return atom(bracket());
    if (c == '(') {
      groups_.push_back(out_.size());
      return group();
    }
    if (c == ')') {
      atom_ = groups_.empty() ? out_.size() : groups_.back();
      if (!groups_.empty()) groups_.pop_back();
      out_ += in_[at_++];
      return;
    }
    if (c == '{' && interval()) return;
    if (c == '*' || c == '+' || c == '?' || c == '|' || c == '^' || c == '$') {
      out_ += in_[at_++];
      return;
    }
    std::size_t end = at_ + 1;  // one character, whole
    while (end < in_.size() && (static_cast<unsigned char>(in_[end]) & 0xC0) == 0x80) ++end;
    atom(std::string(in_.substr(at_, end - at_)));
    at_ = end;
  }

  // "(", "(?:", "(?<name>", "(?i:", ...: Ruby's m is what others call s.
  void group() {
    out_ += in_[at_++];
    if (!starts("?")) return;
    std::size_t end = at_ + 1;
    while (end < in_.size() && (std::isalpha(static_cast<unsigned char>(in_[end])) != 0 || in_[end] == '-')) ++end;
    if (end == at_ + 1 || end >= in_.size() || (in_[end] != ':' && in_[end] != ')')) return;
    for (; at_ < end; ++at_) out_ += in_[at_] == 'm' ? 's' : in_[at_];
  }

  // {n}, {n,}, {,m}, {n,m}; with '+' behind it the whole is repeated.
  bool interval() {
    std::size_t end = at_ + 1;
    while (end < in_.size() && (std::isdigit(static_cast<unsigned char>(in_[end])) != 0 || in_[end] == ',')) ++end;
    if (end == at_ + 1 || end >= in_.size() || in_[end] != '}') return false;
    std::string text(in_.substr(at_, end + 1 - at_));
    if (text.starts_with("{,")) text.insert(1, "0");
    at_ = end + 1;
    out_ += text;
    if (!starts("+")) return true;
    ++at_;
    out_.insert(atom_, "(?:");
    out_ += ")+";
    return true;
  }

  // Whether it is one escape and nothing else.
  static bool single_escape(const std::string& items) {
    if (items.size() == 2) return true;
    const bool braced = items.size() > 3 && items[2] == '{';
    return braced && items.find('}') == items.size() - 1;
  }

  // What an escape means, for use inside brackets; `negated` where it is everything but that.
  std::string escape(bool& negated) {
    const std::size_t begin = at_++;
    if (at_ >= in_.size()) return "\\";
    const char kind = in_[at_++];
    negated = kind == 'W' || kind == 'H';
    if (kind == 'w' || kind == 'W') return kWord;
    if (kind == 'h' || kind == 'H') return "0-9a-fA-F";
    if (kind == 's' || kind == 'S') return space(kind == 'S');
    if (kind == 'u' && at_ + 4 <= in_.size()) {
      at_ += 4;
      return "\\x{" + std::string(in_.substr(at_ - 4, 4)) + "}";
    }
    if ((kind == 'p' || kind == 'P' || kind == 'x') && starts("{")) {
      const std::size_t end = in_.find('}', at_);
      if (end == std::string_view::npos) return std::string(in_.substr(begin, at_ - begin));
      const std::string_view name = in_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      if (kind != 'x') return property(name, kind == 'P', negated);
    }
    while (at_ < in_.size() && (static_cast<unsigned char>(in_[at_]) & 0xC0) == 0x80) ++at_;  // an escaped character
    return std::string(in_.substr(begin, at_ - begin));
  }

  static std::string property(std::string_view name, bool complement, bool& negated) {
    std::string plain;
    for (const char c : name) {
      if (c != '_' && c != ' ' && c != '-' && c != '^') plain += static_cast<char>(std::tolower(c));
    }
    if (name.starts_with("^")) complement = !complement;
    if (const std::string_view posix = find(kPosix, plain); !posix.empty() && plain != "space" && plain != "punct") {
      negated = complement;
      return std::string(posix);
    }
    if (name.starts_with("^")) name.remove_prefix(1);
    std::string meaning(name);
    if (std::ranges::find(kScripts, plain) != kScripts.end()) meaning = "sc:" + plain;
    if (plain == "punct") meaning = "P";  // the bracket [:punct:] counts symbols too
    if (const std::string_view category = find(kCategories, plain); !category.empty()) meaning = category;
    return (complement ? R"(\P{)" : R"(\p{)") + meaning + "}";
  }

  // A set, as an expression that matches one character. Inside, "[" opens another and "&&" intersects.
  std::string bracket() {
    ++at_;
    const bool negated = starts("^");
    if (negated) ++at_;
    std::vector<std::string> operands;  // of "&&"
    std::string items;                  // of the operand at hand, for brackets
    std::vector<std::string> sets;      // its members that are expressions
    const auto close_operand = [&] {
      std::string either = items.empty() ? std::string() : "[" + items + "]";
      for (const std::string& set : sets) either += (either.empty() ? "" : "|") + set;
      operands.push_back(sets.empty() ? either : "(?:" + either + ")");
      items.clear();
      sets.clear();
    };
    for (bool first = true; at_ < in_.size() && (first || in_[at_] != ']'); first = false) {
      if (starts("[:")) {
        if (posix(items, sets)) continue;
      }
      if (in_[at_] == '[' && depth_ < kMaxDepth) {
        ++depth_;
        sets.push_back(bracket());
        --depth_;
      } else if (starts("&&")) {
        at_ += 2;
        close_operand();
      } else if (in_[at_] == '\\') {
        bool complement = false;
        const std::string text = escape(complement);
        if (complement) {
          sets.push_back("[^" + text + "]");
        } else {
          items += text;
        }
      } else {
        if (in_[at_] == ']' || in_[at_] == '[') items += '\\';  // one that stands for itself
        items += in_[at_++];
      }
    }
    if (at_ < in_.size()) ++at_;
    if (operands.empty() && sets.empty()) return (negated ? "[^" : "[") + items + "]";
    close_operand();
    std::string all;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      all += i + 1 < operands.size() ? "(?=" + operands[i] + ")" : operands[i];
    }
    return negated ? "(?:(?!" + all + R"()[\s\S]))" : "(?:" + all + ")";
  }

  // "[:name:]"; false where it is none.
  bool posix(std::string& items, std::vector<std::string>& sets) {
    const std::size_t end = in_.find(":]", at_);
    if (end == std::string_view::npos) return false;
    std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
    const bool negated = name.starts_with("^");
    if (negated) name.remove_prefix(1);
    const std::string_view meaning = find(kPosix, name);
    if (meaning.empty()) {
      items += in_.substr(at_, end + 2 - at_);
    } else {
      const std::string text = name == "space" ? space(false) : std::string(meaning);
      if (negated) {
        sets.push_back("[^" + text + "]");
      } else {
        items += text;
      }
    }
    at_ = end + 2;
    return true;
  }

  std::string_view in_;
  bool exact_space_;
  std::size_t at_ = 0;
  std::string out_;
  int depth_ = 0;                    // of sets in sets
  std::size_t atom_ = 0;             // where the last one begins in out_
  std::vector<std::size_t> groups_;  // where the open ones do
};

}  // namespace

std::string pcre_from_oniguruma(const std::string& pattern, bool exact_space) {
  return Translator(pattern, exact_space).run();
}

}  // namespace vernier
