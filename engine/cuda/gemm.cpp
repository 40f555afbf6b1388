#include "engine/cuda/gemm.h"

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/cuda/cublas_lt.h"
#include "engine/cuda/errors.h"
#include "engine/cuda/stopwatch.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{64} << 20;
constexpr int kCandidates = 8;
constexpr int kTimedRuns = 3;
// Products of fewer multiply-adds may take less time than giving them to the device does.
constexpr double kLittle = 1e10;
constexpr int kTimedLittleRuns = 16;

void check_lt(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  check(cudaGetLastError(), what);  // a lost device says so itself
  if (status == CUBLAS_STATUS_ALLOC_FAILED) fail_out_of_memory(0);
  fail(ErrorCode::kInternal, "cuda",
       std::string(what) + ": got cuBLAS status " + std::to_string(status) + ", expected success.");
}

cudaDataType_t data_type(DType type) {
  if (type == DType::kF32) return CUDA_R_32F;
  if (type == DType::kBF16) return CUDA_R_16BF;
  fail(ErrorCode::kInternal, "cuda.gemm", "dtype: got " + std::string(to_string(type)) + ", expected F32 or BF16.");
}

// The largest power of two up to 16 that divides a matrix's address and row pitch.
std::uint32_t alignment_of(const ConstTensorView& v) {
  auto bits = reinterpret_cast<std::uintptr_t>(v.data);
  if (v.rows > 1) bits |= static_cast<std::uintptr_t>(v.stride) * size_of(v.dtype);
  for (std::uint32_t alignment = 16; alignment > 1; alignment /= 2) {
    if (bits % alignment == 0) return alignment;
  }
  return 1;
}

}  // namespace

Gemm times_transposed(const ConstTensorView& a, const ConstTensorView& b, const TensorView& c) {
  Gemm g;
  g.m = a.rows, g.n = b.rows, g.k = a.cols;
  g.trans_b = true;
  g.a = a, g.b = b, g.c = c;
  return g;
}

Gemm times(const ConstTensorView& a, const ConstTensorView& b, const TensorView& c) {
  Gemm g;
  g.m = a.rows, g.n = b.cols, g.k = a.cols;
  g.a = a, g.b = b, g.c = c;
  return g;
}

Gemm transposed_times(const ConstTensorView& a, const ConstTensorView& b, const TensorView& c) {
  Gemm g;
  g.m = a.cols, g.n = b.cols, g.k = a.rows;
  g.trans_a = true;
  g.a = a, g.b = b, g.c = c;
  return g;
}

// What decides which kernels can run.
struct GemmEngine::Key {
  std::int64_t m, n, k, lda, ldb, ldc, ld_addend;
  DType in, out;
  bool trans_a, trans_b, accumulate, bias;
  std::uint32_t align_a, align_b, align_c, align_addend, align_bias;
  auto operator<=>(const Key&) const = default;
};

struct GemmEngine::Plan {
  cublasLtMatmulDesc_t description = nullptr;
  std::vector<cublasLtMatmulHeuristicResult_t> candidates;
  std::size_t chosen = 0;
  bool settled = false;  // the choice has been made

  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    if (description != nullptr) cublas_lt().description_destroy(description);
  }
};

struct GemmEngine::Plans {
  std::map<Key, std::unique_ptr<Plan>> by_key;
};

GemmEngine::GemmEngine(cudaStream_t stream, const std::shared_ptr<Usage>& usage)
    : stream_(stream), plans_(std::make_unique<Plans>()) {
  workspace_ = DeviceBlock(kWorkspaceBytes, usage);  // first: where there is no room no handle is left behind
  cublasLtHandle_t handle = nullptr;
  check_lt(cublas_lt().create(&handle), "cublasLtCreate");
  handle_ = handle;
}

GemmEngine::~GemmEngine() {
  plans_.reset();
  if (handle_ != nullptr) cublas_lt().destroy(static_cast<cublasLtHandle_t>(handle_));
}

