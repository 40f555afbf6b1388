#include "engine/cuda/nvml.h"

#include <cuda_runtime_api.h>
#include <dlfcn.h>

namespace vernier::cuda {
namespace {

// The part of its interface that is used, as NVIDIA's "NVML API Reference" has it: 0 is success.
struct Nvml {
  using Device = void*;
  struct Memory {
    unsigned long long total, free, used;
  };
  int (*init)() = nullptr;
  int (*device_by_bus_id)(const char* bus_id, Device* device) = nullptr;
  int (*memory_info)(Device device, Memory* memory) = nullptr;
};

// Stays loaded; null where it cannot be used.
const Nvml* nvml() {
  static const Nvml* const loaded = []() -> const Nvml* {
    static Nvml functions;
    void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return nullptr;
    functions.init = reinterpret_cast<decltype(Nvml::init)>(dlsym(library, "nvmlInit_v2"));
    functions.device_by_bus_id =
        reinterpret_cast<decltype(Nvml::device_by_bus_id)>(dlsym(library, "nvmlDeviceGetHandleByPciBusId_v2"));
    functions.memory_info = reinterpret_cast<decltype(Nvml::memory_info)>(dlsym(library, "nvmlDeviceGetMemoryInfo"));
    const bool whole = functions.init != nullptr && functions.device_by_bus_id != nullptr &&
                       functions.memory_info != nullptr && functions.init() == 0;
    return whole ? &functions : nullptr;
  }();
  return loaded;
}

}  // namespace

std::optional<GpuMemory> gpu_memory(int device) {
  const Nvml* const library = nvml();
  char bus_id[32] = {};
  if (library == nullptr || cudaDeviceGetPCIBusId(bus_id, sizeof bus_id, device) != cudaSuccess) {
    cudaGetLastError();
    return {};
  }
  Nvml::Device handle = nullptr;
  Nvml::Memory memory{};
  if (library->device_by_bus_id(bus_id, &handle) != 0 || library->memory_info(handle, &memory) != 0) return {};
  return GpuMemory{memory.free, memory.total};
}

}  // namespace vernier::cuda
