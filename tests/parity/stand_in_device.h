// A stand-in for a device, computed by the CPU: memory that its owner cannot touch, and bfloat16.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/cpu/cpu_backend.h"
#include "engine/ops/backend.h"
#include "vernier/error.h"

namespace vernier::test {

// What goes wrong with a device, on purpose. Any thread may set it, at any time.
class StandInFaults {
 public:
  enum class Kind { kNone, kLost, kOutOfMemory };

  // From the operation `at` on, counted from 1 over all devices with these faults.
  void plan(Kind kind, long long at) {
    at_ = at;
    kind_ = kind;
  }
  void now(Kind kind) { plan(kind, 1); }
  // As in another process.
  void forget() {
    kind_ = Kind::kNone;
    lost_ = false;
  }
  long long operations() const { return operations_; }
  bool lost() const { return lost_; }

  // A lost device stays lost; without memory one operation fails. Both as engine/cuda/errors.cpp says it.
  void operation() {
    ++operations_;
    if (kind_ == Kind::kLost && operations_ >= at_) lost_ = true;
    check();
    if (kind_ == Kind::kOutOfMemory && operations_ >= at_) {
      kind_ = Kind::kNone;
      fail(ErrorCode::kOutOfMemory, "cuda memory",
           "allocation: got a request for 1000 bytes, expected at most 10 that are free of 2000. Use a smaller "
           "micro-batch, recompute: layer, or a smaller model.");
    }
  }
  void check() const {
    if (!lost_) return;
    fail(ErrorCode::kFatal, "cuda",
         "synchronize: got cudaErrorLaunchFailure (unspecified launch failure), expected success. The GPU is lost to "
         "this program: restart it. What the run has written so far is intact.");
  }

 private:
  std::atomic<Kind> kind_ = Kind::kNone;
  std::atomic<long long> at_ = 0, operations_ = 0;
  std::atomic<bool> lost_ = false;
};

// What allocate() gives out lies at addresses that no machine has: reading or writing one ends the program, as it would
// with a device's memory, and host memory where an operation expects the device's is refused. float32 work is the CPU
// backend's to the bit. bfloat16 views are widened for the CPU's operation and its results rounded, as a device does
// that computes in float32 registers and stores bfloat16. It records, too.
class StandInDevice : public Backend {
 public:
  explicit StandInDevice(std::shared_ptr<StandInFaults> faults = std::make_shared<StandInFaults>())
      : faults_(std::move(faults)) {}

  std::string name() const override { return "stand-in"; }
  std::unique_ptr<DeviceBuffer> allocate(std::size_t bytes) override {
    return std::make_unique<FarBuffer>(cpu_->allocate(bytes), given_back_);
  }
  std::size_t allocated_bytes() const override { return cpu_->allocated_bytes(); }
  std::size_t peak_bytes() const override { return cpu_->peak_bytes(); }
  std::size_t free_bytes() const override { return free_bytes_ > 0 ? free_bytes_ : cpu_->free_bytes(); }
  std::size_t scratch_bytes(const WorkShape&) const override { return 0; }
  bool computes(DType dtype) const override { return dtype == DType::kF32 || dtype == DType::kBF16; }
  void set_deterministic(bool on) override { deterministic_ = on; }
  void upload(void* device, const void* host, std::size_t bytes) override {
    faults_->check();
    if (bytes > 0) cpu_->upload(near(device), check_host(host), bytes);
  }
  void download(void* host, const void* device, std::size_t bytes) override {
    faults_->check();
    if (bytes > 0) cpu_->download(const_cast<void*>(check_host(host)), near(device), bytes);
  }
  void begin_copy_to_host(void* host, const void* device, std::size_t bytes) override {
    begin_copy([=, this] { download(host, device, bytes); });
  }
  void begin_copy_from_host(void* device, const void* host, std::size_t bytes) override {
    begin_copy([=, this] { upload(device, host, bytes); });
  }
  void await_copies(int under_way) override {
    while (copies_.size() > static_cast<std::size_t>(under_way)) {
      copies_.front()();
      copies_.pop_front();
    }
  }
  void await_dequantized() override {
    for (const std::function<void()>& work : beside_) work();
    beside_.clear();
  }
  void synchronize() override {
    faults_->check();
    await_copies(0);
    await_dequantized();
  }
  double measure_peak_gflops() override { return cpu_->measure_peak_gflops(); }

