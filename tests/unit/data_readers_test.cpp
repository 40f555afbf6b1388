// Data files in all their shapes, whole and broken.
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "engine/data/row_format.h"
#include "engine/data/row_source.h"
#include "tests/unit/data_support.h"
#include "tests/unit/random.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

class DataReaders : public test::DataTest {
 protected:
  std::vector<ordered_json> rows_of(const DatasetOptions& options) const {
    const auto source = open_rows(options.path);
    std::vector<ordered_json> out;
    for (RawRow row; source->next(row);) {
      EXPECT_EQ(row.index, static_cast<std::int64_t>(out.size()));
      out.push_back(source->parse(row));
    }
    EXPECT_TRUE(source->fraction() == 1.0 || std::filesystem::file_size(options.path) == 0);
    return out;
  }
  static std::string gzip(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }
  static std::string zstd(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
  }
};

// Texts with everything that a reader can trip over.
std::vector<ordered_json> random_rows() {
  static const char* const kParts[] = {"a",   " ", "\n", "\r\n", "\"", "\"\"", "\\",       ",",
                                       "{",   "}", "[",  "]",    "\t", ";",    "\xC3\xA9", "\xF0\x9F\x98\x80",
                                       "\\\""};
  std::vector<ordered_json> out;
  for (auto n = test::uniform_int(1, 300); n > 0; --n) {
    const auto text = [] {
      std::string made;
      for (auto i = test::uniform_int(0, 30); i > 0; --i) made += kParts[test::uniform_int(0, 16)];
      return made;
    };
    out.push_back({{"prompt", text()}, {"completion", text()}});
  }
  return out;
}

std::string csv_of(const std::vector<ordered_json>& rows, char separator, const std::string& newline) {
  const auto field = [&](const ordered_json& value) {
    const auto text = value.get<std::string>();
    if (text.find_first_of("\"\r\n,;\t") == std::string::npos && test::uniform_int(0, 1) == 0) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  };
  std::string out = "prompt" + std::string(1, separator) + "completion" + newline;
  for (const auto& row : rows) {
    out += field(row["prompt"]) + separator + field(row["completion"]) + newline;
  }
  return out;
}

TEST_F(DataReaders, EveryShapeOfFileGivesTheSameRows) {
  for (int round = 0; round < 20; ++round) {
    const std::vector<ordered_json> rows = random_rows();
    std::string lines, spaced;
    for (const auto& row : rows) {
      lines += row.dump() + "\n";
      spaced += "\r\n \t" + row.dump() + " \r\n";
    }
    const std::string array = ordered_json(rows).dump(round % 3 - 1);
    EXPECT_EQ(rows_of(file("a.jsonl", lines)), rows);
    EXPECT_EQ(rows_of(file("a.jsonl", lines.substr(0, lines.size() - 1))), rows);
    EXPECT_EQ(rows_of(file("a.json", spaced)), rows);
    EXPECT_EQ(rows_of(file("a.json", array)), rows);
    EXPECT_EQ(rows_of(file("no_ending",
                           "\xEF\xBB\xBF"
                           "\n  " +
                               array + "\n")),
              rows);
    EXPECT_EQ(rows_of(file("a.csv", csv_of(rows, ',', "\n"))), rows);
    EXPECT_EQ(rows_of(file("b.CSV", csv_of(rows, ';', "\r\n"))), rows);
    EXPECT_EQ(rows_of(file("a.tsv", "\xEF\xBB\xBF" + csv_of(rows, '\t', "\n"))), rows);
    EXPECT_EQ(rows_of(file("a.csv.gz", gzip(csv_of(rows, ',', "\n")))), rows);
    EXPECT_EQ(rows_of(file("a.jsonl", gzip(lines))), rows);
    EXPECT_EQ(rows_of(file("a.json.zst", zstd(array))), rows);
    // Several members make one file.
    const std::size_t half = lines.size() / 2;
    EXPECT_EQ(rows_of(file("a.jsonl", gzip(lines.substr(0, half)) + gzip(lines.substr(half)))), rows);
    EXPECT_EQ(rows_of(file("a.jsonl", zstd(lines.substr(0, half)) + zstd(lines.substr(half)))), rows);
  }
}

