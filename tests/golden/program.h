// Runs the real vernier-cli.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace vernier::golden {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "vernier-cli-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline std::string read_all(const std::filesystem::path& path) {
  std::ostringstream text;
  std::ifstream in(path, std::ios::binary);
  if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  return text.str();
}

inline void write_all(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) std::abort();
}

// Every path under a folder, relative to it.
inline std::set<std::string> listing(const std::filesystem::path& folder) {
  std::set<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    paths.insert(std::filesystem::relative(entry.path(), folder).string());
  }
  return paths;
}

struct Outcome {
  int status = -1;  // exit status, or minus the signal that ended the program
  std::string out;
  std::string err;

  std::vector<nlohmann::json> json_lines() const {
    std::vector<nlohmann::json> values;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) values.push_back(nlohmann::json::parse(line));
    return values;
  }
};

// A started program, with its output in files.
class Program {
 public:
  explicit Program(std::vector<std::string> command) {
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    const std::string out = folder_ / "out";
    const std::string err = folder_ / "err";
    child_ = ::fork();
    if (child_ == 0) {
      if (::open("/dev/null", O_RDONLY) < 0) ::_exit(126);
      redirect(out, STDOUT_FILENO);
      redirect(err, STDERR_FILENO);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
  }
  ~Program() {
    if (child_ > 0 && !ended_) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const { ::kill(child_, signal); }

  // Waits until stdout holds so many lines; false where the program ended or two minutes passed before.
  bool wait_for_lines(std::int64_t count) {
    for (int i = 0; i < 12000; ++i) {
      const std::string text = read_all(folder_ / "out");
      if (std::count(text.begin(), text.end(), '\n') >= count) return true;
      int state = 0;
      if (::waitpid(child_, &state, WNOHANG) == child_) {
        ended_ = true;
        state_ = state;
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  Outcome wait() {
    if (!ended_) ::waitpid(child_, &state_, 0);
    ended_ = true;
    return {WIFEXITED(state_) ? WEXITSTATUS(state_) : -WTERMSIG(state_), read_all(folder_ / "out"),
            read_all(folder_ / "err")};
  }

 private:
  static void redirect(const std::string& path, int to) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(126);
    ::close(fd);
  }

  TempFolder folder_;
  pid_t child_ = -1;
  bool ended_ = false;
  int state_ = 0;
};

inline std::vector<std::string> cli_command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), VERNIER_CLI);
  return arguments;
}

inline Outcome run_cli(std::vector<std::string> arguments) {
  return Program(cli_command(std::move(arguments))).wait();
}

// Exit 1 (or `status`) with exactly one line on stderr that begins as the contract says, and nothing on stdout.
inline void expect_one_error(const Outcome& outcome, int status = 1) {
  EXPECT_EQ(outcome.status, status) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("error: [")) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

}  // namespace vernier::golden
