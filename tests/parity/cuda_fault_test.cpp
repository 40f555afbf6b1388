// A GPU that is lost in the middle of the work, in a process of its own: nothing runs on it afterwards.
#include <cstdio>
#include <cstdlib>

#include "tests/parity/cuda_support.h"
#include "vernier/error.h"

namespace vernier::test {
namespace {

// Exits with 0 where every operation from the fault on says that the GPU is lost, and the program can still clean up.
[[noreturn]] void lose_the_gpu() {
  setenv("VERNIER_TEST_CUDA_FAULT", "3", 1);
  int lost = 0;
  try {
    const auto backend = make_cuda_backend(0);
    const auto buffer = backend->allocate(4096);
    const TensorView x(static_cast<float*>(buffer->data()), 2, 512);
    backend->zero(x);
    backend->synchronize();
    for (int i = 0; i < 3; ++i) {
      try {
        backend->zero(x);
        backend->synchronize();
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kFatal) ++lost;
        std::fprintf(stderr, "%s\n", error.what());
      }
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(2);
  }
  std::_Exit(lost == 3 ? 0 : 1);
}

TEST(CudaFault, ALostGpuIsSaidAndNothingElseBreaks) {
  if (const std::string problem = list_cuda_devices().front().problem; !problem.empty()) {
    GTEST_SKIP() << "no GPU: " << problem;
  }
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(lose_the_gpu(), testing::ExitedWithCode(0), "The GPU is lost to this program: restart it.");
}

}  // namespace
}  // namespace vernier::test