// A member is not looked for among all others: that would take minutes here.
TEST_F(DataReaders, TakesWideRowsInTheirStride) {
  const auto start = std::chrono::steady_clock::now();
  constexpr int kColumns = 60'000;
  std::string header, values, object;
  for (int i = 0; i < kColumns; ++i) {
    const std::string name = "k" + std::to_string(i), comma = i == 0 ? "" : ",";
    header += comma + name;
    values += comma + std::to_string(i);
    object += comma + "\"" + name + "\":\"" + std::to_string(i) + "\"";
  }
  const std::vector<ordered_json> csv = rows_of(file("a.csv", header + "\n" + values + "\n" + values + "\n"));
  const std::vector<ordered_json> lines =
      rows_of(file("a.jsonl", "{" + object + "}\n{\"k7\":\"7\"}\n{" + object + "}\n"));
  ASSERT_EQ(csv.size(), 2u);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(csv[0] == lines[0] && csv[1] == lines[2]);
  EXPECT_EQ(lines[0].size(), static_cast<std::size_t>(kColumns));
  EXPECT_EQ(lines[1], (ordered_json{{"k7", "7"}}));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  try {
    rows_of(file("a.jsonl", "{" + object + ",\"k59000\":1}"));
    ADD_FAILURE() << "a key that is there twice was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("\"k59000\" is there twice"), std::string::npos) << error.what();
  }
}

TEST_F(DataReaders, TablesAreKnownByTheirHeaderWhereTheNameHidesThem) {
  const std::vector<ordered_json> rows = {{{"prompt", "a, b"}, {"completion", "c"}}};
  EXPECT_EQ(rows_of(file("a.gz", gzip("prompt,completion\n\"a, b\",c\n"))), rows);
  EXPECT_EQ(rows_of(file("a.zst", zstd("\"prompt\";\"completion\"\r\na, b;c\r\n"))), rows);
  EXPECT_EQ(rows_of(file("no_ending", "prompt\tcompletion\na, b\tc\n")), rows);
  // Names that say nothing, and a text by its name: read as a text, and pointed out.
  for (const auto& [name, content] :
       {std::pair{"a.gz", gzip("q,a\nb,c\n")}, std::pair{"a.txt", std::string("prompt,completion\nb,c\n")}}) {
    const LoadedDataset loaded = load(file(name, content));
    EXPECT_EQ(loaded.format, "text") << name;
    EXPECT_TRUE(loaded.audit.looks_like_table) << name;
    const auto notes = audit_notes(loaded.audit, {}, name);
    ASSERT_EQ(notes.size(), 1u) << name;
    EXPECT_EQ(notes[0].id, "looks_like_csv");
  }
  for (const char* text : {"Hello, world.\nHow are you, then?\n", "prompt,completion\nOnly one field here.\n",
                           "prompt,completion", "One word\n", ""}) {
    const LoadedDataset loaded = load(file("prose", text));
    EXPECT_FALSE(loaded.audit.looks_like_table) << text;
    EXPECT_EQ(loaded.format, *text == '\0' ? "" : "text") << text;
  }
}

TEST_F(DataReaders, CarriageReturnsAloneEndTheRecordsOfATable) {
  const std::vector<ordered_json> rows = {{{"prompt", "a\rb"}, {"completion", "c"}},
                                          {{"prompt", "d"}, {"completion", "e"}}};
  EXPECT_EQ(rows_of(file("a.csv", "prompt,completion\r\"a\rb\",c\r\rd,e\r")), rows);
  EXPECT_EQ(rows_of(file("a.tsv", "prompt\tcompletion\r\"a\rb\"\tc\rd\te")), rows);
}

