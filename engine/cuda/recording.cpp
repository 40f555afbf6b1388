#include "engine/cuda/recording.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "engine/cuda/errors.h"
#include "engine/cuda/fetch.h"

namespace vernier::cuda {
namespace {

std::size_t whole(std::size_t bytes) {
  return (bytes + 255) / 256 * 256;
}

}  // namespace

const void* RecordedArrays::input(const void* host, std::size_t bytes) {
  // While they are counted the arrays lie at addresses that only have the right alignment.
  const auto base = device_.data() != nullptr ? reinterpret_cast<std::uintptr_t>(device_.data()) : std::uintptr_t{256};
  for (const Array& array : inputs_) {
    if (array.host == host && array.bytes == bytes) return reinterpret_cast<const void*>(base + array.offset);
  }
  inputs_.push_back({host, bytes, input_bytes_});
  input_bytes_ += whole(bytes);
  return reinterpret_cast<const void*>(base + inputs_.back().offset);
}

void RecordedArrays::output(void* host, const void* device, std::size_t bytes, cudaStream_t stream) {
  outputs_.push_back({host, bytes, output_bytes_});
  output_bytes_ += whole(bytes);
  if (pinned_.data() == nullptr) return;
  write_to_host(pinned_.data() + pinned_inputs_ + outputs_.back().offset, device, bytes, stream);
}

void RecordedArrays::allocate() {
  device_ = DeviceBlock(std::max<std::size_t>(input_bytes_, 256));
  pinned_inputs_ = input_bytes_;
  pinned_ = PinnedBlock(std::max<std::size_t>(input_bytes_ + output_bytes_, 256));
  inputs_.clear();
  outputs_.clear();
  input_bytes_ = output_bytes_ = 0;
}

void RecordedArrays::bring_in(cudaStream_t stream) {
  for (const Array& array : inputs_) std::memcpy(pinned_.data() + array.offset, array.host, array.bytes);
  if (input_bytes_ == 0) return;
  check(cudaMemcpyAsync(device_.data(), pinned_.data(), input_bytes_, cudaMemcpyHostToDevice, stream), "upload");
}

void RecordedArrays::put_out() {
  for (const Array& array : outputs_) {
    std::memcpy(const_cast<void*>(array.host), pinned_.data() + pinned_inputs_ + array.offset, array.bytes);
  }
}

CudaRecording::CudaRecording(cudaStream_t stream, std::shared_ptr<const Usage> usage, std::shared_ptr<List> running,
                             RecordedArrays*& arrays, const std::function<void()>& work)
    : usage_(std::move(usage)), running_(std::move(running)) {
  arrays = &arrays_;
  cudaGraph_t graph = nullptr;
  try {
    capture(stream, work, graph);
    cudaGraphDestroy(graph);
    graph = nullptr;
    arrays_.allocate();
    capture(stream, work, graph);
    check(cudaGraphInstantiate(&graph_, graph, 0), "cudaGraphInstantiate");
  } catch (...) {
    arrays = nullptr;
    if (graph != nullptr) cudaGraphDestroy(graph);
    throw;
  }
  arrays = nullptr;
  cudaGraphDestroy(graph);
  given_back_ = usage_->given_back;
  check(cudaGraphUpload(graph_, stream), "cudaGraphUpload");
}

CudaRecording::~CudaRecording() {
  std::erase(*running_, this);
  if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
}

void CudaRecording::capture(cudaStream_t stream, const std::function<void()>& work, cudaGraph_t& graph) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  try {
    work();
  } catch (...) {
    cudaStreamEndCapture(stream, &graph);  // the stream must be usable again
    cudaGetLastError();
    throw;
  }
  check(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture");
}

bool CudaRecording::run(cudaStream_t stream) {
  if (usage_->given_back != given_back_) return false;
  if (std::find(running_->begin(), running_->end(), this) != running_->end()) {
    check(cudaStreamSynchronize(stream), "synchronize");  // what it told last time has not been taken yet
    finish();
  } else {
    running_->push_back(this);
  }
  arrays_.bring_in(stream);
  check(cudaGraphLaunch(graph_, stream), "cudaGraphLaunch");
  return true;
}

void CudaRecording::finish() {
  arrays_.put_out();
}

}  // namespace vernier::cuda
