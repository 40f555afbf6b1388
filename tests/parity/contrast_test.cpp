// Two strengths of an adapter over the same tokens, against the unfused reference in float64; and answers that grow
// side by side.
#include "engine/inspect/contrast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "engine/inspect/reference.h"
#include "tests/golden/golden_case.h"
#include "tests/parity/random_model.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using test::RandomModel;

constexpr double kTolerance = 2e-4;

std::vector<std::int32_t> random_ids(const ModelConfig& config, std::int64_t count) {
  std::vector<std::int32_t> ids;
  for (std::int64_t i = 0; i < count; ++i) {
    ids.push_back(static_cast<std::int32_t>(test::uniform_int(0, config.vocab_size - 1)));
  }
  return ids;
}

// ln of the distribution after each token, [N][V], by the reference.
std::vector<std::vector<double>> reference_log_probabilities(RandomModel& model, const std::vector<std::int32_t>& ids,
                                                             double strength) {
  model.adapter->set_strength(strength);
  MicroBatch batch;
  batch.append(0, ids.data(), ids.data(), static_cast<std::int32_t>(ids.size()));
  const ReferenceResult reference = reference_forward(model.config, *model.weights, model.adapter.get(), batch);
  const auto vocab = static_cast<std::size_t>(model.config.vocab_size);
  std::vector<std::vector<double>> out;
  for (std::size_t n = 0; n < ids.size(); ++n) {
    const auto begin = reference.logits.begin() + static_cast<std::ptrdiff_t>(n * vocab);
    std::vector<double>& row = out.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(vocab));
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0.0;
    for (const double logit : row) sum += std::exp(logit - top);
    for (double& logit : row) logit -= top + std::log(sum);
  }
  return out;
}

double entropy_of(const std::vector<double>& row) {
  return -std::accumulate(row.begin(), row.end(), 0.0,
                          [](double sum, double log_p) { return sum + std::exp(log_p) * log_p; });
}

double kl_of(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
  return sum;
}

#define EXPECT_CLOSE(got, want) \
  EXPECT_TRUE(std::abs((got) - (want)) <= kTolerance * (1.0 + std::abs(want))) << (got) << " " << (want)

TEST(Contrast, IsThatOfTheReferenceForEveryChunk) {
  double largest = 0.0;
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE("model " + std::to_string(round));
    RandomModel model(true);
    const std::vector<std::int32_t> ids = random_ids(model.config, test::uniform_int(2, 45));
    ContrastOptions options;
    options.strength = test::uniform(0.3, 1.5);
    options.base_strength = test::coin(0.7) ? 0.0 : test::uniform(0.0, 1.0);
    options.first = test::uniform_int(1, std::ssize(ids) - 1);
    options.num_top = test::uniform_int(0, 5);
    options.chunk = test::uniform_int(1, 50);
    const auto p = reference_log_probabilities(model, ids, options.strength);
    const auto q = reference_log_probabilities(model, ids, options.base_strength);
    model.adapter->set_strength(0.75);
    std::size_t told = 0;
    const std::vector<TokenContrast> all =
        contrast_tokens(*model.decoder, ids, options, [&](const std::vector<TokenContrast>& chunk) {
          EXPECT_LE(std::ssize(chunk), options.chunk);
          told += chunk.size();
          return true;
        });
    EXPECT_EQ(model.adapter->strength(), 0.75);
    EXPECT_EQ(told, all.size());
    ASSERT_EQ(std::ssize(all), std::ssize(ids) - options.first);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const TokenContrast& token = all[i];
      const auto at = static_cast<std::size_t>(options.first) + i;
      ASSERT_EQ(token.position, static_cast<std::int32_t>(at));
      ASSERT_EQ(token.id, ids[at]);
      const std::vector<double>&tuned = p[at - 1], &base = q[at - 1];
      EXPECT_CLOSE(token.kl, kl_of(tuned, base));
      EXPECT_CLOSE(token.entropy, entropy_of(tuned));
      EXPECT_CLOSE(token.base_entropy, entropy_of(base));
      EXPECT_CLOSE(token.log_probability, tuned[static_cast<std::size_t>(token.id)]);
      EXPECT_CLOSE(token.base_log_probability, base[static_cast<std::size_t>(token.id)]);
      largest = std::max(largest, token.kl);
      std::set<std::int32_t> seen;
      EXPECT_GE(std::ssize(token.top), options.num_top);
      EXPECT_LE(std::ssize(token.top), 2 * options.num_top);
      for (const ContrastAlternative& other : token.top) {
        EXPECT_TRUE(seen.insert(other.id).second);
        EXPECT_CLOSE(other.log_probability, tuned[static_cast<std::size_t>(other.id)]);
        EXPECT_CLOSE(other.base_log_probability, base[static_cast<std::size_t>(other.id)]);
        EXPECT_LE(other.log_probability, token.top.front().log_probability);
      }
      // The likeliest of either is among them.
      for (const std::vector<double>* row : {&tuned, &base}) {
        const double best = *std::max_element(row->begin(), row->end());
        EXPECT_TRUE(options.num_top == 0 || std::any_of(seen.begin(), seen.end(), [&](std::int32_t id) {
                      return (*row)[static_cast<std::size_t>(id)] >= best - kTolerance;
                    }));
      }
    }
    if (HasFailure()) break;
  }
  EXPECT_GT(largest, 0.01);  // else nothing was told apart
}

