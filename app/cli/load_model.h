// Loading a model with a progress bar, and with a note on stderr of what is odd about it, for the commands that ask
// one.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "vernier/model.h"
#include "vernier/model_notes.h"

namespace vernier::cli {

inline std::unique_ptr<LanguageModel> load_model(const ModelOptions& options, std::stop_token stop) {
  Progress progress;
  std::unique_ptr<LanguageModel> model = LanguageModel::load(
      options, [&](double fraction) { progress.update("Loading weights", fraction); }, std::move(stop));
  progress.clear();
  for (const std::string& note : model_notes(*model)) print_note("warning: " + note);
  return model;
}

}  // namespace vernier::cli