  bool records() const override { return true; }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    auto recording = std::make_unique<Kept>();
    recording->given_back = *given_back_;
    recording_ = recording.get();
    work();
    recording_ = nullptr;
    return recording;
  }
  bool replay(Recording& recording) override {
    const auto& kept = static_cast<const Kept&>(recording);
    if (kept.given_back != *given_back_) return false;
    for (const std::function<void()>& operation : kept.operations) operation();
    return true;
  }

  // What is given beside operations is done as late as it may be instead of at once.
  void set_late(bool on) { late_ = on; }
  // Instead of what the machine has.
  void set_free_bytes(std::size_t bytes) { free_bytes_ = bytes; }
  bool deterministic() const { return deterministic_; }

 protected:
  void do_zero(const TensorView& x) override {
    if (later([this, x] { do_zero(x); })) return;
    call().run([&](Call& c) { cpu_->zero(c.out(x)); });
  }
  void do_fill_normal(const FillNormal& op) override {
    if (later([this, op] { do_fill_normal(op); })) return;
    call().run([&](Call& c) {
      FillNormal on = op;
      on.out = c.out(op.out);
      cpu_->fill_normal(on);
    });
  }
  void do_copy(const ConstTensorView& from, const TensorView& to) override {
    if (later([this, from, to] { do_copy(from, to); })) return;
    call().run([&](Call& c) { cpu_->copy(c.in(from), c.out(to)); });
  }
  void do_add(const ConstTensorView& x, const TensorView& y) override {
    if (later([this, x, y] { do_add(x, y); })) return;
    call().run([&](Call& c) { cpu_->add(c.in(x), c.out(y)); });
  }
  void do_embedding_forward(const EmbeddingForward& op) override {
    if (later([this, op] { do_embedding_forward(op); })) return;
    call().run([&](Call& c) {
      EmbeddingForward on = op;
      c.bring(on.table), c.bring(on.out);
      cpu_->embedding_forward(on);
    });
  }
  void do_embedding_backward(const EmbeddingBackward& op) override {
    if (later([this, op] { do_embedding_backward(op); })) return;
    call().run([&](Call& c) {
      EmbeddingBackward on = op;
      c.bring(on.dout), c.bring(on.dtable);
      cpu_->embedding_backward(on);
    });
  }
  void do_rms_norm_forward(const RmsNormForward& op) override {
    if (later([this, op] { do_rms_norm_forward(op); })) return;
    call().run([&](Call& c) {
      RmsNormForward on = op;
      c.bring(on.x), c.bring(on.weight), c.bring(on.y), c.bring(on.inv_rms);
      cpu_->rms_norm_forward(on);
    });
  }
  void do_rms_norm_backward(const RmsNormBackward& op) override {
    if (later([this, op] { do_rms_norm_backward(op); })) return;
    call().run([&](Call& c) {
      RmsNormBackward on = op;
      c.bring(on.dy), c.bring(on.x), c.bring(on.weight), c.bring(on.inv_rms), c.bring(on.dx), c.bring(on.dweight);
      cpu_->rms_norm_backward(on);
    });
  }
  void do_rope(const Rope& op) override {
    if (later([this, op] { do_rope(op); })) return;
    call().run([&](Call& c) {
      Rope on = op;
      c.bring(on.q), c.bring(on.k), c.bring(on.table);
      cpu_->rope(on);
    });
  }
  void do_gated_forward(const GatedForward& op) override {
    if (later([this, op] { do_gated_forward(op); })) return;
    call().run([&](Call& c) {
      GatedForward on = op;
      c.bring(on.gate), c.bring(on.up), c.bring(on.out);
      cpu_->gated_forward(on);
    });
  }
  void do_gated_backward(const GatedBackward& op) override {
    if (later([this, op] { do_gated_backward(op); })) return;
    call().run([&](Call& c) {
      GatedBackward on = op;
      c.bring(on.dout), c.bring(on.gate), c.bring(on.up), c.bring(on.dgate), c.bring(on.dup);
      cpu_->gated_backward(on);
    });
  }
  void do_project_forward(const ProjectForward& op) override {
    if (recording_ != nullptr) {  // the lists themselves are gone when it runs
      const std::vector<Projection> projections(op.projections.begin(), op.projections.end());
      const std::vector<TensorView> y(op.y.begin(), op.y.end());
      later([=, this, kept = op]() mutable {
        kept.projections = projections;
        kept.y = y;
        do_project_forward(kept);
      });
      return;
    }
    call().run([&](Call& c) {
      ProjectForward on = op;
      const std::vector<Projection> projections = c.bring_all(op.projections);
      std::vector<TensorView> y(op.y.begin(), op.y.end());
      for (TensorView& view : y) c.bring(view);
      c.bring(on.x), c.bring(on.addend), c.bring(on.t);
      on.projections = projections;
      on.y = y;
      cpu_->project_forward(on);
    });
  }
  void do_project_backward(const ProjectBackward& op) override {
    if (recording_ != nullptr) {
      const std::vector<Projection> projections(op.projections.begin(), op.projections.end());
      const std::vector<ConstTensorView> dy(op.dy.begin(), op.dy.end());
      const std::vector<ProjectionGrads> grads(op.grads.begin(), op.grads.end());
      later([=, this, kept = op]() mutable {
        kept.projections = projections;
        kept.dy = dy;
        kept.grads = grads;
        do_project_backward(kept);
      });
      return;
    }
    call().run([&](Call& c) {
      ProjectBackward on = op;
      const std::vector<Projection> projections = c.bring_all(op.projections);
      std::vector<ConstTensorView> dy(op.dy.begin(), op.dy.end());
      std::vector<ProjectionGrads> grads(op.grads.begin(), op.grads.end());
      for (ConstTensorView& view : dy) c.bring(view);
      for (ProjectionGrads& g : grads) c.bring(g.da), c.bring(g.db), c.bring(g.dweight), c.bring(g.dbias);
      c.bring(on.x), c.bring(on.t), c.bring(on.dx);
      on.projections = projections;
      on.dy = dy;
      on.grads = grads;
      cpu_->project_backward(on);
    });
  }
  void do_adapted_row_norms(const AdaptedRowNorms& op) override {
    if (later([this, op] { do_adapted_row_norms(op); })) return;
    call().run([&](Call& c) {
      AdaptedRowNorms on = op;
      on.projection = c.bring_all(std::span(&op.projection, 1)).front();
      c.bring(on.norms);
      cpu_->adapted_row_norms(on);
    });
  }
  void do_column_scale_forward(const ColumnScaleForward& op) override {
    if (later([this, op] { do_column_scale_forward(op); })) return;
    call().run([&](Call& c) {
      ColumnScaleForward on = op;
      c.bring(on.x), c.bring(on.magnitude), c.bring(on.norms), c.bring(on.bias), c.bring(on.y);
      cpu_->column_scale_forward(on);
    });
  }
  void do_column_scale_backward(const ColumnScaleBackward& op) override {
    if (later([this, op] { do_column_scale_backward(op); })) return;
    call().run([&](Call& c) {
      ColumnScaleBackward on = op;
      c.bring(on.dy), c.bring(on.x), c.bring(on.magnitude), c.bring(on.norms);
      c.bring(on.dx), c.bring(on.dmagnitude), c.bring(on.dbias);
      cpu_->column_scale_backward(on);
    });
  }
  void do_attention_forward(const AttentionForward& op) override {
    if (later([this, op] { do_attention_forward(op); })) return;
    call().run([&](Call& c) {
      AttentionForward on = op;
      c.bring(on.q), c.bring(on.k), c.bring(on.v), c.bring(on.out), c.bring(on.lse);
      cpu_->attention_forward(on);
    });
  }
  void do_attention_backward(const AttentionBackward& op) override {
    if (later([this, op] { do_attention_backward(op); })) return;
    call().run([&](Call& c) {
      AttentionBackward on = op;
      c.bring(on.dout), c.bring(on.q), c.bring(on.k), c.bring(on.v), c.bring(on.out), c.bring(on.lse);
      c.bring(on.dq), c.bring(on.dk), c.bring(on.dv);
      cpu_->attention_backward(on);
    });
  }
  void do_loss_head(const LossHead& op) override {
    if (later([this, op] { do_loss_head(op); })) return;
    call().run([&](Call& c) {
      LossHead on = op;
      c.bring(on.hidden), c.bring(on.weight), c.bring(on.dhidden), c.bring(on.dweight);
      cpu_->loss_head(on);
    });
  }
  void do_logits_forward(const LogitsForward& op) override {
    if (later([this, op] { do_logits_forward(op); })) return;
    call().run([&](Call& c) {
      LogitsForward on = op;
      check_host(on.logits.data);
      c.bring(on.hidden), c.bring(on.weight);
      cpu_->logits_forward(on);
    });
  }
  std::unique_ptr<Fetch> do_begin_logits(const LogitsForward& op) override {
    return std::make_unique<Fetching>(Backend::do_begin_logits(op), faults_);
  }
  void do_dequantize_nf4(const DequantizeNf4& op) override {
    if (later([this, op] { do_dequantize_nf4(op); })) return;
    call().run([&](Call& c) {
      DequantizeNf4 on = op;
      on.matrix.codes = static_cast<const std::uint8_t*>(near(op.matrix.codes));
      on.matrix.absmax = static_cast<const std::uint8_t*>(near(op.matrix.absmax));
      on.matrix.nested_absmax = static_cast<const float*>(near(op.matrix.nested_absmax));
      on.matrix.absmax_table = static_cast<const float*>(near(op.matrix.absmax_table));
      c.bring(on.out);
      cpu_->dequantize_nf4(on);
    });
  }
  void do_begin_dequantize_nf4(const DequantizeNf4& op) override {
    if (recording_ != nullptr || !late_) return do_dequantize_nf4(op);
    beside_.push_back([this, op] { do_dequantize_nf4(op); });
  }
  void do_adamw(const AdamW& op) override {
    faults_->operation();
    AdamW on = op;
    on.weight = near_span(op.weight);
    on.grad = near_span(op.grad);
    on.m = near_span(op.m);
    on.v = near_span(op.v);
    on.bf16_copy = near_span(op.bf16_copy);
    cpu_->adamw(on);
  }
  double do_squared_norm(std::span<const float> x) override {
    faults_->operation();
    return cpu_->squared_norm(near_span(x));
  }
  void do_squared_norms(std::span<const float> x, std::span<const std::int64_t> bounds,
                        std::span<double> out) override {
    faults_->operation();
    check_host(bounds.data());
    check_host(out.data());
    cpu_->squared_norms(near_span(x), bounds, out);
  }

