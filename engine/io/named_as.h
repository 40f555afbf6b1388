// Errors of what is written aside, in the user's words.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace vernier {

// Runs `writing`, whose errors name `shown`, which was asked for, instead of `aside`, where it is written meanwhile.
void named_as(const std::filesystem::path& aside, const std::string& shown, const std::function<void()>& writing);

}  // namespace vernier
