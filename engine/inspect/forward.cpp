#include "engine/inspect/forward.h"

#include <algorithm>
#include <string>

#include "engine/core/micro_batch.h"
#include "engine/inspect/pass.h"
#include "engine/model/targets.h"
#include "vernier/error.h"

namespace vernier {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  fail(ErrorCode::kInvalidInput, "batch", what);
}

// Where the kept logits of a row of `length` tokens go.
struct KeptRow {
  std::int32_t position = 0;
  std::int64_t slot = 0;  // in [0, K)
};

// K for rows of `width` tokens.
std::int64_t kept_slots(const ForwardOptions& options, std::int64_t width) {
  if (!options.logits_to_keep) return width;
  const LogitsToKeep& keep = *options.logits_to_keep;
  for (const std::int64_t position : keep.positions) {
    if (position < 0 || position >= width) {
      fail(ErrorCode::kInvalidInput, "logits_to_keep",
           "position: got " + std::to_string(position) + ", expected 0 to " + std::to_string(width - 1) + ".");
    }
  }
  if (!keep.positions.empty()) return static_cast<std::int64_t>(keep.positions.size());
  if (keep.last < 0) {
    fail(ErrorCode::kInvalidInput, "logits_to_keep",
         "last: got " + std::to_string(keep.last) + ", expected 1 or more, or 0 for all.");
  }
  return keep.last == 0 ? width : std::min(keep.last, width);
}

std::vector<KeptRow> kept_rows(const ForwardOptions& options, std::int64_t slots, std::int64_t length) {
  const LogitsToKeep keep = options.logits_to_keep.value_or(LogitsToKeep{});
  const std::vector<std::int32_t> positions = kept_positions(keep, length);
  std::vector<KeptRow> kept;
  for (const std::int32_t position : positions) {
    if (keep.positions.empty()) {
      const std::int64_t front = keep.last > 0 ? slots - static_cast<std::int64_t>(positions.size()) : 0;
      kept.push_back({position, front + static_cast<std::int64_t>(kept.size())});
      continue;
    }
    for (std::size_t slot = 0; slot < keep.positions.size(); ++slot) {
      if (keep.positions[slot] == position) kept.push_back({position, static_cast<std::int64_t>(slot)});
    }
  }
  return kept;
}

ParityPath path_of(ForwardMode mode) {
  switch (mode) {
    case ForwardMode::kTrain:
      return ParityPath::kTrain;
    case ForwardMode::kEval:
      return ParityPath::kEval;
    case ForwardMode::kDecode:
      return ParityPath::kDecode;
  }
  return ParityPath::kEval;
}

// Zeroed gradients of the parameters that are looked at.
ParameterSet& fresh_gradients(Decoder& decoder) {
  ParameterSet& set = decoder.adapter() != nullptr ? decoder.adapter()->set() : decoder.weights().set();
  set.enable_gradients();
  const std::span<float> gradients = set.gradients();
  decoder.backend().zero(TensorView(gradients.data(), 1, static_cast<std::int64_t>(gradients.size())));
  return set;
}

class BatchForward {
 public:
  BatchForward(Decoder& decoder, const Batch& batch, const ForwardOptions& options)
      : decoder_(decoder),
        batch_(batch),
        options_(options),
        rows_(static_cast<std::int64_t>(batch.input_ids.size())),
        width_(batch.width()),
        vocab_(decoder.config().vocab_size),
        slots_(kept_slots(options, width_)) {}

