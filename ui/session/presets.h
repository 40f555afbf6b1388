// Settings that belong together, from resources/presets.
#pragma once

#include <QString>
#include <string>
#include <vector>

#include "vernier/run_config.h"

namespace vernier::ui {

struct Preset {
  QString id;  // "balanced": the file's name
  QString title;
  QString summary;       // one or two sentences: what it is for
  std::string settings;  // JSON, a part of a run file
};

// In their order, in the language of the locale where the files have it, else in English. Throws Error where the
// folder or a file of it cannot be read.
std::vector<Preset> load_presets();

// The configuration with the preset's settings; model, data and labels stay, and so does an evaluation data set, which
// a split would contradict. Throws Error where the settings do not fit a run file.
RunConfig apply_preset(const Preset& preset, const RunConfig& config);
// All of the preset's settings are those of the configuration.
bool matches_preset(const Preset& preset, const RunConfig& config);

}  // namespace vernier::ui
