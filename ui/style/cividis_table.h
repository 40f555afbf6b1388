#pragma once

#include <array>
#include <cstdint>

namespace vernier::ui {

extern const std::array<std::uint32_t, 256> kCividis;

}  // namespace vernier::ui
