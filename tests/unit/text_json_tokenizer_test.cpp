#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "engine/text/fast/bpe_model.h"
#include "engine/text/fast/oniguruma.h"
#include "engine/text/fast/token_decoder.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"
#include "vernier/tokenizer.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ids = std::vector<std::int32_t>;

json read_json(const fs::path& path) {
  std::ifstream in(path);
  return json::parse(in);
}

// A folder of its own with this tokenizer.json.
class Folder {
 public:
  explicit Folder(const std::string& text, const json& config = json()) {
    path_ = fs::path(testing::TempDir()) / ("vernier_tokenizer_" + std::to_string(::getpid()));
    fs::create_directories(path_);
    std::ofstream(path_ / "tokenizer.json") << text;
    if (!config.is_null()) std::ofstream(path_ / "tokenizer_config.json") << config.dump();
  }
  ~Folder() { fs::remove_all(path_); }
  std::unique_ptr<Tokenizer> load() const { return Tokenizer::load(path_.string()); }

 private:
  fs::path path_;
};

json bpe(const json& vocab, const json& merges, const json& extra = json::object()) {
  json model = {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}};
  model.update(extra);
  return {{"model", model}, {"added_tokens", json::array()}};
}

TEST(JsonTokenizer, ANormalizerThatGrowsWithoutEndIsStopped) {
  const json replace = {{"type", "Replace"}, {"pattern", {{"String", "."}}}, {"content", std::string(100, '.')}};
  const auto message = [&](int times) {
    json file = bpe({{".", 0}}, json::array());
    file["normalizer"] = {{"type", "Sequence"}, {"normalizers", json::array()}};
    for (int i = 0; i < times; ++i) file["normalizer"]["normalizers"].push_back(replace);
    try {
      Folder(file.dump()).load()->encode("a.b", false);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(2), "");
  EXPECT_NE(message(6).find("normalizer: got more than"), std::string::npos) << message(6);
}

// Whether a word is a text or a text a word, depends on the pre-tokenizer.
TEST(JsonTokenizer, StopsInTheMiddleOfALongText) {
  const json plain =
      bpe({{"a", 0}, {"b", 1}, {"\u2581", 2}, {"ab", 3}, {"<unk>", 4}}, {"a b"}, {{"unk_token", "<unk>"}});
  json in_words = plain;
  in_words["pre_tokenizer"] = {{"type", "Whitespace"}};
  json unigram = {{"model", {{"type", "Unigram"}, {"unk_id", 0}}}};
  unigram["model"]["vocab"] = json::parse(R"([["<unk>", 0.0], ["a", -1.0], ["b", -2.0]])");
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "ab \xE2\x96\x81";
  std::stop_source stop;
  for (const json& file : {plain, in_words, unigram}) {
    const Folder folder(file.dump());
    const auto tokenizer = folder.load();
    EXPECT_FALSE(tokenizer->encode(text, false, std::stop_source().get_token()).empty());
    stop.request_stop();
    try {
      tokenizer->encode(text, false, stop.get_token());
      ADD_FAILURE() << "it went on to the end: " << file.dump();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCancelled);
    }
  }
}

// Parts of every kind, put together at random: tests/golden/make_tokenizer_cases.py.
TEST(JsonTokenizer, AllPartsTogetherDoWhatHfTokenizersDoes) {
  const json file = read_json(fs::path(VERNIER_SOURCE_DIR) / "tests/golden/cases/tokenizers.json");
  ASSERT_GT(file.at("cases").size(), 80u);
  for (const json& one : file.at("cases")) {
    json tokenizer_json = one.at("parts");
    tokenizer_json["model"] = file.at("models").at(one.at("model").get<std::string>());
    const auto tokenizer = Folder(tokenizer_json.dump()).load();
    for (std::size_t i = 0; i < one.at("texts").size(); ++i) {
      const auto text = one.at("texts")[i].get<std::string>();
      const auto ids = one.at("ids")[i].get<Ids>();
      EXPECT_EQ(tokenizer->encode(text, false), ids) << one.at("seed") << " " << one.at("texts")[i];
      EXPECT_EQ(tokenizer->encode(text, true), one.at("framed")[i].get<Ids>()) << one.at("seed") << one.at("texts")[i];
      EXPECT_EQ(tokenizer->decode(ids, false), one.at("decoded")[i].get<std::string>()) << one.at("seed");
      for (const PlacedToken& token : tokenizer->encode_placed(text, false)) EXPECT_LE(token.begin, text.size());
    }
  }
}

