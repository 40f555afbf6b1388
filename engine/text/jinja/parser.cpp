#include "engine/text/jinja/parser.h"

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/parser_base.h"
#include "engine/text/jinja/symbols.h"

namespace vernier::jinja {
namespace {

class TemplateParser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

  Ast run() {
    ast_.body = parse_body({});
    find_missing(ast_);
    return std::move(ast_);
  }

 private:
  using Ends = std::vector<std::string_view>;

  // A part that is compiled for itself: what is around it does not reach in.
  struct Saved {
    explicit Saved(TemplateParser& parser, bool function)
        : owner(parser), soft(parser.soft_), loop_depth(parser.loop_depth_) {
      owner.soft_ = false;
      if (function) owner.loop_depth_ = 0;
    }
    ~Saved() {
      owner.soft_ = soft;
      owner.loop_depth_ = loop_depth;
    }
    Saved(const Saved&) = delete;
    Saved& operator=(const Saved&) = delete;
    TemplateParser& owner;
    bool soft;
    int loop_depth;
  };

  static std::unique_ptr<Stmt> make(StmtKind kind, int line) { return std::make_unique<Stmt>(kind, line); }

  bool at_end_tag(const Ends& ends) const {
    for (const std::string_view name : ends) {
      if (at_name(name)) return true;
    }
    return false;
  }

  // Up to one of `ends`, which stays the current token; without any: to the end of the template.
  Body parse_body(const Ends& ends) {
    if (++depth_ > kMaxSourceDepth / 3) fail("blocks are nested too deep: limit reached");
    if (!ends.empty()) open_ends_.push_back(ends);
    Body body;
    for (;;) {
      const Lexeme& token = current();
      if (token.type == Token::kEnd) {
        if (!ends.empty()) fail_unknown_tag(nullptr);
        break;
      }
      if (token.type == Token::kData) {
        auto stmt = make(StmtKind::kData, token.line);
        stmt->text = next().text;
        body.push_back(std::move(stmt));
      } else if (token.type == Token::kVariableBegin) {
        next();
        auto stmt = make(StmtKind::kPrint, token.line);
        stmt->exprs.push_back(checked([&] { return parse_tuple(TupleMode::kFull); }));
        expect(Token::kVariableEnd);
        body.push_back(std::move(stmt));
      } else {
        expect(Token::kBlockBegin);
        if (!ends.empty() && at_end_tag(ends)) break;
        body.push_back(parse_statement());
        expect(Token::kBlockEnd);
      }
    }
    if (!ends.empty()) open_ends_.pop_back();
    --depth_;
    return body;
  }

  // The body of a statement: behind its tag, up to one of `ends`.
  Body parse_block_body(const Ends& ends) {
    skip_operator(":");
    expect(Token::kBlockEnd);
    return parse_body(ends);
  }

  Body parse_whole_body(std::string_view end) {
    Body body = parse_block_body({end});
    next();
    return body;
  }

  // An expression whose unknown filters and tests are errors, except where Jinja2 finds them only when reached.
  template <typename Parse>
  ExprPtr checked(const Parse& parse) {
    const std::size_t from = unknown_.size();
    ExprPtr out = parse();
    check_unknown(from);
    return out;
  }
  ExprPtr checked_expression() {
    return checked([&] { return parse_expression(); });
  }

  [[noreturn]] void fail_unknown_tag(const Lexeme* tag) {
    std::string message =
        tag == nullptr ? "Unexpected end of template." : "Encountered unknown tag '" + tag->text + "'.";
    if (!open_ends_.empty()) {
      std::string wanted;
      for (const std::string_view name : open_ends_.back()) {
        wanted += (wanted.empty() ? "'" : " or '") + std::string(name) + "'";
      }
      bool expected_further_out = false;
      for (const Ends& ends : open_ends_) {
        for (const std::string_view name : ends) expected_further_out |= tag != nullptr && tag->text == name;
      }
      message += expected_further_out
                     ? " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for " +
                           wanted + "."
                     : " Jinja was looking for the following tags: " + wanted + ".";
    }
    if (!tags_.empty()) message += " The innermost block that needs to be closed is '" + tags_.back() + "'.";
    fail(message);
  }

