#include "engine/cpu/thread_pool.h"

#include <hwy/cache_control.h>
#include <sched.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "vernier/error.h"

namespace vernier::cpu {
namespace {

constexpr auto kSpinTime = std::chrono::microseconds(60);
constexpr std::int64_t kMaxTasks = 0xffffffff;

// Spins until done() or until kSpinTime has passed; tells whether done() held.
template <typename Done>
bool spin_until(const Done& done) {
  const auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      hwy::Pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

}  // namespace

// A job is named by a 32-bit number, kept in the upper half of `ticket`; the lower half counts the tasks not yet handed
// out. A worker takes a task by a compare-and-swap of the whole word: while it succeeds the job is unfinished, so the
// body read before belongs to it. A worker that wakes late finds another number or no task, and nobody waits for it.
struct ThreadPool::State {
  alignas(64) std::atomic<std::uint64_t> ticket{0};
  alignas(64) std::atomic<std::int64_t> unfinished{0};
  std::atomic<std::uint32_t> finished_job{0};     // what a sleeping caller waits on
  alignas(64) std::atomic<std::uint32_t> job{0};  // what sleeping workers wait on
  std::atomic<Invoke> invoke{nullptr};
  std::atomic<const void*> object{nullptr};
  std::atomic<bool> stop{false};
  std::vector<std::thread> workers;

  // Runs tasks of job `number` until none is left.
  void work(std::uint32_t number, int worker) {
    std::uint64_t seen = ticket.load(std::memory_order_acquire);
    while ((seen >> 32) == number && (seen & kMaxTasks) != 0) {
      const Invoke call = invoke.load(std::memory_order_relaxed);
      const void* body = object.load(std::memory_order_relaxed);
      if (!ticket.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      call(body, static_cast<std::int64_t>(seen & kMaxTasks) - 1, worker);
      if (unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        finished_job.store(number, std::memory_order_release);
        finished_job.notify_one();
      }
      seen = ticket.load(std::memory_order_acquire);
    }
  }

  void worker_main(int worker) {
    std::uint32_t last = 0;
    for (;;) {
      const auto woken = [&] { return job.load(std::memory_order_acquire) != last; };
      if (!spin_until(woken)) job.wait(last, std::memory_order_acquire);
      last = job.load(std::memory_order_acquire);
      if (stop.load(std::memory_order_acquire)) return;
      work(last, worker);
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  if (threads < 1 || threads > 1024) {
    fail(ErrorCode::kInvalidInput, "threads", "got " + std::to_string(threads) + ", expected 1 to 1024");
  }
  state_->workers.reserve(static_cast<std::size_t>(threads - 1));
  for (int worker = 1; worker < threads; ++worker) {
    state_->workers.emplace_back([state = state_.get(), worker] { state->worker_main(worker); });
  }
}

ThreadPool::~ThreadPool() {
  state_->stop.store(true, std::memory_order_release);
  state_->job.fetch_add(1, std::memory_order_acq_rel);
  state_->job.notify_all();
  for (std::thread& worker : state_->workers) worker.join();
}

int ThreadPool::threads() const {
  return static_cast<int>(state_->workers.size()) + 1;
}

void ThreadPool::run(std::int64_t tasks, Invoke invoke, const void* object) {
  State& s = *state_;
  if (tasks <= 1 || s.workers.empty()) {
    for (std::int64_t task = 0; task < tasks; ++task) invoke(object, task, 0);
    return;
  }
  if (tasks > kMaxTasks) fail(ErrorCode::kInternal, "thread pool", "got more than 2^32 - 1 tasks in one call");
  const std::uint32_t number = s.job.load(std::memory_order_relaxed) + 1;
  s.invoke.store(invoke, std::memory_order_relaxed);
  s.object.store(object, std::memory_order_relaxed);
  s.unfinished.store(tasks, std::memory_order_relaxed);
  s.ticket.store(static_cast<std::uint64_t>(number) << 32 | static_cast<std::uint64_t>(tasks),
                 std::memory_order_release);
  s.job.store(number, std::memory_order_release);
  s.job.notify_all();
  s.work(number, 0);
  const auto finished = [&] { return s.finished_job.load(std::memory_order_acquire) == number; };
  if (spin_until(finished)) return;
  for (std::uint32_t seen = s.finished_job.load(std::memory_order_acquire); seen != number;
       seen = s.finished_job.load(std::memory_order_acquire)) {
    s.finished_job.wait(seen, std::memory_order_acquire);
  }
}

int default_thread_count() {
  if (const char* text = std::getenv("VERNIER_NUM_THREADS"); text != nullptr && *text != '\0') {
    int threads = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, threads);
    if (error != std::errc() || stop != end || threads < 1 || threads > 1024) {
      fail(ErrorCode::kInvalidInput, "VERNIER_NUM_THREADS",
           "got '" + std::string(text) + "', expected a whole number from 1 to 1024");
    }
    return threads;
  }
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    const int count = CPU_COUNT(&set);
    if (count >= 1) return count < 1024 ? count : 1024;
  }
  const unsigned count = std::thread::hardware_concurrency();
  return count >= 1 ? static_cast<int>(count) : 1;
}

}  // namespace vernier::cpu
