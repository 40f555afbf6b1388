#include "engine/text/fast/json_tokenizer.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unordered_map>

#include "engine/core/strict_json.h"
#include "engine/text/added_tokens.h"
#include "engine/text/fast/normalizer.h"
#include "engine/text/fast/pre_tokenizer.h"
#include "engine/text/fast/token_decoder.h"
#include "engine/text/fast/token_model.h"
#include "engine/text/stop_check.h"
#include "engine/text/token_id.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;

bool has_byte_level(const json& part, const char* list) {
  if (!part.is_object()) return false;
  if (part.value("type", "") == "ByteLevel") return true;
  if (!part.contains(list) || !part.at(list).is_array()) return false;
  return std::any_of(part.at(list).begin(), part.at(list).end(),
                     [&](const json& p) { return has_byte_level(p, list); });
}

// Hugging Face's tokenizers does not ask which id a file gives an added token: it takes that of the vocabulary's piece
// of the same text, else the next free one. Where the file says otherwise, its ids are not those that the model learnt.
class AddedTokenIds {
 public:
  explicit AddedTokenIds(const json& vocab) : vocab_(vocab), vocab_size_(static_cast<std::int64_t>(vocab.size())) {
    if (!vocab.is_array()) return;
    std::int32_t id = 0;
    for (const json& entry : vocab) listed_[entry.at(0).get<std::string>()] = id++;
  }

  // `where`: the list that holds the token. Throws Error{kInvalidInput} where its id is not the one that it gets.
  void check(const AddedToken& token, const std::string& where, const std::string& place) {
    const std::int64_t id = id_of(token.content);
    if (token.id != id) {
      fail(ErrorCode::kInvalidInput, place,
           where + ": " + json(token.content).dump() + ": got id " + std::to_string(token.id) + ", expected " +
               std::to_string(id) + ", which Hugging Face's tokenizers gives it whatever the file says.");
    }
    added_[token.content] = id;
    largest_ = std::max(largest_, id);
  }

 private:
  std::int64_t id_of(const std::string& content) const {
    if (const auto at = added_.find(content); at != added_.end()) return at->second;
    if (const auto at = listed_.find(content); at != listed_.end()) return at->second;
    if (const auto at = vocab_.find(content); at != vocab_.end() && at->is_number_integer()) {
      return at->get<std::int64_t>();
    }
    return std::max(vocab_size_, largest_ + 1);
  }

  const json& vocab_;
  std::int64_t vocab_size_;
  std::unordered_map<std::string, std::int64_t> listed_;  // of a vocabulary that is a list
  std::unordered_map<std::string, std::int64_t> added_;
  std::int64_t largest_ = -1;  // of the added ones
};

class JsonTokenizer final : public Tokenizer {
 public:
  JsonTokenizer(const json& file, const TokenizerConfig& config, const std::string& place) {
    const auto part = [&](const char* name) { return file.contains(name) ? file.at(name) : json(); };
    normalizer_ = Normalizer::from_json(part("normalizer"), place);
    pre_tokenizer_ = PreTokenizer::from_json(part("pre_tokenizer"), place);
    decoder_ = TokenDecoder::from_json(part("decoder"), place);
    if (!file.contains("model") || !file.at("model").is_object()) {
      fail(ErrorCode::kInvalidInput, place, "model: got none, expected an object.");
    }
    model_ = TokenModel::from_json(file.at("model"), has_byte_level(part("pre_tokenizer"), "pretokenizers"), place);
    pieces_ = model_->pieces();
    read_added_tokens(part("added_tokens"), file.at("model").at("vocab"), config, place);
    for (std::size_t id = 0; id < pieces_.size(); ++id) ids_.emplace(pieces_[id], static_cast<std::int32_t>(id));
    read_special_tokens(config);
    read_post_processor(part("post_processor"), config, place);
  }

  std::int32_t vocab_size() const override { return static_cast<std::int32_t>(pieces_.size()); }

