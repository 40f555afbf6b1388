#include "engine/train/capture_queue.h"

#include <algorithm>
#include <utility>

#include "engine/io/capture_file.h"

namespace vernier {
namespace {

using Clock = std::chrono::steady_clock;

// Files written at once: one thread fills the page cache more slowly than a large model's step makes logits.
constexpr std::size_t kMostAtOnce = 4;
constexpr std::size_t kFewestAtOnce = 2;
// Of host memory, as long as the fewest have room.
constexpr std::size_t kMostBytes = std::size_t{2} << 30;

std::size_t at_once(std::size_t bytes_each) {
  return std::clamp(kMostBytes / std::max<std::size_t>(bytes_each, 1), kFewestAtOnce, kMostAtOnce);
}

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

// In the order that members go: the thread first, then what it works on.
struct CaptureQueue::Capturing {
  CaptureRecord record;
  Capture capture;
  std::unique_ptr<DeviceBuffer> logits;
  std::shared_ptr<Fetch> fetch;
  std::future<std::uint64_t> written;  // its destructor waits
};

CaptureQueue::CaptureQueue(Decoder& decoder, std::filesystem::path folder)
    : decoder_(decoder), folder_(std::move(folder)), kept_as_(captured_as(decoder.dtype())) {}

CaptureQueue::~CaptureQueue() = default;

void CaptureQueue::take(CapturedRow row, const CaptureRecord& record) {
  const std::size_t bytes = row.rows.size() * static_cast<std::size_t>(row.capture.vocab_size) * size_of(kept_as_);
  const auto start = Clock::now();
  if (on_their_way_.empty() && written_bytes_ == 0) first_taken_ = start;
  while (on_their_way_.size() >= at_once(bytes)) finish_oldest();
  waited_ms_ += milliseconds_since(start);

  auto next = std::make_unique<Capturing>();
  next->record = record;
  next->capture = std::move(row.capture);
  const auto fits = [bytes](const auto& memory) { return memory->bytes() >= bytes; };
  if (const auto found = std::find_if(idle_.begin(), idle_.end(), fits); found != idle_.end()) {
    next->logits = std::move(*found);
    idle_.erase(found);
  } else {
    if (!idle_.empty()) idle_.pop_back();  // too small: it makes room
    next->logits = decoder_.backend().allocate_to_fetch(bytes);
  }
  next->fetch = decoder_.begin_logits(row.rows, kept_as_, next->logits->data());
  fetches_.push_back(next->fetch);
  next->written = std::async(std::launch::async, [this, bytes, &of = *next] {
    of.fetch->wait();
    return write_capture(folder_ / of.record.file, of.capture, kept_as_,
                         {static_cast<const std::byte*>(of.logits->data()), bytes});
  });
  on_their_way_.push_back(std::move(next));
}

void CaptureQueue::finish_oldest() {
  const std::unique_ptr<Capturing> oldest = std::move(on_their_way_.front());
  on_their_way_.pop_front();
  oldest->record.bytes = oldest->written.get();
  written_bytes_ += oldest->record.bytes;
  written_.push_back(std::move(oldest->record));
  idle_.push_back(std::move(oldest->logits));
}

void CaptureQueue::collect(Wait wait, const std::function<void(const CaptureRecord&)>& out) {
  const auto ready = [](const Capturing& capturing) {
    return capturing.written.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  for (;;) {
    for (const CaptureRecord& record : std::exchange(written_, {})) out(record);
    if (on_their_way_.empty() || (wait == Wait::kNo && !ready(*on_their_way_.front()))) return;
    finish_oldest();
  }
}

double CaptureQueue::device_milliseconds() {
  double sum = 0.0;
  for (const auto& fetch : std::exchange(fetches_, {})) sum += fetch->device_milliseconds();
  return sum;
}

double CaptureQueue::waited_milliseconds() {
  return std::exchange(waited_ms_, 0.0);
}

double CaptureQueue::bytes_per_second() const {
  return static_cast<double>(written_bytes_) / std::max(1e-3, 1e-3 * milliseconds_since(first_taken_));
}

}  // namespace vernier
