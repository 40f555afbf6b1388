#include "engine/inspect/capture.h"

#include <span>

#include "engine/inspect/logit_row.h"
#include "engine/model/targets.h"
#include "vernier/inspect.h"

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

DType captured_as(DType dtype) {
  return dtype == DType::kF32 ? DType::kF32 : DType::kF16;
}

std::uint64_t captured_bytes(std::int64_t positions, std::int64_t row_length, std::int64_t vocab_size, DType kept_as) {
  const auto count = static_cast<std::uint64_t>(positions);
  // Logits, and of each position itself and its target; the row's ids.
  return kCaptureHeaderBytes + count * (static_cast<std::uint64_t>(vocab_size) * size_of(kept_as) + 2 * 4) +
         static_cast<std::uint64_t>(row_length) * 4;
}

LogitsPrice predict_logits_price(const LogitsRequest& request) {
  LogitsPrice price;
  const DType kept_as = captured_as(request.in_bfloat16 ? DType::kBF16 : DType::kF32);
  price.bytes = captured_bytes(request.positions, request.positions, request.vocab_size, kept_as);
  if (request.step_ms > 0.0 && request.step_flops > 0.0) {
    const double flops = 2.0 * static_cast<double>(request.positions) * static_cast<double>(request.vocab_size) *
                         static_cast<double>(request.hidden_size);
    price.milliseconds = request.step_ms * flops / request.step_flops;
    price.percent_of_step = 100.0 * flops / request.step_flops;
    const double between =
        1e-3 * (static_cast<double>(request.every) * request.step_ms + price.milliseconds);  // seconds
    price.bytes_per_second = static_cast<double>(price.bytes) / between;
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

CapturedRow captured_row(std::int64_t vocab_size, const MicroBatch& batch, std::size_t sequence,
                         const LogitsToKeep& keep, std::int64_t step) {
  const SequenceRef& where = batch.sequences[sequence];
  const auto first = batch.input_ids.begin() + where.begin;
  CapturedRow out;
  Capture& capture = out.capture;
  capture.step = step;
  capture.vocab_size = vocab_size;
  capture.input_ids.assign(first, first + where.length);
  capture.positions = kept_positions(keep, where.length);
  for (const std::int32_t position : capture.positions) {
    const std::int32_t row = where.begin + position;
    out.rows.push_back(row);
    capture.targets.push_back(position + 1 < where.length ? batch.labels[static_cast<std::size_t>(row) + 1] : -100);
  }
  return out;
}

}  // namespace vernier
