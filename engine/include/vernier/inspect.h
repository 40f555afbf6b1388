// Prices and pictures of logits.
#pragma once

#include <cstdint>
#include <vector>

#include "vernier/run_store.h"

namespace vernier {

// What returning logits will cost each captured step: the file's bytes, and the head's extra product as a share of a
// step that runs at the rate measured so far. Files are written beside the steps, which wait for them only where the
// disk takes less than bytes_per_second.
struct LogitsPrice {
  std::uint64_t bytes = 0;
  double milliseconds = 0.0;
  double percent_of_step = 0.0;
  double bytes_per_second = 0.0;
};

// Which logits, and of which run.
struct LogitsRequest {
  std::int64_t positions = 0;  // of a captured step
  std::int64_t every = 1;      // steps
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  bool in_bfloat16 = false;  // what passes compute in: then logits are kept as float16, else as float32
  // Of recent steps; 0: unknown, and the times come out as 0.
  double step_ms = 0.0;
  double step_flops = 0.0;
};
LogitsPrice predict_logits_price(const LogitsRequest& request);

// The k likeliest tokens at one position of a capture, and where the target stands.
struct TopToken {
  std::int32_t id = 0;
  float logit = 0.0f;
  float probability = 0.0f;
};
struct PositionView {
  std::int32_t position = 0;
  std::int32_t input_id = 0;
  std::int32_t target = -100;
  float target_probability = 0.0f;  // 0 without a target
  std::int32_t target_rank = -1;    // 0 is best; -1 without a target
  float entropy = 0.0f;             // nats
  std::vector<TopToken> top;        // likeliest first; ties: the lower id first
};
std::vector<PositionView> top_tokens(const Capture& capture, std::int64_t k);

}  // namespace vernier
