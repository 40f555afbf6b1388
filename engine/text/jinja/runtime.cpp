#include "engine/text/jinja/runtime.h"

#include <nlohmann/json.hpp>

#include "engine/text/jinja/callables.h"
#include "engine/text/jinja/operators.h"

namespace vernier::jinja {

Value* Scope::find(int slot) {
  for (auto& value : values) {
    if (value.first == slot) return &value.second;
  }
  return nullptr;
}

void Scope::set(int slot, Value value) {
  if (Value* found = find(slot)) {
    *found = std::move(value);
  } else {
    values.emplace_back(slot, std::move(value));
  }
}

Runtime::Runtime(const Ast& ast, const nlohmann::ordered_json& context, const Limits& limits,
                 std::optional<std::time_t> now)
    : budget(limits),
      ast_(ast),
      context_(context),
      now_(now),
      known_(ast.names.size()),
      is_known_(ast.names.size(), false) {}

// Namespaces, and macros with the scope that they were defined in, may refer to themselves.
Runtime::~Runtime() {
  for (const Value& value : namespaces_) value.names().items.clear();
  for (const Value& value : macros_) static_cast<Macro*>(value.object())->closure = Ref<Scope>();
}

std::string Runtime::render(std::vector<Span>& generation) {
  std::string out;
  root_out_ = &out;
  root_ = Ref<Scope>(new Scope(Ref<Scope>()));
  hide(ast_.missing, root_);
  run(ast_.body, root_, out);
  budget.check_output(out.size());
  generation = std::move(spans_);
  place_spans(out, generation);
  return out;
}

// A block inside a macro or {% set %} is written later than it is run: it is sought from where the output was then.
void Runtime::place_spans(const std::string& out, std::vector<Span>& generation) {
  for (const Unplaced& span : unplaced_) {
    const std::size_t at = std::string_view(out).substr(0, span.to).find(span.text, span.from);
    if (at == std::string_view::npos) {
      ++lost_generation_;
    } else {
      generation.push_back({at, at + span.text.size()});
    }
  }
}

void Runtime::bound_unplaced(std::size_t first, const std::string& out) {
  if (&out != root_out_) return;
  for (std::size_t i = first; i < unplaced_.size(); ++i) unplaced_[i].to = out.size();
}

Ref<Scope> Runtime::inner(const Ref<Scope>& scope) {
  budget.step();
  return Ref<Scope>(new Scope(scope));
}

Ref<Scope> Runtime::inner(const Ref<Scope>& scope, const Stmt& stmt, std::size_t body) {
  Ref<Scope> out = inner(scope);
  hide(stmt.missing[body], out);
  return out;
}

void Runtime::hide(const std::vector<int>& slots, const Ref<Scope>& scope) {
  for (const int slot : slots) scope->set(slot, undefined_name(ast_.names[static_cast<std::size_t>(slot)]));
}

Value Runtime::make_namespace(std::vector<std::pair<std::string, Value>> items) {
  budget.make(256 + items.size() * 64);
  auto* names = new Namespace;
  const Value value = Value::of(Type::kNamespace, names);
  names->items = std::move(items);
  namespaces_.push_back(value);
  return value;
}

Runtime::Flow Runtime::run(const Body& body, const Ref<Scope>& scope, std::string& out) {
  for (const auto& stmt : body) {
    const Flow flow = run_stmt(*stmt, scope, out);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Runtime::Flow Runtime::run_stmt(const Stmt& stmt, const Ref<Scope>& scope, std::string& out) {
  const DepthGuard guard(budget);
  budget.step();
  line_ = stmt.line;
  const std::size_t first_unplaced = unplaced_.size();
  switch (stmt.kind) {
    case StmtKind::kData:
      out += stmt.text;
      budget.check_output(out.size());
      return Flow::kNext;
    case StmtKind::kPrint:
      for (const ExprPtr& expr : stmt.exprs) append_str(out, eval(*expr, scope), budget);
      bound_unplaced(first_unplaced, out);
      return Flow::kNext;
    case StmtKind::kIf:
      return run_if(stmt, scope, out);
    case StmtKind::kFor:
      if (stmt.flag) {
        out += run_loop(stmt, eval(*stmt.exprs[1], scope), scope, 0);
        budget.check_output(out.size());
      } else {
        run_for(stmt, eval(*stmt.exprs[1], scope), scope, out, 0);
      }
      return Flow::kNext;
    case StmtKind::kSet:
      assign(*stmt.exprs[0], eval(*stmt.exprs[1], scope), scope);
      return Flow::kNext;
    case StmtKind::kSetBlock:
      return run_set_block(stmt, scope);
    case StmtKind::kMacro:
      define_macro(stmt, scope);
      return Flow::kNext;
    case StmtKind::kCallBlock:
      run_call_block(stmt, scope, out);
      bound_unplaced(first_unplaced, out);
      return Flow::kNext;
    case StmtKind::kFilterBlock: {
      const Flow flow = run_filter_block(stmt, scope, out);
      bound_unplaced(first_unplaced, out);
      return flow;
    }
    case StmtKind::kWith:
      return run_with(stmt, scope, out);
    case StmtKind::kBlock:
      run(stmt.bodies[0], inner(stmt.flag ? scope : root_, stmt), out);
      return Flow::kNext;
    case StmtKind::kGeneration:
      run_generation(stmt, scope, out);
      return Flow::kNext;
    case StmtKind::kBreak:
      return Flow::kBreak;
    case StmtKind::kContinue:
      return Flow::kContinue;
  }
  return Flow::kNext;
}

Runtime::Flow Runtime::run_if(const Stmt& stmt, const Ref<Scope>& scope, std::string& out) {
  for (std::size_t i = 0; i < stmt.exprs.size(); ++i) {
    if (truth(eval(*stmt.exprs[i], scope))) return run(stmt.bodies[i], scope, out);
  }
  return stmt.bodies.size() > stmt.exprs.size() ? run(stmt.bodies.back(), scope, out) : Flow::kNext;
}

bool Runtime::passes(const Stmt& loop, const Value& item, const Ref<Scope>& outer) {
  if (!loop.exprs[2]) return true;
  const Ref<Scope> scope = inner(outer);
  assign(*loop.exprs[0], item, scope);
  return truth(eval(*loop.exprs[2], scope));
}

void Runtime::run_for(const Stmt& stmt, const Value& items, const Ref<Scope>& outer, std::string& out, int depth) {
  const Value loop = Value::of(Type::kLoop, new LoopContext(*this, stmt, items, outer, depth));
  auto& context = *static_cast<LoopContext*>(loop.object());
  Ref<Scope> scope = inner(outer);
  bool ran = false;  // to the end of its body: Jinja2 notes it there, so that one left early takes the else branch
  while (context.advance()) {
    budget.step();
    // A macro or loop that was kept keeps the variables it was made with.
    if (scope->owners > 1) scope = inner(outer);
    scope->values.clear();
    hide(stmt.missing[0], scope);
    scope->set(stmt.slot, loop);
    assign(*stmt.exprs[0], context.current(), scope);
    const Flow flow = run(stmt.bodies[0], scope, out);
    if (flow == Flow::kBreak) break;
    ran = ran || flow == Flow::kNext;
  }
  if (!ran && stmt.bodies.size() > 1) run(stmt.bodies[1], inner(outer, stmt, 1), out);
}

std::string Runtime::run_loop(const Stmt& loop, const Value& items, const Ref<Scope>& outer, int depth) {
  std::string out;
  run_for(loop, items, outer, out, depth);
  return out;
}

Runtime::Flow Runtime::run_set_block(const Stmt& stmt, const Ref<Scope>& scope) {
  std::string text;
  const Ref<Scope> body = inner(scope, stmt);
  const Flow flow = run(stmt.bodies[0], body, text);
  if (flow != Flow::kNext) return flow;
  Value value = make_string(std::move(text), budget);
  if (stmt.exprs[1]) value = eval_block_filter(*stmt.exprs[1], value, body);
  if (!value.is_string()) value = make_string(str(value, budget), budget);
  assign(*stmt.exprs[0], value, scope);
  return Flow::kNext;
}

void Runtime::run_call_block(const Stmt& stmt, const Ref<Scope>& scope, std::string& out) {
  budget.make(128);
  const Value caller = Value::of(Type::kCallable, new Macro(stmt, scope));
  append_str(out, eval_call(*stmt.exprs[0], scope, &caller), budget);
}

Runtime::Flow Runtime::run_filter_block(const Stmt& stmt, const Ref<Scope>& scope, std::string& out) {
  std::string text;
  const Ref<Scope> body = inner(scope, stmt);
  const Flow flow = run(stmt.bodies[0], body, text);
  if (flow != Flow::kNext) return flow;
  const Value filtered = eval_block_filter(*stmt.exprs[0], make_string(std::move(text), budget), body);
  if (!filtered.is_string()) {
    throw RenderError("expected a str from the filter of a filter block, " + type_name(filtered) + " found");
  }
  append_str(out, filtered, budget);
  return Flow::kNext;
}

Runtime::Flow Runtime::run_with(const Stmt& stmt, const Ref<Scope>& scope, std::string& out) {
  const Ref<Scope> body = inner(scope, stmt);
  for (std::size_t i = 0; i + 1 < stmt.exprs.size(); i += 2)
    assign(*stmt.exprs[i], eval(*stmt.exprs[i + 1], scope), body);
  return run(stmt.bodies[0], body, out);
}

void Runtime::run_generation(const Stmt& stmt, const Ref<Scope>& scope, std::string& out) {
  const std::size_t begin = out.size();
  run(stmt.bodies[0], inner(scope, stmt), out);
  if (&out == root_out_) {
    spans_.push_back({begin, out.size()});
  } else {
    budget.make(64 + out.size() - begin);
    unplaced_.push_back({root_out_->size(), std::string::npos, out.substr(begin)});
  }
}

void Runtime::define_macro(const Stmt& stmt, const Ref<Scope>& scope) {
  budget.make(256);
  const Value macro = Value::of(Type::kCallable, new Macro(stmt, scope));
  macros_.push_back(macro);
  scope->set(stmt.slot, macro);
}

std::string Runtime::run_macro(const Stmt& macro, const Ref<Scope>& closure, Arguments& arguments) {
  const Signature& signature = *macro.signature;
  const Ref<Scope> scope = inner(closure, macro);
  const std::size_t count = signature.names.size();
  auto& keywords = arguments.keywords;
  const auto take_keyword = [&](const std::string& name, Value& value) {
    for (auto it = keywords.begin(); it != keywords.end(); ++it) {
      if (it->first != name) continue;
      value = std::move(it->second);
      keywords.erase(it);
      return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < count; ++i) {
    Value value;
    if (i < arguments.positional.size()) {
      value = arguments.positional[i];
    } else if (!take_keyword(signature.names[i], value)) {
      const std::size_t first_default = count - signature.defaults.size();
      value = i >= first_default ? eval(*signature.defaults[i - first_default], scope)
                                 : make_undefined("parameter '" + signature.names[i] + "' was not provided");
    }
    scope->set(signature.slots[i], std::move(value));
  }
  if (signature.uses_caller) {
    Value caller;
    if (!take_keyword("caller", caller)) caller = make_undefined("No caller defined");
    scope->set(signature.caller_slot, std::move(caller));
  }
  if (signature.uses_kwargs) {
    auto dict = std::make_unique<Dict>();
    for (const auto& keyword : keywords) dict->set(make_string(keyword.first, budget), keyword.second, budget);
    scope->set(signature.kwargs_slot, Value::of(Type::kDict, dict.release()));
  } else if (!keywords.empty()) {
    for (const auto& keyword : keywords) {
      if (keyword.first == "caller") {
        throw RenderError("macro '" + signature.name +
                          "' was invoked with two values for the special caller argument. This is most likely a bug.");
      }
    }
    throw RenderError("macro '" + signature.name + "' takes no keyword argument '" + keywords.front().first + "'");
  }
  if (signature.uses_varargs) {
    std::vector<Value> rest;
    for (std::size_t i = count; i < arguments.positional.size(); ++i) rest.push_back(arguments.positional[i]);
    scope->set(signature.varargs_slot, make_list(std::move(rest), budget, Type::kTuple));
  } else if (arguments.positional.size() > count) {
    throw RenderError("macro '" + signature.name + "' takes not more than " + std::to_string(count) + " argument(s)");
  }
  std::string out;
  run(macro.bodies[0], scope, out);
  return out;
}

void Runtime::assign(const Expr& target, const Value& value, const Ref<Scope>& scope) {
  if (target.kind == ExprKind::kName) {
    scope->set(target.slot, value);
    return;
  }
  if (target.kind == ExprKind::kMemberTarget) {
    const Value names = eval_name(target.slot, scope);
    if (!names.is(Type::kNamespace)) throw RenderError("cannot assign attribute on non-namespace object");
    check_namespace_name(target.name);
    budget.make(64);
    names.names().set(target.name, value);
    return;
  }
  const std::vector<Value> items = items_of(value, budget);
  const std::size_t count = target.items.size();
  if (items.size() < count) {
    throw RenderError("not enough values to unpack (expected " + std::to_string(count) + ", got " +
                      std::to_string(items.size()) + ")");
  }
  if (items.size() > count) throw RenderError("too many values to unpack (expected " + std::to_string(count) + ")");
  for (std::size_t i = 0; i < count; ++i) assign(*target.items[i], items[i], scope);
}

}  // namespace vernier::jinja
