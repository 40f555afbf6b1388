#include "engine/inspect/lens.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/inspect/logit_row.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// KL(a || b) in nats.
double divergence(std::span<const float> a, const LogitRow& row_a, std::span<const float> b, const LogitRow& row_b) {
  // In this order equal rows differ by exactly nothing.
  const double shift = (std::log(row_b.sum) - std::log(row_a.sum)) + (row_b.largest - row_a.largest);
  double sum = 0.0;
  for (std::size_t v = 0; v < a.size(); ++v) {
    const double p = std::exp(a[v] - row_a.largest);
    if (p != 0.0) sum += p * (static_cast<double>(a[v]) - b[v] + shift);
  }
  // Rounding may leave a little less than nothing.
  return std::isnan(sum) ? sum : std::max(0.0, sum / row_a.sum);
}

// One model, read chunk by chunk from its last layer to its first.
class LensReader {
 public:
  LensReader(const AskedStates& asked, const std::vector<std::int32_t>& input_ids, std::int64_t k, LogitLens& out)
      : asked_(asked),
        head_(*asked.decoder),
        width_(asked.decoder->config().hidden_size),
        vocab_(static_cast<std::size_t>(asked.decoder->config().vocab_size)),
        out_(out) {
    out.layers = static_cast<std::int64_t>(asked.states.size());
    out.top = std::clamp<std::int64_t>(k, 0, static_cast<std::int64_t>(vocab_));
    out.input_ids = input_ids;
    const std::size_t cells = asked.states.size() * input_ids.size();
    out.cells.resize(cells);
    out.tokens.resize(cells * static_cast<std::size_t>(out.top));
  }

  std::int64_t chunk() const { return head_.chunk(); }

  void read(std::int64_t layer, std::int64_t first, std::int64_t count) {
    const bool is_last = layer == out_.layers - 1;
    logits_ = &head_.read(asked_.states[static_cast<std::size_t>(layer)].data() + first * width_, count, is_last);
    rows_.clear();
    for (std::int64_t i = 0; i < count; ++i) rows_.emplace_back(logits(i));
    if (is_last) {
      last_logits_ = *logits_;
      last_rows_ = rows_;
    }
    for (std::int64_t i = 0; i < count; ++i) fill(layer, first + i, i);
  }

  std::span<const float> logits(std::int64_t i) const {
    return {logits_->data() + static_cast<std::size_t>(i) * vocab_, vocab_};
  }
  const LogitRow& row(std::int64_t i) const { return rows_[static_cast<std::size_t>(i)]; }

 private:
  void fill(std::int64_t layer, std::int64_t position, std::int64_t i) {
    const LogitRow& row = this->row(i);
    const std::span<const float> own = logits(i);
    LensCell& cell = out_.cells[out_.at(layer, position)];
    cell.entropy = static_cast<float>(row.entropy);
    const std::span<const float> last(last_logits_.data() + static_cast<std::size_t>(i) * vocab_, vocab_);
    cell.divergence = static_cast<float>(divergence(last, last_rows_[static_cast<std::size_t>(i)], own, row));
    if (position + 1 < out_.positions()) {
      const std::int32_t next = out_.input_ids[static_cast<std::size_t>(position) + 1];
      cell.next_probability = row.probability(own[static_cast<std::size_t>(next)]);
      cell.next_rank = rank_of(own, next);
    }
    TopToken* to = out_.tokens.data() + out_.at(layer, position) * static_cast<std::size_t>(out_.top);
    for (const std::int32_t id : likeliest(own, out_.top, ids_)) {
      const float logit = own[static_cast<std::size_t>(id)];
      *to++ = {id, logit, row.probability(logit)};
    }
  }

  const AskedStates& asked_;
  HeadReader head_;
  std::int64_t width_;
  std::size_t vocab_;
  LogitLens& out_;
  const std::vector<float>* logits_ = nullptr;
  std::vector<LogitRow> rows_;
  std::vector<float> last_logits_;  // of the chunk, of the last layer
  std::vector<LogitRow> last_rows_;
  std::vector<std::int32_t> ids_;
};

template <typename Value>
std::vector<float> layer_means(std::int64_t layers, std::int64_t positions, Value&& value) {
  std::vector<float> means;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    double sum = 0.0;
    for (std::int64_t t = 0; t < positions; ++t) sum += static_cast<double>(value(layer * positions + t));
    means.push_back(static_cast<float>(sum / static_cast<double>(positions)));
  }
  return means;
}

void summarise(LogitLens& lens) {
  const auto cell = [&lens](std::int64_t i) -> const LensCell& { return lens.cells[static_cast<std::size_t>(i)]; };
  lens.mean_entropy = layer_means(lens.layers, lens.positions(), [&](std::int64_t i) { return cell(i).entropy; });
  lens.mean_divergence = layer_means(lens.layers, lens.positions(), [&](std::int64_t i) { return cell(i).divergence; });
}

}  // namespace

LensPair lens_of(std::span<const AskedStates> asked, const std::vector<std::int32_t>& input_ids, std::int64_t k,
                 const ProgressCallback& progress, const std::stop_token& stop) {
  LensPair pair;
  LensReader tuned(asked[0], input_ids, k, pair.tuned);
  std::optional<LensReader> base;
  if (asked.size() > 1) base.emplace(asked[1], input_ids, k, pair.base);
  const std::int64_t layers = pair.tuned.layers;
  const auto length = static_cast<std::int64_t>(input_ids.size());
  if (base) pair.divergence.resize(static_cast<std::size_t>(layers * length));

  for (std::int64_t first = 0; first < length; first += tuned.chunk()) {
    const std::int64_t count = std::min(tuned.chunk(), length - first);
    for (std::int64_t layer = layers - 1; layer >= 0; --layer) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, "lens", "stopped before all layers were read.");
      tuned.read(layer, first, count);
      if (base) {
        base->read(layer, first, count);
        for (std::int64_t i = 0; i < count; ++i) {
          pair.divergence[pair.tuned.at(layer, first + i)] =
              static_cast<float>(divergence(tuned.logits(i), tuned.row(i), base->logits(i), base->row(i)));
        }
      }
      const double done = static_cast<double>(first * layers + count * (layers - layer));
      if (progress) progress(done / static_cast<double>(length * layers));
    }
  }
  summarise(pair.tuned);
  if (base) {
    summarise(pair.base);
    pair.mean_divergence =
        layer_means(layers, length, [&pair](std::int64_t i) { return pair.divergence[static_cast<std::size_t>(i)]; });
  }
  return pair;
}

LensPair logit_lens(const ModelPair& models, const std::vector<std::int32_t>& input_ids, std::int64_t k, Asked asked,
                    const ProgressCallback& progress, std::stop_token stop) {
  return lens_of(ask_states(models, input_ids, asked, KeptStates::kAll), input_ids, k, progress, stop);
}

}  // namespace vernier
