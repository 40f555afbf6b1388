#include "engine/model/generate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>

#include "engine/core/philox.h"
#include "engine/model/rope_tables.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// Positions are 32-bit numbers, and no model reads on for so long.
constexpr std::int64_t kMaxNewTokens = std::int64_t{1} << 24;

void check_request(const ModelConfig& config, const std::vector<std::int32_t>& input_ids,
                   const GenerateOptions& options) {
  const auto refuse = [](const std::string& what) { fail(ErrorCode::kInvalidInput, "generate", what); };
  check_token_ids("generate", input_ids, config.vocab_size);
  if (options.max_new_tokens < 0 || options.max_new_tokens > kMaxNewTokens) {
    refuse("max_new_tokens: got " + std::to_string(options.max_new_tokens) + ", expected 0 to " +
           std::to_string(kMaxNewTokens) + ".");
  }
  if (!(options.temperature >= 0.0) || !std::isfinite(options.temperature)) {
    refuse("temperature: got " + std::to_string(options.temperature) + ", expected 0 or more.");
  }
  if (!(options.top_p > 0.0 && options.top_p <= 1.0)) {
    refuse("top_p: got " + std::to_string(options.top_p) + ", expected above 0 and at most 1.");
  }
  if (options.top_k < 0) refuse("top_k: got " + std::to_string(options.top_k) + ", expected 0 or more.");
}

double log_sum_exp(const std::vector<float>& logits) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - top);
  return top + std::log(sum);
}

// Ids by falling logit, the lower id first of equals; only the first `count` are in order.
std::vector<std::int32_t> largest(const std::vector<float>& logits, std::size_t count) {
  std::vector<std::int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                    [&](std::int32_t a, std::int32_t b) {
                      const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
                      return x != y ? x > y : a < b;
                    });
  ids.resize(count);
  return ids;
}

std::int32_t sample(const std::vector<float>& logits, const GenerateOptions& options, std::uint64_t position) {
  if (options.temperature == 0.0) {
    return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  }
  const std::size_t kept =
      options.top_k > 0 ? std::min(logits.size(), static_cast<std::size_t>(options.top_k)) : logits.size();
  const std::vector<std::int32_t> ids = largest(logits, kept);
  std::vector<double> weights(kept);
  const double top = logits[static_cast<std::size_t>(ids[0])];
  double total = 0.0;
  for (std::size_t i = 0; i < kept; ++i) {
    weights[i] = std::exp((logits[static_cast<std::size_t>(ids[i])] - top) / options.temperature);
    total += weights[i];
  }
  std::size_t count = kept;
  if (options.top_p < 1.0) {
    double mass = 0.0;
    for (count = 0; count < kept && mass < options.top_p * total; ++count) mass += weights[count];
    total = mass;
  }
  const PhiloxCounter words =
      philox4x32_10({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32), 0x67656e00u, 0},
                    {static_cast<std::uint32_t>(options.seed), static_cast<std::uint32_t>(options.seed >> 32)});
  const double unit = (static_cast<double>(words[0]) * 0x1p32 + words[1]) * 0x1p-64;
  double left = unit * total;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    left -= weights[i];
    if (left < 0.0) return ids[i];
  }
  return ids[count - 1];
}

void check_finite(const std::vector<float>& logits, std::size_t position) {
  for (const float logit : logits) {
    if (std::isnan(logit)) {
      fail(ErrorCode::kNonFinite, "generate",
           "logits: got NaN at position " + std::to_string(position) + ", expected numbers. The weights are damaged.");
    }
  }
}

// The cache of the prompt and all tokens to come.
KvCache make_cache(Decoder& decoder, std::size_t prompt, const GenerateOptions& options) {
  try {
    return KvCache(decoder.backend(), decoder.config(), static_cast<std::int64_t>(prompt) + options.max_new_tokens,
                   decoder.dtype());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kOutOfMemory) throw;
    Error named(error.code(), "[generate] max_new_tokens: got " + std::to_string(options.max_new_tokens) +
                                  ", whose key-value cache does not fit into memory. Ask for fewer tokens.");
    named.needed_bytes = error.needed_bytes;
    named.free_bytes = error.free_bytes;
    throw named;
  }
}

}  // namespace

