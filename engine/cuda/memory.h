// Device memory that is counted, and the ways to and from it.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace vernier::cuda {

// Bytes that are alive and the most there have been.
struct Usage {
  std::size_t now = 0;
  std::size_t peak = 0;
  std::size_t given_back = 0;  // blocks so far

  void add(std::size_t bytes) {
    now += bytes;
    peak = std::max(peak, now);
  }
};

// A block of device memory, counted where there is a usage. Throws Error{kOutOfMemory}. The device must be current.
class DeviceBlock {
 public:
  DeviceBlock() = default;
  explicit DeviceBlock(std::size_t bytes, std::shared_ptr<Usage> usage = nullptr);
  ~DeviceBlock() { reset(); }
  DeviceBlock(DeviceBlock&& other) noexcept;
  DeviceBlock& operator=(DeviceBlock&& other) noexcept;

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  void reset();

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
  std::shared_ptr<Usage> usage_;
};

// Pinned memory of the host, which kernels find under the same address. Throws Error{kOutOfMemory}.
class PinnedBlock {
 public:
  PinnedBlock() = default;
  explicit PinnedBlock(std::size_t bytes);
  ~PinnedBlock();
  PinnedBlock(PinnedBlock&& other) noexcept;
  PinnedBlock& operator=(PinnedBlock&& other) noexcept;

  char* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  // Large blocks: of huge pages that several threads have touched, which the driver then pins. False where it can not.
  bool map(std::size_t bytes);

  char* data_ = nullptr;
  std::size_t bytes_ = 0;
  void* mapping_ = nullptr;  // where data_ lies in one of these
  std::size_t mapped_bytes_ = 0;
};

// Memory for one operation at a time: it asks once for all it needs and divides the block itself. Grows to the largest
// request seen and is then reused.
class Scratch {
 public:
  Scratch(cudaStream_t stream, std::shared_ptr<Usage> usage) : stream_(stream), usage_(std::move(usage)) {}
  // At least `bytes`, not initialised, valid until the next call.
  void* get(std::size_t bytes);
  std::size_t bytes() const { return block_.bytes(); }

 private:
  cudaStream_t stream_;
  std::shared_ptr<Usage> usage_;
  DeviceBlock block_;
};

// Divides a scratch block; sizes are first added up, then the same calls hand out the parts.
//   ScratchLayout layout;  const auto a = layout.add<float>(n);  layout.place(scratch);  float* p =
//   layout.at<float>(a);
class ScratchLayout {
 public:
  template <typename T>
  std::size_t add(std::int64_t count) {
    return add_bytes(static_cast<std::size_t>(count) * sizeof(T));
  }
  std::size_t add_bytes(std::size_t bytes) {
    const std::size_t offset = size_;
    size_ += (bytes + 255) / 256 * 256;
    return offset;
  }
  void place(Scratch& scratch) { base_ = static_cast<char*>(scratch.get(size_)); }
  template <typename T>
  T* at(std::size_t offset) const {
    return reinterpret_cast<T*>(base_ + offset);
  }

 private:
  std::size_t size_ = 0;
  char* base_ = nullptr;
};

class RecordedArrays;

// Small host arrays (ids, positions, sequence bounds) on their way to the device: copied into pinned memory and from
// there without waiting. An array with the bytes of one sent a little earlier is not sent again, so that every layer
// may hand over the same positions.
class UploadRing {
 public:
  explicit UploadRing(cudaStream_t stream) : stream_(stream) {}
  ~UploadRing();
  UploadRing(const UploadRing&) = delete;
  UploadRing& operator=(const UploadRing&) = delete;

  // Where the array lies on the device for the work that is queued next; nullptr for an empty one.
  template <typename T>
  const T* upload(std::span<const T> values) {
    return static_cast<const T*>(upload_bytes(values.data(), values.size_bytes()));
  }

  // While operations are recorded: where they find their arrays, which this ring does not send then.
  RecordedArrays* recorded = nullptr;

 private:
  static constexpr std::size_t kSegments = 4;
  struct Sent {
    std::size_t offset = 0;
    std::size_t bytes = 0;
  };

  const void* upload_bytes(const void* host, std::size_t bytes);
  void reserve(std::size_t bytes);
  void enter(std::size_t segment);

  cudaStream_t stream_;
  DeviceBlock device_;
  std::vector<DeviceBlock> retired_;  // smaller ones
  PinnedBlock pinned_;
  std::size_t segment_bytes_ = 0;
  std::size_t segment_ = 0;
  std::size_t used_ = 0;                         // of the current segment
  std::array<cudaEvent_t, kSegments> copied_{};  // recorded when a segment has been left
  std::vector<Sent> sent_;
};

}  // namespace vernier::cuda
