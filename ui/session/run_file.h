// The run that is being set up, as a run file and as a command.
#pragma once

#include <QString>

#include "vernier/run_config.h"

namespace vernier::ui {

// What a run file with this configuration would be refused for, in the engine's words; "" where it is complete.
QString run_config_problem(const RunConfig& config);

// Writes aside and renames, so that the file is whole or as it was. Paths below the file's folder are written relative
// to it, so that the folder can be moved as a whole; others are absolute. Throws Error{kIo}.
void save_run_file(const RunConfig& config, const QString& path);

// The `vernier-cli train` line that starts what `run_file` says into `run_dir`, quoted for a POSIX shell.
QString train_command(const QString& run_file, const QString& run_dir);

}  // namespace vernier::ui
