// Where the files that come with Vernier are, and where it keeps its own.
#pragma once

#include <string>

namespace vernier {

// The folder of resources/: VERNIER_RESOURCES where set, else beside the program (../share/vernier), else the source
// tree it was built from. Throws Error{kNotFound}.
std::string resource_dir();
// $XDG_DATA_HOME/vernier/runs (usually ~/.local/share/vernier/runs); not created.
std::string default_runs_dir();
// Where tokenized data is kept for the next start: VERNIER_CACHE_DIR where set, else $XDG_CACHE_HOME/vernier (usually
// ~/.cache/vernier); not created. Everything in it can be deleted at any time.
std::string cache_dir();

}  // namespace vernier
