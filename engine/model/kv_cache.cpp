#include "engine/model/kv_cache.h"

namespace vernier {

KvCache::KvCache(Backend& backend, const ModelConfig& config, std::int64_t capacity, DType dtype)
    : backend_(backend),
      dtype_(dtype),
      capacity_(capacity),
      rows_(capacity + 1),  // one more, for a path whose mask is dropped on purpose
      layers_(config.num_layers),
      width_(config.num_kv_heads * config.head_dim),
      memory_(backend.allocate(static_cast<std::size_t>(2 * layers_ * rows_ * width_) * size_of(dtype))) {
  clear();
}

void KvCache::clear() {
  backend_.zero(TensorView(memory_->data(), dtype_, 2 * layers_ * rows_, width_, width_));
  length_ = 0;
}

TensorView KvCache::part(std::int64_t index, std::int64_t first, std::int64_t count) const {
  const TensorView whole(memory_->data(), dtype_, 2 * layers_ * rows_, width_, width_);
  return whole.row_range(index * rows_ + first, count);
}

TensorView KvCache::keys(std::int64_t layer, std::int64_t first, std::int64_t count) const {
  return part(2 * layer, first, count);
}

TensorView KvCache::values(std::int64_t layer, std::int64_t first, std::int64_t count) const {
  return part(2 * layer + 1, first, count);
}

}  // namespace vernier
