// The design's include rules, checked on every source file: includes point down the table only.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Folders = std::set<std::string>;

// A folder of the table -> the folders whose headers it may include, besides its own and engine/include.
const std::map<std::string, Folders> kMayInclude = {
    {"engine/include", {}},
    {"engine/core", {}},
    {"engine/io", {"engine/core"}},
    {"engine/text", {"engine/core"}},
    {"engine/data", {"engine/text", "engine/io", "engine/core"}},
    {"engine/ops", {"engine/core"}},
    {"engine/cpu", {"engine/ops", "engine/core"}},
    {"engine/cuda", {"engine/ops", "engine/core"}},
    // Finds the CUDA backend at run time and includes nothing of it.
    {"engine/cuda_loader", {"engine/ops", "engine/core"}},
    // Chooses the backend: the one place that knows which there are.
    {"engine/devices", {"engine/cpu", "engine/cuda_loader", "engine/ops", "engine/core"}},
    {"engine/model", {"engine/io", "engine/ops", "engine/core"}},
    {"engine/train",
     {"engine/model", "engine/data", "engine/inspect", "engine/io", "engine/text", "engine/ops", "engine/core"}},
    {"engine/inspect", {"engine/model", "engine/data", "engine/io", "engine/ops", "engine/core", "engine/text"}},
    {"ui", {}},
    // What both programs do alike.
    {"app", {}},
    {"app/cli", {"app"}},
    {"app/gui", {"ui", "app"}},
};

// Whoever may include Qt. QCustomPlot is Qt's in this.
const Folders kMayIncludeQt = {"ui", "app/gui"};

struct Include {
  std::string name;
  bool quoted = false;
};

std::vector<Include> includes_of(const std::string& source) {
  std::vector<Include> found;
  std::istringstream lines(source);
  for (std::string line; std::getline(lines, line);) {
    std::erase(line, ' ');
    std::erase(line, '\t');
    if (!line.starts_with("#include")) continue;
    const std::string rest = line.substr(8);
    if (rest.size() < 2 || (rest.front() != '"' && rest.front() != '<')) continue;
    const std::size_t end = rest.find(rest.front() == '<' ? '>' : '"', 1);
    found.push_back({rest.substr(1, end - 1), rest.front() == '"'});
  }
  return found;
}

// The innermost; "" where the path lies in no folder of the table.
std::string folder_of(const std::string& path) {
  std::string found;
  for (const auto& entry : kMayInclude) {
    if (path.starts_with(entry.first + "/") && entry.first.size() > found.size()) found = entry.first;
  }
  return found;
}

bool is_qt(const std::string& name) {
  return (name.size() > 1 && name[0] == 'Q' && name[1] >= 'A' && name[1] <= 'Z') || name.starts_with("Qt") ||
         name == "qcustomplot.h";
}

bool is_cuda(const std::string& name) {
  const std::string base = fs::path(name).filename().string();
  return base.starts_with("cuda") || base.starts_with("cublas") || base.starts_with("cudnn") ||
         base.starts_with("nvrtc") || base.starts_with("nvml") || base.starts_with("nccl") ||
         base.starts_with("cutlass");
}

// "" where `path` (relative to the source folder) may include this; else what is wrong. exists: whether a path relative
// to the source folder is a file of ours.
template <typename Exists>
std::string judge(const std::string& path, const Include& include, const Exists& exists) {
  const std::string from = folder_of(path);
  if (from.empty()) return "lies in no folder of the design table";
  if (is_qt(include.name)) {
    return kMayIncludeQt.contains(from) ? "" : "includes Qt";
  }
  if (!include.quoted) {
    return is_cuda(include.name) && from != "engine/cuda" ? "includes a CUDA header" : "";
  }
  if (include.name.starts_with("vernier/")) return "";
  // The name from the source folder, or from the file's own folder.
  const std::string beside = (fs::path(path).parent_path() / include.name).lexically_normal().string();
  const std::string target = exists(include.name) ? include.name : exists(beside) ? beside : "";
  if (target.empty()) {
    if (is_cuda(include.name) && from != "engine/cuda") return "includes a CUDA header";
    // Headers of libraries and ones that the build makes (hwy/foreach_target.h, the file itself to Highway).
    return include.name.starts_with("engine/") || include.name.starts_with("ui/") || include.name.starts_with("app/")
               ? "includes a header that does not exist"
               : "";
  }
  const std::string to = folder_of(target);
  if (to == from) return "";
  return kMayInclude.at(from).contains(to) ? "" : "may not include " + (to.empty() ? target : to);
}

