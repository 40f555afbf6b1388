#include "engine/text/fast/unigram_model.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <queue>

#include "engine/text/stop_check.h"
#include "engine/text/token_id.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr double kUnkPenalty = 10.0;  // below the worst piece, as SentencePiece has it

}  // namespace

UnigramModel::UnigramModel(const nlohmann::json& json, const std::string& place) {
  for (const auto& entry : json.at("vocab")) {
    pieces_.push_back(entry.at(0).get<std::string>());
    scores_.push_back(entry.at(1).get<double>());
    if (!std::isfinite(scores_.back())) fail(ErrorCode::kInvalidInput, place, "vocab: a score is not finite.");
  }
  if (pieces_.empty()) fail(ErrorCode::kInvalidInput, place, "vocab: got no pieces.");
  unk_score_ = *std::min_element(scores_.begin(), scores_.end()) - kUnkPenalty;
  if (json.contains("unk_id") && json.at("unk_id").is_number_integer()) {
    unk_id_ = read_token_id(json.at("unk_id"), "unk_id", place);
    if (static_cast<std::size_t>(unk_id_) >= pieces_.size()) {
      fail(ErrorCode::kInvalidInput, place,
           "unk_id: got " + std::to_string(unk_id_) + ", which is not in the vocabulary.");
    }
  }
  byte_fallback_ = json.value("byte_fallback", false);
  byte_ids_.fill(-1);
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    const auto at = std::find(pieces_.begin(), pieces_.end(), name);
    if (at != pieces_.end())
      byte_ids_[static_cast<std::size_t>(byte)] = static_cast<std::int32_t>(at - pieces_.begin());
  }
  build_trie();
}

void UnigramModel::build_trie() {
  std::vector<std::int32_t> order(pieces_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    const int c = pieces_[static_cast<std::size_t>(a)].compare(pieces_[static_cast<std::size_t>(b)]);
    return c != 0 ? c < 0 : a < b;
  });
  struct Range {
    std::size_t node, begin, end, depth;
  };
  nodes_.emplace_back();
  std::queue<Range> open;
  open.push({0, 0, order.size(), 0});
  while (!open.empty()) {
    const Range range = open.front();
    open.pop();
    std::size_t at = range.begin;
    for (; at < range.end && pieces_[static_cast<std::size_t>(order[at])].size() == range.depth; ++at) {
      if (range.depth > 0) nodes_[range.node].id = order[at];  // of pieces that are spelt alike, the last counts
    }
    nodes_[range.node].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (at < range.end) {
      const char byte = pieces_[static_cast<std::size_t>(order[at])][range.depth];
      std::size_t end = at;
      while (end < range.end && pieces_[static_cast<std::size_t>(order[end])][range.depth] == byte) ++end;
      open.push({nodes_.size(), at, end, range.depth + 1});
      nodes_.emplace_back().byte = static_cast<std::uint8_t>(byte);
      ++nodes_[range.node].children;
      at = end;
    }
  }
}

const UnigramModel::Node* UnigramModel::child(const Node& node, std::uint8_t byte) const {
  const Node* first = nodes_.data() + node.first_child;
  const Node* last = first + node.children;
  const Node* at = std::lower_bound(first, last, byte, [](const Node& n, std::uint8_t b) { return n.byte < b; });
  return at != last && at->byte == byte ? at : nullptr;
}

std::int32_t UnigramModel::find(std::string_view piece) const {
  const Node* node = nodes_.data();
  for (std::size_t i = 0; node != nullptr && i < piece.size(); ++i) {
    node = child(*node, static_cast<std::uint8_t>(piece[i]));
  }
  return node == nullptr ? -1 : node->id;
}

void UnigramModel::tokenize(std::string_view word, std::vector<ModelToken>& out, const std::stop_token& stop) const {
  // Viterbi: the best way to each byte's end.
  struct Best {
    double score = -std::numeric_limits<double>::infinity();
    std::size_t begin = 0;
    std::int32_t id = -1;
  };
  std::vector<Best> best(word.size() + 1);
  best[0].score = 0.0;
  StopCheck check(stop);
  for (std::size_t at = 0; at < word.size();) {
    check();
    const std::size_t length = decode_utf8(word.substr(at)).length;
    const double here = best[at].score;
    bool has_single = false;
    const Node* node = nodes_.data();
    for (std::size_t end = at; end < word.size();) {
      node = child(*node, static_cast<std::uint8_t>(word[end]));
      if (node == nullptr) break;
      ++end;
      if (node->id < 0) continue;
      const double score = here + scores_[static_cast<std::size_t>(node->id)];
      if (score > best[end].score) best[end] = {score, at, node->id};
      has_single = has_single || end == at + length;
    }
    if (!has_single && here + unk_score_ > best[at + length].score) {
      best[at + length] = {here + unk_score_, at, unk_id_ >= 0 ? unk_id_ : -1};
    }
    at += length;
  }
  struct Part {
    std::size_t begin, end;
    std::int32_t id;
  };
  std::vector<Part> parts;
  for (std::size_t end = word.size(); end > 0; end = best[end].begin) {
    const Best& b = best[end];
    const bool unknown = b.id < 0 || b.id == unk_id_;
    if (unknown && !parts.empty() && (parts.back().id < 0 || parts.back().id == unk_id_)) {
      parts.back().begin = b.begin;  // unknown characters in a row are one
    } else {
      parts.push_back({b.begin, end, b.id});
    }
  }
  for (std::size_t i = parts.size(); i-- > 0;) {
    const Part& part = parts[i];
    const std::string_view text = word.substr(part.begin, part.end - part.begin);
    // A text may spell the unknown piece itself, or unknown characters in a row another.
    const std::int32_t spelt = part.id < 0 || part.id == unk_id_ ? find(text) : -1;
    if (spelt >= 0) {
      out.push_back({spelt, static_cast<std::uint32_t>(text.size())});
      continue;
    }
    const bool unknown = part.id < 0 || part.id == unk_id_;
    const bool bytes = unknown && byte_fallback_ && std::all_of(text.begin(), text.end(), [&](char c) {
                         return byte_ids_[static_cast<unsigned char>(c)] >= 0;
                       });
    if (bytes) {
      for (std::size_t at = 0; at < text.size(); ++at) {
        const bool lead = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        const std::size_t length = lead ? decode_utf8(text.substr(at)).length : 0;
        out.push_back({byte_ids_[static_cast<unsigned char>(text[at])], static_cast<std::uint32_t>(length)});
      }
    } else if (part.id >= 0) {
      out.push_back({part.id, static_cast<std::uint32_t>(text.size())});
    } else {
      fail(ErrorCode::kInvalidInput, "tokenizer.json",
           "text: got \"" + std::string(text.substr(0, 16)) +
               "\", which the vocabulary cannot spell and for which it names no unk_id.");
    }
  }
}

}  // namespace vernier
