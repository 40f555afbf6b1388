#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "engine/data/batch_planner.h"
#include "engine/data/dataset.h"
#include "engine/data/packer.h"
#include "engine/data/shuffle.h"

namespace vernier {
namespace {

using Order = std::vector<std::int64_t>;

TEST(Shuffle, IsAPermutationAndDependsOnEveryArgument) {
  for (const std::int64_t count : {0, 1, 2, 3, 17, 1000}) {
    Order order = shuffled(count, 7, ShufflePurpose::kEpoch, 3);
    std::sort(order.begin(), order.end());
    Order expected(static_cast<std::size_t>(count));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(order, expected);
  }
  const Order order = shuffled(100, 7, ShufflePurpose::kEpoch, 3);
  EXPECT_EQ(order, shuffled(100, 7, ShufflePurpose::kEpoch, 3));
  EXPECT_NE(order, shuffled(100, 8, ShufflePurpose::kEpoch, 3));
  EXPECT_NE(order, shuffled(100, 7 + (1ull << 40), ShufflePurpose::kEpoch, 3));
  EXPECT_NE(order, shuffled(100, 7, ShufflePurpose::kSplit, 3));
  EXPECT_NE(order, shuffled(100, 7, ShufflePurpose::kEpoch, 4));
}

TEST(Shuffle, EveryOrderIsEquallyLikely) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  constexpr int kDraws = 48000;
  std::map<Order, int> counts;
  for (int i = 0; i < kDraws; ++i) ++counts[shuffled(4, seed, ShufflePurpose::kEpoch, static_cast<std::uint64_t>(i))];
  ASSERT_EQ(counts.size(), 24u);
  double chi_square = 0.0;
  const double expected = kDraws / 24.0;
  for (const auto& [order, count] : counts) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_TRUE(chi_square <= 70.0) << chi_square;  // 23 degrees of freedom: exceeded once in a million
}

// Best fit decreasing as its definition says it, by looking at every row.
std::size_t rows_by_definition(std::vector<std::int32_t> lengths, std::int32_t capacity) {
  std::sort(lengths.rbegin(), lengths.rend());
  std::vector<std::int32_t> room;
  for (const std::int32_t length : lengths) {
    std::int32_t* best = nullptr;
    for (std::int32_t& r : room) {
      if (r >= length && (best == nullptr || r < *best)) best = &r;
    }
    if (best != nullptr) {
      *best -= length;
    } else {
      room.push_back(capacity - length);
    }
  }
  return room.size();
}

TEST(Packer, KeepsEverySequenceWholeAndMatchesTheDefinition) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    const auto capacity = static_cast<std::int32_t>(1 + random() % 64);
    std::vector<std::int32_t> lengths(random() % 80);
    for (auto& length : lengths) length = static_cast<std::int32_t>(1 + random() % static_cast<unsigned>(capacity));
    const auto rows = pack_best_fit_decreasing(lengths, capacity);
    std::multiset<std::int64_t> seen;
    for (const auto& row : rows) {
      std::int32_t sum = 0;
      for (const std::int64_t index : row) {
        seen.insert(index);
        sum += lengths[static_cast<std::size_t>(index)];
      }
      EXPECT_LE(sum, capacity);
      EXPECT_FALSE(row.empty());
    }
    EXPECT_EQ(seen.size(), lengths.size());
    EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), lengths.size());
    EXPECT_EQ(rows.size(), rows_by_definition(lengths, capacity));
  }
}

TEST(Packer, FillsLogNormalLengthsTo995) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> lengths_like(5.0, 0.8);
  std::vector<std::int32_t> lengths;
  std::int64_t tokens = 0;
  for (int i = 0; i < 20000; ++i) {
    lengths.push_back(std::clamp(static_cast<std::int32_t>(lengths_like(random)), 1, 2048));
    tokens += lengths.back();
  }
  const auto rows = pack_best_fit_decreasing(lengths, 2048);
  const double fill = static_cast<double>(tokens) / (2048.0 * static_cast<double>(rows.size()));
  EXPECT_TRUE(fill >= 0.995) << fill;
}