TEST(Contrast, EqualStrengthsAreEqual) {
  RandomModel model(true);
  ContrastOptions options;
  options.strength = options.base_strength = 0.6;
  for (const TokenContrast& token : contrast_tokens(*model.decoder, random_ids(model.config, 20), options)) {
    EXPECT_EQ(token.kl, 0.0);
    EXPECT_EQ(token.log_probability, token.base_log_probability);
  }
}

TEST(Contrast, EndsWhereItIsTold) {
  RandomModel model(true);
  const std::vector<std::int32_t> ids = random_ids(model.config, 30);
  ContrastOptions options;
  options.chunk = 4;
  EXPECT_EQ(contrast_tokens(*model.decoder, ids, options, [](const auto&) { return false; }).size(), 4u);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(contrast_tokens(*model.decoder, ids, options, {}, stop.get_token()).empty());
  options.first = 30;  // nothing is left
  EXPECT_TRUE(contrast_tokens(*model.decoder, ids, options).empty());
}

TEST(Contrast, RefusesWhatItCannotDo) {
  RandomModel model(true);
  const std::vector<std::int32_t> ids = random_ids(model.config, 5);
  const auto message_of = [&](const std::vector<std::int32_t>& tokens, const ContrastOptions& options) {
    try {
      contrast_tokens(*model.decoder, tokens, options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message_of({}, {}), "[contrast] prompt: got no tokens, expected at least 1.");
  EXPECT_NE(message_of({0, -1}, {}).find("got -1 at position 1"), std::string::npos);
  EXPECT_NE(message_of(ids, {.first = 0}).find("first: got 0"), std::string::npos);
  EXPECT_NE(message_of(ids, {.chunk = 0}).find("chunk: got 0"), std::string::npos);
  EXPECT_NE(message_of(ids, {.num_top = -1}).find("num_top: got -1"), std::string::npos);
  EXPECT_NE(message_of(ids, {.strength = std::nan("")}).find("strength"), std::string::npos);
}

// Two answers of one model that take turns are those that it gives one after the other.
TEST(Generation, AnswersThatTakeTurnsDoNotDisturbEachOther) {
  const std::filesystem::path folder = golden::find_case("llama");
  if (folder.empty()) GTEST_SKIP() << "no reference case llama";
  ModelOptions load;
  load.model_dir = folder.string();
  load.adapter_dir = (folder / "adapter").string();
  load.device = "cpu";
  const auto model = LanguageModel::load(load);
  const std::vector<std::int32_t> prompt = {1, 5, 9, 2};
  GenerateOptions options;
  options.max_new_tokens = 17;
  options.stop_at_eos = false;
  options.temperature = 0.8;
  options.seed = 3;
  options.num_top = 3;
  const auto alone = [&](double strength) {
    model->set_adapter_strength(strength);
    std::vector<std::int32_t> ids;
    for (const GeneratedToken& token : model->generate(prompt, options)) ids.push_back(token.id);
    return ids;
  };
  const std::vector<std::int32_t> base_alone = alone(0.0), tuned_alone = alone(4.0);
  ASSERT_NE(base_alone, tuned_alone);
  model->set_adapter_strength(1.0);
  const Batch batch{{prompt}, {prompt}, {4}};
  const std::vector<float> before = model->forward(batch, {}).logits.values;
  Generation base(*model, prompt, options, 0.0), tuned(*model, prompt, options, 4.0);
  std::vector<std::int32_t> base_ids, tuned_ids;
  for (int i = 0; i < 17; ++i) {
    const auto a = base.next();
    const auto b = tuned.next();
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->top.size(), 3u);
    base_ids.push_back(a->id);
    tuned_ids.push_back(b->id);
  }
  EXPECT_FALSE(base.next() || tuned.next());
  EXPECT_EQ(base_ids, base_alone);
  EXPECT_EQ(tuned_ids, tuned_alone);
  EXPECT_EQ(model->forward(batch, {}).logits.values, before);  // the model's own strength stands
}

}  // namespace
}  // namespace vernier
