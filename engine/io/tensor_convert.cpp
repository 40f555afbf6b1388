// convert_to_f32 and convert_from_f32, compiled for each instruction set and chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/io/tensor_convert.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// After Highway's headers: the file includes itself once a target.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "vernier/dtype.h"

HWY_BEFORE_NAMESPACE();
namespace vernier {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Unaligned bytes are read by memcpy, which is a plain load.
inline std::uint16_t load_u16(const std::byte* from) {
  std::uint16_t bits;
  std::memcpy(&bits, from, sizeof bits);
  return bits;
}

void bf16_to_f32_array(const std::byte* from, std::size_t count, float* out) {
  const hn::ScalableTag<std::uint32_t> d32;
  const hn::Rebind<std::uint16_t, decltype(d32)> d16;
  const hn::Repartition<float, decltype(d32)> df;
  const std::size_t lanes = hn::Lanes(d32);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto bits = hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from + 2 * i));
    hn::StoreU(hn::BitCast(df, hn::ShiftLeft<16>(hn::PromoteTo(d32, bits))), df, out + i);
  }
  for (; i < count; ++i) out[i] = bf16_to_f32(load_u16(from + 2 * i));
}

// The exponent is re-biased in integers. A subnormal half would become a subnormal float, which a thread with
// flush-to-zero reads as 0; it gets an exponent of its own instead, and the float subtraction normalises it.
void f16_to_f32_array(const std::byte* from, std::size_t count, float* out) {
  const hn::ScalableTag<std::uint32_t> d32;
  const hn::Rebind<std::uint16_t, decltype(d32)> d16;
  const hn::Repartition<float, decltype(d32)> df;
  const auto magnitude_mask = hn::Set(d32, 0x7fffu);
  const auto rebias = hn::Set(d32, 112u << 23);
  const auto exponent_unit = hn::Set(d32, 1u << 23);
  const auto largest_finite = hn::Set(d32, (0x7c00u << 13) - 1);
  const auto smallest_normal = hn::Set(d32, 0x0400u << 13);
  const std::size_t lanes = hn::Lanes(d32);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto half = hn::PromoteTo(d32, hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from + 2 * i)));
    const auto shifted = hn::ShiftLeft<13>(hn::And(half, magnitude_mask));
    const auto sign = hn::ShiftLeft<16>(hn::AndNot(magnitude_mask, half));
    const auto normal = hn::Add(shifted, rebias);
    const auto special = hn::Add(normal, rebias);  // exponent 31 + 2 * 112 = 255
    const auto subnormal = hn::BitCast(
        d32, hn::Sub(hn::BitCast(df, hn::Add(normal, exponent_unit)), hn::BitCast(df, hn::Add(rebias, exponent_unit))));
    // Compared as signed numbers, which all of these fit.
    const hn::Repartition<std::int32_t, decltype(d32)> di;
    const auto is_special = hn::RebindMask(d32, hn::Gt(hn::BitCast(di, shifted), hn::BitCast(di, largest_finite)));
    const auto is_subnormal = hn::RebindMask(d32, hn::Lt(hn::BitCast(di, shifted), hn::BitCast(di, smallest_normal)));
    const auto value = hn::IfThenElse(is_special, special, hn::IfThenElse(is_subnormal, subnormal, normal));
    hn::StoreU(hn::BitCast(df, hn::Or(value, sign)), df, out + i);
  }
  for (; i < count; ++i) out[i] = f16_to_f32(load_u16(from + 2 * i));
}

// As f32_to_bf16 of vernier/dtype.h.
void f32_to_bf16_array(const float* from, std::size_t count, std::byte* out) {
  const hn::ScalableTag<std::uint32_t> d32;
  const hn::Rebind<std::uint16_t, decltype(d32)> d16;
  const hn::Repartition<float, decltype(d32)> df;
  const hn::Repartition<std::int32_t, decltype(d32)> di;
  const auto one = hn::Set(d32, 1u);
  const auto half_minus = hn::Set(d32, 0x7fffu);
  const auto magnitude_mask = hn::Set(d32, 0x7fffffffu);
  const auto infinity = hn::Set(di, 0x7f800000);
  const auto quiet = hn::Set(d32, 0x0040u);
  const std::size_t lanes = hn::Lanes(d32);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto bits = hn::BitCast(d32, hn::LoadU(df, from + i));
    const auto top = hn::ShiftRight<16>(bits);
    const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(half_minus, hn::And(top, one))));
    const auto is_nan = hn::RebindMask(d32, hn::Gt(hn::BitCast(di, hn::And(bits, magnitude_mask)), infinity));
    const auto result = hn::IfThenElse(is_nan, hn::Or(top, quiet), rounded);
    hn::StoreU(hn::DemoteTo(d16, hn::BitCast(di, result)), d16, reinterpret_cast<std::uint16_t*>(out + 2 * i));
  }
  for (; i < count; ++i) {
    const std::uint16_t bits = f32_to_bf16(from[i]);
    std::memcpy(out + 2 * i, &bits, sizeof bits);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace vernier {

HWY_EXPORT(bf16_to_f32_array);
HWY_EXPORT(f16_to_f32_array);
HWY_EXPORT(f32_to_bf16_array);

void convert_to_f32(const TensorInfo& tensor, float* out) {
  convert_to_f32(tensor, 0, tensor.size(), out);
}

void convert_to_f32(const TensorInfo& tensor, std::int64_t first, std::int64_t count, float* out) {
  if (first < 0 || count < 0 || first > tensor.size() - count) {
    fail(ErrorCode::kInternal, "convert_to_f32", "elements out of range of " + tensor.name + ".");
  }
  if (count == 0) return;
  const std::byte* from = tensor.bytes.data() + static_cast<std::size_t>(first) * size_of(tensor.dtype);
  const auto n = static_cast<std::size_t>(count);
  switch (tensor.dtype) {
    case DType::kF32:
      std::memcpy(out, from, n * sizeof(float));
      return;
    case DType::kBF16:
      HWY_DYNAMIC_DISPATCH(bf16_to_f32_array)(from, n, out);
      return;
    case DType::kF16:
      HWY_DYNAMIC_DISPATCH(f16_to_f32_array)(from, n, out);
      return;
    default:
      fail(ErrorCode::kUnsupported, tensor.name,
           "got element type " + std::string(to_string(tensor.dtype)) + ", expected F32, F16 or BF16.");
  }
}

void convert_from_f32(std::span<const float> values, DType dtype, std::byte* out) {
  switch (dtype) {
    case DType::kF32:
      std::memcpy(out, values.data(), values.size_bytes());
      return;
    case DType::kBF16:
      HWY_DYNAMIC_DISPATCH(f32_to_bf16_array)(values.data(), values.size(), out);
      return;
    case DType::kF16:
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint16_t bits = f32_to_f16(values[i]);
        std::memcpy(out + 2 * i, &bits, sizeof bits);
      }
      return;
    default:
      fail(ErrorCode::kInternal, "convert_from_f32", "element type " + std::string(to_string(dtype)) + ".");
  }
}

}  // namespace vernier
#endif  // HWY_ONCE