  ForwardResult run() {
    const std::vector<MicroBatch> parts = micro_batches_of(batch_, options_.packed);
    count_targets(parts);
    if (options_.gradients) check_gradients();
    ParameterSet* trained = options_.gradients ? &fresh_gradients(decoder_) : nullptr;
    result_.logits = {"logits", {rows_, slots_, vocab_}, {}};
    if (options_.logits) result_.logits.values.resize(static_cast<std::size_t>(rows_ * slots_ * vocab_));
    result_.token_loss = {"token_loss", {rows_, width_}, std::vector<float>(static_cast<std::size_t>(rows_ * width_))};
    if (options_.hidden_states) {
      const std::int64_t states = decoder_.config().num_layers + 1;
      const std::int64_t d = decoder_.config().hidden_size;
      result_.hidden_states = {"hidden_states", {states, rows_, width_, d}, {}};
      result_.hidden_states.values.resize(static_cast<std::size_t>(states * rows_ * width_ * d));
    }
    for (const MicroBatch& part : parts) run_part(part);
    reduce();
    for (std::size_t i = 0; trained != nullptr && i < trained->parameters().size(); ++i) {
      const Parameter& parameter = trained->parameters()[i];
      result_.gradients.push_back({"grad." + parameter.name, parameter.shape, trained->download_gradient(i)});
    }
    return std::move(result_);
  }

 private:
  void count_targets(const std::vector<MicroBatch>& parts) {
    TargetRows targets;
    counts_.assign(static_cast<std::size_t>(rows_), 0);
    for (const MicroBatch& part : parts) {
      find_targets(part, targets);
      for (std::size_t s = 0; s < part.sequences.size(); ++s) {
        counts_[static_cast<std::size_t>(part.sequences[s].row)] = targets.counts[s];
        num_targets_ += targets.counts[s];
        rows_with_targets_ += targets.counts[s] > 0;
      }
    }
  }

  void check_gradients() const {
    if (options_.mode == ForwardMode::kDecode) {
      fail(ErrorCode::kInvalidInput, "gradients", "mode: got decode, expected train or eval. A KV cache has none.");
    }
    if (num_targets_ == 0) refuse("labels: got no target in any row, expected at least one for gradients.");
  }

  // Each target's weight in the loss that is differentiated.
  std::vector<float> row_weights(const MicroBatch& part) const {
    if (!options_.gradients) return {};
    TargetRows targets;
    find_targets(part, targets);
    std::vector<float> weights;
    for (const std::int32_t s : targets.sequence) {
      const bool per_token = *options_.gradients == LossNormalization::kPerToken;
      const double items = per_token
                               ? static_cast<double>(num_targets_)
                               : static_cast<double>(rows_with_targets_) * targets.counts[static_cast<std::size_t>(s)];
      weights.push_back(static_cast<float>(1.0 / items));
    }
    return weights;
  }

