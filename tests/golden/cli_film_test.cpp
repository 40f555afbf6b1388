// runs --film: a run as one page.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.h"

namespace vernier::golden {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST(CliFilm, WritesOnePageOrNothing) {
  const TempFolder folder;
  const fs::path demo = fs::path(VERNIER_SOURCE_DIR) / "resources" / "demo" / "lora" / "run.json";
  ASSERT_EQ(run_cli({"train", "--config", demo, "--out", folder / "run", "--max-steps", "2", "--device", "cpu"}).status,
            0);
  const std::string page = folder / "run.html";
  const Outcome text = run_cli({"runs", folder / "run", "--film", page});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with(page)) << text.out;
  const Outcome as_json = run_cli({"runs", folder / "run", "--film", page, "--json"});
  ASSERT_EQ(as_json.status, 0) << as_json.err;
  const json told = json::parse(as_json.out);
  EXPECT_EQ(told["path"], page);
  EXPECT_EQ(told["bytes"], fs::file_size(page));
  EXPECT_EQ(told["steps"], (json{1, 2}));
  EXPECT_EQ(told["lost_captures"], 0);
  EXPECT_TRUE(read_all(page).starts_with("<!DOCTYPE html>"));

  expect_one_error(run_cli({"runs", folder / "no-run", "--film", folder / "no.html"}));
  expect_one_error(run_cli({"runs", folder / "run", "--film", folder / "run"}));
  EXPECT_EQ(run_cli({"runs", folder / "run", "--film", folder / "new/run.html"}).status, 0);
  EXPECT_EQ(run_cli({"runs", folder / "run", "--film", page, "--worst", "3"}).status, 2);
  EXPECT_FALSE(fs::exists(folder / "no.html"));
}

}  // namespace
}  // namespace vernier::golden
