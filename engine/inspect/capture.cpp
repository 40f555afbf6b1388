#include "engine/inspect/capture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/model/targets.h"

namespace vernier {
namespace {

// Header, names, offsets and metadata of a capture file.
constexpr std::uint64_t kCaptureHeaderBytes = 344;

PositionView view_of(const Capture& capture, std::size_t index, std::int64_t k) {
  const float* logits = capture.logits.data() + static_cast<std::ptrdiff_t>(index) * capture.vocab_size;
  const float* end = logits + capture.vocab_size;
  const double largest = *std::max_element(logits, end);
  double sum = 0.0;
  double weighted = 0.0;  // sum of exp(x) x, x counted from the largest
  for (const float* logit = logits; logit < end; ++logit) {
    const double x = *logit - largest;
    const double e = std::exp(x);
    sum += e;
    weighted += e > 0.0 ? e * x : 0.0;
  }
  const auto probability = [&](float logit) { return static_cast<float>(std::exp(logit - largest) / sum); };

  PositionView view;
  view.position = capture.positions[index];
  view.input_id = capture.input_ids[static_cast<std::size_t>(view.position)];
  view.entropy = static_cast<float>(std::log(sum) - weighted / sum);
  view.target = capture.targets[index];
  if (view.target >= 0) {
    const float target_logit = logits[view.target];
    view.target_probability = probability(target_logit);
    view.target_rank =
        static_cast<std::int32_t>(std::count_if(logits, end, [&](float logit) { return logit > target_logit; }));
  }

  std::vector<std::int32_t> ids(static_cast<std::size_t>(capture.vocab_size));
  std::iota(ids.begin(), ids.end(), 0);
  const auto shown = ids.begin() + std::clamp<std::int64_t>(k, 0, capture.vocab_size);
  std::partial_sort(ids.begin(), shown, ids.end(), [&](std::int32_t a, std::int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  for (auto id = ids.begin(); id != shown; ++id) view.top.push_back({*id, logits[*id], probability(logits[*id])});
  return view;
}

}  // namespace

LogitsPrice predict_logits_price(std::int64_t positions, std::int64_t vocab_size, std::int64_t hidden_size,
                                 double step_ms, double step_flops) {
  LogitsPrice price;
  const auto count = static_cast<std::uint64_t>(positions);
  // Logits, and of each position its id, itself and its target.
  price.bytes = kCaptureHeaderBytes + count * (static_cast<std::uint64_t>(vocab_size) * 4 + 3 * 4);
  if (step_ms > 0.0 && step_flops > 0.0) {
    const double flops =
        2.0 * static_cast<double>(positions) * static_cast<double>(vocab_size) * static_cast<double>(hidden_size);
    price.milliseconds = step_ms * flops / step_flops;
    price.percent_of_step = 100.0 * flops / step_flops;
  }
  return price;
}

std::vector<PositionView> top_tokens(const Capture& capture, std::int64_t k) {
  std::vector<PositionView> views;
  views.reserve(capture.positions.size());
  for (std::size_t i = 0; i < capture.positions.size(); ++i) views.push_back(view_of(capture, i, k));
  return views;
}

Capture capture_logits(Decoder& decoder, const MicroBatch& batch, std::size_t sequence, const LogitsToKeep& keep,
                       std::int64_t step) {
  const SequenceRef& where = batch.sequences[sequence];
  const auto first = batch.input_ids.begin() + where.begin;
  Capture capture;
  capture.step = step;
  capture.vocab_size = decoder.config().vocab_size;
  capture.input_ids.assign(first, first + where.length);
  capture.positions = kept_positions(keep, where.length);
  std::vector<std::int32_t> rows;
  for (const std::int32_t position : capture.positions) {
    const std::int32_t row = where.begin + position;
    rows.push_back(row);
    capture.targets.push_back(position + 1 < where.length ? batch.labels[static_cast<std::size_t>(row) + 1] : -100);
  }
  capture.logits.resize(rows.size() * static_cast<std::size_t>(capture.vocab_size));
  if (!rows.empty()) decoder.logits(rows, capture.logits.data());
  return capture;
}

}  // namespace vernier
