#include "engine/text/jinja/value.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>

#include "engine/text/jinja/unicode.h"

namespace vernier::jinja {
namespace {

constexpr std::size_t kItemBytes = 32;

bool is_text_key(const Value& key, std::string_view text) {
  return key.is_string() && key.text() == text;
}

std::uint32_t depth_of(const Value& value) {
  switch (value.type()) {
    case Type::kList:
    case Type::kTuple:
    case Type::kView:
      return value.list().depth;
    case Type::kDict:
      return value.dict().depth;
    default:
      return 0;
  }
}

bool sequences_equal(const std::vector<Value>& a, const std::vector<Value>& b, Budget& budget) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal(a[i], b[i], budget)) return false;
  }
  return true;
}

bool numbers_equal(const Value& a, const Value& b) {
  if (a.is_integral() && b.is_integral()) return a.as_int() == b.as_int();
  // long double holds every int64 and every double.
  const auto wide = [](const Value& v) {
    return v.is(Type::kFloat) ? static_cast<long double>(v.as_double()) : static_cast<long double>(v.as_int());
  };
  return wide(a) == wide(b);
}

[[noreturn]] void not_ordered(const Value& a, const Value& b, const char* op) {
  throw RenderError("'" + std::string(op) + "' not supported between instances of '" + type_name(a) + "' and '" +
                    type_name(b) + "'");
}

}  // namespace

std::int64_t String::length() const {
  if (length_ < 0)
    length_ = vernier::jinja::is_ascii(text) ? static_cast<std::int64_t>(text.size()) : count_characters(text);
  return length_;
}

const Value* Dict::find(std::string_view key) const {
  if (items.size() >= kIndexedSize) {
    const auto [first, last] = index.equal_range(std::hash<std::string_view>()(key));
    for (auto it = first; it != last; ++it) {
      if (is_text_key(items[it->second].first, key)) return &items[it->second].second;
    }
    return nullptr;
  }
  for (const auto& item : items) {
    if (is_text_key(item.first, key)) return &item.second;
  }
  return nullptr;
}

const Value* Dict::find(const Value& key, Budget& budget) const {
  if (key.is_string()) return find(std::string_view(key.text()));
  const std::size_t hash = hash_of(key, budget);
  if (items.size() >= kIndexedSize) {
    const auto [first, last] = index.equal_range(hash);
    for (auto it = first; it != last; ++it) {
      if (equal(items[it->second].first, key, budget)) return &items[it->second].second;
    }
    return nullptr;
  }
  for (const auto& item : items) {
    if (equal(item.first, key, budget)) return &item.second;
  }
  return nullptr;
}

void Dict::set(Value key, Value value, Budget& budget) {
  budget.make(3 * kItemBytes);
  depth = std::max({depth, depth_of(value) + 1, depth_of(key) + 1});
  budget.check_value_depth(depth);
  if (const Value* found = find(key, budget)) {
    *const_cast<Value*>(found) = std::move(value);
    return;
  }
  items.emplace_back(std::move(key), std::move(value));
  if (items.size() < kIndexedSize) return;
  for (std::size_t i = index.size(); i < items.size(); ++i) {
    index.emplace(hash_of(items[i].first, budget), static_cast<std::uint32_t>(i));
  }
}

std::int64_t Range::size() const {
  if (step > 0 && start < stop) return (stop - start - 1) / step + 1;
  if (step < 0 && start > stop) return (start - stop - 1) / -step + 1;
  return 0;
}

bool Iterator::take(Value& out) {
  if (next < items.size()) {
    out = items[next++];
    return true;
  }
  if (!error.empty()) throw RenderError(std::exchange(error, std::string()));
  return false;
}

const Value* Namespace::find(std::string_view name) const {
  for (const auto& item : items) {
    if (item.first == name) return &item.second;
  }
  return nullptr;
}

void Namespace::set(std::string_view name, Value value) {
  if (const Value* found = find(name)) {
    *const_cast<Value*>(found) = std::move(value);
  } else {
    items.emplace_back(name, std::move(value));
  }
}

