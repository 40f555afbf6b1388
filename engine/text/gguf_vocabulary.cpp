#include "engine/text/gguf_vocabulary.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "engine/core/strict_json.h"
#include "engine/text/sentencepiece_pieces.h"
#include "engine/text/tokenizer_config.h"
#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;

constexpr float kAddedScore = -1000.0f;  // as llama.cpp's converter: never the better merge
constexpr std::string_view kSpace = "\xE2\x96\x81";

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  if (!in) fail(ErrorCode::kIo, path.string(), "the tokenizer cannot be read, or it is empty.");
  return content.str();
}

void put_token(GgufVocabulary& out, std::int64_t id, const std::string& text, float score, PieceType type) {
  if (id < 0 || id >= static_cast<std::int64_t>(out.tokens.size())) return;
  const auto i = static_cast<std::size_t>(id);
  out.tokens[i] = text;
  out.types[i] = static_cast<std::int32_t>(type);
  if (!out.scores.empty()) out.scores[i] = score;
}

// The split patterns that llama.cpp knows by name, as the checkpoints spell them.
struct KnownSplit {
  std::string_view pattern;
  std::string_view name;
};
constexpr std::array<KnownSplit, 5> kKnownSplits = {{
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "llama-bpe"},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "qwen2"},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "tekken"},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "gpt-4o"},
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", "gpt-2"},
}};

// The parts of a pre-tokenizer in their order, Sequences opened.
void flatten(const json& part, std::vector<json>& out) {
  if (!part.is_object()) return;
  if (part.value("type", "") != "Sequence") {
    out.push_back(part);
    return;
  }
  if (!part.contains("pretokenizers") || !part.at("pretokenizers").is_array()) return;
  for (const json& inner : part.at("pretokenizers")) flatten(inner, out);
}

std::string pre_name(const json& file, const std::string& place) {
  std::vector<json> parts;
  flatten(file.value("pre_tokenizer", json()), parts);
  std::string split;
  bool digits = false;
  bool byte_level_regex = false;
  std::string unknown;
  for (const json& part : parts) {
    const std::string type = part.value("type", "");
    if (type == "Split" && part.contains("pattern") && part.at("pattern").contains("Regex") && split.empty()) {
      split = part.at("pattern").at("Regex").get<std::string>();
    } else if (type == "Digits" && part.value("individual_digits", false)) {
      digits = true;
    } else if (type == "ByteLevel") {
      byte_level_regex = part.value("use_regex", true);
    } else {
      unknown = type;
    }
  }
  if (unknown.empty() && split.empty() && byte_level_regex) return digits ? "smollm" : "gpt-2";
  if (unknown.empty() && !digits && !byte_level_regex) {
    const auto known = std::ranges::find(kKnownSplits, split, &KnownSplit::pattern);
    // Llama 3 takes a word that is a token as it is; the same pattern without that is DBRX's.
    if (known != kKnownSplits.end() && known->name == "llama-bpe") {
      return file.at("model").value("ignore_merges", false) ? "llama-bpe" : "dbrx";
    }
    if (known != kKnownSplits.end()) return std::string(known->name);
  }
  fail(ErrorCode::kUnsupported, place,
       "pre_tokenizer: got one that has no name in llama.cpp" +
           (split.empty() ? std::string() : " (" + split.substr(0, 60) + "...)") +
           ", expected that of Llama 3, Qwen 2, Mistral Nemo, GPT-4o, GPT-2 or SmolLM.");
}

// "a b" or ["a", "b"].
std::pair<std::string, std::string> merge_of(const json& merge, const std::string& place) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  if (merge.is_string()) {
    const auto& text = merge.get_ref<const std::string&>();
    if (const std::size_t gap = text.find(' ', 1); gap != std::string::npos) {
      return {text.substr(0, gap), text.substr(gap + 1)};
    }
  }
  fail(ErrorCode::kInvalidInput, place, "merges: expected pairs of tokens.");
}

bool is_byte_piece(const std::string& text) {
  return text.size() == 6 && text.starts_with("<0x") && text.ends_with(">");
}

void read_tokenizer_json(const std::string& place, const json& file, GgufVocabulary& out) {
  const json& model = file.at("model");  // Tokenizer::load has checked the file
  if (model.value("type", "BPE") != "BPE") {
    fail(ErrorCode::kUnsupported, place,
         "model: got " + model.value("type", "") + ", expected BPE, which is what GGUF can hold.");
  }
  std::vector<json> parts;
  flatten(file.value("pre_tokenizer", json()), parts);
  const bool byte_level =
      std::ranges::any_of(parts, [](const json& part) { return part.value("type", "") == "ByteLevel"; });
  const json& merges = model.at("merges");
  const auto lowest = -static_cast<float>(merges.size()) - 1.0f;
  if (byte_level) {
    out.model = "gpt2";
    out.pre = pre_name(file, place);
    for (const json& merge : merges) {
      const auto [left, right] = merge_of(merge, place);
      out.merges.push_back(left + " " + right);
    }
  } else {
    out.model = "llama";
    out.pre = "default";
    out.scores.assign(out.tokens.size(), kAddedScore);
  }
  for (const auto& [text, id] : model.at("vocab").items()) {
    const PieceType type = !byte_level && is_byte_piece(text)                        ? PieceType::kByte
                           : !byte_level && text == model.value("unk_token", json()) ? PieceType::kUnknown
                                                                                     : PieceType::kNormal;
    put_token(out, id.get<std::int64_t>(), text, lowest, type);
  }
  if (byte_level) return;
  // SentencePiece merges by score; the order of merges is that of their results' scores.
  float score = 0.0f;
  for (const json& merge : merges) {
    const auto [left, right] = merge_of(merge, place);
    score -= 1.0f;
    const auto made = model.at("vocab").find(left + right);
    if (made == model.at("vocab").end()) continue;
    const auto id = made->get<std::size_t>();
    if (id < out.scores.size() && out.scores[id] == lowest) out.scores[id] = score;
  }
}

