#include "engine/text/sentencepiece_pieces.h"

#include <cstring>

#include "vernier/error.h"

namespace vernier {
namespace {

// Protocol buffers' wire format: fields of a message one behind the other.
class Fields {
 public:
  Fields(std::string_view bytes, const std::string& place) : rest_(bytes), place_(place) {}

  // False at the end. Then number() says which field, and one of integer(), bytes() holds it.
  bool next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint();
    number_ = key >> 3;
    switch (key & 7) {
      case 0:
        integer_ = varint();
        break;
      case 1:
        bytes_ = take(8);
        break;
      case 2:
        bytes_ = take(varint());
        break;
      case 5:
        bytes_ = take(4);
        break;
      default:
        damaged();
    }
    return true;
  }
  std::uint64_t number() const { return number_; }
  std::uint64_t integer() const { return integer_; }
  std::string_view bytes() const { return bytes_; }
  [[noreturn]] void damaged() const {
    fail(ErrorCode::kInvalidInput, place_, "not a SentencePiece model, or it is damaged.");
  }

 private:
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) damaged();
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    damaged();
  }

  std::string_view rest_;
  const std::string& place_;
  std::uint64_t number_ = 0;
  std::uint64_t integer_ = 0;
  std::string_view bytes_;
};

}  // namespace

SentencePieces read_sentencepieces(std::string_view proto, const std::string& place) {
  SentencePieces out;
  constexpr std::uint64_t kBpe = 2;
  for (Fields model(proto, place); model.next();) {
    if (model.number() == 1) {
      SentencePieces::Piece piece;
      for (Fields fields(model.bytes(), place); fields.next();) {
        if (fields.number() == 1) piece.text = fields.bytes();
        if (fields.number() == 2) {
          if (fields.bytes().size() != sizeof piece.score) fields.damaged();
          std::memcpy(&piece.score, fields.bytes().data(), sizeof piece.score);
        }
        if (fields.number() == 3) {
          if (fields.integer() < 1 || fields.integer() > 6) fields.damaged();
          piece.type = static_cast<PieceType>(fields.integer());
        }
      }
      out.pieces.push_back(std::move(piece));
    } else if (model.number() == 2) {
      for (Fields trainer(model.bytes(), place); trainer.next();) {
        if (trainer.number() == 3) out.bpe = trainer.integer() == kBpe;
      }
    }
  }
  return out;
}

}  // namespace vernier
