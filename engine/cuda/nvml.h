// What NVIDIA's management library tells of a GPU without computing on it: a CUDA context would take some 500 MB of it.
#pragma once

#include <cstddef>
#include <optional>

namespace vernier::cuda {

struct GpuMemory {
  std::size_t free = 0, total = 0;
};

// Of the device with that index as CUDA counts them; nothing where the library is not there or does not know it. Makes
// no context. Any thread.
std::optional<GpuMemory> gpu_memory(int device);

}  // namespace vernier::cuda
