// The passes of small models, recorded: where a step's work is so little that giving it operation by operation takes
// longer than doing it, a backend that records runs it with one call.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "engine/model/decoder.h"
#include "engine/model/targets.h"
#include "engine/ops/backend.h"

namespace vernier {

// Micro-batches are filled up to one of a few sizes, and passes are recorded once for each size: the first of a size
// runs as it is, the second is recorded, from then on the recording runs. Tokens that fill up are sequences of their
// own without labels, rows of the head that fill up have weight 0: neither changes a gradient. Thread: one thread at a
// time; the decoder must outlive it.
class RecordedPasses {
 public:
  // max_tokens: of the run's micro-batches; none is filled up beyond it.
  RecordedPasses(Decoder& decoder, std::int64_t max_tokens);
  ~RecordedPasses();
  RecordedPasses(const RecordedPasses&) = delete;
  RecordedPasses& operator=(const RecordedPasses&) = delete;

  // Whether these passes are recorded: of an adapter, without dropout, a fault, a cache or copies to the host, and of
  // little work; not where sequences turn by their length, whose tables change.
  bool takes(const MicroBatch& batch, const PassOptions& pass) const;

  // As Decoder::forward(), loss() and backward() of a micro-batch that is taken. targets are those of `batch`; `out`
  // holds their values after collect().
  void forward(const MicroBatch& batch, const TargetRows& targets, const PassOptions& pass);
  void loss_and_backward(std::span<const float> row_weights, const LossRows& out);
  // Waits for the passes and puts their values in place.
  void collect();

  // Passes that a recording ran.
  std::int64_t replays() const { return replays_; }

 private:
  struct Size;
  struct Entry;
  Entry& entry_of(const Size& size);
  void run(Entry& entry, std::unique_ptr<Recording>& recording, const std::function<void()>& work);

  Decoder& decoder_;
  std::int64_t max_tokens_;
  std::list<std::unique_ptr<Entry>> entries_;  // the one used last in front
  Entry* current_ = nullptr;
  std::vector<Entry*> uncollected_;
  std::int64_t replays_ = 0;
};

}  // namespace vernier