namespace {

// What beta multiplies.
ConstTensorView addend_of(const Gemm& g) {
  return g.addend ? g.addend : ConstTensorView(g.c);
}

// cuBLASLt counts in columns: a row-major C is its column-major C^T = op(B)^T op(A)^T, so A and B change places.
struct Layouts {
  cublasLtMatrixLayoutOpaque_t first{}, second{}, addend{}, c{};

  explicit Layouts(const Gemm& g) {
    init(first, g.b);
    init(second, g.a);
    init(addend, addend_of(g));
    init(c, g.c);
  }

 private:
  static void init(cublasLtMatrixLayoutOpaque_t& layout, const ConstTensorView& v) {
    check_lt(cublas_lt().layout_init(&layout, sizeof layout, data_type(v.dtype), static_cast<std::uint64_t>(v.cols),
                                     static_cast<std::uint64_t>(v.rows), std::max(v.stride, v.cols)),
             "cublasLtMatrixLayoutInit");
  }
};

// Rounded up to three binary digits.
std::int64_t rounded(std::int64_t count) {
  std::int64_t unit = 1;
  while (count >= 8 * unit) unit *= 2;
  return (count + unit - 1) / unit * unit;
}

}  // namespace

void GemmEngine::set_timing(bool on) {
  if (on != timing_) plans_->by_key.clear();
  timing_ = on;
}

GemmEngine::Plan& GemmEngine::plan_of(const Key& key, const Gemm& g) {
  if (const auto found = plans_->by_key.find(key); found != plans_->by_key.end()) return *found->second;

  auto fresh = std::make_unique<Plan>();
  Plan& plan = *fresh;
  const CublasLt& lt = cublas_lt();
  check_lt(lt.description_create(&plan.description, CUBLAS_COMPUTE_32F, CUDA_R_32F), "cublasLtMatmulDescCreate");
  const auto set = [&](cublasLtMatmulDescAttributes_t which, const auto& value) {
    check_lt(lt.description_set(plan.description, which, &value, sizeof value), "cublasLtMatmulDescSetAttribute");
  };
  const cublasOperation_t op_first = g.trans_b ? CUBLAS_OP_T : CUBLAS_OP_N;
  const cublasOperation_t op_second = g.trans_a ? CUBLAS_OP_T : CUBLAS_OP_N;
  set(CUBLASLT_MATMUL_DESC_TRANSA, op_first);
  set(CUBLASLT_MATMUL_DESC_TRANSB, op_second);
  if (g.bias != nullptr) {
    const cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_BIAS;
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
    set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, data_type(g.c.dtype));
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, g.bias);
  }

  cublasLtMatmulPreference_t preference = nullptr;
  check_lt(lt.preference_create(&preference), "cublasLtMatmulPreferenceCreate");
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t which, const auto& value) {
    check_lt(lt.preference_set(preference, which, &value, sizeof value), "cublasLtMatmulPreferenceSetAttribute");
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kWorkspaceBytes);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, key.align_b);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, key.align_a);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, key.align_addend);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, key.align_c);
  Layouts layouts(g);
  std::array<cublasLtMatmulHeuristicResult_t, kCandidates> results{};
  int count = 0;
  const cublasStatus_t status =
      lt.heuristics(static_cast<cublasLtHandle_t>(handle_), plan.description, &layouts.first, &layouts.second,
                    &layouts.addend, &layouts.c, preference, kCandidates, results.data(), &count);
  lt.preference_destroy(preference);
  check_lt(status, "cublasLtMatmulAlgoGetHeuristic");
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    if (results[i].state == CUBLAS_STATUS_SUCCESS) plan.candidates.push_back(results[i]);
  }
  if (plan.candidates.empty()) {
    fail(ErrorCode::kInternal, "cuda.gemm",
         "kernels: got none for a product " + std::to_string(g.m) + " x " + std::to_string(g.n) + " x " +
             std::to_string(g.k) + ", expected at least one.");
  }
  plans_->by_key.emplace(key, std::move(fresh));
  return plan;
}

