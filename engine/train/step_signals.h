// Measures what a step tells of its insides: vernier/step_signals.h.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/parameters.h"
#include "engine/ops/backend.h"
#include "vernier/step_signals.h"

namespace vernier {

// Of trained tensors by their names in the files: those of one projection belong together.
// "base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight" is {3, "self_attn.q_proj"}.
GradientGroup gradient_group_of(const std::string& parameter_name);

// The norms of the gradients, group by group. One look at the gradients; nothing is allocated after the constructor.
// Thread: one thread at a time.
class GradientProbe {
 public:
  // Both must outlive it; the parameters have gradients.
  GradientProbe(Backend& backend, const ParameterSet& parameters);
  // In the order of the layers; what belongs to none comes last.
  const std::vector<GradientGroup>& groups() const { return groups_; }
  // Looks at the gradients, waits for them, and returns the norm of them all. NaN and infinity come through.
  double measure();
  // What measure() saw: one a group.
  void norms(std::vector<float>& norms) const;

 private:
  Backend& backend_;
  const ParameterSet& parameters_;
  std::vector<GradientGroup> groups_;
  std::vector<std::int64_t> bounds_;   // of the tensors in the arena
  std::vector<std::size_t> group_of_;  // of each of them
  std::vector<double> squares_, sums_;
};

}  // namespace vernier