  void run_part(const MicroBatch& part) {
    std::vector<std::int32_t> logit_rows;
    std::vector<std::int64_t> slots;  // of each, in the whole result
    for (const SequenceRef& sequence : part.sequences) {
      if (!options_.logits) break;
      for (const KeptRow& kept : kept_rows(options_, slots_, sequence.length)) {
        // A position that is listed twice is one row of the pass.
        const std::int32_t row = sequence.begin + kept.position;
        if (logit_rows.empty() || logit_rows.back() != row) logit_rows.push_back(row);
        slots.push_back(sequence.row * slots_ + kept.slot);
        row_of_slot_.push_back(logit_rows.size() - 1);
      }
    }
    const std::vector<float> weights = row_weights(part);
    PassRequest request;
    request.path = path_of(options_.mode);
    request.logit_rows = logit_rows;
    request.hidden_states = options_.hidden_states;
    request.row_weights = weights;
    request.fault = options_.fault.on(request.path) ? options_.fault.kind : FaultKind::kNone;
    const PassResult pass = run_pass(decoder_, part, request);

    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto from = pass.logits.begin() + static_cast<std::ptrdiff_t>(row_of_slot_[i]) * vocab_;
      std::copy(from, from + vocab_, result_.logits.values.begin() + slots[i] * vocab_);
    }
    row_of_slot_.clear();
    for (const SequenceRef& sequence : part.sequences) {
      const auto losses = pass.token_loss.begin() + sequence.begin;
      std::copy(losses, losses + sequence.length, result_.token_loss.values.begin() + sequence.row * width_);
      const std::int64_t d = decoder_.config().hidden_size;
      for (std::size_t i = 0; i < pass.hidden_states.size(); ++i) {
        const auto from = pass.hidden_states[i].begin() + sequence.begin * d;
        const std::int64_t to = (static_cast<std::int64_t>(i) * rows_ + sequence.row) * width_ * d;
        std::copy(from, from + sequence.length * d, result_.hidden_states.values.begin() + to);
      }
    }
  }

  void reduce() {
    double sum = 0.0;
    double sum_of_means = 0.0;
    for (std::int64_t b = 0; b < rows_; ++b) {
      double row = 0.0;
      for (std::int64_t t = 0; t < width_; ++t) {
        row += result_.token_loss.values[static_cast<std::size_t>(b * width_ + t)];
      }
      sum += row;
      const std::int64_t count = counts_[static_cast<std::size_t>(b)];
      if (count > 0) sum_of_means += row / static_cast<double>(count);
    }
    if (num_targets_ == 0) return;
    result_.loss_per_token = sum / static_cast<double>(num_targets_);
    result_.loss_per_sequence = sum_of_means / static_cast<double>(rows_with_targets_);
  }

  Decoder& decoder_;
  const Batch& batch_;
  const ForwardOptions& options_;
  std::int64_t rows_;   // B
  std::int64_t width_;  // T
  std::int64_t vocab_;
  std::int64_t slots_;                // K
  std::vector<std::int64_t> counts_;  // [B], targets
  std::int64_t num_targets_ = 0;
  std::int64_t rows_with_targets_ = 0;
  std::vector<std::size_t> row_of_slot_;
  ForwardResult result_;
};

}  // namespace

void check_batch(const Batch& batch, std::int64_t vocab_size) {
  const std::size_t rows = batch.input_ids.size();
  const std::int64_t width = batch.width();
  if (rows == 0) refuse("input_ids: got no rows, expected at least one.");
  if (batch.labels.size() != rows || batch.lengths.size() != rows) {
    refuse("labels and lengths: got " + std::to_string(batch.labels.size()) + " and " +
           std::to_string(batch.lengths.size()) + " rows, expected " + std::to_string(rows) + " as input_ids.");
  }
  const auto check_id = [&](const char* what, std::size_t row, std::size_t position, std::int32_t id) {
    if (id >= 0 && id < vocab_size) return;
    refuse(std::string(what) + ": got " + std::to_string(id) + " in row " + std::to_string(row) + " at position " +
           std::to_string(position) + ", expected 0 to " + std::to_string(vocab_size - 1) +
           " (the model's vocabulary).");
  };
  for (std::size_t b = 0; b < rows; ++b) {
    const std::size_t size = batch.input_ids[b].size();
    if (static_cast<std::int64_t>(size) != width || batch.labels[b].size() != size) {
      refuse("row " + std::to_string(b) + ": got " + std::to_string(size) + " ids and " +
             std::to_string(batch.labels[b].size()) + " labels, expected " + std::to_string(width) + " of each.");
    }
    if (batch.lengths[b] < 1 || batch.lengths[b] > width) {
      refuse("lengths: got " + std::to_string(batch.lengths[b]) + " in row " + std::to_string(b) + ", expected 1 to " +
             std::to_string(width) + ".");
    }
    for (std::size_t t = 0; t < static_cast<std::size_t>(batch.lengths[b]); ++t) {
      check_id("input_ids", b, t, batch.input_ids[b][t]);
      if (batch.labels[b][t] != -100) check_id("labels", b, t, batch.labels[b][t]);
    }
  }
}

ForwardResult forward_batch(Decoder& decoder, const Batch& batch, const ForwardOptions& options) {
  check_batch(batch, decoder.config().vocab_size);
  return BatchForward(decoder, batch, options).run();
}

}  // namespace vernier
