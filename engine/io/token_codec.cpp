#include "engine/io/token_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::uint8_t kPlain = 1;
constexpr std::uint8_t kWithRow = 2;

[[noreturn]] void fail_damaged(const char* what) {
  fail(ErrorCode::kInvalidInput, "run.db", std::string("damaged run store: got ") + what + ".");
}

void put_varint(std::uint32_t value, std::vector<std::uint8_t>& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_u16(std::uint16_t value, std::vector<std::uint8_t>& out) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t u8() {
    if (bytes_.empty()) fail_damaged("a record of tokens that ends too soon");
    const std::uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  std::uint16_t u16() {
    const std::uint16_t low = u8();
    return static_cast<std::uint16_t>(low | (u8() << 8));
  }
  std::uint32_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const std::uint8_t byte = u8();
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        if (value > std::numeric_limits<std::uint32_t>::max()) break;
        return static_cast<std::uint32_t>(value);
      }
    }
    fail_damaged("a number out of range in a record of tokens");
  }
  std::int32_t id() {
    const std::uint32_t value = varint();
    if (value > std::numeric_limits<std::int32_t>::max()) fail_damaged("a token id out of range");
    return static_cast<std::int32_t>(value);
  }
  // A count of things of at least `bytes_each` bytes that are still to come: bounds what is allocated for them.
  std::size_t count(std::size_t bytes_each) {
    const std::size_t value = varint();
    if (value > bytes_.size() / bytes_each) fail_damaged("a count out of range in a record of tokens");
    return value;
  }
  std::span<const std::uint8_t> rest() const { return bytes_; }

 private:
  std::span<const std::uint8_t> bytes_;
};

RowTokens read_row(ByteReader& reader) {
  if (reader.u8() != kPlain) fail_damaged("a data row of an unknown kind");
  RowTokens row;
  const std::size_t tokens = reader.count(1);
  row.input_ids.reserve(tokens);
  for (std::size_t t = 0; t < tokens; ++t) row.input_ids.push_back(reader.id());
  row.is_target.reserve(tokens);
  std::uint8_t value = 0;
  for (bool first = true; row.is_target.size() < tokens; first = false, value ^= 1) {
    const std::size_t run = reader.varint();
    if ((run == 0 && !first) || run > tokens - row.is_target.size()) fail_damaged("a label mask out of range");
    row.is_target.insert(row.is_target.end(), run, value);
  }
  return row;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {  // splitmix64's finalizer (Steele et al. 2014)
  hash = (hash ^ value) + 0x9e3779b97f4a7c15u;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

}  // namespace

std::uint16_t to_e5m11(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0xffffu;  // NaN
  if ((bits & 0x80000000u) != 0) return 0;
  if (bits >= 0x477ff800u) return 0xf800u;  // rounds past 65520
  if (bits < 0x38800000u) return static_cast<std::uint16_t>(std::lrintf(value * 0x1p25f));
  return static_cast<std::uint16_t>((bits + 0x7ffu + ((bits >> 12) & 1u) - (112u << 23)) >> 12);
}

float from_e5m11(std::uint16_t bits) {
  const std::uint32_t exponent = bits >> 11;
  const std::uint32_t mantissa = bits & 0x7ffu;
  if (exponent == 0x1fu) return std::bit_cast<float>(0x7f800000u | (mantissa << 12));
  if (exponent == 0) return static_cast<float>(mantissa) * 0x1p-25f;
  return std::bit_cast<float>(((exponent + 112u) << 23) | (mantissa << 12));
}

void encode_row(std::span<const std::int32_t> input_ids, std::span<const std::uint8_t> is_target,
                std::vector<std::uint8_t>& out) {
  if (is_target.size() != input_ids.size()) {
    fail(ErrorCode::kInternal, "run.db", "a row's label mask is not as long as its ids.");
  }
  out.push_back(kPlain);
  put_varint(static_cast<std::uint32_t>(input_ids.size()), out);
  for (const std::int32_t id : input_ids) {
    if (id < 0) fail(ErrorCode::kInternal, "run.db", "a token id is negative: got " + std::to_string(id) + ".");
    put_varint(static_cast<std::uint32_t>(id), out);
  }
  std::size_t start = 0;
  for (bool value = false; start < is_target.size(); value = !value) {
    std::size_t end = start;
    while (end < is_target.size() && (is_target[end] != 0) == value) ++end;
    put_varint(static_cast<std::uint32_t>(end - start), out);
    start = end;
  }
}

RowTokens decode_row(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  RowTokens row = read_row(reader);
  if (!reader.rest().empty()) fail_damaged("a data row with bytes left over");
  return row;
}

void encode_tokens(const SequenceTokens& sequence, bool with_row, std::vector<std::uint8_t>& out) {
  std::size_t targets = 0;
  for (const std::uint8_t is_target : sequence.is_target) targets += is_target != 0;
  if (sequence.is_target.size() != sequence.input_ids.size() || sequence.loss.size() != targets ||
      sequence.entropy.size() != targets || sequence.argmax.size() != targets || sequence.rank.size() != targets) {
    fail(ErrorCode::kInternal, "run.db",
         "sequence " + std::to_string(sequence.index) + ": its arrays do not fit its " + std::to_string(targets) +
             " targets.");
  }
  out.push_back(with_row ? kWithRow : kPlain);
  put_varint(static_cast<std::uint32_t>(targets), out);
  for (const float loss : sequence.loss) put_u16(to_e5m11(loss), out);
  for (const float entropy : sequence.entropy) put_u16(to_e5m11(entropy), out);
  std::size_t m = 0;
  for (std::size_t t = 0; t < sequence.input_ids.size(); ++t) {
    if (sequence.is_target[t] == 0) continue;
    const std::int32_t argmax = sequence.argmax[m++];
    put_varint(argmax == sequence.input_ids[t] ? 0u : static_cast<std::uint32_t>(argmax) + 2u, out);
  }
  for (const std::int32_t rank : sequence.rank) put_varint(static_cast<std::uint32_t>(rank), out);
  if (with_row) encode_row(sequence.input_ids, sequence.is_target, out);
}

bool has_row(std::span<const std::uint8_t> bytes) {
  return !bytes.empty() && bytes.front() == kWithRow;
}

std::vector<TokenRecord> decode_tokens(std::span<const std::uint8_t> bytes, const RowTokens& stored_row) {
  ByteReader reader(bytes);
  const std::uint8_t kind = reader.u8();
  if (kind != kPlain && kind != kWithRow) fail_damaged("a record of tokens of an unknown kind");
  std::vector<TokenRecord> targets(reader.count(6));
  for (TokenRecord& token : targets) token.loss = from_e5m11(reader.u16());
  for (TokenRecord& token : targets) token.entropy = from_e5m11(reader.u16());
  constexpr std::int32_t kItself = -2;
  for (TokenRecord& token : targets) {
    const std::uint32_t code = reader.varint();
    if (code > std::uint32_t{std::numeric_limits<std::int32_t>::max()} + 2u) fail_damaged("a token id out of range");
    token.argmax = code == 0 ? kItself : static_cast<std::int32_t>(std::int64_t{code} - 2);
  }
  for (TokenRecord& token : targets) token.rank = reader.id();

  RowTokens own_row;
  if (kind == kWithRow) own_row = read_row(reader);
  if (!reader.rest().empty()) fail_damaged("a record of tokens with bytes left over");
  const RowTokens& row = kind == kWithRow ? own_row : stored_row;

  std::vector<TokenRecord> tokens(row.input_ids.size());
  std::size_t m = 0;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (row.is_target[t] != 0) {
      if (m == targets.size()) fail_damaged("a record of tokens with fewer targets than its row");
      tokens[t] = targets[m++];
      if (tokens[t].argmax == kItself) tokens[t].argmax = row.input_ids[t];
    }
    tokens[t].position = static_cast<std::int32_t>(t);
    tokens[t].input_id = row.input_ids[t];
    tokens[t].is_target = row.is_target[t] != 0;
  }
  if (m != targets.size()) fail_damaged("a record of tokens with more targets than its row");
  return tokens;
}

