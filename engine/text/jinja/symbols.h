// Which variables a block has of its own, as Jinja2's compiler finds it out.
#pragma once

#include "engine/text/jinja/ast.h"

namespace vernier::jinja {

// Fills Stmt::missing and Ast::missing. What a block sets without having read it before is undefined there until then,
// whatever the template was given under that name; unless only a branch of an {% if %} sets it, or a block around this
// one knows the name.
void find_missing(Ast& ast);

}  // namespace vernier::jinja
