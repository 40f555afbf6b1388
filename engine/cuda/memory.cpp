#include "engine/cuda/memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/core/host_memory.h"
#include "engine/cuda/errors.h"
#include "engine/cuda/recording.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

constexpr std::size_t kSmallestSegment = std::size_t{1} << 20;
constexpr std::size_t kRemembered = 32;  // arrays that a new one is compared with

constexpr std::size_t kHugePage = std::size_t{2} << 20, kSmallPage = std::size_t{4} << 10;
constexpr std::size_t kMappedFrom = 16 * kHugePage;

}  // namespace

DeviceBlock::DeviceBlock(std::size_t bytes, std::shared_ptr<Usage> usage) : bytes_(bytes), usage_(std::move(usage)) {
  const cudaError_t status = cudaMalloc(&data_, std::max<std::size_t>(bytes, 1));
  if (status == cudaErrorMemoryAllocation) fail_out_of_memory(bytes);
  check(status, "cudaMalloc");
  if (usage_) usage_->add(bytes_);
}

DeviceBlock::DeviceBlock(DeviceBlock&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      usage_(std::move(other.usage_)) {}

DeviceBlock& DeviceBlock::operator=(DeviceBlock&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(usage_, other.usage_);
  return *this;
}

void DeviceBlock::reset() {
  if (data_ == nullptr) return;
  cudaFree(data_);  // waits for the device; on a lost device nothing is left to free
  if (usage_) {
    usage_->now -= bytes_;
    ++usage_->given_back;
  }
  data_ = nullptr;
  bytes_ = 0;
}

PinnedBlock::PinnedBlock(std::size_t bytes) : bytes_(bytes) {
  const auto refuse = [&] {
    const std::uint64_t free = free_host_bytes();
    Error error(
        ErrorCode::kOutOfMemory,
        "[memory] pinned memory of the host: got a request for " + std::to_string(bytes) + " bytes, expected at most " +
            std::to_string(free) +
            " that are free. Set recompute to \"layer\", capture logits of fewer rows, or close other programs.");
    error.needed_bytes = bytes;
    error.free_bytes = free;
    throw error;
  };
  if (bytes >= kMappedFrom) {
    // The system promises memory that it does not have, and ends programs that touch it.
    if (bytes > free_host_bytes()) refuse();
    if (map(bytes)) return;
  }
  void* data = nullptr;
  const cudaError_t status =
      cudaHostAlloc(&data, std::max<std::size_t>(bytes, 1), cudaHostAllocMapped | cudaHostAllocPortable);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    refuse();
  }
  check(status, "cudaHostAlloc");
  data_ = static_cast<char*>(data);
}

bool PinnedBlock::map(std::size_t bytes) {
  int device = 0, same_address = 0;
  if (cudaGetDevice(&device) != cudaSuccess ||
      cudaDeviceGetAttribute(&same_address, cudaDevAttrCanUseHostPointerForRegisteredMem, device) != cudaSuccess ||
      same_address == 0) {
    cudaGetLastError();
    return false;
  }
  const std::size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  mapped_bytes_ = whole + kHugePage;
  mapping_ = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    return false;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(mapping_);
  char* const data = reinterpret_cast<char*>((address + kHugePage - 1) / kHugePage * kHugePage);
  madvise(data, whole, MADV_HUGEPAGE);  // a wish
  // A child process would share the pages until one of both writes, and the writer then gets others than the GPU has.
  madvise(data, whole, MADV_DONTFORK);
  const std::size_t pages = whole / kHugePage;
  const std::size_t threads = std::min<std::size_t>({pages, std::thread::hardware_concurrency(), 16});
  {
    std::vector<std::jthread> touching;
    const auto touch = [=](std::size_t i) {
      const std::size_t first = pages * i / threads * kHugePage, end = pages * (i + 1) / threads * kHugePage;
      for (std::size_t at = first; at < end; at += kSmallPage) static_cast<volatile char*>(data)[at] = 0;
    };
    try {
      for (std::size_t i = 0; i < threads; ++i) touching.emplace_back(touch, i);
    } catch (const std::system_error&) {
      // No more threads are to be had: the driver touches the rest.
    }
  }
  if (cudaHostRegister(data, whole, cudaHostRegisterMapped | cudaHostRegisterPortable) != cudaSuccess) {
    cudaGetLastError();
    munmap(std::exchange(mapping_, nullptr), mapped_bytes_);
    return false;
  }
  data_ = data;
  return true;
}

