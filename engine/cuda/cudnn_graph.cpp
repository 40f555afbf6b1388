#include "engine/cuda/cudnn_graph.h"

#include <algorithm>
#include <iterator>

namespace vernier::cuda {
namespace {

constexpr std::int64_t kAlignment = 16;  // bytes

// In brackets; "" where the library has nothing to say.
std::string last_error_of(const Cudnn& library) {
  std::array<char, 1024> detail{};
  library.last_error(detail.data(), detail.size());
  detail.back() = '\0';
  return detail.front() != '\0' ? std::string(" (") + detail.data() + ")" : "";
}

std::string words_of(const Cudnn& library, const std::string& call, CudnnStatus status) {
  return call + ": got " + library.status_name(status) + last_error_of(library);
}

}  // namespace

CudnnRefusal::CudnnRefusal(const Cudnn& library, const std::string& call, CudnnStatus status)
    : std::runtime_error(words_of(library, call, status)) {}

void check_cudnn(const Cudnn& library, CudnnStatus status, const std::string& call) {
  if (status != 0) throw CudnnRefusal(library, call, status);
}

CudnnObjectOwner::CudnnObjectOwner(const Cudnn& library, CudnnDescriptor kind) : library_(&library) {
  check_cudnn(library, library.create_descriptor(kind, &object_),
              "cudnnBackendCreateDescriptor " + std::to_string(kind));
}

CudnnObjectOwner::~CudnnObjectOwner() {
  if (object_ != nullptr) library_->destroy_descriptor(object_);
}

void CudnnObjectOwner::set(CudnnAttribute attribute, CudnnType type, std::int64_t count, const void* values,
                           const char* what) {
  const CudnnStatus status = library_->set_attribute(object_, attribute, type, count, values);
  if (status == 0) return;
  throw CudnnRefusal(*library_, std::string("cudnnBackendSetAttribute ") + std::to_string(attribute) + " of " + what,
                     status);
}

void CudnnObjectOwner::finalize(const char* what) {
  const CudnnStatus status = library_->finalize(object_);
  if (status != 0) throw CudnnRefusal(*library_, std::string("cudnnBackendFinalize ") + what, status);
}

CudnnPlan::CudnnPlan(const Cudnn& library, CudnnObjectOwner config, CudnnObjectOwner plan)
    : library_(library), config_(std::move(config)), plan_(std::move(plan)) {
  std::int64_t bytes = 0, count = 0;
  check_cudnn(library_,
              library_.get_attribute(plan_.get(), kCudnnPlanWorkspaceSize, kCudnnTypeInt64, 1, &count, &bytes),
              "cudnnBackendGetAttribute workspace");
  workspace_bytes_ = static_cast<std::size_t>(bytes);
}

void CudnnPlan::run(CudnnHandle handle, std::span<const std::pair<std::int64_t, void*>> memory, void* workspace) const {
  std::vector<std::int64_t> ids;
  std::vector<void*> addresses;
  for (const auto& [id, address] : memory) {
    ids.push_back(id);
    addresses.push_back(address);
  }
  const auto count = static_cast<std::int64_t>(ids.size());
  CudnnObjectOwner pack(library_, kCudnnVariantPack);
  pack.set(kCudnnVariantPointers, kCudnnTypePointer, count, addresses.data(), "variant pack");
  pack.set(kCudnnVariantUniqueIds, kCudnnTypeInt64, count, ids.data(), "variant pack");
  pack.set(kCudnnVariantWorkspace, kCudnnTypePointer, workspace, "variant pack");
  pack.finalize("variant pack");
  check_cudnn(library_, library_.execute(handle, plan_.get(), pack.get()), "cudnnBackendExecute");
}

CudnnObjectOwner& CudnnGraph::keep(CudnnDescriptor kind) {
  kept_.push_back(std::make_unique<CudnnObjectOwner>(library_, kind));
  return *kept_.back();
}

CudnnGraph::Tensor CudnnGraph::make_tensor(std::int64_t id, CudnnData type, const Sizes& sizes, const Sizes& strides,
                                           const Tensor& offsets, bool is_virtual, bool is_by_value) {
  CudnnObjectOwner& tensor = keep(kCudnnTensor);
  tensor.set(kCudnnTensorDataType, kCudnnTypeDataType, type, "tensor");
  tensor.set(kCudnnTensorDimensions, kCudnnTypeInt64, 4, sizes.data(), "tensor");
  tensor.set(kCudnnTensorStrides, kCudnnTypeInt64, 4, strides.data(), "tensor");
  tensor.set(kCudnnTensorUniqueId, kCudnnTypeInt64, id, "tensor");
  tensor.set(kCudnnTensorAlignment, kCudnnTypeInt64, kAlignment, "tensor");
  if (is_virtual) tensor.set(kCudnnTensorIsVirtual, kCudnnTypeBoolean, is_virtual, "tensor");
  if (is_by_value) tensor.set(kCudnnTensorIsByValue, kCudnnTypeBoolean, is_by_value, "tensor");
  if (offsets.object != nullptr) {
    tensor.set(kCudnnTensorRaggedOffset, kCudnnTypeDescriptor, offsets.object, "tensor");
  }
  tensor.finalize(is_virtual ? "tensor of the graph's own" : "tensor");
  return {tensor.get(), sizes};
}

CudnnGraph::Tensor CudnnGraph::tensor(std::int64_t id, CudnnData type, const Sizes& sizes, const Sizes& strides,
                                      const Tensor& offsets) {
  return make_tensor(id, type, sizes, strides, offsets, false, false);
}

CudnnGraph::Tensor CudnnGraph::scalar(std::int64_t id) {
  return make_tensor(id, kCudnnFloat, {1, 1, 1, 1}, {1, 1, 1, 1}, {}, false, true);
}

CudnnGraph::Tensor CudnnGraph::within(CudnnData type, const Sizes& sizes) {
  const Sizes strides = {sizes[1] * sizes[2] * sizes[3], sizes[2] * sizes[3], sizes[3], 1};
  return make_tensor(next_id_++, type, sizes, strides, {}, true, false);
}

void CudnnGraph::add_operation(CudnnObjectOwner& operation, const char* what) {
  operation.finalize(what);
  operations_.push_back(operation.get());
}

CudnnGraph::Tensor CudnnGraph::matmul(const Tensor& a, const Tensor& b, const Tensor& m, const Tensor& n,
                                      const Tensor& k, const Tensor& to) {
  const Tensor c = to.object != nullptr ? to : within(kCudnnFloat, {a.sizes[0], a.sizes[1], a.sizes[2], b.sizes[3]});
  CudnnObjectOwner& kind = keep(kCudnnMatmul);
  kind.set(kCudnnMatmulPrecision, kCudnnTypeDataType, kCudnnFloat, "matmul");
  kind.finalize("matmul");
  CudnnObjectOwner& operation = keep(kCudnnOperationMatmul);
  const auto set = [&](CudnnAttribute attribute, CudnnObject object) {
    if (object != nullptr) operation.set(attribute, kCudnnTypeDescriptor, object, "matmul operation");
  };
  set(kCudnnOperationMatmulA, a.object);
  set(kCudnnOperationMatmulB, b.object);
  set(kCudnnOperationMatmulC, c.object);
  set(kCudnnOperationMatmulDescriptor, kind.get());
  set(kCudnnOperationMatmulM, m.object);
  set(kCudnnOperationMatmulN, n.object);
  set(kCudnnOperationMatmulK, k.object);
  add_operation(operation, "matmul operation");
  return c;
}

CudnnGraph::Tensor CudnnGraph::pointwise_along(CudnnPointwiseMode mode, CudnnData precision, CudnnData result,
                                               const Tensor& x, const Tensor& b, const Tensor& t, const Tensor& to,
                                               std::optional<std::int64_t> axis) {
  const Tensor y = to.object != nullptr ? to : within(result, x.sizes);
  CudnnObjectOwner& kind = keep(kCudnnPointwise);
  kind.set(kCudnnPointwiseMode, kCudnnTypePointwiseMode, mode, "pointwise");
  kind.set(kCudnnPointwisePrecision, kCudnnTypeDataType, precision, "pointwise");
  if (axis) kind.set(kCudnnPointwiseAxis, kCudnnTypeInt64, *axis, "pointwise");
  kind.finalize("pointwise");
  CudnnObjectOwner& operation = keep(kCudnnOperationPointwise);
  const auto set = [&](CudnnAttribute attribute, CudnnObject object) {
    if (object != nullptr) operation.set(attribute, kCudnnTypeDescriptor, object, "pointwise operation");
  };
  set(kCudnnOperationPointwiseDescriptor, kind.get());
  set(kCudnnOperationPointwiseX, x.object);
  set(kCudnnOperationPointwiseY, y.object);
  set(kCudnnOperationPointwiseB, b.object);
  set(kCudnnOperationPointwiseT, t.object);
  add_operation(operation, "pointwise operation");
  return y;
}

CudnnGraph::Tensor CudnnGraph::pointwise(CudnnPointwiseMode mode, CudnnData precision, CudnnData result,
                                         const Tensor& x, const Tensor& b, const Tensor& t, const Tensor& to) {
  return pointwise_along(mode, precision, result, x, b, t, to, std::nullopt);
}

CudnnGraph::Tensor CudnnGraph::index(CudnnData precision, const Tensor& x, std::int64_t axis) {
  return pointwise_along(kCudnnIndex, precision, kCudnnInt32, x, {}, {}, {}, axis);
}

CudnnGraph::Tensor CudnnGraph::reduce(CudnnReductionMode mode, const Tensor& x) {
  const Tensor y = within(kCudnnFloat, {x.sizes[0], x.sizes[1], x.sizes[2], 1});
  CudnnObjectOwner& kind = keep(kCudnnReduction);
  kind.set(kCudnnReductionPrecision, kCudnnTypeDataType, kCudnnFloat, "reduction");
  kind.set(kCudnnReductionOperator, kCudnnTypeReductionOperator, mode, "reduction");
  kind.finalize("reduction");
  CudnnObjectOwner& operation = keep(kCudnnOperationReduction);
  operation.set(kCudnnOperationReductionDescriptor, kCudnnTypeDescriptor, kind.get(), "reduction operation");
  operation.set(kCudnnOperationReductionX, kCudnnTypeDescriptor, x.object, "reduction operation");
  operation.set(kCudnnOperationReductionY, kCudnnTypeDescriptor, y.object, "reduction operation");
  add_operation(operation, "reduction operation");
  return y;
}

CudnnPlan CudnnGraph::plan(CudnnHandle handle, std::size_t most_workspace_bytes) {
  CudnnObjectOwner graph(library_, kCudnnOperationGraph);
  graph.set(kCudnnGraphOperations, kCudnnTypeDescriptor, static_cast<std::int64_t>(operations_.size()),
            operations_.data(), "operation graph");
  graph.set(kCudnnGraphHandle, kCudnnTypeHandle, handle, "operation graph");
  graph.finalize("operation graph");

  CudnnObjectOwner heuristics(library_, kCudnnEngineHeuristics);
  heuristics.set(kCudnnHeuristicsGraph, kCudnnTypeDescriptor, graph.get(), "heuristics");
  heuristics.set(kCudnnHeuristicsMode, kCudnnTypeHeuristicsMode, kCudnnHeuristicsA, "heuristics");
  heuristics.finalize("heuristics");
  std::int64_t count = 0;
  check_cudnn(
      library_,
      library_.get_attribute(heuristics.get(), kCudnnHeuristicsResults, kCudnnTypeDescriptor, 0, &count, nullptr),
      "cudnnBackendGetAttribute heuristics' count");
  std::vector<CudnnObjectOwner> configs;
  std::vector<CudnnObject> objects;
  for (std::int64_t i = 0; i < count; ++i) {
    configs.emplace_back(library_, kCudnnEngineConfig);
    objects.push_back(configs.back().get());
  }
  check_cudnn(library_,
              library_.get_attribute(heuristics.get(), kCudnnHeuristicsResults, kCudnnTypeDescriptor, count, &count,
                                     objects.data()),
              "cudnnBackendGetAttribute heuristics' results");
  configs.erase(configs.begin() + std::clamp<std::int64_t>(count, 0, std::ssize(configs)), configs.end());

  std::string reasons = last_error_of(library_);
  for (CudnnObjectOwner& config : configs) {
    try {
      CudnnObjectOwner made(library_, kCudnnExecutionPlan);
      made.set(kCudnnPlanHandle, kCudnnTypeHandle, handle, "execution plan");
      made.set(kCudnnPlanEngineConfig, kCudnnTypeDescriptor, config.get(), "execution plan");
      made.finalize("execution plan");
      CudnnPlan plan(library_, std::move(config), std::move(made));
      if (plan.workspace_bytes() <= most_workspace_bytes) return plan;
      reasons += "; one needs " + std::to_string(plan.workspace_bytes()) + " bytes of workspace";
    } catch (const CudnnRefusal& refusal) {
      reasons += std::string("; ") + refusal.what();
    }
  }
  throw std::runtime_error("cuDNN's plans: got none of " + std::to_string(count) + " that runs" + reasons);
}

}  // namespace vernier::cuda
