// A graph of cuDNN's operations, and the plan that runs it. Making one queues nothing on the device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/cuda/cudnn.h"

namespace vernier::cuda {

// A call that cuDNN refused: its name, the status and what the library says of it.
class CudnnRefusal : public std::runtime_error {
 public:
  CudnnRefusal(const Cudnn& library, const std::string& call, CudnnStatus status);
};

void check_cudnn(const Cudnn& library, CudnnStatus status, const std::string& call);

class CudnnObjectOwner {
 public:
  CudnnObjectOwner(const Cudnn& library, CudnnDescriptor kind);
  ~CudnnObjectOwner();
  CudnnObjectOwner(CudnnObjectOwner&& other) noexcept
      : library_(other.library_), object_(std::exchange(other.object_, nullptr)) {}
  CudnnObjectOwner& operator=(CudnnObjectOwner&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  CudnnObject get() const { return object_; }
  void set(CudnnAttribute attribute, CudnnType type, std::int64_t count, const void* values, const char* what);
  template <typename T>
  void set(CudnnAttribute attribute, CudnnType type, const T& value, const char* what) {
    set(attribute, type, 1, &value, what);
  }
  void finalize(const char* what);

 private:
  const Cudnn* library_;
  CudnnObject object_ = nullptr;
};

// Runs a graph on memory.
class CudnnPlan {
 public:
  // plan: made of `config` and final.
  CudnnPlan(const Cudnn& library, CudnnObjectOwner config, CudnnObjectOwner plan);
  std::size_t workspace_bytes() const { return workspace_bytes_; }
  // One address for each of the graph's tensors that have memory; those of scalars are the host's, read at once.
  void run(CudnnHandle handle, std::span<const std::pair<std::int64_t, void*>> memory, void* workspace) const;

 private:
  const Cudnn& library_;
  CudnnObjectOwner config_, plan_;
  std::size_t workspace_bytes_ = 0;
};

using CudnnSizes = std::array<std::int64_t, 4>;

// One that a graph owns, or none.
struct CudnnTensor {
  CudnnObject object = nullptr;
  CudnnSizes sizes{};
};

class CudnnGraph {
 public:
  using Sizes = CudnnSizes;
  using Tensor = CudnnTensor;

  explicit CudnnGraph(const Cudnn& library) : library_(library) {}

  // Tensors with memory, known by `id`. With `offsets` [sizes[0] + 1] the entries of the first axis begin there,
  // counted in elements.
  Tensor tensor(std::int64_t id, CudnnData type, const Sizes& sizes, const Sizes& strides, const Tensor& offsets = {});
  // A float in the host's memory.
  Tensor scalar(std::int64_t id);

  // Their results exist within the graph alone, but where `to` says where they go.
  Tensor matmul(const Tensor& a, const Tensor& b, const Tensor& m, const Tensor& n, const Tensor& k,
                const Tensor& to = {});
  Tensor pointwise(CudnnPointwiseMode mode, CudnnData precision, CudnnData result, const Tensor& x,
                   const Tensor& b = {}, const Tensor& t = {}, const Tensor& to = {});
  // The places of x along `axis`.
  Tensor index(CudnnData precision, const Tensor& x, std::int64_t axis);
  // Over the last axis.
  Tensor reduce(CudnnReductionMode mode, const Tensor& x);

  // The library's first choice among the plans that need no more workspace. Throws std::runtime_error where there is
  // none.
  CudnnPlan plan(CudnnHandle handle, std::size_t most_workspace_bytes);

 private:
  Tensor make_tensor(std::int64_t id, CudnnData type, const Sizes& sizes, const Sizes& strides, const Tensor& offsets,
                     bool is_virtual, bool is_by_value);
  Tensor within(CudnnData type, const Sizes& sizes);
  CudnnObjectOwner& keep(CudnnDescriptor kind);
  void add_operation(CudnnObjectOwner& operation, const char* what);
  Tensor pointwise_along(CudnnPointwiseMode mode, CudnnData precision, CudnnData result, const Tensor& x,
                         const Tensor& b, const Tensor& t, const Tensor& to, std::optional<std::int64_t> axis);

  const Cudnn& library_;
  std::vector<std::unique_ptr<CudnnObjectOwner>> kept_;
  std::vector<CudnnObject> operations_;
  std::int64_t next_id_ = 1000;  // of tensors without memory
};

}  // namespace vernier::cuda
