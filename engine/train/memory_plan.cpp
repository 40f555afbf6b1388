#include "engine/train/memory_plan.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "engine/core/host_memory.h"
#include "engine/model/weights.h"
#include "vernier/error.h"
#include "vernier/recompute.h"

namespace vernier {
namespace {

// A backend without memory of its own has nowhere else to put a layer's input.
std::span<const Recompute> fastest_first(const Backend& backend) {
  static constexpr std::array kAll = {Recompute::kNone, Recompute::kMlp, Recompute::kLayer, Recompute::kOffload};
  return std::span(kAll).first(keeps_cheap_on(backend) ? 3 : 4);
}

std::string gibibytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / 0x1p30);
  return text;
}

std::string last_layers(std::int64_t count) {
  return count == 1 ? "the last layer" : "the last " + std::to_string(count) + " layers";
}

WorkShape shape_of(const PlannedModel& model, std::int64_t tokens) {
  const ModelConfig& config = model.config;
  WorkShape shape;
  shape.dtype = model.dtype;
  shape.tokens = tokens;
  shape.hidden = config.hidden_size;
  shape.intermediate = config.intermediate_size;
  shape.heads = config.num_heads;
  shape.kv_heads = config.num_kv_heads;
  shape.head_dim = config.head_dim;
  shape.vocab = config.vocab_size;
  if (model.adapter != nullptr) {
    for (const AdapterTarget& target : model.adapter->targets()) shape.rank = std::max(shape.rank, target.r);
  }
  return shape;
}

// With micro-batches of fewer tokens than are needed.
PassBytes bytes_to_take(const PlannedModel& model, const MemoryNeeds& of, std::int64_t tokens, const Keeping& keeping) {
  MemoryNeeds needs = of;
  needs.tokens = tokens;
  needs.evaluation_tokens = std::min(tokens, of.evaluation_tokens);
  needs.captured_rows = std::min(tokens, of.captured_rows);
  return pass_bytes(model, needs, keeping);
}

// The largest n in [1, limit) for which fits(n), which holds below some bound; 0: none.
template <typename Fits>
std::int64_t largest_below(std::int64_t limit, const Fits& fits) {
  std::int64_t good = 0, bad = limit;
  while (bad - good > 1) {
    const std::int64_t middle = good + (bad - good) / 2;
    (fits(middle) ? good : bad) = middle;
  }
  return good;
}

// The advice as a sentence.
std::string in_words(const MemoryAdvice& advice, const MemoryNeeds& needs) {
  if (!advice) return "Use a smaller model.";
  std::string out;
  const auto set = [&](const std::string& setting, const std::string& value) {
    out += (out.empty() ? "Set " : " and ") + setting + " to " + value;
  };
  if (advice.recompute) set("recompute", std::string("\"") + vernier::to_string(*advice.recompute) + "\"");
  if (advice.batch) set(needs.batch_setting, std::to_string(*advice.batch));
  if (advice.length) set(needs.length_setting, std::to_string(*advice.length));
  return out + ".";
}

[[noreturn]] void refuse(const PlannedModel& model, const MemoryNeeds& needs, Recompute wish, std::uint64_t free) {
  const std::uint64_t needed = pass_bytes(model, needs, {true, wish}).total();
  Error error(ErrorCode::kOutOfMemory,
              "[" + model.backend.name() + " memory] a micro-batch of " + std::to_string(needs.tokens) +
                  " tokens: got a need for " + gibibytes(needed) + ", expected at most " + gibibytes(free) +
                  ", which are free. " + in_words(advise_memory(model, needs, wish, free), needs));
  error.needed_bytes = needed;
  error.free_bytes = free;
  throw error;
}

[[noreturn]] void refuse_host(const MemoryNeeds& needs, std::uint64_t needed, std::uint64_t free,
                              const MemoryAdvice& advice) {
  Error error(ErrorCode::kOutOfMemory, "[memory] layers' inputs of a micro-batch of " + std::to_string(needs.tokens) +
                                           " tokens: got a need for " + gibibytes(needed) +
                                           " of the host's memory, expected at most " + gibibytes(free) +
                                           ", which are free. " + in_words(advice, needs));
  error.needed_bytes = needed;
  error.free_bytes = free;
  throw error;
}

}  // namespace

