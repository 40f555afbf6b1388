// What every CUDA operation is handed: one stream, memory of its own, cuBLASLt.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/cuda/fetch.h"
#include "engine/cuda/gemm.h"
#include "engine/cuda/memory.h"
#include "engine/cuda/recording.h"

namespace vernier::cuda {

// A stream on the current device.
class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

class CudaContext {
 public:
  // Throws Error{kUnsupported} where the device or cuBLASLt cannot be used.
  // usage: counts the memory that operations take for themselves.
  CudaContext(int device, const std::shared_ptr<Usage>& usage);

  // Makes the device the calling thread's; every operation starts with it.
  void use() const;
  int device() const { return device_; }
  int multiprocessors() const { return multiprocessors_; }
  // Of dynamic shared memory that one block may have.
  int shared_bytes_per_block() const { return shared_bytes_per_block_; }
  // Waits for all queued work; what recordings tell is in its place then.
  void synchronize();
  // To host memory; complete on return.
  void download(void* host, const void* device, std::size_t bytes);
  // The same for small results, whole words, which wait for no copy: where they lie until the next call.
  const void* tell(const void* device, std::size_t bytes);
  // Whether operations are being recorded: they queue nothing now.
  bool recording() const { return ring.recorded != nullptr; }
  std::unique_ptr<CudaRecording> record(const std::function<void()>& work);

 private:
  int device_;
  int multiprocessors_ = 0;
  int shared_bytes_per_block_ = 0;
  Stream stream_owner_;
  std::shared_ptr<Usage> usage_;
  std::shared_ptr<CudaRecording::List> running_ = std::make_shared<CudaRecording::List>();
  PinnedBlock told_;

 public:
  const cudaStream_t stream;
  Scratch scratch;
  UploadRing ring;
  GemmEngine gemms;
  Staging staging;
  SideWork side_copies, side_kernels;
  // Host memory of the embedding's backward pass, kept so that a step allocates nothing.
  std::vector<std::int32_t> sorted_tokens, run_starts;
};

}  // namespace vernier::cuda