TokenDataset made_rows(std::int64_t count, std::int32_t longest, unsigned seed) {
  std::mt19937 random(seed);
  TokenDatasetBuilder out;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::int32_t>(1 + random() % static_cast<unsigned>(longest));
    std::vector<std::int32_t> ids(static_cast<std::size_t>(length));
    for (auto& id : ids) id = static_cast<std::int32_t>(random() % 1000);
    std::vector<std::int32_t> labels = ids;
    labels.front() = kNoLabel;
    std::vector<LabelSpan> spans = {{0, 1, LabelReason::kPrompt}};
    if (length > 1) spans.push_back({1, length, LabelReason::kCompletion});
    out.append({ids, labels, spans, i * 3, 0, {}});
  }
  return std::move(out).finish();
}

// What a set of micro-batches trains on: source row, ids and labels of each sequence.
using Sequence = std::tuple<std::int64_t, std::vector<std::int32_t>, std::vector<std::int32_t>>;
std::multiset<Sequence> sequences_of(const std::vector<MicroBatch>& batches) {
  std::multiset<Sequence> out;
  for (const MicroBatch& batch : batches) {
    EXPECT_EQ(batch.cu_seqlens.size(), batch.sequences.size() + 1);
    for (const SequenceRef& ref : batch.sequences) {
      const auto begin = batch.input_ids.begin() + ref.begin;
      const auto labels = batch.labels.begin() + ref.begin;
      out.insert({ref.row, {begin, begin + ref.length}, {labels, labels + ref.length}});
      for (std::int32_t p = 0; p < ref.length; ++p) {
        const auto at = static_cast<std::size_t>(ref.begin + p);
        EXPECT_EQ(batch.position_ids[at], p);
        EXPECT_EQ(batch.row_keys[at] >> 32, static_cast<std::uint64_t>(ref.row));
        EXPECT_EQ(batch.row_keys[at],
                  batch.row_keys[static_cast<std::size_t>(ref.begin)] + static_cast<std::uint64_t>(p));
      }
    }
  }
  return out;
}

RunConfig plan_of(std::int64_t batch_size, std::int64_t accumulation, Packing packing) {
  RunConfig config;
  config.per_device_train_batch_size = batch_size;
  config.gradient_accumulation_steps = accumulation;
  config.packing = packing;
  config.max_length = 32;
  config.num_train_epochs = 2.5;
  config.seed = 11;
  return config;
}

TEST(BatchPlanner, EveryEpochVisitsEveryRowOnce) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  for (const std::int64_t count : {1, 2, 7, 12, 53}) {
    const TokenDataset rows = made_rows(count, 32, seed);
    std::multiset<Sequence> all = sequences_of(evaluation_batches(rows, plan_of(3, 1, Packing::kNone)));
    EXPECT_EQ(all, sequences_of(evaluation_batches(rows, plan_of(3, 1, Packing::kBfd))));
    EXPECT_EQ(static_cast<std::int64_t>(all.size()), count);
    for (const Packing packing : {Packing::kNone, Packing::kBfd, Packing::kBfdSplit}) {
      for (const std::int64_t batch_size : {1, 3, 8}) {
        for (const std::int64_t accumulation : {1, 4}) {
          BatchPlanner planner(rows, plan_of(batch_size, accumulation, packing));
          for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
            std::multiset<Sequence> visited;
            for (std::int64_t step = 1; step <= planner.steps_per_epoch(); ++step) {
              const auto batches = planner.micro_batches(epoch * planner.steps_per_epoch() + step);
              EXPECT_FALSE(batches.empty());
              EXPECT_LE(static_cast<std::int64_t>(batches.size()), accumulation);
              for (const MicroBatch& batch : batches) {
                EXPECT_FALSE(batch.sequences.empty());
                EXPECT_LE(static_cast<std::int64_t>(batch.input_ids.size()), batch_size * 32);
                if (packing == Packing::kNone) {
                  EXPECT_LE(static_cast<std::int64_t>(batch.sequences.size()), batch_size);
                }
              }
              visited.merge(sequences_of(batches));
            }
            EXPECT_EQ(visited, all);
          }
        }
      }
    }
  }
}

