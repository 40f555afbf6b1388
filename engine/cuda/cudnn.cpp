#include "engine/cuda/cudnn.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <type_traits>

namespace vernier::cuda {
namespace {

// Packed rows whose log-sum-exp is packed too, and no fault in attention that is known.
constexpr std::size_t kOldestVersion = 91002;
constexpr std::size_t kNextMajor = 100000;

std::string name_of(std::size_t version) {
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

struct Found {
  Cudnn library{};
  bool usable = false;
  std::string why;
};

Found load_cudnn() {
  Found found;
  const char* variable = std::getenv(kCudnnVariable);
  const std::string wish = variable != nullptr ? variable : "";
  if (wish == "0") {
    found.why = "cuDNN: turned off by " + std::string(kCudnnVariable) + "=0";
    return found;
  }
  const std::string name = wish.empty() ? "libcudnn.so.9" : wish;
  void* library = nullptr;
  for (const char* folder : {"", "/usr/local/cuda/lib64/", "/opt/cuda/lib64/", VERNIER_CUDA_LIBRARY_DIR "/"}) {
    library = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr || !wish.empty()) break;
  }
  if (library == nullptr) {
    const char* reason = dlerror();
    found.why = "cuDNN: no " + name + (reason != nullptr ? std::string(" (") + reason + ")" : "");
    return found;
  }
  const char* missing = nullptr;
  const auto find = [&](const char* symbol, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, symbol));
    if (function == nullptr) missing = symbol;
  };
  Cudnn& c = found.library;
  find("cudnnGetVersion", c.version);
  find("cudnnGetErrorString", c.status_name);
  find("cudnnGetLastErrorString", c.last_error);
  find("cudnnCreate", c.create);
  find("cudnnDestroy", c.destroy);
  find("cudnnSetStream", c.set_stream);
  find("cudnnBackendCreateDescriptor", c.create_descriptor);
  find("cudnnBackendDestroyDescriptor", c.destroy_descriptor);
  find("cudnnBackendFinalize", c.finalize);
  find("cudnnBackendSetAttribute", c.set_attribute);
  find("cudnnBackendGetAttribute", c.get_attribute);
  find("cudnnBackendExecute", c.execute);
  if (missing != nullptr) {
    found.why = "cuDNN: " + name + " has no " + missing;
    return found;
  }
  const std::size_t version = c.version();
  if (version < kOldestVersion || version >= kNextMajor) {
    found.why = "cuDNN: got version " + name_of(version) + ", expected 9 from " + name_of(kOldestVersion) + " on";
    return found;
  }
  found.usable = true;
  found.why = "cuDNN " + name_of(version);
  return found;
}

}  // namespace

const Cudnn* find_cudnn(std::string* why) {
  static const Found found = load_cudnn();
  if (why != nullptr) *why = found.why;
  return found.usable ? &found.library : nullptr;
}

}  // namespace vernier::cuda
