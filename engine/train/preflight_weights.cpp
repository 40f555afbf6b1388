// The second stage: the real weights, the longest rows, the first loss, the three paths. Nothing is written and nothing
// is updated.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "engine/inspect/parity.h"
#include "engine/ops/make_backend.h"
#include "engine/train/parity_batch.h"
#include "engine/train/preflight_context.h"
#include "engine/train/train_step.h"
#include "vernier/error.h"
#include "vernier/non_finite.h"

namespace vernier {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kQuickStepMs = 2000.0;   // a step this quick is done again, warm
constexpr double kMuchMoreMemory = 1.1;   // than was predicted
constexpr double kKnownByHeart = 0.05;    // nats
constexpr double kWorseThanGuess = 1.05;  // times ln V; models that guess scatter around it
constexpr double kLikeAGuess = 0.98;
constexpr double kSmallGradient = 1e-6;   // norm
constexpr double kLargeGradient = 100.0;  // norm, where nothing clips it
constexpr double kParityWork = 2e10;      // parameters times tokens that the plain reference takes in seconds
constexpr std::int32_t kFewestParityTokens = 16;
constexpr double kWorse = 0.02;  // nats by which an adapter may be worse than none

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::string nats(double loss) {
  return fixed_number(loss, 3);
}

// The same rows a step from micro-batches of half the size; null where there is nothing to halve.
nlohmann::json half_batch(const RunConfig& config) {
  const std::int64_t batch = config.per_device_train_batch_size;
  if (batch < 2 || batch % 2 != 0) return nullptr;
  return {{"per_device_train_batch_size", batch / 2},
          {"gradient_accumulation_steps", 2 * config.gradient_accumulation_steps}};
}

PassOptions evaluation_pass(const Preflight& p) {
  PassOptions pass;
  if (p.options.fault.on(ParityPath::kEval)) pass.fault = p.options.fault.kind;
  return pass;
}

void load(Preflight& p) {
  const auto start = Clock::now();
  load_trained(p.run, p.config, {}, p.progress, p.stop);
  p.run.backend->synchronize();
  p.pass("loading", "weights, gradients, optimizer and room for the passes take " +
                        size_text(p.run.backend->allocated_bytes()) + "; loaded in " +
                        fixed_number(1e-3 * milliseconds_since(start), 1) + " s.");
}

std::string where_it_is_not_finite(const Preflight& p) {
  if (p.config.init_from_config) return "";
  const std::string found =
      describe_non_finite_weight(p.config.model_name_or_path, p.config.adapter_name_or_path.value_or(""));
  return found.empty() ? "" : " " + found + ".";
}

// A training step on the longest rows, up to the update. False where its loss is no number.
bool try_longest(Preflight& p, double& gradient_norm) {
  RunSetup& run = p.run;
  const std::vector<MicroBatch> batches = {run.data.longest_micro_batch()};
  PassOptions pass = run.memory.training_pass();
  pass.lora_dropout = run.adapter ? static_cast<float>(p.config.lora.lora_dropout) : 0.0f;
  pass.dropout_seed = dropout_seed(p.config.seed, 1);
  if (p.options.fault.on(ParityPath::kTrain)) pass.fault = p.options.fault.kind;
  StepLosses losses;
  double took = 0.0;
  for (int round = 0; round < 2; ++round) {
    const auto start = Clock::now();
    gradient_norm = forward_backward(*run.decoder, *run.optimizer, batches, p.config.loss_normalization, pass, losses);
    run.backend->synchronize();
    took = milliseconds_since(start);
    if (took > kQuickStepMs) break;
  }
  const auto tokens = static_cast<double>(batches.front().input_ids.size());
  if (const SequenceLoss* bad = losses.first_non_finite()) {
    p.fail("longest_batch",
           "the loss of row " + std::to_string(bad->row) + " is no finite number before anything was trained." +
               where_it_is_not_finite(p),
           Remedy("Get the weights again, or compute in float32.", exact_numbers(p)));
    return false;
  }
  const std::uint64_t peak = run.backend->peak_bytes();
  p.report.measured_peak_memory_bytes = peak;
  p.report.predicted_step_ms = took * p.report.tokens_per_step / tokens;
  const std::uint64_t predicted = p.report.predicted_peak_memory_bytes.value_or(run.memory.predicted_bytes);
  const std::string found = "the largest micro-batch, " + std::to_string(batches.front().sequences.size()) +
                            " sequences of " + std::to_string(batches.front().input_ids.size()) +
                            " tokens together, takes " + fixed_number(took, 0) + " ms and " + size_text(peak) +
                            " at its peak, " + size_text(predicted) + " predicted.";
  if (static_cast<double>(peak) > kMuchMoreMemory * static_cast<double>(predicted)) {
    p.warn("longest_batch", found,
           Remedy("Leave the device more free memory than was predicted.", half_batch(p.config)));
  } else {
    p.pass("longest_batch", found);
  }
  return true;
}

// Projections whose gradients are all exactly zero.
std::vector<std::string> without_gradient(const Adapter& adapter) {
  const std::vector<Parameter>& parameters = adapter.set().parameters();
  const std::size_t stride = parameters.size() / adapter.targets().size();
  std::vector<std::string> out;
  for (std::size_t target = 0; target < adapter.targets().size(); ++target) {
    bool moves = false;
    for (std::size_t i = target * stride; i < (target + 1) * stride && !moves; ++i) {
      const std::vector<float> gradient = adapter.set().download_gradient(i);
      moves = std::any_of(gradient.begin(), gradient.end(), [](float value) { return value != 0.0f; });
    }
    if (!moves) out.push_back(adapter.targets()[target].module.path);
  }
  return out;
}

Remedy remedy_for_no_gradient(const Preflight& p) {
  if (p.config.lora.lora_dropout > 0.5) return Remedy("Lower lora_dropout.", {{"lora", {{"lora_dropout", 0.05}}}});
  if (p.config.adapter_name_or_path) {
    return Remedy("Begin with a new adapter: both matrices of this one are zero.", {{"adapter_name_or_path", nullptr}});
  }
  return "Look at the rows' masks and at the model's weights.";
}

// Of the step that try_longest() has made.
void check_gradient(Preflight& p, double norm) {
  if (!std::isfinite(norm)) {
    p.fail("gradient", "the gradient is no finite number.",
           Remedy("Compute in float32, or look at the weights.", exact_numbers(p)));
    return;
  }
  if (norm == 0.0) {
    p.fail("gradient", "every gradient is exactly 0: nothing would be learnt.", remedy_for_no_gradient(p));
    return;
  }
  const std::string found = "its norm is " + short_number(std::stod(fixed_number(norm, norm < 0.01 ? 8 : 3)));
  const std::vector<std::string> still = p.run.adapter ? without_gradient(*p.run.adapter) : std::vector<std::string>();
  if (!still.empty()) {
    p.warn("gradient",
           found + ", but " + std::to_string(still.size()) + " of " + std::to_string(p.run.adapter->targets().size()) +
               " projections get none, such as " + still.front() + ".",
           remedy_for_no_gradient(p));
  } else if (norm < kSmallGradient) {
    p.warn("gradient", found + ", next to nothing: what is learnt drowns in rounding.", remedy_for_no_gradient(p));
  } else if (p.config.max_grad_norm == 0.0 && norm > kLargeGradient) {
    p.warn("gradient", found + ", and nothing clips it.", Remedy("Set max_grad_norm to 1.", {{"max_grad_norm", 1.0}}));
  } else {
    p.pass("gradient", found + (p.run.adapter ? ", and each of " + std::to_string(p.run.adapter->targets().size()) +
                                                    " projections gets some."
                                              : "."));
  }
}

// The loss per token of the first step's rows, without dropout and without learning.
double loss_of_first_step(Preflight& p, Decoder& decoder, const PassOptions& pass, const std::string& stage) {
  StepLosses losses;
  const std::vector<MicroBatch>& batches = p.run.data.micro_batches(1);
  const bool done = forward_losses(decoder, batches, pass, losses, [&](double fraction) {
    p.progress(stage, fraction);
    return !p.stop.stop_requested();
  });
  if (!done) fail(ErrorCode::kCancelled, "check", "cancelled before it was done.");
  return losses.loss_per_token();
}

void check_first_loss(Preflight& p) {
  const double guess = std::log(static_cast<double>(p.run.model_config.vocab_size));
  const double loss = loss_of_first_step(p, *p.run.decoder, evaluation_pass(p), "Measuring the first loss");
  p.report.first_loss = loss;
  p.report.blind_guess = guess;
  const std::string found = "the first step's rows cost " + nats(loss) + " nats a token; a blind guess over " +
                            std::to_string(p.run.model_config.vocab_size) + " tokens is ln V = " + nats(guess) + ".";
  if (!std::isfinite(loss)) {
    p.fail("first_loss", found, Remedy("Get the weights again, or compute in float32.", exact_numbers(p)));
  } else if (loss > kWorseThanGuess * guess) {
    p.warn("first_loss", found + " The model does worse than guessing.",
           "Look at the rows as the tokenizer sees them: tokenizer, chat template and labels have to be the model's.");
  } else if (p.config.init_from_config) {
    p.pass("first_loss", found + " Random weights can do no better yet.");
  } else if (loss > kLikeAGuess * guess) {
    p.warn("first_loss", found + " The model does no better than guessing.",
           "Make sure that the weights are those of a trained model and that the tokenizer belongs to them.");
  } else if (loss < kKnownByHeart) {
    p.warn("first_loss", found + " The model knows these rows by heart: there is next to nothing to learn.",
           "Take rows that it has not seen, or train less.");
  } else {
    p.pass("first_loss", found);
  }
}

// The loop below is float64 and has no blocks: larger models get fewer tokens.
std::int32_t parity_tokens(const Preflight& p) {
  const auto parameters = static_cast<double>(parameter_count(p.run.model_config));
  return static_cast<std::int32_t>(
      std::clamp(kParityWork / parameters, double{kFewestParityTokens}, double{kParityTokens}));
}

void check_paths(Preflight& p) {
  const MicroBatch batch = parity_batch(p.run.data.micro_batches(1), parity_tokens(p));
  if (batch.input_ids.empty()) {
    p.pass("parity", "nothing to compare: the first step's rows have a single token.");
    return;
  }
  ParityOptions options;
  options.fault = p.options.fault;
  const ParityReport found = check_parity(*p.run.decoder, batch, options);
  const std::string message = std::to_string(found.num_tokens) + " tokens: " + found.summary;
  if (found.verdict == ParityVerdict::kAgrees) {
    p.pass("parity", message);
    return;
  }
  const nlohmann::json exact = exact_numbers(p);
  const Remedy remedy(exact.is_null() ? "What is evaluated is not what is trained: report this before trusting either."
                                      : "Compute in float32, and report this where it stays.",
                      exact);
  p.add("parity", found.verdict == ParityVerdict::kDiffers ? CheckStatus::kFail : CheckStatus::kWarn, message, remedy);
}

// Last, as the base model gets a decoder of its own in the place of the run's.
void check_base_loss(Preflight& p) {
  p.run.decoder.reset();
  Decoder base(*p.run.backend, p.run.model_config, *p.run.weights, nullptr);
  const double base_loss = loss_of_first_step(p, base, PassOptions(), "Asking the base model");
  const double loss = *p.report.first_loss;
  const std::string found = nats(loss) + " with the adapter, " + nats(base_loss) + " without it";
  if (!p.config.adapter_name_or_path) {
    const double tolerance = (p.run.dtype == DType::kF32 ? 1e-4 : 2e-2) * (1.0 + base_loss);
    if (std::abs(loss - base_loss) <= tolerance) {
      p.pass("base_loss", found + ": a new adapter changes nothing.");
    } else {
      p.fail("base_loss", found + ": a new adapter must not change anything.",
             "Report this: what is trained is not the model.");
    }
  } else if (!(loss <= base_loss + kWorse)) {
    p.warn("base_loss", found + ": the adapter given makes these rows harder.",
           Remedy("Begin with a new adapter, or make sure that this one belongs to the model and the data.",
                  {{"adapter_name_or_path", nullptr}}));
  } else {
    p.pass("base_loss", found + ".");
  }
}

}  // namespace