const UndefinedInfo* Value::undefined() const {
  return static_cast<UndefinedInfo*>(as_.object);
}

Value make_string(std::string text, Budget& budget) {
  budget.make(text.size() + kItemBytes);
  return Value::of(Type::kString, new String(std::move(text)));
}

Value make_list(std::vector<Value> items, Budget& budget, Type type) {
  budget.make((items.size() + 2) * kItemBytes);
  auto list = std::make_unique<List>();
  for (const Value& item : items) list->depth = std::max(list->depth, depth_of(item) + 1);
  budget.check_value_depth(list->depth);
  list->items = std::move(items);
  return Value::of(type, list.release());
}

Value make_view(std::vector<Value> items, const char* name, Budget& budget) {
  Value view = make_list(std::move(items), budget, Type::kView);
  static_cast<List*>(view.object())->view_name = name;
  return view;
}

Value make_iterator(std::vector<Value> items, Budget& budget, const char* name) {
  budget.make((items.size() + 2) * kItemBytes);
  auto iterator = std::make_unique<Iterator>();
  iterator->items = std::move(items);
  iterator->name = name;
  return Value::of(Type::kIterator, iterator.release());
}

Value make_pair(Value first, Value second, Budget& budget) {
  std::vector<Value> items;
  items.reserve(2);
  items.push_back(std::move(first));
  items.push_back(std::move(second));
  return make_list(std::move(items), budget, Type::kTuple);
}

Value make_undefined(std::string hint) {
  auto info = std::make_unique<UndefinedInfo>();
  info->message = std::move(hint);
  return Value::of(Type::kUndefined, info.release());
}

Value undefined_name(std::string_view name) {
  return make_undefined("'" + std::string(name) + "' is undefined");
}

Value undefined_member(const Value& object, const Value& name, Budget& budget) {
  std::string type = object.is_none() ? "None" : type_name(object) + " object";
  if (object.is(Type::kNamespace)) type.insert(0, "jinja2.utils.");
  if (object.is(Type::kLoop) || type == "Macro object") type.insert(0, "jinja2.runtime.");
  if (!name.is_string()) return make_undefined(type + " has no element " + repr(name, budget));
  return make_undefined("'" + type + "' has no attribute " + repr(name, budget));
}

std::string type_name(const Value& value) {
  switch (value.type()) {
    case Type::kUndefined:
      return "Undefined";
    case Type::kNone:
      return "NoneType";
    case Type::kBool:
      return "bool";
    case Type::kInt:
      return "int";
    case Type::kFloat:
      return "float";
    case Type::kString:
      return "str";
    case Type::kList:
      return "list";
    case Type::kTuple:
      return "tuple";
    case Type::kView:
      return value.list().view_name;
    case Type::kDict:
      return "dict";
    case Type::kRange:
      return "range";
    case Type::kIterator:
      return value.iterator().name;
    case Type::kNamespace:
      return "Namespace";
    case Type::kLoop:
      return "LoopContext";
    case Type::kCallable:
      return value.object()->type_name();
  }
  return "object";
}

bool truth(const Value& value) {
  switch (value.type()) {
    case Type::kUndefined:
    case Type::kNone:
      return false;
    case Type::kBool:
    case Type::kInt:
      return value.as_int() != 0;
    case Type::kFloat:
      return value.as_double() != 0.0;
    case Type::kString:
      return !value.text().empty();
    case Type::kList:
    case Type::kTuple:
    case Type::kView:
      return !value.list().items.empty();
    case Type::kDict:
      return !value.dict().items.empty();
    case Type::kRange:
      return value.range().size() != 0;
    case Type::kIterator:
    case Type::kNamespace:
    case Type::kLoop:
    case Type::kCallable:
      return true;
  }
  return true;
}

std::int64_t length_of(const Value& value) {
  switch (value.type()) {
    case Type::kUndefined:
      return 0;
    case Type::kString:
      return value.string().length();
    case Type::kList:
    case Type::kTuple:
    case Type::kView:
      return static_cast<std::int64_t>(value.list().items.size());
    case Type::kDict:
      return static_cast<std::int64_t>(value.dict().items.size());
    case Type::kRange:
      return value.range().size();
    default:
      throw RenderError("object of type '" + type_name(value) + "' has no len()");
  }
}

