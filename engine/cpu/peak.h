// The rate that float32 products are measured against.
#pragma once

namespace vernier::cpu {

// GFLOP/s (a multiply-add is two) that `threads` threads reach together in independent multiply-adds on registers,
// with the widest vectors of the processor: the best of many windows of some milliseconds within about `seconds`.
double measure_fma_peak(int threads, double seconds);

}  // namespace vernier::cpu
