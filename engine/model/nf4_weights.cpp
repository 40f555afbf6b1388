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
  forget();
}

TensorView Nf4Weights::value(std::size_t index) {
  Place& place = layout_.places[index];
  if (layer_ != place.layer) {
    for (Place& other : layout_.places) other.is_full = false;
    layer_ = place.layer;
  }
  const TensorView full(static_cast<char*>(full_->data()) + place.full, dtype_, place.rows, place.cols, place.cols);
  if (!place.is_full) {
    backend_.dequantize_nf4(
        {{place.rows, place.cols, at<const std::uint8_t>(place.codes), at<const std::uint8_t>(place.absmax),
          at<const float>(place.nested), at<const float>(place.table), place.offset},
         full});
    place.is_full = true;
  }
  return full;
}

}  // namespace vernier
