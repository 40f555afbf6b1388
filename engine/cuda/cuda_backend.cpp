#include "engine/cuda/cuda_backend.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "engine/cuda/attention.h"
#include "engine/cuda/context.h"
#include "engine/cuda/cudnn_attention.h"
#include "engine/cuda/errors.h"
#include "engine/cuda/fault.h"
#include "engine/cuda/ops.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

class CudaBuffer : public DeviceBuffer {
 public:
  CudaBuffer(int device, std::size_t bytes, const std::shared_ptr<Usage>& usage)
      : device_(device), block_(bytes, usage) {}
  ~CudaBuffer() override {
    cudaSetDevice(device_);  // a buffer may be freed on another thread
    block_.reset();
  }
  CudaBuffer(const CudaBuffer&) = delete;
  CudaBuffer& operator=(const CudaBuffer&) = delete;

  void* data() override { return block_.data(); }
  std::size_t bytes() const override { return block_.bytes(); }

 private:
  int device_;
  DeviceBlock block_;
};

class HostBuffer : public DeviceBuffer {
 public:
  HostBuffer(int device, std::size_t bytes) : device_(device), block_(bytes) {}
  ~HostBuffer() override { cudaSetDevice(device_); }  // else the runtime sets up the first one to give memory back
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  void* data() override { return block_.data(); }
  std::size_t bytes() const override { return block_.bytes(); }

 private:
  int device_;
  PinnedBlock block_;
};

std::int64_t longest(std::span<const std::int32_t> cu_seqlens) {
  std::int32_t most = 0;
  for (std::size_t s = 0; s + 1 < cu_seqlens.size(); ++s) most = std::max(most, cu_seqlens[s + 1] - cu_seqlens[s]);
  return most;
}

ConstDeviceRows rows_of(const ConstTensorView& v) {
  return {v.data, v.stride};
}
DeviceRows rows_of(const TensorView& v) {
  return {v.data, v.stride};
}

class CudaBackend : public Backend {
 public:
  explicit CudaBackend(int index) : index_(index), context_(index, usage_) {
    if (const char* fault = std::getenv(kFaultVariable)) until_fault_ = std::atoll(fault);
  }
  ~CudaBackend() override { cudaSetDevice(index_); }

