#include "engine/text/jinja/symbols.h"

#include <unordered_set>
#include <utility>
#include <vector>

namespace vernier::jinja {
namespace {

struct Frame {
  const Frame* parent = nullptr;
  std::unordered_set<int> known;  // read, set or taken as a parameter

  bool around_knows(int slot) const {
    for (const Frame* frame = parent; frame != nullptr; frame = frame->parent) {
      if (frame->known.contains(slot)) return true;
    }
    return false;
  }
};

class Finder {
 public:
  explicit Finder(const Frame* parent) { frame_.parent = parent; }

  void take(int slot) { frame_.known.insert(slot); }
  void take_target(const Expr& target) {
    if (target.kind == ExprKind::kName) take(target.slot);
    for (const ExprPtr& item : target.items) take_target(*item);
  }

  void read(const ExprPtr& expr) {
    if (!expr) return;
    if (expr->kind == ExprKind::kName || expr->kind == ExprKind::kMemberTarget) take(expr->slot);
    for (const ExprPtr& item : expr->items) read(item);
    if (!expr->call) return;
    for (const ExprPtr& argument : expr->call->positional) read(argument);
    for (const auto& [name, argument] : expr->call->keywords) read(argument);
    read(expr->call->star);
    read(expr->call->double_star);
  }

  void walk(const Body& body, bool branch) {
    for (const auto& stmt : body) statement(*stmt, branch);
  }

  // What is set first, once the blocks inside have been looked through.
  std::vector<int> finish() {
    for (auto& [stmt, index] : inside_) stmt->missing[index] = block(*stmt, index);
    std::vector<int> missing;
    for (const int slot : set_first_) {
      if (!frame_.around_knows(slot)) missing.push_back(slot);
    }
    return missing;
  }

 private:
  void set(const Expr& target, bool branch) {
    if (target.kind == ExprKind::kName) {
      if (frame_.known.insert(target.slot).second && !branch) set_first_.push_back(target.slot);
    } else if (target.kind == ExprKind::kMemberTarget) {
      take(target.slot);
    }
    for (const ExprPtr& item : target.items) set(*item, branch);
  }

  void statement(Stmt& stmt, bool branch) {
    switch (stmt.kind) {
      case StmtKind::kPrint:
        for (const ExprPtr& expr : stmt.exprs) read(expr);
        return;
      case StmtKind::kIf:
        read(stmt.exprs[0]);
        for (std::size_t i = 0; i < stmt.bodies.size(); ++i) {
          if (i > 0 && i < stmt.exprs.size()) read(stmt.exprs[i]);
          walk(stmt.bodies[i], true);
        }
        return;
      case StmtKind::kFor:
        read(stmt.exprs[1]);
        break;
      case StmtKind::kSet:
        read(stmt.exprs[1]);
        set(*stmt.exprs[0], branch);
        return;
      case StmtKind::kSetBlock:
        set(*stmt.exprs[0], branch);
        break;
      case StmtKind::kMacro:
        if (frame_.known.insert(stmt.slot).second && !branch) set_first_.push_back(stmt.slot);
        break;
      case StmtKind::kCallBlock:
      case StmtKind::kFilterBlock:
        read(stmt.exprs[0]);
        break;
      case StmtKind::kWith:
        for (std::size_t i = 1; i < stmt.exprs.size(); i += 2) read(stmt.exprs[i]);
        break;
      case StmtKind::kBlock:
      case StmtKind::kGeneration:
        break;
      case StmtKind::kData:
      case StmtKind::kBreak:
      case StmtKind::kContinue:
        return;
    }
    stmt.missing.resize(stmt.bodies.size());
    for (std::size_t i = 0; i < stmt.bodies.size(); ++i) inside_.emplace_back(&stmt, i);
  }

  // A body that is a block of its own.
  std::vector<int> block(Stmt& stmt, std::size_t index) const {
    // A {% block %} is compiled for itself.
    Finder inner(stmt.kind == StmtKind::kBlock ? nullptr : &frame_);
    if (stmt.kind == StmtKind::kFor && index == 0) {
      inner.take(stmt.slot);
      inner.take_target(*stmt.exprs[0]);
    }
    if (stmt.kind == StmtKind::kWith) {
      for (std::size_t i = 0; i < stmt.exprs.size(); i += 2) inner.take_target(*stmt.exprs[i]);
    }
    if (stmt.kind == StmtKind::kCallBlock || stmt.kind == StmtKind::kFilterBlock) inner.read(stmt.exprs[0]);
    if (stmt.signature) {
      for (const int slot : stmt.signature->slots) inner.take(slot);
      for (const int slot : {stmt.signature->caller_slot, stmt.signature->kwargs_slot, stmt.signature->varargs_slot}) {
        inner.take(slot);
      }
      for (const ExprPtr& value : stmt.signature->defaults) inner.read(value);
    }
    inner.walk(stmt.bodies[index], false);
    return inner.finish();
  }

  Frame frame_;
  std::vector<int> set_first_;
  std::vector<std::pair<Stmt*, std::size_t>> inside_;
};

}  // namespace

void find_missing(Ast& ast) {
  Finder root(nullptr);
  root.walk(ast.body, false);
  ast.missing = root.finish();
}

}  // namespace vernier::jinja
