// How the run store packs what it keeps of every token: about 6 bytes a target, 1.5 to 2.5 a token of a data row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vernier/run_store.h"

namespace vernier {

// What a step knows of the tokens of one sequence of T tokens, M of which are targets. The target values come in the
// order of their tokens, as the loss head gives them: each speaks of predicting its token from those before it.
struct SequenceTokens {
  std::int64_t index = 0;                   // the sequence's position in its step
  std::int64_t row = 0;                     // row of the data set, from 0
  std::span<const std::int32_t> input_ids;  // [T]
  std::span<const std::uint8_t> is_target;  // [T], 1 where the token has a label; never at the first token
  std::span<const float> loss;              // [M], nats
  std::span<const float> entropy;           // [M], nats
  std::span<const std::int32_t> argmax;     // [M]
  std::span<const std::int32_t> rank;       // [M], 0 is best
};

// An unsigned 16-bit float: 5 bits of exponent, 11 of mantissa. Nearest, ties to even: relative error 2^-12 from 2^-14
// up, absolute error 2^-26 below. Up to 65520, above it infinity; negative values become 0; NaN stays.
std::uint16_t to_e5m11(float value);
float from_e5m11(std::uint16_t bits);

// A data row: ids and label mask. Appends to `out`.
//   u8 1 | varint T | T varints: ids | varints: lengths of the runs of the mask, unmasked first, until T is reached
void encode_row(std::span<const std::int32_t> input_ids, std::span<const std::uint8_t> is_target,
                std::vector<std::uint8_t>& out);

struct RowTokens {
  std::vector<std::int32_t> input_ids;
  std::vector<std::uint8_t> is_target;
};
// Throws Error{kInvalidInput} for bytes that encode_row never writes.
RowTokens decode_row(std::span<const std::uint8_t> bytes);

// The target values of one sequence. Appends to `out`.
//   u8 1, or 2 where a row follows | varint M | M u16: loss | M u16: entropy | M varints: arg-max (0: the token itself,
//   else id + 2) | M varints: rank | [the row, as encode_row writes it]
// with_row: for a sequence whose tokens are not those that the store keeps for its row.
void encode_tokens(const SequenceTokens& sequence, bool with_row, std::vector<std::uint8_t>& out);

// Does the blob bring its own row?
bool has_row(std::span<const std::uint8_t> bytes);
// `row` is not read where the blob brings its own. Throws Error{kInvalidInput} for damaged bytes, and where the row has
// another number of targets.
std::vector<TokenRecord> decode_tokens(std::span<const std::uint8_t> bytes, const RowTokens& row);

// Where a step's sequences were computed: their micro_batch and packed_row, which rise with the sequences' order
// without gaps. Appends to `out`: 1 to 3 bytes a micro-batch and, with packing, about one a packed row. False, and
// nothing is appended, where they do not tell.
//   varint micro-batches | each: varint 2 * rows + (1 where some row holds several) | [rows varints: sequences of each]
bool encode_layout(std::span<const SequenceLoss> sequences, std::vector<std::uint8_t>& out);
// Fills them in. Throws Error{kInvalidInput} for damaged bytes, and where they speak of another number of sequences.
void decode_layout(std::span<const std::uint8_t> bytes, std::span<SequenceRecord> sequences);

// A 64-bit hash of a row's ids and mask: equal rows have equal hashes; others differ but for a chance of 2^-64.
std::uint64_t hash_row(std::span<const std::int32_t> input_ids, std::span<const std::uint8_t> is_target);

}  // namespace vernier
