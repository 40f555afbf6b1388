#include <cuda_runtime_api.h>

#include <string>

#include "engine/cuda/architectures.h"
#include "engine/cuda/cublas_lt.h"
#include "engine/cuda/cuda_backend.h"
#include "engine/cuda/errors.h"
#include "engine/cuda/nvml.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

DeviceInfo none(const std::string& problem) {
  DeviceInfo info;
  info.id = "cuda";
  info.name = "CUDA";
  info.problem = problem;
  return info;
}

// A failed call of a device that can no longer be used, or not now.
std::string refusal(const std::string& who, cudaError_t status) {
  if (status == cudaErrorDevicesUnavailable) return "Another program has the GPU for itself.";
  if (is_lost(status)) return "The GPU was lost to this program; restart it to compute on a GPU again.";
  return who + ": " + cudaGetErrorString(status) + ".";
}

std::string no_devices(cudaError_t status) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess) driver = 0;
  cudaGetLastError();
  if (driver == 0) return "No NVIDIA driver was found; install one to compute on an NVIDIA GPU.";
  if (status == cudaErrorInsufficientDriver) {
    return "The NVIDIA driver is too old: got one for CUDA " + version_text(driver) + ", expected CUDA " +
           version_text(CUDART_VERSION) + " or later; update the driver.";
  }
  if (status == cudaSuccess || status == cudaErrorNoDevice) return "No NVIDIA GPU was found.";
  return refusal("The NVIDIA driver refuses", status);
}

// "" where the device can compute. Makes no context.
std::string problem_of(const cudaDeviceProp& device) {
  if (device.major < 8) {
    return "This GPU has compute capability " + std::to_string(device.major) + "." + std::to_string(device.minor) +
           ", expected 8.0 (Ampere) or later.";
  }
  try {
    if (!has_code_for(VERNIER_CUDA_CODE, device.major, device.minor)) {
      return "This build of Vernier holds no code for compute capability " + std::to_string(device.major) + "." +
             std::to_string(device.minor) +
             "; build it with VERNIER_CUDA_ARCHITECTURES=" + std::to_string(10 * device.major + device.minor) + ".";
    }
    cublas_lt();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

DeviceInfo device_info(int index) {
  DeviceInfo info;
  info.id = "cuda:" + std::to_string(index);
  cudaDeviceProp properties{};
  cudaError_t status = cudaGetDeviceProperties(&properties, index);
  if (status == cudaSuccess) info.name = properties.name;
  std::size_t free = 0, total = 0;
  if (const auto memory = status == cudaSuccess ? gpu_memory(index) : std::nullopt) {
    free = memory->free;
    total = memory->total;
  } else {
    if (status == cudaSuccess) status = cudaSetDevice(index);
    if (status == cudaSuccess) status = cudaMemGetInfo(&free, &total);
  }
  if (status != cudaSuccess) {
    cudaGetLastError();
    info.problem = refusal("The GPU cannot be used", status);
    return info;
  }
  info.free_bytes = free;
  info.total_bytes = total;
  info.problem = problem_of(properties);
  return info;
}

}  // namespace

std::vector<DeviceInfo> list_devices() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) return {none(no_devices(status))};
  std::vector<DeviceInfo> devices;
  for (int index = 0; index < count; ++index) devices.push_back(device_info(index));
  return devices;
}

}  // namespace vernier::cuda
