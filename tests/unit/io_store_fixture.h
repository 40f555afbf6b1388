// Made-up runs for the tests of the run store: what a step holds is a function of the seed and the step's number.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "engine/io/run_store_writer.h"
#include "vernier/error.h"
#include "vernier/run_store.h"

namespace vernier::test {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "vernier-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// A step with all it stores. Holds the arrays that `tokens` points into.
struct MadeStep {
  StepEvent event;
  std::vector<SequenceTokens> tokens;

  struct Arrays {
    std::vector<std::int32_t> input_ids;
    std::vector<std::uint8_t> is_target;
    std::vector<float> loss, entropy;
    std::vector<std::int32_t> argmax, rank;
  };
  std::vector<Arrays> arrays;
};

inline constexpr std::int64_t kMadeRows = 23;

// The data row of a made-up run, without its step's values.
inline MadeStep::Arrays make_row(std::uint64_t seed, std::int64_t row) {
  std::mt19937_64 random(seed * 7919 + static_cast<std::uint64_t>(row));
  MadeStep::Arrays out;
  const std::size_t tokens = 1 + random() % 70;
  for (std::size_t t = 0; t < tokens; ++t) {
    const int width = static_cast<int>(random() % 18);
    out.input_ids.push_back(static_cast<std::int32_t>(random() % (std::uint64_t{1} << width)));
    out.is_target.push_back(t > 0 && random() % 5 != 0 && row % 11 != 3);  // rows 3 and 14 have no target
  }
  return out;
}

// special: some sequences differ from their data row, some have no tokens recorded, some losses are NaN.
inline MadeStep make_step(std::uint64_t seed, std::int64_t step, bool special = true) {
  std::mt19937_64 random(seed * 1'000'003 + static_cast<std::uint64_t>(step));
  std::exponential_distribution<double> real(0.5);
  MadeStep out;
  StepEvent& event = out.event;
  event.step = step;
  event.total_steps = 1000;
  for (double* value : {&event.epoch, &event.loss, &event.loss_per_token, &event.loss_per_sequence, &event.grad_norm,
                        &event.learning_rate, &event.mean_token_accuracy, &event.entropy, &event.tokens_per_second,
                        &event.step_ms, &event.seconds_left}) {
    *value = real(random);
  }
  event.peak_memory_bytes = random() >> 1;
  event.skipped = random() % 10 == 0;
  if (random() % 3 == 0) {
    event.capture_ms = real(random);
    event.capture_bytes = random() >> 20;
  }
  if (special && random() % 16 == 0) event.grad_norm = std::nan("");
  const std::size_t count = 1 + random() % 6;
  for (std::size_t s = 0; s < count; ++s) {
    SequenceLoss sequence;
    sequence.index = static_cast<std::int64_t>(s);
    sequence.row = static_cast<std::int64_t>(random() % kMadeRows);
    MadeStep::Arrays arrays = make_row(seed, sequence.row);
    if (special && random() % 8 == 0 && arrays.input_ids.size() > 2) {
      arrays.input_ids.pop_back();
      arrays.is_target.pop_back();
      arrays.input_ids[1] ^= 1;
    }
    double sum = 0.0;
    for (std::size_t t = 0; t < arrays.input_ids.size(); ++t) {
      if (arrays.is_target[t] == 0) continue;
      arrays.loss.push_back(static_cast<float>(real(random)));
      arrays.entropy.push_back(static_cast<float>(real(random)));
      const bool right = random() % 2 == 0;
      arrays.argmax.push_back(right ? arrays.input_ids[t] : static_cast<std::int32_t>(random() % 200000));
      arrays.rank.push_back(right ? 0 : static_cast<std::int32_t>(random() % 3000));
      sum += static_cast<double>(arrays.loss.back());
    }
    sequence.num_tokens = static_cast<std::int64_t>(arrays.input_ids.size());
    sequence.num_targets = static_cast<std::int64_t>(arrays.loss.size());
    sequence.loss = sequence.num_targets == 0 ? 0.0 : sum / static_cast<double>(sequence.num_targets);
    if (special && sequence.num_targets > 0 && random() % 40 == 0) sequence.loss = std::nan("");
    event.num_tokens += sequence.num_tokens;
    event.num_items_in_batch += sequence.num_targets;
    event.sequences.push_back(sequence);
    out.arrays.push_back(std::move(arrays));
  }
  for (std::size_t s = 0; s < count; ++s) {
    if (special && random() % 12 == 0) continue;
    const MadeStep::Arrays& a = out.arrays[s];
    out.tokens.push_back({event.sequences[s].index, event.sequences[s].row, a.input_ids, a.is_target, a.loss, a.entropy,
                          a.argmax, a.rank});
  }
  return out;
}

inline void add_made_step(RunStoreWriter& writer, const MadeStep& made) {
  for (const MadeStep::Arrays& arrays : made.arrays) {
    for (const std::int32_t id : arrays.input_ids) writer.add_piece(id, "piece-" + std::to_string(id));
  }
  writer.add_step(made.event, made.tokens);
}

inline bool same_real(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

inline bool same_sequence(const SequenceLoss& a, const SequenceLoss& b) {
  return a.index == b.index && a.row == b.row && a.num_tokens == b.num_tokens && a.num_targets == b.num_targets &&
         same_real(a.loss, b.loss);
}

// "" where the store holds this step exactly (token values as far as they are kept), else what differs.
inline std::string compare_step(const RunReader& reader, const StepEvent& event, const MadeStep& made) {
  const StepEvent& want = made.event;
  const auto fields = [](const StepEvent& e) {
    return std::vector<double>{e.epoch,         e.loss,    e.loss_per_token,      e.loss_per_sequence,
                               e.grad_norm,     e.entropy, e.mean_token_accuracy, e.tokens_per_second,
                               e.learning_rate, e.step_ms, e.capture_ms,          e.seconds_left};
  };
  if (event.step != want.step || event.total_steps != want.total_steps || event.num_tokens != want.num_tokens ||
      event.num_items_in_batch != want.num_items_in_batch || event.capture_bytes != want.capture_bytes ||
      event.peak_memory_bytes != want.peak_memory_bytes || event.skipped != want.skipped ||
      !std::ranges::equal(fields(event), fields(want), same_real)) {
    return "the step's numbers";
  }
  const std::vector<StepTokens> all = reader.tokens(want.step);
  const std::vector<SequenceRecord> sequences = reader.sequences(want.step);
  if (all.size() != want.sequences.size() || sequences.size() != all.size()) return "the number of sequences";
  for (std::size_t s = 0; s < all.size(); ++s) {
    if (!same_sequence(all[s].sequence, want.sequences[s]) || !same_sequence(sequences[s].loss, want.sequences[s]) ||
        sequences[s].step != want.step || all[s].step != want.step) {
      return "a sequence's numbers";
    }
    const bool recorded =
        std::ranges::any_of(made.tokens, [&](const SequenceTokens& t) { return t.index == want.sequences[s].index; });
    const MadeStep::Arrays& arrays = made.arrays[s];
    if (!recorded) {
      if (!all[s].tokens.empty()) return "tokens that were never recorded";
      continue;
    }
    if (all[s].tokens.size() != arrays.input_ids.size()) return "the number of tokens";
    std::size_t m = 0;
    for (std::size_t t = 0; t < arrays.input_ids.size(); ++t) {
      const TokenRecord& token = all[s].tokens[t];
      if (token.position != static_cast<std::int32_t>(t) || token.input_id != arrays.input_ids[t] ||
          token.is_target != (arrays.is_target[t] != 0)) {
        return "a token's id or mask";
      }
      if (reader.piece(token.input_id) != "piece-" + std::to_string(token.input_id)) return "a token's piece";
      if (!token.is_target) {
        if (token.loss != 0.0f || token.argmax != -1) return "values of a token that is no target";
        continue;
      }
      const auto near = [](float got, float exact) { return std::abs(got - exact) <= exact * 0x1p-12f + 0x1p-26f; };
      if (!near(token.loss, arrays.loss[m]) || !near(token.entropy, arrays.entropy[m]) ||
          token.argmax != arrays.argmax[m] || token.rank != arrays.rank[m]) {
        return "a token's values";
      }
      ++m;
    }
  }
  return "";
}

// Compares the whole run: the store holds the made-up steps 1..last and no others.
inline void expect_run(const RunReader& reader, std::uint64_t seed, std::int64_t last, bool special = true) {
  const std::vector<StepEvent> steps = reader.steps();
  ASSERT_EQ(static_cast<std::int64_t>(steps.size()), last);
  for (std::int64_t step = 1; step <= last; ++step) {
    const auto slot = static_cast<std::size_t>(step - 1);
    ASSERT_EQ(compare_step(reader, steps[slot], make_step(seed, step, special)), "") << "step " << step;
  }
}

// Runs `call`, expects an Error, and returns its code.
template <typename Call>
ErrorCode code_of(Call&& call, std::string* message = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

inline std::uint64_t fresh_seed() {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace vernier::test
