// Python's two ways to format text: "%s" % x and "{}".format(x).
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/runtime.h"
#include "engine/text/jinja/unicode.h"
#include "engine/text/utf8.h"

namespace vernier::jinja {
namespace {

constexpr std::int64_t kMaxWidth = 1'000'000;

std::string padded(std::string text, std::int64_t width, char align, std::string_view fill, Budget& budget) {
  const std::int64_t missing = width - count_characters(text);
  if (missing <= 0) return text;
  budget.make(static_cast<std::uint64_t>(missing) * fill.size());
  const std::int64_t left = align == '>' ? missing : align == '^' ? missing / 2 : 0;
  std::string out;
  for (std::int64_t i = 0; i < left; ++i) out += fill;
  out += text;
  for (std::int64_t i = left; i < missing; ++i) out += fill;
  return out;
}

// Zeros between the sign (or "0x") and the digits.
std::string zero_padded(std::string text, std::int64_t width, Budget& budget) {
  const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ') ? 1 : 0;
  const auto missing = width - static_cast<std::int64_t>(text.size());
  if (missing <= 0) return text;
  budget.make(static_cast<std::uint64_t>(missing));
  return text.insert(sign, static_cast<std::size_t>(missing), '0');
}

std::string in_base(std::int64_t value, unsigned base, bool upper) {
  std::uint64_t rest = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const char* const digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), digits[rest % base]);
    rest /= base;
  } while (rest > 0);
  return out;
}

std::string grouped(const std::string& digits, char separator, std::size_t size) {
  const std::size_t end = std::min(digits.find_first_not_of("0123456789abcdefABCDEF"), digits.size());
  std::string out;
  for (std::size_t i = 0; i < end; ++i) {
    if (i > 0 && (end - i) % size == 0) out += separator;
    out += digits[i];
  }
  return out + digits.substr(end);
}

std::int64_t read_number(std::string_view text, std::size_t& at) {
  std::int64_t out = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    out = out * 10 + (text[at++] - '0');
    if (out > kMaxWidth) throw LimitError("a format is wider than " + std::to_string(kMaxWidth) + ": limit reached");
  }
  return out;
}

std::string ascii_only(const std::string& text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const Utf8Char c = decode_utf8(rest);
    if (c.code_point < 0x80u) {
      out += rest.front();
    } else {
      char escape[16];
      std::snprintf(escape, sizeof escape,
                    c.code_point < 0x100u     ? "\\x%02x"
                    : c.code_point < 0x10000u ? "\\u%04x"
                                              : "\\U%08x",
                    c.code_point);
      out += escape;
    }
    rest.remove_prefix(c.length);
  }
  return out;
}

struct PercentSpec {
  bool left = false, plus = false, space = false, zero = false, alternate = false;
  std::int64_t width = 0, precision = -1;
};

double to_double(const Value& value, char kind) {
  if (value.is_undefined()) raise_undefined(value);
  if (value.is_number()) return value.as_double();
  throw RenderError(kind == 'd' ? "%d format: a real number is required, not " + type_name(value)
                                : "must be real number, not " + type_name(value));
}

std::string percent_number(const Value& value, char kind, const PercentSpec& spec, Budget& budget) {
  std::string digits;
  bool negative = false;
  if (kind == 'd' || kind == 'i' || kind == 'u' || kind == 'x' || kind == 'X' || kind == 'o') {
    std::int64_t number = 0;
    if (value.is_integral()) {
      number = value.as_int();
    } else if (kind == 'd' || kind == 'i' || kind == 'u') {
      const double real = to_double(value, 'd');
      if (!(std::abs(real) < 9.2e18)) throw LimitError("an integer of more than 64 bits: limit reached");
      number = static_cast<std::int64_t>(real);
    } else {
      throw RenderError(std::string("%") + kind + " format: an integer is required, not " + type_name(value));
    }
    negative = number < 0;
    digits = in_base(number, kind == 'x' || kind == 'X' ? 16 : kind == 'o' ? 8 : 10, kind == 'X');
    if (static_cast<std::int64_t>(digits.size()) < spec.precision) {
      digits.insert(0, static_cast<std::size_t>(spec.precision) - digits.size(), '0');
    }
    if (spec.alternate && kind != 'd' && kind != 'i' && kind != 'u')
      digits.insert(0, kind == 'o' ? "0o" : kind == 'x' ? "0x" : "0X");
  } else {
    const double real = to_double(value, kind);
    negative = std::signbit(real) && !std::isnan(real);
    digits = format_double(std::abs(real), kind,
                           spec.precision < 0 ? 6 : static_cast<int>(std::min<std::int64_t>(spec.precision, 1000)),
                           spec.alternate);
  }
  std::string out = (negative ? "-" : spec.plus ? "+" : spec.space ? " " : "") + digits;
  return spec.zero && !spec.left ? zero_padded(std::move(out), spec.width, budget) : out;
}

