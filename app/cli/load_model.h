// Loading a model with a progress bar, for the commands that ask one.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "app/cli/progress.h"
#include "vernier/model.h"

namespace vernier::cli {

inline std::unique_ptr<LanguageModel> load_model(const ModelOptions& options, std::stop_token stop) {
  Progress progress;
  return LanguageModel::load(
      options, [&](double fraction) { progress.update("Loading weights", fraction); }, std::move(stop));
}

}  // namespace vernier::cli
