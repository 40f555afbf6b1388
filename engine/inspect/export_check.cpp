#include "engine/inspect/export_check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/core/philox.h"
#include "engine/inspect/forward.h"
#include "engine/model/adapter.h"
#include "engine/model/decoder.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::int64_t kRows = 2;
constexpr std::int64_t kLength = 24;
constexpr double kDriftingFactor = 10.0;

// Of the relative difference. What rounding every weight to the type does to trained and to random models stays a few
// times below; a transposed, misplaced or forgotten tensor is of the order of one.
double tolerance_of(const std::string& dtype) {
  if (dtype == "float32") return 2e-5;
  if (dtype == "float16") return 5e-3;
  return 4e-2;  // bfloat16, q8_0
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

double mean_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
  return sum / static_cast<double>(std::max<std::size_t>(1, a.size()));
}

std::string summary_of(const ExportCheck& check, const std::string& dtype) {
  const std::string figures = "mean |logit difference| to the live model " + number(check.mean_abs_logit_difference) +
                              ", relative " + number(check.relative_difference) + " (" + dtype + ": up to " +
                              number(check.tolerance) + ")";
  switch (check.verdict) {
    case ParityVerdict::kAgrees:
      return "The export computes what the live model does: " + figures + ".";
    case ParityVerdict::kDrifting:
      return check.relative_difference <= check.tolerance
                 ? "Rounding to " + dtype + " changes the logits as much as the adapter does: " + figures +
                       ", the adapter " + number(check.adapter_effect) +
                       "; float32 or an exported adapter keeps what was learnt."
                 : "The export differs more than rounding to " + dtype + " usually does: " + figures + ".";
    case ParityVerdict::kDiffers:
      break;
  }
  return "The export is another model: " + figures + ".";
}

}  // namespace

Batch export_check_batch(const ModelConfig& config) {
  const std::int64_t length = std::min(kLength, std::max<std::int64_t>(1, config.max_position_embeddings));
  Batch batch;
  for (std::int64_t row = 0; row < kRows; ++row) {
    std::vector<std::int32_t> ids;
    for (std::int64_t t = 0; t < length; ++t) {
      const PhiloxCounter words =
          philox4x32_10({static_cast<std::uint32_t>(t), static_cast<std::uint32_t>(row), 0, 0}, {0, 0});
      ids.push_back(static_cast<std::int32_t>(words[0] % static_cast<std::uint64_t>(config.vocab_size)));
    }
    batch.input_ids.push_back(ids);
    batch.lengths.push_back(length);
  }
  batch.labels = batch.input_ids;
  return batch;
}

std::vector<float> export_check_logits(Backend& backend, const ModelConfig& config, const ModelWeights::RowReader& read,
                                       const std::filesystem::path& adapter_dir, std::vector<float>* base_logits,
                                       const std::function<void(double)>& progress, std::stop_token stop) {
  const std::unique_ptr<ModelWeights> weights = ModelWeights::load(backend, config, read, progress, stop);
  std::unique_ptr<Adapter> adapter;
  if (!adapter_dir.empty()) adapter = Adapter::load(backend, config, adapter_dir);
  Decoder decoder(backend, config, *weights, adapter.get());
  const Batch batch = export_check_batch(config);
  std::vector<float> logits = forward_batch(decoder, batch, {}).logits.values;
  if (adapter != nullptr && base_logits != nullptr) {
    adapter->set_strength(0.0);
    *base_logits = forward_batch(decoder, batch, {}).logits.values;
  }
  if (stop.stop_requested()) fail(ErrorCode::kCancelled, "export", "the check was cancelled.");
  return logits;
}

ExportCheck judge_export(const std::vector<float>& exported, const std::vector<float>& live,
                         const std::vector<float>& base, std::int64_t vocab_size, const std::string& dtype) {
  ExportCheck check;
  check.tolerance = tolerance_of(dtype);
  check.num_positions = static_cast<std::int64_t>(live.size()) / vocab_size;
  double difference = 0.0;
  double size = 0.0;
  std::int64_t agreeing = 0;
  const bool comparable = exported.size() == live.size();
  for (std::int64_t position = 0; comparable && position < check.num_positions; ++position) {
    const float* ours = live.data() + position * vocab_size;
    const float* theirs = exported.data() + position * vocab_size;
    double mean = 0.0;
    for (std::int64_t v = 0; v < vocab_size; ++v) mean += static_cast<double>(ours[v]);
    mean /= static_cast<double>(vocab_size);
    for (std::int64_t v = 0; v < vocab_size; ++v) {
      const double d = static_cast<double>(theirs[v]) - static_cast<double>(ours[v]);
      difference += d * d;
      size += (static_cast<double>(ours[v]) - mean) * (static_cast<double>(ours[v]) - mean);
      // NaN stays.
      if (!(std::abs(d) <= check.max_abs_logit_difference)) check.max_abs_logit_difference = std::abs(d);
    }
    agreeing +=
        std::max_element(ours, ours + vocab_size) - ours == std::max_element(theirs, theirs + vocab_size) - theirs;
  }
  check.mean_abs_logit_difference = comparable ? mean_difference(exported, live) : std::nan("");
  check.relative_difference = comparable ? std::sqrt(difference / std::max(size, 1e-30)) : std::nan("");
  check.argmax_agreement =
      static_cast<double>(agreeing) / static_cast<double>(std::max<std::int64_t>(1, check.num_positions));
  if (!base.empty()) check.adapter_effect = mean_difference(base, live);

  if (!(check.relative_difference <= kDriftingFactor * check.tolerance)) {
    check.verdict = ParityVerdict::kDiffers;
  } else if (!(check.relative_difference <= check.tolerance) ||
             (check.adapter_effect > 0.0 && check.mean_abs_logit_difference >= 0.5 * check.adapter_effect)) {
    check.verdict = ParityVerdict::kDrifting;
  }
  check.summary = summary_of(check, dtype);
  return check;
}

}  // namespace vernier
