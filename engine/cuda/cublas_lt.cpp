#include "engine/cuda/cublas_lt.h"

#include <dlfcn.h>

#include <string>

#include "vernier/error.h"

namespace vernier::cuda {
namespace {

// The loader's own places first, then where toolkits install.
void* open_library(const std::string& name) {
  for (const char* folder : {"", "/usr/local/cuda/lib64/", "/opt/cuda/lib64/", VERNIER_CUDA_LIBRARY_DIR "/"}) {
    if (void* library = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  fail(ErrorCode::kUnsupported, "cuda",
       name +
           ": got none in the system's library path nor in /usr/local/cuda, expected NVIDIA's cuBLAS. Install it "
           "(package libcublas), or name its folder in LD_LIBRARY_PATH.");
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    fail(ErrorCode::kUnsupported, "cuda",
         std::string("cuBLAS: got a library without ") + name + ", expected version " +
             std::to_string(CUBLAS_VER_MAJOR) + " of it.");
  }
}

CublasLt load() {
  void* library = open_library("libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR));
  CublasLt lt{};
  find(library, "cublasLtCreate", lt.create);
  find(library, "cublasLtDestroy", lt.destroy);
  find(library, "cublasLtMatmul", lt.matmul);
  find(library, "cublasLtMatmulAlgoGetHeuristic", lt.heuristics);
  find(library, "cublasLtMatmulDescCreate", lt.description_create);
  find(library, "cublasLtMatmulDescDestroy", lt.description_destroy);
  find(library, "cublasLtMatmulDescSetAttribute", lt.description_set);
  find(library, "cublasLtMatrixLayoutInit_internal", lt.layout_init);
  find(library, "cublasLtMatmulPreferenceCreate", lt.preference_create);
  find(library, "cublasLtMatmulPreferenceDestroy", lt.preference_destroy);
  find(library, "cublasLtMatmulPreferenceSetAttribute", lt.preference_set);
  return lt;
}

}  // namespace

const CublasLt& cublas_lt() {
  static const CublasLt lt = load();
  return lt;
}

}  // namespace vernier::cuda
