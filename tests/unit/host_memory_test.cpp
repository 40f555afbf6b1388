// What control groups leave of the machine's memory, read from files as Linux has them.
#include "engine/core/host_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace vernier {
namespace {

namespace fs = std::filesystem;

class HostMemory : public testing::Test {
 protected:
  HostMemory() : root_(fs::path(testing::TempDir()) / ("vernier_groups_" + std::to_string(::getpid()))) {
    fs::create_directories(root_);
  }
  ~HostMemory() override { fs::remove_all(root_); }

  void put(const fs::path& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text << '\n';
  }
  std::uint64_t free_under(const std::string& list) {
    put("list", list);
    return free_bytes_of_groups(root_ / "list", root_);
  }

  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  fs::path root_;
};

TEST_F(HostMemory, TheTightestGroupAboveCounts) {
  EXPECT_EQ(free_under("0::/"), kUnlimited);
  put("job/memory.max", "1000");
  put("job/memory.current", "700");
  put("job/step/memory.max", "max");
  put("job/step/memory.current", "600");
  EXPECT_EQ(free_under("0::/job/step"), 300u);
  put("job/memory.stat", "anon 500\ninactive_file 150\nactive_file 50");
  EXPECT_EQ(free_under("0::/job/step"), 450u);  // pages of files make way
  put("job/step/memory.max", "800");
  EXPECT_EQ(free_under("0::/job/step"), 200u);
  put("job/step/memory.current", "900");
  EXPECT_EQ(free_under("0::/job/step"), 0u);
  EXPECT_EQ(free_under("0::/other"), kUnlimited);
  // A container's own group is the top, whatever its path outside is.
  put("memory.max", "5000");
  put("memory.current", "4000");
  EXPECT_EQ(free_under("0::/docker/0123"), 1000u);
}

TEST_F(HostMemory, GroupsOfTheFirstVersionCountToo) {
  put("memory/job/memory.limit_in_bytes", "1000");
  put("memory/job/memory.usage_in_bytes", "800");
  put("memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 100");
  EXPECT_EQ(free_under("5:devices:/job\n4:cpu,memory:/job\n0::/"), 300u);
  EXPECT_EQ(free_under("5:devices:/job\n0::/"), kUnlimited);
  EXPECT_EQ(free_under("nonsense\n"), kUnlimited);
}

TEST_F(HostMemory, TheMachineHasSome) {
  EXPECT_GT(free_host_bytes(), 0u);
}

}  // namespace
}  // namespace vernier