// Reads one "%..." and takes its arguments.
class PercentFormatter {
 public:
  PercentFormatter(std::string_view format, const Value& arguments, Budget& budget)
      : format_(format), arguments_(arguments), budget_(budget) {}

  std::string run() {
    budget_.look(format_.size());
    while (at_ < format_.size()) {
      if (format_[at_] != '%') {
        const std::size_t end = std::min(format_.find('%', at_), format_.size());
        out_ += format_.substr(at_, end - at_);
        at_ = end;
        continue;
      }
      ++at_;
      convert();
      budget_.check_output(out_.size());
    }
    // What can be subscripted passes for a mapping, of which nothing need be used.
    const bool mapping =
        arguments_.is_dict() || arguments_.is(Type::kList) || arguments_.is(Type::kRange) || arguments_.is_undefined();
    const bool all_used = arguments_.is(Type::kTuple) ? next_ >= arguments_.list().items.size() : next_ > 0 || mapping;
    if (!all_used) throw RenderError("not all arguments converted during string formatting");
    return std::move(out_);
  }

 private:
  const Value& take() {
    if (!arguments_.is(Type::kTuple)) {
      if (next_++ == 0) return arguments_;
    } else if (next_ < arguments_.list().items.size()) {
      return arguments_.list().items[next_++];
    }
    throw RenderError("not enough arguments for format string");
  }

  std::int64_t star_or_number() {
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const Value& value = take();
      if (!value.is_integral()) throw RenderError("* wants int");
      if (value.as_int() > kMaxWidth || value.as_int() < -kMaxWidth)
        throw LimitError("a format is wider than " + std::to_string(kMaxWidth) + ": limit reached");
      return value.as_int();
    }
    return read_number(format_, at_);
  }

  void convert() {
    const Value* named = nullptr;
    if (at_ < format_.size() && format_[at_] == '(') {
      const std::size_t close = format_.find(')', at_);
      if (close == std::string_view::npos) throw RenderError("incomplete format key");
      if (!arguments_.is_dict()) throw RenderError("format requires a mapping");
      const std::string key(format_.substr(at_ + 1, close - at_ - 1));
      named = arguments_.dict().find(key);
      if (named == nullptr) {
        std::string shown;
        append_string_repr(shown, key);
        throw RenderError(shown);
      }
      at_ = close + 1;
    }
    PercentSpec spec;
    for (; at_ < format_.size(); ++at_) {
      const char c = format_[at_];
      if (c == '-')
        spec.left = true;
      else if (c == '+')
        spec.plus = true;
      else if (c == ' ')
        spec.space = true;
      else if (c == '0')
        spec.zero = true;
      else if (c == '#')
        spec.alternate = true;
      else
        break;
    }
    spec.width = star_or_number();
    if (spec.width < 0) {
      spec.left = true;
      spec.width = -spec.width;
    }
    if (at_ < format_.size() && format_[at_] == '.') {
      ++at_;
      spec.precision = std::max<std::int64_t>(star_or_number(), 0);
    }
    while (at_ < format_.size() && (format_[at_] == 'l' || format_[at_] == 'h' || format_[at_] == 'L')) ++at_;
    if (at_ >= format_.size()) throw RenderError("incomplete format");
    const char kind = format_[at_++];
    if (kind == '%') {
      out_ += '%';
      return;
    }
    if (std::string_view("sradiuxXofFeEgGc").find(kind) == std::string_view::npos) {
      throw RenderError(std::string("unsupported format character '") + kind + "' at index " + std::to_string(at_ - 1));
    }
    const Value& value = named != nullptr ? *named : take();
    out_ += padded(text_of(value, kind, spec), spec.width, spec.left ? '<' : '>', " ", budget_);
  }

  std::string text_of(const Value& value, char kind, const PercentSpec& spec) {
    if (kind == 'c') {
      if (value.is_string() && value.string().length() == 1) return value.text();
      if (!value.is_integral()) throw RenderError("%c requires int or char");
      if (value.as_int() < 0 || value.as_int() > 0x10FFFF) throw RenderError("%c arg not in range(0x110000)");
      std::string out;
      append_utf8(out, static_cast<std::uint32_t>(value.as_int()));
      return out;
    }
    if (kind != 's' && kind != 'r' && kind != 'a') return percent_number(value, kind, spec, budget_);
    std::string text = kind == 's' ? str(value, budget_) : repr(value, budget_);
    if (kind == 'a') text = ascii_only(text);
    if (spec.precision >= 0) text.resize(offset_of(text, spec.precision));
    budget_.make(text.size());
    return text;
  }

  std::string_view format_;
  const Value& arguments_;
  Budget& budget_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