// False where the candidate does not take this shape.
bool GemmEngine::launch(const Plan& plan, std::size_t candidate, const Gemm& g, float alpha) {
  Layouts layouts(g);
  const cublasStatus_t status =
      cublas_lt().matmul(static_cast<cublasLtHandle_t>(handle_), plan.description, &alpha, g.b.data, &layouts.first,
                         g.a.data, &layouts.second, &g.beta, addend_of(g).data, &layouts.addend, g.c.data, &layouts.c,
                         &plan.candidates[candidate].algo, workspace_.data(), workspace_.bytes(), stream_);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE) return false;
  check_lt(status, "cublasLtMatmul");
  return true;
}

float GemmEngine::milliseconds(const Plan& plan, std::size_t candidate, const Gemm& g, float alpha) {
  Stopwatch watch;
  if (static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k) >= kLittle) {
    watch.start(stream_);
    for (int run = 0; run < kTimedRuns; ++run) launch(plan, candidate, g, alpha);
    return watch.stop(stream_) / kTimedRuns;
  }
  // Given all at once, as a graph.
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t runs = nullptr;
  check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "timing");
  for (int run = 0; run < kTimedLittleRuns; ++run) launch(plan, candidate, g, alpha);
  check(cudaStreamEndCapture(stream_, &graph), "timing");
  const cudaError_t made = cudaGraphInstantiate(&runs, graph, 0);
  cudaGraphDestroy(graph);
  check(made, "timing");
  check(cudaGraphLaunch(runs, stream_), "timing");
  watch.start(stream_);
  check(cudaGraphLaunch(runs, stream_), "timing");
  const float took = watch.stop(stream_) / kTimedLittleRuns;
  cudaGraphExecDestroy(runs);
  return took;
}

// Runs every candidate on the real operands. Where C joins the sum the product is scaled by so little that it vanishes
// beside what C holds, which leaves C for the run that counts; a bias would be added each time, so then nothing is
// timed.
void GemmEngine::choose(Plan& plan, const Gemm& g) {
  plan.settled = true;
  const bool accumulate = g.beta != 0.0f && addend_of(g).data == g.c.data;
  if (!timing_ || plan.candidates.size() < 2 || (accumulate && (g.bias != nullptr || g.beta != 1.0f))) return;
  const float alpha = accumulate ? 1e-30f : g.alpha;
  float best = 0.0f;
  bool any = false;
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    if (!launch(plan, i, g, alpha)) continue;  // also warms up
    const float took = milliseconds(plan, i, g, alpha);
    if (any && took >= best) continue;
    best = took;
    plan.chosen = i;
    any = true;
  }
}

void GemmEngine::run(const Gemm& g) {
  if (g.m == 0 || g.n == 0) return;
  Key key{};
  key.m = timing_ ? rounded(g.m) : g.m;
  key.n = g.n;
  key.k = timing_ ? rounded(g.k) : g.k;
  key.lda = g.a.stride;
  key.ldb = g.b.stride;
  key.ldc = g.c.stride;
  key.ld_addend = addend_of(g).stride;
  key.in = g.a.dtype;
  key.out = g.c.dtype;
  key.trans_a = g.trans_a;
  key.trans_b = g.trans_b;
  key.accumulate = g.beta != 0.0f;
  key.bias = g.bias != nullptr;
  key.align_a = alignment_of(g.a);
  key.align_b = alignment_of(g.b);
  key.align_c = alignment_of(g.c);
  key.align_addend = alignment_of(addend_of(g));
  key.align_bias = key.bias ? alignment_of({g.bias, g.c.dtype, 1, g.n, g.n}) : 16U;
  const auto try_run = [&] {
    Plan& plan = plan_of(key, g);
    if (g.bias != nullptr) {
      check_lt(cublas_lt().description_set(plan.description, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &g.bias, sizeof g.bias),
               "cublasLtMatmulDescSetAttribute");
    }
    if (!plan.settled) choose(plan, g);
    return launch(plan, plan.chosen, g, g.alpha);
  };
  if (try_run()) return;
  // A kernel chosen for a neighbour does not take this very shape: it gets its own.
  key.m = -g.m;
  key.k = -g.k;
  if (!try_run())
    fail(ErrorCode::kInternal, "cuda.gemm", "product: got a shape that cuBLAS refuses, expected to run it.");
}

}  // namespace vernier::cuda
