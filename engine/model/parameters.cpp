#include "engine/model/parameters.h"

#include <algorithm>
#include <utility>

#include "engine/io/safetensors.h"
#include "engine/model/download.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::int64_t kAlignment = 16;       // values: a cache line
constexpr std::int64_t kCopyAlignment = 128;  // of bfloat16 sets: what a device's matrix products ask for, 256 bytes
constexpr std::size_t kConverted = 1 << 20;   // values at a time

std::unique_ptr<DeviceBuffer> allocate_zeroed(Backend& backend, std::int64_t size, DType dtype) {
  auto buffer = backend.allocate(static_cast<std::size_t>(size) * size_of(dtype));
  backend.zero(TensorView(buffer->data(), dtype, 1, size, size));
  return buffer;
}

template <typename T>
std::span<T> values_of(const std::unique_ptr<DeviceBuffer>& buffer, std::int64_t size) {
  if (!buffer) return {};
  return {static_cast<T*>(buffer->data()), static_cast<std::size_t>(size)};
}

std::int64_t aligned_size(const Parameter& parameter, DType dtype) {
  const std::int64_t alignment = dtype == DType::kF32 ? kAlignment : kCopyAlignment;
  return (parameter.size() + alignment - 1) / alignment * alignment;
}

}  // namespace

std::int64_t ParameterSet::arena_size(const std::vector<Parameter>& parameters, DType dtype) {
  std::int64_t size = 0;
  for (const Parameter& parameter : parameters) {
    if (parameter.home == Home::kArena) size += aligned_size(parameter, dtype);
  }
  return size;
}

ParameterSet::ParameterSet(Backend& backend, std::vector<Parameter> parameters, DType dtype, ParameterUse use)
    : backend_(&backend), parameters_(std::move(parameters)), dtype_(dtype) {
  std::vector<Parameter*> order;
  for (Parameter& parameter : parameters_) order.push_back(&parameter);
  if (dtype != DType::kF32) {
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->place < b->place; });
  }
  std::int64_t host_size = 0;
  for (Parameter* parameter : order) {
    if (parameter->home == Home::kElsewhere) continue;
    std::int64_t& end = parameter->home == Home::kHost ? host_size : arena_size_;
    parameter->offset = end;
    end += aligned_size(*parameter, dtype);
  }
  if (host_size > 0) host_ = backend.allocate_on_host(static_cast<std::size_t>(host_size) * size_of(dtype));
  if (dtype == DType::kF32 || use == ParameterUse::kTrained)
    masters_ = allocate_zeroed(backend, arena_size_, DType::kF32);
  if (dtype != DType::kF32) copies_ = allocate_zeroed(backend, arena_size_, dtype);
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

std::uint64_t ParameterSet::bytes() const {
  std::uint64_t total = 0;
  for (const auto* buffer : {&masters_, &copies_, &gradients_}) total += *buffer ? (*buffer)->bytes() : 0;
  return total;
}

TensorView ParameterSet::part(DeviceBuffer& buffer, DType dtype, const Parameter& parameter) const {
  auto* first = static_cast<char*>(buffer.data()) + parameter.offset * static_cast<std::int64_t>(size_of(dtype));
  return {first, dtype, parameter.rows(), parameter.cols(), parameter.cols()};
}

TensorView ParameterSet::most_exact(const Parameter& parameter) const {
  if (parameter.home == Home::kElsewhere) fail(ErrorCode::kInternal, "parameters", parameter.name + " is elsewhere.");
  if (parameter.home == Home::kHost) return part(*host_, dtype_, parameter);
  return masters_ ? part(*masters_, DType::kF32, parameter) : part(*copies_, dtype_, parameter);
}

TensorView ParameterSet::value(std::size_t index) const {
  const Parameter& parameter = parameters_[index];
  if (parameter.home == Home::kElsewhere) return {};
  if (parameter.home == Home::kHost) return part(*host_, dtype_, parameter);
  return copies_ && !parameter.exact ? part(*copies_, dtype_, parameter) : part(*masters_, DType::kF32, parameter);
}

