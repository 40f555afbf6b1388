#include "engine/text/jinja/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/text/jinja/budget.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/unicode.h"
#include "engine/text/jinja/value.h"
#include "engine/text/utf8.h"

namespace vernier::jinja {
namespace {

constexpr std::array<std::string_view, 27> kOperators = {
    "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]",
    "(",  ")",  "{",  "}",  ">",  "<",  "=", ".", ":", "|", ",", ";", "",
};

// Every line end becomes "\n", and one at the very end is dropped.
std::string normalize_newlines(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      out += '\n';
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      out += source[i];
    }
  }
  return out;
}

// Length of the white space that `text` starts with.
std::size_t leading_space(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Utf8Char c = decode_utf8(text.substr(at));
    if (!is_space(c.code_point)) break;
    at += c.length;
  }
  return at;
}

std::string_view without_trailing_space(std::string_view text) {
  for (;;) {
    std::size_t start = text.size();
    while (start > 0 && (static_cast<std::uint8_t>(text[--start]) & 0xC0u) == 0x80u) {
    }
    if (text.empty() || !is_space(decode_utf8(text.substr(start)).code_point)) return text;
    text = text.substr(0, start);
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(normalize_newlines(source)) {
    text_ = source_;
    if (!text_.empty() && text_.back() == '\n') text_.remove_suffix(1);
  }

  std::vector<Lexeme> run() {
    while (at_ < text_.size()) read_root();
    add(Token::kEnd, "");
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw SyntaxError(message, line_); }
  std::string_view rest() const { return text_.substr(at_); }
  bool sees(std::string_view word) const { return rest().starts_with(word); }
  void add(Token type, std::string text) {
    Lexeme lexeme;
    lexeme.type = type;
    lexeme.line = line_;
    lexeme.text = std::move(text);
    out_.push_back(std::move(lexeme));
  }
  void skip(std::size_t count) {
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at_ + count), '\n'));
    line_starting_ = count > 0 && text_[at_ + count - 1] == '\n';
    at_ += count;
  }

  // The text before a tag at `tag`, with white space taken away as `sign` and lstrip_blocks say.
  void add_data(std::size_t tag, char sign, bool is_variable) {
    const std::string_view whole = text_.substr(at_, tag - at_);
    std::string_view data = whole;
    if (sign == '-') {
      data = without_trailing_space(data);
    } else if (sign != '+' && !is_variable) {
      const std::size_t newline = data.rfind('\n');
      const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
      if ((start > 0 || line_starting_) && start < data.size() &&
          leading_space(data.substr(start)) == data.size() - start) {
        data = data.substr(0, start);
      }
    }
    if (!data.empty()) add(Token::kData, std::string(data));
    skip(whole.size());
  }

  // After a tag's or comment's closing mark: trim_blocks takes one line end, "-" all white space.
  void skip_after(char sign) {
    if (sign == '-') {
      const bool starting = line_starting_;
      const std::size_t space = leading_space(rest());
      skip(space);
      if (space == 0) line_starting_ = starting;
    } else if (sign != '+' && sees("\n")) {
      skip(1);
    }
  }

  // `{% raw %}` at the current position: the length of the tag, 0: another tag.
  std::size_t raw_tag(std::string_view word, char& begin_sign, char& end_sign, std::size_t from) const {
    std::string_view text = text_.substr(from);
    if (!text.starts_with("{%")) return 0;
    std::size_t i = 2;
    begin_sign = end_sign = 0;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) begin_sign = text[i++];
    i += leading_space(text.substr(i));
    if (!text.substr(i).starts_with(word)) return 0;
    i += word.size();
    i += leading_space(text.substr(i));
    if (i < text.size() && (text[i] == '-' || (text[i] == '+' && word == "endraw"))) end_sign = text[i++];
    return text.substr(i).starts_with("%}") ? i + 2 : 0;
  }

  void read_root() {
    std::size_t tag = at_;
    for (;; ++tag) {
      tag = text_.find('{', tag);
      if (tag == std::string_view::npos || tag + 1 >= text_.size()) {
        add(Token::kData, std::string(rest()));
        skip(text_.size() - at_);
        return;
      }
      const char next = text_[tag + 1];
      if (next == '{' || next == '%' || next == '#') break;
    }
    const char kind = text_[tag + 1];
    char begin = 0, end = 0;
    if (const std::size_t raw = raw_tag("raw", begin, end, tag); raw != 0) {
      add_data(tag, begin, false);
      skip(raw);
      if (end == '-') skip_after('-');
      read_raw();
      return;
    }
    const char sign =
        tag + 2 < text_.size() && (text_[tag + 2] == '-' || text_[tag + 2] == '+') ? text_[tag + 2] : '\0';
    add_data(tag, sign, kind == '{');
    if (kind == '#') {
      read_comment(sign != 0 ? 3 : 2);
      return;
    }
    add(kind == '{' ? Token::kVariableBegin : Token::kBlockBegin, "");
    skip(sign != 0 ? 3 : 2);
    read_tag(kind == '{');
  }

  void read_comment(std::size_t opening) {
    skip(opening);
    const std::size_t close = text_.find("#}", at_);
    if (close == std::string_view::npos) fail("Missing end of comment tag");
    const char sign = close > at_ && (text_[close - 1] == '-' || text_[close - 1] == '+') ? text_[close - 1] : '\0';
    skip(close + 2 - at_);
    skip_after(sign);
  }

  void read_raw() {
    std::size_t tag = at_;
    char begin = 0, end = 0;
    std::size_t size = 0;
    for (;; ++tag) {
      tag = text_.find("{%", tag);
      if (tag == std::string_view::npos) fail("Missing end of raw directive");
      size = raw_tag("endraw", begin, end, tag);
      if (size != 0) break;
    }
    add_data(tag, begin, false);
    skip(size);
    skip_after(end);
  }

  // Inside {{ }} or {% %}.
  void read_tag(bool is_variable) {
    std::vector<char> open;
    const std::string_view closing = is_variable ? "}}" : "%}";
    for (;;) {
      skip(leading_space(rest()));
      if (at_ >= text_.size()) return;
      if (open.empty()) {
        const char sign = rest().front();
        const bool signed_end = (sign == '-' || (sign == '+' && !is_variable)) && rest().substr(1).starts_with(closing);
        if (signed_end || sees(closing)) {
          add(is_variable ? Token::kVariableEnd : Token::kBlockEnd, "");
          skip(signed_end ? 3 : 2);
          if (signed_end && sign == '-') {
            skip_after('-');
          } else if (!is_variable && !signed_end) {
            skip_after('\0');
          }
          return;
        }
      }
      if (!read_number() && !read_name() && !read_string()) read_operator(open);
    }
  }

  // Digits with single underscores between them; the offset behind them.
  template <typename IsDigit>
  static std::size_t digits(std::string_view text, std::size_t at, const IsDigit& is_digit_char) {
    std::size_t end = at;
    while (end < text.size()) {
      if (is_digit_char(text[end])) {
        ++end;
      } else if (text[end] == '_' && end + 1 < text.size() && is_digit_char(text[end + 1])) {
        end += 2;
      } else {
        break;
      }
    }
    return end;
  }

  bool read_number() {
    const std::string_view text = rest();
    const auto decimal = [](char c) { return c >= '0' && c <= '9'; };
    if (!decimal(text.front())) return false;
    std::size_t end = digits(text, 0, decimal);
    bool is_float = false;
    const bool after_dot = at_ > 0 && text_[at_ - 1] == '.';
    if (!after_dot) {
      if (end + 1 < text.size() && text[end] == '.' && decimal(text[end + 1])) {
        end = digits(text, end + 1, decimal);
        is_float = true;
      }
      if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
        std::size_t exponent = end + 1;
        if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
        if (exponent < text.size() && decimal(text[exponent])) {
          end = digits(text, exponent, decimal);
          is_float = true;
        }
      }
    }
    if (is_float) {
      add_number(Token::kFloat, text.substr(0, end), 10);
      return true;
    }
    int base = 10;
    std::size_t start = 0;
    if (text.size() > 2 && text[0] == '0') {
      const auto prefixed = [&](char letter, int in_base, const auto& is_digit_char) {
        if ((text[1] | 0x20) != letter) return;
        const std::size_t from = text[2] == '_' ? 3 : 2;
        const std::size_t to = digits(text, from, is_digit_char);
        if (to > from) base = in_base, start = from, end = to;
      };
      prefixed('b', 2, [](char c) { return c == '0' || c == '1'; });
      prefixed('o', 8, [](char c) { return c >= '0' && c <= '7'; });
      prefixed('x', 16, [&](char c) { return decimal(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); });
    }
    // "007" is three numbers to Jinja's lexer.
    if (base == 10 && text[0] == '0') end = digits(text, 0, [](char c) { return c == '0'; });
    add_number(Token::kInteger, text.substr(start, end - start), base);
    at_ += start;
    return true;
  }

  void add_number(Token type, std::string_view text, int base) {
    std::string plain(text);
    plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    add(type, plain);
    if (type == Token::kFloat) {
      parse_double(plain, out_.back().real);
    } else {
      const auto result = std::from_chars(plain.data(), plain.data() + plain.size(), out_.back().integer, base);
      if (result.ec != std::errc()) fail("an integer of more than 64 bits: limit reached");
    }
    at_ += text.size();
    line_starting_ = false;
  }

  bool read_name() {
    const std::string_view text = rest();
    std::size_t end = 0;
    while (end < text.size()) {
      const Utf8Char c = decode_utf8(text.substr(end));
      if (c.code_point == kBadUtf8) break;
      if (end == 0 ? !is_identifier_start(c.code_point) : !is_identifier_part(c.code_point)) break;
      end += c.length;
    }
    if (end == 0) return false;
    add(Token::kName, std::string(text.substr(0, end)));
    skip(end);
    return true;
  }

  bool read_string() {
    const std::string_view text = rest();
    const char quote = text.front();
    if (quote != '\'' && quote != '"') return false;
    std::size_t end = 1;
    while (end < text.size() && text[end] != quote) end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) return false;
    add(Token::kString, unescape(text.substr(1, end - 1)));
    skip(end + 1);
    return true;
  }

  // Python's escapes.
  std::string unescape(std::string_view text) const {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      if (text[i] != '\\') {
        out += text[i++];
        continue;
      }
      const char c = text[i + 1];
      i += 2;
      switch (c) {
        case '\n':
          break;
        case 'a':
          out += '\a';
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'v':
          out += '\v';
          break;
        case '\\':
        case '\'':
        case '"':
          out += c;
          break;
        case 'x':
          append_code(out, text, i, 2, "\\xXX");
          break;
        case 'u':
          append_code(out, text, i, 4, "\\uXXXX");
          break;
        case 'U':
          append_code(out, text, i, 8, "\\UXXXXXXXX");
          break;
        case 'N':
          fail("\\N{...} in a string is not supported");
        default:
          if (c >= '0' && c <= '7') {
            std::uint32_t code = static_cast<std::uint32_t>(c - '0');
            for (int k = 0; k < 2 && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++k) {
              code = code * 8 + static_cast<std::uint32_t>(text[i++] - '0');
            }
            append_utf8(out, code);
          } else {
            out += '\\';
            out += c;
          }
      }
    }
    return out;
  }

  void append_code(std::string& out, std::string_view text, std::size_t& at, std::size_t count,
                   const char* form) const {
    std::uint32_t code = 0;
    const std::string_view part = text.substr(at, count);
    const auto result = std::from_chars(part.data(), part.data() + part.size(), code, 16);
    if (part.size() < count || result.ptr != part.data() + count) fail(std::string("truncated ") + form + " escape");
    if (code > 0x10FFFFu) fail("illegal Unicode character");
    if (code >= 0xD800u && code <= 0xDFFFu) fail("a surrogate in a string is no character");
    append_utf8(out, code);
    at += count;
  }

  void read_operator(std::vector<char>& open) {
    const auto found =
        std::find_if(kOperators.begin(), kOperators.end(), [&](std::string_view op) { return sees(op); });
    if (found->empty()) {
      std::string shown;
      append_string_repr(shown, rest().substr(0, offset_of(rest().substr(0, 4), 1)));
      fail("unexpected char " + shown + " at " + std::to_string(count_characters(text_.substr(0, at_))));
    }
    const char c = found->front();
    if (c == '(') open.push_back(')');
    if (c == '[') open.push_back(']');
    if (c == '{') open.push_back('}');
    if (c == ')' || c == ']' || c == '}') {
      if (open.empty()) fail(std::string("unexpected '") + c + "'");
      if (open.back() != c) fail(std::string("unexpected '") + c + "', expected '" + open.back() + "'");
      open.pop_back();
    }
    add(Token::kOperator, std::string(*found));
    skip(found->size());
  }

  std::string source_;
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool line_starting_ = true;
  std::vector<Lexeme> out_;
};

}  // namespace

std::vector<Lexeme> tokenize(std::string_view source) {
  return Lexer(source).run();
}

}  // namespace vernier::jinja
