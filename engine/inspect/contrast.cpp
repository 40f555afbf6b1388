#include "engine/inspect/contrast.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/inspect/logit_row.h"
#include "engine/inspect/model_insides.h"
#include "engine/model/generate.h"
#include "vernier/error.h"

namespace vernier {
namespace {

void check_request(const ModelConfig& config, const std::vector<std::int32_t>& input_ids,
                   const ContrastOptions& options) {
  const auto refuse = [](const std::string& what) { fail(ErrorCode::kInvalidInput, "contrast", what); };
  check_token_ids("contrast", input_ids, config.vocab_size);
  if (options.first < 1) refuse("first: got " + std::to_string(options.first) + ", expected 1 or more.");
  if (options.chunk < 1) refuse("chunk: got " + std::to_string(options.chunk) + ", expected 1 or more.");
  if (options.num_top < 0) refuse("num_top: got " + std::to_string(options.num_top) + ", expected 0 or more.");
  if (!std::isfinite(options.strength) || !std::isfinite(options.base_strength)) {
    refuse("strength: got a number that is not finite, expected one from 0 (the base model) on.");
  }
}

// A sequence that is fed chunk by chunk, at one strength.
class Feed {
 public:
  Feed(Decoder& decoder, double strength, std::int64_t capacity)
      : decoder_(decoder), strength_(strength), cache_(decoder.backend(), decoder.config(), capacity, decoder.dtype()) {
    pass_.cache = &cache_;
    pass_.row_length = capacity + 1;  // the last token is not fed
  }

  // Tokens [begin, end) of `ids`, which follow those fed before. Returns the logits [end - from, V] that the tokens
  // [from, end) lead to.
  std::span<const float> feed(const std::vector<std::int32_t>& ids, std::int64_t begin, std::int64_t end,
                              std::int64_t from) {
    const StrengthScope scope(decoder_.adapter(), strength_);
    const auto count = static_cast<std::size_t>(end - begin);
    const std::vector<std::int32_t> no_labels(count, -100);
    MicroBatch batch;
    batch.append(0, ids.data() + begin, no_labels.data(), static_cast<std::int32_t>(count));
    for (std::int32_t& position : batch.position_ids) position += static_cast<std::int32_t>(begin);
    decoder_.forward(batch, pass_);
    rows_.clear();
    for (std::int64_t row = from; row < end; ++row) rows_.push_back(static_cast<std::int32_t>(row - begin));
    logits_.resize(rows_.size() * static_cast<std::size_t>(decoder_.config().vocab_size));
    if (!rows_.empty()) decoder_.logits(rows_, logits_.data());
    return logits_;
  }

