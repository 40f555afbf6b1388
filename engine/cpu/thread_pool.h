// The engine's one thread pool.
#pragma once

#include <cstdint>
#include <memory>

namespace vernier::cpu {

// A fixed set of workers; the calling thread is worker 0. Workers spin for some tens of microseconds between jobs,
// then sleep. One thread at a time may call parallel_for, and a task must not call it again. A task must not throw.
class ThreadPool {
 public:
  // threads counts the caller; at least 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;
  // Runs body(std::int64_t task, int worker) for every task in [0, tasks), each once, in any order, and returns when
  // all are done. worker is in [0, threads()). Does not allocate.
  template <typename Body>
  void parallel_for(std::int64_t tasks, const Body& body) {
    run(
        tasks,
        [](const void* object, std::int64_t task, int worker) { (*static_cast<const Body*>(object))(task, worker); },
        &body);
  }

 private:
  using Invoke = void (*)(const void* object, std::int64_t task, int worker);
  struct State;
  void run(std::int64_t tasks, Invoke invoke, const void* object);

  std::unique_ptr<State> state_;
};

// VERNIER_NUM_THREADS where set (1 to 1024, else Error{kInvalidInput}), else the processors this process may run on
// (sched_getaffinity).
int default_thread_count();

}  // namespace vernier::cpu
