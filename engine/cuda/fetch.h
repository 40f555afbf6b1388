// Results on their way to host memory, on a stream of their own.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstddef>
#include <memory>

#include "engine/cuda/memory.h"
#include "engine/ops/backend.h"

namespace vernier::cuda {

// Queues a kernel that writes `bytes`, whole words, to pinned memory. The device copies to the host with one engine, so
// that a copy of a few losses waits for what copies of captured logits have queued before it; a kernel does not.
void write_to_host(void* host, const void* device, std::size_t bytes, cudaStream_t stream);

class CudaFetch : public Fetch {
 public:
  // stream: of the operations that make the results, which begin now.
  CudaFetch(int device, cudaStream_t stream);
  ~CudaFetch() override;
  CudaFetch(const CudaFetch&) = delete;
  CudaFetch& operator=(const CudaFetch&) = delete;

  // The results are made.
  void made();
  // Queues their copy behind them.
  void send(void* host, const void* device, std::size_t bytes, cudaStream_t copying);

  void wait() override;
  double device_milliseconds() override;

 private:
  int device_;
  cudaStream_t stream_;
  cudaEvent_t begun_ = nullptr, made_ = nullptr, there_ = nullptr;
};

// Work beside the operations, in its own order.
class SideWork {
 public:
  SideWork();
  ~SideWork();
  SideWork(const SideWork&) = delete;
  SideWork& operator=(const SideWork&) = delete;

  // The stream for a piece of work, which runs behind what `stream` was given so far; ended by end().
  cudaStream_t begin(cudaStream_t stream);
  void end();
  void copy(void* to, const void* from, std::size_t bytes, cudaStream_t stream);
  // What `stream` is given next runs behind all pieces but the latest `under_way`.
  void await(int under_way, cudaStream_t stream);

 private:
  cudaStream_t side_ = nullptr;
  cudaEvent_t given_ = nullptr;
  std::array<cudaEvent_t, Backend::kCopiesUnderWay + 1> done_ = {};  // the latest first
};

// Where they lie on the device until they are copied; one at a time.
class Staging {
 public:
  explicit Staging(std::shared_ptr<Usage> usage);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // Room for `bytes`; false where the device has no more.
  bool reserve(std::size_t bytes);
  void* data() const { return block_.data(); }
  std::size_t bytes() const { return block_.bytes(); }

  // What `stream` is given next runs after the latest copy.
  void wait_for_copy(cudaStream_t stream);
  void send(CudaFetch& fetch, void* host, std::size_t bytes);

 private:
  std::shared_ptr<Usage> usage_;
  DeviceBlock block_;
  cudaStream_t copying_ = nullptr;
  cudaEvent_t copied_ = nullptr;
};

}  // namespace vernier::cuda
