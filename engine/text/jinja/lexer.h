// Cuts a template's source into tokens, as Jinja2's lexer does with trim_blocks and lstrip_blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vernier::jinja {

enum class Token : std::uint8_t {
  kData,  // text between tags
  kVariableBegin,
  kVariableEnd,
  kBlockBegin,
  kBlockEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct Lexeme {
  Token type = Token::kEnd;
  int line = 1;
  std::string text;  // data, a name, an operator, a string's content after its escapes
  std::int64_t integer = 0;
  double real = 0;
};

// Ends with a kEnd. Throws SyntaxError.
std::vector<Lexeme> tokenize(std::string_view source);

}  // namespace vernier::jinja
