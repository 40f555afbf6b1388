#include "ui/session/thread_priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace vernier::ui {

void yield_to_gui() {
#ifdef __linux__
  // On Linux, niceness is a thread's own, and new threads inherit it.
  constexpr int kYielding = 10;
  const auto thread = static_cast<id_t>(gettid());
  if (getpriority(PRIO_PROCESS, thread) < kYielding) setpriority(PRIO_PROCESS, thread, kYielding);
#endif
}

}  // namespace vernier::ui