nlohmann::json exact_numbers(const Preflight& p) {
  return p.run.dtype == DType::kF32 ? nlohmann::json() : nlohmann::json{{"dtype", "float32"}};
}

void check_weights(Preflight& p) {
  p.group = CheckGroup::kWeights;
  p.begin("Loading weights");
  const Remedy room("Do as the message says, or use another device.");
  const bool loaded = p.attempt("loading", room, [&] {
    p.run.backend = make_backend(p.options.device);
    p.run.backend->set_deterministic(p.config.deterministic);
    load(p);
  });
  if (!loaded) return;
  bool is_finite = false;
  double gradient_norm = 0.0;
  p.begin("Trying the longest rows");
  if (!p.attempt("longest_batch", room, [&] { is_finite = try_longest(p, gradient_norm); }) || !is_finite) return;
  p.attempt("gradient", room, [&] { check_gradient(p, gradient_norm); });
  p.begin("Measuring the first loss");
  if (!p.attempt("first_loss", room, [&] { check_first_loss(p); })) return;
  p.begin("Comparing training, evaluation and decoding");
  p.attempt("parity", room, [&] { check_paths(p); });
  if (!p.run.adapter) return;
  p.begin("Asking the base model");
  p.attempt("base_loss", room, [&] { check_base_loss(p); });
}

}  // namespace vernier