TEST(BatchPlanner, AStepIsAFunctionOfItsNumber) {
  for (const Packing packing : {Packing::kNone, Packing::kBfd, Packing::kBfdSplit, Packing::kWrapped}) {
    const TokenDataset rows = made_rows(40, 32, 5);
    BatchPlanner forward(rows, plan_of(3, 2, packing)), backward(rows, plan_of(3, 2, packing));
    RunConfig other_seed = plan_of(3, 2, packing);
    other_seed.seed = 12;
    BatchPlanner other(rows, other_seed);
    std::vector<std::vector<std::int32_t>> one, two;
    const std::int64_t steps = 3 * forward.steps_per_epoch();
    bool differs = false;
    for (std::int64_t step = 1; step <= steps; ++step) {
      one.push_back(forward.micro_batches(step).front().input_ids);
      differs |= one.back() != other.micro_batches(step).front().input_ids;
    }
    for (std::int64_t step = steps; step >= 1; --step) two.push_back(backward.micro_batches(step).front().input_ids);
    std::reverse(two.begin(), two.end());
    EXPECT_EQ(one, two);
    EXPECT_TRUE(differs);
    EXPECT_NE(one.front(), one[static_cast<std::size_t>(forward.steps_per_epoch())]);  // epochs differ
  }
}

TEST(BatchPlanner, CountsStepsAsTransformersDoes) {
  const auto steps = [](std::int64_t rows, std::int64_t batch, std::int64_t accumulation, double epochs,
                        std::int64_t max_steps) {
    RunConfig config = plan_of(batch, accumulation, Packing::kNone);
    config.num_train_epochs = epochs;
    config.max_steps = max_steps;
    return BatchPlanner(made_rows(rows, 8, 1), config).total_steps();
  };
  EXPECT_EQ(steps(10, 3, 1, 1.0, 0), 4);
  EXPECT_EQ(steps(10, 3, 3, 1.0, 0), 2);
  EXPECT_EQ(steps(10, 3, 1, 2.5, 0), 10);
  EXPECT_EQ(steps(10, 2, 1, 0.3, 0), 2);
  EXPECT_EQ(steps(10, 3, 1, 0.01, 0), 1);
  EXPECT_EQ(steps(10, 3, 1, 1.0, 77), 77);
  BatchPlanner planner(made_rows(10, 8, 1), plan_of(3, 1, Packing::kNone));
  EXPECT_EQ(planner.steps_per_epoch(), 4);
  EXPECT_EQ(planner.epochs_after(6), 1.5);
}

TEST(BatchPlanner, PackingFillsRowsAndMovesCompany) {
  const TokenDataset rows = made_rows(200, 16, 3);
  BatchPlanner planner(rows, plan_of(1, 1, Packing::kBfd));
  EXPECT_GT(planner.fill(), 0.95);
  std::set<std::vector<std::int64_t>> first, second;
  for (std::int64_t step = 1; step <= planner.steps_per_epoch(); ++step) {
    for (const auto& [offset, company] :
         {std::pair{std::int64_t{0}, &first}, std::pair{planner.steps_per_epoch(), &second}}) {
      const std::vector<MicroBatch> batches = planner.micro_batches(step + offset);
      std::vector<std::int64_t> members;
      for (const SequenceRef& ref : batches.front().sequences) members.push_back(ref.row);
      std::sort(members.begin(), members.end());
      company->insert(members);
    }
  }
  EXPECT_NE(first, second);
}

// The row keys name every token of every row once: what each epoch has to visit.
std::multiset<std::tuple<std::uint64_t, std::int32_t, std::int32_t>> tokens_of(BatchPlanner& planner,
                                                                               std::int64_t epoch) {
  std::multiset<std::tuple<std::uint64_t, std::int32_t, std::int32_t>> out;
  for (std::int64_t step = 1; step <= planner.steps_per_epoch(); ++step) {
    for (const MicroBatch& batch : planner.micro_batches(epoch * planner.steps_per_epoch() + step)) {
      for (std::size_t t = 0; t < batch.input_ids.size(); ++t) {
        out.insert({batch.row_keys[t], batch.input_ids[t], batch.labels[t]});
      }
    }
  }
  return out;
}

