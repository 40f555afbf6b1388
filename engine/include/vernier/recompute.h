// What the values of a run file's `recompute` are called.
#pragma once

#include "vernier/run_config.h"

namespace vernier {

struct RecomputeName {
  Recompute type;
  const char* name;
};
inline constexpr RecomputeName kRecomputes[] = {{Recompute::kNone, "none"},
                                                {Recompute::kMlp, "mlp"},
                                                {Recompute::kLayer, "layer"},
                                                {Recompute::kOffload, "offload"},
                                                {Recompute::kAuto, "auto"}};

constexpr const char* to_string(Recompute recompute) {
  for (const RecomputeName& entry : kRecomputes) {
    if (entry.type == recompute) return entry.name;
  }
  return "";
}

}  // namespace vernier
