// Asking a model folder, with or without an adapter.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "ui/models/wanted_model.h"

namespace vernier::ui {

// Greedy answers to single questions, in their order, through the run's chat template, else the folder's. Blocks: for a
// thread of its own. Throws Error; kCancelled where it was stopped.
std::vector<std::string> answer_prompts(const WantedModel& wanted, const std::vector<std::string>& prompts,
                                        std::stop_token stop);

}  // namespace vernier::ui
