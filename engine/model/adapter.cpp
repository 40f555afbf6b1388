#include "engine/model/adapter.h"

#include <array>
#include <cmath>

#include "engine/core/philox.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::array<const char*, kNumLinearKinds> kModuleNames = {
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",   "self_attn.o_proj", "mlp.gate_proj",
    "mlp.up_proj",      "mlp.down_proj",    "self_attn.qkv_proj", "mlp.gate_up_proj"};

std::size_t kind_of(const std::string& module_name) {
  for (std::size_t kind = 0; kind < kModuleNames.size(); ++kind) {
    if (module_name == kModuleNames[kind]) return kind;
  }
  fail(ErrorCode::kInternal, "adapter", "unknown module " + module_name + ".");
}

}  // namespace

AdapterLayout::AdapterLayout(const ModelConfig& model, AdapterConfig config, std::vector<AdapterTarget> targets)
    : config_(std::move(config)), targets_(std::move(targets)) {
  index_.assign(static_cast<std::size_t>(model.num_layers * kNumLinearKinds), -1);
  norms_offset_.assign(1, 0);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const LinearModule& module = targets_[i].module;
    index_[static_cast<std::size_t>(module.layer) * kNumLinearKinds + kind_of(module.name)] =
        static_cast<std::int64_t>(i);
    norms_offset_.push_back(norms_offset_.back() + (module.out + 15) / 16 * 16);
  }
}

std::int64_t AdapterLayout::target_of(std::int64_t layer, LinearKind kind) const {
  return index_[static_cast<std::size_t>(layer) * kNumLinearKinds + static_cast<std::size_t>(kind)];
}

std::int64_t AdapterLayout::rank(std::int64_t layer, LinearKind kind) const {
  const std::int64_t target = target_of(layer, kind);
  return target < 0 ? 0 : targets_[static_cast<std::size_t>(target)].r;
}

std::vector<Parameter> AdapterLayout::parameters() const {
  std::vector<Parameter> parameters;
  for (const AdapterTarget& target : targets_) {
    const AdapterKeys keys = adapter_keys(target.module.path);
    parameters.push_back({.name = keys.a, .shape = {target.r, target.module.in}, .place = 0});
    parameters.push_back({.name = keys.b, .shape = {target.module.out, target.r}, .place = 1});
    if (config_.use_dora) {
      // As PEFT's modules call it; its files leave the last part out.
      parameters.push_back(
          {.name = keys.magnitude + ".weight", .shape = {target.module.out}, .place = 2, .exact = true});
    }
  }
  return parameters;
}

std::int64_t AdapterLayout::norms_size() const {
  return config_.use_dora ? norms_offset_.back() : 0;
}

std::int64_t AdapterLayout::norms_offset(std::size_t target) const {
  return norms_offset_[target];
}

Adapter::Adapter(Backend& backend, AdapterLayout layout, DType dtype)
    : layout_(std::move(layout)),
      set_(backend, layout_.parameters(), dtype, ParameterUse::kTrained),
      stride_(config().use_dora ? 3 : 2) {
  if (config().use_dora) norms_ = backend.allocate(static_cast<std::size_t>(layout_.norms_size()) * sizeof(float));
}

std::unique_ptr<Adapter> Adapter::create(Backend& backend, const ModelConfig& model, const AdapterConfig& config,
                                         std::uint64_t seed, DType dtype) {
  std::unique_ptr<Adapter> adapter(
      new Adapter(backend, AdapterLayout(model, config, adapter_targets(config, model, "lora")), dtype));
  const PhiloxKey key = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  for (std::size_t i = 0; i < adapter->targets().size(); ++i) {
    const Parameter& a = adapter->set_.parameters()[adapter->stride_ * i];
    const double bound = 1.0 / std::sqrt(static_cast<double>(a.cols()));
    std::vector<float> values(static_cast<std::size_t>(a.size()));
    for (std::size_t n = 0; n < values.size(); ++n) {
      const PhiloxCounter words =
          philox4x32_10({static_cast<std::uint32_t>(n / 4), static_cast<std::uint32_t>(i), 0x4c6f5241u, 0}, key);
      const double unit = (static_cast<double>(words[n % 4]) + 0.5) * 0x1p-32;
      values[n] = static_cast<float>(bound * (2.0 * unit - 1.0));
    }
    adapter->set_.upload(adapter->stride_ * i, values);
  }
  adapter->magnitudes_unset_ = config.use_dora;
  return adapter;
}

