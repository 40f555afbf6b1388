#include "engine/io/atomic_file.h"

#include <fcntl.h>
#include <stdio.h>  // renameat2
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "vernier/error.h"
#include "vernier/inputs.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// A target such as `out/` names the folder `out`.
fs::path without_trailing_slash(fs::path path) {
  return path.has_filename() ? path : path.parent_path();
}

// Where a symbolic link leads; any other path as it is. What is behind a link is written, the link stays.
fs::path behind_link(fs::path path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  const fs::path behind = fs::canonical(path, error);
  if (error) {
    fail(ErrorCode::kIo, path.string(), "cannot write: got a symbolic link that leads nowhere. Choose another name.");
  }
  return behind;
}

fs::path aside_name(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  // A file name has 255 bytes at most on the usual file systems.
  const std::string name = target.filename().string().substr(0, 200);
  return folder_of(target) /
         ("." + name + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1)));
}

void sync_path(const fs::path& path, int flags) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (!fd) fail_system(errno, "open", path);
  // Some file systems cannot sync a folder (EINVAL); the rename is then as durable as they make it.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) fail_system(errno, "write", path);
}

void sync_tree(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_symlink()) continue;
    if (entry.is_directory()) sync_path(entry.path(), O_DIRECTORY);
    if (entry.is_regular_file()) sync_path(entry.path(), 0);
  }
  sync_path(folder, O_DIRECTORY);
}

}  // namespace

void fail_system(int error_number, std::string_view doing, const fs::path& path) {
  const std::string reason = std::strerror(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) {
    std::error_code ignored;
    const fs::space_info space = fs::space(folder_of(path), ignored);
    const std::uint64_t free_bytes = ignored ? 0 : static_cast<std::uint64_t>(space.available);
    std::string message = "[" + path.string() + "] cannot " + std::string(doing) + ": " + reason;
    if (!ignored) message += ", " + std::to_string(free_bytes) + " bytes are free there";
    Error error(ErrorCode::kNoSpace, message + ". Free some space or choose another place.");
    error.free_bytes = free_bytes;
    throw error;
  }
  const ErrorCode code = error_number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  fail(code, path.string(), "cannot " + std::string(doing) + ": " + reason + ".");
}

AtomicFile::AtomicFile(fs::path target, Durability durability)
    : target_(behind_link(std::move(target))), durability_(durability) {
  struct stat old {};
  const bool replaces = ::stat(target_.c_str(), &old) == 0;
  if (!target_.has_filename() || (replaces && S_ISDIR(old.st_mode))) {
    fail(ErrorCode::kIo, target_.string(), "cannot write: got a folder, expected the name of a file.");
  }
  if (replaces && !S_ISREG(old.st_mode)) {
    fail(ErrorCode::kIo, target_.string(), "cannot write: got a device or a pipe, expected the name of a file.");
  }
  do {
    aside_ = aside_name(target_);
    fd_ = ::open(aside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) fail_system(errno, "write", target_);
  if (replaces) (void)::fchmod(fd_, old.st_mode & 07777);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!aside_.empty()) ::unlink(aside_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  // One call writes at most about 2 GiB; pieces also let a full disk be seen soon.
  constexpr std::size_t kPiece = std::size_t{1} << 26;
  while (!bytes.empty()) {
    const ::ssize_t count = ::write(fd_, bytes.data(), std::min(bytes.size(), kPiece));
    if (count < 0) {
      if (errno == EINTR) continue;
      fail_system(errno, "write", target_);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    written_ += static_cast<std::uint64_t>(count);
  }
}

void AtomicFile::reserve(std::uint64_t bytes) {
  if (bytes <= written_) return;
  if (::fallocate(fd_, FALLOC_FL_KEEP_SIZE, 0, static_cast<::off_t>(bytes)) == 0) return;
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
    try {
      fail_system(errno, "write " + std::to_string(bytes) + " bytes", target_);
    } catch (Error& error) {
      error.needed_bytes = bytes;
      throw;
    }
  }
}

void AtomicFile::commit() {
  if (durability_ == Durability::kSynced && ::fsync(fd_) != 0) fail_system(errno, "write", target_);
  const int closed = ::close(fd_);
  fd_ = -1;
  if (closed != 0) fail_system(errno, "write", target_);
  if (::rename(aside_.c_str(), target_.c_str()) != 0) fail_system(errno, "write", target_);
  aside_.clear();
  if (durability_ == Durability::kSynced) sync_path(folder_of(target_), O_DIRECTORY);
}

void check_folder_target(const fs::path& target, ExistingFolder existing) {
  std::error_code error;
  const fs::file_status status = fs::status(target, error);
  if (status.type() == fs::file_type::none) fail_system(error.value(), "write", target);  // such as a name too long
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status)) {
    fail(ErrorCode::kIo, target.string(), "cannot write a folder: a file of that name is there.");
  }
  if (existing == ExistingFolder::kRefuse && !fs::is_empty(target, error)) {
    fail(ErrorCode::kInvalidInput, target.string(),
         "cannot write: the folder is there and not empty. Choose another name or remove it.");
  }
}

