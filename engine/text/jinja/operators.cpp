#include "engine/text/jinja/operators.h"

#include <algorithm>
#include <cmath>

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/unicode.h"

namespace vernier::jinja {
namespace {

const char* symbol(Op op) {
  switch (op) {
    case Op::kAdd:
      return "+";
    case Op::kSub:
      return "-";
    case Op::kMul:
      return "*";
    case Op::kDiv:
      return "/";
    case Op::kFloorDiv:
      return "//";
    case Op::kMod:
      return "%";
    default:
      return "** or pow()";
  }
}

[[noreturn]] void unsupported(Op op, const Value& a, const Value& b) {
  throw RenderError(std::string("unsupported operand type(s) for ") + symbol(op) + ": '" + type_name(a) + "' and '" +
                    type_name(b) + "'");
}

[[noreturn]] void too_large() {
  throw LimitError("an integer of more than 64 bits: limit reached");
}

// Python's // and %: the remainder has the sign of the divisor.
std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  if (b == -1) {
    std::int64_t out = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, a, &out)) too_large();
    return out;
  }
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  if (b == -1) return 0;
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double floor_mod(double a, double b) {
  double rest = std::fmod(a, b);
  if (rest != 0) {
    if ((b < 0) != (rest < 0)) rest += b;
  } else {
    rest = std::copysign(0.0, b);
  }
  return rest;
}

double floor_div(double a, double b) {
  const double rest = floor_mod(a, b);
  const double quotient = (a - rest) / b;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

Value integer_power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) throw RenderError("0.0 cannot be raised to a negative power");
    return Value::real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  std::int64_t out = 1;
  while (exponent > 0) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(out, base, &out)) too_large();
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) too_large();
  }
  return Value::integer(out);
}

Value integers(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  switch (op) {
    case Op::kAdd:
      if (__builtin_add_overflow(a, b, &out)) too_large();
      return Value::integer(out);
    case Op::kSub:
      if (__builtin_sub_overflow(a, b, &out)) too_large();
      return Value::integer(out);
    case Op::kMul:
      if (__builtin_mul_overflow(a, b, &out)) too_large();
      return Value::integer(out);
    case Op::kDiv:
      if (b == 0) throw RenderError("division by zero");
      return Value::real(static_cast<double>(a) / static_cast<double>(b));
    case Op::kFloorDiv:
      if (b == 0) throw RenderError("integer division or modulo by zero");
      return Value::integer(floor_div(a, b));
    case Op::kMod:
      if (b == 0) throw RenderError("integer modulo by zero");
      return Value::integer(floor_mod(a, b));
    default:
      return integer_power(a, b);
  }
}

Value reals(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return Value::real(a + b);
    case Op::kSub:
      return Value::real(a - b);
    case Op::kMul:
      return Value::real(a * b);
    case Op::kDiv:
      if (b == 0) throw RenderError("float division by zero");
      return Value::real(a / b);
    case Op::kFloorDiv:
      if (b == 0) throw RenderError("float floor division by zero");
      return Value::real(floor_div(a, b));
    case Op::kMod:
      if (b == 0) throw RenderError("float modulo");
      return Value::real(floor_mod(a, b));
    default:
      if (a == 0 && b < 0) throw RenderError("0.0 cannot be raised to a negative power");
      if (a < 0 && b != std::floor(b)) throw LimitError("complex numbers are not supported: limit reached");
      return Value::real(std::pow(a, b));
  }
}

Value repeat(const Value& value, std::int64_t count, Budget& budget) {
  if (count < 0) count = 0;
  const auto times = static_cast<std::uint64_t>(count);
  if (value.is_string()) {
    const std::string& text = value.text();
    if (text.empty()) return value;
    budget.make_many(times, text.size());
    std::string out;
    out.reserve(text.size() * times);
    for (std::uint64_t i = 0; i < times; ++i) out += text;
    return make_string(std::move(out), budget);
  }
  const auto& items = value.list().items;
  std::vector<Value> out;
  if (!items.empty()) {
    budget.make_many(times, items.size() * 32);
    out.reserve(items.size() * times);
    for (std::uint64_t i = 0; i < times; ++i) out.insert(out.end(), items.begin(), items.end());
  }
  return make_list(std::move(out), budget, value.type());
}

Value join_lists(const Value& a, const Value& b, Budget& budget) {
  std::vector<Value> items = items_of(a, budget);
  const std::vector<Value> more = items_of(b, budget);
  items.insert(items.end(), more.begin(), more.end());
  return make_list(std::move(items), budget, a.type());
}

Value add_texts(const Value& a, const Value& b, Budget& budget) {
  budget.make(a.text().size() + b.text().size());
  std::string out;
  out.reserve(a.text().size() + b.text().size());
  out.append(a.text()).append(b.text());
  return make_string(std::move(out), budget);
}

}  // namespace

