// Cells of logits: the likeliest and the chosen tokens, their ranks, and one capture against another.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/inspect/logit_row.h"
#include "tests/unit/random.h"
#include "vernier/error.h"
#include "vernier/logit_grid.h"

namespace vernier {
namespace {

Capture random_capture(std::int64_t vocab, std::int64_t length, bool with_ties) {
  Capture capture;
  capture.step = 3;
  capture.vocab_size = vocab;
  for (std::int64_t t = 0; t < length; ++t) {
    capture.input_ids.push_back(static_cast<std::int32_t>(test::uniform_int(0, vocab - 1)));
    capture.positions.push_back(static_cast<std::int32_t>(t));
    capture.targets.push_back(t % 4 == 3 ? -100 : static_cast<std::int32_t>(test::uniform_int(0, vocab - 1)));
  }
  capture.logits = test::normal(static_cast<std::size_t>(vocab * length), 4.0f);
  if (with_ties) {
    for (float& logit : capture.logits) logit = std::round(logit);
  }
  return capture;
}

// By the definitions, in float64.
void expect_cell(const Capture& capture, std::size_t column, const GridCell& cell) {
  const float* logits = capture.logits.data() + static_cast<std::ptrdiff_t>(column) * capture.vocab_size;
  const float* end = logits + capture.vocab_size;
  EXPECT_EQ(cell.logit, logits[cell.id]);
  EXPECT_EQ(cell.rank, std::count_if(logits, end, [&](float x) { return x > logits[cell.id]; }));
  double sum = 0.0;
  for (const float* x = logits; x < end; ++x) sum += std::exp(static_cast<double>(*x));
  const double p = std::exp(static_cast<double>(cell.logit)) / sum;
  EXPECT_TRUE(std::abs(static_cast<double>(cell.probability) - p) <= 1e-6);
}

TEST(LogitGrid, TheLikeliestTokensOfEachPosition) {
  for (const bool ties : {false, true}) {
    const Capture capture = random_capture(test::uniform_int(5, 300), test::uniform_int(1, 70), ties);
    const GridRows rows{.top = test::uniform_int(1, 40), .tokens = {}, .details = 3};
    const LogitGrid grid = logit_grid(capture, rows);
    ASSERT_EQ(grid.rows, std::min(rows.top, capture.vocab_size));
    ASSERT_EQ(grid.columns.size(), capture.positions.size());
    EXPECT_TRUE(grid.others.empty());
    const std::vector<PositionView> views = top_tokens(capture, grid.rows);
    for (std::size_t i = 0; i < grid.columns.size(); ++i) {
      EXPECT_EQ(grid.columns[i].entropy, views[i].entropy);
      EXPECT_EQ(grid.columns[i].target, views[i].target);
      EXPECT_EQ(grid.columns[i].target_rank, views[i].target_rank);
      EXPECT_EQ(grid.columns[i].target_probability, views[i].target_probability);
      ASSERT_EQ(grid.columns[i].top.size(), 3u);
      EXPECT_EQ(grid.columns[i].top[1].id, top_tokens(capture, 3)[i].top[1].id);
      for (std::int64_t r = 0; r < grid.rows; ++r) {
        const GridCell& cell = grid.cells[grid.at(static_cast<std::int64_t>(i), r)];
        EXPECT_EQ(cell.id, views[i].top[static_cast<std::size_t>(r)].id);
        expect_cell(capture, i, cell);
      }
    }
  }
}

TEST(LogitGrid, ChosenTokensStandAsTheyWereListed) {
  for (const bool ties : {false, true}) {
    const Capture capture = random_capture(test::uniform_int(30, 300), test::uniform_int(1, 40), ties);
    const GridRows rows{.top = 12, .tokens = {7, 0, 29, 7}, .details = 5};
    const LogitGrid grid = logit_grid(capture, rows);
    ASSERT_EQ(grid.rows, 4);
    const std::vector<PositionView> views = top_tokens(capture, 5);
    for (std::size_t i = 0; i < grid.columns.size(); ++i) {
      ASSERT_EQ(grid.columns[i].top.size(), 5u);
      for (std::size_t r = 0; r < 5; ++r) EXPECT_EQ(grid.columns[i].top[r].id, views[i].top[r].id);
      for (std::int64_t r = 0; r < 4; ++r) {
        const GridCell& cell = grid.cells[grid.at(static_cast<std::int64_t>(i), r)];
        EXPECT_EQ(cell.id, rows.tokens[static_cast<std::size_t>(r)]);
        expect_cell(capture, i, cell);
      }
    }
  }
}

TEST(LogitGrid, AnotherCaptureGivesTheSameTokensItsOwnValues) {
  const Capture capture = random_capture(50, 9, false);
  Capture other = random_capture(50, 9, false);
  // It lacks two positions.
  other.positions.erase(other.positions.begin() + 2, other.positions.begin() + 4);
  other.targets.resize(7);
  other.logits.erase(other.logits.begin() + 100, other.logits.begin() + 200);
  const LogitGrid grid = logit_grid(capture, {.top = 6, .tokens = {}, .details = 0}, &other);
  ASSERT_EQ(grid.others.size(), grid.cells.size());
  for (std::int64_t t = 0; t < 9; ++t) {
    for (std::int64_t r = 0; r < 6; ++r) {
      const GridCell& cell = grid.others[grid.at(t, r)];
      EXPECT_EQ(cell.id, grid.cells[grid.at(t, r)].id);
      if (t == 2 || t == 3) {
        EXPECT_EQ(cell.rank, -1);
      } else {
        expect_cell(other, static_cast<std::size_t>(t < 2 ? t : t - 2), cell);
      }
    }
  }
}

TEST(LogitGrid, SaysWhatItCannotCompareOrFind) {
  const auto code_of = [](auto&& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  const Capture capture = random_capture(50, 3, false);
  const Capture other = random_capture(51, 3, false);
  EXPECT_EQ(code_of([&] { logit_grid(capture, {}, &other); }), ErrorCode::kInvalidInput);
  EXPECT_EQ(code_of([&] { logit_grid(capture, {.top = 1, .tokens = {50}, .details = 0}); }), ErrorCode::kInvalidInput);
  EXPECT_EQ(code_of([&] { logit_grid(capture, {.top = 1, .tokens = {-1}, .details = 0}); }), ErrorCode::kInvalidInput);
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(code_of([&] { logit_grid(capture, {}, nullptr, source.get_token()); }), ErrorCode::kCancelled);
}

TEST(LogitRow, NotANumberComesLast) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> logits = {nan, 1.0f, -std::numeric_limits<float>::infinity(), 3.0f, nan};
  std::vector<std::int32_t> ids;
  const auto top = likeliest(logits, 3, ids);
  EXPECT_EQ(top[0], 3);
  EXPECT_EQ(top[1], 1);
  EXPECT_TRUE(std::isnan(LogitRow(logits).entropy));
  const std::vector<float> certain = {-std::numeric_limits<float>::infinity(), 2.0f};
  EXPECT_EQ(LogitRow(certain).entropy, 0.0) << "what cannot happen adds nothing";
}

}  // namespace
}  // namespace vernier
