// Compile-time loops for kernels whose arrays of vectors must stay in registers at any optimisation level. Included
// again for each instruction set, after hwy/highway.h.
#if defined(VERNIER_CPU_UNROLL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VERNIER_CPU_UNROLL_INL_H_
#undef VERNIER_CPU_UNROLL_INL_H_
#else
#define VERNIER_CPU_UNROLL_INL_H_
#endif

#include <hwy/highway.h>

#include <type_traits>
#include <utility>

// For the lambdas handed to unroll().
#ifndef VERNIER_INLINE_LAMBDA
#define VERNIER_INLINE_LAMBDA HWY_ATTR __attribute__((always_inline))
#endif

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {

template <typename Body, int... kIndex>
HWY_INLINE void unroll_over(std::integer_sequence<int, kIndex...>, const Body& body) {
  (body(std::integral_constant<int, kIndex>()), ...);
}

// body(std::integral_constant<int, i>) for i = 0 .. kCount - 1, written out.
template <int kCount, typename Body>
HWY_INLINE void unroll(const Body& body) {
  unroll_over(std::make_integer_sequence<int, kCount>(), body);
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
