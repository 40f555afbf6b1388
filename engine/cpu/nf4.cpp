#include "engine/core/nf4.h"

#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

namespace vernier::cpu {

void dequantize_nf4(CpuContext& context, const DequantizeNf4& op) {
  const Nf4Matrix& m = op.matrix;
  parallel_blocks(context.pool, m.rows, rows_per_block(m.cols), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      float* out = op.out.f32(row);
      for (std::int64_t col = 0; col < m.cols; ++col) {
        const std::int64_t i = row * m.cols + col, block = i / kNf4Block;
        const float absmax = m.absmax_table[m.absmax[block]] * m.nested_absmax[block / kNf4NestedBlock] + m.offset;
        const std::uint8_t pair = m.codes[i / 2];
        out[col] = kNf4Table[static_cast<std::size_t>(i % 2 == 0 ? pair >> 4 : pair & 15)] * absmax;
      }
    }
  });
}

}  // namespace vernier::cpu
