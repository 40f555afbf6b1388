// What a planted fault does to a run's steps, beside what it does in their passes. Nothing without one.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/inspect/capture.h"
#include "engine/model/decoder.h"
#include "vernier/parity.h"

namespace vernier {

// Thread: one thread at a time.
class PlantedFault {
 public:
  explicit PlantedFault(const Fault& fault) : fault_(fault) {}

  // `pass` with the fault, where it is planted in that path.
  PassOptions in(PassOptions pass, ParityPath path) const;
  // The rows as they are learnt, or evaluated. Valid until the next call, and as long as `batches`.
  const std::vector<MicroBatch>& rows(const std::vector<MicroBatch>& batches, ParityPath path);
  // Of a capture in training.
  void move(CapturedRow& row, const MicroBatch& batch) const;
  // What the optimizer takes for the schedule's.
  double learning_rate(double scheduled, std::size_t sequences) const;

 private:
  bool is(FaultKind kind, ParityPath path) const { return fault_.kind == kind && fault_.path == path; }

  Fault fault_;
  std::vector<MicroBatch> unmasked_;
};

}  // namespace vernier
