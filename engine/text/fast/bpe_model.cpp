#include "engine/text/fast/bpe_model.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <queue>

#include "engine/text/stop_check.h"
#include "engine/text/token_id.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::size_t kShortWord = 64;  // symbols up to which the quadratic way is the faster one

std::string shown(const std::string& piece) {
  return nlohmann::json(piece).dump();
}

}  // namespace

// Words seen lately and their tokens: one slot a hash value, guarded by a flag that is never waited for.
class BpeModel::Cache {
 public:
  static constexpr std::size_t kMaxBytes = 27, kMaxTokens = 8;

  bool find(std::string_view word, std::size_t hash, std::vector<ModelToken>& out) {
    Slot& slot = slots_[hash % kSlots];
    if (slot.busy.test_and_set(std::memory_order_acquire)) return false;
    const bool hit = slot.bytes == word.size() && std::memcmp(slot.word, word.data(), word.size()) == 0;
    if (hit) out.insert(out.end(), slot.tokens, slot.tokens + slot.count);
    slot.busy.clear(std::memory_order_release);
    return hit;
  }
  void store(std::string_view word, std::size_t hash, const ModelToken* tokens, std::size_t count) {
    if (count > kMaxTokens) return;
    Slot& slot = slots_[hash % kSlots];
    if (slot.busy.test_and_set(std::memory_order_acquire)) return;
    std::memcpy(slot.word, word.data(), word.size());
    slot.bytes = static_cast<std::uint8_t>(word.size());
    slot.count = static_cast<std::uint8_t>(count);
    std::copy(tokens, tokens + count, slot.tokens);
    slot.busy.clear(std::memory_order_release);
  }

 private:
  static constexpr std::size_t kSlots = 1 << 15;
  struct Slot {
    std::atomic_flag busy = ATOMIC_FLAG_INIT;
    std::uint8_t bytes = 0;  // 0: empty
    std::uint8_t count = 0;
    char word[kMaxBytes] = {};
    ModelToken tokens[kMaxTokens];
  };
  std::unique_ptr<Slot[]> slots_ = std::make_unique<Slot[]>(kSlots);
};

void BpeModel::MergeTable::reserve(std::size_t count) {
  int bits = 4;
  while ((std::size_t{1} << bits) < 2 * count) ++bits;
  slots_.assign(std::size_t{1} << bits, {});
  shift_ = 64 - bits;
}

std::size_t BpeModel::MergeTable::start(std::uint64_t pair) const {
  return static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15u) >> shift_);
}

void BpeModel::MergeTable::insert(std::int32_t left, std::int32_t right, Merge merge) {
  const std::uint64_t pair =
      (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) | static_cast<std::uint32_t>(right);
  std::size_t i = start(pair);
  while (slots_[i].pair != ~std::uint64_t{0} && slots_[i].pair != pair) i = (i + 1) & (slots_.size() - 1);
  slots_[i] = {pair, merge};  // of a pair that is listed twice, the later counts
}

BpeModel::Merge BpeModel::MergeTable::find(std::int32_t left, std::int32_t right) const {
  const std::uint64_t pair =
      (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) | static_cast<std::uint32_t>(right);
  for (std::size_t i = start(pair);; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i].pair == pair) return slots_[i].merge;
    if (slots_[i].pair == ~std::uint64_t{0}) return {};
  }
}

BpeModel::BpeModel(const nlohmann::json& json, bool byte_level, const std::string& place)
    : byte_level_(byte_level), cache_(std::make_unique<Cache>()) {
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (json.contains(affix) && !json.at(affix).is_null() && json.at(affix) != "") {
      fail(ErrorCode::kUnsupported, place,
           std::string(affix) + ": got " + json.at(affix).dump() + ", supported is none.");
    }
  }
  byte_fallback_ = json.value("byte_fallback", false);
  fuse_unk_ = json.value("fuse_unk", false);
  ignore_merges_ = json.value("ignore_merges", false);
  read_vocabulary(json, place);
  read_merges(json, place);
  find_safe_cuts();
}

