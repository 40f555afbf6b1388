#include "engine/cuda/context.h"

#include <algorithm>
#include <string>

#include "engine/cuda/errors.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

int made_current(int device) {
  const cudaError_t status = cudaSetDevice(device);
  if (status != cudaSuccess) {
    cudaGetLastError();
    fail(ErrorCode::kUnsupported, "device",
         "cuda:" + std::to_string(device) + ": got " + cudaGetErrorString(status) + ", expected a usable GPU.");
  }
  return device;
}

int attribute(cudaDeviceAttr which, int device) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, device), "cudaDeviceGetAttribute");
  return value;
}

}  // namespace

Stream::Stream() {
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
}

Stream::~Stream() {
  cudaStreamDestroy(stream_);
}

CudaContext::CudaContext(int device, const std::shared_ptr<Usage>& usage)
    : device_(made_current(device)),
      multiprocessors_(attribute(cudaDevAttrMultiProcessorCount, device)),
      shared_bytes_per_block_(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device)),
      usage_(usage),
      stream(stream_owner_.get()),
      scratch(stream, usage),
      ring(stream),
      gemms(stream, usage),
      staging(usage) {}

void CudaContext::use() const {
  check(cudaSetDevice(device_), "cudaSetDevice");
}

void CudaContext::synchronize() {
  check(cudaStreamSynchronize(stream), "synchronize");
  for (CudaRecording* recording : *running_) recording->finish();
  running_->clear();
}

std::unique_ptr<CudaRecording> CudaContext::record(const std::function<void()>& work) {
  return std::make_unique<CudaRecording>(stream, usage_, running_, ring.recorded, work);
}

void CudaContext::download(void* host, const void* device, std::size_t bytes) {
  if (bytes == 0) return;
  check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDefault, stream), "download");
  synchronize();
}

const void* CudaContext::tell(const void* device, std::size_t bytes) {
  if (bytes > told_.bytes()) told_ = PinnedBlock(std::max(2 * told_.bytes(), bytes));
  write_to_host(told_.data(), device, bytes, stream);
  synchronize();
  return told_.data();
}

}  // namespace vernier::cuda