std::unique_ptr<Adapter> Adapter::load(Backend& backend, const ModelConfig& model, const std::filesystem::path& folder,
                                       DType dtype) {
  const AdapterReader reader(folder, model);
  std::unique_ptr<Adapter> adapter(
      new Adapter(backend, AdapterLayout(model, reader.config(), reader.targets()), dtype));
  std::vector<float> a, b, magnitude;
  const std::size_t stride = adapter->stride_;
  const auto resize = [&](std::vector<float>& values, std::size_t tensor) {
    values.resize(static_cast<std::size_t>(adapter->set_.parameters()[tensor].size()));
  };
  for (std::size_t i = 0; i < adapter->targets().size(); ++i) {
    resize(a, stride * i);
    resize(b, stride * i + 1);
    if (stride == 3) resize(magnitude, stride * i + 2);
    reader.read(i, a.data(), b.data(), stride == 3 ? magnitude.data() : nullptr);
    adapter->set_.upload(stride * i, a);
    adapter->set_.upload(stride * i + 1, b);
    if (stride == 3) adapter->set_.upload(stride * i + 2, magnitude);
  }
  return adapter;
}

LoraView Adapter::view(std::int64_t layer, LinearKind kind) const {
  const std::int64_t target = layout_.target_of(layer, kind);
  if (target < 0) return {};
  const auto i = static_cast<std::size_t>(target);
  return {set_.value(stride_ * i), set_.value(stride_ * i + 1), static_cast<float>(targets()[i].scale * strength_)};
}

ProjectionGrads Adapter::gradients(std::int64_t layer, LinearKind kind) const {
  const std::int64_t target = layout_.target_of(layer, kind);
  if (target < 0) return {};
  const auto i = static_cast<std::size_t>(target);
  return {.da = set_.gradient(stride_ * i), .db = set_.gradient(stride_ * i + 1)};
}

TensorView Adapter::magnitude(std::int64_t layer, LinearKind kind) const {
  const std::int64_t target = layout_.target_of(layer, kind);
  // At strength 0 the base model itself is asked for, whatever the magnitudes have become.
  if (target < 0 || stride_ != 3 || strength_ == 0.0) return {};
  return set_.value(stride_ * static_cast<std::size_t>(target) + 2);
}

TensorView Adapter::magnitude_gradient(std::int64_t layer, LinearKind kind) const {
  const std::int64_t target = layout_.target_of(layer, kind);
  if (target < 0 || stride_ != 3) return {};
  return set_.gradient(stride_ * static_cast<std::size_t>(target) + 2);
}

TensorView Adapter::norms(std::int64_t layer, LinearKind kind) const {
  const std::int64_t target = layout_.target_of(layer, kind);
  if (target < 0 || stride_ != 3) return {};
  const auto i = static_cast<std::size_t>(target);
  return {static_cast<float*>(norms_->data()) + layout_.norms_offset(i), 1, targets()[i].module.out};
}

void Adapter::set_magnitudes_from_norms(Backend& backend) {
  for (std::size_t i = 0; i < targets().size(); ++i) {
    const ConstTensorView norms(static_cast<const float*>(norms_->data()) + layout_.norms_offset(i), 1,
                                targets()[i].module.out);
    backend.copy(norms, set_.value(stride_ * i + 2));
  }
  magnitudes_unset_ = false;
}

void Adapter::set_strength(double strength) {
  strength_ = strength;
  set_.mark_changed();  // the norms depend on it
}

void Adapter::write_files(const std::filesystem::path& folder, const ModelConfig& model) const {
  std::vector<std::vector<float>> host;
  std::vector<AdapterValues> values;
  for (std::size_t i = 0; i < set_.parameters().size(); ++i) host.push_back(set_.download(i));
  for (std::size_t i = 0; i < targets().size(); ++i) {
    std::span<const float> magnitude;
    if (stride_ == 3) magnitude = host[stride_ * i + 2];
    values.push_back({host[stride_ * i], host[stride_ * i + 1], magnitude});
  }
  write_adapter_files(folder, config(), model, targets(), values);
}

void Adapter::write(const std::filesystem::path& folder, const ModelConfig& model) const {
  AtomicFolder aside(folder, ExistingFolder::kReplace);
  write_files(aside.path(), model);
  aside.commit();
}

}  // namespace vernier
