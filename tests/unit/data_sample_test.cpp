// The first rows of a file, without a model.
#include "vernier/data_sample.h"

#include <gtest/gtest.h>

#include "tests/unit/data_support.h"
#include "tests/unit/random.h"

namespace vernier {
namespace {

class DataSamples : public test::DataTest {
 protected:
  static DataSample read(const DatasetOptions& options, const SampleLimits& limits = {}) {
    return DataSample::read(options.path, limits);
  }
};

TEST_F(DataSamples, TellsTheFormatAndWhereItIsFound) {
  struct Case {
    const char* name;
    const char* content;
    const char* format;
    std::vector<std::string> keys;  // of the required columns
    std::vector<std::string> rivals;
  };
  const std::vector<Case> cases = {
      {"a.jsonl", R"({"conversations": [{"from": "human", "value": "a"}]})", "sharegpt", {"conversations"}, {}},
      {"b.jsonl",
       R"({"messages": [{"role": "user", "content": "a"}], "text": "b"})",
       "messages",
       {"messages"},
       {"text"}},
      {"c.json", R"([{"instruction": "a", "input": "", "response": "b"}])", "alpaca", {"instruction"}, {}},
      {"d.csv",
       "question,answer,prompt,completion\na,b,c,d\n",
       "prompt_completion",
       {"prompt", "completion"},
       {"question_answer"}},
      {"e.tsv", "question\tanswer\na\tb\n", "question_answer", {"question", "answer"}, {}},
      {"f.jsonl", R"({"input_ids": [1, 5, 6]})", "tokens", {"input_ids"}, {}},
      {"g.txt", "Once there was a boat.\n", "text", {}, {}},
  };
  for (const Case& one : cases) {
    const DatasetOptions options = file(one.name, one.content);
    const DataSample sample = read(options);
    const SampleReading reading = sample.read_as(options);
    EXPECT_EQ(reading.format, one.format) << one.name;
    EXPECT_EQ(reading.problem, "") << one.name;
    EXPECT_FALSE(reading.chosen);
    EXPECT_EQ(reading.rivals, one.rivals) << one.name;
    EXPECT_EQ(reading.rows_read, sample.size()) << one.name;
    EXPECT_EQ(reading.rows_failed, 0) << reading.first_problem;
    EXPECT_TRUE(sample.is_whole());
    std::vector<std::string> keys;
    for (const SampleColumn& column : reading.columns) {
      if (column.required) keys.push_back(column.key);
    }
    EXPECT_EQ(keys, one.keys) << one.name;
    // The format that training would find.
    EXPECT_EQ(load(options).format, one.format);
  }
}

TEST_F(DataSamples, FollowsAMapping) {
  DatasetOptions options = file("x.csv", "frage,antwort\nWer?,Ich.\n{{wer}}?,Du.\n");
  const DataSample sample = read(options);
  EXPECT_NE(sample.read_as(options).problem.find("no known format"), std::string::npos);
  options.columns = {{"question", "frage"}, {"answer", "antwort"}};
  const SampleReading reading = sample.read_as(options);
  EXPECT_EQ(reading.format, "question_answer");
  EXPECT_EQ(reading.placeholders, 1);
  ASSERT_EQ(reading.columns.size(), 3u);
  EXPECT_TRUE(reading.columns[0].mapped);
  EXPECT_EQ(reading.columns[1].key, "antwort");
  EXPECT_EQ(reading.columns[2].key, "");
  const std::vector<SampleExample> examples = sample.examples(0, options);
  ASSERT_EQ(examples.size(), 1u);
  ASSERT_EQ(examples[0].size(), 2u);
  EXPECT_EQ(examples[0][0].role, "user");
  EXPECT_EQ(examples[0][1].text, "Ich.");
  options.format = "alpaca";
  options.columns.clear();
  const SampleReading wrong = sample.read_as(options);
  EXPECT_TRUE(wrong.chosen);
  EXPECT_EQ(wrong.rows_failed, 2);
  EXPECT_NE(wrong.first_problem.find("instruction"), std::string::npos);
  options.columns = {{"question", "nowhere"}};
  EXPECT_NE(sample.read_as(options).problem.find("nowhere"), std::string::npos);
}

TEST_F(DataSamples, ShowsWhatIsWrongAndGoesOn) {
  const DatasetOptions options =
      file("x.jsonl", "{\"text\": \"a\"}\n{\"text\": oops}\n[1]\n{\"text\": \"d\", \"n\": 4}\n");
  const DataSample sample = read(options);
  ASSERT_EQ(sample.size(), 4);
  EXPECT_EQ(sample.columns(), (std::vector<std::string>{"text", "n"}));
  EXPECT_EQ(sample.row_problem(0), "");
  EXPECT_NE(sample.row_problem(1).find("row 1 (line 2)"), std::string::npos) << sample.row_problem(1);
  EXPECT_NE(sample.row_problem(2).find("expected an object"), std::string::npos);
  EXPECT_EQ(sample.cell(3, 1, 100), "4");
  EXPECT_FALSE(sample.has_cell(0, 1));
  const SampleReading reading = sample.read_as(options);
  EXPECT_EQ(reading.rows_read, 2);
  EXPECT_EQ(reading.rows_failed, 2);
  EXPECT_EQ(reading.first_failed, 1);
  EXPECT_EQ(reading.first_problem, sample.row_problem(1));
  EXPECT_THROW(sample.examples(1, options), Error);
  // A list that ends too early: its rows so far, and why there are no more.
  const DataSample cut = read(file("cut.json", R"([{"text": "a"}, {"text": "b"}, {"te)"));
  EXPECT_EQ(cut.size(), 2);
  EXPECT_FALSE(cut.is_whole());
  EXPECT_NE(cut.problem().find("cut short"), std::string::npos);
  EXPECT_THROW(read(file("utf16.jsonl", std::string("\xFF\xFE{\0\"\0", 6))), Error);
}

TEST_F(DataSamples, StopsAtItsLimitsAndGuessesTheRest) {
  std::string lines;
  const std::int64_t rows = test::uniform_int(3000, 5000);
  for (std::int64_t i = 0; i < rows; ++i) lines += R"({"text": ")" + std::string(200, 'a') + "\"}\n";
  const DatasetOptions options = file("x.jsonl", lines);
  const DataSample few = read(options, {.rows = 2000, .bytes = std::size_t{1} << 30});
  EXPECT_EQ(few.size(), 2000);
  EXPECT_FALSE(few.is_whole());
  EXPECT_GT(few.fraction(), 0.0);
  EXPECT_LE(few.fraction(), 1.0);
  EXPECT_NEAR(static_cast<double>(few.rows_guess()), static_cast<double>(rows), 0.5 * static_cast<double>(rows));
  EXPECT_LT(read(options, {.rows = rows, .bytes = 10000}).size(), 60);
  EXPECT_EQ(read(options).rows_guess(), std::min<std::int64_t>(rows, read(options).rows_guess()));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(DataSample::read(options.path, {}, stop.get_token()), Error);
}

TEST_F(DataSamples, CutsCellsAtACharacter) {
  const DatasetOptions options =
      file("x.jsonl", "{\"text\": \"h\xC3\xA9llo\", \"list\": [{\"a\": \"x\xC3\xA9\"}, 2], \"none\": null}\n");
  const DataSample sample = read(options);
  EXPECT_EQ(sample.cell(0, 0, 100), "h\xC3\xA9llo");
  EXPECT_EQ(sample.cell(0, 0, 2), "h\xE2\x80\xA6");
  EXPECT_EQ(sample.cell(0, 0, 3), "h\xC3\xA9\xE2\x80\xA6");
  EXPECT_EQ(sample.cell(0, 1, 100), "[{\"a\": \"x\xC3\xA9\"}, 2]");
  for (std::size_t most = 1; most < 20; ++most) EXPECT_LE(sample.cell(0, 1, most).size(), most + 3);
  EXPECT_EQ(sample.cell(0, 2, 100), "null");
}

}  // namespace
}  // namespace vernier