bool equal(const Value& a, const Value& b, Budget& budget) {
  budget.step();
  if (a.is_number() && b.is_number()) return numbers_equal(a, b);
  if (a.type() != b.type()) return false;
  if (a.is_undefined() || a.is_none()) return true;
  if (a.object() == b.object()) return true;
  switch (a.type()) {
    case Type::kString:
      if (a.text().size() != b.text().size()) return false;
      budget.look(a.text().size());
      return a.text() == b.text();
    case Type::kList:
    case Type::kTuple:
    case Type::kView: {
      const DepthGuard guard(budget);
      return sequences_equal(a.list().items, b.list().items, budget);
    }
    case Type::kDict: {
      const DepthGuard guard(budget);
      if (a.dict().items.size() != b.dict().items.size()) return false;
      for (const auto& item : a.dict().items) {
        const Value* other = b.dict().find(item.first, budget);
        if (other == nullptr || !equal(item.second, *other, budget)) return false;
      }
      return true;
    }
    case Type::kRange: {
      const std::int64_t size = a.range().size();
      return size == b.range().size() &&
             (size == 0 || (a.range().start == b.range().start && (size == 1 || a.range().step == b.range().step)));
    }
    default:
      return false;
  }
}

int compare(const Value& a, const Value& b, const char* op, Budget& budget) {
  budget.step();
  if (a.is_undefined()) raise_undefined(a);
  if (b.is_undefined()) raise_undefined(b);
  if (a.is_number() && b.is_number()) {
    if (a.is_integral() && b.is_integral()) return a.as_int() < b.as_int() ? -1 : a.as_int() > b.as_int() ? 1 : 0;
    const double x = a.as_double(), y = b.as_double();
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
  }
  if (a.is_string() && b.is_string()) {
    budget.look(std::min(a.text().size(), b.text().size()));
    // UTF-8 sorts as its code points do.
    const int order = a.text().compare(b.text());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  if (a.type() != b.type() || !a.is_sequence()) not_ordered(a, b, op);
  const DepthGuard guard(budget);
  const auto& x = a.list().items;
  const auto& y = b.list().items;
  for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
    if (!equal(x[i], y[i], budget)) return compare(x[i], y[i], op, budget);
  }
  return x.size() < y.size() ? -1 : x.size() > y.size() ? 1 : 0;
}

bool ordered(const Value& a, const Value& b, const char* op, Budget& budget) {
  const int order = compare(a, b, op, budget);
  if (order == 2) return false;
  if (order == 0) return op[1] == '=';
  return (order < 0) == (op[0] == '<');
}

std::size_t hash_of(const Value& value, Budget& budget) {
  budget.step();
  switch (value.type()) {
    case Type::kUndefined:
    case Type::kNone:
      return static_cast<std::size_t>(value.type());
    case Type::kBool:
    case Type::kInt:
      return std::hash<std::int64_t>()(value.as_int());
    case Type::kFloat: {
      const double number = value.as_double();
      if (number == std::floor(number) && std::abs(number) < 9e18) {
        return std::hash<std::int64_t>()(static_cast<std::int64_t>(number));
      }
      return std::hash<double>()(number);
    }
    case Type::kString:
      budget.look(value.text().size());
      return std::hash<std::string_view>()(value.text());
    case Type::kTuple: {
      const DepthGuard guard(budget);
      std::size_t hash = 0x9E3779B9u;
      for (const Value& item : value.list().items) hash = hash * 1000003u ^ hash_of(item, budget);
      return hash;
    }
    case Type::kList:
    case Type::kView:
    case Type::kDict:
      throw RenderError("unhashable type: '" + type_name(value) + "'");
    default:
      return std::hash<const void*>()(value.object());
  }
}

