// Rows told one by one against the data set that training reads.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "engine/data/dataset_audit.h"
#include "engine/data/row_labeller.h"
#include "tests/unit/data_support.h"
#include "tests/unit/random.h"
#include "vernier/row_inspector.h"

namespace vernier {
namespace {

constexpr std::int64_t kAll = 1 << 30;

class InspectRows : public test::DataTest {
 protected:
  static std::string words(int most) {
    std::string out = "x";
    for (auto i = test::uniform_int(0, most); i > 0; --i)
      out += test::uniform_int(0, 1) == 0 ? " the keeper" : " boat.";
    return out;
  }
  static std::string random_file() {
    std::string lines;
    for (int i = 0; i < 60; ++i) {
      nlohmann::json messages = nlohmann::json::array();
      for (auto turns = test::uniform_int(1, 3); turns > 0; --turns) {
        messages.push_back({{"role", "user"}, {"content", words(20)}});
        if (test::uniform_int(0, 3) > 0) messages.push_back({{"role", "assistant"}, {"content", words(20)}});
      }
      const std::string line = nlohmann::json({{"messages", messages}}).dump() + "\n";
      lines += line;
      if (test::uniform_int(0, 5) == 0) lines += line;
    }
    return lines;
  }
  const std::string model_ = (test::demo_folder() / "model").string();
  const RowInspector inspector_{model_, ""};
};

TEST_F(InspectRows, SayWhatTrainingReads) {
  const auto chat_template = load_chat_template(model_);
  LabelOptions labels;
  for (const bool assistant : {false, true}) {
    labels.assistant_only_loss = assistant;
    labels.max_length = test::uniform_int(2, 40);
    for (const bool whole : {false, true}) {
      labels.keep_whole = whole;
      const DatasetOptions options = file("x.jsonl", random_file());
      const LoadedDataset loaded = load(options, labels, chat_template.get());
      std::int64_t rows = 0, duplicates = 0;
      const RowScan scan = inspector_.scan(options, labels, [&](const RowSummary& row) {
        ASSERT_EQ(row.row, rows);
        const TokenRow expected = loaded.all_rows.row(rows++);
        std::vector<std::int32_t> rebuilt;
        bool labelled = false;
        for (const std::int32_t end : row.ends) {
          for (; static_cast<std::int32_t>(rebuilt.size()) < end;) {
            rebuilt.push_back(labelled ? expected.input_ids[rebuilt.size()] : kNoLabel);
          }
          labelled = !labelled;
        }
        EXPECT_EQ(rebuilt, expected.labels);
        EXPECT_EQ(row.lost, expected.lost);
        EXPECT_EQ(row.cut_tokens, expected.cut_tokens);
        EXPECT_EQ(row.example, 0);
        duplicates += row.duplicate ? 1 : 0;

        const InspectedRow one = inspector_.read_row(options, labels, row.file_row, row.example, kAll);
        EXPECT_TRUE(std::ranges::equal(one.row.input_ids, expected.input_ids));
        EXPECT_EQ(one.row.labels, expected.labels);
        EXPECT_EQ(one.row.spans, expected.spans);
        ASSERT_EQ(one.special.size(), one.row.pieces.size());
        EXPECT_TRUE(one.special[0]);  // <s>
      });
      EXPECT_EQ(rows, loaded.audit.rows);
      EXPECT_EQ(scan.format, "messages");
      EXPECT_EQ(duplicates, loaded.audit.duplicates);
      EXPECT_EQ(audit_to_json(scan.audit), audit_to_json(loaded.audit));
    }
  }
  EXPECT_TRUE(inspector_.has_chat_template());
}

TEST_F(InspectRows, FindARowOfSeveralExamplesAndStretchesOfAText) {
  const DatasetOptions several =
      file("several.jsonl", R"({"instruction": "a", "instances": [{"output": "one"}, {"output": "two"}]})"
                            "\n"
                            R"({"instruction": "b", "instances": [{"output": "three"}]})"
                            "\n");
  std::vector<std::pair<std::int64_t, std::int32_t>> places;
  inspector_.scan(several, {}, [&](const RowSummary& row) { places.emplace_back(row.file_row, row.example); });
  EXPECT_EQ(places, (std::vector<std::pair<std::int64_t, std::int32_t>>{{0, 0}, {0, 1}, {1, 0}}));
  const auto text_of = [&](std::int64_t row, std::int32_t example) {
    return test::demo_tokenizer().decode(inspector_.read_row(several, {}, row, example, kAll).row.input_ids, false);
  };
  EXPECT_NE(text_of(0, 1).find("two"), std::string::npos);
  EXPECT_NE(text_of(1, 0).find("three"), std::string::npos);
  const InspectedRow begun = inspector_.read_row(several, {}, 0, 1, 3);
  EXPECT_EQ(begun.row.input_ids.size(), 3u);
  EXPECT_EQ(begun.row.pieces.size(), 3u);
  EXPECT_GT(begun.row.spans.back().end, 3);
  EXPECT_THROW(text_of(1, 1), Error);
  EXPECT_THROW(text_of(2, 0), Error);
  // The text as the model reads it, without a pass over the file.
  const std::vector<std::string> texts = inspector_.texts(DataSample::read(several.path), 0, several);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0], text_of(0, 0));

  std::string story;
  for (int i = 0; i < 9000; ++i) story += "The boat is red. ";
  const DatasetOptions plain = file("story.txt", story + "\n\n" + story);
  LabelOptions labels;
  labels.max_length = 100;
  std::int64_t rows = 0;
  std::pair<std::int64_t, std::int32_t> last;
  std::vector<std::int32_t> ends;
  inspector_.scan(plain, labels, [&](const RowSummary& row) {
    ++rows;
    last = {row.file_row, row.example};
    ends.assign(row.ends.begin(), row.ends.end());
  });
  EXPECT_GT(rows, 100);
  EXPECT_GT(last.first, 0);
  EXPECT_EQ(
      static_cast<std::int32_t>(inspector_.read_row(plain, labels, last.first, last.second, kAll).row.input_ids.size()),
      ends.back());
}

TEST_F(InspectRows, StopInTheMiddleOfAGiantRow) {
  std::string text;
  while (text.size() < (std::size_t{8} << 20)) text += "the keeper of the lighthouse ";
  // Asked for before it begins, so that every row is labelled under it: a short one is done before anybody looks, a
  // long one ends where it is.
  std::stop_source asked;
  asked.request_stop();
  const RowLabeller labeller(test::demo_tokenizer(), nullptr, test::demo_tokenizer().vocab_size(), {},
                             asked.get_token());
  EXPECT_GT(labeller.label(WholeText{text.substr(0, 200)}, "row 1").input_ids.size(), 10u);
  try {
    labeller.label(WholeText{text}, "row 2");
    ADD_FAILURE() << "the whole row was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
    EXPECT_NE(std::string(error.what()).find("in the middle"), std::string::npos) << error.what();
  }

  // Whoever looks through a file asks at any time.
  const DatasetOptions giant = file("giant.jsonl", nlohmann::json({{"text", text}}).dump());
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  try {
    inspector_.scan(
        giant, {}, [](const RowSummary&) { ADD_FAILURE() << "the whole row was read"; }, {}, stop.get_token());
    ADD_FAILURE() << "the stop was not heard";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled) << error.what();
  }
}

}  // namespace
}  // namespace vernier
