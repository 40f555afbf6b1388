// Every source file is as clang-format 14 writes it. Other versions write other things, so that they are not asked.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/unit/shell.h"

namespace {

namespace fs = std::filesystem;
using vernier::test::run_command;

std::string clang_format_14() {
  for (const char* name : {"clang-format-14", "clang-format"}) {
    if (run_command(std::string(name) + " --version 2>/dev/null").first.find("version 14.") != std::string::npos)
      return name;
  }
  return "";
}

TEST(Format, EveryFileIsAsClangFormatWritesIt) {
  const std::string program = clang_format_14();
  if (program.empty()) GTEST_SKIP() << "clang-format 14 is not installed";
  std::string files;
  std::size_t count = 0;
  for (const char* top : {"app", "engine", "tests", "ui"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(VERNIER_SOURCE_DIR) / top)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp" && extension != ".cu" && extension != ".cuh") continue;
      files += " '" + entry.path().string() + "'";
      ++count;
    }
  }
  ASSERT_GT(count, 50U);
  const auto [output, status] = run_command(program + " --style=file --dry-run --Werror" + files + " 2>&1");
  EXPECT_EQ(status, 0) << output.substr(0, 4000);
}

}  // namespace
