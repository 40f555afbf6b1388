// A tokenizer in GGUF's terms: what llama.cpp would make of the scores gives the reference ids.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/text/gguf_vocabulary.h"
#include "engine/text/sentencepiece_pieces.h"
#include "vernier/error.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kShared = VERNIER_SHARED_DIR;

std::string read_all(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// SentencePiece's BPE as llama.cpp does it: of all neighbours whose join is a token, the one with the highest score is
// joined first; what no token names falls back to its bytes.
std::vector<std::int32_t> merge_by_scores(const GgufVocabulary& vocabulary, const std::string& text) {
  std::map<std::string, std::int32_t> ids;
  for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
    if (vocabulary.types[i] == 1) ids.emplace(vocabulary.tokens[i], static_cast<std::int32_t>(i));
  }
  std::vector<std::string> symbols;
  for (const char c : (vocabulary.add_space_prefix.value() ? " " : "") + text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80 && !symbols.empty()) {
      symbols.back() += c;
    } else {
      symbols.push_back(c == ' ' ? "\xE2\x96\x81" : std::string(1, c));
    }
  }
  for (;;) {
    std::size_t best = symbols.size();
    float best_score = 0.0f;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto found = ids.find(symbols[i] + symbols[i + 1]);
      if (found == ids.end()) continue;
      const float score = vocabulary.scores[static_cast<std::size_t>(found->second)];
      if (best == symbols.size() || score > best_score) {
        best = i;
        best_score = score;
      }
    }
    if (best == symbols.size()) break;
    symbols[best] += symbols[best + 1];
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  std::map<std::string, std::int32_t> bytes;
  for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
    if (vocabulary.types[i] == 6) bytes.emplace(vocabulary.tokens[i], static_cast<std::int32_t>(i));
  }
  std::vector<std::int32_t> out;
  for (const std::string& symbol : symbols) {
    if (const auto found = ids.find(symbol); found != ids.end()) {
      out.push_back(found->second);
      continue;
    }
    for (const char c : symbol) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out.push_back(bytes.at(name));
    }
  }
  return out;
}

class ScoredVocabulary : public testing::TestWithParam<const char*> {};

TEST_P(ScoredVocabulary, MergesToTheReferenceIds) {
  const fs::path folder = kShared / "tokenizers" / GetParam();
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto vocabulary = read_gguf_vocabulary(folder.string(), 32064);
  ASSERT_TRUE(vocabulary.has_value());
  EXPECT_EQ(vocabulary->model, "llama");
  EXPECT_EQ(vocabulary->tokens.size(), 32064U);
  EXPECT_EQ(std::ranges::count(vocabulary->types, 6), 256);
  std::size_t compared = 0;
  const json vectors = json::parse(read_all(folder / "vectors.json"));
  for (const json& one : vectors.at("cases")) {
    const auto text = one.at("text").get<std::string>();
    // llama.cpp cuts at special tokens first, which this does not; an empty text gets no space in front.
    if (text.empty() || text.find('<') != std::string::npos || text.find("\xE2\x96\x81") != std::string::npos) continue;
    if (text.size() > 400) continue;
    EXPECT_EQ(merge_by_scores(*vocabulary, text), one.at("ids").get<std::vector<std::int32_t>>()) << text;
    ++compared;
  }
  EXPECT_GT(compared, 100U);
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, ScoredVocabulary, testing::Values("phi3", "llama2-sp"), [](const auto& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
});

TEST(GgufVocabulary, NamesHowWordsAreCut) {
  for (const auto& [name, pre, size] : {std::tuple("qwen2.5", "qwen2", 151936), std::tuple("gpt2", "gpt-2", 50257)}) {
    const fs::path folder = kShared / "tokenizers" / name;
    if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
    const auto vocabulary = read_gguf_vocabulary(folder.string(), size);
    ASSERT_TRUE(vocabulary.has_value());
    EXPECT_EQ(vocabulary->model, "gpt2");
    EXPECT_EQ(vocabulary->pre, pre);
    EXPECT_TRUE(vocabulary->scores.empty());
    EXPECT_FALSE(vocabulary->add_bos);
    EXPECT_EQ(vocabulary->merges.front(), std::string(name) == "gpt2" ? "\xC4\xA0 t" : "\xC4\xA0 \xC4\xA0");
    // Each merge joins two tokens to a third.
    std::map<std::string, int> known;
    for (const std::string& token : vocabulary->tokens) known[token] = 1;
    for (const std::string& merge : vocabulary->merges) {
      const std::size_t gap = merge.find(' ');
      ASSERT_TRUE(known.contains(merge.substr(0, gap)) && known.contains(merge.substr(gap + 1))) << merge;
      ASSERT_TRUE(known.contains(merge.substr(0, gap) + merge.substr(gap + 1))) << merge;
    }
    if (std::string(name) == "gpt2") continue;
    EXPECT_EQ(vocabulary->tokens[151644], "<|im_start|>");
    EXPECT_EQ(vocabulary->types[151644], 3);
    EXPECT_EQ(vocabulary->types[151643], 3);
    EXPECT_EQ(vocabulary->tokens.back(), "[PAD151935]");
    EXPECT_EQ(vocabulary->types.back(), 5);
  }
}

TEST(GgufVocabulary, TheBundledModels) {
  const fs::path folder = fs::path(VERNIER_SOURCE_DIR) / "resources/demo/model";
  const auto vocabulary = read_gguf_vocabulary(folder.string(), 1536);
  ASSERT_TRUE(vocabulary.has_value());
  EXPECT_EQ(vocabulary->model, "llama");
  EXPECT_EQ(vocabulary->bos_id, 1);
  EXPECT_EQ(vocabulary->eos_id, 2);
  EXPECT_EQ(vocabulary->unknown_id, 0);
  EXPECT_TRUE(vocabulary->add_bos);
  EXPECT_FALSE(vocabulary->add_eos);
  EXPECT_EQ(vocabulary->add_space_prefix, false);
  EXPECT_EQ(vocabulary->types[3], 3);
  EXPECT_EQ(vocabulary->scores[262], 0.0f);
  EXPECT_EQ(vocabulary->scores[263], -1.0f);
  EXPECT_TRUE(vocabulary->chat_template.starts_with("{{ bos_token }}"));
  EXPECT_FALSE(read_gguf_vocabulary((fs::path(VERNIER_SOURCE_DIR) / "tests/golden/cases/llama").string(), 160));
}

TEST(SentencePieces, RefuseDamage) {
  const std::string whole = read_all(fs::path(VERNIER_SOURCE_DIR) / "resources/demo/model/tokenizer.model");
  const SentencePieces read = read_sentencepieces(whole, "tokenizer.model");
  EXPECT_EQ(read.pieces.size(), 1536U);
  EXPECT_TRUE(read.bpe);
  std::size_t refused = 0;
  for (std::size_t length = 1; length < whole.size(); length += 97) {
    try {
      (void)read_sentencepieces(whole.substr(0, length), "tokenizer.model");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
      ++refused;
    }
  }
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace vernier
