// Prices and pictures of logits.
#pragma once

#include <cstdint>
#include <vector>

#include "vernier/run_store.h"

namespace vernier {

// What returning logits will cost each captured step: the file's bytes, and the head's extra product as a share of a
// step that runs at the rate measured so far.
struct LogitsPrice {
  std::uint64_t bytes = 0;
  double milliseconds = 0.0;
  double percent_of_step = 0.0;
};

// positions: how many positions are captured a step. step_ms and step_flops are those of recent steps (0: unknown, the
// times come out as 0).
LogitsPrice predict_logits_price(std::int64_t positions, std::int64_t vocab_size, std::int64_t hidden_size,
                                 double step_ms, double step_flops);

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
