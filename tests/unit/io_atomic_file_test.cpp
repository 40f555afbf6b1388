#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/made_parents.h"
#include "io_test_support.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using test::expect_error;
using test::get_file;
using test::put_file;
using test::TemporaryFolder;

// Files larger than `bytes` cannot be written while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limited = old_;
    limited.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = SIG_DFL;
};

TEST(AtomicFile, AppearsOnlyWhenCommitted) {
  const TemporaryFolder folder;
  const fs::path path = folder / "weights.bin";
  {
    AtomicFile file(path);
    file.write("half");
    EXPECT_FALSE(fs::exists(path));
    EXPECT_EQ(test::entries(folder.path()), 1u);  // aside, in the same folder
  }
  EXPECT_EQ(test::entries(folder.path()), 0u);
  {
    AtomicFile file(path);
    file.write("who");
    file.write("le");
    file.commit();
  }
  EXPECT_EQ(get_file(path), "whole");
  EXPECT_EQ(test::entries(folder.path()), 1u);
}

TEST(AtomicFile, KeepsTheOldFileUntilCommitAndItsPermissions) {
  const TemporaryFolder folder;
  const fs::path path = folder / "run.json";
  put_file(path, "old");
  ::chmod(path.c_str(), 0640);
  {
    AtomicFile abandoned(path);
    abandoned.write("new");
  }
  EXPECT_EQ(get_file(path), "old");
  write_text_file(path, "new");
  EXPECT_EQ(get_file(path), "new");
  struct stat status {};
  ::stat(path.c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST(AtomicFile, FollowsALinkAndRefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  put_file(folder / "real", "old");
  fs::create_symlink("real", folder / "link");
  write_text_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(get_file(folder / "real"), "new");
  fs::create_symlink("nothing", folder / "dangling");
  expect_error([&] { AtomicFile(folder / "dangling"); }, ErrorCode::kIo, {"dangling", "leads nowhere"});
  expect_error([&] { AtomicFolder(folder / "dangling"); }, ErrorCode::kIo, {"dangling", "leads nowhere"});
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", folder / "to-pipe");
  for (const char* name : {"pipe", "to-pipe"}) {
    expect_error([&] { AtomicFile(folder / name); }, ErrorCode::kIo, {"pipe", "a device or a pipe"});
  }
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
  EXPECT_EQ(test::entries(folder.path()), 5u);
}

TEST(MadeParents, StayOnlyForWhatIsWritten) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a");
  for (const char* name : {"a/b/c/file", "a/b/c/folder/"}) {
    const MadeParents parents(folder / name);
    EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
    EXPECT_FALSE(fs::exists(folder / "a/b/c/folder"));
  }
  EXPECT_EQ(test::entries(folder / "a"), 0u);
  {
    const MadeParents parents(folder / "a/b/c/file");
    write_text_file(folder / "a/b/c/file", "x");
  }
  EXPECT_EQ(get_file(folder / "a/b/c/file"), "x");
  expect_error([&] { MadeParents parents(folder / "a/b/c/file/new/x"); }, ErrorCode::kIo,
               {"file/new", "Not a directory"});
}

TEST(AtomicFile, TwoWritersOfOneNameDoNotMeet) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "x");
  AtomicFile second(folder / "x");
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(get_file(folder / "x"), "first");
}

TEST(AtomicFile, TakesTheLongestName) {
  const TemporaryFolder folder;
  const fs::path path = folder / std::string(255, 'n');
  write_text_file(path, "x");
  EXPECT_EQ(get_file(path), "x");
}

TEST(AtomicFile, SaysWhatIsWrongWithThePlace) {
  const TemporaryFolder folder;
  expect_error([&] { AtomicFile(folder / "missing/file"); }, ErrorCode::kNotFound, {"missing/file", "cannot write"});
  expect_error([&] { AtomicFile(folder.path()); }, ErrorCode::kIo, {"got a folder"});
  if (::geteuid() != 0) {
    fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
    expect_error([&] { AtomicFile(folder / "file"); }, ErrorCode::kIo, {"Permission denied"});
    fs::permissions(folder.path(), fs::perms::owner_all);
  }
}

TEST(AtomicFile, ExhaustedSpaceLeavesTheOldFile) {
  const TemporaryFolder folder;
  const fs::path path = folder / "weights.bin";
  put_file(path, "old");
  {
    const FileSizeLimit limit(1 << 16);
    expect_error(
        [&] {
          AtomicFile file(path);
          for (int i = 0; i < 100; ++i) file.write(std::string(1 << 12, 'x'));
          file.commit();
        },
        ErrorCode::kNoSpace, {"weights.bin", "bytes are free"});
  }
  EXPECT_EQ(get_file(path), "old");
  EXPECT_EQ(test::entries(folder.path()), 1u);
}

