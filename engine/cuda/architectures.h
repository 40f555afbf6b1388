// For which GPUs this build holds code.
#pragma once

#include <string_view>

namespace vernier::cuda {

// architectures: as CMAKE_CUDA_ARCHITECTURES has them, with spaces between: machine code ("80-real") runs on GPUs of
// its major version from its minor version on, intermediate code ("80-virtual") on later ones too; "80" is both.
constexpr bool has_code_for(std::string_view architectures, int major, int minor) {
  while (!architectures.empty()) {
    const std::size_t end = architectures.find(' ');
    const std::string_view one = architectures.substr(0, end);
    architectures = end == std::string_view::npos ? std::string_view() : architectures.substr(end + 1);
    int number = 0;
    std::size_t digits = 0;
    while (digits < one.size() && one[digits] >= '0' && one[digits] <= '9')
      number = 10 * number + (one[digits++] - '0');
    if (digits == 0) {
      if (!one.empty()) return true;  // "native", "all": what nvcc makes of them is not known here
      continue;
    }
    const bool real = one.find("-virtual") == std::string_view::npos,
               virtual_too = one.find("-real") == std::string_view::npos;
    const int wanted = 10 * major + minor;
    if (real && number / 10 == major && number <= wanted) return true;
    if (virtual_too && number <= wanted) return true;
  }
  return false;
}

}  // namespace vernier::cuda
