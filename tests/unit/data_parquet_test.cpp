// Parquet, where Vernier was built with Apache Arrow; else the sentence that says so.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/data/row_source.h"
#include "tests/unit/io_test_support.h"

namespace vernier {
namespace {

const std::string kChat = std::string(VERNIER_SOURCE_DIR) + "/tests/golden/cases/chat.parquet";

#ifdef VERNIER_HAS_PARQUET

TEST(Parquet, RowsAreObjectsOfTheirColumns) {
  const auto source = open_rows(kChat);
  std::vector<nlohmann::ordered_json> rows;
  for (RawRow row; source->next(row);) {
    EXPECT_EQ(row.index, static_cast<std::int64_t>(rows.size()));
    rows.push_back(source->parse(row));
  }
  EXPECT_EQ(source->fraction(), 1.0);
  ASSERT_EQ(rows.size(), 5u);  // of three row groups
  EXPECT_EQ(rows[1].dump(),
            R"({"messages":[{"role":"user","content":"Question 1: what is 1 é?"},)"
            R"({"role":"assistant","content":"It is 1."}],"id":2,"score":null,"half":1.5,"tags":[],"kind":"y",)"
            R"("when":"2025-07-10 12:00:01.000000","day":"2025-07-11","good":false,"deep":{"a":{"b":[[1]]}},)"
            R"("map":{"k":1},"picture":null})");
  EXPECT_EQ(rows[2].at("tags"), nullptr);
  EXPECT_EQ(rows[2].at("score"), nullptr);  // NaN
  EXPECT_EQ(rows[3].at("tags"), nlohmann::json({"c", nullptr}));
  EXPECT_EQ(rows[4].at("id"), std::int64_t{1} << 40);
}

TEST(Parquet, DamagedFilesAreRefused) {
  const test::TemporaryFolder folder;
  std::ifstream in(kChat, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (const std::size_t size : {std::size_t{4}, std::size_t{100}, whole.size() / 2, whole.size() - 9}) {
    std::ofstream(folder / "cut.parquet", std::ios::binary) << whole.substr(0, size);
    test::expect_error([&] { open_rows((folder / "cut.parquet").string()); }, ErrorCode::kInvalidInput,
                       {"cut.parquet", "Parquet"});
  }
}

#else

TEST(Parquet, IsRefusedWithTheWayOut) {
  test::expect_error([] { open_rows(kChat); }, ErrorCode::kUnsupported,
                     {"chat.parquet", "Apache Arrow", "read_parquet"});
}

#endif

}  // namespace
}  // namespace vernier
