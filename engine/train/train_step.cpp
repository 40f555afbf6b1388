#include "engine/train/train_step.h"

#include "engine/core/philox.h"

namespace vernier {

double forward_backward(Decoder& decoder, Optimizer& optimizer, std::span<const MicroBatch> batches,
                        LossNormalization normalization, PassOptions pass, StepLosses& losses, const ForwardHook& hook,
                        RecordedPasses* recorded, GradientProbe* probe) {
  pass.keep_activations = true;
  losses.begin(batches);
  optimizer.zero_gradients();
  std::int64_t first_sequence = 0;
  const bool of_means = pass.fault == FaultKind::kMeanOfMeans && normalization == LossNormalization::kPerToken;
  const auto weights_of = [&](std::size_t i) {
    return of_means ? losses.weights_of_means(i) : losses.row_weights(i, normalization);
  };
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const TargetRows& targets = losses.targets(i);
    const bool by_recording = recorded != nullptr && !targets.rows.empty() && recorded->takes(batches[i], pass);
    if (by_recording) {
      recorded->forward(batches[i], targets, pass);
    } else {
      decoder.forward(batches[i], pass);
    }
    if (hook) hook(batches[i], first_sequence);  // before the loss head, whose dhidden may take the place of hidden
    if (by_recording) {
      recorded->loss_and_backward(weights_of(i), losses.rows(i));
    } else if (!targets.rows.empty()) {
      decoder.loss(targets.rows, targets.targets, weights_of(i), losses.rows(i));
      decoder.backward();
    }
    first_sequence += static_cast<std::int64_t>(batches[i].sequences.size());
  }
  const double norm = probe ? probe->measure() : optimizer.gradient_norm();  // waits for all of it at once
  if (recorded != nullptr) recorded->collect();
  losses.finish();
  return norm;
}

bool forward_losses(Decoder& decoder, std::span<const MicroBatch> batches, PassOptions pass, StepLosses& losses,
                    const std::function<bool(double)>& between) {
  pass.keep_activations = false;
  losses.begin(batches);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (between && !between(static_cast<double>(i) / static_cast<double>(batches.size()))) return false;
    const TargetRows& targets = losses.targets(i);
    if (targets.rows.empty()) continue;
    decoder.forward(batches[i], pass);
    decoder.loss(targets.rows, targets.targets, {}, losses.rows(i));
  }
  losses.finish();
  return true;
}

std::uint64_t dropout_seed(std::uint64_t seed, std::int64_t step) {
  const auto index = static_cast<std::uint64_t>(step);
  // The last word tells this use of the seed from the shuffling's.
  const PhiloxCounter words = philox4x32_10(
      {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), 0, 0x64726f70u /* "drop" */},
      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  return (static_cast<std::uint64_t>(words[1]) << 32) | words[0];
}

}  // namespace vernier