 private:
  Decoder& decoder_;
  double strength_;
  KvCache cache_;
  PassOptions pass_;
  std::vector<std::int32_t> rows_;
  std::vector<float> logits_;
};

// The likeliest of both, likeliest at `strength` first.
std::vector<ContrastAlternative> alternatives(std::span<const float> p_logits, const LogitRow& p,
                                              std::span<const float> q_logits, const LogitRow& q, std::int64_t count) {
  std::vector<std::int32_t> room;
  std::vector<std::int32_t> ids;
  for (const std::span<const float> logits : {p_logits, q_logits}) {
    const std::span<const std::int32_t> best = likeliest(logits, count, room);
    ids.insert(ids.end(), best.begin(), best.end());
  }
  const auto logit = [&](std::int32_t id) { return p_logits[static_cast<std::size_t>(id)]; };
  std::sort(ids.begin(), ids.end(),
            [&](std::int32_t a, std::int32_t b) { return logit(a) != logit(b) ? logit(a) > logit(b) : a < b; });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<ContrastAlternative> out;
  for (const std::int32_t id : ids) {
    out.push_back({id, static_cast<float>(p.log_probability(logit(id))),
                   static_cast<float>(q.log_probability(q_logits[static_cast<std::size_t>(id)]))});
  }
  return out;
}

TokenContrast contrast_of(std::span<const float> p_logits, std::span<const float> q_logits, std::int32_t id,
                          std::int64_t position, std::int64_t num_top) {
  const LogitRow p(p_logits), q(q_logits);
  if (std::isnan(p.sum) || std::isnan(q.sum)) {
    fail(ErrorCode::kNonFinite, "contrast",
         "logits: got NaN at position " + std::to_string(position) + ", expected numbers. The weights are damaged.");
  }
  TokenContrast out;
  out.position = static_cast<std::int32_t>(position);
  out.id = id;
  for (std::size_t i = 0; i < p_logits.size(); ++i) {
    const double log_p = p.log_probability(p_logits[i]);
    const double probability = std::exp(log_p);
    if (probability > 0.0) out.kl += probability * (log_p - q.log_probability(q_logits[i]));
  }
  out.kl = std::max(0.0, out.kl);  // rounding may leave less than nothing
  out.log_probability = p.log_probability(p_logits[static_cast<std::size_t>(id)]);
  out.base_log_probability = q.log_probability(q_logits[static_cast<std::size_t>(id)]);
  out.entropy = p.entropy;
  out.base_entropy = q.entropy;
  if (num_top > 0) out.top = alternatives(p_logits, p, q_logits, q, num_top);
  return out;
}

}  // namespace

StrengthScope::StrengthScope(Adapter* adapter, double strength) : adapter_(adapter) {
  if (adapter_ == nullptr) return;
  before_ = adapter_->strength();
  adapter_->set_strength(strength);
}

StrengthScope::~StrengthScope() {
  if (adapter_ != nullptr) adapter_->set_strength(before_);
}

std::vector<TokenContrast> contrast_tokens(Decoder& decoder, const std::vector<std::int32_t>& input_ids,
                                           const ContrastOptions& options, const ContrastCallback& callback,
                                           std::stop_token stop) {
  check_request(decoder.config(), input_ids, options);
  std::vector<TokenContrast> all;
  // The last token leads to nothing that is asked for.
  const std::int64_t fed = std::ssize(input_ids) - 1;
  if (options.first > fed) return all;
  Feed tuned(decoder, options.strength, fed), base(decoder, options.base_strength, fed);
  const auto vocab = static_cast<std::size_t>(decoder.config().vocab_size);
  for (std::int64_t begin = 0; begin < fed && !stop.stop_requested(); begin += options.chunk) {
    const std::int64_t end = std::min(fed, begin + options.chunk);
    const std::int64_t from = std::clamp(options.first - 1, begin, end);
    const std::span<const float> p = tuned.feed(input_ids, begin, end, from);
    const std::span<const float> q = base.feed(input_ids, begin, end, from);
    std::vector<TokenContrast> chunk;
    for (std::int64_t row = from; row < end; ++row) {
      const std::size_t at = static_cast<std::size_t>(row - from) * vocab;
      chunk.push_back(contrast_of(p.subspan(at, vocab), q.subspan(at, vocab),
                                  input_ids[static_cast<std::size_t>(row) + 1], row + 1, options.num_top));
    }
    all.insert(all.end(), chunk.begin(), chunk.end());
    if (!chunk.empty() && callback && !callback(chunk)) break;
  }
  return all;
}

std::vector<TokenContrast> contrast_strengths(LanguageModel& model, const std::vector<std::int32_t>& input_ids,
                                              const ContrastOptions& options, const ContrastCallback& callback,
                                              std::stop_token stop) {
  return contrast_tokens(ModelInsides::decoder(model), input_ids, options, callback, std::move(stop));
}

struct Generation::Impl {
  Impl(Decoder& decoder, const std::vector<std::int32_t>& input_ids, const GenerateOptions& options, double strength_in)
      : adapter(decoder.adapter()), strength(strength_in), generator(decoder, input_ids, options) {}

  Adapter* adapter;
  double strength;
  TokenGenerator generator;
};

Generation::Generation(LanguageModel& model, const std::vector<std::int32_t>& input_ids, const GenerateOptions& options,
                       double strength)
    : impl_(std::make_unique<Impl>(ModelInsides::decoder(model), input_ids, options, strength)) {}
Generation::~Generation() = default;
Generation::Generation(Generation&&) noexcept = default;
Generation& Generation::operator=(Generation&&) noexcept = default;

std::optional<GeneratedToken> Generation::next() {
  const StrengthScope scope(impl_->adapter, impl_->strength);
  return impl_->generator.next();
}

}  // namespace vernier
