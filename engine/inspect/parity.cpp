#include "engine/inspect/parity.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/inspect/parity_causes.h"
#include "engine/inspect/pass.h"
#include "engine/inspect/reference.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::array kPaths = {ParityPath::kTrain, ParityPath::kEval, ParityPath::kDecode};

std::string words(ParityPath path) {
  switch (path) {
    case ParityPath::kTrain:
      return "training path";
    case ParityPath::kEval:
      return "evaluation path";
    case ParityPath::kDecode:
      return "KV-cache path";
  }
  return "";
}

// The adapter at another strength for as long as this lives.
class AtStrength {
 public:
  AtStrength(Adapter& adapter, double strength) : adapter_(adapter), before_(adapter.strength()) {
    adapter_.set_strength(strength);
  }
  ~AtStrength() { adapter_.set_strength(before_); }
  AtStrength(const AtStrength&) = delete;
  AtStrength& operator=(const AtStrength&) = delete;

 private:
  Adapter& adapter_;
  double before_;
};

template <class T>
std::int32_t argmax(const T* row, std::int64_t vocab) {
  return static_cast<std::int32_t>(std::max_element(row, row + vocab) - row);
}

template <class T>
double log_sum_exp(const T* row, std::int64_t vocab) {
  const double top = row[argmax(row, vocab)];
  double sum = 0.0;
  for (std::int64_t i = 0; i < vocab; ++i) sum += std::exp(static_cast<double>(row[i]) - top);
  return top + std::log(sum);
}

double top_share(const std::vector<std::int32_t>& ids) {
  std::map<std::int32_t, std::int64_t> counts;
  std::int64_t most = 0;
  for (const std::int32_t id : ids) most = std::max(most, ++counts[id]);
  return static_cast<double>(most) / static_cast<double>(ids.size());
}

// What the paths are held against, and what of it they all need.
struct Measure {
  Measure(const MicroBatch& batch_in, std::int64_t vocab_in, ReferenceResult reference_in)
      : batch(batch_in), vocab(vocab_in), reference(std::move(reference_in)) {
    double variance = 0.0;
    double square = 0.0;
    for (std::int64_t n = 0; n < tokens(); ++n) {
      const double* row = reference_row(n);
      const double mean = std::accumulate(row, row + vocab, 0.0) / static_cast<double>(vocab);
      for (std::int64_t i = 0; i < vocab; ++i) {
        variance += (row[i] - mean) * (row[i] - mean);
        square += row[i] * row[i];
      }
      argmaxes.push_back(argmax(row, vocab));
    }
    const double count = static_cast<double>(tokens() * vocab);
    // The second term: logits far from zero are rounded more coarsely.
    spread = std::sqrt(variance / count) + 1e-2 * std::sqrt(square / count) + 1e-30;
    share = top_share(argmaxes);
  }

  std::int64_t tokens() const { return static_cast<std::int64_t>(batch.input_ids.size()); }
  const double* reference_row(std::int64_t n) const { return reference.logits.data() + n * vocab; }

  const MicroBatch& batch;
  std::int64_t vocab;
  ReferenceResult reference;
  std::vector<std::int32_t> argmaxes;  // of the reference
  double share = 0.0;
  double spread = 0.0;  // the logits' standard deviation within a row
};

// The largest root mean square of a row's difference, relative to the spread; NaN where one is NaN.
template <class A, class B>
double worst_row(const Measure& measure, const std::vector<A>& a, const std::vector<B>& b) {
  double worst = 0.0;
  for (std::size_t at = 0; at < a.size(); at += static_cast<std::size_t>(measure.vocab)) {
    double square = 0.0;
    for (std::size_t i = at; i < at + static_cast<std::size_t>(measure.vocab); ++i) {
      const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
      square += difference * difference;
    }
    const double deviation = std::sqrt(square / static_cast<double>(measure.vocab)) / measure.spread;
    if (!(deviation <= worst)) worst = deviation;
    if (std::isnan(worst)) break;
  }
  return worst;
}

