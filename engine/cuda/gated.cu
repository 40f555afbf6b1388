#include "engine/cuda/map.cuh"
#include "engine/cuda/ops.h"

namespace vernier::cuda {
namespace {

struct ValueAndSlope {
  float value;
  float slope;
};

__device__ __forceinline__ float sigmoid(float x) {
  return __fdividef(1.0f, 1.0f + __expf(-x));
}

// x s with s = 1 / (1 + e^-x); the slope is s (1 + x (1 - s)).
struct Silu {
  static __device__ __forceinline__ ValueAndSlope at(float x) {
    const float s = sigmoid(x);
    const float value = x * s;
    return {value, fmaf(value, 1.0f - s, s)};
  }
};

// x Phi(x); the slope is Phi(x) + x phi(x).
struct Gelu {
  static __device__ __forceinline__ ValueAndSlope at(float x) {
    const float phi = normcdff(x);
    const float density = 0.398942280f * expf(-0.5f * x * x);  // 1 / sqrt(2 pi)
    return {x * phi, fmaf(x, density, phi)};
  }
};

// 0.5 x (1 + tanh z) = x s with s = 1 / (1 + e^-2z), z = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluTanh {
  static __device__ __forceinline__ ValueAndSlope at(float x) {
    constexpr float kTwoC = 1.59576912f;  // 2 sqrt(2 / pi)
    const float square = x * x;
    const float s = sigmoid(kTwoC * x * fmaf(square, 0.044715f, 1.0f));
    const float slope = kTwoC * fmaf(square, 0.134145f, 1.0f);
    const float value = x * s;
    // Far out s is 0 or 1 to the last bit and the slope may overflow.
    const float bend = value * (1.0f - s);
    return {value, bend == 0.0f ? s : fmaf(bend, slope, s)};
  }
};

template <typename Function>
struct Forward {
  template <int V>
  __device__ void operator()(const float (&in)[2][V], float (&out)[1][V], std::int64_t, std::int64_t) const {
#pragma unroll
    for (int i = 0; i < V; ++i) out[0][i] = Function::at(in[0][i]).value * in[1][i];
  }
};

// in: dout, gate, up; out: dgate, dup.
template <typename Function>
struct Backward {
  template <int V>
  __device__ void operator()(const float (&in)[3][V], float (&out)[2][V], std::int64_t, std::int64_t) const {
#pragma unroll
    for (int i = 0; i < V; ++i) {
      const ValueAndSlope f = Function::at(in[1][i]);
      out[0][i] = in[0][i] * in[2][i] * f.slope;
      out[1][i] = in[0][i] * f.value;
    }
  }
};

template <typename Body>
void with_activation(Activation activation, const Body& body) {
  switch (activation) {
    case Activation::kSilu:
      return body(Silu{});
    case Activation::kGelu:
      return body(Gelu{});
    case Activation::kGeluTanh:
      return body(GeluTanh{});
  }
}

}  // namespace

void gated_forward(CudaContext& context, const GatedForward& op) {
  with_type(op.out.dtype, "gated_forward", [&](auto t) {
    using T = typename decltype(t)::type;
    with_activation(op.activation, [&](auto function) {
      map<T, T>(context, "gated_forward", {op.gate, op.up}, {op.out}, Forward<decltype(function)>{});
    });
  });
}

void gated_backward(CudaContext& context, const GatedBackward& op) {
  with_type(op.dgate.dtype, "gated_backward", [&](auto t) {
    using T = typename decltype(t)::type;
    with_activation(op.activation, [&](auto function) {
      map<T, T>(context, "gated_backward", {op.dout, op.gate, op.up}, {op.dgate, op.dup},
                Backward<decltype(function)>{});
    });
  });
}

}  // namespace vernier::cuda
