// The logit lens of random models of every shape against plain float64 loops over their own hidden states.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/inspect/lens.h"
#include "engine/model/download.h"
#include "tests/parity/random_model.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using Row = std::vector<double>;

// The final norm and the head by their definitions.
Row logits_of(const test::RandomModel& model, const std::vector<float>& state, std::int64_t position, bool is_normed) {
  const ModelConfig& config = model.config;
  const auto width = static_cast<std::size_t>(config.hidden_size);
  Backend& backend = *model.backend;
  const std::vector<float> norm = download_f32(backend, model.weights->value(model.weights->final_norm()));
  const std::vector<float> head = download_f32(backend, model.weights->value(model.weights->head()));
  Row x(state.begin() + position * config.hidden_size, state.begin() + (position + 1) * config.hidden_size);
  if (!is_normed) {
    double squares = 0.0;
    for (const double value : x) squares += value * value;
    const double scale = 1.0 / std::sqrt(squares / static_cast<double>(width) + config.rms_norm_eps);
    for (std::size_t d = 0; d < width; ++d) x[d] *= scale * (config.norm_weight_offset + static_cast<double>(norm[d]));
  }
  Row logits;
  for (std::int64_t v = 0; v < config.vocab_size; ++v) {
    double sum = 0.0;
    for (std::size_t d = 0; d < width; ++d) {
      sum += x[d] * static_cast<double>(head[static_cast<std::size_t>(v) * width + d]);
    }
    sum *= config.logit_scale;
    if (config.final_softcap > 0.0) sum = config.final_softcap * std::tanh(sum / config.final_softcap);
    logits.push_back(sum);
  }
  return logits;
}

Row softmax(Row logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (double& x : logits) sum += x = std::exp(x - largest);
  for (double& x : logits) x /= sum;
  return logits;
}

double entropy(const Row& p) {
  double sum = 0.0;
  for (const double x : p) sum -= x > 0.0 ? x * std::log(x) : 0.0;
  return sum;
}

double kl(const Row& p, const Row& q) {
  double sum = 0.0;
  for (std::size_t v = 0; v < p.size(); ++v) sum += p[v] > 0.0 ? p[v] * std::log(p[v] / q[v]) : 0.0;
  return sum;
}

struct Asking {
  explicit Asking(bool with_adapter) : model(with_adapter) {
    const std::int64_t length = test::uniform_int(1, 90);  // more than a chunk of positions at times
    for (std::int64_t t = 0; t < length; ++t) {
      input_ids.push_back(static_cast<std::int32_t>(test::uniform_int(0, model.config.vocab_size - 1)));
    }
  }
  AskedStates ask(double strength) {
    if (model.adapter) model.adapter->set_strength(strength);
    return ask_states(*model.decoder, input_ids, KeptStates::kAll);
  }
  std::int64_t length() const { return static_cast<std::int64_t>(input_ids.size()); }

  test::RandomModel model;
  std::vector<std::int32_t> input_ids;
};

constexpr double kClose = 2e-4;

void expect_lens(const Asking& asking, const AskedStates& asked, const LogitLens& lens, std::int64_t k) {
  const test::RandomModel& model = asking.model;
  ASSERT_EQ(lens.layers, model.config.num_layers + 1);
  ASSERT_EQ(lens.top, std::min(k, model.config.vocab_size));
  ASSERT_EQ(lens.mean_entropy.size(), static_cast<std::size_t>(lens.layers));
  const auto& last_state = asked.states.back();
  for (std::int64_t layer = 0; layer < lens.layers; ++layer) {
    double mean_entropy = 0.0;
    for (std::int64_t t = 0; t < asking.length(); ++t) {
      const bool is_last = layer + 1 == lens.layers;
      const Row logits = logits_of(model, asked.states[static_cast<std::size_t>(layer)], t, is_last);
      const Row p = softmax(logits);
      const Row answer = softmax(logits_of(model, last_state, t, true));
      const LensCell& cell = lens.cells[lens.at(layer, t)];
      EXPECT_TRUE(std::abs(static_cast<double>(cell.entropy) - entropy(p)) <= kClose);
      EXPECT_TRUE(std::abs(static_cast<double>(cell.divergence) - kl(answer, p)) <= kClose);
      mean_entropy += entropy(p);
      if (t + 1 < asking.length()) {
        const auto next = static_cast<std::size_t>(asking.input_ids[static_cast<std::size_t>(t) + 1]);
        EXPECT_TRUE(std::abs(static_cast<double>(cell.next_probability) - p[next]) <= kClose);
        const auto higher = [&](double by) {
          return std::count_if(logits.begin(), logits.end(), [&](double x) { return x > logits[next] + by; });
        };
        EXPECT_GE(cell.next_rank, higher(1e-4));
        EXPECT_LE(cell.next_rank, higher(-1e-4));
      } else {
        EXPECT_EQ(cell.next_rank, -1);
      }
      const TopToken* top = lens.tokens.data() + lens.at(layer, t) * static_cast<std::size_t>(lens.top);
      Row sorted = logits;
      std::sort(sorted.rbegin(), sorted.rend());
      for (std::int64_t i = 0; i < lens.top; ++i) {
        const auto id = static_cast<std::size_t>(top[i].id);
        EXPECT_TRUE(std::abs(static_cast<double>(top[i].probability) - p[id]) <= kClose);
        EXPECT_TRUE(std::abs(logits[id] - sorted[static_cast<std::size_t>(i)]) <= 1e-3);
      }
    }
    const double mean = mean_entropy / static_cast<double>(asking.length());
    EXPECT_TRUE(std::abs(static_cast<double>(lens.mean_entropy[static_cast<std::size_t>(layer)]) - mean) <= kClose);
  }
}

