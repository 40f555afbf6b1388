#include "engine/io/run_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr const char* kLockName = ".lock";

struct flock whole_file() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

// The file behind fd may have lost its name to a run that failed to start: a lock on it would keep nobody out.
bool is_named(int fd, const std::string& path) {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& run_dir) {
  const std::string path = (run_dir / kLockName).string();
  do {
    take(run_dir, path);
  } while (!is_named(fd_, path));
  // For whoever finds the folder locked; not worth failing for.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, pid.data(), pid.size(), 0) < 0) return;
}

void RunLock::take(const std::filesystem::path& run_dir, const std::string& path) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    fail(ErrorCode::kIo, "run",
         run_dir.string() + ": got \"" + std::generic_category().message(errno) +
             "\", expected a folder that can be written. Choose another run folder.");
  }
  struct flock range = whole_file();
  if (::fcntl(fd_, F_OFD_SETLK, &range) != 0) {
    const int error = errno;
    char pid[32] = {};
    const ssize_t length = ::pread(fd_, pid, sizeof(pid) - 1, 0);
    ::close(fd_);
    fd_ = -1;
    if (error != EAGAIN && error != EACCES) {
      fail(ErrorCode::kIo, "run",
           run_dir.string() + ": got \"" + std::generic_category().message(error) +
               "\" while locking, expected a file system with locks. Choose another run folder.");
    }
    const std::string holder = length > 1 ? "process " + std::string(pid, std::strcspn(pid, "\n")) : "another process";
    fail(ErrorCode::kInvalidInput, "run",
         run_dir.string() + ": got a folder that " + holder + " is training into, expected one that is not in use.");
  }
}

RunLock::~RunLock() {
  if (fd_ >= 0) ::close(fd_);
}

RunLock::RunLock(RunLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

bool RunLock::is_held(const std::filesystem::path& run_dir) {
  const int fd = ::open((run_dir / kLockName).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  struct flock range = whole_file();
  const bool held = ::fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  ::close(fd);
  return held;
}

}  // namespace vernier