BpeModel::~BpeModel() = default;

void BpeModel::read_vocabulary(const nlohmann::json& json, const std::string& place) {
  const auto& vocab = json.at("vocab");
  if (!vocab.is_object()) {
    fail(ErrorCode::kInvalidInput, place,
         "vocab: got a JSON " + std::string(vocab.type_name()) + ", expected an object.");
  }
  ids_.reserve(vocab.size());
  std::string bytes;
  for (const auto& [piece, value] : vocab.items()) {
    const std::int32_t id = read_token_id(value, "vocab: \"" + piece + "\"", place);
    if (static_cast<std::size_t>(id) >= pieces_.size()) pieces_.resize(static_cast<std::size_t>(id) + 1);
    pieces_[static_cast<std::size_t>(id)] = piece;
    if (byte_level_ && byte_level_bytes(piece, bytes)) {
      ids_.emplace(bytes, id);
    } else if (!byte_level_) {
      ids_.emplace(piece, id);
    }
  }
  byte_ids_.fill(-1);
  ascii_ids_.fill(-1);
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    const char single = static_cast<char>(byte);
    const auto index = static_cast<std::size_t>(byte);
    byte_ids_[index] = byte_level_ ? find(std::string_view(&single, 1)) : find(name);
    if (byte < 128) ascii_ids_[index] = find(std::string_view(&single, 1));
  }
  read_unknown(json, place);
}

void BpeModel::read_unknown(const nlohmann::json& json, const std::string& place) {
  if (!json.contains("unk_token") || !json.at("unk_token").is_string()) return;
  const auto& vocab = json.at("vocab");
  const auto& token = json.at("unk_token").get_ref<const std::string&>();
  if (const auto at = vocab.find(token); at != vocab.end()) {
    unk_id_ = at->get<std::int32_t>();
    return;
  }
  // It is never needed where every byte has a piece; elsewhere characters would vanish.
  const bool spells_all =
      (byte_level_ || byte_fallback_) && std::ranges::all_of(byte_ids_, [](auto id) { return id >= 0; });
  if (spells_all) return;
  fail(ErrorCode::kInvalidInput, place,
       "unk_token: got " + shown(token) + ", expected a piece of the vocabulary, as it stands for unknown characters.");
}

void BpeModel::read_merges(const nlohmann::json& json, const std::string& place) {
  const auto& merges = json.at("merges");
  merges_.reserve(merges.size());
  std::int32_t rank = 0;
  std::string left, right, left_bytes, right_bytes;
  for (const auto& merge : merges) {
    if (merge.is_string()) {
      const auto& text = merge.get_ref<const std::string&>();
      const std::size_t space = text.find(' ');
      if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) {
        fail(ErrorCode::kInvalidInput, place,
             "merges: entry " + std::to_string(rank) + ": got " + shown(text) + ", expected two pieces and a space.");
      }
      left = text.substr(0, space);
      right = text.substr(space + 1);
    } else {
      if (merge.is_array() && merge.size() != 2) {
        fail(ErrorCode::kInvalidInput, place,
             "merges: entry " + std::to_string(rank) + ": got a list of " + std::to_string(merge.size()) +
                 ", expected two pieces.");
      }
      left = merge.at(0).get<std::string>();
      right = merge.at(1).get<std::string>();
    }
    if (byte_level_ && byte_level_bytes(left, left_bytes) && byte_level_bytes(right, right_bytes)) {
      left = left_bytes;
      right = right_bytes;
    }
    const std::int32_t a = find(left), b = find(right), joined = find(left + right);
    if (a < 0 || b < 0 || joined < 0) {
      fail(ErrorCode::kInvalidInput, place,
           "merges: entry " + std::to_string(rank) + " names a piece that the vocabulary lacks.");
    }
    merges_.insert(a, b, {rank, joined});
    ++rank;
  }
}