StateBytes state_bytes(const PlannedModel& model) {
  StateBytes bytes;
  const bool adapts = model.adapter != nullptr;
  bytes.weights = ModelWeights::bytes_of(model.config, model.dtype,
                                         adapts ? ParameterUse::kFrozen : ParameterUse::kTrained, model.quantization);
  // Gradients and two moments are float32, whatever passes compute in, and lie as the values do.
  std::uint64_t values = 0;
  if (adapts) {
    values = static_cast<std::uint64_t>(ParameterSet::arena_size(model.adapter->parameters(), model.dtype));
    const std::size_t copy = model.dtype == DType::kF32 ? 0 : size_of(model.dtype);
    bytes.adapter =
        values * (sizeof(float) + copy) + static_cast<std::uint64_t>(model.adapter->norms_size()) * sizeof(float);
  } else {
    values = ModelWeights::arena_size(model.config, model.dtype);
  }
  bytes.gradients = values * sizeof(float);
  bytes.optimizer = 2 * values * sizeof(float);
  return bytes;
}

PassBytes pass_bytes(const PlannedModel& model, const MemoryNeeds& needs, const Keeping& keeping) {
  const DecoderMemory memory(model.config, model.adapter, model.dtype, keeps_cheap_on(model.backend));
  PassBytes bytes;
  bytes.activations = std::max(memory.bytes(needs.tokens, keeping), memory.bytes(needs.evaluation_tokens, Keeping()));
  WorkShape shape = shape_of(model, std::max(needs.tokens, needs.evaluation_tokens));
  shape.captured_rows = needs.captured_rows;
  bytes.scratch = model.backend.scratch_bytes(shape);
  bytes.on_host = memory.host_bytes(needs.tokens, keeping);
  return bytes;
}

PassOptions MemoryPlan::training_pass() const {
  PassOptions pass;
  pass.keep_activations = true;
  pass.recompute = recompute;
  pass.kept_mlp_layers = kept_mlp_layers;
  pass.kept_attention_layers = kept_attention_layers;
  pass.waiting_attention_layers = waiting_attention_layers;
  return pass;
}

std::string MemoryPlan::to_string() const {
  std::string text = "predicted peak " + gibibytes(predicted_bytes) + " of memory (" + gibibytes(free_bytes) +
                     " were free for activations), recompute \"" + vernier::to_string(recompute) + "\"";
  if (kept_mlp_layers > 0) text += ", but not gate and up of " + last_layers(kept_mlp_layers);
  if (kept_attention_layers > 0) {
    text +=
        (kept_mlp_layers > 0 ? " and attention of " : ", but not attention of ") + last_layers(kept_attention_layers);
  }
  if (host_bytes == 0) return text;
  text += ", while layers' inputs ";
  if (waiting_attention_layers > 0)
    text += "and attention of " + std::to_string(waiting_attention_layers) + " of them ";
  return text + "wait in " + gibibytes(host_bytes) + " of the host's memory";
}

MemoryAdvice advise_memory(const PlannedModel& model, const MemoryNeeds& needs, Recompute wish, std::uint64_t free) {
  const std::uint64_t free_host = free_host_bytes();
  const auto fits = [&](std::int64_t tokens, Recompute recompute) {
    const PassBytes bytes = bytes_to_take(model, needs, tokens, {true, recompute});
    return bytes.total() <= free && bytes.on_host <= free_host;
  };
  MemoryAdvice out;
  if (wish == Recompute::kOffload && !fits(needs.tokens, wish) && fits(needs.tokens, Recompute::kLayer)) {
    out.recompute = Recompute::kLayer;  // the host is what is too small
    return out;
  }
  const std::span<const Recompute> policies = fastest_first(model.backend);
  const Recompute least = policies.back();
  if (wish != Recompute::kAuto && wish != least) {
    for (const Recompute recompute : policies) {
      if (recompute <= wish || !fits(needs.tokens, recompute)) continue;
      out.recompute = recompute;
      return out;
    }
    out.recompute = least;
  }
  const std::int64_t each = (needs.tokens + needs.sequences - 1) / needs.sequences;
  if (!needs.batch_setting.empty()) {
    const std::int64_t batch = largest_below(needs.sequences, [&](std::int64_t n) { return fits(n * each, least); });
    if (batch > 0) {
      out.batch = batch;
      return out;
    }
  }
  const std::int64_t length = largest_below(each, [&](std::int64_t n) { return fits(n, least); });
  if (length < 2) return {};
  if (!needs.batch_setting.empty() && needs.sequences > 1) out.batch = 1;
  out.length = length;
  return out;
}

