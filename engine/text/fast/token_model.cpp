#include "engine/text/fast/token_model.h"

#include <nlohmann/json.hpp>

#include "engine/text/fast/bpe_model.h"
#include "engine/text/fast/unigram_model.h"
#include "vernier/error.h"

namespace vernier {

std::unique_ptr<TokenModel> TokenModel::from_json(const nlohmann::json& json, bool byte_level,
                                                  const std::string& place) {
  try {
    std::string type = json.value("type", std::string());
    if (type.empty()) type = json.contains("merges") ? "BPE" : json.at("vocab").is_array() ? "Unigram" : "WordPiece";
    if (type == "BPE") return std::make_unique<BpeModel>(json, byte_level, place);
    if (type == "Unigram") return std::make_unique<UnigramModel>(json, place);
    fail(ErrorCode::kUnsupported, place, "model: got type \"" + type + "\", supported are BPE and Unigram.");
  } catch (const nlohmann::json::exception&) {
    fail(ErrorCode::kInvalidInput, place, "model: a member is missing or of the wrong type.");
  }
}

}  // namespace vernier