TEST(Oniguruma, IsReadAsItMeans) {
  const auto expect = [](const char* pattern, const char* expected) {
    EXPECT_EQ(pcre_from_oniguruma(pattern, false), expected) << pattern;
  };
  expect(R"(\p{N}{1,3}+|\s+(?!\S))", R"((?:\p{N}{1,3})+|\s+(?!\S))");
  expect(R"((?:ab){2}+c{,3})", R"((?:(?:ab){2})+c{0,3})");
  expect(R"([a&&[^b]])", R"((?:(?=[a])(?:[^b])))");
  expect(R"((?mi:.)\h[\h\p{Han}]\p{^Letter})", R"((?si:.)[0-9a-fA-F][0-9a-fA-F\p{sc:han}]\P{L})");
  expect(R"([^\r\n\p{L}\p{N}]?+\p{L}+)", R"([^\r\n\p{L}\p{N}]?+\p{L}+)");
  EXPECT_EQ(pcre_from_oniguruma(R"(\s[^\S\n])", true), R"(\p{White_Space}[^\P{White_Space}\n])");
  // However deep a stranger nests, it ends.
  EXPECT_FALSE(pcre_from_oniguruma(std::string(100000, '['), false).empty());
  EXPECT_FALSE(pcre_from_oniguruma(std::string(100000, '(') + "{1}+", false).empty());
}

class PublishedTokenizer : public testing::TestWithParam<const char*> {};

