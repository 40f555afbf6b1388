// What lies in a run folder, and what may lie where one is to be made.
#pragma once

#include <filesystem>
#include <string_view>

namespace vernier {

// Is it the name of a file or folder that a run keeps in its folder?
bool is_kept_by_run(std::string_view name);

// Refuses a folder that holds anything but what a process leaves that was killed while it made a run there: whatever
// else is in it, the run could write over. Nothing there: fine. Errors: kInvalidInput, as fail_system.
void check_new_run_folder(const std::filesystem::path& run_dir);

[[noreturn]] void fail_run_folder_in_use(const std::filesystem::path& run_dir, std::string_view what);

}  // namespace vernier