  std::string name() const override { return "cuda:" + std::to_string(index_); }
  std::unique_ptr<DeviceBuffer> allocate(std::size_t bytes) override {
    context_.use();
    return std::make_unique<CudaBuffer>(index_, bytes, usage_);
  }
  std::unique_ptr<DeviceBuffer> allocate_on_host(std::size_t bytes) override {
    context_.use();
    return std::make_unique<HostBuffer>(index_, bytes);
  }
  std::unique_ptr<DeviceBuffer> allocate_to_fetch(std::size_t bytes) override { return allocate_on_host(bytes); }
  std::size_t allocated_bytes() const override { return usage_->now; }
  std::size_t peak_bytes() const override { return usage_->peak; }
  std::size_t free_bytes() const override {
    context_.use();
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return free;
  }
  std::size_t scratch_bytes(const WorkShape& shape) const override {
    AttentionBatch attention;
    attention.dtype = shape.dtype;
    attention.shape.heads = shape.heads;
    attention.shape.kv_heads = shape.kv_heads;
    attention.shape.head_dim = shape.head_dim;
    attention.queries = attention.max_queries = attention.max_keys = shape.tokens;
    attention.sequences = 1;
    const std::size_t needed =
        std::max({project_scratch_bytes(context_, shape), loss_head_scratch_bytes(context_, shape),
                  attention_backward_scratch_bytes(attention)});
    const auto beyond = [](std::size_t bytes, std::size_t taken) { return bytes > taken ? bytes - taken : 0; };
    return beyond(needed, context_.scratch.bytes()) + beyond(staging_bytes(shape), context_.staging.bytes());
  }
  bool computes(DType dtype) const override { return dtype == DType::kF32 || dtype == DType::kBF16; }
  void set_deterministic(bool on) override {
    context_.gemms.set_timing(!on);
    cudnn_attention_.choose(on ? CudnnAttention::Choice::kNever : CudnnAttention::Choice::kFaster);
  }
  void upload(void* device, const void* host, std::size_t bytes) override {
    if (bytes == 0) return;
    check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyDefault, ready().stream), "upload");
    context_.synchronize();
  }
  void download(void* host, const void* device, std::size_t bytes) override { ready().download(host, device, bytes); }
  void begin_copy_to_host(void* host, const void* device, std::size_t bytes) override {
    CudaContext& context = ready();
    context.side_copies.copy(host, device, bytes, context.stream);
  }
  void begin_copy_from_host(void* device, const void* host, std::size_t bytes) override {
    CudaContext& context = ready();
    context.side_copies.copy(device, host, bytes, context.stream);
  }
  void await_dequantized() override {
    CudaContext& context = ready();
    if (!context.recording()) context.side_kernels.await(0, context.stream);
  }
  void await_copies(int under_way) override {
    CudaContext& context = ready();
    context.side_copies.await(under_way, context.stream);
  }
  void synchronize() override { ready().synchronize(); }
  bool records() const override { return true; }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    context_.use();
    operations_ = 0;
    auto recording = context_.record(work);
    recording->operations = operations_ / 2;  // it calls `work` twice
    return recording;
  }
  bool replay(Recording& recording) override {
    context_.use();
    auto& mine = static_cast<CudaRecording&>(recording);
    const bool breaks = until_fault_ > 0 && (until_fault_ -= mine.operations) <= 0;
    if (breaks) until_fault_ = 0, break_device(context_.stream);
    return mine.run(context_.stream);
  }
  double measure_peak_gflops() override { return cuda::measure_peak_gflops(ready()); }

 protected:
  void do_zero(const TensorView& x) override { cuda::zero(ready(), x); }
  void do_fill_normal(const FillNormal& op) override { cuda::fill_normal(ready(), op); }
  void do_copy(const ConstTensorView& from, const TensorView& to) override { cuda::copy(ready(), from, to); }
  void do_add(const ConstTensorView& x, const TensorView& y) override { cuda::add(ready(), x, y); }
  void do_embedding_forward(const EmbeddingForward& op) override { cuda::embedding_forward(ready(), op); }
  void do_embedding_backward(const EmbeddingBackward& op) override { cuda::embedding_backward(ready(), op); }
  void do_rms_norm_forward(const RmsNormForward& op) override { cuda::rms_norm_forward(ready(), op); }
  void do_rms_norm_backward(const RmsNormBackward& op) override { cuda::rms_norm_backward(ready(), op); }
  void do_rope(const Rope& op) override { cuda::rope(ready(), op); }
  void do_gated_forward(const GatedForward& op) override { cuda::gated_forward(ready(), op); }
  void do_gated_backward(const GatedBackward& op) override { cuda::gated_backward(ready(), op); }
  void do_project_forward(const ProjectForward& op) override { cuda::project_forward(ready(), op); }
  void do_project_backward(const ProjectBackward& op) override { cuda::project_backward(ready(), op); }
  void do_adapted_row_norms(const AdaptedRowNorms& op) override { cuda::adapted_row_norms(ready(), op); }
  void do_column_scale_forward(const ColumnScaleForward& op) override { cuda::column_scale_forward(ready(), op); }
  void do_column_scale_backward(const ColumnScaleBackward& op) override { cuda::column_scale_backward(ready(), op); }
  void do_attention_forward(const AttentionForward& op) override {
    CudaContext& context = ready();
    AttentionBatch batch;
    batch.dtype = op.q.dtype;
    batch.shape = op.shape;
    batch.cu_seqlens_q = context.ring.upload(op.cu_seqlens_q);
    batch.cu_seqlens_k = context.ring.upload(op.cu_seqlens_k);
    batch.sequences = static_cast<std::int64_t>(op.cu_seqlens_q.size()) - 1;
    batch.queries = op.q.rows;
    batch.max_queries = op.longest > 0 ? op.longest : longest(op.cu_seqlens_q);
    batch.max_keys = op.longest > 0 ? op.longest : longest(op.cu_seqlens_k);
    const AttentionRows rows{rows_of(op.q), rows_of(op.k), rows_of(op.v), rows_of(op.out), rows_of(op.lse)};
    // A pass with a bound is one that is recorded, or is to be: the same kernels before and after, and none planned
    // while the stream is captured.
    const bool is_recorded = op.longest > 0 || context.recording();
    if (const auto* plan = is_recorded ? nullptr : cudnn_attention_.plan_of(batch, rows)) {
      void* scratch = context.scratch.get(cudnn_attention_.scratch_bytes(*plan));
      return cudnn_attention_.forward(*plan, batch, rows, scratch);
    }
    void* scratch = context.scratch.get(attention_forward_scratch_bytes(batch));
    cuda::attention_forward(batch, rows.q, rows.k, rows.v, rows.out, rows.lse, scratch, context.stream);
  }
  void do_attention_backward(const AttentionBackward& op) override {
    CudaContext& context = ready();
    AttentionBatch batch;
    batch.dtype = op.q.dtype;
    batch.shape = op.shape;
    batch.cu_seqlens_q = context.ring.upload(op.cu_seqlens);
    batch.cu_seqlens_k = batch.cu_seqlens_q;
    batch.sequences = static_cast<std::int64_t>(op.cu_seqlens.size()) - 1;
    batch.queries = op.q.rows;
    batch.max_queries = batch.max_keys = op.longest > 0 ? op.longest : longest(op.cu_seqlens);
    void* scratch = context.scratch.get(attention_backward_scratch_bytes(batch));
    cuda::attention_backward(batch, rows_of(op.dout), rows_of(op.q), rows_of(op.k), rows_of(op.v), rows_of(op.out),
                             rows_of(op.lse), {rows_of(op.dq), rows_of(op.dk), rows_of(op.dv)}, scratch,
                             context.stream);
  }
  void do_loss_head(const LossHead& op) override { cuda::loss_head(ready(), op); }
  void do_logits_forward(const LogitsForward& op) override { cuda::logits_forward(ready(), op); }
  std::unique_ptr<Fetch> do_begin_logits(const LogitsForward& op) override {
    std::unique_ptr<Fetch> fetch = cuda::begin_logits(ready(), op);
    return fetch ? std::move(fetch) : Backend::do_begin_logits(op);
  }
  void do_dequantize_nf4(const DequantizeNf4& op) override { cuda::dequantize_nf4(ready().stream, op); }
  void do_begin_dequantize_nf4(const DequantizeNf4& op) override {
    CudaContext& context = ready();
    if (context.recording()) return cuda::dequantize_nf4(context.stream, op);
    cuda::dequantize_nf4(context.side_kernels.begin(context.stream), op);
    context.side_kernels.end();
  }
  void do_adamw(const AdamW& op) override { cuda::adamw(ready(), op); }
  double do_squared_norm(std::span<const float> x) override { return cuda::squared_norm(ready(), x); }
  void do_squared_norms(std::span<const float> x, std::span<const std::int64_t> bounds,
                        std::span<double> out) override {
    cuda::squared_norms(ready(), x, bounds, out);
  }

 private:
  // The device is chosen for each thread of a process; whoever calls may be on another than the last.
  CudaContext& ready() {
    context_.use();
    if (context_.recording()) {
      ++operations_;
    } else if (until_fault_ > 0 && --until_fault_ == 0) {
      break_device(context_.stream);
    }
    return context_;
  }

  int index_;
  long long until_fault_ = 0;                                 // operations; 0: none planted
  long long operations_ = 0;                                  // that are being recorded
  std::shared_ptr<Usage> usage_ = std::make_shared<Usage>();  // a buffer may outlive its backend
  CudaContext context_;
  CudnnAttention cudnn_attention_{context_.stream};
};

}  // namespace

std::unique_ptr<Backend> make_backend(int index) {
  const std::vector<DeviceInfo> devices = list_devices();
  const auto at = static_cast<std::size_t>(std::max(index, 0));
  const DeviceInfo& device = devices[std::min(at, devices.size() - 1)];
  if (!device.problem.empty() || at >= devices.size()) {
    fail(ErrorCode::kUnsupported, "device", "cuda:" + std::to_string(index) + ": got no usable GPU. " + device.problem);
  }
  return std::make_unique<CudaBackend>(index);
}

}  // namespace vernier::cuda
