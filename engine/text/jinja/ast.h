// The tree of a parsed template. Never changed after parsing, so that several threads may render it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/text/jinja/value.h"

namespace vernier::jinja {

struct Builtin;  // a filter or test, builtins.h

enum class ExprKind : std::uint8_t {
  kConst,
  kName,
  kMemberTarget,  // ns.attr on the left of {% set %}
  kList,
  kTuple,
  kDict,       // items: key, value, key, value, ...
  kAttribute,  // items[0].name
  kItem,       // items[0][items[1]]
  kSlice,      // items[0][a:b:c]: items 1 to 3, null where left out
  kCall,       // items[0](...)
  kFilter,     // items[0] | name(...); items[0] is null in {% filter %}
  kTest,       // items[0] is name(...)
  kNot,
  kNegate,
  kPlus,
  kBinary,
  kConcat,
  kCompare,  // items[0] op items[1] op items[2] ...
  kAnd,
  kOr,
  kCondition,  // items[1] if items[0] else items[2], which may be null
};

enum class Op : std::uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kFloorDiv,
  kMod,
  kPow,
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kIn,
  kNotIn
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

// What stands in the brackets of a call, filter or test.
struct CallSyntax {
  std::vector<ExprPtr> positional;
  std::vector<std::pair<std::string, ExprPtr>> keywords;
  ExprPtr star;         // *list
  ExprPtr double_star;  // **dict
};

struct Expr {
  Expr(ExprKind of_kind, int at_line) : kind(of_kind), line(at_line) {}

  ExprKind kind;
  Op op = Op::kAdd;
  int line;
  int depth = 1;
  int slot = -1;  // of a name
  std::string name;
  Value value;  // kConst; the name as a value for kAttribute
  std::vector<ExprPtr> items;
  std::vector<Op> ops;                // kCompare
  std::unique_ptr<CallSyntax> call;   // kCall, kFilter, kTest
  const Builtin* function = nullptr;  // kFilter, kTest; null: unknown, an error where it is reached
};

enum class StmtKind : std::uint8_t {
  kData,
  kPrint,
  kIf,
  kFor,
  kSet,
  kSetBlock,
  kMacro,
  kCallBlock,
  kFilterBlock,
  kWith,
  kBlock,
  kGeneration,
  kBreak,
  kContinue,
};

struct Stmt;
using Body = std::vector<std::unique_ptr<Stmt>>;

// The parameters of {% macro %} and {% call %}; the last ones have the defaults.
struct Signature {
  std::string name;
  std::vector<int> slots;
  std::vector<std::string> names;
  std::vector<ExprPtr> defaults;
  bool uses_caller = false, uses_kwargs = false, uses_varargs = false;
  int caller_slot = -1, kwargs_slot = -1, varargs_slot = -1;
};

struct Stmt {
  Stmt(StmtKind of_kind, int at_line) : kind(of_kind), line(at_line) {}
  StmtKind kind;
  int line;
  int slot = -1;               // kMacro: its name; kFor: `loop`
  bool flag = false;           // kFor: recursive; kBlock: scoped
  std::string text;            // kData
  std::vector<ExprPtr> exprs;  // kPrint; kIf: conditions; kFor: target, items, test or null; kSet: target, value;
                               // kSetBlock: target, filter or null; kCallBlock: call; kFilterBlock: filter;
                               // kWith: target, value, target, value, ...
  std::vector<Body> bodies;    // kIf: one a condition, one more for else; kFor: body, else; others: body
  std::unique_ptr<Signature> signature;
  std::vector<std::vector<int>> missing;  // of bodies that are blocks of their own: slots undefined on entry
};

struct Ast {
  std::vector<std::unique_ptr<Object>> constants;  // immortal, so kept here
  Body body;
  std::vector<std::string> names;  // by slot
  std::vector<int> missing;        // undefined at the beginning (symbols.h)
  bool has_generation = false;
};

}  // namespace vernier::jinja