TEST(BatchPlanner, SplittingKeepsEveryTokenOfLongRows) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  for (const std::int64_t count : {1, 3, 40}) {
    const TokenDataset rows = made_rows(count, 150, seed);  // max_length is 32
    std::multiset<std::tuple<std::uint64_t, std::int32_t, std::int32_t>> expected;
    for (std::int64_t i = 0; i < count; ++i) {
      const TokenRow row = rows.row(i);
      for (std::size_t t = 0; t < row.input_ids.size(); ++t) {
        expected.insert({static_cast<std::uint64_t>(row.source_row) << 32 | t, row.input_ids[t], row.labels[t]});
      }
    }
    for (const Packing packing : {Packing::kBfdSplit, Packing::kWrapped}) {
      for (const std::int64_t batch_size : {1, 3}) {
        RunConfig config = plan_of(batch_size, 2, packing);
        config.num_train_epochs = 3;
        BatchPlanner planner(rows, config);
        std::int64_t largest = 0, tokens = 0;
        for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
          EXPECT_EQ(tokens_of(planner, epoch), expected);
          for (std::int64_t step = 1; step <= planner.steps_per_epoch(); ++step) {
            for (const MicroBatch& batch : planner.micro_batches(epoch * planner.steps_per_epoch() + step)) {
              sequences_of({batch});
              largest = std::max(largest, static_cast<std::int64_t>(batch.input_ids.size()));
              tokens += static_cast<std::int64_t>(batch.input_ids.size());
              for (const SequenceRef& ref : batch.sequences) EXPECT_LE(ref.length, 32);
              EXPECT_LE(static_cast<std::int64_t>(batch.input_ids.size()), batch_size * 32);
            }
          }
        }
        EXPECT_GE(planner.max_micro_batch_tokens(), largest);
        EXPECT_LE(planner.max_micro_batch_tokens(), batch_size * 32);
        EXPECT_EQ(tokens, 3 * rows.num_tokens());
      }
    }
    EXPECT_EQ(sequences_of(evaluation_batches(rows, plan_of(2, 1, Packing::kWrapped))),
              sequences_of(evaluation_batches(rows, plan_of(2, 1, Packing::kNone))));
  }
}

TEST(BatchPlanner, KnowsItsLargestMicroBatch) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  const TokenDataset rows = made_rows(37, 32, seed);
  for (const Packing packing : {Packing::kNone, Packing::kBfd, Packing::kBfdSplit, Packing::kWrapped}) {
    for (const std::int64_t batch_size : {1, 5, 100}) {
      BatchPlanner planner(rows, plan_of(batch_size, 1, packing));
      const auto first_step = sequences_of(planner.micro_batches(1));
      const MicroBatch longest = planner.longest_micro_batch();
      EXPECT_EQ(static_cast<std::int64_t>(longest.input_ids.size()), planner.max_micro_batch_tokens());
      sequences_of({longest});
      EXPECT_EQ(sequences_of(planner.micro_batches(1)), first_step);  // asking has changed nothing
      if (packing != Packing::kNone) continue;
      std::multiset<std::int32_t> taken, all;
      for (const SequenceRef& ref : longest.sequences) taken.insert(ref.length);
      for (std::int64_t i = 0; i < rows.size(); ++i) all.insert(rows.length(i));
      while (all.size() > taken.size()) all.erase(all.begin());
      EXPECT_EQ(taken, all);
    }
  }
}

TEST(BatchPlanner, FillsRowsOfLogNormalLengths) {
  std::mt19937 random(2);
  std::lognormal_distribution<double> lengths_like(3.0, 0.8);
  TokenDatasetBuilder builder;
  for (int i = 0; i < 20000; ++i) {
    const auto length = std::clamp(static_cast<std::int32_t>(lengths_like(random)), 1, 2000);
    const std::vector<std::int32_t> ids(static_cast<std::size_t>(length), 1);
    builder.append({ids, ids, {{0, length, LabelReason::kEverything}}, i, 0, {}});
  }
  const TokenDataset rows = std::move(builder).finish();
  for (const Packing packing : {Packing::kBfd, Packing::kBfdSplit, Packing::kWrapped}) {
    RunConfig config = plan_of(1, 1, packing);
    config.max_length = packing == Packing::kBfd ? 2000 : 256;
    const double fill = BatchPlanner(rows, config).fill();
    EXPECT_TRUE(fill >= 0.995) << fill;
    EXPECT_TRUE(fill <= 1.0) << fill;
  }
}