  std::vector<std::int32_t> encode(std::string_view text, bool add_special_tokens,
                                   const std::stop_token& stop) const override {
    std::vector<std::int32_t> out;
    if (add_special_tokens) out = prefix_;
    encode_text(text, false, stop, [&](std::int32_t id, std::size_t) { out.push_back(id); });
    if (add_special_tokens) out.insert(out.end(), suffix_.begin(), suffix_.end());
    return out;
  }

  std::vector<PlacedToken> encode_placed(std::string_view text, bool add_special_tokens,
                                         const std::stop_token& stop) const override {
    std::vector<PlacedToken> out;
    if (add_special_tokens) {
      for (const std::int32_t id : prefix_) out.push_back({id, PlacedToken::kNotInText});
    }
    std::size_t last = 0;
    encode_text(text, true, stop, [&](std::int32_t id, std::size_t begin) {
      last = std::max(last, begin);  // what a normalizer moves still rises
      out.push_back({id, last});
    });
    if (add_special_tokens) {
      for (const std::int32_t id : suffix_) out.push_back({id, PlacedToken::kNotInText});
    }
    return out;
  }

  std::string decode(const std::vector<std::int32_t>& ids, bool skip_special_tokens) const override {
    std::vector<std::string> pieces;
    pieces.reserve(ids.size());
    for (const std::int32_t id : ids) {
      if (id < 0 || id >= vocab_size() || (skip_special_tokens && special_[static_cast<std::size_t>(id)])) continue;
      pieces.push_back(pieces_[static_cast<std::size_t>(id)]);
    }
    if (decoder_) decoder_->apply(pieces);
    std::string text;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (!decoder_ && i > 0) text += ' ';  // as HF tokenizers joins pieces that nothing decodes
      text += pieces[i];
    }
    return lossy_utf8(text);
  }

  std::string piece(std::int32_t id) const override {
    return id >= 0 && id < vocab_size() ? pieces_[static_cast<std::size_t>(id)] : std::string();
  }
  bool is_special(std::int32_t id) const override {
    return id >= 0 && id < vocab_size() && special_[static_cast<std::size_t>(id)];
  }
  std::optional<std::int32_t> bos_id() const override { return bos_id_; }
  std::optional<std::int32_t> eos_id() const override { return eos_id_; }
  std::string bos_token() const override { return bos_id_ ? piece(*bos_id_) : std::string(); }
  std::string eos_token() const override { return eos_id_ ? piece(*eos_id_) : std::string(); }

 private:
  void read_added_tokens(const json& list, const json& vocab, const TokenizerConfig& config, const std::string& place);
  void read_special_tokens(const TokenizerConfig& config);
  void read_post_processor(const json& processor, const TokenizerConfig& config, const std::string& place);
  std::optional<std::int32_t> find(const std::optional<std::string>& token) const {
    if (!token) return std::nullopt;
    const auto at = ids_.find(*token);
    return at == ids_.end() ? std::nullopt : std::optional(at->second);
  }

  // visit(id, byte of the text at which it begins).
  template <typename Visit>
  void encode_text(std::string_view text, bool track, const std::stop_token& stop, const Visit& visit) const {
    StopCheck check(stop);
    std::string mended;
    std::vector<std::size_t> origin;  // of the mended text's bytes
    if (!is_valid_utf8(text)) text = mended = lossy_utf8(text, track ? &origin : nullptr);
    const auto put = [&](std::int32_t id, std::size_t begin) { visit(id, origin.empty() ? begin : origin[begin]); };
    raw_tokens_.split(text, [&](std::string_view stretch, const AddedToken* token) {
      const auto begin = static_cast<std::size_t>(stretch.data() - text.data());
      if (token != nullptr) {
        put(token->id, begin);
      } else {
        encode_stretch(text, begin, stretch.size(), track, stop, put);
      }
      check();
    });
  }

  template <typename Visit>
  void encode_stretch(std::string_view text, std::size_t begin, std::size_t size, bool track,
                      const std::stop_token& stop, const Visit& visit) const {
    MappedText stretch;
    stretch.text.assign(text.substr(begin, size));
    if (normalizer_) normalizer_->apply(stretch, track);
    const auto place = [&](const MappedText& mapped, std::size_t offset) {
      if (!track) return begin;
      std::size_t at = begin + std::min(mapped.origin_of(offset), size);
      while (at > begin && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
      return at;
    };
    const auto model = [&](WordList& list, bool first) {
      if (pre_tokenizer_) pre_tokenizer_->apply(list, first, track);
      std::vector<ModelToken> tokens;
      StopCheck check(stop);
      for (const WordRange& word : list.words) {
        check();
        tokens.clear();
        model_->tokenize(std::string_view(list.text.text).substr(word.begin, word.end - word.begin), tokens, stop);
        std::size_t at = word.begin, character = word.begin;
        for (const ModelToken& token : tokens) {
          if (token.bytes > 0) character = at;
          visit(token.id, place(list.text, std::min(character, list.text.text.size() - 1)));
          at += token.bytes;
        }
      }
    };
    if (normalized_tokens_.empty()) {
      WordList list;
      list.text = std::move(stretch);
      if (list.text.text.empty()) return;
      list.words.push_back({0, list.text.text.size()});
      model(list, begin == 0);
      return;
    }
    const std::string_view normalized = stretch.text;
    normalized_tokens_.split(normalized, [&](std::string_view piece, const AddedToken* token) {
      const auto offset = static_cast<std::size_t>(piece.data() - normalized.data());
      if (token != nullptr) {
        visit(token->id, place(stretch, offset));
        return;
      }
      MappedBuilder part(stretch, track);
      part.keep(offset, offset + piece.size());
      WordList list;
      list.text = part.take();
      list.words.push_back({0, list.text.text.size()});
      model(list, begin == 0 && offset == 0);
    });
  }

  std::unique_ptr<Normalizer> normalizer_;
  std::unique_ptr<PreTokenizer> pre_tokenizer_;
  std::unique_ptr<TokenDecoder> decoder_;
  std::unique_ptr<TokenModel> model_;
  AddedTokenMatcher raw_tokens_;         // sought in the text itself
  AddedTokenMatcher normalized_tokens_;  // sought in the normalized text
  std::vector<std::string> pieces_;
  std::vector<bool> special_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::optional<std::int32_t> bos_id_, eos_id_;
  std::vector<std::int32_t> prefix_, suffix_;  // what add_special_tokens puts around a text
};