TEST_F(DataReaders, WhatCouldNotBeReadIsQuotedInShort) {
  // With spaces, as one long word is cut anyway.
  std::string words;
  while (words.size() < 100'000) words += "ab ";
  for (const auto& [name, content] :
       {std::pair{"a.jsonl", "{\"text\": \"" + words + "\x01\"}"},
        std::pair{"a.json", "[{\"text\": \"" + words + "\x01\"}]"},
        std::pair{"a.jsonl", "{\"" + words + "\": 1, \"" + words + "\": 2}"},
        std::pair{"a.jsonl", "{\"conversations\": [{\"from\": \"" + words + "\", \"value\": \"a\"}]}"}}) {
    const std::string error = error_of(file(name, content));
    EXPECT_NE(error.find("row 0 (line 1)"), std::string::npos) << error.substr(0, 1000);
    EXPECT_LT(error.size(), 20'000u) << name;
  }
  const std::string error = error_of(file("a.jsonl", "{\"text\": \"" + words + "\x01\"}"));
  EXPECT_LT(error.size(), 500u);
  EXPECT_NE(error.find("last read: '\xE2\x80\xA6"), std::string::npos) << error.substr(0, 1000);
}

TEST_F(DataReaders, LargeFilesStream) {
  // Larger than every buffer, and it packs so well that one input buffer gives many output buffers.
  std::string lines;
  for (int i = 0; i < 20000; ++i)
    lines += ordered_json({{"text", std::string(100, 'a') + std::to_string(i)}}).dump() + "\n";
  for (const std::string& content : {lines, gzip(lines), zstd(lines)}) {
    const auto rows = rows_of(file("a.jsonl", content));
    ASSERT_EQ(rows.size(), 20000u);
    EXPECT_EQ(rows[19999]["text"], std::string(100, 'a') + "19999");
  }
}

TEST_F(DataReaders, PlainTextLosesNothing) {
  std::string text;
  for (int i = 0; i < 9000; ++i) text += "Line " + std::to_string(i) + (i % 7 == 0 ? ".\n\n" : " of a story,\n");
  LabelOptions labels;
  labels.max_length = 100;
  const LoadedDataset loaded = load(file("story.txt", text), labels);
  EXPECT_EQ(loaded.format, "text");
  std::string joined;
  for (std::int64_t i = 0; i < loaded.rows.size(); ++i) {
    const TokenRow row = loaded.rows.row(i);
    EXPECT_EQ(row.input_ids.front(), test::demo_tokenizer().bos_id());
    EXPECT_LE(row.input_ids.size(), 100u);
    EXPECT_EQ(row.cut_tokens, 0);
    EXPECT_EQ(row.source_row, i);
    joined += test::demo_tokenizer().decode({row.input_ids.begin() + 1, row.input_ids.end()}, true);
  }
  EXPECT_EQ(joined, text);
  EXPECT_EQ(loaded.rows.row(loaded.rows.size() - 1).spans.back().reason, LabelReason::kEndOfTurn);
}

TEST_F(DataReaders, FormatsAreRecognisedByContent) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})", "messages"},
      {R"({"conversations": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})", "messages"},
      {R"({"id": 1, "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]})", "sharegpt"},
      {R"({"instruction": "a", "input": "c", "output": "b"})", "alpaca"},
      {R"({"instruction": "a", "context": null, "response": "b"})", "alpaca"},
      {R"({"question": "a", "answer": "b"})", "question_answer"},
      {R"({"prompt": "a", "completion": "b", "text": "no"})", "prompt_completion"},
      {R"({"text": "ab"})", "text"},
      {R"({"input_ids": [5, 6], "text": "no"})", "tokens"}};
  for (const auto& [row, format] : cases) {
    const LoadedDataset loaded = load(file("x.jsonl", row));
    EXPECT_EQ(loaded.format, format) << row;
    EXPECT_EQ(loaded.rows.size(), 1) << row;
    EXPECT_EQ(load(file("x.jsonl", row, format)).format, format);
  }
}

