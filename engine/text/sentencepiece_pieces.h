// The pieces of a `tokenizer.model`, with scores and types, which the sentencepiece library does not give out in full.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// sentencepiece_model.proto: SentencePiece.Type.
enum class PieceType : std::int32_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6
};

struct SentencePieces {
  struct Piece {
    std::string text;
    float score = 0.0f;
    PieceType type = PieceType::kNormal;
  };
  std::vector<Piece> pieces;
  bool bpe = false;  // TrainerSpec.model_type is BPE; else Unigram, words or characters
};

// Reads the serialized ModelProto. Throws Error{kInvalidInput} at `place` for a damaged one.
SentencePieces read_sentencepieces(std::string_view proto, const std::string& place);

}  // namespace vernier