bool contains(const Value& container, const Value& item, Budget& budget) {
  switch (container.type()) {
    case Type::kString:
      if (!item.is_string()) {
        throw RenderError("'in <string>' requires string as left operand, not " + type_name(item));
      }
      budget.search(container.text().size());
      return item.text().empty() || ::memmem(container.text().data(), container.text().size(), item.text().data(),
                                             item.text().size()) != nullptr;
    case Type::kDict:
      return container.dict().find(item, budget) != nullptr;
    case Type::kList:
    case Type::kTuple:
    case Type::kView: {
      const auto& items = container.list().items;
      return std::any_of(items.begin(), items.end(), [&](const Value& other) { return equal(item, other, budget); });
    }
    case Type::kUndefined:
      return false;
    case Type::kRange:
    case Type::kIterator: {
      const std::vector<Value> items = items_of(container, budget);
      return std::any_of(items.begin(), items.end(), [&](const Value& other) { return equal(item, other, budget); });
    }
    default:
      throw RenderError("argument of type '" + type_name(container) + "' is not iterable");
  }
}

std::vector<Value> items_of(const Value& value, Budget& budget) {
  std::vector<Value> out;
  switch (value.type()) {
    case Type::kUndefined:
      return out;
    case Type::kString: {
      std::string_view text = value.text();
      budget.make(static_cast<std::uint64_t>(value.string().length()) * 4 * kItemBytes);
      out.reserve(static_cast<std::size_t>(value.string().length()));
      while (!text.empty()) {
        const std::size_t size = offset_of(text, 1);
        out.push_back(make_string(std::string(text.substr(0, size)), budget));
        text.remove_prefix(size);
      }
      return out;
    }
    case Type::kList:
    case Type::kTuple:
    case Type::kView:
      budget.make(value.list().items.size() * kItemBytes);
      return value.list().items;
    case Type::kDict:
      budget.make(value.dict().items.size() * kItemBytes);
      out.reserve(value.dict().items.size());
      for (const auto& item : value.dict().items) out.push_back(item.first);
      return out;
    case Type::kRange: {
      const Range& range = value.range();
      budget.make(static_cast<std::uint64_t>(range.size()) * kItemBytes);
      out.reserve(static_cast<std::size_t>(range.size()));
      for (std::int64_t i = 0; i < range.size(); ++i) out.push_back(Value::integer(range.start + i * range.step));
      return out;
    }
    case Type::kIterator: {
      Iterator& iterator = value.iterator();
      budget.make((iterator.items.size() - iterator.next) * kItemBytes);
      for (Value item; iterator.take(item);) out.push_back(item);
      return out;
    }
    default:
      throw RenderError("'" + type_name(value) + "' object is not iterable");
  }
}

void raise_undefined(const Value& value) {
  throw RenderError(value.undefined() != nullptr ? value.undefined()->message : "value is undefined");
}

Value from_json(const nlohmann::ordered_json& json, Budget& budget) {
  using Kind = nlohmann::ordered_json::value_t;
  switch (json.type()) {
    case Kind::boolean:
      return Value::boolean(json.get<bool>());
    case Kind::number_integer:
      return Value::integer(json.get<std::int64_t>());
    case Kind::number_unsigned: {
      const auto number = json.get<std::uint64_t>();
      if (number > static_cast<std::uint64_t>(INT64_MAX))
        throw LimitError("an integer of more than 64 bits: limit reached");
      return Value::integer(static_cast<std::int64_t>(number));
    }
    case Kind::number_float:
      return Value::real(json.get<double>());
    case Kind::string:
      return make_string(json.get_ref<const std::string&>(), budget);
    case Kind::array: {
      const DepthGuard guard(budget);
      std::vector<Value> items;
      items.reserve(json.size());
      for (const auto& item : json) items.push_back(from_json(item, budget));
      return make_list(std::move(items), budget);
    }
    case Kind::object: {
      const DepthGuard guard(budget);
      auto dict = std::make_unique<Dict>();
      dict->items.reserve(json.size());
      for (auto it = json.begin(); it != json.end(); ++it) {
        dict->set(make_string(it.key(), budget), from_json(it.value(), budget), budget);
      }
      return Value::of(Type::kDict, dict.release());
    }
    default:
      return Value::none();
  }
}

}  // namespace vernier::jinja
