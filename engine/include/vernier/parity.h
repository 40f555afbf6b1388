// Do training, evaluation and decoding compute the same thing? The four paths side by side.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace vernier {

enum class ParityPath { kTrain, kEval, kDecode };
enum class ParityVerdict { kAgrees, kDrifting, kDiffers };

// "train", "eval", "decode"; "agrees", "drifting", "differs".
std::string to_string(ParityPath path);
std::string to_string(ParityVerdict verdict);

// One path against the unfused reference (plain loops, float64 accumulation, full T x T attention, [N, V] logits).
struct ParityPathReport {
  ParityPath path = ParityPath::kTrain;
  double loss_per_token = 0.0;
  double loss_difference = 0.0;  // |loss - reference|, nats
  double mean_abs_logit_difference = 0.0;
  double max_abs_logit_difference = 0.0;
  double argmax_agreement = 1.0;  // share of positions
  double mean_kl = 0.0;           // KL(reference || path), nats a position
  double top_argmax_share = 0.0;  // share of the most frequent arg-max token
  // What the verdict judges: the root mean square of the worst position's logit differences for each unit of the
  // logits' spread, or the worst token's loss difference for each nat of 1 + spread, whichever is larger.
  double deviation = 0.0;
  ParityVerdict verdict = ParityVerdict::kAgrees;
  std::vector<std::string> likely_causes;  // sentences, most likely first; empty when it agrees
  std::vector<std::string> evidence;       // a sentence with figures for each likely cause
  // [L + 1], how far the worst token's hidden state is from the reference's, for each unit of its length: the
  // embeddings, what each layer left, last after the final norm. Empty when it agrees.
  std::vector<double> state_deviations;
};

// What rounding alone may do in what the model computes in; more is a difference. All 0 in reports of versions that did
// not tell: those have no `deviation` and no evidence either.
struct ParityThresholds {
  double agrees = 0.0;         // deviation up to which a path agrees
  double differs = 0.0;        // above it differs; in between it drifts
  double state_differs = 0.0;  // state_deviations above it are more than rounding
};

struct ParityReport {
  std::int64_t step = 0;
  std::int64_t num_tokens = 0;
  double reference_loss_per_token = 0.0;
  double reference_top_argmax_share = 0.0;
  std::vector<ParityPathReport> paths;  // train, eval, decode
  ParityThresholds thresholds;
  ParityVerdict verdict = ParityVerdict::kAgrees;
  std::string summary;  // one sentence: what was found, on which path
  double milliseconds = 0.0;

  nlohmann::json to_json() const;
  // Throws Error{kInvalidInput} naming the field. null is read as NaN.
  static ParityReport from_json(const nlohmann::json& json);
};

// A deliberate defect in one path, for tests and lessons; nothing else sets it.
enum class FaultKind {
  kNone,
  // Of a pass.
  kRopeOffByOne,
  kNormEpsilon,
  kDroppedMask,  // attention sees the tokens that follow
  kDropoutInEval,
  kArgmaxCollapse,
  kLostBorders,     // attention sees the other sequences of the micro-batch; a cache holds one sequence at a time
  kLoraScale,       // r times too large: lora_alpha instead of lora_alpha / r
  kLogitsOffByOne,  // logits that are asked for, captures as well, are those of the token before
  // Of a run's steps; a single pass does not know them.
  kLostLabelMask,  // every token has a label, in training (kTrain) or evaluation (kEval)
  kMeanOfMeans,    // per_token in training: each micro-batch's mean counts the same, however few its targets
  kScaledRate,     // the optimizer takes the learning rate times the sequences of the step
};
struct Fault {
  FaultKind kind = FaultKind::kNone;
  ParityPath path = ParityPath::kEval;
  bool on(ParityPath here) const { return kind != FaultKind::kNone && path == here; }
};

}  // namespace vernier