void check_token_ids(std::string_view where, const std::vector<std::int32_t>& input_ids, std::int64_t vocab_size) {
  if (input_ids.empty()) fail(ErrorCode::kInvalidInput, where, "prompt: got no tokens, expected at least 1.");
  for (std::size_t i = 0; i < input_ids.size(); ++i) {
    if (input_ids[i] >= 0 && input_ids[i] < vocab_size) continue;
    fail(ErrorCode::kInvalidInput, where,
         "input_ids: got " + std::to_string(input_ids[i]) + " at position " + std::to_string(i) + ", expected 0 to " +
             std::to_string(vocab_size - 1) + ".");
  }
}

TokenGenerator::TokenGenerator(Decoder& decoder, const std::vector<std::int32_t>& input_ids,
                               const GenerateOptions& options)
    : decoder_(decoder), options_(options), ids_(input_ids), all_(input_ids) {
  check_request(decoder.config(), input_ids, options);
  cache_.emplace(make_cache(decoder, input_ids.size(), options));
  logits_.resize(static_cast<std::size_t>(decoder.config().vocab_size));
}

void TokenGenerator::begin() {
  if (longrope_switches(decoder_.config(), cache_->length(), cache_->length() + std::ssize(ids_))) {
    cache_->clear();
    ids_ = all_;
  }
  MicroBatch batch;
  const std::vector<std::int32_t> no_labels(ids_.size(), -100);
  batch.append(0, ids_.data(), no_labels.data(), static_cast<std::int32_t>(ids_.size()));
  for (std::int32_t& position : batch.position_ids) position += static_cast<std::int32_t>(cache_->length());
  PassOptions pass;
  pass.cache = &*cache_;
  decoder_.forward(batch, pass);
  begun_ = true;
}

std::optional<GeneratedToken> TokenGenerator::next(bool alone) {
  if (ended_ || given_ >= options_.max_new_tokens) return std::nullopt;
  if (!begun_) begin();
  begun_ = false;
  const std::int32_t last = static_cast<std::int32_t>(ids_.size()) - 1;
  const std::int64_t length = cache_->length();
  decoder_.logits(std::span(&last, 1), logits_.data());
  check_finite(logits_, static_cast<std::size_t>(length - 1));

  GeneratedToken token;
  token.id = sample(logits_, options_, static_cast<std::uint64_t>(length));
  const auto& eos = decoder_.config().eos_token_ids;
  ended_ = options_.stop_at_eos && std::find(eos.begin(), eos.end(), token.id) != eos.end();
  ids_ = {token.id};
  all_.push_back(token.id);
  ++given_;
  // A device works on while this thread makes the token's numbers.
  if (alone && !ended_ && given_ < options_.max_new_tokens && decoder_.backend().records()) begin();
  const double lse = log_sum_exp(logits_);
  token.log_probability = static_cast<float>(logits_[static_cast<std::size_t>(token.id)] - lse);
  const auto num_top =
      static_cast<std::size_t>(std::clamp<std::int64_t>(options_.num_top, 0, decoder_.config().vocab_size));
  if (num_top > 0) {
    for (const std::int32_t id : largest(logits_, num_top)) {
      token.top.push_back({id, static_cast<float>(logits_[static_cast<std::size_t>(id)] - lse)});
    }
  }
  return token;
}

std::vector<GeneratedToken> generate_tokens(Decoder& decoder, const std::vector<std::int32_t>& input_ids,
                                            const GenerateOptions& options, const TokenCallback& callback,
                                            std::stop_token stop) {
  TokenGenerator generator(decoder, input_ids, options);
  std::vector<GeneratedToken> out;
  while (!stop.stop_requested()) {
    std::optional<GeneratedToken> token = generator.next(true);
    if (!token) break;
    out.push_back(std::move(*token));
    if (callback && !callback(out.back())) break;
  }
  return out;
}

}  // namespace vernier
