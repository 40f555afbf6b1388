// The list of devices, on whatever machine this runs: what is missing is said, and nothing fails.
#include "vernier/devices.h"

#include <gtest/gtest.h>

#include "engine/cuda/architectures.h"
#include "engine/ops/make_backend.h"
#include "vernier/error.h"

namespace vernier {
namespace {

TEST(Devices, TheCpuComesLastAndAlwaysWorks) {
  const std::vector<DeviceInfo> devices = list_devices();
  ASSERT_GE(devices.size(), 2U);
  EXPECT_EQ(devices.back().id, "cpu");
  EXPECT_EQ(devices.back().problem, "");
  EXPECT_GT(devices.back().total_bytes, 0U);
  EXPECT_EQ(make_backend("cpu", 1)->name(), "cpu");
}

// As "CUDA C++ Programming Guide", "Binary Compatibility" and "PTX Compatibility" have it.
TEST(Devices, CodeIsForItsMajorVersionAndIntermediateCodeForLaterOnes) {
  using cuda::has_code_for;
  EXPECT_TRUE(has_code_for("80-real 90", 8, 0));
  EXPECT_TRUE(has_code_for("80-real 90", 8, 9));
  EXPECT_TRUE(has_code_for("80-real 90", 9, 0));
  EXPECT_TRUE(has_code_for("80-real 90", 12, 0));  // from 90's intermediate code
  EXPECT_FALSE(has_code_for("80-real 90", 7, 5));
  EXPECT_FALSE(has_code_for("90-real", 8, 9));
  EXPECT_FALSE(has_code_for("90-real", 10, 0));
  EXPECT_FALSE(has_code_for("89-real", 8, 6));
  EXPECT_TRUE(has_code_for("80-virtual", 9, 0));
  EXPECT_FALSE(has_code_for("100-real 120-real", 9, 0));
  EXPECT_TRUE(has_code_for("100-real 120-real", 12, 1));
  EXPECT_TRUE(has_code_for("native", 8, 6));
  EXPECT_FALSE(has_code_for("", 9, 0));
}

TEST(Devices, AGpuWorksOrSaysInOneSentenceWhyNot) {
  for (const DeviceInfo& device : list_devices()) {
    if (device.id == "cpu") continue;
    EXPECT_TRUE(device.id.starts_with("cuda")) << device.id;
    if (device.problem.empty()) {
      EXPECT_GT(device.free_bytes, 0U);
      EXPECT_EQ(make_backend(device.id)->name(), device.id);
      continue;
    }
    EXPECT_EQ(device.problem.find('\n'), std::string::npos) << device.problem;
    EXPECT_EQ(device.problem.back(), '.') << device.problem;
    EXPECT_EQ(resolve_device("auto"), "cpu");
    try {
      make_backend("cuda");
      FAIL() << "made a backend on " << device.id;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
      EXPECT_NE(std::string(error.what()).find(device.problem), std::string::npos) << error.what();
    }
  }
}

TEST(Devices, AutoPassesOverAGpuThatOthersHaveFilled) {
  std::vector<DeviceInfo> devices = {{"cuda:0", "fast", 80, 70, ""}, {"cuda:1", "as fast", 80, 79, ""}};
  devices.push_back({"cpu", "slow", 500, 500, ""});
  EXPECT_EQ(resolve_device("auto", devices), "cuda:0");
  EXPECT_EQ(resolve_device("cuda", devices), "cuda:0");
  devices[0].free_bytes = 30;
  EXPECT_EQ(resolve_device("auto", devices), "cuda:1");
  EXPECT_EQ(resolve_device("cuda", devices), "cuda:1");
  EXPECT_EQ(resolve_device("cuda:0", devices), "cuda:0");
  EXPECT_EQ(resolve_device("cpu", devices), "cpu");
  devices[1].problem = "It is too old.";
  EXPECT_EQ(resolve_device("auto", devices), "cuda:0");
  devices[0].problem = "It was lost.";
  EXPECT_EQ(resolve_device("auto", devices), "cpu");
  EXPECT_THROW(resolve_device("cuda", devices), Error);
}

TEST(Devices, NamesThatDoNotExistAreRefused) {
  for (const char* name : {"cuda:77", "gpu", ""}) {
    try {
      resolve_device(name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    }
  }
}

}  // namespace
}  // namespace vernier