struct BraceSpec {
  std::string fill = " ";
  char align = 0, sign = '-', group = 0, kind = 0;
  bool alternate = false, zero = false;
  std::int64_t width = 0, precision = -1;
};

BraceSpec parse_spec(std::string_view text) {
  BraceSpec spec;
  std::size_t at = 0;
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  const std::size_t first = text.empty() ? 0 : decode_utf8(text).length;
  if (first < text.size() && is_align(text[first])) {
    spec.fill = text.substr(0, first);
    spec.align = text[first];
    at = first + 1;
  } else if (!text.empty() && is_align(text[0])) {
    spec.align = text[at++];
  }
  if (at < text.size() && (text[at] == '+' || text[at] == '-' || text[at] == ' ')) spec.sign = text[at++];
  if (at < text.size() && text[at] == '#') {
    spec.alternate = true;
    ++at;
  }
  if (at < text.size() && text[at] == '0') {
    if (spec.align == 0) {
      spec.fill = "0";
      spec.align = '=';
      spec.zero = true;
    }
    ++at;
  }
  spec.width = read_number(text, at);
  if (at < text.size() && (text[at] == ',' || text[at] == '_')) spec.group = text[at++];
  if (at < text.size() && text[at] == '.') {
    ++at;
    const std::size_t from = at;
    spec.precision = read_number(text, at);
    if (at == from) throw RenderError("Format specifier missing precision");
  }
  if (at < text.size()) spec.kind = text[at++];
  if (at < text.size()) throw RenderError("Invalid format specifier");
  return spec;
}

std::string with_sign(std::string digits, bool negative, const BraceSpec& spec, Budget& budget) {
  std::string sign = negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  if (spec.align == '=') {
    const auto used = static_cast<std::int64_t>(sign.size());
    return sign + padded(std::move(digits), spec.width - used, '>', spec.fill, budget);
  }
  return padded(sign + digits, spec.width, spec.align == 0 ? '>' : spec.align, spec.fill, budget);
}

std::string format_float(double value, const BraceSpec& spec, Budget& budget) {
  const bool negative = std::signbit(value) && !std::isnan(value);
  const double size = std::abs(value);
  const int precision = static_cast<int>(std::min<std::int64_t>(spec.precision, 1000));
  std::string digits;
  if (spec.kind == 0) {
    if (precision < 0) {
      digits = float_repr(size);
    } else {
      digits = format_double(size, 'g', precision);
      if (digits.find_first_not_of("0123456789") == std::string::npos) digits += ".0";
    }
  } else if (spec.kind == '%') {
    digits = format_double(size * 100, 'f', precision < 0 ? 6 : precision) + "%";
  } else {
    digits = format_double(size, spec.kind == 'n' ? 'g' : spec.kind, precision < 0 ? 6 : precision, spec.alternate);
  }
  if (spec.group != 0) digits = grouped(digits, spec.group, 3);
  return with_sign(std::move(digits), negative, spec, budget);
}

