// Logits as the cells of a picture: positions across, tokens down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "vernier/inspect.h"
#include "vernier/model.h"
#include "vernier/run_store.h"

namespace vernier {

// One token at one position.
struct GridCell {
  std::int32_t id = 0;
  float logit = 0.0f;
  float probability = 0.0f;
  std::int32_t rank = -1;  // ids that scored higher, 0 is best; -1 where nothing is known
};

// Which tokens: the `top` likeliest of each position, or those listed (as they stand), the same at every position.
struct GridRows {
  std::int64_t top = 12;
  std::vector<std::int32_t> tokens;
  std::int64_t details = 20;  // likeliest tokens of each position that are kept beside the cells
};

struct LogitGrid {
  std::int64_t rows = 0;
  std::vector<PositionView> columns;  // one a position; their `top` holds the details
  std::vector<GridCell> cells;        // [columns, rows]
  // The same tokens by somebody else's logits; empty without a comparison. rank -1 where he has no such position.
  std::vector<GridCell> others;

  std::size_t at(std::int64_t column, std::int64_t row) const { return static_cast<std::size_t>(column * rows + row); }
};

// Of a capture; with `other`, compared with it position by position. The two need not hold the same tokens: whether a
// comparison means something is the caller's to know. Errors: kInvalidInput for tokens outside the vocabulary or
// captures of two vocabularies; kCancelled.
LogitGrid logit_grid(const Capture& capture, const GridRows& rows, const Capture* other = nullptr,
                     std::stop_token stop = {});

// Who answers when a model is asked now.
enum class Asked { kTuned, kBase, kTunedAgainstBase };

// The models to ask. `tuned` holds the adapter, which is switched off for the base model; where all weights were
// trained, `base` is a model of its own.
struct ModelPair {
  LanguageModel* tuned = nullptr;
  LanguageModel* base = nullptr;  // null: tuned without its adapter
};

// What models say now after every token of a row, in chunks of positions: [T, V] never exists. labels [T] as in Batch
// (-100: none). kTunedAgainstBase: the tuned model's cells, the base model's as `others`. progress and errors as
// logit_grid; the adapter's strength is 1 afterwards.
LogitGrid logit_grid(const ModelPair& models, const std::vector<std::int32_t>& input_ids,
                     const std::vector<std::int32_t>& labels, const GridRows& rows, Asked asked,
                     const ProgressCallback& progress = {}, std::stop_token stop = {});

}  // namespace vernier
