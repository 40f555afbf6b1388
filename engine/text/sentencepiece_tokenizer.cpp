#include "engine/text/sentencepiece_tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <unordered_map>

#include "engine/text/stop_check.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0;;) {
    const std::size_t next = text.find(from, at);
    out.append(text.substr(at, next - at));
    if (next == std::string_view::npos) return out;
    out.append(to);
    at = next + from.size();
  }
}

// SentencePiece takes a text whole, and nobody can stop it; a longer one is given to it in parts. Its BPE takes time
// that grows with the square of the text.
constexpr std::size_t kBpePartBytes = std::size_t{1} << 14;
constexpr std::size_t kUnigramPartBytes = std::size_t{1} << 20;
// In front of all parts but the first, so that a part is not taken for the beginning of a text.
constexpr std::string_view kGuard = "x";

bool is_ascii_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// ": why." of the library's message, without the place in its source and the condition that failed there, which may be
// all that it says: "file.cc(12) [a.ok()] why".
std::string reason(std::string_view message) {
  if (const std::size_t end = message.rfind("] "); message.find(".cc(") != message.npos && end != message.npos) {
    message.remove_prefix(end + 2);
  }
  while (message.ends_with('.') || message.ends_with(' ')) message.remove_suffix(1);
  return message.empty() ? "." : ": " + std::string(message) + ".";
}

class SentencePieceTokenizer final : public Tokenizer {
 public:
  SentencePieceTokenizer(const std::string& path, const TokenizerConfig& config) {
    std::string proto = read(path);
    // Transformers 5 takes a missing `legacy` for false.
    legacy_ = !config.present || config.legacy.value_or(false);
    if (!legacy_) {
      // ModelProto.normalizer_spec (field 3) { add_dummy_prefix (field 3): false }. Protocol buffers merge a message
      // field that occurs twice, so that appending overrides.
      proto.append("\x1A\x02\x18\x00", 4);
    }
    const auto status = processor_.LoadFromSerializedProto(proto);
    if (!status.ok()) {
      fail(ErrorCode::kInvalidInput, path, "not a SentencePiece model, or it is damaged" + reason(status.message()));
    }
    read_pieces(path);
    read_special_tokens(config, path);
    guard_length_ = encode_plain(kGuard).size();
    if (!legacy_) {
      add_prefix_space_ = config.add_prefix_space.value_or(true);
      unknown_text_ = config.unk_token.value_or("").empty() ? "<unk>" : *config.unk_token;
      unknown_length_ = encode_plain(unknown_text_).size();
      strips_first_space_ = add_prefix_space_;
    } else {
      // Whether the model itself puts a space in front of a text.
      std::vector<std::string> pieces;
      const bool ok = processor_.Encode("a", &pieces).ok();
      strips_first_space_ = ok && !pieces.empty() && pieces.front().starts_with(kVisibleSpace);
    }
  }

  std::int32_t vocab_size() const override { return static_cast<std::int32_t>(tokens_.size()); }

  std::vector<std::int32_t> encode(std::string_view text, bool add_special_tokens,
                                   const std::stop_token& stop) const override {
    std::vector<std::int32_t> out;
    if (add_special_tokens && add_bos_ && bos_id_) out.push_back(*bos_id_);
    bool first = true;
    matcher_.split(text, [&](std::string_view stretch, const AddedToken* token) {
      if (token != nullptr) {
        out.push_back(token->id);
      } else {
        const auto ids = encode_stretch(stretch, first, stop);
        out.insert(out.end(), ids.begin(), ids.end());
      }
      first = false;
    });
    if (add_special_tokens && add_eos_ && eos_id_) out.push_back(*eos_id_);
    return out;
  }

  std::vector<PlacedToken> encode_placed(std::string_view text, bool add_special_tokens,
                                         const std::stop_token& stop) const override {
    std::vector<PlacedToken> out;
    if (add_special_tokens && add_bos_ && bos_id_) out.push_back({*bos_id_, PlacedToken::kNotInText});
    bool first = true;
    matcher_.split(text, [&](std::string_view stretch, const AddedToken* token) {
      const auto begin = static_cast<std::size_t>(stretch.data() - text.data());
      if (token != nullptr) {
        out.push_back({token->id, begin});
      } else {
        place_stretch(stretch, first, begin, stop, out);
      }
      first = false;
    });
    if (add_special_tokens && add_eos_ && eos_id_) out.push_back({*eos_id_, PlacedToken::kNotInText});
    return out;
  }

