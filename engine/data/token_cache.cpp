#include "engine/data/token_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <type_traits>

#include "engine/io/file_hash.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

constexpr std::array<char, 8> kMagic = {'V', 'N', 'R', 'T', 'O', 'K', '0', '1'};
constexpr const char* kEnding = ".tokens";
// Words are written in pieces of so many.
constexpr std::size_t kWordsAtOnce = std::size_t{1} << 20;

struct Footer {
  std::array<char, 8> magic = kMagic;
  Hash128 key;
  std::uint64_t num_words = 0;
  std::uint64_t num_rows = 0;
  std::uint64_t text_bytes = 0;
  Hash128 body;              // of all before the footer
  std::uint64_t footer = 0;  // of the footer's fields before this one
};
static_assert(std::is_trivially_copyable_v<Footer> && sizeof(Footer) == 72);
static_assert(std::is_trivially_copyable_v<RowEntry> && sizeof(RowEntry) == 32);
static_assert(std::is_trivially_copyable_v<Fingerprint> && sizeof(Fingerprint) == 16);

std::uint64_t footer_hash(const Footer& footer) {
  return xxh64(std::as_bytes(std::span(&footer, 1)).first(offsetof(Footer, footer)));
}

// Where the parts of a file lie.
struct Layout {
  explicit Layout(const Footer& footer)
      : entries((footer.num_words * sizeof(std::int32_t) + 7) / 8 * 8),
        prints(entries + footer.num_rows * sizeof(RowEntry)),
        text(prints + footer.num_rows * sizeof(Fingerprint)),
        end(text + footer.text_bytes) {}
  std::uint64_t entries, prints, text, end;
};

fs::path cache_path(const fs::path& folder, const Hash128& key) {
  return folder / (to_hex(key) + kEnding);
}

const fs::path& made(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_system(error.value(), "make the folder", folder);
  return folder;
}

void remove_leftovers(const fs::path& folder) {
  std::error_code ignored;
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool aside = name.starts_with(".") && name.find(std::string(kEnding) + ".tmp-") != std::string::npos;
    if (aside && entry.last_write_time(ignored) < old) fs::remove(entry.path(), ignored);
  }
}

