// The functions a template can call: filters, tests, methods of Python's types, globals.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/jinja/value.h"

namespace vernier::jinja {

class Runtime;

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> keywords;
};

// `self` is what stands before "|", "is" or "."; undefined for globals.
using Function = Value (*)(Runtime& runtime, const Value& self, Arguments& arguments);
struct Builtin {
  std::string_view name;
  Function function;
};

const Builtin* find_filter(std::string_view name);  // nullptr: none
const Builtin* find_test(std::string_view name);
const Builtin* find_global(std::string_view name);
const Builtin* find_string_method(std::string_view name);
// Of int, float, list, tuple, dict and their like.
const Builtin* find_method(const Value& self, std::string_view name);
// A method that would change its object, which the sandbox forbids.
bool is_mutating_method(const Value& self, std::string_view name);

// Looks `name` up in a table sorted by name.
template <std::size_t N>
const Builtin* find_builtin(const std::array<Builtin, N>& table, std::string_view name) {
  std::size_t low = 0, high = N;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (table[middle].name < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < N && table[low].name == name ? &table[low] : nullptr;
}

// The arguments by parameter. A name that starts with "/" takes its argument by position only.
class Bound {
 public:
  // Throws RenderError with Python's message for too many, too few, unknown or doubled arguments.
  Bound(const char* function, const Arguments& arguments, std::initializer_list<const char*> names,
        std::size_t required = 0);
  const Value* operator[](std::size_t index) const { return values_[index]; }
  bool given(std::size_t index) const { return values_[index] != nullptr; }
  // What a parameter with a default holds; None counts as not given.
  std::int64_t integer(std::size_t index, std::int64_t otherwise) const;
  bool flag(std::size_t index) const;  // false where not given
  const std::string& text(std::size_t index, const char* function) const;

 private:
  std::array<const Value*, 6> values_{};
};

// Raises unless `value` is an int (or bool, or undefined: its own error).
std::int64_t to_index(const Value& value);
const std::string& to_text(const Value& value);

// Anything a template can call.
struct Callable : Object {
  virtual Value call(Runtime& runtime, Arguments& arguments) = 0;
};

}  // namespace vernier::jinja
