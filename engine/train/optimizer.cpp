#include "engine/train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vernier {
namespace {

TensorView flat(std::span<float> values) {
  return {values.data(), 1, static_cast<std::int64_t>(values.size())};
}

std::span<float> values_of(DeviceBuffer& buffer, std::size_t offset, std::size_t count) {
  return std::span(static_cast<float*>(buffer.data()), buffer.bytes() / sizeof(float)).subspan(offset, count);
}

}  // namespace

Optimizer::Optimizer(Backend& backend, ParameterSet& parameters, const RunConfig& config)
    : backend_(backend), parameters_(parameters), max_grad_norm_(config.max_grad_norm) {
  settings_.beta1 = static_cast<float>(config.adam_beta1);
  settings_.beta2 = static_cast<float>(config.adam_beta2);
  settings_.epsilon = static_cast<float>(config.adam_epsilon);
  settings_.weight_decay = static_cast<float>(config.weight_decay);
  // Gaps between tensors are zero and stay zero under any update, so runs may span them.
  const std::size_t arena = parameters.masters().size();
  std::vector<const Parameter*> order;
  for (const Parameter& parameter : parameters.parameters()) order.push_back(&parameter);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->offset < b->offset; });
  for (const Parameter* parameter : order) {
    const bool decays = parameter->decays || config.weight_decay == 0.0;
    if (!runs_.empty() && runs_.back().decays == decays) continue;
    const auto offset = static_cast<std::size_t>(parameter->offset);
    if (!runs_.empty()) runs_.back().size = offset - runs_.back().offset;
    runs_.push_back({offset, arena - offset, decays});
  }
  m_ = backend.allocate(arena * sizeof(float));
  v_ = backend.allocate(arena * sizeof(float));
  backend.zero(flat(values_of(*m_, 0, arena)));
  backend.zero(flat(values_of(*v_, 0, arena)));
}

void Optimizer::zero_gradients() {
  backend_.zero(flat(parameters_.gradients()));
}

double Optimizer::gradient_norm() {
  return std::sqrt(backend_.squared_norm(parameters_.gradients()));
}

void Optimizer::update(double gradient_norm, double learning_rate) {
  ++updates_;
  AdamW op = settings_;
  op.step = updates_;
  op.learning_rate = static_cast<float>(learning_rate);
  if (max_grad_norm_ > 0.0) op.grad_scale = static_cast<float>(std::min(1.0, max_grad_norm_ / (gradient_norm + 1e-6)));
  for (const Run& run : runs_) {
    op.weight = parameters_.masters().subspan(run.offset, run.size);
    op.grad = parameters_.gradients().subspan(run.offset, run.size);
    op.m = values_of(*m_, run.offset, run.size);
    op.v = values_of(*v_, run.offset, run.size);
    if (!parameters_.copies().empty()) op.bf16_copy = parameters_.copies().subspan(run.offset, run.size);
    op.weight_decay = run.decays ? settings_.weight_decay : 0.0f;
    backend_.adamw(op);
  }
  parameters_.mark_changed();
}

std::string Optimizer::first_non_finite() {
  const std::size_t arena = parameters_.masters().size();
  for (const auto& [what, values] :
       {std::pair("", parameters_.masters()), std::pair("Adam's first moment of ", values_of(*m_, 0, arena)),
        std::pair("Adam's second moment of ", values_of(*v_, 0, arena))}) {
    // Squares of float32 cannot overflow a double.
    if (std::isfinite(backend_.squared_norm(values))) continue;
    for (const Parameter& parameter : parameters_.parameters()) {
      const auto offset = static_cast<std::size_t>(parameter.offset), size = static_cast<std::size_t>(parameter.size());
      if (!std::isfinite(backend_.squared_norm(values.subspan(offset, size)))) return what + parameter.name;
    }
  }
  return "";
}

TensorView Optimizer::moment(DeviceBuffer& buffer, std::size_t index) const {
  const Parameter& parameter = parameters_.parameters()[index];
  const std::span<float> values =
      values_of(buffer, static_cast<std::size_t>(parameter.offset), static_cast<std::size_t>(parameter.size()));
  return {values.data(), parameter.rows(), parameter.cols()};
}

}  // namespace vernier
