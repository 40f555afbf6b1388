// philox4x32-10 as in engine/core/philox.h, whose arrays device code cannot use.
#pragma once

#include <cstdint>

namespace vernier::cuda {

struct PhiloxWords {
  std::uint32_t v[4];
};

__device__ __forceinline__ PhiloxWords philox(PhiloxWords c, std::uint32_t key0, std::uint32_t key1) {
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const std::uint32_t high_a = __umulhi(0xD2511F53u, c.v[0]), low_a = 0xD2511F53u * c.v[0];
    const std::uint32_t high_b = __umulhi(0xCD9E8D57u, c.v[2]), low_b = 0xCD9E8D57u * c.v[2];
    c = {high_b ^ c.v[1] ^ key0, low_b, high_a ^ c.v[3] ^ key1, low_a};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

}  // namespace vernier::cuda
