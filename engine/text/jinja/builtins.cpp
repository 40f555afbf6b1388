#include "engine/text/jinja/builtins.h"

#include <algorithm>

namespace vernier::jinja {

Bound::Bound(const char* function, const Arguments& arguments, std::initializer_list<const char*> names,
             std::size_t required) {
  const auto error = [&](const std::string& what) { throw RenderError(std::string(function) + "() " + what); };
  if (arguments.positional.size() > names.size()) {
    error("takes at most " + std::to_string(names.size()) + " arguments (" +
          std::to_string(arguments.positional.size()) + " given)");
  }
  for (std::size_t i = 0; i < arguments.positional.size(); ++i) values_[i] = &arguments.positional[i];
  for (const auto& [key, value] : arguments.keywords) {
    const auto found = std::find_if(names.begin(), names.end(), [&key = key](const char* name) { return key == name; });
    if (found == names.end()) error("got an unexpected keyword argument '" + key + "'");
    const Value*& slot = values_[static_cast<std::size_t>(found - names.begin())];
    if (slot != nullptr) error("got multiple values for argument '" + key + "'");
    slot = &value;
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (values_[i] == nullptr) {
      const char* name = *(names.begin() + i);
      error(std::string("missing required argument: '") + (name[0] == '/' ? name + 1 : name) + "'");
    }
  }
}

std::int64_t Bound::integer(std::size_t index, std::int64_t otherwise) const {
  return given(index) && !values_[index]->is_none() ? to_index(*values_[index]) : otherwise;
}

bool Bound::flag(std::size_t index) const {
  return given(index) && truth(*values_[index]);
}

const std::string& Bound::text(std::size_t index, const char* function) const {
  const Value& value = *values_[index];
  if (!value.is_string()) {
    throw RenderError(std::string(function) + "() argument " + std::to_string(index + 1) + " must be str, not " +
                      type_name(value));
  }
  return value.text();
}

std::int64_t to_index(const Value& value) {
  if (value.is_undefined()) raise_undefined(value);
  if (!value.is_integral()) throw RenderError("'" + type_name(value) + "' object cannot be interpreted as an integer");
  return value.as_int();
}

const std::string& to_text(const Value& value) {
  if (value.is_undefined()) raise_undefined(value);
  if (!value.is_string()) throw RenderError("expected a str, got " + type_name(value));
  return value.text();
}

}  // namespace vernier::jinja
