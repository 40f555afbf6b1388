// The float32 backend of the host.
#pragma once

#include <memory>

#include "engine/ops/backend.h"

namespace vernier {

// threads 0: cpu::default_thread_count().
std::unique_ptr<Backend> make_cpu_backend(int threads = 0);

}  // namespace vernier
