// What the run store keeps of gradients, logits and pauses; and that stores of earlier versions do without.
#include <nlohmann/json.hpp>

#include "engine/io/run_store_schema.h"
#include "engine/io/signal_codec.h"
#include "engine/io/sqlite.h"
#include "tests/unit/io_store_fixture.h"

namespace vernier {
namespace {

using namespace vernier::test;

StepSignals made_signals(std::uint64_t seed, std::int64_t step, std::size_t groups) {
  std::mt19937_64 random(seed * 31 + static_cast<std::uint64_t>(step));
  std::normal_distribution<double> normal(0.0, 3.0);
  StepSignals made;
  made.step = step;
  made.logits = {normal(random),
                 std::abs(normal(random)),
                 -std::abs(normal(random)),
                 std::abs(normal(random)),
                 static_cast<std::int64_t>(random() % 3),
                 0.25,
                 0.125,
                 static_cast<std::int32_t>(random() % 30000)};
  for (std::size_t g = 0; g < groups; ++g)
    made.gradient_norms.push_back(static_cast<float>(std::exp(3 * normal(random))));
  return made;
}

void expect_signals(const StepSignals& got, const StepSignals& want) {
  EXPECT_EQ(got.step, want.step);
  EXPECT_TRUE(same_real(got.logits.mean, want.logits.mean) && same_real(got.logits.spread, want.logits.spread));
  EXPECT_TRUE(same_real(got.logits.min, want.logits.min) && same_real(got.logits.max, want.logits.max));
  EXPECT_EQ(got.logits.non_finite, want.logits.non_finite);
  EXPECT_EQ(got.logits.top_argmax_share, want.logits.top_argmax_share);
  EXPECT_EQ(got.logits.top_target_share, want.logits.top_target_share);
  EXPECT_EQ(got.logits.top_argmax, want.logits.top_argmax);
  ASSERT_EQ(got.gradient_norms.size(), want.gradient_norms.size());
  for (std::size_t g = 0; g < want.gradient_norms.size(); ++g) {
    const float norm = want.gradient_norms[g];
    EXPECT_TRUE(std::isnan(norm) ? std::isnan(got.gradient_norms[g])
                                 : std::abs(got.gradient_norms[g] - norm) <= norm * 0x1p-9f)
        << norm << " became " << got.gradient_norms[g];
  }
}

TEST(SignalCodec, IsFloat32WithoutItsLastBits) {
  std::mt19937_64 random(fresh_seed());
  for (std::uint32_t bits = 0; bits <= 0xff00u; ++bits) {
    const float value = from_e8m8(static_cast<std::uint16_t>(bits));
    ASSERT_EQ(to_e8m8(value), bits);
    if (bits + 1 > 0xfeffu) continue;
    const float next = from_e8m8(static_cast<std::uint16_t>(bits + 1));
    const double middle = (static_cast<double>(value) + static_cast<double>(next)) / 2;  // exact in float32
    ASSERT_EQ(to_e8m8(static_cast<float>(middle)), bits % 2 == 0 ? bits : bits + 1);
    ASSERT_EQ(to_e8m8(std::nextafter(static_cast<float>(middle), 0.0f)), bits);
  }
  EXPECT_TRUE(std::isinf(from_e8m8(to_e8m8(std::numeric_limits<float>::infinity()))));
  EXPECT_TRUE(std::isnan(from_e8m8(to_e8m8(-std::nanf("")))));
  EXPECT_EQ(to_e8m8(-2.0f), 0);
  std::vector<float> norms;
  EXPECT_EQ(code_of([&] { decode_norms(std::vector<std::uint8_t>(3), norms); }), ErrorCode::kInvalidInput);
}

TEST(RunStoreSignals, AreReadBackAndForgottenWithTheirSteps) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  const std::vector<GradientGroup> groups = {{0, "self_attn.q_proj"}, {1, "mlp.down_proj"}, {-1, "lm_head"}};
  {
    RunStoreWriter writer = RunStoreWriter::create(folder / "run", "{}");
    writer.set_gradient_groups(groups);
    for (std::int64_t step = 1; step <= 9; ++step) {
      const MadeStep made = make_step(seed, step);
      const StepSignals signals = made_signals(seed, step, groups.size());
      writer.add_step(made.event, made.tokens, step == 4 ? nullptr : &signals);
    }
    StepSignals failed = made_signals(seed, 10, groups.size());
    failed.gradient_norms[1] = std::nanf("");
    failed.logits.mean = std::nan("");
    writer.add_failed_signals(failed);
    writer.add_pause({1, 3, "aa", ""});
    writer.add_pause({1, 3, "aa", "aa"});
    writer.add_pause({1, 8, "bb", ""});

    const RunReader reader(folder / "run");
    EXPECT_EQ(reader.gradient_groups(), groups);
    const std::vector<StepSignals> all = reader.step_signals();
    ASSERT_EQ(all.size(), 9u);
    for (const StepSignals& one : all) {
      StepSignals want = made_signals(seed, one.step, groups.size());
      if (one.step == 10) want = failed;
      expect_signals(one, want);
      EXPECT_NE(one.step, 4);
    }
    EXPECT_EQ(reader.steps().size(), 9u);  // a step that failed is none
    EXPECT_EQ(reader.step_signals(5, 6).size(), 2u);
    const std::vector<PauseRecord> pauses = reader.pauses();
    ASSERT_EQ(pauses.size(), 2u);
    EXPECT_EQ(pauses[0].state_hash_after, "aa");
    EXPECT_EQ(pauses[1].state_hash_after, "");
  }
  RunStoreWriter writer = RunStoreWriter::open(folder / "run");
  writer.rewind(5);
  const RunReader reader(folder / "run");
  EXPECT_EQ(reader.step_signals().back().step, 5);
  EXPECT_EQ(reader.pauses().size(), 1u);
}

TEST(RunStoreSignals, StoresOfEarlierVersionsOpenWithoutAndGetThemWhenWritten) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  {
    RunStoreWriter writer = RunStoreWriter::create(folder / "run", "{}");
    const MadeStep made = make_step(seed, 1, false);
    add_made_step(writer, made);
  }
  Database::open_writer(folder / "run/run.db").execute("DROP TABLE signals; DROP TABLE pauses;");
  {
    const RunReader reader(folder / "run");
    EXPECT_TRUE(reader.step_signals().empty());
    EXPECT_TRUE(reader.gradient_groups().empty());
    EXPECT_TRUE(reader.pauses().empty());
    expect_run(reader, seed, 1, false);
  }
  RunStoreWriter writer = RunStoreWriter::open(folder / "run");
  const StepSignals signals = made_signals(seed, 2, 3);
  const MadeStep made = make_step(seed, 2, false);
  writer.add_step(made.event, made.tokens, &signals);
  const std::vector<StepSignals> read = RunReader(folder / "run").step_signals();
  ASSERT_EQ(read.size(), 1u);
  expect_signals(read.front(), signals);
}

}  // namespace
}  // namespace vernier
