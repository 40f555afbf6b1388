// Logits on their way from a pass to their files, beside the steps.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "engine/inspect/capture.h"
#include "engine/model/decoder.h"
#include "vernier/run_store.h"

namespace vernier {

// The device computes a capture's logits behind the pass and sends them to the host while it goes on with the step; a
// thread of its own then writes the file. A few captures are on their way at a time: the next waits for the oldest, so
// that a disk slower than the steps slows them down and memory stays as it is. Thread: the run's.
class CaptureQueue {
 public:
  // The decoder must outlive it. Files are named relative to `folder`.
  CaptureQueue(Decoder& decoder, std::filesystem::path folder);
  // Waits for what is on its way. Files that nobody collected stay.
  ~CaptureQueue();
  CaptureQueue(const CaptureQueue&) = delete;
  CaptureQueue& operator=(const CaptureQueue&) = delete;

  // After decoder.forward(). record: where it goes. Errors: those that kept an earlier one from being written, and
  // kOutOfMemory.
  void take(CapturedRow row, const CaptureRecord& record);
  // Hands out the records, complete, of what has been written, in the order that it was taken. Errors: as take().
  enum class Wait { kNo, kForAll };
  void collect(Wait wait, const std::function<void(const CaptureRecord&)>& out);
  // Frees memory that is kept for further captures.
  void release_memory() { idle_.clear(); }

  // Of what was taken since the last call: what it held up the device, after the step was waited for.
  double device_milliseconds();
  // Since the last call: what take() waited for the disk.
  double waited_milliseconds();
  // Bytes written a second since the first capture was taken.
  double bytes_per_second() const;

 private:
  struct Capturing;
  void finish_oldest();

  Decoder& decoder_;
  std::filesystem::path folder_;
  DType kept_as_;
  std::deque<std::unique_ptr<Capturing>> on_their_way_;
  std::vector<CaptureRecord> written_;               // and not collected
  std::vector<std::unique_ptr<DeviceBuffer>> idle_;  // host memory, for the next
  std::vector<std::shared_ptr<Fetch>> fetches_;      // since device_milliseconds()
  double waited_ms_ = 0.0;
  std::uint64_t written_bytes_ = 0;
  std::chrono::steady_clock::time_point first_taken_;
};

}  // namespace vernier
