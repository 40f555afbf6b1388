// Captured logits: what is shown of them, what they cost, and that they are the pass's own.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/inspect/capture.h"
#include "engine/io/capture_file.h"
#include "io_test_support.h"
#include "tests/parity/random_model.h"
#include "vernier/inspect.h"

namespace vernier {
namespace {

Capture small_capture() {
  Capture capture;
  capture.vocab_size = 5;
  capture.input_ids = {3, 1, 4};
  capture.positions = {0, 2};
  capture.targets = {1, -100};
  capture.logits = {1.0f, 2.0f, 2.0f, -1.0f, 2.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
  return capture;
}

TEST(TopTokens, OfEqualLogitsTheLowerIdComesFirst) {
  const std::vector<PositionView> views = top_tokens(small_capture(), 4);
  ASSERT_EQ(views.size(), 2u);
  const PositionView& first = views[0];
  EXPECT_EQ(first.position, 0);
  EXPECT_EQ(first.input_id, 3);
  EXPECT_EQ(first.target, 1);
  EXPECT_EQ(first.target_rank, 0) << "only larger logits stand before the target";
  const double sum = 3.0 * std::exp(2.0) + std::exp(1.0) + std::exp(-1.0);
  EXPECT_NEAR(first.target_probability, std::exp(2.0) / sum, 1e-6);
  std::vector<std::int32_t> ids;
  for (const TopToken& token : first.top) {
    ids.push_back(token.id);
    EXPECT_NEAR(token.probability, std::exp(token.logit) / sum, 1e-6);
  }
  EXPECT_EQ(ids, (std::vector<std::int32_t>{1, 2, 4, 0}));

  const PositionView& last = views[1];
  EXPECT_EQ(last.input_id, 4);
  EXPECT_EQ(last.target_rank, -1);
  EXPECT_EQ(last.target_probability, 0.0f);
  EXPECT_NEAR(last.entropy, std::log(5.0), 1e-6);
  for (std::int32_t i = 0; i < 4; ++i) EXPECT_EQ(last.top[static_cast<std::size_t>(i)].id, i);
}

TEST(TopTokens, AsManyAsThereAre) {
  EXPECT_EQ(top_tokens(small_capture(), 99)[0].top.size(), 5u);
  EXPECT_TRUE(top_tokens(small_capture(), 0)[0].top.empty());
  EXPECT_TRUE(top_tokens(Capture{}, 5).empty());
}

TEST(TopTokens, RandomLogitsAgainstTheDefinition) {
  Capture capture;
  capture.vocab_size = test::uniform_int(3, 400);
  capture.input_ids = {0, 1, 2, 3};
  capture.positions = {0, 1, 2, 3};
  for (int i = 0; i < 4; ++i) {
    capture.targets.push_back(static_cast<std::int32_t>(test::uniform_int(0, capture.vocab_size - 1)));
  }
  // Large enough that exp() of a logit alone would overflow.
  capture.logits = test::normal(static_cast<std::size_t>(4 * capture.vocab_size), 60.0f);
  const std::vector<PositionView> views = top_tokens(capture, 3);
  for (std::size_t n = 0; n < 4; ++n) {
    const float* logits = capture.logits.data() + static_cast<std::int64_t>(n) * capture.vocab_size;
    long double sum = 0.0L;
    for (std::int64_t v = 0; v < capture.vocab_size; ++v) sum += std::exp(static_cast<long double>(logits[v]));
    long double entropy = 0.0L;
    std::int32_t rank = 0;
    for (std::int64_t v = 0; v < capture.vocab_size; ++v) {
      const long double p = std::exp(static_cast<long double>(logits[v])) / sum;
      if (p > 0.0L) entropy -= p * std::log(p);
      rank += logits[v] > logits[capture.targets[n]];
    }
    EXPECT_TRUE(std::abs(views[n].entropy - static_cast<double>(entropy)) <= 1e-5);
    EXPECT_EQ(views[n].target_rank, rank);
    const auto p = static_cast<double>(std::exp(static_cast<long double>(logits[capture.targets[n]])) / sum);
    EXPECT_TRUE(std::abs(views[n].target_probability - p) <= 1e-6);
    EXPECT_GE(views[n].top[0].logit, views[n].top[1].logit);
    EXPECT_GE(views[n].top[1].logit, views[n].top[2].logit);
  }
}

TEST(LogitsPrice, FollowsTheRateOfTheStep) {
  // 2 * 100 * 1000 * 64 operations at 1e9 a millisecond.
  LogitsRequest request = {.positions = 100, .every = 10, .vocab_size = 1000, .hidden_size = 64};
  const LogitsPrice unknown = predict_logits_price(request);
  EXPECT_EQ(unknown.milliseconds, 0.0);
  EXPECT_EQ(unknown.percent_of_step, 0.0);
  EXPECT_EQ(unknown.bytes_per_second, 0.0);
  request.step_ms = 50.0;
  request.step_flops = 50.0e9;
  const LogitsPrice price = predict_logits_price(request);
  EXPECT_NEAR(price.milliseconds, 0.0128, 1e-9);
  EXPECT_NEAR(price.percent_of_step, 0.0256, 1e-9);
  EXPECT_EQ(price.bytes, unknown.bytes);
  // A file in the time of ten steps.
  EXPECT_NEAR(price.bytes_per_second, static_cast<double>(price.bytes) / 0.5000128, 1e-3);
  request.in_bfloat16 = true;
  EXPECT_EQ(price.bytes - predict_logits_price(request).bytes, 100u * 1000u * 2u);
}

// What the queue does, at once.
Capture capture_now(Decoder& decoder, const MicroBatch& batch, const LogitsToKeep& keep, std::int64_t step) {
  CapturedRow row = captured_row(decoder.config().vocab_size, batch, 0, keep, step);
  row.capture.logits.resize(row.rows.size() * static_cast<std::size_t>(row.capture.vocab_size));
  decoder.begin_logits(row.rows, DType::kF32, row.capture.logits.data())->wait();
  return row.capture;
}

TEST(CaptureLogits, AreThoseOfThePassAndTheirFileCostsWhatWasSaid) {
  const test::RandomModel model(true);
  const MicroBatch batch = model.random_batch(17);
  model.decoder->forward(batch, {});
  const auto length = static_cast<std::size_t>(batch.sequences[0].length);
  for (const LogitsToKeep& keep : {LogitsToKeep{}, LogitsToKeep{5, {}}, LogitsToKeep{0, {9, 2, 400}}}) {
    const Capture capture = capture_now(*model.decoder, batch, keep, 12);
    EXPECT_EQ(capture.step, 12);
    EXPECT_EQ(capture.input_ids.size(), length);
    ASSERT_EQ(capture.logits.size(), capture.positions.size() * static_cast<std::size_t>(model.config.vocab_size));
    for (std::size_t i = 0; i < capture.positions.size(); ++i) {
      const std::int32_t position = capture.positions[i];
      std::vector<float> row(static_cast<std::size_t>(model.config.vocab_size));
      model.decoder->logits(std::span(&position, 1), row.data());
      for (std::size_t v = 0; v < row.size(); ++v) {
        ASSERT_NEAR(capture.logits[i * row.size() + v], row[v], 1e-5f) << position;
      }
      const auto next = static_cast<std::size_t>(position) + 1;
      EXPECT_EQ(capture.targets[i], next < length ? batch.labels[next] : -100);
    }
    if (keep.last == 0 && keep.positions.empty()) {
      EXPECT_EQ(capture.positions.size(), length);
      const test::TemporaryFolder folder;
      const std::uint64_t bytes = write_capture(folder / "step-12.safetensors", capture);
      const LogitsPrice price =
          predict_logits_price({.positions = static_cast<std::int64_t>(length), .vocab_size = model.config.vocab_size});
      EXPECT_NEAR(static_cast<double>(price.bytes), static_cast<double>(bytes), 64.0);
    }
  }
  EXPECT_EQ(capture_now(*model.decoder, batch, {5, {}}, 0).positions.front(), static_cast<int>(length) - 5);
  EXPECT_EQ(capture_now(*model.decoder, batch, {0, {9, 2, 400}}, 0).positions, (std::vector<std::int32_t>{2, 9}));
}

}  // namespace
}  // namespace vernier