Value binary(Op op, const Value& a, const Value& b, Budget& budget) {
  if (op == Op::kAdd && a.is_string() && b.is_string()) return add_texts(a, b, budget);
  if (op == Op::kMod && a.is_string()) return percent_format(a.text(), b, budget);
  if (a.is_undefined()) raise_undefined(a);
  if (b.is_undefined()) raise_undefined(b);
  if (a.is_number() && b.is_number()) {
    if (a.is_integral() && b.is_integral()) return integers(op, a.as_int(), b.as_int());
    return reals(op, a.as_double(), b.as_double());
  }
  if (op == Op::kAdd) {
    if (a.is_sequence() && a.type() == b.type()) return join_lists(a, b, budget);
    if (a.is_string() || a.is_sequence()) {
      const std::string type = type_name(a);
      throw RenderError("can only concatenate " + type + " (not \"" + type_name(b) + "\") to " + type);
    }
  }
  if (op == Op::kMul) {
    const bool a_repeats = a.is_string() || a.is_sequence();
    const bool b_repeats = b.is_string() || b.is_sequence();
    if (a_repeats && b.is_integral()) return repeat(a, b.as_int(), budget);
    if (b_repeats && a.is_integral()) return repeat(b, a.as_int(), budget);
    if (a_repeats || b_repeats) {
      throw RenderError("can't multiply sequence by non-int of type '" + type_name(a_repeats ? b : a) + "'");
    }
  }
  unsupported(op, a, b);
}

Value negate(const Value& value) {
  if (value.is_undefined()) raise_undefined(value);
  if (value.is(Type::kFloat)) return Value::real(-value.as_double());
  if (value.is_integral()) return integers(Op::kSub, 0, value.as_int());
  throw RenderError("bad operand type for unary -: '" + type_name(value) + "'");
}

Value plus(const Value& value) {
  if (value.is_undefined()) raise_undefined(value);
  if (value.is(Type::kFloat)) return value;
  if (value.is_integral()) return Value::integer(value.as_int());
  throw RenderError("bad operand type for unary +: '" + type_name(value) + "'");
}

bool compare_with(Op op, const Value& a, const Value& b, Budget& budget) {
  switch (op) {
    case Op::kEq:
      return equal(a, b, budget);
    case Op::kNe:
      return !equal(a, b, budget);
    case Op::kLt:
      return ordered(a, b, "<", budget);
    case Op::kLe:
      return ordered(a, b, "<=", budget);
    case Op::kGt:
      return ordered(a, b, ">", budget);
    case Op::kGe:
      return ordered(a, b, ">=", budget);
    case Op::kIn:
      return contains(b, a, budget);
    default:
      return !contains(b, a, budget);
  }
}

Value slice(const Value& value, const Value& start, const Value& stop, const Value& step, Budget& budget) {
  const auto part = [](const Value& bound, std::int64_t otherwise) {
    if (bound.is_undefined() && bound.undefined() == nullptr) return otherwise;
    if (bound.is_none()) return otherwise;
    if (!bound.is_integral()) {
      throw RenderError("slice indices must be integers or None or have an __index__ method");
    }
    return bound.as_int();
  };
  // A longer step takes the same single item.
  constexpr std::int64_t kLongest = std::int64_t{1} << 40;
  const std::int64_t by = std::clamp(part(step, 1), -kLongest, kLongest);
  if (by == 0) throw RenderError("slice step cannot be zero");
  const std::int64_t size = length_of(value);
  const auto clamp = [&](std::int64_t index) {
    if (index < 0) {
      index = index < -size ? -1 : index + size;
      if (index < 0) return by < 0 ? std::int64_t{-1} : std::int64_t{0};
      return index;
    }
    return index >= size ? (by < 0 ? size - 1 : size) : index;
  };
  constexpr std::int64_t kNone = INT64_MIN;
  const std::int64_t first = part(start, kNone), last = part(stop, kNone);
  const std::int64_t from = first == kNone ? (by < 0 ? size - 1 : 0) : clamp(first);
  const std::int64_t to = last == kNone ? (by < 0 ? -1 : size) : clamp(last);
  const std::int64_t count = Range(from, to, by).size();

  if (value.is(Type::kRange)) {
    const Range& range = value.range();
    std::int64_t new_step = 0;
    if (__builtin_mul_overflow(range.step, by, &new_step)) too_large();
    return Value::of(Type::kRange, new Range(range.start + from * range.step, range.start + to * range.step, new_step));
  }
  if (value.is_string()) {
    const std::string& text = value.text();
    budget.look(text.size());
    if (by == 1) {
      const bool plain = value.string().is_ascii();
      const std::size_t begin = plain ? static_cast<std::size_t>(from) : offset_of(text, from);
      if (count == 0) return make_string("", budget);
      const std::string_view rest = std::string_view(text).substr(begin);
      return make_string(std::string(rest.substr(0, plain ? static_cast<std::size_t>(count) : offset_of(rest, count))),
                         budget);
    }
    const std::vector<Value> characters = items_of(value, budget);
    std::string out;
    for (std::int64_t i = 0; i < count; ++i) out += characters[static_cast<std::size_t>(from + i * by)].text();
    return make_string(std::move(out), budget);
  }
  const auto& items = value.list().items;
  std::vector<Value> out;
  budget.make(static_cast<std::uint64_t>(count) * 32);
  out.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) out.push_back(items[static_cast<std::size_t>(from + i * by)]);
  return make_list(std::move(out), budget, value.type());
}

}  // namespace vernier::jinja
