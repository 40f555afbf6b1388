#include "engine/inspect/pass.h"

#include <algorithm>
#include <cmath>

#include "engine/model/targets.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr float kPlantedDropout = 0.1f;

PassOptions options_of(const PassRequest& request) {
  PassOptions options;
  options.keep_activations = request.path == ParityPath::kTrain || !request.row_weights.empty();
  options.keep_hidden_states = request.hidden_states;
  if (request.fault == FaultKind::kDropoutInEval) {
    options.lora_dropout = kPlantedDropout;
    options.dropout_seed = request.dropout_seed;
  } else if (request.fault != FaultKind::kArgmaxCollapse) {
    options.fault = request.fault;
  }
  return options;
}

// The token `row` of a micro-batch alone, where it stands.
MicroBatch single_token(const MicroBatch& batch, const SequenceRef& sequence, std::int32_t row) {
  const auto n = static_cast<std::size_t>(row);
  MicroBatch token;
  token.append(sequence.row, &batch.input_ids[n], &batch.labels[n], 1);
  token.position_ids[0] = batch.position_ids[n];
  token.row_keys[0] = batch.row_keys[n];
  return token;
}

PassResult run_flat(Decoder& decoder, const MicroBatch& batch, const PassRequest& request, const TargetRows& targets) {
  PassResult result;
  decoder.forward(batch, options_of(request));
  result.logits.resize(request.logit_rows.size() * static_cast<std::size_t>(decoder.config().vocab_size));
  if (!request.logit_rows.empty()) decoder.logits(request.logit_rows, result.logits.data());
  result.hidden_states = request.hidden_states ? decoder.hidden_states() : std::vector<std::vector<float>>();
  result.token_loss.assign(batch.input_ids.size(), 0.0f);
  if (!targets.rows.empty()) {
    std::vector<float> losses(targets.rows.size());
    LossRows out;
    out.loss = losses;
    decoder.loss(targets.rows, targets.targets, request.row_weights, out);
    for (std::size_t m = 0; m < losses.size(); ++m) {
      result.token_loss[static_cast<std::size_t>(targets.rows[m])] = losses[m];
    }
    if (!request.row_weights.empty()) decoder.backward();
  }
  return result;
}

PassResult run_cached(Decoder& decoder, const MicroBatch& batch, const PassRequest& request,
                      const TargetRows& targets) {
  const auto vocab = static_cast<std::size_t>(decoder.config().vocab_size);
  PassResult result;
  result.logits.reserve(request.logit_rows.size() * vocab);
  result.token_loss.assign(batch.input_ids.size(), 0.0f);
  if (request.hidden_states) result.hidden_states.resize(static_cast<std::size_t>(decoder.config().num_layers) + 1);
  const std::int32_t row_of_token = 0;
  auto logit_row = request.logit_rows.begin();
  std::size_t target = 0;
  PassOptions options = options_of(request);
  for (const SequenceRef& sequence : batch.sequences) {
    KvCache cache(decoder.backend(), decoder.config(), sequence.length, decoder.dtype());
    options.cache = &cache;
    const auto positions = batch.position_ids.begin() + sequence.begin;
    options.row_length = 1 + *std::max_element(positions, positions + sequence.length);
    for (std::int32_t row = sequence.begin; row < sequence.begin + sequence.length; ++row) {
      const MicroBatch token = single_token(batch, sequence, row);
      decoder.forward(token, options);
      while (logit_row != request.logit_rows.end() && *logit_row == row) {
        result.logits.resize(result.logits.size() + vocab);
        decoder.logits(std::span(&row_of_token, 1), result.logits.data() + result.logits.size() - vocab);
        ++logit_row;
      }
      if (target < targets.rows.size() && targets.rows[target] == row) {
        LossRows out;
        out.loss = std::span(&result.token_loss[static_cast<std::size_t>(row)], 1);
        decoder.loss(std::span(&row_of_token, 1), std::span(&targets.targets[target], 1), {}, out);
        ++target;
      }
      for (std::size_t i = 0; i < result.hidden_states.size(); ++i) {
        const std::vector<float>& state = decoder.hidden_states()[i];
        result.hidden_states[i].insert(result.hidden_states[i].end(), state.begin(), state.end());
      }
    }
  }
  return result;
}

// Every position predicts what the first one does.
void collapse(Decoder& decoder, const MicroBatch& batch, const PassRequest& request, const TargetRows& targets,
              PassResult& result) {
  const std::int32_t first = 0;
  PassRequest first_row;
  first_row.path = request.path;
  first_row.logit_rows = std::span(&first, 1);
  const std::vector<float> logits = request.path == ParityPath::kDecode
                                        ? run_cached(decoder, batch, first_row, {}).logits
                                        : run_flat(decoder, batch, first_row, {}).logits;
  for (auto row = result.logits.begin(); row != result.logits.end(); row += decoder.config().vocab_size) {
    std::copy(logits.begin(), logits.end(), row);
  }
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  for (std::size_t m = 0; m < targets.rows.size(); ++m) {
    result.token_loss[static_cast<std::size_t>(targets.rows[m])] =
        static_cast<float>(largest + std::log(sum) - logits[static_cast<std::size_t>(targets.targets[m])]);
  }
}

}  // namespace

std::vector<std::int32_t> rows_before(const MicroBatch& batch, std::span<const std::int32_t> rows) {
  std::vector<std::int32_t> before;
  for (const std::int32_t row : rows) {
    const bool is_first = std::ranges::binary_search(batch.cu_seqlens, row);
    before.push_back(is_first ? row : row - 1);
  }
  return before;
}

PassResult run_pass(Decoder& decoder, const MicroBatch& batch, const PassRequest& asked) {
  PassRequest request = asked;
  std::vector<std::int32_t> neighbours;
  if (asked.fault == FaultKind::kLogitsOffByOne) {
    neighbours = rows_before(batch, asked.logit_rows);
    request.logit_rows = neighbours;
  }
  TargetRows targets;
  find_targets(batch, targets);
  const bool cached = request.path == ParityPath::kDecode;
  if (cached && !request.row_weights.empty()) fail(ErrorCode::kInternal, "pass", "decoding has no gradients.");
  PassResult result =
      cached ? run_cached(decoder, batch, request, targets) : run_flat(decoder, batch, request, targets);
  if (request.fault == FaultKind::kArgmaxCollapse) collapse(decoder, batch, request, targets, result);
  return result;
}

}  // namespace vernier
