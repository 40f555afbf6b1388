// What stands behind "is".
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/runtime.h"

namespace vernier::jinja {
namespace {

template <Op op>
Value test_compare(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("comparison", arguments, {"/other"}, 1);
  return Value::boolean(compare_with(op, self, *bound[0], runtime.budget));
}

template <bool (*test)(const Value&)>
Value test_value(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("test", arguments, {});
  return Value::boolean(test(self));
}

bool is_defined(const Value& value) {
  return !value.is_undefined();
}
bool is_undefined(const Value& value) {
  return value.is_undefined();
}
bool is_none(const Value& value) {
  return value.is_none();
}
bool is_boolean(const Value& value) {
  return value.is(Type::kBool);
}
bool is_false(const Value& value) {
  return value.is(Type::kBool) && !value.as_bool();
}
bool is_true(const Value& value) {
  return value.is(Type::kBool) && value.as_bool();
}
bool is_integer(const Value& value) {
  return value.is(Type::kInt);
}
bool is_float(const Value& value) {
  return value.is(Type::kFloat);
}
bool is_string(const Value& value) {
  return value.is_string();
}
bool is_mapping(const Value& value) {
  return value.is_dict();
}
bool is_number(const Value& value) {
  return value.is_number();
}
bool is_escaped(const Value& /*value*/) {
  return false;
}
bool is_iterable(const Value& value) {
  return value.is_undefined() || value.is_string() || value.is_sequence() || value.is_dict() || value.is(Type::kView) ||
         value.is(Type::kRange) || value.is(Type::kIterator) || value.is(Type::kLoop);
}
bool is_sequence(const Value& value) {
  return value.is_undefined() || value.is_string() || value.is_sequence() || value.is_dict() || value.is(Type::kRange);
}
bool is_callable(const Value& value) {
  return value.is(Type::kCallable) || value.is(Type::kLoop) || value.is_undefined();
}

template <std::int64_t rest>
Value test_parity(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("test", arguments, {});
  const Value left = binary(Op::kMod, self, Value::integer(2), runtime.budget);
  return Value::boolean(equal(left, Value::integer(rest), runtime.budget));
}

Value test_divisibleby(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("test_divisibleby", arguments, {"num"}, 1);
  return Value::boolean(equal(binary(Op::kMod, self, *bound[0], runtime.budget), Value::integer(0), runtime.budget));
}

Value test_in(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("test_in", arguments, {"seq"}, 1);
  return Value::boolean(contains(*bound[0], self, runtime.budget));
}

Value test_sameas(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  const Bound bound("test_sameas", arguments, {"other"}, 1);
  const Value& other = *bound[0];
  if (self.type() != other.type()) return Value::boolean(false);
  if (self.is_none()) return Value::boolean(true);
  if (self.is_integral()) return Value::boolean(self.as_int() == other.as_int());
  if (self.is(Type::kFloat)) return Value::boolean(self.as_double() == other.as_double());
  // Python keeps one object for equal constants.
  if (self.is_string()) return Value::boolean(self.text() == other.text());
  return Value::boolean(self.object() == other.object());
}

Value test_case(Runtime& runtime, const Value& self, Arguments& arguments, const char* method) {
  const Value text = make_string(str(self, runtime.budget), runtime.budget);
  return find_string_method(method)->function(runtime, text, arguments);
}
Value test_lower(Runtime& runtime, const Value& self, Arguments& arguments) {
  return test_case(runtime, self, arguments, "islower");
}
Value test_upper(Runtime& runtime, const Value& self, Arguments& arguments) {
  return test_case(runtime, self, arguments, "isupper");
}

Value test_filter(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("test_filter", arguments, {});
  return Value::boolean(self.is_string() && find_filter(self.text()) != nullptr);
}
Value test_test(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("test_test", arguments, {});
  return Value::boolean(self.is_string() && find_test(self.text()) != nullptr);
}

constexpr std::array<Builtin, 39> kTests = {{
    {"!=", test_compare<Op::kNe>},
    {"<", test_compare<Op::kLt>},
    {"<=", test_compare<Op::kLe>},
    {"==", test_compare<Op::kEq>},
    {">", test_compare<Op::kGt>},
    {">=", test_compare<Op::kGe>},
    {"boolean", test_value<is_boolean>},
    {"callable", test_value<is_callable>},
    {"defined", test_value<is_defined>},
    {"divisibleby", test_divisibleby},
    {"eq", test_compare<Op::kEq>},
    {"equalto", test_compare<Op::kEq>},
    {"escaped", test_value<is_escaped>},
    {"even", test_parity<0>},
    {"false", test_value<is_false>},
    {"filter", test_filter},
    {"float", test_value<is_float>},
    {"ge", test_compare<Op::kGe>},
    {"greaterthan", test_compare<Op::kGt>},
    {"gt", test_compare<Op::kGt>},
    {"in", test_in},
    {"integer", test_value<is_integer>},
    {"iterable", test_value<is_iterable>},
    {"le", test_compare<Op::kLe>},
    {"lessthan", test_compare<Op::kLt>},
    {"lower", test_lower},
    {"lt", test_compare<Op::kLt>},
    {"mapping", test_value<is_mapping>},
    {"ne", test_compare<Op::kNe>},
    {"none", test_value<is_none>},
    {"number", test_value<is_number>},
    {"odd", test_parity<1>},
    {"sameas", test_sameas},
    {"sequence", test_value<is_sequence>},
    {"string", test_value<is_string>},
    {"test", test_test},
    {"true", test_value<is_true>},
    {"undefined", test_value<is_undefined>},
    {"upper", test_upper},
}};

}  // namespace

const Builtin* find_test(std::string_view name) {
  return find_builtin(kTests, name);
}

}  // namespace vernier::jinja