void read_sentencepiece(const fs::path& path, GgufVocabulary& out) {
  const SentencePieces model = read_sentencepieces(read_file(path), path.string());
  if (!model.bpe) {
    fail(ErrorCode::kUnsupported, path.string(),
         "got a SentencePiece model that is not BPE, expected BPE, which is what GGUF can hold.");
  }
  out.model = "llama";
  out.pre = "default";
  out.scores.assign(out.tokens.size(), kAddedScore);
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    const SentencePieces::Piece& piece = model.pieces[id];
    put_token(out, static_cast<std::int64_t>(id), piece.text, piece.score, piece.type);
  }
}

void read_added(const json& file, const TokenizerConfig& config, const Tokenizer& tokenizer, GgufVocabulary& out) {
  const auto add = [&](std::int64_t id, const std::string& text, bool special) {
    if (id < 0 || id >= static_cast<std::int64_t>(out.types.size())) return;
    const std::int32_t old = out.types[static_cast<std::size_t>(id)];
    if (old == static_cast<std::int32_t>(PieceType::kUnknown)) return;
    put_token(out, id, text, kAddedScore, special ? PieceType::kControl : PieceType::kUserDefined);
  };
  for (const AddedToken& token : config.added_tokens) {
    add(token.id, token.content, token.special || tokenizer.is_special(token.id));
  }
  if (!file.is_object() || !file.contains("added_tokens")) return;
  for (const json& token : file.at("added_tokens")) {
    const auto id = token.at("id").get<std::int32_t>();
    add(id, token.at("content").get<std::string>(), tokenizer.is_special(id));
  }
}

std::optional<std::int32_t> id_of(const GgufVocabulary& vocabulary, const std::optional<std::string>& text) {
  if (!text || text->empty()) return std::nullopt;
  const auto found = std::ranges::find(vocabulary.tokens, *text);
  if (found == vocabulary.tokens.end()) return std::nullopt;
  return static_cast<std::int32_t>(found - vocabulary.tokens.begin());
}

}  // namespace

std::optional<GgufVocabulary> read_gguf_vocabulary(const std::string& model_dir, std::int64_t vocab_size) {
  const fs::path folder(model_dir);
  const fs::path fast = folder / "tokenizer.json";
  const fs::path pieces = folder / "tokenizer.model";
  std::error_code ignored;
  if (!fs::exists(fast, ignored) && !fs::exists(pieces, ignored)) return std::nullopt;
  const std::unique_ptr<Tokenizer> tokenizer = Tokenizer::load(model_dir);
  const TokenizerConfig config = TokenizerConfig::load(model_dir);

  GgufVocabulary out;
  for (std::int64_t id = 0; id < vocab_size; ++id) out.tokens.push_back("[PAD" + std::to_string(id) + "]");
  out.types.assign(out.tokens.size(), static_cast<std::int32_t>(PieceType::kUnused));
  json file;
  if (fs::exists(fast, ignored)) file = parse_strict_json<json>(read_file(fast), fast.string());
  // Both describe one vocabulary; the SentencePiece model has the scores themselves.
  if (fs::exists(pieces, ignored)) {
    read_sentencepiece(pieces, out);
  } else {
    try {
      read_tokenizer_json(fast.string(), file, out);
    } catch (const json::exception& error) {
      fail(ErrorCode::kInvalidInput, fast.string(), std::string("damaged: ") + error.what() + ".");
    }
  }
  read_added(file, config, *tokenizer, out);

  out.bos_id = tokenizer->bos_id();
  out.eos_id = tokenizer->eos_id();
  for (auto* id : {&out.bos_id, &out.eos_id}) {
    if (*id && **id >= vocab_size) id->reset();
  }
  out.padding_id = id_of(out, config.pad_token);
  const auto unknown = std::ranges::find(out.types, static_cast<std::int32_t>(PieceType::kUnknown));
  if (unknown != out.types.end()) out.unknown_id = static_cast<std::int32_t>(unknown - out.types.begin());
  const std::vector<std::int32_t> with = tokenizer->encode("a", true);
  out.add_bos = out.bos_id && !with.empty() && with.front() == *out.bos_id;
  out.add_eos = out.eos_id && !with.empty() && with.back() == *out.eos_id;
  if (out.model == "llama") {
    const std::vector<std::int32_t> plain = tokenizer->encode("a", false);
    out.add_space_prefix = !plain.empty() && tokenizer->piece(plain.front()).starts_with(kSpace);
  }
  out.chat_template = chat_template_source(model_dir).value_or("");
  return out;
}

}  // namespace vernier
