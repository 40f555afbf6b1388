#include "engine/cpu/cpu_backend.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "engine/core/host_memory.h"
#include "engine/cpu/context.h"
#include "engine/cpu/ops.h"
#include "engine/cpu/peak.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// Linux promises memory that it does not have; a request from this size on is first held against what there is.
constexpr std::size_t kLargeRequest = std::size_t{64} << 20;

// What a limit of this process's address space leaves of it.
std::size_t free_address_space() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::size_t>::max();
  }
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const std::size_t used = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

std::size_t available_bytes() {
  return std::min(free_host_bytes(), free_address_space());
}

[[noreturn]] void fail_allocation(std::size_t bytes) {
  const std::size_t memory = free_host_bytes(), address_space = free_address_space();
  const std::size_t free = std::min(memory, address_space);
  std::string why;
  if (bytes <= free) {
    why = ", which the system refused though " + std::to_string(free) +
          " are free, expected memory that it grants. Look at its limits (overcommit, ulimit), or use";
  } else if (address_space < memory) {
    why = ", expected at most " + std::to_string(free) +
          ", which this process's limit of address space leaves. Raise the limit (ulimit -v), or use";
  } else {
    why = ", expected at most " + std::to_string(free) + " that are free. Use";
  }
  Error error(ErrorCode::kOutOfMemory, "[cpu memory] allocation: got a request for " + std::to_string(bytes) +
                                           " bytes" + why + " a smaller micro-batch or a smaller model.");
  error.needed_bytes = bytes;
  error.free_bytes = free;
  throw error;
}

struct Usage {
  std::size_t now = 0;
  std::size_t peak = 0;
};

class HostBuffer : public DeviceBuffer {
 public:
  HostBuffer(std::size_t bytes, std::shared_ptr<Usage> usage) : bytes_(bytes), usage_(std::move(usage)) {
    const std::size_t available = bytes >= kLargeRequest ? available_bytes() : std::numeric_limits<std::size_t>::max();
    constexpr std::size_t kLine = 64;
    const std::size_t whole = bytes <= std::numeric_limits<std::size_t>::max() - kLine
                                  ? (std::max<std::size_t>(bytes, 1) + kLine - 1) / kLine * kLine
                                  : bytes;
    if (bytes <= available) data_ = std::aligned_alloc(kLine, whole);
    if (data_ == nullptr) fail_allocation(bytes);
    usage_->now += bytes_;
    usage_->peak = std::max(usage_->peak, usage_->now);
  }
  ~HostBuffer() override {
    std::free(data_);
    usage_->now -= bytes_;
  }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  void* data() override { return data_; }
  std::size_t bytes() const override { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_;
  std::shared_ptr<Usage> usage_;  // a buffer may outlive its backend
};

class CpuBackend : public Backend {
 public:
  explicit CpuBackend(int threads) : pool_(threads), context_{pool_, {}} {}

  std::string name() const override { return "cpu"; }
  std::unique_ptr<DeviceBuffer> allocate(std::size_t bytes) override {
    return std::make_unique<HostBuffer>(bytes, usage_);
  }
  std::size_t allocated_bytes() const override { return usage_->now; }
  std::size_t peak_bytes() const override { return usage_->peak; }
  std::size_t free_bytes() const override { return available_bytes(); }
  std::size_t scratch_bytes(const WorkShape&) const override { return 0; }
  bool computes(DType dtype) const override { return dtype == DType::kF32; }
  void set_deterministic(bool) override {}
  void upload(void* device, const void* host, std::size_t bytes) override {
    if (bytes > 0) std::memcpy(device, host, bytes);
  }
  void download(void* host, const void* device, std::size_t bytes) override {
    if (bytes > 0) std::memcpy(host, device, bytes);
  }
  void synchronize() override {}
  // Its operations cost nothing to call.
  bool records() const override { return false; }
  std::unique_ptr<Recording> record(const std::function<void()>&) override {
    fail(ErrorCode::kInternal, "cpu.record", "this backend does not record.");
  }
  bool replay(Recording&) override { fail(ErrorCode::kInternal, "cpu.replay", "this backend does not record."); }
  double measure_peak_gflops() override { return cpu::measure_fma_peak(pool_.threads(), 0.5); }

 protected:
  void do_zero(const TensorView& x) override { cpu::zero(context_, x); }
  void do_fill_normal(const FillNormal& op) override { cpu::fill_normal(context_, op); }
  void do_copy(const ConstTensorView& from, const TensorView& to) override { cpu::copy(context_, from, to); }
  void do_add(const ConstTensorView& x, const TensorView& y) override { cpu::add(context_, x, y); }
  void do_embedding_forward(const EmbeddingForward& op) override { cpu::embedding_forward(context_, op); }
  void do_embedding_backward(const EmbeddingBackward& op) override { cpu::embedding_backward(context_, op); }
  void do_rms_norm_forward(const RmsNormForward& op) override { cpu::rms_norm_forward(context_, op); }
  void do_rms_norm_backward(const RmsNormBackward& op) override { cpu::rms_norm_backward(context_, op); }
  void do_rope(const Rope& op) override { cpu::rope(context_, op); }
  void do_gated_forward(const GatedForward& op) override { cpu::gated_forward(context_, op); }
  void do_gated_backward(const GatedBackward& op) override { cpu::gated_backward(context_, op); }
  void do_project_forward(const ProjectForward& op) override {
    if (op.addend && op.addend.data != op.y[0].data) cpu::copy(context_, op.addend, op.y[0]);
    cpu::project_forward(context_, op);
  }
  void do_project_backward(const ProjectBackward& op) override { cpu::project_backward(context_, op); }
  void do_adapted_row_norms(const AdaptedRowNorms& op) override { cpu::adapted_row_norms(context_, op); }
  void do_column_scale_forward(const ColumnScaleForward& op) override { cpu::column_scale_forward(context_, op); }
  void do_column_scale_backward(const ColumnScaleBackward& op) override { cpu::column_scale_backward(context_, op); }
  void do_attention_forward(const AttentionForward& op) override { cpu::attention_forward(context_, op); }
  void do_attention_backward(const AttentionBackward& op) override { cpu::attention_backward(context_, op); }
  void do_loss_head(const LossHead& op) override { cpu::loss_head(context_, op); }
  void do_logits_forward(const LogitsForward& op) override { cpu::logits_forward(context_, op); }
  void do_dequantize_nf4(const DequantizeNf4& op) override { cpu::dequantize_nf4(context_, op); }
  void do_adamw(const AdamW& op) override { cpu::adamw(context_, op); }
  double do_squared_norm(std::span<const float> x) override { return cpu::squared_norm(context_, x); }
  void do_squared_norms(std::span<const float> x, std::span<const std::int64_t> bounds,
                        std::span<double> out) override {
    cpu::squared_norms(context_, x, bounds, out);
  }

 private:
  cpu::ThreadPool pool_;
  cpu::CpuContext context_;
  std::shared_ptr<Usage> usage_ = std::make_shared<Usage>();
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(int threads) {
  return std::make_unique<CpuBackend>(threads == 0 ? cpu::default_thread_count() : threads);
}

}  // namespace vernier
