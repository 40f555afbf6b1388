#include "engine/cuda/errors.h"
#include "engine/cuda/fault.h"

namespace vernier::cuda {
namespace {

__global__ void trap_kernel() {
  asm volatile("trap;");
}

}  // namespace

void break_device(cudaStream_t stream) {
  trap_kernel<<<1, 1, 0, stream>>>();
  check_launch("fault");
}

}  // namespace vernier::cuda