ParityPathReport compare(const Measure& measure, const ParityTolerance& tolerance, ParityPath path,
                         const PassResult& run, double deviation) {
  ParityPathReport report;
  report.path = path;
  const auto tokens = static_cast<double>(measure.tokens());
  double worst_loss = 0.0;
  std::int64_t agreeing = 0;
  std::vector<std::int32_t> argmaxes;
  for (std::int64_t n = 0; n < measure.tokens(); ++n) {
    const double* expected = measure.reference_row(n);
    const float* row = run.logits.data() + n * measure.vocab;
    const double expected_lse = log_sum_exp(expected, measure.vocab);
    const double lse = log_sum_exp(row, measure.vocab);
    for (std::int64_t i = 0; i < measure.vocab; ++i) {
      const double difference = std::abs(row[i] - expected[i]);
      report.mean_abs_logit_difference += difference;
      if (!(difference <= report.max_abs_logit_difference)) report.max_abs_logit_difference = difference;
      report.mean_kl += std::exp(expected[i] - expected_lse) * ((expected[i] - expected_lse) - (row[i] - lse));
    }
    const std::int32_t best = argmax(row, measure.vocab);
    argmaxes.push_back(best);
    // Two logits that rounding cannot tell apart may change places.
    const double margin = expected[measure.argmaxes[static_cast<std::size_t>(n)]] - expected[best];
    agreeing += margin <= tolerance.argmax * measure.spread;
    const auto at = static_cast<std::size_t>(n);
    const double loss_difference = std::abs(run.token_loss[at] - measure.reference.token_loss[at]);
    if (!(loss_difference <= worst_loss)) worst_loss = loss_difference;
    report.loss_per_token += run.token_loss[at];
  }
  report.mean_abs_logit_difference /= tokens * static_cast<double>(measure.vocab);
  report.mean_kl = std::max(0.0, report.mean_kl / tokens);
  report.argmax_agreement = static_cast<double>(agreeing) / tokens;
  report.top_argmax_share = top_share(argmaxes);
  if (measure.reference.num_targets > 0) report.loss_per_token /= static_cast<double>(measure.reference.num_targets);
  report.loss_difference = std::abs(report.loss_per_token - measure.reference.loss_per_token);

  const double loss_deviation = worst_loss / (1.0 + measure.spread);
  // The larger one, or the one that is NaN.
  report.deviation = loss_deviation <= deviation || std::isnan(deviation) ? deviation : loss_deviation;
  if (!(deviation <= tolerance.differs) || !(loss_deviation <= tolerance.differs) || report.argmax_agreement < 1.0) {
    report.verdict = ParityVerdict::kDiffers;
  } else if (deviation > tolerance.agrees || loss_deviation > tolerance.agrees) {
    report.verdict = ParityVerdict::kDrifting;
  }
  return report;
}

std::string joined(const std::vector<ParityPath>& paths) {
  std::string text = "the ";
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (i > 0) text += i + 1 == paths.size() ? " and the " : ", the ";
    text += words(paths[i]);
  }
  return text;
}

void summarise(const ParityOptions& options, ParityReport& report) {
  std::vector<ParityPath> worst;
  const std::string* cause = nullptr;
  for (const ParityPathReport& path : report.paths) report.verdict = std::max(report.verdict, path.verdict);
  for (const ParityPathReport& path : report.paths) {
    if (path.verdict != report.verdict) continue;
    worst.push_back(path.path);
    if (cause == nullptr && !path.likely_causes.empty()) cause = &path.likely_causes.front();
  }
  if (report.verdict == ParityVerdict::kAgrees) {
    report.summary = "Training, evaluation and KV-cache path agree with the reference.";
    if (options.fault.kind == FaultKind::kDropoutInEval) {
      report.summary.back() = ';';
      report.summary += " the planted dropout has nothing to act on, as no adapter adds anything.";
    }
    return;
  }
  std::string paths = joined(worst);
  paths.front() = 'T';
  const std::string verb = report.verdict == ParityVerdict::kDiffers ? "differ" : "drift";
  report.summary = paths + " " + verb + (worst.size() == 1 ? "s" : "") + " from the reference.";
  if (cause != nullptr) report.summary += " " + *cause;
}

}  // namespace