class OpenFile {
 public:
  // Does not wait for a pipe's other end.
  explicit OpenFile(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

class Mapping final : public RowFile {
 public:
  Mapping(const fs::path& path, int fd, std::uint64_t bytes)
      : path_(path), fd_(::dup(fd)), bytes_(bytes), data_(::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0)) {}
  ~Mapping() override {
    if (data_ != MAP_FAILED) ::munmap(data_, bytes_);
    if (fd_ >= 0) ::close(fd_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  bool valid() const { return data_ != MAP_FAILED && fd_ >= 0; }
  template <typename T>
  std::span<const T> part(std::uint64_t begin, std::uint64_t count) const {
    return {reinterpret_cast<const T*>(static_cast<const std::byte*>(data_) + begin), count};
  }

  void require_whole() const override {
    struct stat status {};
    if (::fstat(fd_, &status) == 0 && static_cast<std::uint64_t>(status.st_size) >= bytes_) return;
    fail(ErrorCode::kIo, place(),
         "the token cache: got " + std::to_string(status.st_size) + " bytes, expected " + std::to_string(bytes_) +
             ": it was cut while it was in use. Start again: it is made anew.");
  }
  std::string place() const override { return path_.string(); }

 private:
  fs::path path_;
  int fd_;  // its own: the file may have lost its name
  std::uint64_t bytes_;
  void* data_;
};

}  // namespace

TokenCacheWriter::TokenCacheWriter(const fs::path& folder, const Hash128& key)
    : file_(cache_path(made(folder), key), Durability::kRenamed), key_(key) {
  remove_leftovers(folder);
}

void TokenCacheWriter::write(std::span<const std::byte> bytes) {
  hash_.update(bytes);
  file_.write(bytes);
}

void TokenCacheWriter::flush_words() {
  write(std::as_bytes(std::span(words_)));
  num_words_ += words_.size();
  words_.clear();
}

void TokenCacheWriter::append(const TokenRow& row, const Fingerprint& print) {
  RowEntry entry = encode_row(row, words_);
  entry.first_word += num_words_;
  entries_.push_back(entry);
  prints_.push_back(print);
  if (words_.size() >= kWordsAtOnce) flush_words();
}

void TokenCacheWriter::commit(const std::string& text) {
  flush_words();
  Footer footer;
  footer.key = key_;
  footer.num_words = num_words_;
  footer.num_rows = entries_.size();
  footer.text_bytes = text.size();
  const std::array<std::byte, 8> zeros{};
  write(std::span(zeros).first(Layout(footer).entries - num_words_ * sizeof(std::int32_t)));
  write(std::as_bytes(std::span(entries_)));
  write(std::as_bytes(std::span(prints_)));
  write(std::as_bytes(std::span(text)));
  footer.body = std::move(hash_).finish();
  footer.footer = footer_hash(footer);
  file_.write(std::as_bytes(std::span(&footer, 1)));
  file_.commit();
}

std::optional<CachedTokens> open_token_cache(const fs::path& folder, const Hash128& key, std::string& problem,
                                             std::stop_token stop) {
  problem.clear();
  const fs::path path = cache_path(folder, key);
  const OpenFile file(path);
  if (file.fd() < 0) {
    if (errno != ENOENT && errno != ENOTDIR) problem = std::strerror(errno);
    return std::nullopt;
  }
  struct stat status {};
  Footer footer;
  const bool has_footer = ::fstat(file.fd(), &status) == 0 && S_ISREG(status.st_mode) &&
                          status.st_size >= static_cast<::off_t>(sizeof(Footer)) &&
                          ::pread(file.fd(), &footer, sizeof(footer),
                                  status.st_size - static_cast<::off_t>(sizeof(footer))) == sizeof(footer);
  const bool whole = has_footer && footer.magic == kMagic && footer.footer == footer_hash(footer) &&
                     footer.key == key &&
                     Layout(footer).end + sizeof(Footer) == static_cast<std::uint64_t>(status.st_size);
  if (!whole) {
    problem = "it is cut short or no token cache";
    return std::nullopt;
  }
  const Layout layout(footer);
  try {
    if (hash_file(file.fd(), layout.end, path, std::move(stop)) != footer.body) problem = "its checksum is wrong";
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    problem = error.what();
  }
  if (!problem.empty()) return std::nullopt;
  const auto mapping = std::make_shared<const Mapping>(path, file.fd(), static_cast<std::uint64_t>(status.st_size));
  if (!mapping->valid()) {
    problem = "it cannot be mapped";
    return std::nullopt;
  }
  const auto entries = mapping->part<RowEntry>(layout.entries, footer.num_rows);
  if (!std::ranges::all_of(entries, [&](const RowEntry& entry) { return lies_within(entry, footer.num_words); })) {
    problem = "its rows lie outside of it";
    return std::nullopt;
  }
  const auto text = mapping->part<char>(layout.text, footer.text_bytes);
  (void)::futimens(file.fd(), nullptr);
  return CachedTokens{
      {std::shared_ptr<const RowFile>(mapping), entries, mapping->part<Fingerprint>(layout.prints, footer.num_rows),
       mapping->part<std::int32_t>(0, footer.num_words)},
      std::string(text.begin(), text.end())};
}

void prune_token_caches(const fs::path& folder, std::uint64_t most_bytes, const Hash128& keep) {
  struct Cache {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes;
  };
  std::error_code ignored;
  std::vector<Cache> caches;
  std::uint64_t total = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != kEnding || entry.path() == cache_path(folder, keep)) continue;
    std::error_code gone;
    const Cache cache{entry.path(), entry.last_write_time(gone), entry.file_size(gone)};
    if (gone) continue;
    caches.push_back(cache);
    total += cache.bytes;
  }
  std::sort(caches.begin(), caches.end(), [](const Cache& a, const Cache& b) { return a.used < b.used; });
  for (const Cache& cache : caches) {
    if (total <= most_bytes) return;
    if (fs::remove(cache.path, ignored)) total -= cache.bytes;
  }
}

}  // namespace vernier
