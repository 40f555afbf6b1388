// The filters' two halves; find_filter() looks into both.
#pragma once

#include "engine/text/jinja/builtins.h"

namespace vernier::jinja {

const Builtin* find_text_filter(std::string_view name);
const Builtin* find_list_filter(std::string_view name);

}  // namespace vernier::jinja
