#include "engine/cuda/fetch.h"

#include <algorithm>
#include <utility>

#include "engine/cuda/errors.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

// Of one copy, so that copies of other streams may come between two.
constexpr std::size_t kPiece = std::size_t{8} << 20;

cudaEvent_t make_event(unsigned flags) {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, flags), "cudaEventCreate");
  return event;
}

}  // namespace

CudaFetch::CudaFetch(int device, cudaStream_t stream)
    : device_(device),
      stream_(stream),
      begun_(make_event(cudaEventDefault)),
      made_(make_event(cudaEventDefault)),
      there_(make_event(cudaEventDisableTiming | cudaEventBlockingSync)) {
  check(cudaEventRecord(begun_, stream_), "fetch");
}

CudaFetch::~CudaFetch() {
  for (cudaEvent_t event : {begun_, made_, there_}) cudaEventDestroy(event);
}

void CudaFetch::made() {
  check(cudaEventRecord(made_, stream_), "fetch");
}

void CudaFetch::send(void* host, const void* device, std::size_t bytes, cudaStream_t copying) {
  check(cudaStreamWaitEvent(copying, made_), "fetch");
  for (std::size_t at = 0; at < bytes; at += kPiece) {
    check(cudaMemcpyAsync(static_cast<char*>(host) + at, static_cast<const char*>(device) + at,
                          std::min(kPiece, bytes - at), cudaMemcpyDeviceToHost, copying),
          "fetch");
  }
  check(cudaEventRecord(there_, copying), "fetch");
}

void CudaFetch::wait() {
  check(cudaSetDevice(device_), "cudaSetDevice");
  check(cudaEventSynchronize(there_), "fetch");
}

double CudaFetch::device_milliseconds() {
  float milliseconds = 0.0f;
  check(cudaEventElapsedTime(&milliseconds, begun_, made_), "fetch");
  return milliseconds;
}

SideWork::SideWork() : given_(make_event(cudaEventDisableTiming)) {
  for (cudaEvent_t& event : done_) event = make_event(cudaEventDisableTiming);
  check(cudaStreamCreateWithFlags(&side_, cudaStreamNonBlocking), "cudaStreamCreate");
}

SideWork::~SideWork() {
  cudaStreamSynchronize(side_);
  cudaEventDestroy(given_);
  for (cudaEvent_t event : done_) cudaEventDestroy(event);
  cudaStreamDestroy(side_);
}

cudaStream_t SideWork::begin(cudaStream_t stream) {
  check(cudaEventRecord(given_, stream), "side work");
  check(cudaStreamWaitEvent(side_, given_), "side work");
  return side_;
}

void SideWork::end() {
  std::rotate(done_.begin(), done_.end() - 1, done_.end());
  check(cudaEventRecord(done_.front(), side_), "side work");
}

void SideWork::copy(void* to, const void* from, std::size_t bytes, cudaStream_t stream) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, begin(stream)), "copy");
  end();
}

void SideWork::await(int under_way, cudaStream_t stream) {
  // An event that was never recorded counts as reached.
  check(cudaStreamWaitEvent(stream, done_[static_cast<std::size_t>(under_way)]), "side work");
}

Staging::Staging(std::shared_ptr<Usage> usage) : usage_(std::move(usage)) {
  check(cudaStreamCreateWithFlags(&copying_, cudaStreamNonBlocking), "cudaStreamCreate");
  copied_ = make_event(cudaEventDisableTiming);
}

Staging::~Staging() {
  cudaStreamSynchronize(copying_);
  cudaEventDestroy(copied_);
  cudaStreamDestroy(copying_);
}

bool Staging::reserve(std::size_t bytes) {
  if (bytes <= block_.bytes()) return true;
  check(cudaStreamSynchronize(copying_), "fetch");
  block_.reset();
  try {
    block_ = DeviceBlock(bytes, usage_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kOutOfMemory) throw;
    return false;
  }
  return true;
}

void Staging::wait_for_copy(cudaStream_t stream) {
  // An event that was never recorded counts as reached.
  check(cudaStreamWaitEvent(stream, copied_), "fetch");
}

void Staging::send(CudaFetch& fetch, void* host, std::size_t bytes) {
  fetch.send(host, block_.data(), bytes, copying_);
  check(cudaEventRecord(copied_, copying_), "fetch");
}

}  // namespace vernier::cuda