AtomicFolder::AtomicFolder(fs::path target, ExistingFolder existing)
    : target_(behind_link(without_trailing_slash(std::move(target)))), existing_(existing) {
  check_folder_target(target_, existing_);
  std::error_code error;
  fs::create_directories(folder_of(target_), error);
  if (error) fail_system(error.value(), "make the folder", folder_of(target_));
  int made = -1;
  do {
    aside_ = aside_name(target_);
    made = ::mkdir(aside_.c_str(), 0777);
  } while (made != 0 && errno == EEXIST);
  if (made != 0) fail_system(errno, "write", target_);
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(aside_, ignored);
}

void AtomicFolder::commit() {
  try {
    sync_tree(aside_);
  } catch (const fs::filesystem_error& error) {
    fail_system(error.code().value(), "write", target_);
  }
  std::error_code ignored;
  const bool replaces = existing_ == ExistingFolder::kReplace && fs::exists(target_, ignored);
  if (!replaces) {
    // rename(2) puts a folder over an empty one, and fails where somebody filled it in the meantime.
    if (::rename(aside_.c_str(), target_.c_str()) != 0) fail_system(errno, "write", target_);
    committed_ = true;
  } else if (::renameat2(AT_FDCWD, aside_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) {
    committed_ = true;
    fs::remove_all(aside_, ignored);  // now the old one
  } else {
    // The file system cannot swap: the old folder steps aside, and comes back where the new one cannot take its place.
    const fs::path old = aside_name(target_);
    if (::rename(target_.c_str(), old.c_str()) != 0) fail_system(errno, "replace", target_);
    if (::rename(aside_.c_str(), target_.c_str()) != 0) {
      const int error_number = errno;
      (void)::rename(old.c_str(), target_.c_str());
      fail_system(error_number, "write", target_);
    }
    committed_ = true;
    fs::remove_all(old, ignored);
  }
  sync_path(folder_of(target_), O_DIRECTORY);
}

void write_text_file(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void copy_file_atomically(const fs::path& from, const fs::path& to) {
  check_input_file(from.string());
  const FileDescriptor fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) fail_system(errno, "read", from);
  AtomicFile file(to);
  std::vector<std::byte> buffer(std::size_t{1} << 20);
  for (;;) {
    const ::ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system(errno, "read", from);
    if (count == 0) break;
    file.write(std::span(buffer).first(static_cast<std::size_t>(count)));
  }
  file.commit();
}

std::string read_text_file(const fs::path& path, std::uint64_t max_bytes) {
  // Opened without blocking, so that a named pipe is refused instead of waited for.
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) fail_system(errno, "read", path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) fail_system(errno, "read", path);
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorCode::kInvalidInput, path.string(),
         S_ISDIR(status.st_mode) ? "got a folder, expected a file."
                                 : "got a pipe or a device, expected a regular file: save it to one first.");
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > max_bytes) {
    fail(ErrorCode::kInvalidInput, path.string(),
         "file too large: got " + std::to_string(size) + " bytes, expected at most " + std::to_string(max_bytes) + ".");
  }
  // Grows past st_size where the size is not known beforehand (/proc) or the file is being appended to.
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  std::size_t used = 0;
  for (;;) {
    if (used == text.size()) text.resize(text.size() * 2);
    const ::ssize_t count = ::read(fd.get(), text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system(errno, "read", path);
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
    if (used > max_bytes) {
      fail(ErrorCode::kInvalidInput, path.string(),
           "file too large: expected at most " + std::to_string(max_bytes) + " bytes.");
    }
  }
  text.resize(used);
  return text;
}

}  // namespace vernier
