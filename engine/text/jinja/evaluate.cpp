// Expressions.
#include <nlohmann/json.hpp>

#include "engine/text/jinja/callables.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/runtime.h"
#include "engine/text/jinja/unicode.h"

namespace vernier::jinja {
namespace {

const Builtin* method_of(const Value& object, std::string_view name) {
  return object.is_string() ? find_string_method(name) : find_method(object, name);
}

Value unsafe_member(const Value& object, const std::string& name) {
  return make_undefined("access to attribute '" + name + "' of '" + type_name(object) + "' object is unsafe.");
}

bool is_internal(std::string_view name) {
  return name.size() > 4 && name.starts_with("__") && name.ends_with("__");
}

// The place that `index` means in a sequence of `size` items; -1: none.
std::int64_t place_of(std::int64_t index, std::int64_t size) {
  if (index < 0) index += size;
  return index >= 0 && index < size ? index : -1;
}

}  // namespace

Value Runtime::eval(const Expr& expr, const Ref<Scope>& scope) {
  budget.step();
  switch (expr.kind) {
    case ExprKind::kConst:
      return expr.value;
    case ExprKind::kName:
      return eval_name(expr.slot, scope);
    default: {
      const DepthGuard guard(budget);
      return eval_compound(expr, scope);
    }
  }
}

Value Runtime::eval_compound(const Expr& expr, const Ref<Scope>& scope) {
  switch (expr.kind) {
    case ExprKind::kList:
    case ExprKind::kTuple:
      return eval_list(expr, scope);
    case ExprKind::kDict:
      return eval_dict(expr, scope);
    case ExprKind::kAttribute: {
      const Value object = eval(*expr.items[0], scope);
      line_ = expr.line;
      return attribute(object, expr.value);
    }
    case ExprKind::kItem: {
      const Value object = eval(*expr.items[0], scope);
      const Value key = eval(*expr.items[1], scope);
      line_ = expr.line;
      return item(object, key);
    }
    case ExprKind::kSlice:
      return eval_slice(expr, scope);
    case ExprKind::kCall:
      return eval_call(expr, scope);
    case ExprKind::kFilter:
    case ExprKind::kTest:
      return eval_filter(expr, eval(*expr.items[0], scope), scope);
    case ExprKind::kNot:
      return Value::boolean(!truth(eval(*expr.items[0], scope)));
    case ExprKind::kNegate:
      return negate(eval(*expr.items[0], scope));
    case ExprKind::kPlus:
      return plus(eval(*expr.items[0], scope));
    case ExprKind::kBinary: {
      const Value a = eval(*expr.items[0], scope);
      const Value b = eval(*expr.items[1], scope);
      line_ = expr.line;
      return binary(expr.op, a, b, budget);
    }
    case ExprKind::kConcat:
      return eval_concat(expr, scope);
    case ExprKind::kCompare:
      return eval_compare(expr, scope);
    case ExprKind::kAnd: {
      Value a = eval(*expr.items[0], scope);
      return truth(a) ? eval(*expr.items[1], scope) : a;
    }
    case ExprKind::kOr: {
      Value a = eval(*expr.items[0], scope);
      return truth(a) ? a : eval(*expr.items[1], scope);
    }
    default:
      return eval_condition(expr, scope);
  }
}

Value Runtime::eval_name(int slot, const Ref<Scope>& scope) {
  for (Scope* s = scope.get(); s != nullptr; s = s->parent.get()) {
    if (const Value* found = s->find(slot)) return *found;
  }
  const auto index = static_cast<std::size_t>(slot);
  if (!is_known_[index]) {
    const std::string& name = ast_.names[index];
    if (const auto it = context_.find(name); it != context_.end()) {
      known_[index] = from_json(*it, budget);
    } else if (const Builtin* global = find_global(name)) {
      known_[index] = Value::of(Type::kCallable, new BoundMethod(Value(), global->function));
    } else {
      known_[index] = undefined_name(name);
    }
    is_known_[index] = true;
  }
  return known_[index];
}

Value Runtime::eval_list(const Expr& expr, const Ref<Scope>& scope) {
  std::vector<Value> items;
  items.reserve(expr.items.size());
  for (const ExprPtr& part : expr.items) items.push_back(eval(*part, scope));
  return make_list(std::move(items), budget, expr.kind == ExprKind::kList ? Type::kList : Type::kTuple);
}

Value Runtime::eval_dict(const Expr& expr, const Ref<Scope>& scope) {
  auto dict = std::make_unique<Dict>();
  for (std::size_t i = 0; i + 1 < expr.items.size(); i += 2) {
    Value key = eval(*expr.items[i], scope);
    dict->set(std::move(key), eval(*expr.items[i + 1], scope), budget);
  }
  return Value::of(Type::kDict, dict.release());
}

Value Runtime::eval_slice(const Expr& expr, const Ref<Scope>& scope) {
  const Value object = eval(*expr.items[0], scope);
  Value parts[3];
  for (std::size_t i = 0; i < 3; ++i) parts[i] = expr.items[i + 1] ? eval(*expr.items[i + 1], scope) : Value::none();
  line_ = expr.line;
  if (object.is_undefined()) raise_undefined(object);
  if (object.is_dict()) throw RenderError("unhashable type: 'slice'");
  if (!object.is_string() && !object.is_sequence() && !object.is(Type::kRange)) {
    throw RenderError("'" + type_name(object) + "' object is not subscriptable");
  }
  return slice(object, parts[0], parts[1], parts[2], budget);
}

Value Runtime::eval_compare(const Expr& expr, const Ref<Scope>& scope) {
  Value left = eval(*expr.items[0], scope);
  for (std::size_t i = 0; i < expr.ops.size(); ++i) {
    Value right = eval(*expr.items[i + 1], scope);
    line_ = expr.line;
    if (!compare_with(expr.ops[i], left, right, budget)) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Runtime::eval_concat(const Expr& expr, const Ref<Scope>& scope) {
  std::string out;
  for (const ExprPtr& part : expr.items) append_str(out, eval(*part, scope), budget);
  return make_string(std::move(out), budget);
}

Value Runtime::eval_condition(const Expr& expr, const Ref<Scope>& scope) {
  if (truth(eval(*expr.items[0], scope))) return eval(*expr.items[1], scope);
  if (expr.items[2]) return eval(*expr.items[2], scope);
  return make_undefined("the inline if-expression on line " + std::to_string(expr.line) +
                        " evaluated to false and no else section was defined.");
}

Arguments Runtime::eval_arguments(const CallSyntax& syntax, const Ref<Scope>& scope) {
  Arguments out;
  out.positional.reserve(syntax.positional.size());
  for (const ExprPtr& part : syntax.positional) out.positional.push_back(eval(*part, scope));
  for (const auto& [name, part] : syntax.keywords) out.keywords.emplace_back(name, eval(*part, scope));
  if (syntax.star) {
    for (Value& value : items_of(eval(*syntax.star, scope), budget)) out.positional.push_back(std::move(value));
  }
  if (syntax.double_star) {
    const Value dict = eval(*syntax.double_star, scope);
    if (!dict.is_dict()) throw RenderError("argument after ** must be a mapping, not " + type_name(dict));
    for (const auto& [key, value] : dict.dict().items) {
      if (!key.is_string()) throw RenderError("keywords must be strings");
      for (const auto& keyword : out.keywords) {
        if (keyword.first == key.text())
          throw RenderError("got multiple values for keyword argument '" + key.text() + "'");
      }
      out.keywords.emplace_back(key.text(), value);
    }
  }
  return out;
}

Value Runtime::eval_call(const Expr& expr, const Ref<Scope>& scope, const Value* caller) {
  const Expr& callee = *expr.items[0];
  // object.method(...) needs no bound method.
  if (callee.kind == ExprKind::kAttribute) {
    const Value object = eval(*callee.items[0], scope);
    const Builtin* method = method_of(object, callee.name);
    const Value function = method == nullptr ? attribute(object, callee.value) : Value();
    Arguments arguments = eval_arguments(*expr.call, scope);
    if (caller != nullptr) arguments.keywords.emplace_back("caller", *caller);
    line_ = expr.line;
    return method != nullptr ? method->function(*this, object, arguments) : call(function, arguments);
  }
  const Value function = eval(callee, scope);
  Arguments arguments = eval_arguments(*expr.call, scope);
  if (caller != nullptr) arguments.keywords.emplace_back("caller", *caller);
  line_ = expr.line;
  return call(function, arguments);
}

// In {% filter a|b %} and {% set x | a | b %} the innermost filter has no input of its own.
Value Runtime::eval_block_filter(const Expr& expr, const Value& text, const Ref<Scope>& scope) {
  const DepthGuard guard(budget);
  return eval_filter(expr, expr.items[0] ? eval_block_filter(*expr.items[0], text, scope) : text, scope);
}

Value Runtime::eval_filter(const Expr& expr, const Value& given, const Ref<Scope>& scope) {
  if (expr.function == nullptr) {
    throw RenderError(std::string("No ") + (expr.kind == ExprKind::kFilter ? "filter" : "test") + " named '" +
                      expr.name + "' found.");
  }
  Arguments arguments = eval_arguments(*expr.call, scope);
  line_ = expr.line;
  return expr.function->function(*this, given, arguments);
}

Value Runtime::call(const Value& callee, Arguments& arguments) {
  const DepthGuard guard(budget);
  if (callee.is(Type::kCallable)) return static_cast<Callable*>(callee.object())->call(*this, arguments);
  if (callee.is(Type::kLoop)) return static_cast<LoopContext*>(callee.object())->call(arguments);
  if (callee.is_undefined()) raise_undefined(callee);
  throw RenderError("'" + type_name(callee) + "' object is not callable");
}

// Python's getattr(object, name): what there is besides items.
Value Runtime::method_or_member(const Value& object, const Value& name, bool& found) {
  const std::string& text = name.text();
  found = true;
  if (is_internal(text) || is_mutating_method(object, text)) return unsafe_member(object, text);
  if (const Builtin* method = method_of(object, text)) {
    budget.make(64);
    return Value::of(Type::kCallable, new BoundMethod(object, method->function));
  }
  if (object.is(Type::kNamespace)) {
    if (const Value* value = object.names().find(text)) return *value;
  } else if (object.is(Type::kLoop)) {
    if (auto value = static_cast<LoopContext*>(object.object())->attribute(text)) return *value;
  } else if (object.is(Type::kTuple) && object.list().view_name != nullptr) {
    if (text == "grouper") return object.list().items[0];
    if (text == "list") return object.list().items[1];
  } else if (object.is(Type::kCallable)) {
    if (const auto* macro = dynamic_cast<Macro*>(object.object()); macro != nullptr && text == "name") {
      return make_string(macro->definition.signature->name, budget);
    }
    if (const auto* cycler = dynamic_cast<Cycler*>(object.object()); cycler != nullptr && text == "current") {
      return cycler->current();
    }
  }
  found = false;
  return {};
}

Value Runtime::attribute(const Value& object, const Value& name) {
  if (object.is_undefined()) raise_undefined(object);
  bool found = false;
  Value member = method_or_member(object, name, found);
  if (found) return member;
  if (object.is_dict()) {
    if (const Value* value = object.dict().find(std::string_view(name.text()))) return *value;
  }
  return undefined_member(object, name, budget);
}

Value Runtime::item(const Value& object, const Value& key) {
  switch (object.type()) {
    case Type::kUndefined:
      raise_undefined(object);
    case Type::kDict:
      if (key.is(Type::kList) || key.is_dict()) break;  // no key: not found
      if (const Value* value = object.dict().find(key, budget)) return *value;
      break;
    case Type::kList:
    case Type::kTuple: {
      if (!key.is_integral()) break;
      const auto& items = object.list().items;
      const std::int64_t place = place_of(key.as_int(), static_cast<std::int64_t>(items.size()));
      if (place >= 0) return items[static_cast<std::size_t>(place)];
      break;
    }
    case Type::kRange: {
      if (!key.is_integral()) break;
      const std::int64_t place = place_of(key.as_int(), object.range().size());
      if (place >= 0) return Value::integer(object.range().start + place * object.range().step);
      break;
    }
    case Type::kString: {
      if (!key.is_integral()) break;
      const std::int64_t place = place_of(key.as_int(), object.string().length());
      if (place < 0) break;
      const std::string& text = object.text();
      if (object.string().is_ascii()) return make_string(std::string(1, text[static_cast<std::size_t>(place)]), budget);
      budget.look(text.size());
      const std::size_t at = offset_of(text, place);
      return make_string(text.substr(at, offset_of(std::string_view(text).substr(at), 1)), budget);
    }
    default:
      break;
  }
  if (key.is_string()) {
    bool found = false;
    Value member = method_or_member(object, key, found);
    if (found) return member;
  }
  return undefined_member(object, key, budget);
}

}  // namespace vernier::jinja
