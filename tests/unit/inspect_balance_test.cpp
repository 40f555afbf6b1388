// Class balance of made-up runs against counts over the steps that were written.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "io_store_fixture.h"
#include "vernier/balance.h"

namespace vernier {
namespace {

class Balance : public testing::Test {
 protected:
  void SetUp() override {
    RunStoreWriter writer = RunStoreWriter::create(folder_ / "run", "{}");
    for (std::int64_t step = 1; step <= kSteps; ++step) {
      made_.push_back(test::make_step(seed_, step));
      // A loss that is no number, where there is one to spoil.
      if (step == 5 && !made_.back().tokens.empty() && !made_.back().arrays.front().loss.empty()) {
        made_.back().arrays.front().loss.front() = std::nanf("");
      }
      test::add_made_step(writer, made_.back());
    }
    writer.set_state(RunState::kFinished);
  }

  // Every target that was recorded, with its place.
  template <typename See>
  void each_target(std::int64_t first, std::int64_t last, See&& see) const {
    for (std::int64_t step = first; step <= last; ++step) {
      const test::MadeStep& made = made_[static_cast<std::size_t>(step - 1)];
      for (const SequenceTokens& tokens : made.tokens) {
        std::size_t m = 0;
        for (std::size_t t = 0; t < tokens.input_ids.size(); ++t) {
          if (tokens.is_target[t] == 0) continue;
          see(TokenExample{step, tokens.index, tokens.row, static_cast<std::int32_t>(t), tokens.input_ids[t],
                           tokens.argmax[m], tokens.loss[m]});
          ++m;
        }
      }
    }
  }

  static constexpr std::int64_t kSteps = 60;
  const std::uint64_t seed_ = test::fresh_seed();
  const test::TempFolder folder_;
  std::vector<test::MadeStep> made_;
};

TEST_F(Balance, CountsEveryTargetAndEveryArgmax) {
  const RunReader reader(folder_ / "run");
  for (const auto& [first, last] : {std::pair<std::int64_t, std::int64_t>{0, -1}, {7, 31}, {60, 99}}) {
    const std::int64_t from = std::max<std::int64_t>(first, 1);
    const std::int64_t to = last < 0 ? kSteps : std::min(last, kSteps);
    std::map<std::int32_t, TokenBalance> expected;
    std::int64_t targets = 0;
    std::int64_t hits = 0;
    each_target(from, to, [&](const TokenExample& token) {
      ++targets;
      hits += token.argmax == token.target;
      ++expected[token.target].targets;
      expected[token.target].hits += token.argmax == token.target;
      ++expected[token.argmax].predicted;
      if (std::isnan(token.loss)) {
        ++expected[token.target].non_finite;
      } else {
        expected[token.target].loss_sum += static_cast<double>(token.loss);
      }
    });
    double done = 0.0;
    const ClassBalance got = class_balance(reader, first, last, [&done](double fraction) { done = fraction; });
    EXPECT_EQ(done, 1.0);
    EXPECT_EQ(got.first_step, from);
    EXPECT_EQ(got.last_step, to);
    EXPECT_EQ(got.num_targets, targets);
    EXPECT_EQ(got.hits, hits);
    std::int64_t sequences = 0;
    std::int64_t recorded = 0;
    for (std::int64_t step = from; step <= to; ++step) {
      sequences += static_cast<std::int64_t>(made_[static_cast<std::size_t>(step - 1)].event.sequences.size());
      recorded += static_cast<std::int64_t>(made_[static_cast<std::size_t>(step - 1)].tokens.size());
    }
    EXPECT_EQ(got.sequences, sequences);
    EXPECT_EQ(got.unrecorded, sequences - recorded);
    ASSERT_EQ(got.tokens.size(), expected.size());
    std::int64_t excess = 0;
    for (const TokenBalance& token : got.tokens) {
      ASSERT_TRUE(expected.contains(token.id));
      const TokenBalance& want = expected[token.id];
      EXPECT_EQ(token.targets, want.targets) << token.id;
      EXPECT_EQ(token.predicted, want.predicted) << token.id;
      EXPECT_EQ(token.hits, want.hits) << token.id;
      EXPECT_EQ(token.non_finite, want.non_finite) << token.id;
      // The store keeps 11 bits of mantissa.
      EXPECT_TRUE(std::abs(token.loss_sum - want.loss_sum) <= 3e-4 * want.loss_sum + 1e-6) << token.id;
      if (want.targets > want.non_finite) {
        EXPECT_TRUE(std::isfinite(token.mean_loss()));
      } else {
        EXPECT_TRUE(std::isnan(token.mean_loss()));
      }
      excess += token.excess();
    }
    EXPECT_EQ(excess, 0) << "every target has one arg-max";
  }
}

TEST_F(Balance, ExamplesAreTheWorstOfTheirSequences) {
  const RunReader reader(folder_ / "run");
  const ClassBalance balance = class_balance(reader);
  const auto most = std::max_element(balance.tokens.begin(), balance.tokens.end(),
                                     [](const auto& a, const auto& b) { return a.targets < b.targets; });
  for (const ExampleKind kind : {ExampleKind::kTarget, ExampleKind::kPredicted}) {
    std::map<std::pair<std::int64_t, std::int64_t>, float> worst;  // of each sequence
    const auto cost = [](float loss) { return std::isnan(loss) ? 1e30f : loss; };
    each_target(1, kSteps, [&](const TokenExample& token) {
      const bool wanted = kind == ExampleKind::kTarget ? token.target == most->id
                                                       : token.argmax == most->id && token.target != most->id;
      if (!wanted) return;
      float& loss = worst[{token.step, token.index}];
      loss = std::max(loss, cost(token.loss));
    });
    std::vector<float> expected;
    for (const auto& [place, loss] : worst) expected.push_back(loss);
    std::sort(expected.rbegin(), expected.rend());
    const std::vector<TokenExample> got = token_examples(reader, most->id, kind, 5);
    ASSERT_EQ(got.size(), std::min<std::size_t>(5, expected.size()));
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_TRUE(std::abs(cost(got[i].loss) - expected[i]) <= 3e-4f * expected[i] + 1e-6f);
      const StepTokens tokens = reader.tokens(got[i].step, got[i].index);
      const TokenRecord& token = tokens.tokens[static_cast<std::size_t>(got[i].position)];
      EXPECT_EQ(token.input_id, got[i].target);
      EXPECT_EQ(token.argmax, got[i].argmax);
      EXPECT_EQ(tokens.sequence.row, got[i].row);
      EXPECT_EQ(kind == ExampleKind::kTarget ? token.input_id : token.argmax, most->id);
    }
  }
  EXPECT_TRUE(token_examples(reader, most->id, ExampleKind::kTarget, 0).empty());
}

TEST_F(Balance, StopsBetweenSteps) {
  const RunReader reader(folder_ / "run");
  std::stop_source source;
  std::string message;
  const auto stop_soon = [&source](double fraction) {
    if (fraction > 0.3) source.request_stop();
  };
  EXPECT_EQ(test::code_of([&] { class_balance(reader, 0, -1, stop_soon, source.get_token()); }, &message),
            ErrorCode::kCancelled);
  EXPECT_EQ(test::code_of([&] { token_examples(reader, 0, ExampleKind::kTarget, 3, 0, -1, {}, source.get_token()); }),
            ErrorCode::kCancelled);
}

}  // namespace
}  // namespace vernier
