// A question to the model in the middle of its training.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "engine/train/run_control.h"
#include "engine/train/run_setup.h"
#include "vernier/events.h"

namespace vernier {

// Generates with the weights as they stand. `tell` gets the text as it grows, and last with done; what goes wrong is
// its error. Leaves weights, optimizer and random state as they were. Thread: the run's.
void answer_question(RunSetup& run, const RunConfig& config, const Question& question, AnswerEvent event,
                     const std::function<void(const AnswerEvent&)>& tell, const std::stop_token& stop) noexcept;

}  // namespace vernier
