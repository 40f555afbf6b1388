// The part of run.db that tells of gradients, logits and pauses.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vernier/events.h"
#include "vernier/run_store.h"
#include "vernier/step_signals.h"

namespace vernier {
class Database;
}

namespace vernier::run_store {

// In a transaction of the caller's. `blob` is room that is used again.
void write_signals(Database& database, const StepSignals& signals, std::vector<std::uint8_t>& blob);
void write_pause(Database& database, const PauseEvent& event);
// As info keeps it.
std::string to_text(std::span<const GradientGroup> groups);

}  // namespace vernier::run_store
