// One process trains into a run folder at a time.
#pragma once

#include <filesystem>
#include <string>

namespace vernier {

// Holds RUN_DIR/.lock (an open-file-description lock, fcntl(2)) until it is destroyed or the process ends, however it
// ends. The file stays; it holds the number of the last process that trained here.
class RunLock {
 public:
  // Throws Error{kInvalidInput} where somebody else holds it, in this process or another, kIo where the folder cannot
  // be written.
  explicit RunLock(const std::filesystem::path& run_dir);
  ~RunLock();
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;

  // Does anybody hold it? Takes nothing, so it disturbs nobody. False where that cannot be told.
  static bool is_held(const std::filesystem::path& run_dir);

 private:
  void take(const std::filesystem::path& run_dir, const std::string& path);

  int fd_ = -1;
};

}  // namespace vernier
