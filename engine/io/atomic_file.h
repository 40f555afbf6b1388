// Files and folders that appear under their final name complete or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/strict_json.h"

namespace vernier {

enum class Durability {
  kSynced,   // on the disk before it takes its name: survives a power cut
  kRenamed,  // complete or absent for whoever looks, also after a killed process; a power cut may leave it damaged
};

// Writes aside, in the target's own folder as `.<name>.tmp-<pid>-<n>`; commit() makes the file durable (fsync of the
// file and of its folder, unless kRenamed) and renames it over the target. Destroyed without commit(), it leaves
// nothing behind. The folder must exist. A replaced file's permissions are kept; a link is followed to the file that it
// names. Errors: kNoSpace with the path and the free bytes where the disk or a quota is full, else kIo, also where the
// target is a folder, a device, a pipe or a link that leads nowhere. One thread at a time.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target, Durability durability = Durability::kSynced);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  // Asks for room for a file of `bytes` now, so that a full disk is known before gigabytes are written. Does nothing
  // where the file system cannot tell.
  void reserve(std::uint64_t bytes);
  void commit();

  const std::filesystem::path& target() const { return target_; }

 private:
  std::filesystem::path target_;
  std::filesystem::path aside_;
  int fd_ = -1;
  std::uint64_t written_ = 0;
  Durability durability_;
};

// What may stand where an AtomicFolder is to appear.
enum class ExistingFolder {
  kRefuse,   // nothing, or an empty folder; else Error{kInvalidInput}
  kReplace,  // any folder: it is swapped for the new one in one step and then removed with all it holds
};

// Tells beforehand what an AtomicFolder of that name would refuse. Errors: kIo where something else than a folder
// stands there, kInvalidInput with kRefuse where the folder is not empty.
void check_folder_target(const std::filesystem::path& target, ExistingFolder existing);

// A folder built aside as `.<name>.tmp-<pid>-<n>` and renamed into place by commit(), which first makes every file in
// it durable. Destroyed without commit(), it leaves nothing behind. The parent is made where it is missing.
class AtomicFolder {
 public:
  explicit AtomicFolder(std::filesystem::path target, ExistingFolder existing = ExistingFolder::kRefuse);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  // Where to put the files until commit().
  const std::filesystem::path& path() const { return aside_; }
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path aside_;
  ExistingFolder existing_;
  bool committed_ = false;
};

void write_text_file(const std::filesystem::path& path, std::string_view text);
// Indented by 2 spaces, with a newline at the end. Invalid UTF-8 in strings is replaced by U+FFFD.
void write_json_file(const std::filesystem::path& path, const nlohmann::json& json);
// The copy is an AtomicFile; `from` may be larger than memory.
void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

inline constexpr std::uint64_t kMaxTextFileBytes = std::uint64_t{1} << 30;

// Errors: kNotFound, kIo, kInvalidInput where the path is no regular file or larger than max_bytes.
std::string read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes = kMaxTextFileBytes);

// Errors as read_text_file, and kInvalidInput with `name` and the byte offset where the text is not JSON, nests too
// deeply or repeats a key of one object (which readers resolve differently).
nlohmann::json parse_json(std::string_view text, std::string_view name);
nlohmann::json read_json_file(const std::filesystem::path& path);

// Throws the Error for a system call that failed with `error_number` while doing something ("write") to `path`:
// kNoSpace where the disk, a quota or the file size limit is exhausted, kNotFound, else kIo.
[[noreturn]] void fail_system(int error_number, std::string_view doing, const std::filesystem::path& path);

}  // namespace vernier
