// AdamW over a flat arena of parameters, with clipping by the global norm.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model/parameters.h"
#include "engine/ops/backend.h"
#include "vernier/run_config.h"

namespace vernier {

// The moments lie as the parameters do. Thread: one thread at a time; backend and parameters must outlive it.
class Optimizer {
 public:
  // The parameters are trained and have gradients. Moments start at zero. Errors: kOutOfMemory.
  Optimizer(Backend& backend, ParameterSet& parameters, const RunConfig& config);

  ParameterSet& parameters() { return parameters_; }
  const ParameterSet& parameters() const { return parameters_; }
  // Updates done: Adam's own count, which corrects the moments' bias.
  std::int64_t updates() const { return updates_; }
  void set_updates(std::int64_t updates) { updates_ = updates; }

  void zero_gradients();
  // The L2 norm of all gradients together, in double; NaN and infinity come through.
  double gradient_norm();
  // One update. Gradients are scaled by min(1, max_grad_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ does;
  // max_grad_norm 0: never.
  void update(double gradient_norm, double learning_rate);
  // What of a tensor's values or moments is NaN or infinite, as "NAME" or "Adam's first moment of NAME"; "": nothing.
  // One reduction over each arena where nothing is.
  std::string first_non_finite();

  // A tensor's moments, in the backend's memory, as [rows, cols] of the parameter.
  TensorView first_moment(std::size_t index) const { return moment(*m_, index); }
  TensorView second_moment(std::size_t index) const { return moment(*v_, index); }

 private:
  // Neighbouring parameters that are treated alike.
  struct Run {
    std::size_t offset;
    std::size_t size;
    bool decays;
  };
  TensorView moment(DeviceBuffer& buffer, std::size_t index) const;

  Backend& backend_;
  ParameterSet& parameters_;
  double max_grad_norm_;
  AdamW settings_;
  std::vector<Run> runs_;
  std::unique_ptr<DeviceBuffer> m_, v_;
  std::int64_t updates_ = 0;
};

}  // namespace vernier