TEST(LogitLens, EveryLayerIsTheFinalNormAndHeadOfItsState) {
  for (int round = 0; round < 6; ++round) {
    Asking asking(round % 2 == 0);
    const AskedStates asked = asking.ask(1.0);
    double done = 0.0;
    const auto progress = [&done](double fraction) {
      EXPECT_GT(fraction, done);
      done = fraction;
    };
    const std::int64_t k = test::uniform_int(1, 9);
    const LensPair pair = lens_of(std::span(&asked, 1), asking.input_ids, k, progress, {});
    EXPECT_EQ(done, 1.0);
    EXPECT_EQ(pair.base.layers, 0);
    EXPECT_TRUE(pair.divergence.empty());
    expect_lens(asking, asked, pair.tuned, k);
  }
}

TEST(LogitLens, TheLastLayerIsTheModelsAnswer) {
  Asking asking(true);
  const AskedStates asked = asking.ask(1.0);
  std::vector<std::int32_t> rows;
  for (std::int32_t t = 0; t < static_cast<std::int32_t>(asking.length()); ++t) rows.push_back(t);
  const auto vocab = static_cast<std::size_t>(asking.model.config.vocab_size);
  std::vector<float> answer(rows.size() * vocab);
  asking.model.decoder->logits(rows, answer.data());
  const LensPair pair = lens_of(std::span(&asked, 1), asking.input_ids, 3, {}, {});
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const std::size_t at = pair.tuned.at(pair.tuned.layers - 1, static_cast<std::int64_t>(t));
    EXPECT_EQ(pair.tuned.cells[at].divergence, 0.0f);
    for (std::size_t i = 0; i < static_cast<std::size_t>(pair.tuned.top); ++i) {
      const TopToken& token = pair.tuned.tokens[at * static_cast<std::size_t>(pair.tuned.top) + i];
      EXPECT_NEAR(token.logit, answer[t * vocab + static_cast<std::size_t>(token.id)], 1e-5f);
    }
  }
}

TEST(LogitLens, BaseAgainstTuned) {
  Asking asking(true);
  const AskedStates states[] = {asking.ask(1.0), asking.ask(0.0)};
  const LensPair pair = lens_of(states, asking.input_ids, 2, {}, {});
  expect_lens(asking, states[0], pair.tuned, 2);
  expect_lens(asking, states[1], pair.base, 2);
  ASSERT_EQ(pair.divergence.size(), pair.tuned.cells.size());
  bool differs = false;
  for (std::int64_t layer = 0; layer < pair.tuned.layers; ++layer) {
    const bool is_last = layer + 1 == pair.tuned.layers;
    for (std::int64_t t = 0; t < asking.length(); ++t) {
      const auto of = [&](const AskedStates& asked) {
        return softmax(logits_of(asking.model, asked.states[static_cast<std::size_t>(layer)], t, is_last));
      };
      const auto got = static_cast<double>(pair.divergence[pair.tuned.at(layer, t)]);
      EXPECT_TRUE(std::abs(got - kl(of(states[0]), of(states[1]))) <= kClose) << layer << ' ' << t;
      // Embeddings are not adapted.
      if (layer == 0) {
        EXPECT_EQ(got, 0.0);
      }
      differs = differs || got > 1e-6;
    }
  }
  EXPECT_TRUE(differs);
}

TEST(LogitLens, StopsBetweenLayersAndRefusesUnknownTokens) {
  Asking asking(false);
  const AskedStates asked = asking.ask(1.0);
  std::stop_source source;
  source.request_stop();
  const auto code_of = [](auto&& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code_of([&] { lens_of(std::span(&asked, 1), asking.input_ids, 1, {}, source.get_token()); }),
            ErrorCode::kCancelled);
  for (const std::vector<std::int32_t>& ids :
       {std::vector<std::int32_t>{}, {-1}, {static_cast<std::int32_t>(asking.model.config.vocab_size)}}) {
    EXPECT_EQ(code_of([&] { ask_states(*asking.model.decoder, ids, KeptStates::kLast); }), ErrorCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace vernier
