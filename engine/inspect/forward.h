// A batch file's rows through the decoder, and the results back in the file's shape.
#pragma once

#include "engine/model/decoder.h"
#include "vernier/model.h"

namespace vernier {

// Throws Error{kInvalidInput} naming row and position: no rows, rows of unequal length, lengths that do not fit, token
// ids and labels that the vocabulary does not have.
void check_batch(const Batch& batch, std::int64_t vocab_size);

// LanguageModel::forward(). Gradients are those of the adapter or, without one, of the weights.
ForwardResult forward_batch(Decoder& decoder, const Batch& batch, const ForwardOptions& options);

}  // namespace vernier
