// Where the files that come with Vernier are.
#pragma once

#include <string>

namespace vernier {

// The folder of resources/: VERNIER_RESOURCES where set, else beside the program (../share/vernier), else the source
// tree it was built from. Throws Error{kNotFound}.
std::string resource_dir();
// $XDG_DATA_HOME/vernier/runs (usually ~/.local/share/vernier/runs); not created.
std::string default_runs_dir();

}  // namespace vernier
