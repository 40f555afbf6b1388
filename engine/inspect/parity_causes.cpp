#include "engine/inspect/parity_causes.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace vernier {
namespace {

std::string number(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

// How far each of the first `count` tokens' hidden state is from the reference's, relative to its length.
std::vector<double> deviations(const float* state, const std::vector<double>& reference, std::int64_t width,
                               std::size_t count) {
  std::vector<double> result(count);
  for (std::size_t n = 0; n < count; ++n) {
    double difference = 0.0;
    double norm = 0.0;
    for (std::int64_t i = 0; i < width; ++i) {
      const auto at = n * static_cast<std::size_t>(width) + static_cast<std::size_t>(i);
      difference += (state[at] - reference[at]) * (state[at] - reference[at]);
      norm += reference[at] * reference[at];
    }
    result[n] = difference == 0.0 ? 0.0 : std::sqrt(difference / std::max(norm, 1e-30));
  }
  return result;
}

double largest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

// Tries out what may explain state `index`, on the first tokens of the batch.
struct Trial {
  Trial(const ParityEvidence& evidence_in, std::size_t index_in)
      : evidence(evidence_in), index(index_in), config(evidence_in.config) {
    constexpr std::int32_t kTokens = 8;
    const MicroBatch& batch = evidence.batch;
    const std::int32_t length = std::min(kTokens, batch.sequences.front().length);
    start.append(0, batch.input_ids.data(), batch.labels.data(), length);
    std::copy_n(batch.position_ids.begin(), length, start.position_ids.begin());
    config.num_layers = std::min<std::int64_t>(config.num_layers, static_cast<std::int64_t>(index) + 1);
  }
  // The worst token's, from a reference of these tokens.
  double deviation_from(const ReferenceResult& tried) const {
    return largest(deviations(evidence.run.hidden_states[index].data(), tried.hidden_states[index], config.hidden_size,
                              start.input_ids.size()));
  }

  const ParityEvidence& evidence;
  std::size_t index;
  ModelConfig config;  // as many layers as it takes
  MicroBatch start;
};

// The norm epsilon that explains a state best.
struct EpsilonFit {
  double epsilon = 0.0;
  double explained = 0.0;  // share of the deviation that it takes away
};

EpsilonFit fit_epsilon(const ParityEvidence& evidence, std::size_t index) {
  Trial trial(evidence, index);
  const auto deviation_with = [&trial](double log_epsilon) {
    trial.config.rms_norm_eps = std::exp(log_epsilon);
    return trial.deviation_from(trial.evidence.reference_of(trial.config, trial.start));
  };
  // A coarse grid over all sensible values, then golden-section search around the best.
  const double step = std::log(10.0) / 2.0;
  double best = std::log(evidence.config.rms_norm_eps);
  const double before = deviation_with(best);
  double least = before;
  for (double log_epsilon = std::log(1e-10); log_epsilon <= std::log(10.0); log_epsilon += step) {
    const double deviation = deviation_with(log_epsilon);
    if (deviation < least) least = deviation, best = log_epsilon;
  }
  const double golden = (std::sqrt(5.0) - 1.0) / 2.0;
  double low = best - step;
  double high = best + step;
  for (int i = 0; i < 16; ++i) {
    const double left = high - golden * (high - low);
    const double right = low + golden * (high - low);
    if (deviation_with(left) < deviation_with(right)) {
      high = right;
    } else {
      low = left;
    }
  }
  best = (low + high) / 2.0;
  return {std::exp(best), 1.0 - deviation_with(best) / before};
}

// What the LoRA branch would have to be multiplied by to explain a state best, of the factors that mistakes make: left
// out, lora_alpha without / r, divided by r twice, and / sqrt(r) (rsLoRA) in the place of / r or the other way round.
struct ScaleFit {
  double factor = 1.0;
  double explained = 0.0;  // share of the deviation that it takes away
};

ScaleFit fit_lora_scale(const ParityEvidence& evidence, std::size_t index) {
  if (!evidence.reference_scaled) return {};
  const Trial trial(evidence, index);
  const auto deviation_with = [&trial](double factor) {
    return trial.deviation_from(trial.evidence.reference_scaled(trial.config, trial.start, factor));
  };
  const double before = deviation_with(1.0);
  const auto r = static_cast<double>(evidence.lora_rank);
  ScaleFit best;
  for (const double factor : {0.0, r, 1.0 / r, std::sqrt(r), 1.0 / std::sqrt(r)}) {
    const double explained = 1.0 - deviation_with(factor) / before;
    if (explained > best.explained) best = {factor, explained};
  }
  return best;
}

// Does the first token of every sequence agree in state `index` when no other token is there?
bool first_tokens_agree_alone(const ParityEvidence& evidence, std::size_t index) {
  MicroBatch alone;
  for (const SequenceRef& sequence : evidence.batch.sequences) {
    const auto first = static_cast<std::size_t>(sequence.begin);
    alone.append(sequence.row, &evidence.batch.input_ids[first], &evidence.batch.labels[first], 1);
    alone.position_ids.back() = evidence.batch.position_ids[first];
  }
  const PassResult run = evidence.run_again(alone);
  const ReferenceResult reference = evidence.reference_of(evidence.config, alone);
  return largest(deviations(run.hidden_states[index].data(), reference.hidden_states[index],
                            evidence.config.hidden_size, alone.input_ids.size())) <= evidence.tolerance.state_differs;
}

// A hidden state as people call it.
std::string state_name(const ParityEvidence& evidence, std::size_t index) {
  if (index == 0) return "the embeddings";
  if (index + 1 == evidence.run.hidden_states.size()) return "the state after the final norm";
  return "what layer " + std::to_string(index) + " leaves";
}

// "In what layer 3 leaves, the worst token deviates by 0.12 of its length (rounding stays below 3e-05)".
std::string worst_of_state(const ParityEvidence& evidence, std::size_t index, const std::vector<double>& deviation) {
  return "In " + state_name(evidence, index) + ", the worst token deviates by " + number("%.2g", largest(deviation)) +
         " of its length (rounding stays below " + number("%.2g", evidence.tolerance.state_differs) + ")";
}

// The largest deviation among the first tokens of the sequences.
double largest_of_firsts(const ParityEvidence& evidence, const std::vector<double>& deviation) {
  double worst = 0.0;
  for (const SequenceRef& sequence : evidence.batch.sequences) {
    const double value = deviation[static_cast<std::size_t>(sequence.begin)];
    if (!(value <= worst)) worst = value;
  }
  return worst;
}

// What a difference that begins in the hidden state `index` looks like over the tokens.
std::vector<LikelyCause> causes_in_layers(const ParityEvidence& evidence, std::size_t index,
                                          const std::vector<double>& deviation) {
  const std::string worst = worst_of_state(evidence, index, deviation);
  if (index == 0) return {{"The embeddings already differ: the table of tokens, or its scale.", worst + "."}};
  const std::string layer = "From layer " + std::to_string(index) + " on ";
  const double agrees = std::max(evidence.tolerance.token_agrees, 1e-3 * largest(deviation));
  const auto& sequences = evidence.batch.sequences;
  const double of_firsts = largest_of_firsts(evidence, deviation);
  const std::string firsts = "; the first tokens of the sequences by at most " + number("%.2g", of_firsts);
  // State i is what layer i - 1 left.
  const std::int64_t window = evidence.config.layer_window[index - 1];
  const bool begins_at_window =
      window > 0 && std::all_of(sequences.begin(), sequences.end(), [&](const auto& sequence) {
        const auto begin = deviation.begin() + sequence.begin;
        const auto end = begin + std::min<std::int64_t>(window, sequence.length);
        return std::all_of(begin, end, [&](double value) { return value <= agrees; });
      });
  if (begins_at_window) {
    return {{layer + "tokens differ that have " + std::to_string(window) +
                 " or more before them: the attention mask is not that of the sliding window.",
             worst + "; tokens with fewer than " + std::to_string(window) + " before them by at most " +
                 number("%.2g", agrees) + "."}};
  }
  const auto first_sequence = static_cast<std::ptrdiff_t>(sequences.front().length);
  const bool first_agrees =
      std::all_of(deviation.begin(), deviation.begin() + first_sequence, [&](double value) { return value <= agrees; });
  if (first_agrees && of_firsts > agrees) {
    return {{layer + "every sequence differs but the first: attention reaches over the borders of packed sequences.",
             worst + firsts + "; the tokens of the first sequence by at most " + number("%.2g", agrees) + "."}};
  }
  if (of_firsts <= agrees) {
    return {{layer + "later tokens differ while the first of every sequence agrees: rotary positions (RoPE) of queries "
                     "and keys do not belong together.",
             worst + firsts + "."},
            {"Or attention leaves out earlier tokens: a window, or a cache that loses some.",
             "The same figures: a first token has no earlier ones to lose."}};
  }
  if (first_tokens_agree_alone(evidence, index)) {
    return {{layer + "the first tokens differ, but not when they stand alone: the attention mask lets them see others.",
             worst + firsts + ", and alone by less than rounding."}};
  }
  if (const ScaleFit scale = fit_lora_scale(evidence, index); scale.explained > 0.9) {
    const std::string explained =
        worst + "; the reference with that takes away " + number("%.0f", 100.0 * scale.explained) + " % of that.";
    if (scale.factor == 0.0) {
      return {{layer + "every token differs, as it would without the adapter: this path leaves it out.", explained}};
    }
    return {{layer + "every token differs, as it would with another LoRA scale: " + number("%.3g", scale.factor) +
                 " times what lora_alpha and r (" + std::to_string(evidence.lora_rank) + ") give.",
             explained}};
  }
  const EpsilonFit fit = fit_epsilon(evidence, index);
  if (fit.explained > 0.9) {
    return {{layer + "every token differs, as it would with other norms: their epsilon seems to be " +
                 number("%.2g", fit.epsilon) + ", not " + number("%.2g", evidence.config.rms_norm_eps) + ".",
             worst + "; the reference with an epsilon of " + number("%.2g", fit.epsilon) + " takes away " +
                 number("%.0f", 100.0 * fit.explained) + " % of that."}};
  }
  const std::string weights = "a weight, a scale or the activation of that layer is not the model's.";
  const std::string no_epsilon = worst + firsts + ", even alone; no epsilon of the norms explains more than " +
                                 number("%.0f", 100.0 * std::max(0.0, fit.explained)) + " % of it.";
  if (evidence.path != ParityPath::kDecode) {
    return {{layer + "every token differs, even alone: " + weights, no_epsilon}};
  }
  return {{layer + "every token differs, the first as well: the attention mask lets it see entries of the cache that " +
               "hold no token.",
           no_epsilon},
          {"Or " + weights, "The same figures."}};
}

// Do the logits of every row that has one before it in its sequence belong to that one?
bool logits_are_of_the_row_before(const ParityEvidence& evidence) {
  const std::int64_t vocab = evidence.config.vocab_size;
  bool any = false;
  for (const SequenceRef& sequence : evidence.batch.sequences) {
    for (std::int64_t n = sequence.begin + 1; n < sequence.begin + sequence.length; ++n) {
      const float* row = evidence.run.logits.data() + n * vocab;
      const double* before = evidence.reference.logits.data() + (n - 1) * vocab;
      double difference = 0.0, size = 0.0;
      for (std::int64_t i = 0; i < vocab; ++i) {
        difference += (row[i] - before[i]) * (row[i] - before[i]);
        size += before[i] * before[i];
      }
      if (!(std::sqrt(difference) <= evidence.tolerance.agrees * std::sqrt(size))) return false;
      any = true;
    }
  }
  return any;
}

}  // namespace

std::vector<double> state_deviations(const ParityEvidence& evidence) {
  std::vector<double> result;
  for (std::size_t i = 0; i < evidence.run.hidden_states.size(); ++i) {
    const std::vector<double> deviation =
        deviations(evidence.run.hidden_states[i].data(), evidence.reference.hidden_states[i],
                   evidence.config.hidden_size, evidence.batch.input_ids.size());
    double worst = 0.0;
    for (const double value : deviation) {
      if (!(value <= worst)) worst = value;
    }
    result.push_back(worst);
  }
  return result;
}

std::vector<LikelyCause> likely_causes(const ParityEvidence& evidence) {
  const std::string rounding = " (rounding stays below " + number("%.2g", evidence.tolerance.agrees) + ")";
  if (!std::isfinite(evidence.logit_deviation)) {
    const auto& logits = evidence.run.logits;
    const auto count = std::count_if(logits.begin(), logits.end(), [](float x) { return !std::isfinite(x); });
    return {{"The logits hold NaN or infinity: weights are damaged, or values have grown out of range.",
             std::to_string(count) + " of " + std::to_string(logits.size()) + " logits are no finite numbers."}};
  }
  if (evidence.rerun_deviation > 0.1 * std::max(evidence.logit_deviation, evidence.tolerance.agrees)) {
    return {{"Two runs with different seeds differ from each other: dropout is on in this path.",
             "The logits of the two runs lie " + number("%.2g", evidence.rerun_deviation) +
                 " of their spread apart, and " + number("%.2g", evidence.logit_deviation) + " from the reference" +
                 rounding + "."}};
  }
  if (evidence.logit_deviation <= evidence.tolerance.agrees) {
    return {{"The logits agree and the losses do not: the fused loss head, or its targets.",
             "The logits deviate by " + number("%.2g", evidence.logit_deviation) + " of their spread" + rounding +
                 ", the losses by more."}};
  }
  const std::size_t tokens = evidence.batch.input_ids.size();
  for (std::size_t i = 0; i < evidence.run.hidden_states.size(); ++i) {
    const std::vector<double> deviation = deviations(
        evidence.run.hidden_states[i].data(), evidence.reference.hidden_states[i], evidence.config.hidden_size, tokens);
    if (largest(deviation) > evidence.tolerance.state_differs) return causes_in_layers(evidence, i, deviation);
  }
  const std::string states_agree = "No hidden state deviates by more than " +
                                   number("%.2g", evidence.tolerance.state_differs) + " of its length, the logits by " +
                                   number("%.2g", evidence.logit_deviation) + " of their spread" + rounding + ".";
  if (logits_are_of_the_row_before(evidence)) {
    return {{"The hidden states agree and the logits are those of the token before: their rows are off by one.",
             states_agree}};
  }
  std::vector<LikelyCause> causes;
  if (evidence.top_argmax_share >= 0.9 && evidence.top_argmax_share > evidence.reference_top_argmax_share) {
    causes.push_back(
        {"One token is the arg-max at " + number("%.0f", 100.0 * evidence.top_argmax_share) +
             " % of the positions (reference: " + number("%.0f", 100.0 * evidence.reference_top_argmax_share) +
             " %) although the hidden states agree: the logits have collapsed to one row.",
         "The logits deviate by " + number("%.2g", evidence.logit_deviation) + " of their spread" + rounding +
             ", no hidden state by more than " + number("%.2g", evidence.tolerance.state_differs) + " of its length."});
  }
  causes.push_back(
      {"The hidden states agree and the logits do not: the head's weight, scale or soft cap.", states_agree});
  return causes;
}

}  // namespace vernier
