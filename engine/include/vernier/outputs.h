// Where output may go: never over what is read.
#pragma once

#include <string>
#include <vector>

namespace vernier {

// Refuses an output that is, or lies in, something that is read: each input is a file or folder, empty ones are
// skipped, and of a run folder its adapter is meant; and whatever the inputs are, an output that would be one of the
// files that a run keeps in its folder, such as run.db. Errors: kInvalidInput.
void check_out(const std::string& out, const std::vector<std::string>& inputs);

}  // namespace vernier