// Which row of max_length tokens a sequence was packed into is told, in the order of the sequences.
TEST(BatchPlanner, SaysWhichRowASequenceWasPackedInto) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  for (const Packing packing : {Packing::kNone, Packing::kBfd, Packing::kBfdSplit, Packing::kWrapped}) {
    BatchPlanner planner(made_rows(60, packing == Packing::kBfdSplit ? 90 : 32, seed), plan_of(3, 2, packing));
    std::int64_t units = 0;
    bool holds_several = false;
    for (std::int64_t step = 1; step <= planner.steps_per_epoch(); ++step) {
      for (const MicroBatch& batch : planner.micro_batches(step)) {
        std::vector<std::int32_t> filled;
        for (const SequenceRef& sequence : batch.sequences) {
          if (sequence.packed_row == std::ssize(filled)) filled.push_back(0);
          ASSERT_EQ(sequence.packed_row, std::ssize(filled) - 1);
          holds_several |= filled.back() > 0;
          filled.back() += sequence.length;
        }
        EXPECT_LE(filled.size(), 3u);
        for (const std::int32_t tokens : filled) EXPECT_LE(tokens, 32);
        units += std::ssize(filled);
      }
    }
    EXPECT_EQ(holds_several, packing != Packing::kNone);
    if (packing == Packing::kNone) {
      EXPECT_EQ(units, 60);
    } else {
      EXPECT_NEAR(static_cast<double>(planner.rows().num_tokens()) / (32.0 * static_cast<double>(units)),
                  planner.fill(), 1e-12);
    }
  }
}

TEST(TokenDataset, KeepsRowsApart) {
  TokenDatasetBuilder builder;
  const std::vector<std::int32_t> a = {1, 2, 3}, b = {4};
  const std::vector<std::int32_t> labels_a = {kNoLabel, 2, kNoLabel}, labels_b = {4};
  const std::vector<LabelSpan> spans = {
      {0, 1, LabelReason::kPrompt}, {1, 2, LabelReason::kCompletion}, {2, 3, LabelReason::kPrompt}};
  // Labels that are not what the reasons make of the ids, as a file of token ids may give them.
  const std::vector<std::int32_t> labels_c = {kNoLabel, 9, 7};
  const std::vector<LabelSpan> given = {{0, 1, LabelReason::kGivenMasked}, {1, 3, LabelReason::kGivenLabelled}};
  builder.append({a, labels_a, spans, 10, 2, {}});
  builder.append({b, labels_b, {{0, 1, LabelReason::kEverything}}, 12, 0, {}});
  builder.append({{}, {}, {}, 13, 0, LostReason::kEmpty});
  builder.append({a, labels_c, given, 14, 0, {}});
  const TokenDataset all = std::move(builder).finish();
  ASSERT_EQ(all.size(), 4);
  EXPECT_EQ(all.row(2).lost, LostReason::kEmpty);
  const TokenDataset lost_left_out = all.learnable();
  ASSERT_EQ(lost_left_out.size(), 3);
  EXPECT_EQ(lost_left_out.source_row(2), 14);
  EXPECT_EQ(lost_left_out.row(2).labels, labels_c);
  EXPECT_EQ(lost_left_out.row(2).spans, given);
  EXPECT_FALSE(lost_left_out.row(2).lost.has_value());
  EXPECT_EQ(overlap_of(all.select(std::vector<std::int64_t>{0, 1}), lost_left_out), (std::vector<std::int64_t>{0, 1}));
  const TokenDataset rows = all.select(std::vector<std::int64_t>{0, 1});
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.num_tokens(), 4);
  EXPECT_TRUE(std::ranges::equal(rows.row(0).input_ids, a));
  EXPECT_TRUE(std::ranges::equal(rows.row(0).spans, spans));
  EXPECT_EQ(rows.row(0).cut_tokens, 2);
  EXPECT_EQ(rows.row(1).source_row, 12);
  EXPECT_EQ(count_row_targets(rows.row(0).labels), 1);
  EXPECT_EQ(count_row_targets(rows.row(1).labels), 0);  // nothing predicts a row's first token
  const Order turned = {1, 0};
  const TokenDataset selected = rows.select(turned);
  EXPECT_TRUE(std::ranges::equal(selected.row(1).labels, labels_a));
  EXPECT_EQ(selected.length(0), 1);
  for (int i = 0; i < kNumLabelReasons; ++i) {
    for (int j = 0; j < i; ++j)
      EXPECT_NE(to_string(static_cast<LabelReason>(i)), to_string(static_cast<LabelReason>(j)));
  }
}

}  // namespace
}  // namespace vernier
