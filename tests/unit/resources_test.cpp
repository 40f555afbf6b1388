#include "vernier/resources.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "vernier/error.h"

namespace vernier {
namespace {

// Sets or unsets a variable of the environment until the end of the scope.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) const {
    if (value == nullptr) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, value, 1);
    }
  }

  const char* name_;
  std::optional<std::string> before_;
};

TEST(Resources, AreTheSourceTreesWhereNothingIsInstalled) {
  const Variable none("VERNIER_RESOURCES", nullptr);
  EXPECT_TRUE(std::filesystem::is_regular_file(resource_dir() + "/demo/lora/run.json")) << resource_dir();
}

TEST(Resources, AreWhereTheVariableSays) {
  const Variable chosen("VERNIER_RESOURCES", "/usr");
  EXPECT_EQ(resource_dir(), "/usr");
  const Variable wrong("VERNIER_RESOURCES", "/nowhere/at/all");
  try {
    resource_dir();
    FAIL() << "a folder that is not there was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("/nowhere/at/all"), std::string::npos) << error.what();
  }
}

TEST(Resources, RunsGoToTheDataFolder) {
  const Variable home("HOME", "/home/somebody");
  {
    const Variable data("XDG_DATA_HOME", "/data");
    EXPECT_EQ(default_runs_dir(), "/data/vernier/runs");
  }
  // The base directory specification: a relative one is ignored.
  for (const char* ignored : {static_cast<const char*>(nullptr), "", "data"}) {
    const Variable data("XDG_DATA_HOME", ignored);
    EXPECT_EQ(default_runs_dir(), "/home/somebody/.local/share/vernier/runs");
  }
}

TEST(Resources, CachesGoToTheCacheFolder) {
  const Variable home("HOME", "/home/somebody");
  const Variable unset("VERNIER_CACHE_DIR", nullptr);
  {
    const Variable cache("XDG_CACHE_HOME", nullptr);
    EXPECT_EQ(cache_dir(), "/home/somebody/.cache/vernier");
  }
  const Variable cache("XDG_CACHE_HOME", "/quick");
  EXPECT_EQ(cache_dir(), "/quick/vernier");
  const Variable chosen("VERNIER_CACHE_DIR", "/elsewhere");
  EXPECT_EQ(cache_dir(), "/elsewhere");
}

}  // namespace
}  // namespace vernier
