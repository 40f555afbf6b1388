#include "engine/io/run_folder.h"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

#include "engine/io/atomic_file.h"
#include "vernier/error.h"
#include "vernier/outputs.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

// What is made before there is a run, in this order, and what the database puts beside it.
constexpr std::array<std::string_view, 6> kFirstFiles = {".lock",      "run.db",         "run.db-wal",
                                                         "run.db-shm", "run.db-journal", "run.json"};
constexpr std::array<std::string_view, 5> kLaterFiles = {"log.txt", "captures", "checkpoints", "adapter", "model"};

bool is_left_by_start(std::string_view name) {
  return std::ranges::find(kFirstFiles, name) != kFirstFiles.end() || name.starts_with(".run.db.tmp-") ||
         name.starts_with(".run.json.tmp-");
}

}  // namespace

bool is_kept_by_run(std::string_view name) {
  return std::ranges::find(kFirstFiles, name) != kFirstFiles.end() ||
         std::ranges::find(kLaterFiles, name) != kLaterFiles.end();
}

void check_new_run_folder(const fs::path& run_dir) {
  std::error_code error;
  std::string other;
  for (fs::directory_iterator it(run_dir, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (is_left_by_start(name)) continue;
    if (is_kept_by_run(name)) fail_run_folder_in_use(run_dir, "the " + name + " of an earlier run");
    if (other.empty() || name < other) other = name;
  }
  if (error && error != std::errc::no_such_file_or_directory) fail_system(error.value(), "read", run_dir);
  if (!other.empty()) {
    fail(ErrorCode::kInvalidInput, "run",
         run_dir.string() + ": got a folder with " + other +
             " in it, expected a new or empty one. Choose another folder.");
  }
}

void fail_run_folder_in_use(const fs::path& run_dir, std::string_view what) {
  fail(ErrorCode::kInvalidInput, "run",
       run_dir.string() + ": got a folder with " + std::string(what) +
           ", expected a new or empty one. Resume that run or choose another folder.");
}

void check_out(const std::string& out, const std::vector<std::string>& inputs) {
  std::error_code error;
  fs::path given = fs::absolute(out, error).lexically_normal();
  if (!given.has_filename()) given = given.parent_path();
  const fs::path target = fs::weakly_canonical(given, error);
  const auto refuse = [&](bool itself, const std::string& input) {
    fail(ErrorCode::kInvalidInput, out,
         std::string("out: got ") + (itself ? "" : "a place in ") + input + ", which is read, expected another one.");
  };
  for (const std::string& input : inputs) {
    const fs::path adapter = fs::path(input) / "adapter";
    const bool is_run =
        fs::exists(adapter / "adapter_config.json", error) && !fs::exists(fs::path(input) / "config.json", error);
    const fs::path kept = is_run ? adapter : fs::path(input);
    for (fs::path part = target; !input.empty(); part = part.parent_path()) {
      if (fs::equivalent(part, kept, error) || (part == target && fs::equivalent(part, input, error))) {
        refuse(part == target, input);
      }
      if (part == part.parent_path()) break;
    }
  }
  for (fs::path part = target; part != part.parent_path(); part = part.parent_path()) {
    if (is_kept_by_run(part.filename().string()) && fs::exists(part.parent_path() / "run.db", error)) {
      refuse(part == target, part.filename().string() + " of the run in " + part.parent_path().string());
    }
  }
}

}  // namespace vernier
