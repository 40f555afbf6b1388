// The values of a template: Python's, as far as Jinja templates see them.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/text/jinja/budget.h"

namespace vernier::jinja {

enum class Type : std::uint8_t {
  kUndefined,
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,
  kList,
  kTuple,
  kView,  // dict.items() and the like: a list that cannot be indexed
  kDict,
  kRange,
  kIterator,  // a generator: gives each item once
  kNamespace,
  kLoop,
  kCallable,
};

// Counts its owners without atomics: a value belongs to one rendering. The parser's constants, which renderings on
// several threads share, are `immortal`: not counted, and never changed.
struct Object {
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;
  // Python's type(self).__name__ where the value's Type does not say it.
  virtual const char* type_name() const { return "object"; }
  std::uint32_t owners = 0;
  bool immortal = false;
};

template <typename T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) : object_(object) { take(); }
  Ref(const Ref& other) : object_(other.object_) { take(); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr && !object_->immortal && --object_->owners == 0) delete object_;
  }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  void take() {
    if (object_ != nullptr && !object_->immortal) ++object_->owners;
  }
  T* object_ = nullptr;
};

struct String;
struct List;
struct Dict;
struct Range;
struct Iterator;
struct Namespace;
struct UndefinedInfo;

class Value {
 public:
  Value() : type_(Type::kUndefined) { as_.object = nullptr; }
  Value(const Value& other) : type_(other.type_), as_(other.as_) { take(); }
  Value(Value&& other) noexcept : type_(other.type_), as_(other.as_) {
    other.type_ = Type::kUndefined;
    other.as_.object = nullptr;
  }
  Value& operator=(Value other) noexcept {
    std::swap(type_, other.type_);
    std::swap(as_, other.as_);
    return *this;
  }
  ~Value() { drop(); }

  static Value none() { return Value(Type::kNone); }
  static Value boolean(bool value) {
    Value out(Type::kBool);
    out.as_.integer = value ? 1 : 0;
    return out;
  }
  static Value integer(std::int64_t value) {
    Value out(Type::kInt);
    out.as_.integer = value;
    return out;
  }
  static Value real(double value) {
    Value out(Type::kFloat);
    out.as_.real = value;
    return out;
  }
  // Takes one more share of `object`, which must be of the class that `type` stands for.
  static Value of(Type type, Object* object) {
    Value out(type);
    out.as_.object = object;
    out.take();
    return out;
  }

  Type type() const { return type_; }
  bool is(Type type) const { return type_ == type; }
  bool is_undefined() const { return type_ == Type::kUndefined; }
  bool is_none() const { return type_ == Type::kNone; }
  bool is_string() const { return type_ == Type::kString; }
  bool is_dict() const { return type_ == Type::kDict; }
  // int or bool, which is an int in Python.
  bool is_integral() const { return type_ == Type::kInt || type_ == Type::kBool; }
  bool is_number() const { return is_integral() || type_ == Type::kFloat; }
  bool is_sequence() const { return type_ == Type::kList || type_ == Type::kTuple; }

  bool as_bool() const { return as_.integer != 0; }
  std::int64_t as_int() const { return as_.integer; }
  double as_double() const { return type_ == Type::kFloat ? as_.real : static_cast<double>(as_.integer); }
  Object* object() const { return as_.object; }
  inline const String& string() const;
  inline const std::string& text() const;
  inline const List& list() const;  // kList, kTuple, kView
  inline const Dict& dict() const;
  inline const Range& range() const;
  inline Iterator& iterator() const;
  inline Namespace& names() const;
  const UndefinedInfo* undefined() const;  // nullptr where nothing is known of it

 private:
  explicit Value(Type type) : type_(type) { as_.object = nullptr; }
  bool counted() const {
    return (type_ >= Type::kString || type_ == Type::kUndefined) && as_.object != nullptr && !as_.object->immortal;
  }
  void take() {
    if (counted()) ++as_.object->owners;
  }
  void drop() {
    if (counted() && --as_.object->owners == 0) delete as_.object;
  }

  Type type_;
  union {
    std::int64_t integer;
    double real;
    Object* object;
  } as_;
};

struct String : Object {
  explicit String(std::string content) : text(std::move(content)) {}
  // Length in characters.
  std::int64_t length() const;
  bool is_ascii() const { return length() == static_cast<std::int64_t>(text.size()); }
  const std::string text;

