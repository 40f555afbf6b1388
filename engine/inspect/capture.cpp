#include "engine/inspect/capture.h"

#include <span>

#include "engine/inspect/logit_row.h"
#include "engine/model/targets.h"

namespace vernier {
namespace {

// Header, names, offsets and metadata of a capture file.
constexpr std::uint64_t kCaptureHeaderBytes = 344;

PositionView view_of(const Capture& capture, std::size_t index, std::int64_t k, std::vector<std::int32_t>& ids) {
  const auto vocab = static_cast<std::size_t>(capture.vocab_size);
  const std::span<const float> logits(capture.logits.data() + index * vocab, vocab);
  const LogitRow row(logits);
  PositionView view;
  view.position = capture.positions[index];
  view.input_id = capture.input_ids[static_cast<std::size_t>(view.position)];
  view.entropy = static_cast<float>(row.entropy);
  view.target = capture.targets[index];
  if (view.target >= 0) {
    view.target_probability = row.probability(logits[static_cast<std::size_t>(view.target)]);
    view.target_rank = rank_of(logits, view.target);
  }
  for (const std::int32_t id : likeliest(logits, k, ids)) {
    const float logit = logits[static_cast<std::size_t>(id)];
    view.top.push_back({id, logit, row.probability(logit)});
  }
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
  std::vector<std::int32_t> ids;
  views.reserve(capture.positions.size());
  for (std::size_t i = 0; i < capture.positions.size(); ++i) views.push_back(view_of(capture, i, k, ids));
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