bool is_source(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".h" || extension == ".cpp" || extension == ".cu" || extension == ".cuh" || extension == ".inc";
}

TEST(IncludeRules, PointDownTheTable) {
  const fs::path root = VERNIER_SOURCE_DIR;
  const auto exists = [&](const std::string& path) { return fs::is_regular_file(root / path); };
  std::size_t includes = 0;
  for (const char* top : {"engine", "ui", "app"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      const std::string path = fs::relative(entry.path(), root).string();
      std::ostringstream source;
      source << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      for (const Include& include : includes_of(source.str())) {
        ++includes;
        const std::string problem = judge(path, include, exists);
        EXPECT_EQ(problem, "") << path << ": " << include.name;
      }
    }
  }
  EXPECT_GT(includes, 500U);
}

TEST(IncludeRules, JudgeTellsRightFromWrong) {
  const Folders files = {"engine/core/tensor.h",   "engine/io/safetensors.h", "engine/cpu/gemm.h",
                         "engine/cuda/gemm.h",     "engine/ops/backend.h",    "ui/style/colours.h",
                         "engine/model/decoder.h", "app/cli/output.h"};
  const auto exists = [&](const std::string& path) { return files.contains(path); };
  struct Case {
    const char* path;
    const char* include;
    bool quoted;
    bool allowed;
  };
  const Case cases[] = {
      {"engine/io/a.cpp", "engine/core/tensor.h", true, true},
      {"engine/core/a.cpp", "engine/io/safetensors.h", true, false},
      {"engine/core/a.cpp", "../io/safetensors.h", true, false},
      {"engine/core/a.cpp", "vernier/error.h", true, true},
      {"engine/core/a.cpp", "tensor.h", true, true},
      {"engine/model/a.cpp", "engine/cpu/gemm.h", true, false},
      {"engine/devices/a.cpp", "engine/cpu/gemm.h", true, true},
      {"engine/cpu/a.cpp", "engine/cpu/gemm.h", true, true},
      {"engine/train/a.cpp", "engine/model/decoder.h", true, true},
      {"engine/model/a.cpp", "QString", false, false},
      {"engine/model/a.cpp", "QtCore/QString", false, false},
      {"app/cli/a.cpp", "QString", false, false},
      {"ui/plots/a.cpp", "qcustomplot.h", false, true},
      {"ui/plots/a.cpp", "engine/core/tensor.h", true, false},
      {"app/cli/a.cpp", "engine/core/tensor.h", true, false},
      {"app/cli/a.cpp", "ui/style/colours.h", true, false},
      {"app/gui/a.cpp", "ui/style/colours.h", true, true},
      {"engine/cpu/a.cpp", "cuda_runtime.h", false, false},
      {"engine/cuda/a.cu", "cuda_runtime.h", false, true},
      {"engine/cuda_loader/a.cpp", "cuda_runtime.h", false, false},
      {"engine/devices/a.cpp", "engine/cuda/gemm.h", true, false},
      {"engine/ops/a.h", "cublasLt.h", true, false},
      {"engine/other/a.cpp", "vector", false, false},
      {"engine/io/a.cpp", "engine/core/missing.h", true, false},
      {"engine/cpu/a.cpp", "hwy/foreach_target.h", true, true},
  };
  for (const Case& one : cases) {
    const std::string problem = judge(one.path, {one.include, one.quoted}, exists);
    EXPECT_EQ(problem.empty(), one.allowed) << one.path << " includes " << one.include << ": " << problem;
  }
}

TEST(IncludeRules, ReadsEveryWayToWriteAnInclude) {
  const auto found = includes_of("#include <vector>\n  #  include \"a/b.h\"\n// #include <no>\n#include MACRO\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "vector");
  EXPECT_FALSE(found[0].quoted);
  EXPECT_EQ(found[1].name, "a/b.h");
  EXPECT_TRUE(found[1].quoted);
}

}  // namespace