 private:
  // Set in every address given out: no pointer of a program has it.
  static constexpr std::uintptr_t kFar = std::uintptr_t{1} << 62;

  struct Kept : Recording {
    std::vector<std::function<void()>> operations;
    std::size_t given_back = 0;
  };
  // Whether it is to run later only.
  bool later(std::function<void()> operation) {
    if (recording_ == nullptr) return false;
    recording_->operations.push_back(std::move(operation));
    return true;
  }

  // A copy that is on its way when the device is lost does not arrive.
  class Fetching : public Fetch {
   public:
    Fetching(std::unique_ptr<Fetch> fetch, std::shared_ptr<const StandInFaults> faults)
        : fetch_(std::move(fetch)), faults_(std::move(faults)) {}
    void wait() override {
      faults_->check();
      fetch_->wait();
    }

   private:
    std::unique_ptr<Fetch> fetch_;
    std::shared_ptr<const StandInFaults> faults_;
  };

  void begin_copy(std::function<void()> copy) {
    copies_.push_back(std::move(copy));
    if (!late_) await_copies(0);
  }

  class FarBuffer : public DeviceBuffer {
   public:
    FarBuffer(std::unique_ptr<DeviceBuffer> memory, std::shared_ptr<std::size_t> given_back)
        : memory_(std::move(memory)), given_back_(std::move(given_back)) {
      std::memset(memory_->data(), 0xff, memory_->bytes());  // NaN in every type: nobody may rely on zeros
    }
    ~FarBuffer() override { ++*given_back_; }
    void* data() override { return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(memory_->data()) | kFar); }
    std::size_t bytes() const override { return memory_->bytes(); }

