// The model families that the decoder computes, and what Transformers' configuration classes take for keys that a
// config.json leaves out.
#pragma once

#include <cstdint>
#include <string>

namespace vernier {

// 0: no default; the file must say, unless noted otherwise.
struct Family {
  const char* name;
  std::int64_t num_kv_heads = 0;  // 0: as many as heads
  std::int64_t head_dim = 0;      // 0: hidden_size / num_heads
  std::int64_t max_position_embeddings = 2048;
  double rms_norm_eps = 1e-6;
  bool tie_word_embeddings = false;
  std::int64_t bos = -1;
  std::int64_t eos = -1;
  std::int64_t pad = -1;
};

// Throws Error{kUnsupported} that lists what is supported; `place` stands in its message.
const Family& find_family(const std::string& model_type, const std::string& place);

}  // namespace vernier