void JsonTokenizer::read_added_tokens(const json& list, const json& vocab, const TokenizerConfig& config,
                                      const std::string& place) {
  AddedTokenIds ids(vocab);
  std::map<std::int32_t, AddedToken> tokens;
  try {
    for (const json& entry : list) {
      AddedToken token;
      token.content = entry.at("content").get<std::string>();
      token.id = read_token_id(entry.at("id"), "added_tokens: \"" + token.content + "\"", place);
      token.special = entry.value("special", false);
      token.lstrip = entry.value("lstrip", false);
      token.rstrip = entry.value("rstrip", false);
      token.single_word = entry.value("single_word", false);
      token.normalized = entry.value("normalized", !token.special);
      if (token.content.empty()) {
        fail(ErrorCode::kInvalidInput, place,
             "added_tokens: got no content for id " + std::to_string(token.id) + ", expected a text.");
      }
      ids.check(token, "added_tokens", place);
      tokens[token.id] = std::move(token);
    }
  } catch (const json::exception&) {
    fail(ErrorCode::kInvalidInput, place, "added_tokens: a member is missing or of the wrong type.");
  }
  for (const AddedToken& token : config.added_tokens) {
    if (token.id < 0 || token.content.empty()) continue;
    ids.check(token, "added tokens of the files beside it", place);
    tokens[token.id] = token;
  }
  std::vector<AddedToken> raw, normalized;
  special_.assign(pieces_.size(), false);
  for (auto& [id, token] : tokens) {
    const auto index = static_cast<std::size_t>(id);
    if (index >= pieces_.size()) pieces_.resize(index + 1);
    if (index >= special_.size()) special_.resize(index + 1, false);
    pieces_[index] = token.content;
    special_[index] = token.special;
    if (token.normalized && normalizer_ != nullptr) {
      MappedText content{token.content, {}};
      normalizer_->apply(content, false);
      token.content = content.text;
    }
    (token.normalized ? normalized : raw).push_back(std::move(token));
  }
  special_.resize(pieces_.size(), false);
  // What a normalizer makes equal: special tokens go before others.
  for (auto* some : {&raw, &normalized}) {
    std::stable_partition(some->begin(), some->end(), [](const AddedToken& token) { return token.special; });
  }
  raw_tokens_ = AddedTokenMatcher(std::move(raw));
  normalized_tokens_ = AddedTokenMatcher(std::move(normalized));
}