// Without a pre-tokenizer the whole text is one word. It falls into independent parts where no piece can reach across.
void BpeModel::find_safe_cuts() {
  if (byte_level_) return;
  // Where an unknown character vanishes, what stood around it may merge.
  cuts_at_space_ = !ignore_merges_ && unk_id_ >= 0;
  for (const std::string& piece : pieces_) {
    for (std::size_t at = piece.find(kVisibleSpace, 1); at != std::string::npos;
         at = piece.find(kVisibleSpace, at + 1)) {
      std::size_t begin = at - 1;
      while (begin > 0 && (static_cast<unsigned char>(piece[begin]) & 0xC0) == 0x80) --begin;
      no_cut_after_.push_back(decode_utf8(std::string_view(piece).substr(begin)).code_point);
    }
  }
  std::sort(no_cut_after_.begin(), no_cut_after_.end());
  no_cut_after_.erase(std::unique(no_cut_after_.begin(), no_cut_after_.end()), no_cut_after_.end());
}

std::int32_t BpeModel::find(std::string_view piece) const {
  const auto at = ids_.find(piece);
  return at == ids_.end() ? -1 : at->second;
}

void BpeModel::tokenize(std::string_view word, std::vector<ModelToken>& out, const std::stop_token& stop) const {
  if (!cuts_at_space_) {
    tokenize_word(word, out, stop);
    return;
  }
  StopCheck check(stop);
  std::size_t begin = 0;
  for (std::size_t at = word.find(kVisibleSpace, 1); at != std::string_view::npos;
       at = word.find(kVisibleSpace, at + 1)) {
    std::size_t before = at - 1;
    while (before > begin && (static_cast<unsigned char>(word[before]) & 0xC0) == 0x80) --before;
    const std::uint32_t c = decode_utf8(word.substr(before)).code_point;
    if (std::binary_search(no_cut_after_.begin(), no_cut_after_.end(), c)) continue;
    // An unknown character fuses with an unknown one behind a cut too; U+2581 itself is known where it is in use.
    tokenize_word(word.substr(begin, at - begin), out, stop);
    check();
    begin = at;
  }
  if (begin < word.size()) tokenize_word(word.substr(begin), out, stop);
}

void BpeModel::tokenize_word(std::string_view word, std::vector<ModelToken>& out, const std::stop_token& stop) const {
  const bool cached = word.size() <= Cache::kMaxBytes;
  const std::size_t hash = cached ? std::hash<std::string_view>()(word) : 0;
  if (cached && cache_->find(word, hash, out)) return;
  const std::size_t first = out.size();
  if (const std::int32_t whole = ignore_merges_ ? find(word) : -1; whole >= 0) {
    out.push_back({whole, static_cast<std::uint32_t>(word.size())});
  } else {
    std::vector<ModelToken> symbols;
    symbols_of(word, symbols);
    if (symbols.size() <= kShortWord) {
      merge_short(symbols);
    } else {
      merge_long(symbols, stop);
    }
    out.insert(out.end(), symbols.begin(), symbols.end());
  }
  if (cached) cache_->store(word, hash, out.data() + first, out.size() - first);
}

void BpeModel::symbols_of(std::string_view word, std::vector<ModelToken>& out) const {
  out.reserve(word.size());
  bool unknown = false;  // the last symbol
  if (byte_level_) {
    for (const char c : word) {
      const std::int32_t id = byte_ids_[static_cast<unsigned char>(c)];
      if (id >= 0) {
        out.push_back({id, 1});
        unknown = false;
      } else if (unk_id_ >= 0 && !(unknown && fuse_unk_)) {
        out.push_back({unk_id_, 1});
        unknown = true;
      } else if (!out.empty()) {
        ++out.back().bytes;  // fused, or dropped as HF tokenizers does
      }
    }
    return;
  }
  for (std::size_t at = 0; at < word.size();) {
    const auto lead = static_cast<unsigned char>(word[at]);
    const std::size_t length = lead < 0x80 ? 1 : decode_utf8(word.substr(at)).length;
    const std::string_view character = word.substr(at, length);
    at += length;
    const std::int32_t id = lead < 0x80 ? ascii_ids_[lead] : find(character);
    if (id >= 0) {
      out.push_back({id, static_cast<std::uint32_t>(length)});
      unknown = false;
      continue;
    }
    if (byte_fallback_ && std::all_of(character.begin(), character.end(),
                                      [&](char c) { return byte_ids_[static_cast<unsigned char>(c)] >= 0; })) {
      for (std::size_t i = 0; i < length; ++i) {
        out.push_back(
            {byte_ids_[static_cast<unsigned char>(character[i])], i == 0 ? static_cast<std::uint32_t>(length) : 0});
      }
      unknown = false;
    } else if (unk_id_ >= 0 && !(unknown && fuse_unk_)) {
      out.push_back({unk_id_, static_cast<std::uint32_t>(length)});
      unknown = true;
    } else if (!out.empty()) {
      out.back().bytes += static_cast<std::uint32_t>(length);
    }
  }
}