  std::unique_ptr<Stmt> parse_statement() {
    if (current().type != Token::kName) fail("tag name expected");
    const Lexeme tag = current();
    using Parse = std::unique_ptr<Stmt> (TemplateParser::*)(int);
    static constexpr std::pair<std::string_view, Parse> kTags[] = {
        {"if", &TemplateParser::parse_if},           {"for", &TemplateParser::parse_for},
        {"set", &TemplateParser::parse_set},         {"macro", &TemplateParser::parse_macro},
        {"call", &TemplateParser::parse_call_block}, {"filter", &TemplateParser::parse_filter_block},
        {"with", &TemplateParser::parse_with},       {"block", &TemplateParser::parse_block},
        {"print", &TemplateParser::parse_print},     {"generation", &TemplateParser::parse_generation},
        {"break", &TemplateParser::parse_break},     {"continue", &TemplateParser::parse_break},
    };
    for (const auto& [name, parse] : kTags) {
      if (tag.text != name) continue;
      tags_.push_back(tag.text);
      next();
      auto out = (this->*parse)(tag.line);
      tags_.pop_back();
      return out;
    }
    for (const std::string_view name : {"extends", "include", "import", "from", "autoescape"}) {
      if (tag.text == name)
        fail("{% " + tag.text + " %} is not supported: a chat template stands for itself", tag.line);
    }
    fail_unknown_tag(&tag);
  }

  std::unique_ptr<Stmt> parse_if(int line) {
    auto stmt = make(StmtKind::kIf, line);
    const bool soft = soft_;
    soft_ = true;
    for (;;) {
      stmt->exprs.push_back(checked([&] { return parse_tuple(TupleMode::kNoCondition); }));
      stmt->bodies.push_back(parse_block_body({"elif", "else", "endif"}));
      const std::string end = next().text;
      if (end == "elif") continue;
      if (end == "else") stmt->bodies.push_back(parse_whole_body("endif"));
      break;
    }
    soft_ = soft;
    return stmt;
  }

  std::unique_ptr<Stmt> parse_for(int line) {
    auto stmt = make(StmtKind::kFor, line);
    ++for_depth_;
    stmt->exprs.push_back(parse_target("in"));
    expect_name("in");
    stmt->exprs.push_back(checked([&] { return parse_tuple(TupleMode::kNoCondition, "recursive"); }));
    {
      const Saved saved(*this, false);
      stmt->exprs.push_back(skip_name("if") ? checked_expression() : nullptr);
      stmt->flag = skip_name("recursive");
      stmt->slot = slot_of("loop");
      ++loop_depth_;
      stmt->bodies.push_back(parse_block_body({"endfor", "else"}));
    }
    if (next().text == "else") {
      const Saved saved(*this, false);
      stmt->bodies.push_back(parse_whole_body("endfor"));
    }
    --for_depth_;
    return stmt;
  }

  std::unique_ptr<Stmt> parse_set(int line) {
    ExprPtr target = parse_target({}, true);
    if (skip_operator("=")) {
      auto stmt = make(StmtKind::kSet, line);
      stmt->exprs.push_back(std::move(target));
      stmt->exprs.push_back(checked([&] { return parse_tuple(TupleMode::kFull); }));
      return stmt;
    }
    auto stmt = make(StmtKind::kSetBlock, line);
    stmt->exprs.push_back(std::move(target));
    const Saved saved(*this, false);
    stmt->exprs.push_back(checked([&] { return parse_filters(nullptr, false); }));
    stmt->bodies.push_back(parse_whole_body("endset"));
    return stmt;
  }

  void parse_signature(Signature& signature) {
    expect_operator("(");
    while (!at_operator(")")) {
      if (!signature.names.empty()) expect_operator(",");
      const std::string name = expect_any_name();
      signature.names.push_back(name);
      signature.slots.push_back(slot_of(name));
      if (skip_operator("=")) {
        signature.defaults.push_back(checked_expression());
      } else if (!signature.defaults.empty()) {
        fail("non-default argument follows default argument");
      }
    }
    expect_operator(")");
  }

  Body parse_function_body(Signature& signature, std::string_view end, int line) {
    special_names_.emplace_back();
    const int for_depth = for_depth_;
    Body body;
    {
      const Saved saved(*this, true);
      body = parse_whole_body(end);
    }
    for_depth_ = for_depth;
    const SpecialNames special = special_names_.back();
    special_names_.pop_back();
    const auto declares = [&](std::string_view name) {
      for (const std::string& parameter : signature.names) {
        if (parameter == name) return true;
      }
      return false;
    };
    const auto needs_default = [&] {
      for (std::size_t i = 0; i + signature.defaults.size() < signature.names.size(); ++i) {
        if (signature.names[i] == "caller") return true;
      }
      return false;
    };
    if (special.caller && needs_default()) {
      fail("When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.",
           line);
    }
    signature.uses_caller = special.caller && !declares("caller");
    signature.uses_kwargs = special.kwargs && !declares("kwargs");
    signature.uses_varargs = special.varargs && !declares("varargs");
    signature.caller_slot = slot_of("caller");
    signature.kwargs_slot = slot_of("kwargs");
    signature.varargs_slot = slot_of("varargs");
    return body;
  }