TEST_P(PublishedTokenizer, GivesTheExpectedIdsAndTexts) {
  const fs::path folder = fs::path(VERNIER_SHARED_DIR) / "tokenizers" / GetParam();
  if (!fs::exists(folder / "tokenizer.json")) GTEST_SKIP() << "no " << folder;
  const auto tokenizer = Tokenizer::load(folder.string());
  const json cases = read_json(folder / "vectors.json").at("cases");
  ASSERT_EQ(cases.size(), 242u);
  for (const json& one : cases) {
    const auto text = one.at("text").get<std::string>();
    const auto ids = one.at("ids").get<Ids>();
    EXPECT_EQ(tokenizer->encode(text, false), ids) << one.at("text");
    if (one.contains("decoded")) {
      EXPECT_EQ(tokenizer->decode(ids, false), one.at("decoded").get<std::string>());
    }

    const auto placed = tokenizer->encode_placed(text, false);
    ASSERT_EQ(placed.size(), ids.size());
    for (std::size_t i = 0; i < placed.size(); ++i) {
      EXPECT_EQ(placed[i].id, ids[i]);
      EXPECT_LE(placed[i].begin, text.size());
      EXPECT_TRUE(i == 0 || placed[i].begin >= placed[i - 1].begin);
      // A token begins at a character.
      EXPECT_TRUE(placed[i].begin == text.size() || (static_cast<unsigned char>(text[placed[i].begin]) & 0xC0) != 0x80);
    }

    // A stream of tokens gives the same text, and never half a character.
    StreamDecoder stream(*tokenizer);
    std::string streamed;
    for (const std::int32_t id : ids) {
      const std::string part = stream.push(id);
      EXPECT_TRUE(is_valid_utf8(part));
      streamed += part;
    }
    streamed += stream.finish();
    EXPECT_EQ(streamed, tokenizer->decode(ids, true)) << one.at("text");
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, PublishedTokenizer, testing::Values("gpt2", "qwen2.5", "phi3"),
                         [](const auto& folder) {
                           std::string name = folder.param;
                           std::erase(name, '.');
                           return name;
                         });

TEST(JsonTokenizer, PlacesTokensInTheText) {
  const json vocab = {{"h", 0}, {"i", 1}, {"hi", 2}, {"\u0120", 3}, {"\u0120hi", 4}, {"\u00c3", 5}, {"\u00a9", 6}};
  json file = bpe(vocab, {"h i", "\u0120 hi"});
  file["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
  file["added_tokens"] = {{{"id", 7}, {"content", "<s>"}, {"special", true}, {"normalized", false}}};
  const Folder folder(file.dump());
  const std::vector<PlacedToken> expected = {{2, 0}, {5, 2}, {6, 2}, {7, 4}, {4, 7}};
  EXPECT_EQ(folder.load()->encode_placed("hi\u00e9<s> hi", false), expected);
}

TEST(JsonTokenizer, PlacesTokensInTextThatIsNoUtf8) {
  json file = bpe({{"a", 0}, {"\uFFFD", 1}}, json::array());
  file["added_tokens"] = {{{"id", 2}, {"content", "<s>"}, {"special", true}, {"normalized", false}}};
  const Folder folder(file.dump());
  // One mark for a byte that begins nothing, one for the beginning of a character of four bytes.
  const std::vector<PlacedToken> expected = {{0, 0}, {1, 1}, {0, 2}, {1, 3}, {0, 6}, {2, 7}, {1, 10}};
  EXPECT_EQ(folder.load()->encode_placed("a\xFF"
                                         "a\xF0\x9F\x98"
                                         "a<s>\xC3",
                                         false),
            expected);
}

TEST(JsonTokenizer, ComposesCharactersAndStillKnowsWhereTheyStood) {
  json file = bpe({{"a", 0}, {"\u00e9", 1}, {"b", 2}}, json::array());
  file["normalizer"] = {{"type", "NFC"}};
  const Folder folder(file.dump());
  const std::vector<PlacedToken> expected = {{0, 0}, {1, 1}, {2, 4}};
  EXPECT_EQ(folder.load()->encode_placed("ae\u0301b", false), expected);
}

TEST(JsonTokenizer, FallsBackToBytesOrToUnknown) {
  json vocab = {{"<unk>", 0}, {"a", 1}, {"<0xC3>", 2}, {"<0xA9>", 3}};
  json file = bpe(vocab, json::array(), {{"unk_token", "<unk>"}, {"byte_fallback", true}, {"fuse_unk", true}});
  file["decoder"] = {{"type", "ByteFallback"}};
  const Folder folder(file.dump());
  const auto tokenizer = folder.load();
  EXPECT_EQ(tokenizer->encode("a\u00e9\u4e16\u754ca", false), (Ids{1, 2, 3, 0, 1}));
  EXPECT_EQ(tokenizer->decode({1, 2, 3, 1}, false), "a\u00e9a");
  EXPECT_EQ(tokenizer->decode({1, 2, 1}, false), "a\uFFFDa");
}

TEST(JsonTokenizer, LongWordsMergeAsShortOnes) {
  // A random vocabulary of pairs; the word is cut into pieces of every length around the point where the way changes.
  std::mt19937 random(std::random_device{}());
  json vocab;
  json merges = json::array();
  std::vector<std::string> pieces;
  for (const char c : std::string("abcd")) pieces.emplace_back(1, c);
  for (const std::string& piece : pieces) vocab[piece] = vocab.size();
  for (int i = 0; i < 60; ++i) {
    const std::string left = pieces[random() % pieces.size()], right = pieces[random() % pieces.size()];
    if (left.size() + right.size() > 6 || vocab.contains(left + right)) continue;
    vocab[left + right] = vocab.size();
    merges.push_back(json::array({left, right}));
    pieces.push_back(left + right);
  }
  const BpeModel model({{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}, false, "test");
  for (int round = 0; round < 200; ++round) {
    std::string word;
    for (std::size_t n = 40 + random() % 60; word.size() < n;) word += "abcd"[random() % 4];
    // The definition: always the leftmost pair of lowest rank.
    std::vector<std::string> parts;
    for (const char c : word) parts.emplace_back(1, c);
    for (bool merged = true; merged;) {
      merged = false;
      for (const json& merge : merges) {
        const auto left = merge[0].get<std::string>(), right = merge[1].get<std::string>();
        for (std::size_t i = 0; i + 1 < parts.size() && !merged; ++i) {
          if (parts[i] != left || parts[i + 1] != right) continue;
          parts[i] += right;
          parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
          merged = true;
        }
        if (merged) break;
      }
    }
    std::vector<ModelToken> tokens;
    model.tokenize(word, tokens, {});
    ASSERT_EQ(tokens.size(), parts.size()) << word;
    for (std::size_t i = 0; i < parts.size(); ++i)
      EXPECT_EQ(model.pieces()[static_cast<std::size_t>(tokens[i].id)], parts[i]);
  }
}

TEST(JsonTokenizer, UnigramTakesTheLikeliestWay) {
  json vocab = json::array();
  const auto add = [&](const char* piece, double score) { vocab.push_back(json::array({piece, score})); };
  add("<unk>", 0.0);
  add("\u2581", -2.0);
  add("a", -1.5);
  add("b", -1.5);
  add("ab", -2.5);
  add("\u2581ab", -6.0);
  add("abab", -5.5);
  json file = {{"model", {{"vocab", vocab}, {"unk_id", 0}}}};
  file["pre_tokenizer"] = {
      {"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "always"}, {"split", true}};
  file["decoder"] = {{"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "always"}};
  const Folder folder(file.dump());
  const auto tokenizer = folder.load();
  EXPECT_EQ(tokenizer->encode("ab", false), (Ids{1, 4}));  // -4.5 beats -6
  EXPECT_EQ(tokenizer->encode("abab cc", false), (Ids{1, 4, 4, 1, 0}));
  EXPECT_EQ(tokenizer->decode({1, 4, 4, 1, 2}, false), "abab a");
}

TEST(JsonTokenizer, PutsSpecialTokensAroundTheText) {
  json file = bpe({{"a", 0}}, json::array());
  file["added_tokens"] = {{{"id", 1}, {"content", "<s>"}, {"special", true}},
                          {{"id", 2}, {"content", "</s>"}, {"special", true}}};
  file["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single", {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}}, {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
      {"special_tokens", {{"<s>", {{"id", "<s>"}, {"ids", {1}}}}}}};
  EXPECT_EQ(Folder(file.dump()).load()->encode("a", true), (Ids{1, 0}));
  const json config = {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"add_bos_token", false}, {"add_eos_token", true}};
  const Folder folder(file.dump(), config);
  EXPECT_EQ(folder.load()->encode("a", true), (Ids{0, 2}));
  EXPECT_EQ(folder.load()->encode("a", false), (Ids{0}));
  EXPECT_EQ(folder.load()->decode({1, 0, 2}, true), "a");
}

TEST(JsonTokenizer, SplitsBehaveAsTheirNames) {
  const auto encode = [](const char* behavior, bool invert) {
    json vocab;
    for (const char* piece : {"a", "-", "b", "a-", "-b", "--", "-a", "b-"}) vocab[piece] = vocab.size();
    json file = bpe(vocab, {"a -", "- b", "- -", "- a", "b -"});
    file["pre_tokenizer"] = {
        {"type", "Split"}, {"pattern", {{"String", "-"}}}, {"behavior", behavior}, {"invert", invert}};
    const Folder folder(file.dump());
    const auto tokenizer = folder.load();
    std::string shown;
    for (const std::int32_t id : tokenizer->encode("a--b", false)) shown += tokenizer->piece(id) + "|";
    return shown;
  };
  EXPECT_EQ(encode("Isolated", false), "a|-|-|b|");
  EXPECT_EQ(encode("Removed", false), "a|b|");
  EXPECT_EQ(encode("Contiguous", false), "a|--|b|");
  EXPECT_EQ(encode("MergedWithPrevious", false), "a-|-|b|");
  EXPECT_EQ(encode("MergedWithNext", false), "a|-|-b|");
  EXPECT_EQ(encode("Removed", true), "-|-|");
}

TEST(JsonTokenizer, ThreadsShareOneObject) {
  json file = bpe({{"a", 0}, {"b", 1}, {"ab", 2}, {"\u0120", 3}}, {"a b"});
  file["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
  const Folder folder(file.dump());
  const auto tokenizer = folder.load();
  const Ids expected = tokenizer->encode("ab ba abab b a", false);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) EXPECT_EQ(tokenizer->encode("ab ba abab b a", false), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(JsonTokenizer, RefusesWhatItCannotRead) {
  const auto message = [](const std::string& text) -> std::string {
    try {
      Folder(text).load();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const auto names = [](const std::string& text, const char* word) { return text.find(word) != std::string::npos; };
  EXPECT_TRUE(names(message("{"), "tokenizer.json"));
  EXPECT_TRUE(names(message("[]"), "no JSON object"));
  EXPECT_TRUE(names(message("{}"), "model"));
  json file = bpe({{"a", 0}}, json::array());
  file["model"]["type"] = "WordPiece";
  EXPECT_TRUE(names(message(file.dump()), "WordPiece"));
  file = bpe({{"a", 0}}, {"a b"});
  EXPECT_TRUE(names(message(file.dump()), "merges"));
  file = bpe({{"a", -1}}, json::array());
  EXPECT_TRUE(names(message(file.dump()), "vocab"));
  file = bpe({{"a", 0}}, json::array());
  file["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "("}}}, {"behavior", "Isolated"}};
  EXPECT_TRUE(names(message(file.dump()), "pattern"));
  file["pre_tokenizer"] = {{"type", "UnicodeScripts"}};
  EXPECT_TRUE(names(message(file.dump()), "UnicodeScripts"));
  file["pre_tokenizer"] = nullptr;
  file["normalizer"] = {{"type", "BertNormalizer"}};
  EXPECT_TRUE(names(message(file.dump()), "BertNormalizer"));
  // Ids beyond all integers, between two, and of a table that would fill the memory.
  for (const json& id : {json(2e120), json(1.5), json(1 << 28), json("1")}) {
    EXPECT_TRUE(names(message(bpe({{"a", 0}, {"b", id}}, json::array()).dump()), "vocab: \"b\"")) << id;
    file = bpe({{"a", 0}}, json::array());
    file["added_tokens"] = {{{"id", id}, {"content", "<s>"}}};
    EXPECT_TRUE(names(message(file.dump()), "\"<s>\": got")) << id;
    file = bpe({{"a", 0}}, json::array());
    file["post_processor"] = {{"type", "BertProcessing"}, {"cls", {"a", id}}, {"sep", {"a", 0}}};
    EXPECT_TRUE(names(message(file.dump()), "post_processor: cls")) << id;
  }
  file = bpe({{"a", 0}}, json::array());
  file["decoder"] = {{"type", "Strip"}, {"content", " "}, {"start", 1e30}};
  EXPECT_TRUE(names(message(file.dump()), "Strip: start"));
}

// The ids expected here are those of tokenizers 0.23.
TEST(JsonTokenizer, RefusesAddedTokensWithOtherIdsThanTheyGet) {
  struct Token {
    const char* content;
    int id;
  };
  const auto message = [](const std::vector<Token>& tokens, const json& beside = json()) -> std::string {
    json file = bpe({{"a", 0}, {"b", 1}, {"ab", 2}}, {"a b"});
    for (const Token& token : tokens) file["added_tokens"].push_back({{"content", token.content}, {"id", token.id}});
    try {
      Folder(file.dump(), beside).load();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const auto refused = [&](const std::vector<Token>& tokens, const char* says) {
    const std::string got = message(tokens);
    EXPECT_NE(got.find(says), std::string::npos) << got;
  };
  refused({{"<x>", 500}}, R"(added_tokens: "<x>": got id 500, expected 3, which)");
  refused({{"<x>", 0}}, R"("<x>": got id 0, expected 3,)");              // another piece's
  refused({{"ab", 77}}, R"("ab": got id 77, expected 2,)");              // a piece of the vocabulary
  refused({{"<x>", 3}, {"<y>", 3}}, R"("<y>": got id 3, expected 4,)");  // taken
  refused({{"<x>", 3}, {"<x>", 4}}, R"("<x>": got id 4, expected 3,)");  // one text, two ids
  refused({{"<x>", 4}, {"<y>", 3}}, R"("<x>": got id 4, expected 3,)");  // they go by the order of the list
  refused({{"<x>", 3}, {"b", 1}, {"<y>", 5}}, R"("<y>": got id 5, expected 4,)");
  EXPECT_EQ(message({{"b", 1}, {"<x>", 3}, {"<x>", 3}, {"<y>", 4}}), "");

  const auto beside = [&](const char* id, const char* content) {
    return message({{"<x>", 3}}, {{"added_tokens_decoder", {{id, {{"content", content}}}}}});
  };
  EXPECT_EQ(beside("3", "<x>"), "");
  EXPECT_EQ(beside("4", "<y>"), "");
  EXPECT_EQ(beside("0", "a"), "");
  EXPECT_NE(beside("3", "<y>").find(R"("<y>": got id 3, expected 4,)"), std::string::npos);
  EXPECT_NE(beside("9", "<x>").find(R"("<x>": got id 9, expected 3,)"), std::string::npos);

  // A vocabulary that is a list.
  json unigram = {{"model", {{"type", "Unigram"}, {"unk_id", 0}}}};
  unigram["model"]["vocab"] = json::parse(R"([["<unk>", 0.0], ["a", -1.0]])");
  unigram["added_tokens"] = json::parse(R"([{"content": "<unk>", "id": 0}, {"content": "<s>", "id": 2}])");
  EXPECT_EQ(Folder(unigram.dump()).load()->encode("a<s>", false), (Ids{1, 2}));
  unigram["added_tokens"] = json::parse(R"([{"content": "a", "id": 2}])");
  EXPECT_THROW(Folder(unigram.dump()).load(), Error);
}

TEST(JsonTokenizer, RefusesABpeModelThatHfTokenizersRefuses) {
  const auto message = [](const json& file) -> std::string {
    try {
      Folder(file.dump()).load();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const json vocab = {{"a", 0}, {"b", 1}, {"ab", 2}};
  const auto refused = [&](const json& file, const char* says) {
    const std::string got = message(file);
    EXPECT_NE(got.find(says), std::string::npos) << got;
  };
  refused(bpe(vocab, json::array({json::array({"a", "b", "a"})})), "merges: entry 0: got a list of 3, expected two");
  refused(bpe(vocab, {"a b", "a b a"}), R"(merges: entry 1: got "a b a", expected two)");
  refused(bpe(json::array(), json::array()), "vocab: got a JSON array");
  const json unknown = {{"unk_token", "<unk>"}};
  refused(bpe(vocab, {"a b"}, unknown), R"(unk_token: got "<unk>", expected a piece)");
  // No character is unknown where each byte has a piece.
  json bytes = vocab;
  for (int byte = 0; byte < 256; ++byte) {
    char name[16];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(byte));
    bytes[name] = bytes.size();
  }
  EXPECT_EQ(message(bpe(bytes, {"a b"}, {{"unk_token", "<unk>"}, {"byte_fallback", true}})), "");
  refused(bpe(bytes, {"a b"}, unknown), "unk_token");
}

// tokenizers 0.23: "abc <s> abcab  a <x> b" over the same vocabulary.
TEST(JsonTokenizer, FusesUnknownBytesOfAWord) {
  json file = bpe({{"a", 0}, {"b", 1}, {"c", 2}, {"ab", 3}, {"abc", 4}}, {"a b", "ab c"}, {{"unk_token", "c"}});
  file["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
  file["added_tokens"] = {{{"id", 5}, {"content", "<s>"}, {"special", true}, {"normalized", false}}};
  const std::string text = "abc <s> abcab  a <x> b";
  EXPECT_EQ(Folder(file.dump()).load()->encode(text, false), (Ids{4, 2, 5, 2, 4, 3, 2, 2, 0, 2, 2, 2, 2, 2, 1}));
  file["model"]["fuse_unk"] = true;
  EXPECT_EQ(Folder(file.dump()).load()->encode(text, false), (Ids{4, 2, 5, 2, 4, 3, 2, 2, 0, 2, 2, 2, 2, 1}));
}

TEST(JsonTokenizer, NmtDropsControlsAndMakesSpacesOfWhiteSpace) {
  json file = bpe({{"a", 0}, {"b", 1}, {" ", 2}, {"\u00e9", 3}, {"?", 4}}, json::array(), {{"unk_token", "?"}});
  file["normalizer"] = {{"type", "Nmt"}};
  const Folder folder(file.dump());
  const auto tokenizer = folder.load();
  // U+0080 is neither.
  EXPECT_EQ(tokenizer->encode("a\x01\x0B\x1F\x7F\xC2\x8F\xC2\x9F"
                              "b\xC2\x80",
                              false),
            (Ids{0, 1, 4}));
  EXPECT_EQ(tokenizer->encode("\t\n\f\r\u1680\u200B\u200F\u2028\u2029\u2581\uFEFF\uFFFD", false), Ids(12, 2));
  const std::vector<PlacedToken> expected = {{0, 0}, {2, 2}, {3, 5}, {1, 8}};
  EXPECT_EQ(tokenizer->encode_placed("a\x02\u200B\u00e9\x7F"
                                     "b",
                                     false),
            expected);
}

TEST(JsonTokenizer, LossyDecodingPutsOneMarkForEachPart) {
  EXPECT_EQ(lossy_utf8("a\xE4\xB8"), "a\uFFFD");
  EXPECT_EQ(lossy_utf8("\xE4\xB8z"), "\uFFFDz");
  EXPECT_EQ(lossy_utf8("\xFF\xFE"), "\uFFFD\uFFFD");
  EXPECT_EQ(lossy_utf8("\xF0\x9F\x98"), "\uFFFD");
  EXPECT_EQ(lossy_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace vernier