std::string format_integer(std::int64_t value, const BraceSpec& spec, Budget& budget) {
  if (spec.precision >= 0) throw RenderError("Precision not allowed in integer format specifier");
  if (spec.kind == 'c') {
    std::string out;
    if (value < 0 || value > 0x10FFFF) throw RenderError("%c arg not in range(0x110000)");
    append_utf8(out, static_cast<std::uint32_t>(value));
    return padded(out, spec.width, spec.align == 0 ? '<' : spec.align, spec.fill, budget);
  }
  const char kind = spec.kind;
  const unsigned base = kind == 'x' || kind == 'X' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
  std::string digits = in_base(value, base, kind == 'X');
  if (spec.group != 0) digits = grouped(digits, spec.group, base == 10 ? 3 : 4);
  if (spec.alternate && base != 10) digits.insert(0, std::string("0") + kind);
  return with_sign(std::move(digits), value < 0, spec, budget);
}

// The replacement fields of str.format.
class BraceFormatter {
 public:
  BraceFormatter(Runtime& runtime, const Arguments& arguments) : runtime_(runtime), arguments_(arguments) {}

  std::string run(std::string_view text, int depth) {
    if (depth > 2) throw RenderError("Max string recursion exceeded");
    std::string out;
    runtime_.budget.look(text.size());
    for (std::size_t at = 0; at < text.size();) {
      const char c = text[at];
      if (c != '{' && c != '}') {
        const std::size_t end = std::min(text.find_first_of("{}", at), text.size());
        out += text.substr(at, end - at);
        at = end;
        continue;
      }
      if (at + 1 < text.size() && text[at + 1] == c) {
        out += c;
        at += 2;
        continue;
      }
      if (c == '}') throw RenderError("Single '}' encountered in format string");
      const std::size_t end = field_end(text, at + 1);
      out += field(text.substr(at + 1, end - at - 1), depth);
      runtime_.budget.check_output(out.size());
      at = end + 1;
    }
    return out;
  }

 private:
  static std::size_t field_end(std::string_view text, std::size_t at) {
    if (at >= text.size()) throw RenderError("Single '{' encountered in format string");
    for (int open = 1; at < text.size(); ++at) {
      if (text[at] == '{') ++open;
      if (text[at] == '}' && --open == 0) return at;
    }
    throw RenderError("expected '}' before end of string");
  }

  std::string field(std::string_view field_text, int depth) {
    std::size_t end = 0;
    int brackets = 0;
    while (end < field_text.size() && (brackets > 0 || (field_text[end] != '!' && field_text[end] != ':'))) {
      if (field_text[end] == '[') ++brackets;
      if (field_text[end] == ']') --brackets;
      ++end;
    }
    Value value = lookup(field_text.substr(0, end));
    std::string_view rest = field_text.substr(end);
    if (rest.starts_with("!")) {
      if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':'))
        throw RenderError("expected ':' after conversion specifier");
      if (rest[1] != 's' && rest[1] != 'r' && rest[1] != 'a') {
        throw RenderError(std::string("Unknown conversion specifier ") + rest[1]);
      }
      std::string text = rest[1] == 's' ? str(value, runtime_.budget) : repr(value, runtime_.budget);
      value = make_string(rest[1] == 'a' ? ascii_only(text) : std::move(text), runtime_.budget);
      rest.remove_prefix(2);
    }
    const std::string specification = rest.empty() ? "" : run(rest.substr(1), depth + 1);
    return format_value(value, specification, runtime_.budget);
  }

  Value lookup(std::string_view path) {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    const std::string first(path.substr(0, end));
    Value value = first_value(first);
    for (std::size_t at = end; at < path.size();) {
      const bool attribute = path[at] == '.';
      const std::size_t stop = attribute ? std::min(path.find_first_of(".[", at + 1), path.size()) : path.find(']', at);
      if (stop == std::string_view::npos) throw RenderError("Missing ']' in format string");
      const std::string part(path.substr(at + 1, stop - at - 1));
      if (part.empty()) throw RenderError("Empty attribute in format string");
      const bool digits = part.find_first_not_of("0123456789") == std::string::npos && part.size() < 18;
      const Value key = !attribute && digits ? Value::integer(std::stoll(part)) : make_string(part, runtime_.budget);
      value = attribute ? runtime_.attribute(value, key) : runtime_.item(value, key);
      at = attribute ? stop : stop + 1;
    }
    return value;
  }

  Value first_value(const std::string& name) {
    const bool number = name.find_first_not_of("0123456789") == std::string::npos;
    if (!number) {
      for (const auto& keyword : arguments_.keywords) {
        if (keyword.first == name) return keyword.second;
      }
      std::string shown;
      append_string_repr(shown, name);
      throw RenderError(shown);
    }
    const bool automatic = name.empty();
    if ((automatic && mode_ == 2) || (!automatic && mode_ == 1)) {
      throw RenderError(automatic ? "cannot switch from manual field specification to automatic field numbering"
                                  : "cannot switch from automatic field numbering to manual field specification");
    }
    mode_ = automatic ? 1 : 2;
    const std::size_t index = automatic ? next_++ : name.size() < 9 ? std::stoul(name) : SIZE_MAX;
    if (index >= arguments_.positional.size()) {
      throw RenderError("Replacement index " + (automatic ? std::to_string(index) : name) +
                        " out of range for positional args tuple");
    }
    return arguments_.positional[index];
  }

  Runtime& runtime_;
  const Arguments& arguments_;
  std::size_t next_ = 0;
  int mode_ = 0;  // 1: "{}", 2: "{0}"
};

}  // namespace

