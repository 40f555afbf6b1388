#include "engine/io/known_hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/io/atomic_file.h"
#include "engine/io/file_hash.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

constexpr std::array<char, 8> kMagic = {'V', 'N', 'R', 'H', 'S', 'H', '0', '1'};
constexpr std::uint64_t kSamples = 16;
constexpr std::uint64_t kSampleBytes = 4096;

struct Record {
  std::array<char, 8> magic = kMagic;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0, changed = 0;  // nanoseconds since 1970
  std::uint64_t sample = 0;                // of the bytes in some places
  Hash128 content;
  std::uint64_t check = 0;  // of all before it

  std::uint64_t own_check() const { return xxh64(std::as_bytes(std::span(this, 1)).first(offsetof(Record, check))); }
  bool same_file(const Record& other) const {
    return device == other.device && inode == other.inode && size == other.size && modified == other.modified &&
           changed == other.changed;
  }
};
static_assert(std::is_trivially_copyable_v<Record> && sizeof(Record) == 80);

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Which file it is now; nothing where it cannot be told, which the hashing then says.
std::optional<Record> identify(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  Record record;
  record.device = static_cast<std::uint64_t>(status.st_dev);
  record.inode = static_cast<std::uint64_t>(status.st_ino);
  record.size = static_cast<std::uint64_t>(status.st_size);
  record.modified = nanoseconds(status.st_mtim);
  record.changed = nanoseconds(status.st_ctim);
  return record;
}

// Of bytes spread over the file, the first and the last ones among them; nothing where they cannot be read.
std::optional<std::uint64_t> sample_of(int fd, std::uint64_t size) {
  std::vector<std::byte> bytes;
  const std::uint64_t last = size - std::min(size, kSampleBytes);
  for (std::uint64_t i = 0; i < kSamples; ++i) {
    const std::uint64_t count = std::min(size, kSampleBytes);
    const std::uint64_t at = last / (kSamples - 1) * i + (i == kSamples - 1 ? last % (kSamples - 1) : 0);
    bytes.resize(bytes.size() + count);
    const ::ssize_t got = ::pread(fd, bytes.data() + bytes.size() - count, count, static_cast<::off_t>(at));
    if (got != static_cast<::ssize_t>(count)) return std::nullopt;
  }
  return xxh64(bytes);
}

std::optional<Record> read_record(const fs::path& path) {
  Record record;
  std::error_code unknown;
  if (!fs::is_regular_file(path, unknown)) return std::nullopt;  // a pipe would wait for its other end
  std::ifstream in(path, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(&record), sizeof(record)) || in.peek() != std::ifstream::traits_type::eof()) {
    return std::nullopt;
  }
  if (record.magic != kMagic || record.check != record.own_check()) return std::nullopt;
  return record;
}

void write_record(const fs::path& path, const Record& record) {
  try {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    AtomicFile file(path, Durability::kRenamed);
    file.write(std::as_bytes(std::span(&record, 1)));
    file.commit();
  } catch (const Error&) {
    // Only a shortcut is lost.
  }
}

}  // namespace

Hash128 known_file_hash(const fs::path& path, const fs::path& folder, std::chrono::nanoseconds settled,
                        std::stop_token stop) {
  std::error_code unknown;
  const std::string name = fs::weakly_canonical(path, unknown).string();
  const fs::path note =
      folder / (to_hex(hash_of_blocks({xxh64(std::as_bytes(std::span(name)))}, name.size())) + ".hash");
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct Closer {
    int fd;
    ~Closer() {
      if (fd >= 0) ::close(fd);
    }
  } const closer{fd};
  std::optional<Record> now = fd < 0 ? std::nullopt : identify(fd);
  if (!now) return hash_file(path, std::move(stop));
  const std::optional<std::uint64_t> sample = sample_of(fd, now->size);
  if (const std::optional<Record> known = read_record(note);
      known && sample && known->same_file(*now) && known->sample == *sample) {
    return known->content;
  }
  timespec clock{};
  ::clock_gettime(CLOCK_REALTIME, &clock);
  now->content = hash_file(fd, now->size, path, std::move(stop));
  const std::optional<Record> after = identify(fd);
  const bool still =
      after && after->same_file(*now) && nanoseconds(clock) - std::max(now->modified, now->changed) > settled.count();
  if (still && sample) {
    now->sample = *sample;
    now->check = now->own_check();
    write_record(note, *now);
  }
  return now->content;
}

}  // namespace vernier
