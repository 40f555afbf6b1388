// NF4 (QLoRA, Dettmers et al. 2023) with double quantization, as bitsandbytes lays it out: blocks of 64 values, each
// scaled by its largest magnitude; those 8-bit numbers of a dynamic map, in blocks of 256 with a scale of their own.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace vernier {

inline constexpr std::int64_t kNf4Block = 64;
inline constexpr std::int64_t kNf4NestedBlock = 256;

// The paper's appendix E: quantiles of a normal distribution, scaled to [-1, 1].
inline constexpr std::array<float, 16> kNf4Table = {-1.0f,
                                                    -0.6961928009986877f,
                                                    -0.5250730514526367f,
                                                    -0.39491748809814453f,
                                                    -0.28444138169288635f,
                                                    -0.18477343022823334f,
                                                    -0.09105003625154495f,
                                                    0.0f,
                                                    0.07958029955625534f,
                                                    0.16093020141124725f,
                                                    0.24611230194568634f,
                                                    0.33791524171829224f,
                                                    0.44070982933044434f,
                                                    0.5626170039176941f,
                                                    0.7229568362236023f,
                                                    1.0f};

// The signed dynamic map of 8 bits (Dettmers et al. 2022, section 2.1), in rising order: the numbers that absmax is
// rounded to.
std::array<float, 256> dynamic_map();

// A matrix's values in host memory; the arrays are those of vernier::Nf4Matrix.
struct Nf4Values {
  std::vector<std::uint8_t> codes, absmax;
  std::vector<float> nested_absmax;
  std::array<float, 256> absmax_table{};
  float offset = 0.0f;
};

// Rounds to the nearest: codes, then absmax less its mean. Thread: any.
Nf4Values quantize_nf4(std::span<const float> values);
// out [values of it]: what a backend makes of it, before rounding.
void dequantize_nf4(const Nf4Values& in, std::span<float> out);

}  // namespace vernier
