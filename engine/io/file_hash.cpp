#include "engine/io/file_hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <thread>
#include <vector>

#include "engine/io/atomic_file.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// A thread reads pieces of so many blocks: large reads, and little enough memory.
constexpr std::uint64_t kBlocksAPiece = 4;

void read_fully(int fd, std::span<std::byte> out, std::uint64_t offset, const std::filesystem::path& path) {
  while (!out.empty()) {
    const ::ssize_t count = ::pread(fd, out.data(), out.size(), static_cast<::off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system(errno, "read", path);
    if (count == 0) fail(ErrorCode::kIo, path.string(), "the file became shorter while it was read.");
    out = out.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

}  // namespace

Hash128 hash_file(int fd, std::uint64_t num_bytes, const std::filesystem::path& path, std::stop_token stop) {
  constexpr std::uint64_t kPiece = kBlocksAPiece * kHashBlock;
  const std::uint64_t num_pieces = (num_bytes + kPiece - 1) / kPiece;
  std::vector<std::uint64_t> hashes((num_bytes + kHashBlock - 1) / kHashBlock);
  std::atomic<std::uint64_t> next{0};
  const auto threads = std::min<std::uint64_t>(std::max(1u, std::thread::hardware_concurrency()), num_pieces);
  std::vector<std::exception_ptr> failures(threads);
  const auto run = [&](std::size_t thread) {
    try {
      std::vector<std::byte> buffer(std::min(kPiece, num_bytes));
      for (std::uint64_t piece; (piece = next.fetch_add(1)) < num_pieces;) {
        if (stop.stop_requested()) fail(ErrorCode::kCancelled, path.string(), "reading was cancelled.");
        const std::uint64_t begin = piece * kPiece;
        const std::span<std::byte> bytes = std::span(buffer).first(std::min(kPiece, num_bytes - begin));
        read_fully(fd, bytes, begin, path);
        for (std::size_t at = 0; at < bytes.size(); at += kHashBlock) {
          hashes[(begin + at) / kHashBlock] = xxh64(bytes.subspan(at, std::min(kHashBlock, bytes.size() - at)));
        }
      }
    } catch (...) {
      failures[thread] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run, i);
    if (threads > 0) run(0);
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return hash_of_blocks(std::move(hashes), num_bytes);
}

Hash128 hash_file(const std::filesystem::path& path, std::stop_token stop) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail_system(errno, "read", path);
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } const closer{fd};
  struct stat status {};
  if (::fstat(fd, &status) != 0) fail_system(errno, "read", path);
  return hash_file(fd, static_cast<std::uint64_t>(status.st_size), path, std::move(stop));
}

}  // namespace vernier