PinnedBlock::~PinnedBlock() {
  if (mapping_ != nullptr) {
    cudaHostUnregister(data_);
    munmap(mapping_, mapped_bytes_);
  } else if (data_ != nullptr) {
    cudaFreeHost(data_);
  }
}

PinnedBlock::PinnedBlock(PinnedBlock&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_bytes_(std::exchange(other.mapped_bytes_, 0)) {}

PinnedBlock& PinnedBlock::operator=(PinnedBlock&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  return *this;
}

void* Scratch::get(std::size_t bytes) {
  if (bytes > block_.bytes() || block_.data() == nullptr) {
    check(cudaStreamSynchronize(stream_), "scratch");
    block_.reset();  // the old contents are not needed, so the peak is the new size alone
    block_ = DeviceBlock(bytes, usage_);
  }
  return block_.data();
}

UploadRing::~UploadRing() {
  for (cudaEvent_t event : copied_) {
    if (event != nullptr) cudaEventDestroy(event);
  }
}

void UploadRing::reserve(std::size_t bytes) {
  if (bytes <= segment_bytes_) return;
  std::size_t segment = kSmallestSegment;
  while (segment < bytes) segment *= 2;
  DeviceBlock device(segment * kSegments);
  PinnedBlock pinned(segment * kSegments);
  for (cudaEvent_t& event : copied_) {
    if (event == nullptr) check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreate");
  }
  check(cudaStreamSynchronize(stream_), "upload");  // nothing reads the old one any more
  // An operation may still hold an array that it handed over before this one.
  if (device_.data() != nullptr) retired_.push_back(std::move(device_));
  device_ = std::move(device);
  pinned_ = std::move(pinned);
  sent_.clear();
  sent_.reserve(kRemembered);
  segment_bytes_ = segment;
  segment_ = 0;
  used_ = 0;
}

void UploadRing::enter(std::size_t segment) {
  check(cudaEventRecord(copied_[segment_], stream_), "cudaEventRecord");
  segment_ = segment;
  used_ = 0;
  // An event that was never recorded counts as reached.
  check(cudaEventSynchronize(copied_[segment]), "upload");
  std::erase_if(sent_, [&](const Sent& s) { return s.offset / segment_bytes_ == segment; });
}

const void* UploadRing::upload_bytes(const void* host, std::size_t bytes) {
  if (bytes == 0) return nullptr;
  if (recorded != nullptr) return recorded->input(host, bytes);
  char* device = static_cast<char*>(device_.data());
  for (const Sent& s : sent_) {
    if (s.bytes == bytes && std::memcmp(pinned_.data() + s.offset, host, bytes) == 0) return device + s.offset;
  }
  const std::size_t whole = (bytes + 255) / 256 * 256;
  reserve(whole);
  if (used_ + whole > segment_bytes_) enter((segment_ + 1) % kSegments);
  const std::size_t offset = segment_ * segment_bytes_ + used_;
  used_ += whole;
  std::memcpy(pinned_.data() + offset, host, bytes);
  device = static_cast<char*>(device_.data());
  check(cudaMemcpyAsync(device + offset, pinned_.data() + offset, bytes, cudaMemcpyHostToDevice, stream_), "upload");
  if (sent_.size() == kRemembered) sent_.erase(sent_.begin());
  sent_.push_back({offset, bytes});
  return device + offset;
}

}  // namespace vernier::cuda
