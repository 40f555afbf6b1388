#include "engine/ops/cuda_backend.h"

#include "vernier/error.h"

namespace vernier {

std::vector<DeviceInfo> list_cuda_devices() {
  DeviceInfo none;
  none.id = "cuda";
  none.name = "CUDA";
  none.problem = "This build of Vernier computes on the CPU only.";
  return {none};
}

std::unique_ptr<Backend> make_cuda_backend(int) {
  fail(ErrorCode::kUnsupported, "device", "cuda: got a build for the CPU only. Use --device cpu.");
}

}  // namespace vernier