// std::to_chars() and std::from_chars() know no locale, which printf() and strtod() follow.
std::string format_double(double value, char kind, int precision, bool alternate) {
  const char lower = static_cast<char>(kind | 0x20);
  const auto form = lower == 'f'   ? std::chars_format::fixed
                    : lower == 'e' ? std::chars_format::scientific
                                   : std::chars_format::general;
  std::string out(static_cast<std::size_t>(precision) + 350, '\0');
  const auto result = std::to_chars(out.data(), out.data() + out.size(), value, form, precision);
  out.resize(static_cast<std::size_t>(result.ptr - out.data()));
  if (alternate && out.find('.') == std::string::npos) out.insert(std::min(out.find('e'), out.size()), ".");
  return kind == lower ? out : to_upper(out);
}

bool parse_double(std::string_view text, double& out) {
  if (text.starts_with("+")) text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  if (result.ptr != text.data() + text.size() || text.empty()) return false;
  if (result.ec == std::errc::result_out_of_range) {
    const bool tiny = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    out = tiny ? 0.0 : HUGE_VAL;
    if (text.starts_with("-")) out = -out;
    return true;
  }
  return result.ec == std::errc();
}

std::string format_value(const Value& value, std::string_view specification, Budget& budget) {
  if (specification.empty()) return str(value, budget);
  const BraceSpec spec = parse_spec(specification);
  const bool float_kind = spec.kind != 0 && std::string_view("eEfFgG%").find(spec.kind) != std::string_view::npos;
  const bool integer_kind = spec.kind == 0 || std::string_view("bcdoxXn").find(spec.kind) != std::string_view::npos;
  if (value.is(Type::kFloat) && (float_kind || spec.kind == 0 || spec.kind == 'n')) {
    return format_float(value.as_double(), spec, budget);
  }
  if (value.is_integral() && float_kind) return format_float(value.as_double(), spec, budget);
  if (value.is_integral() && integer_kind) return format_integer(value.as_int(), spec, budget);
  if (value.is_string() && (spec.kind == 0 || spec.kind == 's')) {
    if (spec.align == '=' && !spec.zero) throw RenderError("'=' alignment not allowed in string format specifier");
    std::string text = value.text();
    if (spec.precision >= 0) text.resize(offset_of(text, spec.precision));
    return padded(std::move(text), spec.width, spec.align == 0 || spec.align == '=' ? '<' : spec.align, spec.fill,
                  budget);
  }
  if (value.is_string() || value.is_number()) {
    throw RenderError(std::string("Unknown format code '") + spec.kind + "' for object of type '" + type_name(value) +
                      "'");
  }
  throw RenderError("unsupported format string passed to " + type_name(value) + ".__format__");
}

Value percent_format(const std::string& text, const Value& arguments, Budget& budget) {
  return make_string(PercentFormatter(text, arguments, budget).run(), budget);
}

Value brace_format(Runtime& runtime, const std::string& text, const Arguments& arguments) {
  return make_string(BraceFormatter(runtime, arguments).run(text, 0), runtime.budget);
}

}  // namespace vernier::jinja