bool encode_layout(std::span<const SequenceLoss> sequences, std::vector<std::uint8_t>& out) {
  std::vector<std::vector<std::uint32_t>> micro_batches;  // sequences of each row of each
  for (const SequenceLoss& sequence : sequences) {
    const std::int64_t batch = sequence.micro_batch, row = sequence.packed_row;
    if (batch == std::ssize(micro_batches)) micro_batches.emplace_back();
    if (micro_batches.empty() || batch != std::ssize(micro_batches) - 1) return false;
    std::vector<std::uint32_t>& rows = micro_batches.back();
    if (row == std::ssize(rows)) rows.push_back(0);
    if (rows.empty() || row != std::ssize(rows) - 1) return false;
    ++rows.back();
  }
  put_varint(static_cast<std::uint32_t>(micro_batches.size()), out);
  for (const std::vector<std::uint32_t>& rows : micro_batches) {
    const bool packed = std::any_of(rows.begin(), rows.end(), [](std::uint32_t count) { return count > 1; });
    put_varint(2 * static_cast<std::uint32_t>(rows.size()) + (packed ? 1 : 0), out);
    for (std::size_t r = 0; packed && r < rows.size(); ++r) put_varint(rows[r], out);
  }
  return true;
}

void decode_layout(std::span<const std::uint8_t> bytes, std::span<SequenceRecord> sequences) {
  ByteReader reader(bytes);
  const std::size_t micro_batches = reader.count(1);
  std::size_t next = 0;
  for (std::size_t batch = 0; batch < micro_batches; ++batch) {
    const std::uint32_t code = reader.varint();
    for (std::uint32_t row = 0; row < code / 2; ++row) {
      const std::uint32_t count = code % 2 != 0 ? reader.varint() : 1;
      if (count == 0 || count > sequences.size() - next) fail_damaged("a layout of another number of sequences");
      for (std::uint32_t i = 0; i < count; ++i, ++next) {
        sequences[next].loss.micro_batch = static_cast<std::int32_t>(batch);
        sequences[next].loss.packed_row = static_cast<std::int32_t>(row);
      }
    }
  }
  if (next != sequences.size() || !reader.rest().empty()) fail_damaged("a layout of another number of sequences");
}

std::uint64_t hash_row(std::span<const std::int32_t> input_ids, std::span<const std::uint8_t> is_target) {
  std::uint64_t hash = mix(0, input_ids.size());
  for (std::size_t t = 0; t < input_ids.size(); ++t) {
    hash = mix(hash, (std::uint64_t{static_cast<std::uint32_t>(input_ids[t])} << 1) | (is_target[t] != 0 ? 1u : 0u));
  }
  return hash;
}

}  // namespace vernier