  std::unique_ptr<Stmt> parse_macro(int line) {
    auto stmt = make(StmtKind::kMacro, line);
    stmt->signature = std::make_unique<Signature>();
    stmt->signature->name = expect_any_name();
    stmt->slot = slot_of(stmt->signature->name);
    parse_signature(*stmt->signature);
    stmt->bodies.push_back(parse_function_body(*stmt->signature, "endmacro", line));
    return stmt;
  }

  std::unique_ptr<Stmt> parse_call_block(int line) {
    auto stmt = make(StmtKind::kCallBlock, line);
    stmt->signature = std::make_unique<Signature>();
    stmt->signature->name = "caller";
    if (at_operator("(")) parse_signature(*stmt->signature);
    stmt->exprs.push_back(checked_expression());
    if (stmt->exprs.front()->kind != ExprKind::kCall) fail("expected call", line);
    stmt->bodies.push_back(parse_function_body(*stmt->signature, "endcall", line));
    return stmt;
  }

  std::unique_ptr<Stmt> parse_filter_block(int line) {
    auto stmt = make(StmtKind::kFilterBlock, line);
    const Saved saved(*this, false);
    stmt->exprs.push_back(checked([&] { return parse_filters(nullptr, true); }));
    stmt->bodies.push_back(parse_whole_body("endfilter"));
    return stmt;
  }

  std::unique_ptr<Stmt> parse_with(int line) {
    auto stmt = make(StmtKind::kWith, line);
    while (current().type != Token::kBlockEnd) {
      if (!stmt->exprs.empty()) expect_operator(",");
      stmt->exprs.push_back(parse_target());
      expect_operator("=");
      stmt->exprs.push_back(checked_expression());
    }
    const Saved saved(*this, false);
    stmt->bodies.push_back(parse_whole_body("endwith"));
    return stmt;
  }

  std::unique_ptr<Stmt> parse_block(int line) {
    auto stmt = make(StmtKind::kBlock, line);
    const std::string name = expect_any_name();
    for (const std::string& other : block_names_) {
      if (other == name) fail("block '" + name + "' defined twice", line);
    }
    block_names_.push_back(name);
    stmt->flag = skip_name("scoped");
    skip_name("required");
    if (at_operator("-")) {
      fail(
          "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore "
          "instead.");
    }
    const Saved saved(*this, true);
    stmt->bodies.push_back(parse_whole_body("endblock"));
    skip_name(name);
    return stmt;
  }

  std::unique_ptr<Stmt> parse_print(int line) {
    auto stmt = make(StmtKind::kPrint, line);
    while (current().type != Token::kBlockEnd) {
      if (!stmt->exprs.empty()) expect_operator(",");
      stmt->exprs.push_back(checked_expression());
    }
    return stmt;
  }

  std::unique_ptr<Stmt> parse_generation(int line) {
    auto stmt = make(StmtKind::kGeneration, line);
    ast_.has_generation = true;
    const Saved saved(*this, true);
    stmt->bodies.push_back(parse_whole_body("endgeneration"));
    return stmt;
  }

  std::unique_ptr<Stmt> parse_break(int line) {
    const bool is_break = tags_.back() == "break";
    if (loop_depth_ == 0) fail(is_break ? "'break' outside loop" : "'continue' not properly in loop", line);
    return make(is_break ? StmtKind::kBreak : StmtKind::kContinue, line);
  }

  std::vector<Ends> open_ends_;
  std::vector<std::string> tags_;
  std::vector<std::string> block_names_;
  int loop_depth_ = 0;
  int depth_ = 0;
};

}  // namespace

Ast parse(std::string_view source) {
  if (source.size() > kMaxSourceBytes) {
    throw SyntaxError("the template is longer than " + std::to_string(kMaxSourceBytes >> 20) + " MiB: limit reached",
                      1);
  }
  return TemplateParser(source).run();
}

}  // namespace vernier::jinja
