// Holds the decoder's three paths against the unfused reference.
#pragma once

#include "engine/core/micro_batch.h"
#include "engine/model/decoder.h"
#include "vernier/parity.h"

namespace vernier {

// What rounding alone may do to a path, so that more than it is a difference. Deviations of a row of logits are root
// mean squares relative to the logits' spread, those of a token's loss are nats for each nat of 1 + spread, those of a
// hidden state are relative to its length.
struct ParityTolerance {
  double agrees = 0.0;         // logits and losses
  double differs = 0.0;        // the same; in between they drift
  double argmax = 0.0;         // how far apart two single logits may be that change places
  double state_differs = 0.0;  // a token's hidden state
  double token_agrees = 0.0;   // a hidden state that nothing has touched
};
// Float32 through a few dozen layers stays under a tenth of `agrees`, bfloat16 (8 bits of mantissa) under a half.
ParityTolerance parity_tolerance(DType dtype);

struct ParityOptions {
  Fault fault;  // planted in one path, for tests and lessons
};

// Runs the batch through the training path (activations kept, dropout 0), the evaluation path and the KV-cache path
// (one token at a time), and through the reference. A path that does not agree is run once more, to see where in the
// model and at which tokens the difference begins; likely_causes come from that picture alone.
//
// Changes neither weights nor gradients; the decoder's results of an earlier forward() are lost. The caller sets
// ParityReport::step. Takes about four passes, N V doubles and N V floats. Errors: as Decoder's.
ParityReport check_parity(Decoder& decoder, const MicroBatch& batch, const ParityOptions& options = {});

}  // namespace vernier
