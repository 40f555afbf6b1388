#include "vernier/demo.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "engine/io/atomic_file.h"
#include "vernier/error.h"
#include "vernier/resources.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

void require_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    fail(ErrorCode::kNotFound, "demo",
         path.string() +
             ": got no such file, expected the bundled model and data. Reinstall Vernier, or set "
             "VERNIER_RESOURCES to a complete resources folder.");
  }
}

std::vector<DemoPrompt> read_prompts(const fs::path& path) {
  const nlohmann::json list = read_json_file(path);
  std::vector<DemoPrompt> prompts;
  if (!list.is_array()) fail(ErrorCode::kInvalidInput, path.string(), "got no list, expected a list of prompts.");
  for (const nlohmann::json& entry : list) {
    DemoPrompt prompt;
    for (auto [key, value] : {std::pair("prompt", &prompt.prompt), std::pair("expect_after", &prompt.expect_after),
                              std::pair("absent_before", &prompt.absent_before)}) {
      const auto found = entry.find(key);
      if (found == entry.end() || !found->is_string()) {
        fail(ErrorCode::kInvalidInput, path.string(), std::string(key) + ": got no text, expected one in every entry.");
      }
      *value = found->get<std::string>();
    }
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}

}  // namespace

Demo load_demo() {
  const fs::path folder = fs::path(resource_dir()) / "demo" / "lora";
  const fs::path run_file = folder / "run.json";
  require_file(run_file);
  Demo demo;
  demo.config = RunConfig::from_file(run_file.string());
  demo.model_dir = demo.config.model_name_or_path;
  require_file(fs::path(demo.model_dir) / "model.safetensors");
  require_file(demo.config.dataset.path);
  if (demo.config.eval_dataset) require_file(demo.config.eval_dataset->path);
  require_file(folder / "prompts.json");
  demo.prompts = read_prompts(folder / "prompts.json");
  return demo;
}

}  // namespace vernier
