#include "engine/train/step_signals.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string_view>

namespace vernier {

GradientGroup gradient_group_of(const std::string& parameter_name) {
  constexpr std::string_view kLayers = "layers.";
  std::string_view rest = parameter_name;
  GradientGroup group;
  if (const std::size_t at = rest.find(kLayers); at != std::string_view::npos) {
    const std::string_view number = rest.substr(at + kLayers.size());
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), group.layer);
    if (error == std::errc() && end != number.data() + number.size() && *end == '.') {
      rest = number.substr(static_cast<std::size_t>(end - number.data()) + 1);
    }
  } else if (rest.rfind("model.", 0) == 0) {
    rest.remove_prefix(std::string_view("model.").size());
  }
  for (const std::string_view tail : {".lora_", ".weight", ".bias"}) {
    if (const std::size_t at = rest.find(tail); at != std::string_view::npos) rest = rest.substr(0, at);
  }
  group.module = std::string(rest);
  return group;
}

GradientProbe::GradientProbe(Backend& backend, const ParameterSet& parameters)
    : backend_(backend), parameters_(parameters) {
  std::vector<const Parameter*> order;
  for (const Parameter& parameter : parameters.parameters()) order.push_back(&parameter);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->offset < b->offset; });
  std::vector<GradientGroup> of_tensor;
  // Groups as the file names them, a layer's modules in its order; the gaps between tensors are zero.
  for (const Parameter& parameter : parameters.parameters()) {
    const GradientGroup group = gradient_group_of(parameter.name);
    if (std::find(groups_.begin(), groups_.end(), group) == groups_.end()) groups_.push_back(group);
  }
  const auto layer_of = [](const GradientGroup& group) { return group.layer < 0 ? INT64_MAX : group.layer; };
  std::stable_sort(groups_.begin(), groups_.end(),
                   [&layer_of](const GradientGroup& a, const GradientGroup& b) { return layer_of(a) < layer_of(b); });
  for (const Parameter* parameter : order) {
    bounds_.push_back(parameter->offset);
    const auto group = std::find(groups_.begin(), groups_.end(), gradient_group_of(parameter->name));
    group_of_.push_back(static_cast<std::size_t>(group - groups_.begin()));
  }
  bounds_.push_back(static_cast<std::int64_t>(parameters.gradients().size()));
  squares_.resize(group_of_.size());
  sums_.resize(groups_.size());
}

double GradientProbe::measure() {
  backend_.squared_norms(parameters_.gradients(), bounds_, squares_);
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (std::size_t i = 0; i < squares_.size(); ++i) sums_[group_of_[i]] += squares_[i];
  return std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
}

void GradientProbe::norms(std::vector<float>& norms) const {
  norms.resize(sums_.size());
  for (std::size_t g = 0; g < sums_.size(); ++g) norms[g] = static_cast<float>(std::sqrt(sums_[g]));
}

}  // namespace vernier
