#include "engine/model/kv_cache.h"

namespace vernier {

KvCache::KvCache(Backend& backend, const ModelConfig& config, std::int64_t capacity)
    : backend_(backend),
      capacity_(capacity),
      rows_(capacity + 1),  // one more, for a path whose mask is dropped on purpose
      layers_(config.num_layers),
      width_(config.num_kv_heads * config.head_dim),
      memory_(backend.allocate(static_cast<std::size_t>(2 * layers_ * rows_ * width_) * sizeof(float))) {
  clear();
}

void KvCache::clear() {
  backend_.zero(TensorView(static_cast<float*>(memory_->data()), 2 * layers_ * rows_, width_));
  length_ = 0;
}

TensorView KvCache::part(std::int64_t index, std::int64_t first, std::int64_t count) const {
  float* base = static_cast<float*>(memory_->data());
  return {base + (index * rows_ + first) * width_, count, width_};
}

TensorView KvCache::keys(std::int64_t layer, std::int64_t first, std::int64_t count) const {
  return part(2 * layer, first, count);
}

TensorView KvCache::values(std::int64_t layer, std::int64_t first, std::int64_t count) const {
  return part(2 * layer + 1, first, count);
}

}  // namespace vernier
