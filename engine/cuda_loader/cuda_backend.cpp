// Finds the CUDA backend, which is a library of its own: one package serves machines with and without CUDA, and what is
// missing shows in the device list, never at start.
#include "engine/ops/cuda_backend.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "engine/ops/cuda_module.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr const char* kFile = "libvernier-cuda.so";

struct Module {
  decltype(&vernier_cuda_list_devices) list_devices = nullptr;
  decltype(&vernier_cuda_make_backend) make_backend = nullptr;
  std::string problem;  // why there is none; "" where both functions are there
};

// Beside the program in a build, in lib/vernier/backends when installed; empty where it is in neither.
std::filesystem::path module_path() {
  std::error_code none;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
  const std::filesystem::path installed = folder.parent_path() / "lib" / "vernier" / "backends" / kFile;
  for (const std::filesystem::path& path : {folder / kFile, installed}) {
    if (std::filesystem::exists(path, none)) return path;
  }
  return {};
}

Module load() {
  Module module;
  const std::filesystem::path path = module_path();
  if (path.empty()) {
    module.problem = std::string("This installation of Vernier computes on the CPU only: it has no ") + kFile + ".";
    return module;
  }
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    module.problem = std::string("The CUDA backend cannot be loaded: ") + dlerror() + ".";
    return module;
  }
  const auto abi = reinterpret_cast<decltype(&vernier_cuda_abi)>(dlsym(library, "vernier_cuda_abi"));
  module.list_devices = reinterpret_cast<decltype(module.list_devices)>(dlsym(library, "vernier_cuda_list_devices"));
  module.make_backend = reinterpret_cast<decltype(module.make_backend)>(dlsym(library, "vernier_cuda_make_backend"));
  if (abi == nullptr || module.list_devices == nullptr || module.make_backend == nullptr ||
      std::string(abi()) != VERNIER_CUDA_ABI) {
    module.problem = path.string() + " belongs to another build of Vernier; install both from one package.";
  }
  return module;
}

const Module& module() {
  static const Module loaded = load();
  return loaded;
}

DeviceInfo unusable(const std::string& problem) {
  DeviceInfo none;
  none.id = "cuda";
  none.name = "CUDA";
  none.problem = problem;
  return none;
}

}  // namespace

std::vector<DeviceInfo> list_cuda_devices() {
  if (!module().problem.empty()) return {unusable(module().problem)};
  std::vector<DeviceInfo> devices;
  module().list_devices(&devices);
  return devices;
}

std::unique_ptr<Backend> make_cuda_backend(int index) {
  if (!module().problem.empty()) {
    fail(ErrorCode::kUnsupported, "device", "cuda: got none. " + module().problem + " Use --device cpu.");
  }
  return std::unique_ptr<Backend>(module().make_backend(index));
}

}  // namespace vernier
