// Token caches: what they keep, and what becomes of damaged ones.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "engine/data/cached_dataset.h"
#include "engine/data/token_cache.h"
#include "tests/unit/data_support.h"
#include "tests/unit/io_test_support.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

bool equal(const TokenDataset& a, const TokenDataset& b) {
  if (a.size() != b.size() || a.num_tokens() != b.num_tokens()) return false;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    const TokenRow x = a.row(i), y = b.row(i);
    if (!std::ranges::equal(x.input_ids, y.input_ids) || x.labels != y.labels || x.spans != y.spans ||
        x.source_row != y.source_row || x.cut_tokens != y.cut_tokens || x.lost != y.lost ||
        !(a.fingerprint(i) == b.fingerprint(i)))
      return false;
  }
  return true;
}

class DataCache : public test::DataTest {
 protected:
  fs::path caches() const { return folder_ / "caches"; }
  std::vector<fs::path> files() const {
    std::vector<fs::path> out;
    if (!fs::exists(caches())) return out;
    for (const auto& entry : fs::directory_iterator(caches())) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }
  LoadedDataset cached(const DatasetOptions& options, const LabelOptions& labels = {},
                       const RowReader& reader = test::demo_reader()) const {
    return load_cached_dataset(options, reader, labels, caches());
  }
  static std::string pairs(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) {
      lines += R"({"prompt": "Who is number )" + std::to_string(i) + R"(? ", "completion": "Nobody."})" + "\n";
    }
    return lines;
  }
  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(DataCache, GivesBackWhatWasWritten) {
  std::mt19937 random(5);
  TokenDatasetBuilder expected;
  const Hash128 key{1, 2};
  {
    TokenCacheWriter writer(caches(), key);
    for (int i = 0; i < 500; ++i) {
      const std::size_t length = random() % 3000;
      std::vector<std::int32_t> ids(length), labels(length, kNoLabel);
      for (auto& id : ids) id = static_cast<std::int32_t>(random() % 50000);
      const auto middle = static_cast<std::int32_t>(length == 0 ? 0 : random() % length);
      std::copy(ids.begin() + middle, ids.end(), labels.begin() + middle);
      if (i % 7 == 0 && length > 0) labels.back() = 3;
      std::vector<LabelSpan> spans;
      if (middle > 0) spans.push_back({0, middle, LabelReason::kPrompt});
      if (length > 0) spans.push_back({middle, static_cast<std::int32_t>(length), LabelReason::kAssistant});
      const TokenRow row{ids,   labels, spans,
                         2 * i, i % 5,  length == 0 ? std::optional(LostReason::kEmpty) : std::nullopt};
      expected.append(row);
      writer.append(row, row_fingerprint(ids, labels));
    }
    EXPECT_TRUE(std::ranges::all_of(files(), [](const fs::path& path) { return path.filename().string()[0] == '.'; }));
    writer.commit("what it is");
  }
  std::string problem;
  const auto found = open_token_cache(caches(), key, problem);
  ASSERT_TRUE(found.has_value()) << problem;
  EXPECT_EQ(found->text, "what it is");
  const TokenDataset rows = std::move(expected).finish();
  EXPECT_TRUE(equal(found->rows, rows));
  found->rows.release_pages();
  EXPECT_TRUE(equal(found->rows, rows));
  EXPECT_FALSE(open_token_cache(caches(), {1, 3}, problem).has_value());
  EXPECT_EQ(problem, "");
}

TEST_F(DataCache, SeesEveryDamage) {
  const DatasetOptions options = file("pairs.jsonl", pairs(20));
  const LoadedDataset first = load(options);
  cached(options);
  ASSERT_EQ(files().size(), 1u);
  const fs::path path = files().front();
  const std::string good = read(path);
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < 120; ++round) {
    std::string bad = good;
    // The last 100 bytes hold the footer.
    const std::size_t at = round < 60 ? good.size() - 1 - static_cast<std::size_t>(round) : random() % good.size();
    if (round % 3 == 0) {
      bad.resize(at);
    } else {
      bad[at] = static_cast<char>(bad[at] ^ (1 << random() % 8));
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
    const LoadedDataset again = cached(options);
    ASSERT_TRUE(equal(again.all_rows, first.all_rows)) << at;
    ASSERT_EQ(again.notes.size(), 1u) << at;
    EXPECT_NE(again.notes[0].find("made anew"), std::string::npos) << again.notes[0];
    ASSERT_EQ(read(path), good);
  }
  EXPECT_TRUE(cached(options).notes.empty());
}

