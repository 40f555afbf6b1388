#include "engine/core/nf4.h"

#include <algorithm>
#include <cmath>

namespace vernier {
namespace {

std::size_t ceil_div(std::size_t a, std::size_t b) {
  return (a + b - 1) / b;
}

// The index of the nearest of some rising numbers; of two as near the lower one.
template <std::size_t N>
std::uint8_t nearest(const std::array<float, N>& table, float x) {
  const auto above = std::lower_bound(table.begin(), table.end(), x);
  if (above == table.begin()) return 0;
  if (above == table.end()) return N - 1;
  const auto below = above - 1;
  return static_cast<std::uint8_t>((x - *below <= *above - x ? below : above) - table.begin());
}

}  // namespace

// Of 7 bits behind the sign the first 1 says how many powers of ten to go down, and those behind it divide [0.1, 1]
// evenly. The middles of the parts count; 0 and 1 fill up.
std::array<float, 256> dynamic_map() {
  constexpr int kExponents = 7;
  std::vector<float> values;
  for (int i = 0; i < kExponents; ++i) {
    const int parts = 1 << i;
    const auto scale = static_cast<float>(std::pow(10.0, i - (kExponents - 1)));
    const float step = 0.9f / static_cast<float>(parts);
    // From both ends and rounded once, as torch.linspace goes.
    const auto edge = [&](int at) {
      return at < (parts + 1) / 2 ? std::fma(step, static_cast<float>(at), 0.1f)
                                  : std::fma(-step, static_cast<float>(parts - at), 1.0f);
    };
    for (int part = 0; part < parts; ++part) {
      values.push_back(scale * ((edge(part) + edge(part + 1)) / 2.0f));
      values.push_back(-values.back());
    }
  }
  values.push_back(0.0f);
  values.push_back(1.0f);
  std::sort(values.begin(), values.end());
  std::array<float, 256> out{};
  std::copy(values.begin(), values.end(), out.begin());
  return out;
}

Nf4Values quantize_nf4(std::span<const float> values) {
  Nf4Values out;
  out.absmax_table = dynamic_map();
  const std::size_t blocks = ceil_div(values.size(), kNf4Block);
  std::vector<float> absmax(blocks, 0.0f);
  out.codes.assign(ceil_div(values.size(), 2), 0);
  double sum = 0.0;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::size_t begin = b * kNf4Block, end = std::min(values.size(), begin + kNf4Block);
    for (std::size_t i = begin; i < end; ++i) absmax[b] = std::max(absmax[b], std::abs(values[i]));
    sum += absmax[b];
    for (std::size_t i = begin; i < end; ++i) {
      const float scaled = absmax[b] > 0.0f ? values[i] / absmax[b] : 0.0f;
      const std::uint8_t code = nearest(kNf4Table, scaled);
      out.codes[i / 2] = static_cast<std::uint8_t>(out.codes[i / 2] | (i % 2 == 0 ? code << 4 : code));
    }
  }
  out.offset = blocks > 0 ? static_cast<float>(sum / static_cast<double>(blocks)) : 0.0f;
  out.absmax.resize(blocks);
  out.nested_absmax.assign(ceil_div(blocks, kNf4NestedBlock), 0.0f);
  for (std::size_t b = 0; b < blocks; ++b) {
    float& scale = out.nested_absmax[b / kNf4NestedBlock];
    scale = std::max(scale, std::abs(absmax[b] - out.offset));
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    const float scale = out.nested_absmax[b / kNf4NestedBlock];
    out.absmax[b] = nearest(out.absmax_table, scale > 0.0f ? (absmax[b] - out.offset) / scale : 0.0f);
  }
  return out;
}

void dequantize_nf4(const Nf4Values& in, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t block = i / kNf4Block;
    const float absmax = in.absmax_table[in.absmax[block]] * in.nested_absmax[block / kNf4NestedBlock] + in.offset;
    const std::uint8_t pair = in.codes[i / 2];
    out[i] = kNf4Table[i % 2 == 0 ? pair >> 4 : pair & 15] * absmax;
  }
}

}  // namespace vernier