 private:
  mutable std::int64_t length_ = -1;
};

struct List : Object {
  std::vector<Value> items;
  std::uint32_t depth = 1;
  const char* view_name = nullptr;  // of a kView: "dict_items", ...; "group" for a tuple of |groupby
};

// Keeps the order of insertion. Never changed once it can be seen: the sandbox forbids templates to.
struct Dict : Object {
  std::vector<std::pair<Value, Value>> items;
  std::uint32_t depth = 1;
  // Used from kIndexedSize items on.
  std::unordered_multimap<std::size_t, std::uint32_t> index;
  static constexpr std::size_t kIndexedSize = 12;

  const Value* find(std::string_view key) const;
  // Throws RenderError where `key` cannot be a key.
  const Value* find(const Value& key, Budget& budget) const;
  void set(Value key, Value value, Budget& budget);
};

struct Range : Object {
  Range(std::int64_t first, std::int64_t end, std::int64_t by) : start(first), stop(end), step(by) {}
  std::int64_t start, stop, step;
  std::int64_t size() const;
};

struct Iterator : Object {
  // Gives the next item; false at the end. Raises what a generator would raise there.
  bool take(Value& out);
  std::vector<Value> items;
  std::size_t next = 0;
  std::string error;  // raised behind the last item; "" for none
  const char* name = "generator";
};

struct Namespace : Object {
  std::vector<std::pair<std::string, Value>> items;
  const Value* find(std::string_view name) const;
  void set(std::string_view name, Value value);
};

// What an undefined value says when it is used.
struct UndefinedInfo : Object {
  std::string message;
};

inline const String& Value::string() const {
  return *static_cast<String*>(as_.object);
}
inline const std::string& Value::text() const {
  return string().text;
}
inline const List& Value::list() const {
  return *static_cast<List*>(as_.object);
}
inline const Dict& Value::dict() const {
  return *static_cast<Dict*>(as_.object);
}
inline const Range& Value::range() const {
  return *static_cast<Range*>(as_.object);
}
inline Iterator& Value::iterator() const {
  return *static_cast<Iterator*>(as_.object);
}
inline Namespace& Value::names() const {
  return *static_cast<Namespace*>(as_.object);
}

Value make_string(std::string text, Budget& budget);
Value make_list(std::vector<Value> items, Budget& budget, Type type = Type::kList);
Value make_view(std::vector<Value> items, const char* name, Budget& budget);
Value make_iterator(std::vector<Value> items, Budget& budget, const char* name = "generator");
Value make_pair(Value first, Value second, Budget& budget);  // a tuple
// `hint` is the message of the error that using it raises.
Value make_undefined(std::string hint);
Value undefined_name(std::string_view name);
// What obj[name] or obj.name gives where there is none.
Value undefined_member(const Value& object, const Value& name, Budget& budget);

// "str", "list", "NoneType", ...: Python's type(value).__name__.
std::string type_name(const Value& value);
bool truth(const Value& value);
// Throws RenderError with Python's message where the value has no length.
std::int64_t length_of(const Value& value);
bool equal(const Value& a, const Value& b, Budget& budget);
// < 0, 0, > 0; throws RenderError where Python does not order the two. `op` is named in the message.
int compare(const Value& a, const Value& b, const char* op, Budget& budget);  // NaN: 2
// `a op b` for op in {"<", "<=", ">", ">="}; false with NaN.
bool ordered(const Value& a, const Value& b, const char* op, Budget& budget);
std::size_t hash_of(const Value& value, Budget& budget);
// `item in container`.
bool contains(const Value& container, const Value& item, Budget& budget);
// All items; an iterator is used up. Throws RenderError where Python cannot iterate.
std::vector<Value> items_of(const Value& value, Budget& budget);
[[noreturn]] void raise_undefined(const Value& value);

// str(value) and repr(value).
void append_str(std::string& out, const Value& value, Budget& budget);
std::string str(const Value& value, Budget& budget);
void append_repr(std::string& out, const Value& value, Budget& budget);
std::string repr(const Value& value, Budget& budget);
void append_string_repr(std::string& out, std::string_view text);
// Python's repr(float): the fewest digits that read back the same.
std::string float_repr(double value);

Value from_json(const nlohmann::ordered_json& json, Budget& budget);

}  // namespace vernier::jinja