// Somebody writes into a cache that is in use: no other tokens are handed out, and what is gone is not read.
TEST_F(DataCache, NoticesAChangeWhileItIsInUse) {
  const DatasetOptions options = file("pairs.jsonl", pairs(20));
  cached(options);
  const LoadedDataset used = cached(options);
  const fs::path path = files().front();
  const auto read_all = [&] {
    for (std::int64_t i = 0; i < used.rows.size(); ++i) used.rows.row(i);
  };
  EXPECT_NO_THROW(read_all());
  const std::string good = read(path);
  std::mt19937 random(std::random_device{}());
  const auto patch = [&](std::size_t at, char byte) {
    std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(at)).put(byte);
  };
  const std::int32_t* first = used.rows.input_ids(0).data();
  for (int round = 0; round < 50; ++round) {
    const auto ids = used.rows.input_ids(static_cast<std::int64_t>(random() % static_cast<unsigned>(used.rows.size())));
    const auto word = static_cast<std::size_t>(ids.data() - first) + random() % ids.size();
    const std::size_t at = word * sizeof(std::int32_t) + random() % sizeof(std::int32_t);
    patch(at, static_cast<char>(good[at] ^ (1 << random() % 8)));
    try {
      read_all();
      ADD_FAILURE() << "byte " << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIo) << error.what();
    }
    patch(at, good[at]);
    EXPECT_NO_THROW(read_all());
  }
  fs::resize_file(path, 0);
  test::expect_error([&] { used.rows.row(0); }, ErrorCode::kIo, {"cut while it was in use"});
}

TEST_F(DataCache, APipeIsNoCache) {
  const DatasetOptions options = file("pairs.jsonl", pairs(5));
  cached(options);
  const fs::path path = files().front();
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const LoadedDataset read_again = cached(options);  // and does not wait for the pipe's other end
  EXPECT_TRUE(equal(read_again.rows, load(options).rows));
  EXPECT_FALSE(read_again.notes.empty());
}

TEST_F(DataCache, IsTheSameAsReadingTheData) {
  std::string lengthy;
  for (int i = 0; i < 2000; ++i) lengthy += "word ";
  const DatasetOptions options =
      file("pairs.jsonl", pairs(300) + pairs(1) + R"({"prompt": ")" + lengthy + R"(", "completion": "End."})" + "\n");
  LabelOptions labels;
  labels.completion_only_loss = true;
  const LoadedDataset plain = load(options, labels);
  EXPECT_EQ(plain.audit.rows, 302);
  EXPECT_EQ(plain.audit.lost_rows(), 1);
  const LoadedDataset made = cached(options, labels);
  const auto written = fs::last_write_time(files().front());
  std::vector<double> progress;
  const LoadedDataset found =
      load_cached_dataset(options, test::demo_reader(), labels, caches(), [&](double f) { progress.push_back(f); });
  EXPECT_EQ(progress, std::vector<double>{1.0});  // nothing was read but the cache
  EXPECT_LE(written, fs::last_write_time(files().front()));
  for (const LoadedDataset* other : {&made, &found}) {
    EXPECT_TRUE(equal(other->all_rows, plain.all_rows));
    EXPECT_TRUE(equal(other->rows, plain.rows));
    EXPECT_EQ(other->format, "prompt_completion");
    EXPECT_EQ(audit_to_json(other->audit), audit_to_json(plain.audit));
    EXPECT_EQ(other->audit.duplicates, 1);
  }
  // One cache serves with and without the rows that stand twice.
  LabelOptions once = labels;
  once.drop_duplicates = true;
  EXPECT_EQ(cached(options, once).rows.size(), plain.rows.size() - 1);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(DataCache, EachInputHasItsOwn) {
  const DatasetOptions options = file("pairs.jsonl", pairs(5));
  std::size_t count = 0;
  const auto makes_another = [&](const DatasetOptions& data, const LabelOptions& labels, const RowReader& reader) {
    cached(data, labels, reader);
    const std::size_t before = std::exchange(count, files().size());
    return count == before + 1;
  };
  const RowReader reader = test::demo_reader();
  EXPECT_TRUE(makes_another(options, {}, reader));
  EXPECT_FALSE(makes_another(options, {}, reader));
  // The same content elsewhere is the same data.
  EXPECT_FALSE(makes_another(file("others.jsonl", pairs(5)), {}, reader));
  EXPECT_TRUE(makes_another(file("pairs.jsonl", pairs(4) + pairs(1)), {}, reader));
  LabelOptions labels;
  labels.max_length = 7;
  EXPECT_TRUE(makes_another(options, labels, reader));
  labels.keep_whole = true;
  EXPECT_TRUE(makes_another(options, labels, reader));
  labels.completion_only_loss = true;
  EXPECT_TRUE(makes_another(options, labels, reader));
  DatasetOptions swapped = options;
  swapped.columns = {{"prompt", "completion"}, {"completion", "prompt"}};
  EXPECT_TRUE(makes_another(swapped, {}, reader));
  swapped.format = "prompt_completion";
  EXPECT_TRUE(makes_another(swapped, {}, reader));
  EXPECT_TRUE(makes_another(options, {}, {reader.tokenizer, nullptr, reader.vocab_size, {0, 1}}));
  EXPECT_TRUE(makes_another(options, {}, {reader.tokenizer, nullptr, reader.vocab_size + 1, {}}));
}

TEST_F(DataCache, ReaderKeysFollowTokenizerAndTemplate) {
  const fs::path model = folder_ / "model";
  fs::create_directories(model);
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(model / name) << text; };
  std::vector<Hash128> keys;
  const auto key = [&](const std::string& choice) { keys.push_back(row_reader_key(model.string(), choice)); };
  key("");
  write("tokenizer.json", "{}");
  key("");
  write("tokenizer.json", "{ }");
  key("");
  write("tokenizer_config.json", "{}");
  key("");
  write("chat_template.jinja", "{{ messages }}");
  key("");
  key("chatml");
  write("own.jinja", "a");
  key((model / "own.jinja").string());
  write("own.jinja", "b");
  key((model / "own.jinja").string());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " " << j;
  }
  EXPECT_EQ(row_reader_key(model.string(), "chatml"), keys[5]);
}

