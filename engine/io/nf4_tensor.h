// Matrices of a checkpoint that bitsandbytes stored in 4 bits: beside NAME, which holds the codes, lie NAME.absmax,
// NAME.quant_map, with double quantization NAME.nested_absmax and NAME.nested_quant_map, and the rest as JSON in
// NAME.quant_state.bitsandbytes__nf4.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/nf4.h"
#include "engine/io/safetensors.h"

namespace vernier {

// Whether NAME is stored so.
bool is_stored_nf4(const ShardedSafetensors& weights, std::string_view name);
// Whether a tensor belongs to one that is: NAME.absmax and so on.
bool is_part_of_nf4(const ShardedSafetensors& weights, std::string_view name);

// Everything but the codes' own values is checked. Errors: kInvalidInput for parts that are missing or do not fit
// `shape`; kUnsupported for other blocks than of 64 and 256 values.
void check_nf4(const ShardedSafetensors& weights, std::string_view name, std::span<const std::int64_t> shape);

// As vernier::quantize_nf4 would have made it, ready for a backend; only with double quantization. Errors: as
// check_nf4.
bool is_double_quantized(const ShardedSafetensors& weights, std::string_view name);
Nf4Values read_nf4(const ShardedSafetensors& weights, std::string_view name, std::span<const std::int64_t> shape);
// Values [first, first + out.size()) of the matrix, by rows. Errors: as check_nf4.
void read_nf4_as_f32(const ShardedSafetensors& weights, std::string_view name, std::span<const std::int64_t> shape,
                     std::int64_t first, std::span<float> out);

}  // namespace vernier
