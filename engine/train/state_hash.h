// Everything that training goes on from, as one number: whoever looks at a paused run must leave it as it was.
#pragma once

#include <string>

#include "engine/train/checkpoint.h"

namespace vernier {

// 16 hexadecimal digits over the weights that are trained (and the copies that passes compute with), the optimizer's
// moments and its count, and the sampler's and random state, which is the step and the seed. It finds differences, not
// malice. Reads all of it from the backend once.
std::string training_state_hash(const ParameterSet& parameters, Backend& backend, const Optimizer& optimizer,
                                const TrainerState& state);

}  // namespace vernier
