// What is recorded on a device runs again with what its arrays hold then; and what came with it: sums with another
// matrix, matrices in 4 bits.
#include <vector>

#include "engine/core/nf4.h"
#include "tests/parity/cuda_support.h"
#include "vernier/error.h"

namespace vernier::test {
namespace {

class CudaRecording : public CudaOps {};
INSTANTIATE_TEST_SUITE_P(Types, CudaRecording, testing::Values(DType::kF32, DType::kBF16),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST_P(CudaRecording, RunsAgainWithOtherArrays) {
  ASSERT_TRUE(gpu().records());
  whole_vectors_ = true;
  constexpr std::int64_t kTokens = 64, kWidth = 48, kVocab = 200;
  Both table = in(kVocab, kWidth), weight = in(1, kWidth), x = out(kTokens, kWidth), y = out(kTokens, kWidth),
       inv = out32(kTokens, 1);
  std::vector<std::int32_t> ids(kTokens), rows = {1, 5, 6, 40}, targets(4);
  std::vector<float> loss(4), expected(4);
  const auto change = [&] {
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(uniform_int(0, kVocab - 1));
    for (std::int32_t& id : targets) id = static_cast<std::int32_t>(uniform_int(0, kVocab - 1));
    rows = {static_cast<std::int32_t>(uniform_int(0, 9)), static_cast<std::int32_t>(uniform_int(10, 19)),
            static_cast<std::int32_t>(uniform_int(20, 39)), static_cast<std::int32_t>(uniform_int(40, kTokens - 1))};
  };
  const auto work = [&] {
    gpu().embedding_forward({ids, table.device(), 1.0f, x.device()});
    gpu().rms_norm_forward({x.device(), weight.device(), 1, 1e-5f, 0.0f, false, y.device(), inv.device()});
    gpu().loss_head({y.device(), rows, table.device(), 1.0f, 0.0f, targets, {}, {.loss = loss}});
  };
  change();
  work();
  const std::unique_ptr<Recording> recording = gpu().record(work);
  for (int run = 0; run < 4; ++run) {
    change();
    std::fill(loss.begin(), loss.end(), kPoison);
    ASSERT_TRUE(gpu().replay(*recording));
    gpu().synchronize();
    cpu().embedding_forward({ids, table.host(), 1.0f, x.host()});
    cpu().rms_norm_forward({x.host(), weight.host(), 1, 1e-5f, 0.0f, false, y.host(), inv.host()});
    cpu().loss_head({y.host(), rows, table.host(), 1.0f, 0.0f, targets, {}, {.loss = expected}});
    EXPECT_WITHIN(y, tolerance());
    for (std::size_t m = 0; m < loss.size(); ++m) {
      const double off = std::abs(loss[m] - expected[m]);
      EXPECT_TRUE(off <= tolerance(2e-2) * std::abs(expected[m])) << run << ": " << loss[m] << " of " << expected[m];
    }
  }
  // Twice without waiting in between: the second run's arrays do not reach the first.
  const std::vector<std::int32_t> first_ids = ids;
  ASSERT_TRUE(gpu().replay(*recording));
  change();
  ASSERT_TRUE(gpu().replay(*recording));
  gpu().synchronize();
  cpu().embedding_forward({ids, table.host(), 1.0f, x.host()});
  EXPECT_WITHIN(x, tolerance());
  // Memory that was given back may have been the recording's.
  gpu().allocate(1 << 20).reset();
  EXPECT_FALSE(gpu().replay(*recording));
}

TEST_P(CudaRecording, LeavesTheStreamUsableWhereTheWorkFails) {
  Both x = in(4, 8);
  const auto fails = [&] {
    gpu().zero(x.device());
    fail(ErrorCode::kInternal, "test", "on purpose.");
  };
  EXPECT_THROW(gpu().record(fails), Error);
  gpu().synchronize();
  EXPECT_WITHIN(x, 0.0);  // nothing has run
  gpu().zero(x.device());
  cpu().zero(x.host());
  EXPECT_WITHIN(x, 0.0);
}

TEST_P(CudaRecording, ProjectsOntoASumWithAnotherMatrix) {
  for (const bool vectors : {false, true}) {
    for (const std::int64_t rank : {0, 8}) {
      SCOPED_TRACE(testing::Message() << vectors << " " << rank);
      whole_vectors_ = vectors;
      Both x = in(150, 72), weight = in(40, 72, 0.1f), a = in(8, 72, 0.1f), b = in(40, 8), from = in(150, 40);
      Both y = out(150, 40), t = out(150, 8);
      const LoraView none;
      const std::vector<Projection> on_cpu = {
          {weight.host(), {}, rank > 0 ? LoraView{a.host(), b.host(), 2.0f} : none}};
      const std::vector<Projection> on_gpu = {
          {weight.device(), {}, rank > 0 ? LoraView{a.device(), b.device(), 2.0f} : none}};
      const std::vector<TensorView> y_cpu = {y.host()}, y_gpu = {y.device()};
      for (const bool known : {false, true}) {  // t of the first round is the second's
        if (known && rank == 0) continue;
        cpu().project_forward({x.host(), on_cpu, {}, true, y_cpu, rank > 0 ? t.host() : TensorView(), from.host()});
        gpu().project_forward(
            {x.device(), on_gpu, {}, true, y_gpu, rank > 0 ? t.device() : TensorView(), from.device(), known});
        EXPECT_WITHIN(y, tolerance(5e-3));
        EXPECT_WITHIN(from, 0.0);
      }
    }
  }
}

TEST_P(CudaRecording, PutsMatricesTogetherFrom4Bits) {
  struct Shape {
    std::int64_t rows, cols;
  };
  for (const Shape& s : {Shape{1, 1}, Shape{3, 21}, Shape{64, 64}, Shape{130, 256}, Shape{257, 65}, Shape{5, 40000}}) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.cols);
    const std::vector<float> values = normal(static_cast<std::size_t>(s.rows * s.cols), 0.02f);
    const Nf4Values packed = quantize_nf4(values);
    std::vector<float> expected(values.size());
    dequantize_nf4(packed, expected);
    const auto send = [&](const auto& host) {
      auto buffer = gpu().allocate(host.size() * sizeof(host[0]));
      gpu().upload(buffer->data(), host.data(), host.size() * sizeof(host[0]));
      return buffer;
    };
    const auto codes = send(packed.codes), absmax = send(packed.absmax), nested = send(packed.nested_absmax),
               table = send(packed.absmax_table);
    const auto out = gpu().allocate(values.size() * size_of(dtype()));
    const TensorView view(out->data(), dtype(), s.rows, s.cols, s.cols);
    gpu().dequantize_nf4({{s.rows, s.cols, static_cast<const std::uint8_t*>(codes->data()),
                           static_cast<const std::uint8_t*>(absmax->data()), static_cast<const float*>(nested->data()),
                           static_cast<const float*>(table->data()), packed.offset},
                          view});
    for (std::size_t i = 0; i < expected.size(); ++i) {
      float got = 0.0f;
      if (dtype() == DType::kF32) {
        gpu().download(&got, static_cast<float*>(out->data()) + i, sizeof got);
      } else {
        std::uint16_t bits = 0;
        gpu().download(&bits, static_cast<std::uint16_t*>(out->data()) + i, sizeof bits);
        got = bf16_to_f32(bits);
      }
      ASSERT_EQ(got, rounded_to(dtype(), expected[i])) << i;
      if (expected.size() > 20000 && i % 97 != 0) i += 96;
    }
  }
}

TEST_P(CudaRecording, ReadsTablesInTheHostsMemory) {
  whole_vectors_ = true;
  const std::int64_t rows = 300, cols = 64;
  Both on_device = in(rows, cols);
  const std::vector<float> host = on_device.fetch();
  const auto memory = gpu().allocate_on_host(host.size() * size_of(dtype()));
  std::vector<std::uint16_t> bits(host.size());
  for (std::size_t i = 0; i < host.size(); ++i) bits[i] = f32_to_bf16(host[i]);
  const void* from = dtype() == DType::kF32 ? static_cast<const void*>(host.data()) : bits.data();
  gpu().upload(memory->data(), from, host.size() * size_of(dtype()));
  const std::vector<std::int32_t> ids = {0, 299, 17, 17, 160};
  Both out_rows = out(5, cols);
  const TensorView table(memory->data(), dtype(), rows, cols, on_device.device().stride);
  cpu().embedding_forward({ids, on_device.host(), 1.0f, out_rows.host()});
  gpu().embedding_forward({ids, table, 1.0f, out_rows.device()});
  EXPECT_WITHIN(out_rows, 0.0);
}

}  // namespace
}  // namespace vernier::test
