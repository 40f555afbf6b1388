// Operations kept as a CUDA graph, and the host arrays they read and fill.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "engine/cuda/memory.h"
#include "engine/ops/backend.h"

namespace vernier::cuda {

// Where the host arrays of recorded operations lie on the device, and in pinned memory on their way. Operations are
// called twice: once to count the arrays, when addresses are made up, and once for good.
class RecordedArrays {
 public:
  RecordedArrays() = default;
  RecordedArrays(const RecordedArrays&) = delete;
  RecordedArrays& operator=(const RecordedArrays&) = delete;

  // The device's copy of a host array, which fetch() will renew. One array handed over twice is one.
  const void* input(const void* host, std::size_t bytes);
  // Queues the writing of device memory that put_out() will hand to a host array; whole words.
  void output(void* host, const void* device, std::size_t bytes, cudaStream_t stream);
  // Makes room for what was counted and begins anew.
  void allocate();

  // Brings the inputs as they are now to the device.
  void bring_in(cudaStream_t stream);
  // After the work is done.
  void put_out();

 private:
  struct Array {
    const void* host;
    std::size_t bytes, offset;
  };
  std::vector<Array> inputs_, outputs_;
  std::size_t input_bytes_ = 0, output_bytes_ = 0;
  DeviceBlock device_;
  PinnedBlock pinned_;  // inputs, then outputs
  std::size_t pinned_inputs_ = 0;
};

class CudaRecording : public Recording {
 public:
  using List = std::vector<CudaRecording*>;

  // Calls `work` twice while the stream captures; `arrays` is where operations find the arrays meanwhile. running: the
  // recordings that have been run and not finished.
  CudaRecording(cudaStream_t stream, std::shared_ptr<const Usage> usage, std::shared_ptr<List> running,
                RecordedArrays*& arrays, const std::function<void()>& work);
  ~CudaRecording() override;

  // False where memory has been given back since.
  bool run(cudaStream_t stream);
  // After the stream was waited for.
  void finish();

  long long operations = 0;  // in it, for whoever counts them

 private:
  void capture(cudaStream_t stream, const std::function<void()>& work, cudaGraph_t& graph);

  RecordedArrays arrays_;
  cudaGraphExec_t graph_ = nullptr;
  std::shared_ptr<const Usage> usage_;
  std::size_t given_back_ = 0;  // of the usage, when it was recorded
  std::shared_ptr<List> running_;
};

}  // namespace vernier::cuda
