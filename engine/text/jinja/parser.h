// From source to tree, by Jinja2's grammar with loop controls and {% generation %}.
#pragma once

#include <string_view>

#include "engine/text/jinja/ast.h"

namespace vernier::jinja {

// Throws SyntaxError.
Ast parse(std::string_view source);

}  // namespace vernier::jinja
