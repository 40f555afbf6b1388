#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/gated.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

struct ValueAndSlope {
  Vec value;
  Vec slope;
};

// x s with s = 1 / (1 + e^-x); the slope is s (1 + x (1 - s)).
struct Silu {
  static HWY_INLINE ValueAndSlope at(Vec x) {
    const Vec one = hn::Set(kFloats, 1.0f);
    const Vec s = sigmoid_vec(x);
    const Vec value = hn::Mul(x, s);
    return {value, hn::MulAdd(value, hn::Sub(one, s), s)};
  }
};

// x Phi(x); the slope is Phi(x) + x phi(x).
struct Gelu {
  static HWY_INLINE ValueAndSlope at(Vec x) {
    const NormalCdf normal = normal_cdf_vec(x);
    const Vec density = hn::Mul(normal.bell, hn::Set(kFloats, 0.398942280f));  // 1 / sqrt(2 pi)
    return {hn::Mul(x, normal.phi), hn::MulAdd(x, density, normal.phi)};
  }
};

// 0.5 x (1 + tanh z) = x s with s = 1 / (1 + e^-2z), z = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluTanh {
  static HWY_INLINE ValueAndSlope at(Vec x) {
    const Vec one = hn::Set(kFloats, 1.0f);
    const Vec square = hn::Mul(x, x);
    const Vec two_c = hn::Set(kFloats, 1.59576912f);  // 2 sqrt(2 / pi)
    const Vec z2 = hn::Mul(hn::Mul(two_c, x), hn::MulAdd(square, hn::Set(kFloats, 0.044715f), one));
    const Vec s = sigmoid_vec(z2);
    const Vec dz2 = hn::Mul(two_c, hn::MulAdd(square, hn::Set(kFloats, 0.134145f), one));
    const Vec value = hn::Mul(x, s);
    return {value, hn::MulAdd(hn::Mul(value, hn::Sub(one, s)), dz2, s)};
  }
};

template <typename Function>
void forward_rows(const GatedForward& op, std::int64_t first, std::int64_t last) {
  for (std::int64_t row = first; row < last; ++row) {
    const float* gate = op.gate.f32(row);
    const float* up = op.up.f32(row);
    float* out = op.out.f32(row);
    for (std::int64_t i = 0, n = op.out.cols; i < n; i += kLanes) {
      const Vec value = Function::at(load_some(gate + i, n - i)).value;
      store_some(hn::Mul(value, load_some(up + i, n - i)), out + i, n - i);
    }
  }
}

template <typename Function>
void backward_rows(const GatedBackward& op, std::int64_t first, std::int64_t last) {
  for (std::int64_t row = first; row < last; ++row) {
    const float* gate = op.gate.f32(row);
    const float* up = op.up.f32(row);
    const float* dout = op.dout.f32(row);
    float* dgate = op.dgate.f32(row);
    float* dup = op.dup.f32(row);
    for (std::int64_t i = 0, n = op.dgate.cols; i < n; i += kLanes) {
      const ValueAndSlope f = Function::at(load_some(gate + i, n - i));
      const Vec d = load_some(dout + i, n - i);
      const Vec dg = hn::Mul(hn::Mul(d, load_some(up + i, n - i)), f.slope);
      store_some(hn::Mul(d, f.value), dup + i, n - i);
      store_some(dg, dgate + i, n - i);
    }
  }
}

}  // namespace

void gated_forward_rows(const GatedForward& op, std::int64_t first, std::int64_t last) {
  switch (op.activation) {
    case Activation::kSilu:
      return forward_rows<Silu>(op, first, last);
    case Activation::kGelu:
      return forward_rows<Gelu>(op, first, last);
    case Activation::kGeluTanh:
      return forward_rows<GeluTanh>(op, first, last);
  }
}

void gated_backward_rows(const GatedBackward& op, std::int64_t first, std::int64_t last) {
  switch (op.activation) {
    case Activation::kSilu:
      return backward_rows<Silu>(op, first, last);
    case Activation::kGelu:
      return backward_rows<Gelu>(op, first, last);
    case Activation::kGeluTanh:
      return backward_rows<GeluTanh>(op, first, last);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(gated_forward_rows);
HWY_EXPORT(gated_backward_rows);

void gated_forward(CpuContext& context, const GatedForward& op) {
  parallel_blocks(context.pool, op.out.rows, rows_per_block(op.out.cols), [&](std::int64_t first, std::int64_t last) {
    HWY_DYNAMIC_DISPATCH(gated_forward_rows)(op, first, last);
  });
}

void gated_backward(CpuContext& context, const GatedBackward& op) {
  parallel_blocks(context.pool, op.dgate.rows, rows_per_block(op.dgate.cols),
                  [&](std::int64_t first, std::int64_t last) {
                    HWY_DYNAMIC_DISPATCH(gated_backward_rows)(op, first, last);
                  });
}

}  // namespace vernier::cpu
#endif
