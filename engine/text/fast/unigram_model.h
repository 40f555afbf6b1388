// The unigram language model (Kudo 2018), as HF tokenizers' models::Unigram computes it.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/fast/token_model.h"

namespace vernier {

class UnigramModel final : public TokenModel {
 public:
  UnigramModel(const nlohmann::json& json, const std::string& place);

  void tokenize(std::string_view word, std::vector<ModelToken>& out, const std::stop_token& stop) const override;
  const std::vector<std::string>& pieces() const override { return pieces_; }

 private:
  // A trie over bytes. Children of a node lie side by side, sorted.
  struct Node {
    std::uint32_t first_child = 0;
    std::uint16_t children = 0;
    std::uint8_t byte = 0;
    std::int32_t id = -1;
  };
  void build_trie();
  // Of a piece spelt exactly so; -1: none.
  std::int32_t find(std::string_view piece) const;
  const Node* child(const Node& node, std::uint8_t byte) const;

  std::vector<std::string> pieces_;
  std::vector<double> scores_;
  std::vector<Node> nodes_;
  std::int32_t unk_id_ = -1;
  double unk_score_ = 0.0;
  bool byte_fallback_ = false;
  std::array<std::int32_t, 256> byte_ids_;
};

}  // namespace vernier
