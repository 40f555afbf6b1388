#include "engine/cuda/errors.h"

#include <string>

#include "vernier/error.h"

namespace vernier::cuda {
namespace {

// What the driver says when it has no memory for work of its own.
std::string refused(std::size_t needed, std::size_t free, std::size_t total) {
  const std::string room = std::to_string(free) + " that are free of " + std::to_string(total);
  return needed == 0 ? "the driver: got no memory for its own work, expected some of " + room
                     : "allocation: got a request for " + std::to_string(needed) + " bytes, expected at most " + room;
}

}  // namespace

bool is_lost(cudaError_t status) {
  switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorMisalignedAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorInvalidPc:
    case cudaErrorAssert:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorExternalDevice:
#if CUDART_VERSION >= 13000
    case cudaErrorContained:
    case cudaErrorTensorMemoryLeak:
#endif
    case cudaErrorDevicesUnavailable:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

void check(cudaError_t status, std::string_view what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // an error that is not sticky must not meet the next call
  if (status == cudaErrorMemoryAllocation) fail_out_of_memory(0);
  const std::string got = std::string(what) + ": got " + cudaGetErrorName(status) + " (" + cudaGetErrorString(status) +
                          "), expected success.";
  if (is_lost(status)) {
    fail(ErrorCode::kFatal, "cuda",
         got + " The GPU is lost to this program: restart it. What the run has written so far is intact.");
  }
  fail(ErrorCode::kInternal, "cuda", got);
}

void check_launch(std::string_view kernel) {
  check(cudaGetLastError(), kernel);
}

void fail_out_of_memory(std::size_t needed) {
  std::size_t free = 0, total = 0;
  cudaGetLastError();
  if (cudaMemGetInfo(&free, &total) != cudaSuccess) cudaGetLastError();
  Error error(ErrorCode::kOutOfMemory, "[cuda memory] " + refused(needed, free, total) +
                                           ". Use a smaller micro-batch, recompute: layer, or a smaller model.");
  error.needed_bytes = needed;
  error.free_bytes = free;
  throw error;
}

}  // namespace vernier::cuda