namespace {

// Of a layer's forward pass, for all tokens: what it takes to compute its parts again.
struct LayerFlops {
  double attention = 0.0, mlp = 0.0, all = 0.0;
};

LayerFlops layer_flops(const PlannedModel& model, const MemoryNeeds& needs) {
  const auto d = static_cast<double>(model.config.hidden_size), f = static_cast<double>(model.config.intermediate_size);
  const auto q = static_cast<double>(model.config.num_heads * model.config.head_dim);
  const auto kv = static_cast<double>(model.config.num_kv_heads * model.config.head_dim);
  const auto tokens = static_cast<double>(needs.tokens);
  const double length = tokens / static_cast<double>(std::max<std::int64_t>(1, needs.sequences));
  LayerFlops flops;
  flops.attention = tokens * (4.0 * d * (q + kv) + 2.0 * q * length);
  flops.mlp = tokens * 4.0 * d * f;
  flops.all = flops.attention + flops.mlp + tokens * 2.0 * d * f;
  return flops;
}

// While a device computes so much it sends a byte to the host: an H100, at some 700 TFLOP/s beside 53 GB/s, sends all
// of an 8B's attention while its forward pass runs (measured); desktop cards have two to four times the time. What is
// sent beyond it would be waited for.
constexpr double kFlopsPerSentByte = 12000.0;
// Copies slow the passes that they run beside: 1 % of a step was measured.
constexpr double kCostOfCopies = 0.01;

// Chooses what is kept of a model that does not fit as a whole.
class Chooser {
 public:
  Chooser(const PlannedModel& model, const MemoryNeeds& needs, std::uint64_t room)
      : model_(model), needs_(needs), room_(room), flops_(layer_flops(model, needs)) {}

  Keeping fastest() const {
    const std::span<const Recompute> policies = fastest_first(model_.backend);
    if (fits({true, Recompute::kNone})) return {true, Recompute::kNone};
    Keeping best{true, policies.back()};
    double most = -1e300;
    for (const Recompute policy : policies.subspan(1)) {
      if (!fits({true, policy})) continue;
      const Keeping keeping = filled(policy);
      const double saved = saved_by(keeping);
      if (saved > most) most = saved, best = keeping;
    }
    return best;
  }

 private:
  bool fits(const Keeping& keeping) const {
    const PassBytes bytes = pass_bytes(model_, needs_, keeping);
    return bytes.total() <= room_ && bytes.on_host <= free_host_ / 2;
  }
  // As many layers more as there is room for, at most `limit`.
  void keep_more(Keeping& keeping, std::int64_t Keeping::*layers, std::int64_t limit) const {
    keeping.*layers = largest_below(limit + 1, [&](std::int64_t count) {
      Keeping more = keeping;
      more.*layers = count;
      return fits(more);
    });
  }
  // What the room still holds: first what waits in the host's memory, which costs no time, then gate and up, whose
  // products take longest.
  Keeping filled(Recompute policy) const {
    Keeping keeping{true, policy};
    const std::int64_t layers = model_.config.num_layers;
    if (policy == Recompute::kOffload) {
      const std::int64_t but_two = std::max<std::int64_t>(0, layers - 2);  // which take turns
      keep_more(keeping, &Keeping::waiting_layers, std::clamp<std::int64_t>(sendable_layers(), 0, but_two));
      if (keeping.waiting_layers > 0) {
        keep_more(keeping, &Keeping::attention_layers, but_two - keeping.waiting_layers);
      }
    }
    keep_more(keeping, &Keeping::mlp_layers, layers);
    if (policy != Recompute::kMlp && keeping.waiting_layers == 0) {
      keep_more(keeping, &Keeping::attention_layers, layers);
    }
    return keeping;
  }
  // Of how many layers attention can be sent while the forward pass runs.
  std::int64_t sendable_layers() const {
    const auto on_host = [&](std::int64_t layers) {
      Keeping keeping{true, Recompute::kOffload};
      keeping.waiting_layers = layers;
      return static_cast<double>(pass_bytes(model_, needs_, keeping).on_host);
    };
    const double inputs = on_host(0), each = on_host(1) - inputs;
    const double sendable = static_cast<double>(model_.config.num_layers) * flops_.all / kFlopsPerSentByte;
    return each > 0.0 ? static_cast<std::int64_t>((sendable - inputs) / each) : 0;
  }
  double saved_by(const Keeping& keeping) const {
    const auto layers = static_cast<double>(model_.config.num_layers);
    const bool keeps_attention = keeping.recompute == Recompute::kMlp;
    const auto held = static_cast<double>(keeping.attention_layers + keeping.waiting_layers);
    const double copies = keeping.recompute == Recompute::kOffload ? kCostOfCopies * 3.0 * layers * flops_.all : 0.0;
    return (keeps_attention ? layers : std::min(layers, held)) * flops_.attention +
           static_cast<double>(keeping.mlp_layers) * flops_.mlp - copies;
  }

