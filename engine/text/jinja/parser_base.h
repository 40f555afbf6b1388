// What the parsers of expressions and of statements share: the stream of tokens, names, and errors.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/lexer.h"

namespace vernier::jinja {

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view source) : tokens_(tokenize(source)) {}

 protected:
  // One macro or call block being parsed: which of the special names its body uses.
  struct SpecialNames {
    bool caller = false, kwargs = false, varargs = false;
  };
  enum class TupleMode { kFull, kNoCondition, kTarget };

  const Lexeme& current() const { return tokens_[at_]; }
  const Lexeme& look() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  const Lexeme& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool at_name(std::string_view name) const { return current().type == Token::kName && current().text == name; }
  bool at_operator(std::string_view op) const { return current().type == Token::kOperator && current().text == op; }
  bool skip_name(std::string_view name);
  bool skip_operator(std::string_view op);
  void expect_operator(std::string_view op);
  void expect_name(std::string_view name);
  std::string expect_any_name();
  void expect(Token type);
  static std::string describe(const Lexeme& token);
  [[noreturn]] void fail(const std::string& message, int line) const;
  [[noreturn]] void fail(const std::string& message) const { fail(message, current().line); }
  int slot_of(const std::string& name);

  ExprPtr parse_expression(bool with_condition = true);
  ExprPtr parse_tuple(TupleMode mode, std::string_view end_name = {}, bool parentheses = false, bool members = false);
  ExprPtr parse_target(std::string_view end_name = {}, bool members = false);
  ExprPtr parse_filters(ExprPtr input, bool starts_inline);
  void check_target(Expr& target);

  Ast ast_;
  std::vector<SpecialNames> special_names_;
  int for_depth_ = 0;
  bool soft_ = false;  // inside {% if %}: an unknown filter is an error only where it is reached

 private:
  class Nesting;
  struct Unknown {
    std::string message;
    int line;
  };

  static ExprPtr make(ExprKind kind, int line);
  Value constant(std::string text);
  // Ends every node: its depth is that of its deepest part and one more.
  ExprPtr finish(ExprPtr node) const;
  ExprPtr parse_condition();
  ExprPtr parse_or();
  ExprPtr parse_and();
  ExprPtr parse_not();
  ExprPtr parse_compare();
  ExprPtr parse_sum();
  ExprPtr parse_concat();
  ExprPtr parse_product();
  ExprPtr parse_power();
  ExprPtr parse_unary(bool with_filter);
  ExprPtr parse_primary(bool members);
  ExprPtr parse_name(bool members);
  ExprPtr parse_list();
  ExprPtr parse_dict();
  ExprPtr parse_postfix(ExprPtr node);
  ExprPtr parse_filter_chain(ExprPtr node);
  ExprPtr parse_subscript(ExprPtr node);
  ExprPtr parse_subscribed(ExprPtr node);
  ExprPtr parse_call(ExprPtr callee);
  ExprPtr parse_test(ExprPtr node);
  std::unique_ptr<CallSyntax> parse_arguments();
  std::string parse_dotted_name();
  void note_unknown(const char* what, const std::string& name, int line);

 protected:
  void check_unknown(std::size_t from);
  std::vector<Unknown> unknown_;

 private:
  std::vector<Lexeme> tokens_;
  std::size_t at_ = 0;
  int nesting_ = 0;
};

}  // namespace vernier::jinja