ParityTolerance parity_tolerance(DType dtype) {
  if (dtype == DType::kF32)
    return {.agrees = 1e-4, .differs = 1e-3, .argmax = 1e-4, .state_differs = 3e-5, .token_agrees = 5e-6};
  return {.agrees = 0.1, .differs = 0.3, .argmax = 0.3, .state_differs = 8e-2, .token_agrees = 4e-2};
}

ParityReport check_parity(Decoder& decoder, const MicroBatch& batch, const ParityOptions& options) {
  if (batch.input_ids.empty()) fail(ErrorCode::kInvalidInput, "parity", "batch: got no tokens, expected at least one.");
  const auto start = std::chrono::steady_clock::now();
  const auto reference_of = [&](const ModelConfig& config, const MicroBatch& tokens) {
    return reference_forward(config, decoder.weights(), decoder.adapter(), tokens);
  };
  const Measure measure(batch, decoder.config().vocab_size, reference_of(decoder.config(), batch));
  std::vector<std::int32_t> rows(batch.input_ids.size());
  std::iota(rows.begin(), rows.end(), 0);

  const ParityTolerance tolerance = parity_tolerance(decoder.dtype());
  ParityReport report;
  report.num_tokens = measure.tokens();
  report.reference_loss_per_token = measure.reference.loss_per_token;
  report.reference_top_argmax_share = measure.share;
  report.thresholds = {tolerance.agrees, tolerance.differs, tolerance.state_differs};
  for (const ParityPath path : kPaths) {
    PassRequest request;
    request.path = path;
    request.logit_rows = rows;
    request.fault = options.fault.on(path) ? options.fault.kind : FaultKind::kNone;
    request.dropout_seed = 1;
    const PassResult run = run_pass(decoder, batch, request);
    const double deviation = worst_row(measure, run.logits, measure.reference.logits);
    report.paths.push_back(compare(measure, tolerance, path, run, deviation));
    ParityPathReport& found = report.paths.back();
    if (found.verdict == ParityVerdict::kAgrees) continue;
    request.hidden_states = true;
    request.dropout_seed = 2;
    const PassResult again = run_pass(decoder, batch, request);
    const auto run_again = [&](const MicroBatch& tokens) {
      PassRequest states = request;
      states.logit_rows = {};
      return run_pass(decoder, tokens, states);
    };
    ParityEvidence evidence{.path = path,
                            .batch = batch,
                            .config = decoder.config(),
                            .reference = measure.reference,
                            .run = again,
                            .rerun_deviation = worst_row(measure, again.logits, run.logits),
                            .logit_deviation = deviation,
                            .tolerance = tolerance,
                            .top_argmax_share = found.top_argmax_share,
                            .reference_top_argmax_share = measure.share,
                            .run_again = run_again,
                            .reference_of = reference_of};
    if (Adapter* adapter = decoder.adapter()) {
      evidence.lora_rank = adapter->config().r;
      evidence.reference_scaled = [&reference_of, adapter](const ModelConfig& config, const MicroBatch& tokens,
                                                           double factor) {
        const AtStrength scaled(*adapter, factor * adapter->strength());
        return reference_of(config, tokens);
      };
    }
    for (LikelyCause& cause : likely_causes(evidence)) {
      found.likely_causes.push_back(std::move(cause.cause));
      found.evidence.push_back(std::move(cause.evidence));
    }
    found.state_deviations = state_deviations(evidence);
  }
  summarise(options, report);
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  report.milliseconds = elapsed.count();
  return report;
}

}  // namespace vernier
