// What a step tells of its insides: where gradients vanish or explode, and what the logits look like.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace vernier {

// The logits at the step's positions with a label, after scale and soft cap.
struct LogitSignals {
  double mean = std::numeric_limits<double>::quiet_NaN();  // over positions and vocabulary
  double spread =
      std::numeric_limits<double>::quiet_NaN();  // root mean square, over positions, of each one's standard
                                                 // deviation over the vocabulary: 0 says nothing is preferred
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  std::int64_t non_finite = 0;  // NaN and infinities; the others are counted in the figures above
  // How often the most frequent arg-max is the arg-max, and how often the most frequent target is the target: shares of
  // the positions. Where the first leaves the second far behind, the model says one thing whatever it is asked.
  double top_argmax_share = 0.0;
  double top_target_share = 0.0;
  std::int32_t top_argmax = -1;
};

// The trained tensors of one projection (with LoRA its A, B and magnitude together), or one tensor beside the layers.
struct GradientGroup {
  std::int64_t layer = -1;  // -1: none
  std::string module;       // "self_attn.q_proj", "embed_tokens"
  bool operator==(const GradientGroup&) const = default;
};

struct StepSignals {
  std::int64_t step = 0;
  LogitSignals logits;
  std::vector<float> gradient_norms;  // before clipping, in the order of the run's groups; stored with 8 bits of
                                      // mantissa
};

}  // namespace vernier
