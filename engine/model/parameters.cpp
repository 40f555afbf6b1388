#include "engine/model/parameters.h"

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::int64_t kAlignment = 16;  // values: a cache line

std::unique_ptr<DeviceBuffer> allocate_zeroed(Backend& backend, std::int64_t size) {
  auto buffer = backend.allocate(static_cast<std::size_t>(size) * sizeof(float));
  backend.zero(TensorView(static_cast<float*>(buffer->data()), 1, size));
  return buffer;
}

}  // namespace

ParameterSet::ParameterSet(Backend& backend, std::vector<Parameter> parameters)
    : backend_(&backend), parameters_(std::move(parameters)) {
  for (Parameter& parameter : parameters_) {
    parameter.offset = arena_size_;
    arena_size_ += (parameter.size() + kAlignment - 1) / kAlignment * kAlignment;
  }
  values_ = allocate_zeroed(backend, arena_size_);
}

std::int64_t ParameterSet::find(const std::string& name) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].name == name) return static_cast<std::int64_t>(i);
  }
  return -1;
}

std::int64_t ParameterSet::count() const {
  std::int64_t total = 0;
  for (const Parameter& parameter : parameters_) total += parameter.size();
  return total;
}

TensorView ParameterSet::value(std::size_t index) const {
  const Parameter& p = parameters_[index];
  return {static_cast<float*>(values_->data()) + p.offset, p.rows(), p.cols()};
}

TensorView ParameterSet::gradient(std::size_t index) const {
  if (!gradients_) return {};
  const Parameter& p = parameters_[index];
  return {static_cast<float*>(gradients_->data()) + p.offset, p.rows(), p.cols()};
}

std::span<float> ParameterSet::values() const {
  if (!values_) return {};
  return {static_cast<float*>(values_->data()), static_cast<std::size_t>(arena_size_)};
}

std::span<float> ParameterSet::gradients() const {
  if (!gradients_) return {};
  return {static_cast<float*>(gradients_->data()), static_cast<std::size_t>(arena_size_)};
}

void ParameterSet::enable_gradients() {
  if (!gradients_) gradients_ = allocate_zeroed(*backend_, arena_size_);
}

void ParameterSet::upload(std::size_t index, const float* host) const {
  const TensorView to = value(index);
  backend_->upload(to.data, host, static_cast<std::size_t>(to.size()) * sizeof(float));
  mark_changed();
}

std::vector<float> ParameterSet::download(std::size_t index) const {
  const TensorView from = value(index);
  std::vector<float> host(static_cast<std::size_t>(from.size()));
  backend_->download(host.data(), from.data, host.size() * sizeof(float));
  return host;
}

std::vector<float> ParameterSet::download_gradient(std::size_t index) const {
  const TensorView from = gradient(index);
  std::vector<float> host(static_cast<std::size_t>(from.size()));
  if (from) backend_->download(host.data(), from.data, host.size() * sizeof(float));
  return host;
}

}  // namespace vernier