TEST(AtomicFile, ErrorsOfTheSystemHaveTheirCodes) {
  for (const int full : {ENOSPC, EDQUOT, EFBIG}) {
    try {
      fail_system(full, "write", "/tmp/file");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kNoSpace);
      EXPECT_EQ(error.free_bytes > 0, fs::space("/tmp").available > 0);
    }
  }
  expect_error([] { fail_system(ENOENT, "read", "/x"); }, ErrorCode::kNotFound, {"[/x] cannot read: No such file"});
  expect_error([] { fail_system(EACCES, "read", "/x"); }, ErrorCode::kIo, {"Permission denied"});
  expect_error([] { fail_system(EIO, "write", "/x"); }, ErrorCode::kIo, {"Input/output error"});
}

// On a real full disk: a file system of 64 KiB in a mount namespace of its own.
TEST(AtomicFile, FullDisk) {
  const TemporaryFolder folder;
  const ::pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(77);
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(77);
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0) ::_exit(77);
    int failures = 0;
    const auto expect_no_space = [&](const std::function<void()>& action, std::uint64_t needed) {
      try {
        action();
        ++failures;
      } catch (const Error& error) {
        failures += error.code() != ErrorCode::kNoSpace;
        failures += error.needed_bytes != needed;
        failures += error.free_bytes > (1 << 16);
      }
      failures += test::entries(folder.path()) != 0;
    };
    expect_no_space([&] { write_text_file(folder / "file", std::string(1 << 17, 'x')); }, 0);
    expect_no_space([&] { AtomicFile(folder / "file").reserve(1 << 17); }, 1 << 17);
    expect_no_space(
        [&] {
          AtomicFolder made(folder / "checkpoint");
          write_text_file(made.path() / "small", "x");
          write_text_file(made.path() / "large", std::string(1 << 17, 'x'));
          made.commit();
        },
        0);
    ::_exit(failures);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "not allowed: mounting a small file system";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(AtomicFolder, AppearsWholeOrNotAtAll) {
  const TemporaryFolder folder;
  const fs::path path = folder / "deep/checkpoint";
  {
    AtomicFolder abandoned(path);
    put_file(abandoned.path() / "a", "1");
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(test::entries(folder / "deep"), 0u);
  AtomicFolder made(path);
  put_file(made.path() / "a", "1");
  fs::create_directory(made.path() / "sub");
  put_file(made.path() / "sub/b", "2");
  EXPECT_FALSE(fs::exists(path));
  made.commit();
  EXPECT_EQ(get_file(path / "a"), "1");
  EXPECT_EQ(get_file(path / "sub/b"), "2");
  EXPECT_EQ(test::entries(folder / "deep"), 1u);
}

TEST(AtomicFolder, ReplacesOnlyWhenTold) {
  const TemporaryFolder folder;
  const fs::path path = folder / "adapter";
  fs::create_directory(path);
  AtomicFolder(path).commit();  // an empty folder is no obstacle
  put_file(path / "old", "old");
  expect_error([&] { AtomicFolder refused(path); }, ErrorCode::kInvalidInput, {"not empty"});
  {
    AtomicFolder abandoned(path, ExistingFolder::kReplace);
    put_file(abandoned.path() / "new", "new");
  }
  EXPECT_EQ(get_file(path / "old"), "old");
  AtomicFolder made(path, ExistingFolder::kReplace);
  put_file(made.path() / "new", "new");
  made.commit();
  EXPECT_EQ(get_file(path / "new"), "new");
  EXPECT_FALSE(fs::exists(path / "old"));
  EXPECT_EQ(test::entries(folder.path()), 1u);
}

TEST(AtomicFolder, LeavesAFolderThatWasFilledMeanwhile) {
  const TemporaryFolder folder;
  const fs::path path = folder / "out";
  {
    AtomicFolder made(path);
    put_file(made.path() / "new", "new");
    fs::create_directory(path);
    put_file(path / "theirs", "theirs");
    expect_error([&] { made.commit(); }, ErrorCode::kIo, {"out"});
  }
  EXPECT_EQ(get_file(path / "theirs"), "theirs");
  EXPECT_EQ(test::entries(folder.path()), 1u);
  put_file(folder / "file", "x");
  expect_error([&] { AtomicFolder over(folder / "file"); }, ErrorCode::kIo, {"a file of that name"});
}

TEST(TextFile, ReadsAndRefuses) {
  const TemporaryFolder folder;
  put_file(folder / "a", std::string("x\0y", 3));
  EXPECT_EQ(read_text_file(folder / "a"), std::string("x\0y", 3));
  put_file(folder / "empty", "");
  EXPECT_EQ(read_text_file(folder / "empty"), "");
  EXPECT_FALSE(read_text_file("/proc/self/status").empty());
  expect_error([&] { read_text_file(folder / "none"); }, ErrorCode::kNotFound, {"none"});
  expect_error([&] { read_text_file(folder.path()); }, ErrorCode::kInvalidInput, {"expected a file"});
  expect_error([&] { read_text_file(folder / "a", 2); }, ErrorCode::kInvalidInput, {"3 bytes", "at most 2"});
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error([&] { read_text_file(folder / "pipe"); }, ErrorCode::kInvalidInput, {"expected a regular file"});
}

TEST(TextFile, CopiesAFile) {
  const TemporaryFolder folder;
  const std::string text(3'000'001, 'q');
  put_file(folder / "from", text);
  copy_file_atomically(folder / "from", folder / "to");
  EXPECT_EQ(get_file(folder / "to"), text);
  expect_error([&] { copy_file_atomically(folder / "none", folder / "to2"); }, ErrorCode::kNotFound, {"none"});
  EXPECT_EQ(test::entries(folder.path()), 2u);
}

TEST(Json, ReadsValues) {
  const nlohmann::json value =
      parse_json(R"( {"a":[1,-2,3.5,true,null,"x\u00e9",{}],"b":{"c":[[]],"d":18446744073709551615}} )", "t");
  EXPECT_EQ(value["a"][0], 1);
  EXPECT_EQ(value["a"][1], -2);
  EXPECT_EQ(value["a"][2], 3.5);
  EXPECT_EQ(value["a"][3], true);
  EXPECT_TRUE(value["a"][4].is_null());
  EXPECT_EQ(value["a"][5], "x\u00e9");
  EXPECT_TRUE(value["a"][6].is_object());
  EXPECT_EQ(value["b"]["c"][0].size(), 0u);
  EXPECT_EQ(value["b"]["d"], 18446744073709551615u);
  EXPECT_EQ(parse_json("7", "t"), 7);
}

TEST(Json, RoundTripsThroughAFile) {
  const TemporaryFolder folder;
  const nlohmann::json value = {{"learning_rate", 2e-4}, {"list", {1, 2}}, {"text", "\xff"}};
  write_json_file(folder / "run.json", value);
  const nlohmann::json read = read_json_file(folder / "run.json");
  EXPECT_EQ(read["learning_rate"], 2e-4);
  EXPECT_EQ(read["list"], value["list"]);
  EXPECT_EQ(read["text"], "\xef\xbf\xbd");
  EXPECT_TRUE(get_file(folder / "run.json").ends_with("}\n"));
}

TEST(Json, NamesFileAndByteOfAnError) {
  const auto refused = [](std::string_view text, const char* part) {
    expect_error([&] { parse_json(text, "config.json"); }, ErrorCode::kInvalidInput, {"[config.json] not valid", part});
  };
  refused("", "at byte 0");
  refused(R"({"a":1,})", "at byte 7");
  refused(R"({"a":1} x)", "at byte 8");
  refused(R"({"a":1)", "at byte 6");
  refused("{\"a\":\"\xff\"}", "at byte 6");
  refused(std::string_view("{}\0{}", 5), "at byte 2");
  refused(R"({"a":1,"b":{"a":2},"a":3})", "\"a\" is there twice");
  refused("{'a':1}", "at byte 1");
  refused("[NaN]", "at byte 1");
}

TEST(Json, BoundsItsDepth) {
  const auto nested = [](int levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_NO_THROW(parse_json(nested(kMaxJsonDepth), "t"));
  expect_error([&] { parse_json(nested(kMaxJsonDepth + 1), "t"); }, ErrorCode::kInvalidInput, {"nested too deeply"});
  expect_error([&] { parse_json(std::string(50'000'000, '['), "t"); }, ErrorCode::kInvalidInput, {"nested too deeply"});
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  expect_error([&] { parse_json(objects, "t"); }, ErrorCode::kInvalidInput, {"nested too deeply"});
}

}  // namespace
}  // namespace vernier