  const PlannedModel& model_;
  const MemoryNeeds& needs_;
  const std::uint64_t room_;
  const std::uint64_t free_host_ = free_host_bytes();
  const LayerFlops flops_;
};

}  // namespace

MemoryPlan predict_memory(const PlannedModel& model, const MemoryNeeds& needs, Recompute wish,
                          std::uint64_t bytes_to_come, std::uint64_t limit) {
  Backend& backend = model.backend;
  MemoryPlan plan;
  const std::uint64_t taken = backend.allocated_bytes() + bytes_to_come;
  const std::uint64_t free = backend.free_bytes();
  plan.free_bytes = free - std::min(free, bytes_to_come);
  // Others use the device too: what is chosen for the user leaves them a little.
  std::uint64_t room = wish == Recompute::kAuto ? plan.free_bytes / 100 * 98 : plan.free_bytes;
  if (limit > 0) room = std::min(room, limit - std::min(limit, taken));
  const Keeping keeping = wish == Recompute::kAuto ? Chooser(model, needs, room).fastest() : Keeping{true, wish};
  plan.recompute = keeping.recompute;
  plan.kept_mlp_layers = keeping.mlp_layers;
  plan.kept_attention_layers = keeping.attention_layers;
  plan.waiting_attention_layers = keeping.waiting_layers;
  const PassBytes passes = pass_bytes(model, needs, keeping);
  const std::uint64_t needed = passes.total();
  plan.host_bytes = passes.on_host;
  if (needed > room) refuse(model, needs, plan.recompute, room);
  if (const std::uint64_t free_host = free_host_bytes(); passes.on_host > free_host) {
    refuse_host(needs, passes.on_host, free_host, advise_memory(model, needs, wish, room));
  }
  const std::uint64_t ahead = keeps_cheap_on(backend)
                                  ? 0  // without a device nothing runs beside
                                  : ModelWeights::ahead_bytes_of(model.config, model.dtype, model.quantization);
  plan.looks_ahead = ahead > 0 && needed + ahead <= room;
  plan.predicted_bytes = std::max<std::uint64_t>(backend.peak_bytes(), taken + needed + (plan.looks_ahead ? ahead : 0));
  return plan;
}

MemoryPlan plan_memory(Decoder& decoder, const MemoryNeeds& needs, Recompute wish, std::uint64_t limit) {
  const AdapterLayout* adapter = decoder.adapter() != nullptr ? &decoder.adapter()->layout() : nullptr;
  const MemoryPlan plan =
      predict_memory({decoder.backend(), decoder.config(), adapter, decoder.dtype(), decoder.weights().quantization()},
                     needs, wish, 0, limit);
  // The larger first, so that nothing has to grow.
  const PassOptions training = plan.training_pass();
  if (needs.evaluation_tokens > 0 && decoder.workspace_bytes(needs.evaluation_tokens, PassOptions()) >
                                         decoder.workspace_bytes(needs.tokens, training)) {
    decoder.reserve(needs.evaluation_tokens, PassOptions());
  }
  decoder.reserve(needs.tokens, training);
  if (plan.looks_ahead) decoder.weights().look_ahead();
  return plan;
}

}  // namespace vernier