void JsonTokenizer::read_special_tokens(const TokenizerConfig& config) {
  bos_id_ = find(config.bos_token);
  eos_id_ = find(config.eos_token);
  const auto mark = [&](std::optional<std::int32_t> id) {
    if (id) special_[static_cast<std::size_t>(*id)] = true;
  };
  mark(bos_id_);
  mark(eos_id_);
  mark(find(config.unk_token));
  mark(find(config.pad_token));
  for (const std::string& token : config.additional_special_tokens) mark(find(token));
}

void JsonTokenizer::read_post_processor(const json& processor, const TokenizerConfig& config,
                                        const std::string& place) {
  try {
    std::vector<const json*> open = {&processor};
    while (!open.empty()) {
      const json& part = *open.back();
      open.pop_back();
      if (!part.is_object()) continue;
      const std::string type = part.at("type").get<std::string>();
      if (type == "Sequence") {
        for (const json& inner : part.at("processors")) open.push_back(&inner);
      } else if (type == "TemplateProcessing") {
        bool before = true;
        for (const json& item : part.at("single")) {
          if (item.contains("Sequence")) {
            before = false;
            continue;
          }
          const std::string name = item.at("SpecialToken").at("id").get<std::string>();
          for (const json& id : part.at("special_tokens").at(name).at("ids")) {
            (before ? prefix_ : suffix_).push_back(read_token_id(id, "post_processor: \"" + name + "\"", place));
          }
        }
      } else if (type == "BertProcessing" || type == "RobertaProcessing") {
        prefix_.push_back(read_token_id(part.at("cls").at(1), "post_processor: cls", place));
        suffix_.push_back(read_token_id(part.at("sep").at(1), "post_processor: sep", place));
      } else if (type != "ByteLevel") {
        fail(ErrorCode::kUnsupported, place,
             "post_processor: got type \"" + type +
                 "\", supported are Sequence, TemplateProcessing, BertProcessing, RobertaProcessing and ByteLevel.");
      }
    }
  } catch (const json::exception&) {
    fail(ErrorCode::kInvalidInput, place, "post_processor: a member is missing or of the wrong type.");
  }
  // What tokenizer_config.json says about BOS and EOS stands above the file's own template.
  const auto set = [](std::vector<std::int32_t>& ids, std::optional<bool> wanted, std::optional<std::int32_t> id,
                      bool front) {
    if (!wanted || !id) return;
    const auto at = std::find(ids.begin(), ids.end(), *id);
    if (!*wanted && at != ids.end()) ids.erase(at);
    if (*wanted && at == ids.end()) ids.insert(front ? ids.begin() : ids.end(), *id);
  };
  set(prefix_, config.add_bos_token, bos_id_, true);
  set(suffix_, config.add_eos_token, eos_id_, false);
}

}  // namespace

std::unique_ptr<Tokenizer> load_json_tokenizer(const std::string& path, const TokenizerConfig& config) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) fail(ErrorCode::kIo, path, "reading: the file cannot be read.");
  const json file = parse_strict_json<json>(text.view(), path);
  if (!file.is_object()) fail(ErrorCode::kInvalidInput, path, "got no JSON object, expected a tokenizer.");
  return std::make_unique<JsonTokenizer>(file, config, path);
}

}  // namespace vernier
