// What templates can call besides built-in functions: macros, loops, bound methods, joiners and cyclers.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/runtime.h"

namespace vernier::jinja {

class Macro : public Callable {
 public:
  Macro(const Stmt& of_definition, Ref<Scope> of_closure) : definition(of_definition), closure(std::move(of_closure)) {}
  const char* type_name() const override { return "Macro"; }
  Value call(Runtime& runtime, Arguments& arguments) override {
    return make_string(runtime.run_macro(definition, closure, arguments), runtime.budget);
  }
  const Stmt& definition;
  Ref<Scope> closure;
};

class BoundMethod : public Callable {
 public:
  BoundMethod(Value self, Function function) : self_(std::move(self)), function_(function) {}
  const char* type_name() const override { return "builtin_function_or_method"; }
  Value call(Runtime& runtime, Arguments& arguments) override { return function_(runtime, self_, arguments); }

 private:
  Value self_;
  Function function_;
};

// joiner(): "" the first time, then the separator.
class Joiner : public Callable {
 public:
  explicit Joiner(Value separator) : separator_(std::move(separator)) {}
  const char* type_name() const override { return "Joiner"; }
  Value call(Runtime& runtime, Arguments& arguments) override;

 private:
  Value separator_;
  bool used_ = false;
};

// cycler(...): its values in turn, by next().
class Cycler : public Callable {
 public:
  explicit Cycler(std::vector<Value> items) : items_(std::move(items)) {}
  const char* type_name() const override { return "Cycler"; }
  Value call(Runtime& runtime, Arguments& arguments) override;
  const Value& current() const { return items_[position_]; }
  Value next();
  void reset() { position_ = 0; }

 private:
  std::vector<Value> items_;
  std::size_t position_ = 0;
};

// The `loop` of a for loop. Items are taken as they are needed: the loop's condition may depend on what its body did.
class LoopContext : public Object {
 public:
  LoopContext(Runtime& runtime, const Stmt& stmt, Value source, Ref<Scope> outer, int depth);
  const char* type_name() const override { return "LoopContext"; }

  bool advance();
  const Value& current() const { return current_; }
  // loop.index and the like; nothing where there is no such attribute.
  std::optional<Value> attribute(const std::string& name);
  Value call(Arguments& arguments);  // of a recursive loop
  Value cycle(const std::vector<Value>& values) const;
  Value changed(std::vector<Value> values);

 private:
  bool pull(Value& out);
  bool pull_raw(Value& out);
  bool peek();
  std::int64_t length();

  Runtime& runtime_;
  const Stmt& stmt_;
  Value source_;
  Ref<Scope> outer_;
  int depth_;
  std::vector<Value> items_;  // of a source that is no list
  bool uses_items_ = false;
  std::size_t next_ = 0;
  std::int64_t index0_ = -1;
  std::int64_t length_ = -1;
  Value previous_, current_, after_;
  bool has_after_ = false;
  Value last_changed_;
  bool has_changed_ = false;
  std::vector<Value> rest_;  // the items left, found when the length was asked for
  std::size_t rest_next_ = 0;
  bool has_rest_ = false;
};

// Throws RenderError for a name that starts with "_".
void check_namespace_name(const std::string& name);

}  // namespace vernier::jinja
