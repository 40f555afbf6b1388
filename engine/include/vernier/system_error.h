// What the standard library throws, as the engine's own exception.
#pragma once

#include <filesystem>

#include "vernier/error.h"

namespace vernier {

// "[path] cannot be used: reason."
Error error_from(const std::filesystem::filesystem_error& error);

}  // namespace vernier
