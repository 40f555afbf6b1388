#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>

#include "engine/io/file_hash.h"
#include "engine/io/known_hash.h"
#include "io_test_support.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

class KnownHash : public testing::Test {
 protected:
  KnownHash() { write(std::string(kBytes, 'a')); }

  void write(const std::string& bytes) const { std::ofstream(file_, std::ios::binary) << bytes; }
  Hash128 known() const { return known_file_hash(file_, notes_, std::chrono::nanoseconds(-1)); }
  // Clocks of file systems go in steps.
  static void let_time_pass() { std::this_thread::sleep_for(std::chrono::milliseconds(30)); }
  // Bytes this process has read so far.
  static std::uint64_t bytes_read() {
    std::ifstream in("/proc/self/io");
    std::string word;
    std::uint64_t count = 0;
    in >> word >> count;
    return count;
  }

  static constexpr std::size_t kBytes = std::size_t{8} << 20;
  test::TemporaryFolder folder_;
  fs::path file_ = folder_ / "data.jsonl";
  fs::path notes_ = folder_ / "notes";
};

TEST_F(KnownHash, ReadsAFileOnce) {
  const Hash128 expected = hash_file(file_);
  const std::uint64_t before = bytes_read();
  EXPECT_EQ(known(), expected);
  const std::uint64_t between = bytes_read();
  EXPECT_EQ(known(), expected);
  const std::uint64_t after = bytes_read();
  if (before == 0) GTEST_SKIP() << "the system does not count what a process reads";
  EXPECT_GE(between - before, kBytes);
  EXPECT_LT(after - between, kBytes / 8);
}

TEST_F(KnownHash, NoticesAByteAlthoughSizeAndTimeAreTheSame) {
  struct stat status {};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  const Hash128 first = known();
  let_time_pass();
  {
    std::fstream in(file_, std::ios::in | std::ios::out | std::ios::binary);
    in.seekp(1234567);  // between the samples
    in << 'b';
  }
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, file_.c_str(), times.data(), 0), 0);
  EXPECT_NE(known(), first);
  EXPECT_EQ(known(), hash_file(file_));
}

TEST_F(KnownHash, NoticesAnotherFileInItsPlace) {
  const Hash128 first = known();
  std::ofstream(folder_ / "other", std::ios::binary) << std::string(kBytes - 1, 'a') << 'b';
  fs::last_write_time(folder_ / "other", fs::last_write_time(file_));
  fs::rename(folder_ / "other", file_);
  EXPECT_NE(known(), first);
}

TEST_F(KnownHash, DoesWithoutWhatIsDamagedOrCannotBeWritten) {
  const Hash128 expected = known();
  ASSERT_EQ(std::distance(fs::directory_iterator(notes_), {}), 1);
  const fs::path note = fs::directory_iterator(notes_)->path();
  for (const std::size_t at : {std::size_t{3}, std::size_t{60}}) {
    std::fstream in(note, std::ios::in | std::ios::out | std::ios::binary);
    in.seekp(static_cast<std::streamoff>(at));
    in << '\x7f';
    in.close();
    EXPECT_EQ(known(), expected);
  }
  fs::resize_file(note, 10);
  EXPECT_EQ(known(), expected);
  fs::remove_all(notes_);
  std::ofstream(notes_) << "a file where the folder should be";
  EXPECT_EQ(known(), expected);
  test::expect_error([&] { known_file_hash(folder_ / "nowhere", notes_); }, ErrorCode::kNotFound, {"nowhere"}, "");
}

TEST_F(KnownHash, DoesNotTrustAFileThatWasJustWritten) {
  EXPECT_EQ(known_file_hash(file_, notes_), hash_file(file_));
  EXPECT_FALSE(fs::exists(notes_) && !fs::is_empty(notes_));
  write("");
  EXPECT_EQ(known(), hash_file(file_));
}

}  // namespace
}  // namespace vernier
