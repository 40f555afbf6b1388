// Holds the decoder's three paths against the unfused reference.
#pragma once

#include "engine/core/micro_batch.h"
#include "engine/model/decoder.h"
#include "vernier/parity.h"

namespace vernier {

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
