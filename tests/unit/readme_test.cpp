// "The way data takes" in README.md, and the steps' files and functions in the code.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

namespace {

std::string read_source(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(std::filesystem::path(VERNIER_SOURCE_DIR) / path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Readme, TheWayDataTakesIsInTheCode) {
  const std::string readme = read_source("README.md");
  const std::regex step("`([a-z_/]+\\.cpp): ([a-z_]+)`");
  std::size_t steps = 0;
  for (std::sregex_iterator found(readme.begin(), readme.end(), step), end; found != end; ++found, ++steps) {
    const std::string file = (*found)[1];
    const std::string function = (*found)[2];
    const std::string source = read_source(file);
    ASSERT_FALSE(source.empty()) << file;
    // A definition: the name, its parameters, and a body.
    const std::regex definition("\\b" + function + "\\([^;{]*\\{");
    EXPECT_TRUE(std::regex_search(source, definition)) << file << " defines no " << function;
  }
  EXPECT_GE(steps, 10U);
}

}  // namespace
