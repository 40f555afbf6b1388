// Byte-pair encoding, as HF tokenizers' models::BPE computes it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/text/fast/token_model.h"

namespace vernier {

class BpeModel final : public TokenModel {
 public:
  BpeModel(const nlohmann::json& json, bool byte_level, const std::string& place);
  ~BpeModel() override;

  void tokenize(std::string_view word, std::vector<ModelToken>& out, const std::stop_token& stop) const override;
  const std::vector<std::string>& pieces() const override { return pieces_; }

 private:
  struct Merge {
    std::int32_t rank = -1;  // -1: the pair does not merge
    std::int32_t id = 0;
  };
  // A table of pairs with open addressing: a lookup is one or two cache lines.
  class MergeTable {
   public:
    void reserve(std::size_t count);
    void insert(std::int32_t left, std::int32_t right, Merge merge);
    Merge find(std::int32_t left, std::int32_t right) const;

   private:
    struct Slot {
      std::uint64_t pair = ~std::uint64_t{0};
      Merge merge;
    };
    std::size_t start(std::uint64_t pair) const;
    std::vector<Slot> slots_;
    int shift_ = 63;
  };
  class Cache;
  struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  void read_vocabulary(const nlohmann::json& json, const std::string& place);
  void read_unknown(const nlohmann::json& json, const std::string& place);
  void read_merges(const nlohmann::json& json, const std::string& place);
  void find_safe_cuts();
  std::int32_t find(std::string_view piece) const;
  void tokenize_word(std::string_view word, std::vector<ModelToken>& out, const std::stop_token& stop) const;
  void symbols_of(std::string_view word, std::vector<ModelToken>& out) const;
  void merge_short(std::vector<ModelToken>& symbols) const;
  void merge_long(std::vector<ModelToken>& symbols, const std::stop_token& stop) const;

  bool byte_level_;
  bool byte_fallback_ = false;
  bool fuse_unk_ = false;
  bool ignore_merges_ = false;
  std::int32_t unk_id_ = -1;
  std::vector<std::string> pieces_;
  std::unordered_map<std::string, std::int32_t, StringHash, std::equal_to<>> ids_;  // of what pieces stand for
  std::array<std::int32_t, 256> byte_ids_;  // of single bytes, or of <0x00>, ...; -1: none
  std::array<std::int32_t, 128> ascii_ids_;
  MergeTable merges_;
  // A word may be cut before U+2581 unless the character in front of it stands before it in some piece too.
  bool cuts_at_space_ = false;
  std::vector<std::uint32_t> no_cut_after_;  // sorted code points
  std::unique_ptr<Cache> cache_;
};

}  // namespace vernier