TensorView ParameterSet::gradient(std::size_t index) const {
  return gradients_ ? part(*gradients_, DType::kF32, parameters_[index]) : TensorView();
}

std::span<float> ParameterSet::masters() const {
  return values_of<float>(masters_, arena_size_);
}

std::span<std::uint16_t> ParameterSet::copies() const {
  return masters_ ? values_of<std::uint16_t>(copies_, arena_size_) : std::span<std::uint16_t>();
}

std::span<float> ParameterSet::gradients() const {
  return values_of<float>(gradients_, arena_size_);
}

void ParameterSet::enable_gradients() {
  if (!gradients_) gradients_ = allocate_zeroed(*backend_, arena_size_, DType::kF32);
}

void ParameterSet::fill_normal(std::size_t index, std::uint64_t seed, std::uint32_t stream, float deviation) const {
  const Parameter& parameter = parameters_[index];
  FillNormal fill{.seed = seed, .stream = stream, .deviation = deviation, .out = {}};
  if (parameter.home != Home::kArena) {
    fill.out = most_exact(parameter);
    backend_->fill_normal(fill);
    mark_changed();
    return;
  }
  for (auto [buffer, dtype] : {std::pair(masters_.get(), DType::kF32), std::pair(copies_.get(), dtype_)}) {
    if (buffer == nullptr) continue;
    fill.out = part(*buffer, dtype, parameter);
    backend_->fill_normal(fill);
  }
  mark_changed();
}

void ParameterSet::upload(std::size_t index, std::span<const float> host, std::int64_t first) const {
  const Parameter& parameter = parameters_[index];
  const bool in_arena = parameter.home == Home::kArena;
  if (in_arena ? masters_ != nullptr : dtype_ == DType::kF32) {
    float* to = static_cast<float*>(most_exact(parameter).data) + first;
    backend_->upload(to, host.data(), host.size_bytes());
  }
  std::vector<std::byte> rounded;
  const bool rounds = in_arena ? copies_ != nullptr : dtype_ != DType::kF32;
  for (std::size_t done = 0; rounds && done < host.size(); done += kConverted) {
    const std::span<const float> piece = host.subspan(done, std::min(kConverted, host.size() - done));
    rounded.resize(piece.size() * size_of(dtype_));
    convert_from_f32(piece, dtype_, rounded.data());
    upload_bits(parameter, rounded, first + static_cast<std::int64_t>(done));
  }
  mark_changed();
}

void ParameterSet::upload_bf16(std::size_t index, std::span<const std::byte> host, std::int64_t first) const {
  if (masters_ || dtype_ != DType::kBF16) fail(ErrorCode::kInternal, "parameters", "the set is not frozen bfloat16.");
  upload_bits(parameters_[index], host, first);
  mark_changed();
}

void ParameterSet::upload_bits(const Parameter& parameter, std::span<const std::byte> host, std::int64_t first) const {
  DeviceBuffer& buffer = parameter.home == Home::kHost ? *host_ : *copies_;
  auto* to = static_cast<char*>(part(buffer, dtype_, parameter).data);
  backend_->upload(to + first * static_cast<std::int64_t>(size_of(dtype_)), host.data(), host.size());
}

std::vector<float> ParameterSet::download(std::size_t index) const {
  return download_f32(*backend_, most_exact(parameters_[index]));
}

std::vector<float> ParameterSet::download_as_computed(std::size_t index) const {
  return download_f32(*backend_, value(index));
}

void ParameterSet::download(std::size_t index, std::int64_t first, std::span<float> host) const {
  TensorView whole = most_exact(parameters_[index]);
  whole = {whole.data, whole.dtype, 1, whole.size(), whole.size()};
  download_f32(*backend_, whole.col_range(first, static_cast<std::int64_t>(host.size())), host.data());
}

std::vector<float> ParameterSet::download_gradient(std::size_t index) const {
  const TensorView from = gradient(index);
  if (!from) return {};
  return download_f32(*backend_, from);
}

}  // namespace vernier
