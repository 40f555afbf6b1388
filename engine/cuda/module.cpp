// The functions that libvernier-cuda.so exports; engine/cuda_loader finds them by name.
#include "engine/cuda/cuda_backend.h"
#include "engine/ops/cuda_module.h"

extern "C" {

const char* vernier_cuda_abi() {
  return VERNIER_CUDA_ABI;
}

void vernier_cuda_list_devices(std::vector<vernier::DeviceInfo>* devices) {
  *devices = vernier::cuda::list_devices();
}

vernier::Backend* vernier_cuda_make_backend(int index) {
  return vernier::cuda::make_backend(index).release();
}

}  // extern "C"