TEST_F(DataReaders, SpellingsOfRolesAndContents) {
  const auto read = [](const std::string& text) {
    const auto row = ordered_json::parse(text);
    const auto contents = RowFormat({}, row, "t").read(row, "t");
    return std::get<Conversation>(contents.at(0));
  };
  std::vector<std::string> roles;
  const auto chat =
      read(R"({"system": "S", "conversations": [{"from": "human", "value": "a"}, {"from": "GPT", "value": "b"},
    {"from": "observation", "value": "c"}, {"from": "bing", "value": "d"}, {"from": "prompter", "value": "e"}]})");
  for (const auto& message : chat.messages) roles.push_back(message["role"]);
  EXPECT_EQ(roles, (std::vector<std::string>{"system", "user", "assistant", "tool", "assistant", "user"}));

  const auto calls = read(
      R"({"tools": "[{\"name\": \"f\"}]", "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": "{\"z\": 1, \"a\": 2}"}}]}]})");
  EXPECT_EQ(calls.messages[0]["content"], "ab");
  EXPECT_EQ(calls.messages[1]["tool_calls"][0]["function"]["arguments"].dump(), R"({"z":1,"a":2})");
  EXPECT_EQ(calls.tools.dump(), R"([{"name":"f"}])");

  const auto pair =
      read(R"({"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}]})");
  EXPECT_EQ(pair.prompt_messages, 1u);
  EXPECT_EQ(pair.messages.size(), 2u);
}

TEST_F(DataReaders, ColumnsCanBeNamed) {
  auto options = file("x.csv", "id,q,a\n1,Who?,\"Nell, she\"\n");
  EXPECT_NE(error_of(options).find("id, q, a"), std::string::npos) << error_of(options);
  options.columns = {{"prompt", "q"}, {"completion", "a"}};
  const LoadedDataset loaded = load(options);
  EXPECT_EQ(loaded.format, "prompt_completion");
  EXPECT_EQ(test::whole_text(loaded.rows.row(0)), "<s>Who?Nell, she<|end|>");
  options.columns = {{"promt", "q"}};
  EXPECT_NE(error_of(options).find("prompt"), std::string::npos);
  options.columns = {{"text", "missing"}};
  EXPECT_NE(error_of(options).find("\"missing\""), std::string::npos);
  options.columns.clear();
  options.format = "alpacca";
  EXPECT_NE(error_of(options).find("Did you mean alpaca"), std::string::npos);
  options.format = "zzz";
  EXPECT_EQ(error_of(options).find("Did you mean"), std::string::npos);
}

