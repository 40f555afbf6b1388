// What whoever uses a loaded model should know of its files.
#pragma once

#include <string>
#include <vector>

#include "vernier/model.h"

namespace vernier {

// A sentence each: a head of its own that config.json calls tied, tensors that are not used. Training says the same
// among its messages, an export among its warnings. Thread: that of the model.
const std::vector<std::string>& model_notes(const LanguageModel& model);

}  // namespace vernier
