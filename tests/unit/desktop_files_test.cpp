// The desktop entry and the AppStream metadata, judged by the tools that software centres use.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/unit/shell.h"

namespace {

const std::string kFolder = std::string(VERNIER_SOURCE_DIR) + "/installer/";

void expect_valid(const std::string& program, const std::string& arguments, const std::string& file) {
  if (vernier::test::run_command("command -v " + program).first.empty()) GTEST_SKIP() << program << " is not installed";
  const auto [output, status] =
      vernier::test::run_command(program + " " + arguments + " '" + kFolder + file + "' 2>&1");
  EXPECT_EQ(status, 0) << output;
}

TEST(DesktopFiles, TheEntryIsValid) {
  expect_valid("desktop-file-validate", "", "org.vernier.Vernier.desktop");
}

TEST(DesktopFiles, TheMetadataIsValid) {
  expect_valid("appstreamcli", "validate --no-net", "org.vernier.Vernier.metainfo.xml");
}

}  // namespace
