// Renders a parsed template.
#pragma once

#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/budget.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/value.h"

namespace vernier::jinja {

// The variables of one block, by slot. What is set inside a block is not seen outside of it.
struct Scope : Object {
  explicit Scope(Ref<Scope> outer) : parent(std::move(outer)) {}
  Value* find(int slot);
  void set(int slot, Value value);
  Ref<Scope> parent;
  std::vector<std::pair<int, Value>> values;
};

// Bytes of the output, from `begin` to `end`.
struct Span {
  std::size_t begin = 0, end = 0;
};

class LoopContext;

class Runtime {
 public:
  // `ast` and `context` (an object) must outlive this. now: for strftime_now, in place of the clock.
  Runtime(const Ast& ast, const nlohmann::ordered_json& context, const Limits& limits,
          std::optional<std::time_t> now = std::nullopt);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Once. Throws RenderError; line() then tells where.
  std::string render(std::vector<Span>& generation);
  int line() const { return line_; }
  // {% generation %} blocks whose text does not stand in the output: something changed it on its way.
  std::size_t lost_generation() const { return lost_generation_; }

  // For builtins.
  Budget budget;
  std::time_t now() const { return now_ ? *now_ : std::time(nullptr); }
  Value item(const Value& object, const Value& key);        // object[key]
  Value attribute(const Value& object, const Value& name);  // object.name
  Value call(const Value& callee, Arguments& arguments);
  // Kept until the end of the rendering, so that what refers to itself is freed.
  Value make_namespace(std::vector<std::pair<std::string, Value>> items);

  // For macros and loops.
  std::string run_macro(const Stmt& macro, const Ref<Scope>& closure, Arguments& arguments);
  std::string run_loop(const Stmt& loop, const Value& items, const Ref<Scope>& outer, int depth);
  bool passes(const Stmt& loop, const Value& item, const Ref<Scope>& outer);

 private:
  enum class Flow { kNext, kBreak, kContinue };
  struct Unplaced {
    std::size_t from;
    std::size_t to;  // of the output, as soon as it is known
    std::string text;
  };

  Flow run(const Body& body, const Ref<Scope>& scope, std::string& out);
  Flow run_stmt(const Stmt& stmt, const Ref<Scope>& scope, std::string& out);
  Flow run_if(const Stmt& stmt, const Ref<Scope>& scope, std::string& out);
  void run_for(const Stmt& stmt, const Value& items, const Ref<Scope>& scope, std::string& out, int depth);
  Flow run_set_block(const Stmt& stmt, const Ref<Scope>& scope);
  void run_call_block(const Stmt& stmt, const Ref<Scope>& scope, std::string& out);
  Flow run_filter_block(const Stmt& stmt, const Ref<Scope>& scope, std::string& out);
  Flow run_with(const Stmt& stmt, const Ref<Scope>& scope, std::string& out);
  void run_generation(const Stmt& stmt, const Ref<Scope>& scope, std::string& out);
  void define_macro(const Stmt& stmt, const Ref<Scope>& scope);
  void assign(const Expr& target, const Value& value, const Ref<Scope>& scope);
  Ref<Scope> inner(const Ref<Scope>& scope);
  // For a statement's body: with what is undefined there.
  Ref<Scope> inner(const Ref<Scope>& scope, const Stmt& stmt, std::size_t body = 0);
  void hide(const std::vector<int>& slots, const Ref<Scope>& scope);
  // What blocks wrote since `first` while a value was made for `out` stands in what `out` has now, or nowhere.
  void bound_unplaced(std::size_t first, const std::string& out);
  void place_spans(const std::string& out, std::vector<Span>& generation);

  Value eval(const Expr& expr, const Ref<Scope>& scope);
  Value eval_compound(const Expr& expr, const Ref<Scope>& scope);
  Value eval_name(int slot, const Ref<Scope>& scope);
  Value eval_list(const Expr& expr, const Ref<Scope>& scope);
  Value eval_dict(const Expr& expr, const Ref<Scope>& scope);
  Value eval_slice(const Expr& expr, const Ref<Scope>& scope);
  Value eval_compare(const Expr& expr, const Ref<Scope>& scope);
  Value eval_concat(const Expr& expr, const Ref<Scope>& scope);
  Value eval_call(const Expr& expr, const Ref<Scope>& scope, const Value* caller = nullptr);
  Value eval_filter(const Expr& expr, const Value& input, const Ref<Scope>& scope);
  Value eval_block_filter(const Expr& expr, const Value& text, const Ref<Scope>& scope);
  Value eval_condition(const Expr& expr, const Ref<Scope>& scope);
  Arguments eval_arguments(const CallSyntax& call, const Ref<Scope>& scope);
  Value method_or_member(const Value& object, const Value& name, bool& found);

  const Ast& ast_;
  const nlohmann::ordered_json& context_;
  std::optional<std::time_t> now_;
  int line_ = 1;
  // Variables of the context and globals, by slot, converted when first used.
  std::vector<Value> known_;
  std::vector<bool> is_known_;
  std::string* root_out_ = nullptr;
  Ref<Scope> root_;
  std::vector<Span> spans_;
  std::vector<Unplaced> unplaced_;  // {% generation %} inside of what is not written directly
  std::size_t lost_generation_ = 0;
  std::vector<Value> namespaces_;
  std::vector<Value> macros_;
};

}  // namespace vernier::jinja
