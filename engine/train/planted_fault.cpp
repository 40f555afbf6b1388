#include "engine/train/planted_fault.h"

#include "engine/inspect/pass.h"

namespace vernier {

PassOptions PlantedFault::in(PassOptions pass, ParityPath path) const {
  if (fault_.on(path)) pass.fault = fault_.kind;
  return pass;
}

const std::vector<MicroBatch>& PlantedFault::rows(const std::vector<MicroBatch>& batches, ParityPath path) {
  if (!is(FaultKind::kLostLabelMask, path)) return batches;
  unmasked_ = batches;
  for (MicroBatch& batch : unmasked_) batch.labels = batch.input_ids;
  return unmasked_;
}

void PlantedFault::move(CapturedRow& row, const MicroBatch& batch) const {
  if (is(FaultKind::kLogitsOffByOne, ParityPath::kTrain)) row.rows = rows_before(batch, row.rows);
}

double PlantedFault::learning_rate(double scheduled, std::size_t sequences) const {
  return is(FaultKind::kScaledRate, ParityPath::kTrain) ? scheduled * static_cast<double>(sequences) : scheduled;
}

}  // namespace vernier