// The pair of lowest rank merges first, the leftmost of equals.
void BpeModel::merge_short(std::vector<ModelToken>& symbols) const {
  if (symbols.size() < 2) return;
  std::array<Merge, kShortWord> merges;  // merges[i] of symbols i and i + 1
  std::size_t count = symbols.size();
  for (std::size_t i = 0; i + 1 < count; ++i) merges[i] = merges_.find(symbols[i].id, symbols[i + 1].id);
  while (count > 1) {
    std::size_t best = count;
    std::int32_t rank = std::numeric_limits<std::int32_t>::max();
    for (std::size_t i = 0; i + 1 < count; ++i) {
      if (merges[i].rank >= 0 && merges[i].rank < rank) {
        rank = merges[i].rank;
        best = i;
      }
    }
    if (best == count) break;
    symbols[best] = {merges[best].id, symbols[best].bytes + symbols[best + 1].bytes};
    for (std::size_t i = best + 1; i + 1 < count; ++i) {
      symbols[i] = symbols[i + 1];
      merges[i] = merges[i + 1];
    }
    --count;
    if (best > 0) merges[best - 1] = merges_.find(symbols[best - 1].id, symbols[best].id);
    if (best + 1 < count) merges[best] = merges_.find(symbols[best].id, symbols[best + 1].id);
  }
  symbols.resize(count);
}

void BpeModel::merge_long(std::vector<ModelToken>& symbols, const std::stop_token& stop) const {
  struct Candidate {
    std::int32_t rank;
    std::uint32_t position;
    std::int32_t id;
    std::int32_t left, right;  // ids when it was found; stale where they have changed
    bool operator<(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  constexpr std::int32_t kGone = -1;
  const std::size_t n = symbols.size();
  std::vector<std::uint32_t> next(n), previous(n);
  std::priority_queue<Candidate> queue;
  const auto consider = [&](std::uint32_t left, std::uint32_t right) {
    const Merge merge = merges_.find(symbols[left].id, symbols[right].id);
    if (merge.rank >= 0) queue.push({merge.rank, left, merge.id, symbols[left].id, symbols[right].id});
  };
  for (std::uint32_t i = 0; i < n; ++i) {
    next[i] = i + 1;
    previous[i] = i - 1;
    if (i + 1 < n) consider(i, i + 1);
  }
  StopCheck check(stop);
  while (!queue.empty()) {
    check();
    const Candidate c = queue.top();
    queue.pop();
    const std::uint32_t left = c.position;
    if (symbols[left].id != c.left || next[left] >= n) continue;
    const std::uint32_t right = next[left];
    if (symbols[right].id != c.right) continue;
    symbols[left] = {c.id, symbols[left].bytes + symbols[right].bytes};
    symbols[right].id = kGone;
    next[left] = next[right];
    if (next[right] < n) previous[next[right]] = left;
    if (left > 0 && previous[left] < n) consider(previous[left], left);
    if (next[left] < n) consider(left, next[left]);
  }
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < n; i = next[i]) symbols[count++] = symbols[i];
  symbols.resize(count);
}

}  // namespace vernier
