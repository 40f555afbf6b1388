// Which keys a query sees, and where in the batch a block of threads works.
#pragma once

#include <cstdint>

#include "engine/cuda/attention_kernels.cuh"

namespace vernier::cuda {

// The mask of one sequence: query i sees keys first_key(i) <= j < end_key(i), by the rule of backend.h.
struct Sight {
  int queries, keys;
  int shift;   // keys - queries: where query 0 stands among the keys
  int window;  // 0: none
  bool causal;

  __device__ int first_key(int query) const { return window > 0 ? max(0, query + shift - window + 1) : 0; }
  __device__ int end_key(int query) const { return causal ? min(keys, query + shift + 1) : keys; }
  __device__ int first_query(int key) const { return causal ? max(0, key - shift) : 0; }
  __device__ int end_query(int key) const {
    return key >= keys ? 0 : window > 0 ? min(queries, key - shift + window) : queries;
  }
  // Whether each of the queries [q, q + nq) sees all of the keys [k, k + nk), so that nothing need be masked.
  __device__ bool all_seen(int q, int nq, int k, int nk) const {
    return k >= first_key(q + nq - 1) && k + nk <= end_key(q);
  }
  __device__ bool sees(int query, int key) const { return key >= first_key(query) && key < end_key(query); }
};

// The part of a block of threads in the grid: tiles last to first or first to last, so that those with most work begin
// early, heads next to the ones that share their keys.
struct Place {
  int tile, sequence, head;
};

__device__ __forceinline__ Place place_of(const AttentionParams& p, int heads) {
  const int rest = blockIdx.x / heads;
  return {rest / p.sequences, rest % p.sequences, static_cast<int>(blockIdx.x) % heads};
}

__device__ __forceinline__ Sight sight_of(const AttentionParams& p, int sequence) {
  Sight sight;
  sight.queries = p.cu_q[sequence + 1] - p.cu_q[sequence];
  sight.keys = p.cu_k[sequence + 1] - p.cu_k[sequence];
  sight.shift = sight.keys - sight.queries;
  sight.window = p.window;
  sight.causal = p.causal;
  return sight;
}

}  // namespace vernier::cuda