TEST_F(DataReaders, BrokenFilesAreOneSentenceWithTheRow) {
  const std::string good = "{\"text\": \"good\"}\n";
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += '[';
  struct Case {
    std::string name, content, expected;
  };
  const Case cases[] = {
      {"a.jsonl", good + "\n{\"text\": \"bad\xFF\"}\n", "row 1 (line 3)] not UTF-8 at byte 13"},
      {"a.jsonl", good + std::string("{\"text\": \"a\0b\"}", 15),
       "row 1 (line 2)] not valid JSON at byte 11: a NUL byte"},
      {"a.jsonl", good + "{\"text\": ", "row 1 (line 2)] not valid JSON"},
      {"a.jsonl", good + "x", "row 1 (line 2)] not valid JSON at byte 0 (column 1): "},
      {"a.jsonl", good + "[1, 2]", "row 1 (line 2)] got a JSON array, expected an object"},
      {"a.jsonl", good + "{\"text\": 7}", "row 1 (line 2)] text: got a JSON number, expected text"},
      {"a.jsonl", good + "{\"text\": null}", "row 1 (line 2)] text: got null"},
      {"a.jsonl", good + "{\"txt\": \"a\"}", "row 1 (line 2)] there is no \"text\""},
      {"a.jsonl", good + "{\"text\": \"a\", \"text\": \"b\"}",
       "row 1 (line 2)] not valid: the key \"text\" is there twice"},
      {"a.jsonl", good + "{\"text\": " + deep, "row 1 (line 2)] nested too deeply"},
      {"a.jsonl", good + "{\"text\": \"\\ud800\"}", "row 1 (line 2)] not valid JSON"},
      {"a.json", "[{\"text\": \"a\"}, {\"text\": \"b\"", "row 1 (line 1)] the file ends inside this row"},
      {"a.json", "[{\"text\": \"a\"},\n {\"text\": \"b\"}", "the file ends inside its array"},
      {"a.csv", std::string(70'000, ','), "got more than 65536 fields"},
      {"a.json", "[{\"text\": \"a\"},\n]", "row 1 (line 2)] got ] behind a comma, expected a row"},
      {"a.json", "[{\"text\": \"a\"},,{\"text\": \"b\"}]", "row 1 (line 1)] got , behind a comma, expected a row"},
      {"a.json", "[{\"text\": \"a\"} {\"text\": \"b\"}]", "row 0 (line 1)] not valid JSON"},
      {"a.json", "[{\"text\": \"a\"}]\nx", "line 2: something follows"},
      {"a.json", "[{\"text\": \"a\"},]", "row 1 (line 1)] got ] behind a comma"},
      {"a.json", "[1]", "row 0 (line 1)] got a JSON number, expected an object"},
      {"a.csv", "text,b\n1,2\n1,2,3\n", "row 1 (line 3)] got 3 fields, expected 2"},
      {"a.csv", "text,b\n\"1\n2,3\n", "row 0 (line 2)] a quoted field is never closed"},
      {"a.csv", "text,b\n1,a\"b\"\n", "row 0 (line 2)] field 1: a quote stands inside"},
      {"a.csv", "text,text\n1,2\n", "column 1 of the header: got \"text\""},
      {"a.txt",
       "good\nb\xE9"
       "d\n",
       "not UTF-8 at byte 6"},
      {"a.txt",
       "\xFF\xFE"
       "a",
       "encoded as UTF-16"},
      {"a.txt", std::string("a\0b\0", 4), "encoded as UTF-16"},
      {"a.txt", std::string("\xFF\xFE\0\0", 4), "encoded as UTF-32"},
      {"a.parquet", "PAR1xxxx", "Parquet"},
      {"a.parquet.gz", gzip("PAR1xxxx"), "a Parquet file inside of another"},
      {"a.xz", std::string("\xFD\x37zXZ\0\0\x04\xE6", 9), "packed with XZ: unpack it, or pack it with gzip or zstd"},
      {"a.bz2", "BZh9\x31\x41\x59\x26\x53\x59\xA0", "packed with bzip2"},
      {"a.7z", "7z\xBC\xAF\x27\x1C\x01", "packed with 7z"},
      {"a.jsonl", gzip(good + good).substr(0, 24), "cut short"},
      {"a.jsonl", gzip(good) + "junk", "damaged"},
      {"a.jsonl", zstd(good + good).substr(0, 20), "cut short"},
      {"a.jsonl", "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, 7]}", "messages[1]: got a JSON number"},
      {"a.jsonl", "{\"messages\": [{\"role\": \"user\"}]}", "messages[0].content is missing"},
      {"a.jsonl", "{\"messages\": [{\"content\": \"a\"}]}", "messages[0]: there is no \"role\""},
      {"a.jsonl", "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}",
       "type \"image_url\""},
      {"a.jsonl", "{\"conversations\": [{\"from\": \"martian\", \"value\": \"a\"}]}", "\"martian\""},
      {"a.jsonl", "{\"messages\": \"a\"}", "messages: got a JSON string, expected a list"},
      {"a.jsonl", "{\"instruction\": \"a\", \"output\": \"b\", \"history\": [[\"a\"]]}", "history[0]"},
      {"a.jsonl", "{\"input_ids\": [1, 2.5]}", "input_ids[1]: got 2.5, expected a token id"},
      {"a.jsonl", "{\"input_ids\": [1, 99999]}", "token 1: got id 99999"},
      {"a.jsonl", "{\"input_ids\": [1, -1]}", "token 1: got id -1"},
      {"a.jsonl", "{\"input_ids\": [1, 18446744073709551615]}", "input_ids[1]: got 18446744073709551615"},
      {"a.jsonl", "{\"input_ids\": [1, 2], \"labels\": [1]}", "labels: got 1 labels, expected 2"},
      {"a.jsonl", "{\"input_ids\": [1, 2], \"labels\": [1, -7]}", "labels[1]: got -7"},
      {"a.jsonl", "{\"input_ids\": [1, 2], \"attention_mask\": [1]}", "attention_mask: got 1 values, expected 2"},
      {"a.jsonl", "{\"input_ids\": [1, 2], \"attention_mask\": [1, 2]}", "attention_mask[1]: got 2, expected 0 or 1"},
      {"a.jsonl", "{\"input_ids\": [1, 2], \"attention_mask\": [1, \"1\"]}", "attention_mask[1]: got a JSON string"},
      {"a.jsonl", "{\"a\": 1, \"b\": 2}", "no known format: the row has a, b"},
  };
  for (const Case& c : cases) {
    const std::string error = error_of(file(c.name, c.content));
    EXPECT_NE(error.find(c.expected), std::string::npos) << c.expected << "\n  got: " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  DatasetOptions missing;
  missing.path = (folder_ / "nowhere.jsonl").string();
  EXPECT_NE(error_of(missing).find("no such data file"), std::string::npos);
  missing.path = folder_.string();
  EXPECT_NE(error_of(missing).find("folder"), std::string::npos);
}

TEST_F(DataReaders, AnOverlongRowIsRefused) {
  const std::string row = "{\"text\": \"" + std::string(kMaxRowBytes, 'a');
  EXPECT_NE(error_of(file("a.jsonl", row)).find("longer than 64 MiB"), std::string::npos);
  EXPECT_NE(error_of(file("a.json", "[" + row)).find("longer than 64 MiB"), std::string::npos);
}

TEST_F(DataReaders, BentBytesNeverCrash) {
  const std::string whole =
      R"([{"messages": [{"role": "user", "content": "a\u00e9"}, {"role": "assistant", "content": "b"}], "tools": null},
 {"conversations": [{"from": "human", "value": "a"}]}])";
  const std::string csv = "prompt,completion\n\"a \"\"b\"\"\",c\nd,\"e\nf\"\n";
  for (int round = 0; round < 250; ++round) {
    for (const auto& [name, content] : {std::pair{"a.json", whole}, std::pair{"a.jsonl", whole.substr(1)},
                                        std::pair{"a.csv", csv}, std::pair{"a.gz", gzip(csv)}}) {
      std::string bent = content;
      for (auto flips = test::uniform_int(1, 4); flips > 0; --flips) {
        bent[static_cast<std::size_t>(test::uniform_int(0, static_cast<std::int64_t>(bent.size()) - 1))] =
            static_cast<char>(test::uniform_int(0, 255));
      }
      if (round % 3 == 0)
        bent.resize(static_cast<std::size_t>(test::uniform_int(0, static_cast<std::int64_t>(bent.size()))));
      error_of(file(name, bent));
    }
  }
}

TEST_F(DataReaders, ThreadsDoNotChangeTheResultAndStopStops) {
  std::string lines;
  for (int i = 0; i < 3000; ++i)
    lines += ordered_json({{"prompt", "p" + std::to_string(i)},
                           {"completion", i == 1700 || i == 2200 ? ordered_json(1) : ordered_json("c")}})
                 .dump() +
             "\n";
  const auto broken = file("broken.jsonl", lines);
  for (int i = 0; i < 5; ++i) EXPECT_NE(error_of(broken).find("row 1700 (line 1701)"), std::string::npos);
  const auto good = file("good.jsonl", lines.substr(0, lines.find("\"p1700\"") - 11));
  std::vector<double> progress;
  const LoadedDataset loaded = load_dataset(good, test::demo_reader(), {}, [&](double f) { progress.push_back(f); });
  ASSERT_EQ(loaded.rows.size(), 1700);
  for (std::int64_t i = 0; i < 1700; ++i)
    EXPECT_EQ(test::whole_text(loaded.rows.row(i)), "<s>p" + std::to_string(i) + "c<|end|>");
  EXPECT_TRUE(std::is_sorted(progress.begin(), progress.end()));
  EXPECT_EQ(progress.back(), 1.0);
  std::stop_source stop;
  stop.request_stop();
  try {
    load_dataset(good, test::demo_reader(), {}, {}, stop.get_token());
    FAIL() << "not stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
}

}  // namespace
}  // namespace vernier
