// Methods of dict, list, tuple, numbers, loops and cyclers.
#include <algorithm>
#include <cmath>

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/callables.h"
#include "engine/text/jinja/runtime.h"

namespace vernier::jinja {
namespace {

Value dict_get(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("get", arguments, {"/key", "/default"}, 1);
  const Value* found = self.dict().find(*bound[0], runtime.budget);
  return found != nullptr ? *found : bound.given(1) ? *bound[1] : Value::none();
}

Value dict_items(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("items", arguments, {});
  std::vector<Value> items;
  items.reserve(self.dict().items.size());
  for (const auto& item : self.dict().items) items.push_back(make_pair(item.first, item.second, runtime.budget));
  return make_view(std::move(items), "dict_items", runtime.budget);
}

Value dict_keys(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("keys", arguments, {});
  return make_view(items_of(self, runtime.budget), "dict_keys", runtime.budget);
}

Value dict_values(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("values", arguments, {});
  std::vector<Value> items;
  items.reserve(self.dict().items.size());
  for (const auto& item : self.dict().items) items.push_back(item.second);
  return make_view(std::move(items), "dict_values", runtime.budget);
}

// Lists and dicts do not change: the object itself serves as its copy.
Value copy(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("copy", arguments, {});
  return self;
}

Value dict_fromkeys(Runtime& runtime, const Value& /*self*/, Arguments& arguments) {
  const Bound bound("fromkeys", arguments, {"/iterable", "/value"}, 1);
  auto dict = std::make_unique<Dict>();
  for (Value& key : items_of(*bound[0], runtime.budget)) {
    dict->set(std::move(key), bound.given(1) ? *bound[1] : Value::none(), runtime.budget);
  }
  return Value::of(Type::kDict, dict.release());
}

Value list_index(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("index", arguments, {"/value", "/start", "/stop"}, 1);
  const auto& items = self.list().items;
  const auto size = static_cast<std::int64_t>(items.size());
  const auto clamp = [&](std::int64_t index) {
    return std::clamp(index < 0 ? index + size : index, std::int64_t{0}, size);
  };
  const std::int64_t last = clamp(bound.integer(2, size));
  for (std::int64_t i = clamp(bound.integer(1, 0)); i < last; ++i) {
    if (equal(items[static_cast<std::size_t>(i)], *bound[0], runtime.budget)) return Value::integer(i);
  }
  if (self.is(Type::kTuple)) throw RenderError("tuple.index(x): x not in tuple");
  throw RenderError(repr(*bound[0], runtime.budget) + " is not in list");
}

Value list_count(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("count", arguments, {"/value"}, 1);
  const auto& items = self.list().items;
  return Value::integer(std::count_if(items.begin(), items.end(),
                                      [&](const Value& item) { return equal(item, *bound[0], runtime.budget); }));
}

Value float_is_integer(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("is_integer", arguments, {});
  return Value::boolean(std::isfinite(self.as_double()) && std::floor(self.as_double()) == self.as_double());
}

Value int_bit_length(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("bit_length", arguments, {});
  std::uint64_t rest =
      self.as_int() < 0 ? 0 - static_cast<std::uint64_t>(self.as_int()) : static_cast<std::uint64_t>(self.as_int());
  std::int64_t bits = 0;
  for (; rest > 0; rest >>= 1) ++bits;
  return Value::integer(bits);
}

Value loop_cycle(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  if (!arguments.keywords.empty()) throw RenderError("cycle() got an unexpected keyword argument");
  return static_cast<LoopContext*>(self.object())->cycle(arguments.positional);
}
Value loop_changed(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  if (!arguments.keywords.empty()) throw RenderError("changed() got an unexpected keyword argument");
  return static_cast<LoopContext*>(self.object())->changed(std::move(arguments.positional));
}

Value cycler_next(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("next", arguments, {});
  return static_cast<Cycler*>(self.object())->next();
}
Value cycler_reset(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("reset", arguments, {});
  static_cast<Cycler*>(self.object())->reset();
  return Value::none();
}

constexpr std::array<Builtin, 6> kDictMethods = {{
    {"copy", copy},
    {"fromkeys", dict_fromkeys},
    {"get", dict_get},
    {"items", dict_items},
    {"keys", dict_keys},
    {"values", dict_values},
}};
constexpr std::array<Builtin, 3> kListMethods = {{{"copy", copy}, {"count", list_count}, {"index", list_index}}};
constexpr std::array<Builtin, 2> kTupleMethods = {{{"count", list_count}, {"index", list_index}}};
constexpr std::array<Builtin, 1> kFloatMethods = {{{"is_integer", float_is_integer}}};
constexpr std::array<Builtin, 1> kIntMethods = {{{"bit_length", int_bit_length}}};
constexpr std::array<Builtin, 2> kLoopMethods = {{{"changed", loop_changed}, {"cycle", loop_cycle}}};
constexpr std::array<Builtin, 2> kCyclerMethods = {{{"next", cycler_next}, {"reset", cycler_reset}}};

}  // namespace

const Builtin* find_method(const Value& self, std::string_view name) {
  switch (self.type()) {
    case Type::kString:
      return find_string_method(name);
    case Type::kDict:
      return find_builtin(kDictMethods, name);
    case Type::kList:
      return find_builtin(kListMethods, name);
    case Type::kTuple:
      return find_builtin(kTupleMethods, name);
    case Type::kFloat:
      return find_builtin(kFloatMethods, name);
    case Type::kBool:
    case Type::kInt:
      return find_builtin(kIntMethods, name);
    case Type::kLoop:
      return find_builtin(kLoopMethods, name);
    case Type::kCallable:
      return dynamic_cast<Cycler*>(self.object()) != nullptr ? find_builtin(kCyclerMethods, name) : nullptr;
    default:
      return nullptr;
  }
}

bool is_mutating_method(const Value& self, std::string_view name) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (self.is_dict()) return is_one_of({"clear", "pop", "popitem", "setdefault", "update"});
  return self.is(Type::kList) && is_one_of({"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"});
}

}  // namespace vernier::jinja