  std::string decode(const std::vector<std::int32_t>& ids, bool skip_special_tokens) const override {
    std::string bytes;
    for (const std::int32_t id : ids) {
      if (id < 0 || id >= vocab_size()) continue;
      const Token& token = tokens_[id];
      if (token.special && skip_special_tokens) continue;
      bytes += token.text;
    }
    std::string out = replace_invalid_utf8(bytes);
    if (strips_first_space_ && out.starts_with(' ')) out.erase(0, 1);
    return out;
  }

  std::string piece(std::int32_t id) const override {
    return id >= 0 && id < vocab_size() ? tokens_[id].piece : std::string();
  }
  bool is_special(std::int32_t id) const override { return id >= 0 && id < vocab_size() && tokens_[id].special; }
  std::optional<std::int32_t> bos_id() const override { return bos_id_; }
  std::optional<std::int32_t> eos_id() const override { return eos_id_; }
  std::string bos_token() const override { return bos_id_ ? tokens_[*bos_id_].piece : std::string(); }
  std::string eos_token() const override { return eos_id_ ? tokens_[*eos_id_].piece : std::string(); }

 private:
  struct Token {
    std::string piece;  // as the vocabulary spells it
    std::string text;   // what it decodes to; for byte pieces one byte
    bool special = false;
  };

  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    if (!in) fail(ErrorCode::kIo, path, "the tokenizer cannot be read, or it is empty.");
    return content.str();
  }

  void read_pieces(const std::string& path) {
    const int size = processor_.GetPieceSize();
    tokens_.resize(static_cast<std::size_t>(size));
    for (int id = 0; id < size; ++id) {
      Token& token = tokens_[id];
      token.piece = processor_.IdToPiece(id);
      // The scores of BPE are the ranks of its merges.
      if (processor_.GetScore(id) != std::floor(processor_.GetScore(id))) part_bytes_ = kUnigramPartBytes;
      std::string_view word = token.piece;
      while (word.starts_with(kVisibleSpace)) word.remove_prefix(kVisibleSpace.size());
      if (word.find(kVisibleSpace) != std::string_view::npos) has_parts_ = false;  // it reaches over the end of a word
      token.special = processor_.IsControl(id) || processor_.IsUnknown(id);
      if (processor_.IsByte(id)) {
        // "<0x0A>"
        unsigned value = 0;
        const char* digits = token.piece.data() + 3;
        if (token.piece.size() != 6 || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) {
          fail(ErrorCode::kInvalidInput, path, "damaged: byte piece " + std::to_string(id) + " is not <0xNN>.");
        }
        token.text.assign(1, static_cast<char>(value));
      } else {
        token.text = token.special ? token.piece : replace_all(token.piece, kVisibleSpace, " ");
      }
    }
  }

  // The id of a token's text; new tokens get the next free id, as Transformers gives them out.
  std::int32_t id_of(const std::string& content) {
    for (const AddedToken& token : matcher_tokens_) {
      if (token.content == content) return token.id;
    }
    const int id = processor_.PieceToId(content);
    if (id >= 0 && id < processor_.GetPieceSize() && processor_.IdToPiece(id) == content) return id;
    return vocab_size();
  }

  void add(AddedToken token) {
    if (token.id >= vocab_size()) tokens_.resize(static_cast<std::size_t>(token.id) + 1);
    tokens_[token.id] = {token.content, token.content, token.special};
    matcher_tokens_.push_back(std::move(token));
  }

  void add_special(const std::string& content) {
    if (content.empty()) return;
    const auto known = std::find_if(matcher_tokens_.begin(), matcher_tokens_.end(),
                                    [&](const AddedToken& token) { return token.content == content; });
    if (known != matcher_tokens_.end()) {
      known->special = true;
      tokens_[known->id].special = true;
      return;
    }
    AddedToken token;
    token.content = content;
    token.id = id_of(content);
    token.special = true;
    add(std::move(token));
  }

  // An added token may say more of a piece, but is not another one: which of the two the model learnt nobody knows.
  void check_added(const AddedToken& token, const std::string& path) const {
    const int size = processor_.GetPieceSize();
    const auto refuse = [&](const std::string& expected) {
      fail(
          ErrorCode::kInvalidInput, path,
          "added token \"" + token.content + "\": got id " + std::to_string(token.id) + ", expected " + expected + ".");
    };
    const int known = processor_.PieceToId(token.content);
    const bool is_piece = known >= 0 && known < size && processor_.IdToPiece(known) == token.content;
    if (is_piece && known != token.id) refuse(std::to_string(known) + ", which the vocabulary gives this piece");
    if (is_piece || token.id >= size) return;
    const std::string& piece = tokens_[static_cast<std::size_t>(token.id)].piece;
    if (piece == token.content || replace_all(piece, kVisibleSpace, " ") == token.content) return;
    refuse("one from " + std::to_string(size) + ", as the vocabulary has \"" + piece + "\" there");
  }

  void read_special_tokens(const TokenizerConfig& config, const std::string& path) {
    if (!config.contradiction.empty()) {
      fail(ErrorCode::kInvalidInput, std::filesystem::path(path).parent_path().string(),
           config.contradiction + " Correct added_tokens_decoder of tokenizer_config.json, or added_tokens.json.");
    }
    // Ids of added tokens are checked here: one huge id must not become a huge table.
    constexpr std::int32_t kMaxAdded = 1 << 20;
    for (const AddedToken& token : config.added_tokens) {
      if (token.id >= processor_.GetPieceSize() + kMaxAdded) {
        fail(ErrorCode::kInvalidInput, "tokenizer",
             "added token \"" + token.content + "\": got id " + std::to_string(token.id) + ", expected at most " +
                 std::to_string(processor_.GetPieceSize() + kMaxAdded - 1) + ".");
      }
      check_added(token, path);
      add(token);
    }
    const auto given = [&](const std::optional<std::string>& text, int id) {
      if (text) return *text;
      return id >= 0 ? processor_.IdToPiece(id) : std::string();
    };
    const std::string bos = given(config.bos_token, processor_.bos_id());
    const std::string eos = given(config.eos_token, processor_.eos_id());
    const bool configured = config.present || config.bos_token || config.eos_token || !config.added_tokens.empty() ||
                            !config.additional_special_tokens.empty();
    if (configured) {
      add_special(bos);
      add_special(eos);
      add_special(given(config.unk_token, processor_.unk_id()));
      add_special(config.pad_token.value_or(""));
      for (const std::string& token : config.additional_special_tokens) add_special(token);
    }
    if (!bos.empty()) bos_id_ = id_of(bos);
    if (!eos.empty()) eos_id_ = id_of(eos);
    add_bos_ = config.add_bos_token.value_or(true);
    add_eos_ = config.add_eos_token.value_or(false);
    matcher_ = AddedTokenMatcher(std::move(matcher_tokens_));
  }

  std::vector<int> encode_plain(std::string_view text) const {
    std::vector<int> ids;
    const auto status = processor_.Encode(text, &ids);
    if (!status.ok()) fail(ErrorCode::kInvalidInput, "tokenizer", "cannot encode" + reason(status.message()));
    return ids;
  }

  // What SentencePiece is given for a stretch of text, and how many pieces in front of its answer do not count.
  struct Prepared {
    std::string text;
    std::size_t skipped_bytes = 0;  // in front of `text`, that are not the stretch's
    std::size_t skipped_pieces = 0;
  };
  Prepared prepare(std::string_view stretch, bool first) const {
    if (legacy_) return {std::string(stretch), 0, 0};  // the model puts a space in front of every stretch
    Prepared out{replace_all(stretch, kVisibleSpace, " "), 0, 0};
    if (first && add_prefix_space_) {
      out.text.insert(0, kVisibleSpace);
      out.skipped_bytes = kVisibleSpace.size();
    }
    if (!out.text.starts_with(kVisibleSpace) && !out.text.starts_with(' ')) return out;
    // SentencePiece would strip the space; behind another token it stays (Transformers, LlamaTokenizer._tokenize).
    out.text.insert(0, unknown_text_);
    out.skipped_bytes += unknown_text_.size();
    out.skipped_pieces = unknown_length_;
    return out;
  }

  // Where the part that begins at `begin` ends: in front of a space behind a word, where no piece can reach across, so
  // that the pieces of the parts are those of the whole.
  std::size_t part_end(std::string_view text, std::size_t begin) const {
    if (!has_parts_) return text.size();
    for (std::size_t at = begin + part_bytes_; (at = text.find(' ', at)) < text.size(); ++at) {
      if (is_ascii_word(text[at - 1])) return at;
    }
    return text.size();
  }

  // visit(part, skipped_pieces, shift): skip so many pieces of the part's; byte b of it is byte b + shift of the text.
  template <typename Visit>
  void for_each_part(const Prepared& prepared, const std::stop_token& stop, const Visit& visit) const {
    const std::string_view text = prepared.text;
    StopCheck check(stop, 1);
    std::size_t begin = part_end(text, 0);
    visit(text.substr(0, begin), prepared.skipped_pieces, std::ptrdiff_t{0});
    std::string part;
    while (begin < text.size()) {
      check();
      const std::size_t end = part_end(text, begin);
      part.assign(kGuard).append(text.substr(begin, end - begin));
      visit(std::string_view(part), guard_length_,
            static_cast<std::ptrdiff_t>(begin) - static_cast<std::ptrdiff_t>(kGuard.size()));
      begin = end;
    }
  }

  std::vector<int> encode_stretch(std::string_view stretch, bool first, const std::stop_token& stop) const {
    std::vector<int> out;
    for_each_part(prepare(stretch, first), stop,
                  [&](std::string_view part, std::size_t skipped_pieces, std::ptrdiff_t /*shift*/) {
                    const std::vector<int> ids = encode_plain(part);
                    const std::size_t skipped = std::min(skipped_pieces, ids.size());
                    out.insert(out.end(), ids.begin() + static_cast<std::ptrdiff_t>(skipped), ids.end());
                  });
    return out;
  }

  void place_stretch(std::string_view stretch, bool first, std::size_t begin, const std::stop_token& stop,
                     std::vector<PlacedToken>& out) const {
    const Prepared prepared = prepare(stretch, first);
    // prepare() made every written U+2581 two bytes shorter, so that places behind one lie that much further back.
    std::size_t from = 0;         // in the stretch
    std::size_t prepared_at = 0;  // in prepared.text behind what was skipped
    for_each_part(prepared, stop, [&](std::string_view part, std::size_t skipped_pieces, std::ptrdiff_t shift) {
      const auto pieces = processor_.EncodeAsImmutableProto(part);
      for (std::size_t i = skipped_pieces; i < pieces.pieces_size(); ++i) {
        const auto& piece = pieces.pieces(static_cast<int>(i));
        const auto in_text = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(piece.begin()) + shift);
        const std::size_t at = std::max(in_text, prepared.skipped_bytes) - prepared.skipped_bytes;
        for (; prepared_at < at; ++prepared_at) {
          from += !legacy_ && stretch.substr(from).starts_with(kVisibleSpace) ? kVisibleSpace.size() : 1;
        }
        out.push_back({static_cast<std::int32_t>(piece.id()), begin + from});
      }
    });
  }

  sentencepiece::SentencePieceProcessor processor_;
  std::vector<Token> tokens_;
  std::vector<AddedToken> matcher_tokens_;  // while loading
  AddedTokenMatcher matcher_;
  std::optional<std::int32_t> bos_id_;
  std::optional<std::int32_t> eos_id_;
  bool add_bos_ = true;
  bool add_eos_ = false;
  bool legacy_ = true;
  bool add_prefix_space_ = true;
  bool strips_first_space_ = true;
  std::string unknown_text_;
  std::size_t unknown_length_ = 0;
  std::size_t guard_length_ = 0;  // in pieces
  bool has_parts_ = true;         // a long text falls into parts
  std::size_t part_bytes_ = kBpePartBytes;
};

}  // namespace

std::unique_ptr<Tokenizer> load_sentencepiece_tokenizer(const std::string& path, const TokenizerConfig& config) {
  // The library fills tables of its own while it loads, which not every version of it guards.
  static std::mutex loading;
  const std::lock_guard lock(loading);
  return std::make_unique<SentencePieceTokenizer>(path, config);
}

}  // namespace vernier
