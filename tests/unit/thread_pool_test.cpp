#include "engine/cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "vernier/error.h"

namespace vernier::cpu {
namespace {

TEST(ThreadPool, RunsEveryTaskOnceOnAValidWorker) {
  for (const int threads : {1, 2, 3, 4, 9}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const int tasks : {0, 1, 2, 3, 17, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tasks));
      std::atomic<int> bad{0};
      pool.parallel_for(tasks, [&](std::int64_t task, int worker) {
        runs[static_cast<std::size_t>(task)].fetch_add(1);
        if (worker < 0 || worker >= threads) bad.fetch_add(1);
      });
      EXPECT_EQ(bad.load(), 0);
      for (auto& run : runs) EXPECT_EQ(run.load(), 1);
    }
  }
}

// Writes of one job are read by the next without further synchronisation; short jobs and pauses beyond the spinning
// time alternate, so that workers are caught spinning, falling asleep and asleep.
TEST(ThreadPool, ManyShortJobs) {
  ThreadPool pool(4);
  std::vector<std::int64_t> values(16, 0);
  constexpr int kJobs = 20000;
  for (int job = 0; job < kJobs; ++job) {
    pool.parallel_for(1 + job % 16, [&](std::int64_t task, int) { values[static_cast<std::size_t>(task)] += job; });
    if (job % 500 == 0) std::this_thread::sleep_for(std::chrono::microseconds(job % 3 * 100));
  }
  for (int task = 0; task < 16; ++task) {
    std::int64_t expected = 0;
    for (int job = 0; job < kJobs; ++job) expected += task < 1 + job % 16 ? job : 0;
    EXPECT_EQ(values[static_cast<std::size_t>(task)], expected) << task;
  }
}

TEST(ThreadPool, ComesAndGoesWithoutWork) {
  for (int i = 0; i < 50; ++i) ThreadPool pool(1 + i % 5);
}

TEST(ThreadPool, RefusesNoThreads) {
  EXPECT_THROW(ThreadPool(0), Error);
}

TEST(ThreadPool, CountComesFromTheEnvironment) {
  const char* before = std::getenv("VERNIER_NUM_THREADS");
  const std::string saved = before == nullptr ? "" : before;
  setenv("VERNIER_NUM_THREADS", "7", 1);
  EXPECT_EQ(default_thread_count(), 7);
  for (const char* bad : {"0", "-1", "two", "3x", "1025", " 2"}) {
    setenv("VERNIER_NUM_THREADS", bad, 1);
    EXPECT_THROW(default_thread_count(), Error) << bad;
  }
  unsetenv("VERNIER_NUM_THREADS");
  EXPECT_GE(default_thread_count(), 1);
  if (before != nullptr) setenv("VERNIER_NUM_THREADS", saved.c_str(), 1);
}

}  // namespace
}  // namespace vernier::cpu
