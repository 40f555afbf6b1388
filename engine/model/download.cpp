#include "engine/model/download.h"

#include <algorithm>

#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace vernier {

void download_f32(Backend& backend, const ConstTensorView& from, float* host) {
  if (!from.contiguous()) fail(ErrorCode::kInternal, "download", "expected rows without gaps.");
  if (from.dtype == DType::kF32) {
    backend.download(host, from.data, static_cast<std::size_t>(from.size()) * sizeof(float));
    return;
  }
  constexpr std::int64_t kPiece = 1 << 22;  // values at a time
  std::vector<std::byte> bits;
  const auto unit = static_cast<std::int64_t>(size_of(from.dtype));
  for (std::int64_t first = 0; first < from.size(); first += kPiece) {
    const std::int64_t count = std::min(kPiece, from.size() - first);
    bits.resize(static_cast<std::size_t>(count * unit));
    backend.download(bits.data(), static_cast<const char*>(from.data) + first * unit, bits.size());
    convert_to_f32(TensorInfo{"", from.dtype, {count}, bits}, host + first);
  }
}

std::vector<float> download_f32(Backend& backend, const ConstTensorView& from) {
  std::vector<float> host(static_cast<std::size_t>(from.size()));
  download_f32(backend, from, host.data());
  return host;
}

}  // namespace vernier
