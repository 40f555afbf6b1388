#include <algorithm>
#include <array>

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/parser_base.h"

namespace vernier::jinja {
namespace {

struct OperatorName {
  std::string_view text;
  Op op;
};
constexpr std::array<OperatorName, 6> kComparisons = {
    {{"==", Op::kEq}, {"!=", Op::kNe}, {"<", Op::kLt}, {"<=", Op::kLe}, {">", Op::kGt}, {">=", Op::kGe}}};
constexpr std::array<OperatorName, 4> kProducts = {
    {{"*", Op::kMul}, {"/", Op::kDiv}, {"//", Op::kFloorDiv}, {"%", Op::kMod}}};

template <std::size_t N>
const OperatorName* find_operator(const std::array<OperatorName, N>& table, const Lexeme& token) {
  if (token.type != Token::kOperator) return nullptr;
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.text == token.text; });
  return found == table.end() ? nullptr : &*found;
}

int depth_of(const ExprPtr& part) {
  return part ? part->depth : 0;
}

}  // namespace

// Counts how deep the parser's own calls are nested.
class ExpressionParser::Nesting {
 public:
  explicit Nesting(ExpressionParser& parser) : parser_(parser) {
    if (++parser_.nesting_ > kMaxSourceDepth) parser_.fail("expressions are nested too deep: limit reached");
  }
  ~Nesting() { --parser_.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  ExpressionParser& parser_;
};

void ExpressionParser::fail(const std::string& message, int line) const {
  throw SyntaxError(message, line);
}

std::string ExpressionParser::describe(const Lexeme& token) {
  switch (token.type) {
    case Token::kName:
    case Token::kOperator:
      return token.text;
    case Token::kVariableBegin:
      return "begin of print statement";
    case Token::kVariableEnd:
      return "end of print statement";
    case Token::kBlockBegin:
      return "begin of statement block";
    case Token::kBlockEnd:
      return "end of statement block";
    case Token::kData:
      return "template data / text";
    case Token::kString:
      return "string";
    case Token::kInteger:
      return "integer";
    case Token::kFloat:
      return "float";
    case Token::kEnd:
      return "end of template";
  }
  return "";
}

bool ExpressionParser::skip_name(std::string_view name) {
  if (!at_name(name)) return false;
  next();
  return true;
}

bool ExpressionParser::skip_operator(std::string_view op) {
  if (!at_operator(op)) return false;
  next();
  return true;
}

void ExpressionParser::expect_operator(std::string_view op) {
  if (!skip_operator(op)) fail("expected token '" + std::string(op) + "', got '" + describe(current()) + "'");
}

void ExpressionParser::expect_name(std::string_view name) {
  if (!skip_name(name)) fail("expected token '" + std::string(name) + "', got '" + describe(current()) + "'");
}

std::string ExpressionParser::expect_any_name() {
  if (current().type != Token::kName) fail("expected token 'name', got '" + describe(current()) + "'");
  return next().text;
}

void ExpressionParser::expect(Token type) {
  if (current().type == type) {
    next();
    return;
  }
  Lexeme wanted;
  wanted.type = type;
  if (current().type == Token::kEnd) fail("unexpected end of template, expected '" + describe(wanted) + "'.");
  fail("expected token '" + describe(wanted) + "', got '" + describe(current()) + "'");
}

int ExpressionParser::slot_of(const std::string& name) {
  const auto found = std::find(ast_.names.begin(), ast_.names.end(), name);
  if (found != ast_.names.end()) return static_cast<int>(found - ast_.names.begin());
  if (ast_.names.size() >= 10000) fail("more than 10000 names: limit reached");
  ast_.names.push_back(name);
  return static_cast<int>(ast_.names.size()) - 1;
}

Value ExpressionParser::constant(std::string text) {
  auto string = std::make_unique<String>(std::move(text));
  string->length();  // found now: a constant is never written to later
  string->immortal = true;
  const Value value = Value::of(Type::kString, string.get());
  ast_.constants.push_back(std::move(string));
  return value;
}

ExprPtr ExpressionParser::make(ExprKind kind, int line) {
  return std::make_unique<Expr>(kind, line);
}

ExprPtr ExpressionParser::finish(ExprPtr node) const {
  int depth = 0;
  for (const ExprPtr& item : node->items) depth = std::max(depth, depth_of(item));
  if (node->call) {
    for (const ExprPtr& item : node->call->positional) depth = std::max(depth, depth_of(item));
    for (const auto& item : node->call->keywords) depth = std::max(depth, depth_of(item.second));
    depth = std::max({depth, depth_of(node->call->star), depth_of(node->call->double_star)});
  }
  node->depth = depth + 1;
  if (node->depth > kMaxSourceDepth) fail("expressions are nested too deep: limit reached", node->line);
  return node;
}

void ExpressionParser::note_unknown(const char* what, const std::string& name, int line) {
  unknown_.push_back({std::string("No ") + what + " named '" + name + "'.", line});
}

void ExpressionParser::check_unknown(std::size_t from) {
  if (!soft_ && unknown_.size() > from) fail(unknown_[from].message, unknown_[from].line);
  unknown_.resize(from);
}

ExprPtr ExpressionParser::parse_expression(bool with_condition) {
  const Nesting nesting(*this);
  return with_condition ? parse_condition() : parse_or();
}

ExprPtr ExpressionParser::parse_condition() {
  const int line = current().line;
  const std::size_t unknown = unknown_.size();
  ExprPtr node = parse_or();
  while (skip_name("if")) {
    ExprPtr out = make(ExprKind::kCondition, line);
    out->items.push_back(parse_or());
    out->items.push_back(std::move(node));
    out->items.push_back(skip_name("else") ? parse_expression() : nullptr);
    unknown_.resize(unknown);  // found unknown only where the branch is taken
    node = finish(std::move(out));
  }
  return node;
}

ExprPtr ExpressionParser::parse_or() {
  ExprPtr left = parse_and();
  while (at_name("or")) {
    ExprPtr node = make(ExprKind::kOr, next().line);
    node->items.push_back(std::move(left));
    node->items.push_back(parse_and());
    left = finish(std::move(node));
  }
  return left;
}

ExprPtr ExpressionParser::parse_and() {
  ExprPtr left = parse_not();
  while (at_name("and")) {
    ExprPtr node = make(ExprKind::kAnd, next().line);
    node->items.push_back(std::move(left));
    node->items.push_back(parse_not());
    left = finish(std::move(node));
  }
  return left;
}

ExprPtr ExpressionParser::parse_not() {
  if (!at_name("not")) return parse_compare();
  const Nesting nesting(*this);
  ExprPtr node = make(ExprKind::kNot, next().line);
  node->items.push_back(parse_not());
  return finish(std::move(node));
}

ExprPtr ExpressionParser::parse_compare() {
  const int line = current().line;
  ExprPtr first = parse_sum();
  ExprPtr node;
  for (;;) {
    Op op;
    if (const OperatorName* found = find_operator(kComparisons, current())) {
      op = found->op;
      next();
    } else if (skip_name("in")) {
      op = Op::kIn;
    } else if (at_name("not") && look().type == Token::kName && look().text == "in") {
      next();
      next();
      op = Op::kNotIn;
    } else {
      break;
    }
    if (!node) {
      node = make(ExprKind::kCompare, line);
      node->items.push_back(std::move(first));
    }
    node->ops.push_back(op);
    node->items.push_back(parse_sum());
  }
  return node ? finish(std::move(node)) : std::move(first);
}

ExprPtr ExpressionParser::parse_sum() {
  ExprPtr left = parse_concat();
  while (at_operator("+") || at_operator("-")) {
    ExprPtr node = make(ExprKind::kBinary, current().line);
    node->op = next().text == "+" ? Op::kAdd : Op::kSub;
    node->items.push_back(std::move(left));
    node->items.push_back(parse_concat());
    left = finish(std::move(node));
  }
  return left;
}

ExprPtr ExpressionParser::parse_concat() {
  ExprPtr first = parse_product();
  if (!at_operator("~")) return first;
  ExprPtr node = make(ExprKind::kConcat, current().line);
  node->items.push_back(std::move(first));
  while (skip_operator("~")) node->items.push_back(parse_product());
  return finish(std::move(node));
}

ExprPtr ExpressionParser::parse_product() {
  ExprPtr left = parse_power();
  while (const OperatorName* found = find_operator(kProducts, current())) {
    ExprPtr node = make(ExprKind::kBinary, next().line);
    node->op = found->op;
    node->items.push_back(std::move(left));
    node->items.push_back(parse_power());
    left = finish(std::move(node));
  }
  return left;
}

ExprPtr ExpressionParser::parse_power() {
  ExprPtr left = parse_unary(true);
  while (at_operator("**")) {
    ExprPtr node = make(ExprKind::kBinary, next().line);
    node->op = Op::kPow;
    node->items.push_back(std::move(left));
    node->items.push_back(parse_unary(true));
    left = finish(std::move(node));
  }
  return left;
}

ExprPtr ExpressionParser::parse_unary(bool with_filter) {
  const Nesting nesting(*this);
  ExprPtr node;
  if (at_operator("-") || at_operator("+")) {
    node = make(at_operator("-") ? ExprKind::kNegate : ExprKind::kPlus, current().line);
    next();
    node->items.push_back(parse_unary(false));
    node = finish(std::move(node));
  } else {
    node = parse_primary(false);
  }
  node = parse_postfix(std::move(node));
  return with_filter ? parse_filter_chain(std::move(node)) : std::move(node);
}

ExprPtr ExpressionParser::parse_primary(bool members) {
  const Lexeme& token = current();
  switch (token.type) {
    case Token::kName:
      return parse_name(members);
    case Token::kString: {
      ExprPtr node = make(ExprKind::kConst, token.line);
      std::string text;
      while (current().type == Token::kString) text += next().text;
      node->value = constant(std::move(text));
      return node;
    }
    case Token::kInteger:
    case Token::kFloat: {
      ExprPtr node = make(ExprKind::kConst, token.line);
      node->value = token.type == Token::kInteger ? Value::integer(token.integer) : Value::real(token.real);
      next();
      return node;
    }
    default:
      break;
  }
  if (skip_operator("(")) {
    ExprPtr node = parse_tuple(TupleMode::kFull, {}, true);
    expect_operator(")");
    return node;
  }
  if (at_operator("[")) return parse_list();
  if (at_operator("{")) return parse_dict();
  fail("unexpected '" + describe(token) + "'");
}

ExprPtr ExpressionParser::parse_name(bool members) {
  const int line = current().line;
  const std::string name = next().text;
  const bool is_true = name == "true" || name == "True";
  if (is_true || name == "false" || name == "False" || name == "none" || name == "None") {
    ExprPtr node = make(ExprKind::kConst, line);
    node->value = name == "none" || name == "None" ? Value::none() : Value::boolean(is_true);
    return node;
  }
  ExprPtr node = make(ExprKind::kName, line);
  if (members && skip_operator(".")) {
    node->kind = ExprKind::kMemberTarget;
    node->name = expect_any_name();
  }
  node->slot = slot_of(name);
  for (SpecialNames& special : special_names_) {
    special.caller |= name == "caller";
    special.kwargs |= name == "kwargs";
    special.varargs |= name == "varargs";
  }
  return node;
}

ExprPtr ExpressionParser::parse_tuple(TupleMode mode, std::string_view end_name, bool parentheses, bool members) {
  const int line = current().line;
  std::vector<ExprPtr> items;
  bool is_tuple = false;
  for (;;) {
    if (!items.empty()) expect_operator(",");
    const Token type = current().type;
    if (type == Token::kVariableEnd || type == Token::kBlockEnd || at_operator(")")) break;
    if (!end_name.empty() && at_name(end_name)) break;
    if (mode == TupleMode::kTarget) {
      const Nesting nesting(*this);
      items.push_back(parse_primary(members));
    } else {
      items.push_back(parse_expression(mode == TupleMode::kFull));
    }
    if (!at_operator(",")) break;
    is_tuple = true;
  }
  if (!is_tuple) {
    if (!items.empty()) return std::move(items.front());
    if (!parentheses) fail("Expected an expression, got '" + describe(current()) + "'");
  }
  ExprPtr node = make(ExprKind::kTuple, line);
  node->items = std::move(items);
  return finish(std::move(node));
}

ExprPtr ExpressionParser::parse_list() {
  ExprPtr node = make(ExprKind::kList, current().line);
  expect_operator("[");
  while (!at_operator("]")) {
    if (!node->items.empty()) expect_operator(",");
    if (at_operator("]")) break;
    node->items.push_back(parse_expression());
  }
  expect_operator("]");
  return finish(std::move(node));
}

ExprPtr ExpressionParser::parse_dict() {
  ExprPtr node = make(ExprKind::kDict, current().line);
  expect_operator("{");
  while (!at_operator("}")) {
    if (!node->items.empty()) expect_operator(",");
    if (at_operator("}")) break;
    node->items.push_back(parse_expression());
    expect_operator(":");
    node->items.push_back(parse_expression());
  }
  expect_operator("}");
  return finish(std::move(node));
}

ExprPtr ExpressionParser::parse_postfix(ExprPtr node) {
  for (;;) {
    if (at_operator(".") || at_operator("[")) {
      node = parse_subscript(std::move(node));
    } else if (at_operator("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExprPtr ExpressionParser::parse_filter_chain(ExprPtr node) {
  for (;;) {
    if (at_operator("|")) {
      node = parse_filters(std::move(node), false);
    } else if (at_name("is")) {
      node = parse_test(std::move(node));
    } else if (at_operator("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExprPtr ExpressionParser::parse_subscript(ExprPtr object) {
  const int line = current().line;
  if (skip_operator("[")) return parse_subscribed(std::move(object));
  expect_operator(".");
  const Lexeme& member = next();
  ExprPtr node = make(member.type == Token::kName ? ExprKind::kAttribute : ExprKind::kItem, line);
  node->items.push_back(std::move(object));
  if (member.type == Token::kName) {
    node->name = member.text;
    node->value = constant(member.text);
  } else if (member.type == Token::kInteger) {
    ExprPtr index = make(ExprKind::kConst, line);
    index->value = Value::integer(member.integer);
    node->items.push_back(std::move(index));
  } else {
    fail("expected name or number", member.line);
  }
  return finish(std::move(node));
}

// Behind "[": an index or a slice.
ExprPtr ExpressionParser::parse_subscribed(ExprPtr object) {
  const int line = current().line;
  ExprPtr first;
  if (!at_operator(":")) {
    first = parse_expression();
    if (!at_operator(":")) {
      ExprPtr node = make(ExprKind::kItem, line);
      node->items.push_back(std::move(object));
      if (at_operator(",")) {
        ExprPtr tuple = make(ExprKind::kTuple, line);
        tuple->items.push_back(std::move(first));
        while (skip_operator(",")) tuple->items.push_back(parse_expression());
        first = finish(std::move(tuple));
      }
      node->items.push_back(std::move(first));
      expect_operator("]");
      return finish(std::move(node));
    }
  }
  ExprPtr node = make(ExprKind::kSlice, line);
  node->items.push_back(std::move(object));
  node->items.push_back(std::move(first));
  for (int part = 0; part < 2; ++part) {
    const bool given = part == 0 ? (next(), true) : skip_operator(":");
    node->items.push_back(given && !at_operator(":") && !at_operator("]") ? parse_expression() : nullptr);
  }
  expect_operator("]");
  return finish(std::move(node));
}

std::unique_ptr<CallSyntax> ExpressionParser::parse_arguments() {
  auto call = std::make_unique<CallSyntax>();
  const int line = current().line;
  expect_operator("(");
  bool require_comma = false;
  const auto ensure = [&](bool condition) {
    if (!condition) fail("invalid syntax for function call expression", line);
  };
  while (!at_operator(")")) {
    if (require_comma) {
      expect_operator(",");
      if (at_operator(")")) break;
    }
    if (skip_operator("*")) {
      ensure(!call->star && !call->double_star);
      call->star = parse_expression();
    } else if (skip_operator("**")) {
      ensure(!call->double_star);
      call->double_star = parse_expression();
    } else if (current().type == Token::kName && look().type == Token::kOperator && look().text == "=") {
      ensure(!call->double_star);
      const std::string key = next().text;
      next();
      const bool repeated = std::any_of(call->keywords.begin(), call->keywords.end(),
                                        [&](const auto& keyword) { return keyword.first == key; });
      if (repeated) fail("keyword argument repeated: " + key, line);
      call->keywords.emplace_back(key, parse_expression());
    } else {
      ensure(!call->star && !call->double_star && call->keywords.empty());
      call->positional.push_back(parse_expression());
    }
    require_comma = true;
  }
  expect_operator(")");
  return call;
}

ExprPtr ExpressionParser::parse_call(ExprPtr callee) {
  ExprPtr node = make(ExprKind::kCall, current().line);
  node->items.push_back(std::move(callee));
  node->call = parse_arguments();
  return finish(std::move(node));
}

std::string ExpressionParser::parse_dotted_name() {
  std::string name = expect_any_name();
  while (skip_operator(".")) name += "." + expect_any_name();
  return name;
}

ExprPtr ExpressionParser::parse_filters(ExprPtr input, bool starts_inline) {
  while (at_operator("|") || starts_inline) {
    if (!starts_inline) next();
    starts_inline = false;
    ExprPtr node = make(ExprKind::kFilter, current().line);
    node->name = parse_dotted_name();
    node->function = find_filter(node->name);
    if (node->function == nullptr) note_unknown("filter", node->name, node->line);
    node->items.push_back(std::move(input));
    node->call = at_operator("(") ? parse_arguments() : std::make_unique<CallSyntax>();
    input = finish(std::move(node));
  }
  return input;
}

ExprPtr ExpressionParser::parse_test(ExprPtr input) {
  const int line = next().line;
  const bool negated = skip_name("not");
  ExprPtr node = make(ExprKind::kTest, line);
  node->name = parse_dotted_name();
  node->function = find_test(node->name);
  if (node->function == nullptr) note_unknown("test", node->name, line);
  node->items.push_back(std::move(input));
  const Token type = current().type;
  if (at_operator("(")) {
    node->call = parse_arguments();
  } else {
    node->call = std::make_unique<CallSyntax>();
    const bool value_follows = type == Token::kName || type == Token::kString || type == Token::kInteger ||
                               type == Token::kFloat || at_operator("[") || at_operator("{");
    if (value_follows && !at_name("else") && !at_name("or") && !at_name("and")) {
      if (at_name("is")) fail("You cannot chain multiple tests with is");
      const Nesting nesting(*this);
      node->call->positional.push_back(parse_postfix(parse_primary(false)));
    }
  }
  node = finish(std::move(node));
  if (!negated) return node;
  ExprPtr out = make(ExprKind::kNot, line);
  out->items.push_back(std::move(node));
  return finish(std::move(out));
}

void ExpressionParser::check_target(Expr& target) {
  switch (target.kind) {
    case ExprKind::kName:
      if (for_depth_ > 0 && ast_.names[static_cast<std::size_t>(target.slot)] == "loop") {
        fail("Can't assign to special loop variable in for-loop target", target.line);
      }
      return;
    case ExprKind::kMemberTarget:
      return;
    case ExprKind::kTuple:
      for (const ExprPtr& item : target.items) check_target(*item);
      return;
    default:
      fail("can't assign to '" + std::string(target.kind == ExprKind::kConst ? "const" : "expression") + "'",
           target.line);
  }
}

ExprPtr ExpressionParser::parse_target(std::string_view end_name, bool members) {
  ExprPtr target = parse_tuple(TupleMode::kTarget, end_name, false, members);
  check_target(*target);
  return target;
}

}  // namespace vernier::jinja
