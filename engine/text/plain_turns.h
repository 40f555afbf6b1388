// Alpaca's way to write a conversation down, for models that bring no template.
#pragma once

#include <string_view>

namespace vernier {

inline constexpr std::string_view kBetweenTurns = "\n\n";

// What stands above what a role says.
constexpr std::string_view turn_heading(std::string_view role) {
  if (role == "assistant") return "### Response:\n";
  if (role == "tool") return "### Input:\n";
  return role == "system" ? "" : "### Instruction:\n";
}

}  // namespace vernier