TEST_F(DataCache, GoesOnInMemoryWhereItCannotBeWritten) {
  std::ofstream(caches()) << "a file where the folder should be";
  const DatasetOptions options = file("pairs.jsonl", pairs(30));
  const LoadedDataset loaded = cached(options);
  EXPECT_TRUE(equal(loaded.all_rows, load(options).all_rows));
  ASSERT_EQ(loaded.notes.size(), 1u);
  EXPECT_NE(loaded.notes[0].find("kept in memory"), std::string::npos) << loaded.notes[0];
}

TEST_F(DataCache, LeavesNothingBehindWhenStoppedOrRefused) {
  const DatasetOptions options = file("pairs.jsonl", pairs(5000));
  std::stop_source stop;
  try {
    load_cached_dataset(
        options, test::demo_reader(), {}, caches(), [&](double) { stop.request_stop(); }, stop.get_token());
    FAIL() << "not stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
  EXPECT_TRUE(files().empty());
  EXPECT_THROW(cached(file("bad.jsonl", pairs(2000) + "{\"prompt\": 1}\n")), Error);
  EXPECT_TRUE(files().empty());
  EXPECT_THROW(cached(file("none.jsonl", "x")), Error);
}

TEST_F(DataCache, RemovesLeftoversAndTheLeastRecentlyUsed) {
  const auto make = [&](std::uint64_t number) {
    TokenCacheWriter writer(caches(), {0, number});
    writer.commit(std::string(1000, 'x'));
  };
  for (std::uint64_t i = 0; i < 4; ++i) make(i);
  const std::vector<fs::path> made = files();
  ASSERT_EQ(made.size(), 4u);
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 4; ++i) fs::last_write_time(made[static_cast<std::size_t>(i)], now - std::chrono::hours(10 - i));
  std::string problem;
  ASSERT_TRUE(open_token_cache(caches(), {0, 0}, problem).has_value());  // now the one used last
  prune_token_caches(caches(), 2 * fs::file_size(made[0]), {0, 1});
  EXPECT_EQ(files(), (std::vector<fs::path>{made[0], made[1], made[3]}));

  const fs::path old = caches() / ".0123.tokens.tmp-1-0", fresh = caches() / ".4567.tokens.tmp-1-0";
  for (const fs::path& path : {old, fresh}) std::ofstream(path) << "half";
  fs::last_write_time(old, now - std::chrono::hours(30));
  make(7);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(fresh));
}

}  // namespace
}  // namespace vernier