   private:
    std::unique_ptr<DeviceBuffer> memory_;
    std::shared_ptr<std::size_t> given_back_;
  };

  static void* near(const void* far) {
    const auto address = reinterpret_cast<std::uintptr_t>(far);
    if (far == nullptr) return nullptr;
    if ((address & kFar) == 0) fail(ErrorCode::kInternal, "stand-in", "host memory where the device's is expected.");
    return reinterpret_cast<void*>(address & ~kFar);
  }
  static const void* check_host(const void* host) {
    if ((reinterpret_cast<std::uintptr_t>(host) & kFar) == 0) return host;
    fail(ErrorCode::kInternal, "stand-in", "device memory where the host's is expected.");
  }
  template <typename T>
  static std::span<T> near_span(std::span<T> far) {
    return {static_cast<T*>(near(far.data())), far.size()};
  }

  // One operation: its views within reach and in float32, bfloat16 results rounded back at the end.
  class Call {
   public:
    template <typename Work>
    void run(const Work& work) {
      work(*this);
      for (const auto& [to, from] : results_) {
        for (std::int64_t r = 0; r < to.rows; ++r) {
          auto* row = static_cast<std::uint16_t*>(to.data) + r * to.stride;
          for (std::int64_t c = 0; c < to.cols; ++c) row[c] = f32_to_bf16(from.f32(r)[c]);
        }
      }
    }
    ConstTensorView in(const ConstTensorView& far) {
      if (!far) return far;
      return widened({near(far.data), far.dtype, far.rows, far.cols, far.stride});
    }
    TensorView out(const TensorView& far) {
      if (!far) return far;
      const TensorView here(near(far.data), far.dtype, far.rows, far.cols, far.stride);
      const TensorView wide = widened(here);
      if (here.dtype == DType::kBF16) results_.emplace_back(here, wide);
      return wide;
    }
    void bring(ConstTensorView& view) { view = in(view); }
    void bring(TensorView& view) { view = out(view); }
    std::vector<Projection> bring_all(std::span<const Projection> far) {
      std::vector<Projection> all(far.begin(), far.end());
      for (Projection& p : all) bring(p.weight), bring(p.bias), bring(p.lora.a), bring(p.lora.b);
      return all;
    }

   private:
    TensorView widened(const TensorView& here) {
      if (here.dtype == DType::kF32) return here;
      storage_.emplace_back(static_cast<std::size_t>(here.size()));
      const TensorView wide(storage_.back().data(), here.rows, here.cols);
      for (std::int64_t r = 0; r < here.rows; ++r) {
        const auto* row = static_cast<const std::uint16_t*>(here.data) + r * here.stride;
        for (std::int64_t c = 0; c < here.cols; ++c) wide.f32(r)[c] = bf16_to_f32(row[c]);
      }
      return wide;
    }
    std::vector<std::vector<float>> storage_;
    std::vector<std::pair<TensorView, TensorView>> results_;
  };

  Call call() {
    faults_->operation();
    return {};
  }

  std::unique_ptr<Backend> cpu_ = make_cpu_backend(2);
  std::shared_ptr<StandInFaults> faults_;
  std::size_t free_bytes_ = 0;
  std::shared_ptr<std::size_t> given_back_ = std::make_shared<std::size_t>(0);
  Kept* recording_ = nullptr;
  bool deterministic_ = false;
  bool late_ = false;
  std::deque<std::function<void()>> copies_;
  std::vector<std::function<void()>> beside_;
};

}  // namespace vernier::test
