#include "engine/model/nf4_weights.h"

#include <algorithm>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::int64_t kAlignment = 256;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

Nf4Weights::Layout Nf4Weights::layout_of(const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers,
                                         DType dtype) {
  Layout layout;
  std::vector<std::int64_t> full(1, 0);
  const auto take = [&](std::int64_t bytes) {
    const std::int64_t begin = layout.packed_bytes;
    layout.packed_bytes += ceil_div(bytes, kAlignment) * kAlignment;
    return begin;
  };
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Place& place = layout.places.emplace_back();
    if (layers[i] < 0) continue;
    place.layer = layers[i];
    if (static_cast<std::size_t>(place.layer) >= layout.of_layer.size()) {
      layout.of_layer.resize(static_cast<std::size_t>(place.layer) + 1);
    }
    layout.of_layer[static_cast<std::size_t>(place.layer)].push_back(i);
    place.rows = parameters[i].rows();
    place.cols = parameters[i].cols();
    const std::int64_t count = parameters[i].size(), blocks = ceil_div(count, kNf4Block);
    place.codes = take(ceil_div(count, 2));
    place.absmax = take(blocks);
    place.nested = take(ceil_div(blocks, kNf4NestedBlock) * static_cast<std::int64_t>(sizeof(float)));
    place.table = take(256 * static_cast<std::int64_t>(sizeof(float)));
    if (static_cast<std::size_t>(place.layer) >= full.size()) full.resize(static_cast<std::size_t>(place.layer) + 1, 0);
    std::int64_t& end = full[static_cast<std::size_t>(place.layer)];
    place.full = end;
    end += ceil_div(count * static_cast<std::int64_t>(size_of(dtype)), kAlignment) * kAlignment;
    layout.full_bytes = std::max(layout.full_bytes, end);
  }
  return layout;
}

std::uint64_t Nf4Weights::bytes_of(const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers,
                                   DType dtype) {
  const Layout layout = layout_of(parameters, layers, dtype);
  return static_cast<std::uint64_t>(layout.packed_bytes + layout.full_bytes);
}

Nf4Weights::Nf4Weights(Backend& backend, const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers,
                       DType dtype)
    : backend_(backend), dtype_(dtype), layout_(layout_of(parameters, layers, dtype)) {
  packed_ = backend.allocate(static_cast<std::size_t>(layout_.packed_bytes));
  full_ = backend.allocate(static_cast<std::size_t>(layout_.full_bytes));
}

std::uint64_t Nf4Weights::ahead_bytes_of(const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers,
                                         DType dtype) {
  return static_cast<std::uint64_t>(layout_of(parameters, layers, dtype).full_bytes);
}

void Nf4Weights::look_ahead() {
  if (other_full_) return;
  begin_pass(0, -1);
  other_full_ = backend_.allocate(static_cast<std::size_t>(layout_.full_bytes));
}

void Nf4Weights::put(std::size_t index, const Nf4Values& values) {
  Place& place = layout_.places[index];
  const std::int64_t count = place.rows * place.cols;
  if (place.layer < 0 || std::ssize(values.codes) != ceil_div(count, 2)) {
    fail(ErrorCode::kInternal, "nf4", "put: the values are not those of a matrix kept here.");
  }
  backend_.upload(at<void>(place.codes), values.codes.data(), values.codes.size());
  backend_.upload(at<void>(place.absmax), values.absmax.data(), values.absmax.size());
  backend_.upload(at<void>(place.nested), values.nested_absmax.data(), values.nested_absmax.size() * sizeof(float));
  backend_.upload(at<void>(place.table), values.absmax_table.data(), values.absmax_table.size() * sizeof(float));
  place.offset = values.offset;
  begin_pass(0, -1);
}

void Nf4Weights::begin_pass(std::int64_t first, std::int64_t last) {
  if (ahead_ >= 0) backend_.await_dequantized();  // of a pass that was not brought to its end
  layer_ = ahead_ = -1;
  first_ = first;
  last_ = last;
}

TensorView Nf4Weights::full(const Place& place) const {
  DeviceBuffer& memory = place.layer % turns() == 0 ? *full_ : *other_full_;
  return {static_cast<char*>(memory.data()) + place.full, dtype_, place.rows, place.cols, place.cols};
}

DequantizeNf4 Nf4Weights::made(const Place& place) const {
  return {{place.rows, place.cols, at<const std::uint8_t>(place.codes), at<const std::uint8_t>(place.absmax),
           at<const float>(place.nested), at<const float>(place.table), place.offset},
          full(place)};
}

void Nf4Weights::clear(std::int64_t layer) {
  for (std::int64_t other = layer % turns(); other < std::ssize(layout_.of_layer); other += turns()) {
    for (const std::size_t index : layout_.of_layer[static_cast<std::size_t>(other)]) {
      layout_.places[index].is_full = false;
    }
  }
}

void Nf4Weights::turn_to(std::int64_t layer) {
  if (ahead_ >= 0) backend_.await_dequantized();
  if (layer != ahead_) clear(layer);
  layer_ = layer;
  ahead_ = -1;
  const bool on_the_way = std::min(first_, last_) <= layer && layer <= std::max(first_, last_);
  if (turns() == 1 || !on_the_way || layer == last_ || last_ < 0) return;
  ahead_ = layer + (last_ > first_ ? 1 : -1);
  clear(ahead_);
  for (const std::size_t index : layout_.of_layer[static_cast<std::size_t>(ahead_)]) {
    backend_.begin_dequantize_nf4(made(layout_.places[index]));
    layout_.places[index].is_full = true;
  }
}

TensorView Nf4Weights::value(std::size_t index) {
  Place& place = layout_.places[index];
  if (layer_ != place.layer) turn_to(place.layer);
  if (!place.is_full) {
    backend_.dequantize_nf4(made(place));
    place.is_full = true;
  }
  return full(place);
}

}  // namespace vernier
