#include "engine/cpu/cpu_backend.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "tests/unit/matrix.h"
#include "vernier/error.h"

namespace vernier {
namespace {

TEST(CpuBackend, CountsWhatIsAllocated) {
  std::unique_ptr<Backend> backend = make_cpu_backend(1);
  EXPECT_EQ(backend->name(), "cpu");
  std::unique_ptr<DeviceBuffer> first = backend->allocate(1000);
  EXPECT_EQ(first->bytes(), 1000u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first->data()) % 64, 0u);
  std::unique_ptr<DeviceBuffer> second = backend->allocate(77);
  EXPECT_EQ(backend->allocated_bytes(), 1077u);
  first.reset();
  EXPECT_EQ(backend->allocated_bytes(), 77u);
  EXPECT_EQ(backend->peak_bytes(), 1077u);
  EXPECT_NE(backend->allocate(0)->data(), nullptr);
  backend.reset();  // a buffer may outlive its backend
  second.reset();
}

TEST(CpuBackend, TellsWhatMemoryIsMissing) {
  const std::unique_ptr<Backend> backend = make_cpu_backend(1);
  for (const std::size_t bytes : {std::size_t{1} << 46, std::numeric_limits<std::size_t>::max()}) {
    try {
      backend->allocate(bytes);
      FAIL() << "allocated " << bytes;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
      EXPECT_EQ(error.needed_bytes, bytes);
      EXPECT_GT(error.free_bytes, 0u);
      EXPECT_LT(error.free_bytes, bytes);
    }
  }
  EXPECT_EQ(backend->allocated_bytes(), 0u);
}

// A limit of the address space is lower than what memory is free: it is what the sentence names, in its own numbers.
TEST(CpuBackend, NamesTheLimitOfAddressSpace) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  rlimit small = before;
  small.rlim_cur = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + (std::size_t{128} << 20);
  const std::unique_ptr<Backend> backend = make_cpu_backend(1);
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &small), 0);
  std::string message;
  std::uint64_t needed = 0, free = 0;
  try {
    backend->allocate(std::size_t{256} << 20);
  } catch (const Error& error) {
    message = error.what();
    needed = error.needed_bytes;
    free = error.free_bytes;
  }
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_NE(message.find("this process's limit of address space"), std::string::npos) << message;
  EXPECT_EQ(needed, std::size_t{256} << 20);
  EXPECT_LE(free, std::size_t{128} << 20);
}

TEST(CpuBackend, CopiesToAndFro) {
  const std::unique_ptr<Backend> backend = make_cpu_backend(2);
  const std::vector<float> values = test::normal(33);
  const std::size_t bytes = values.size() * sizeof(float);
  const std::unique_ptr<DeviceBuffer> buffer = backend->allocate(bytes);
  backend->upload(buffer->data(), values.data(), bytes);
  const TensorView x(static_cast<float*>(buffer->data()), 3, 11);
  backend->add({values.data(), 3, 11}, x);
  backend->synchronize();
  std::vector<float> back(33);
  backend->download(back.data(), buffer->data(), bytes);
  for (std::size_t i = 0; i < 33; ++i) EXPECT_EQ(back[i], 2.0f * values[i]);
  EXPECT_EQ(backend->squared_norm({}), 0.0);
}

}  // namespace
}  // namespace vernier
