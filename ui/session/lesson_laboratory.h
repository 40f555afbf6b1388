// What the lessons' experiments share: short runs of the demo, rows of its data, passes of its model.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "ui/session/lesson_experiments.h"
#include "vernier/data.h"
#include "vernier/demo.h"
#include "vernier/events.h"
#include "vernier/model.h"

namespace vernier::ui {

// A folder that goes with its owner.
class ScratchFolder {
 public:
  // Throws Error{kIo} where none can be made.
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A run that came to its end.
struct TrainedRun {
  std::vector<StepEvent> steps;
  std::int64_t trainable_parameters = 0;
  std::string adapter_dir;

  // Its loss by steps.
  LessonCurve curve(const std::string& key, double StepEvent::*loss = &StepEvent::loss) const;
};

class Laboratory {
 public:
  // runs: how many the experiment is going to make, for its progress.
  Laboratory(int runs, std::function<void(double)> progress, std::stop_token stop);

  const Demo& demo() const { return demo_; }
  const ScratchFolder& folder() const { return folder_; }
  // The demo's run, `steps` long with eight sequences each, without evaluations, checks and captures.
  RunConfig config(std::int64_t steps) const;
  // Trains into `name`. Throws the Error that a run ended with, kCancelled where it was stopped.
  TrainedRun train(const RunConfig& config, const std::string& name);
  // "" adapter: the bundled model.
  std::unique_ptr<LanguageModel> load(const std::string& adapter_dir) const;
  // The rows of a file of conversations as a run would read them, at most `most`.
  std::vector<DataRow> rows(const std::string& path, bool assistant_only, std::int64_t most) const;
  // Throws Error{kCancelled} once the experiment was stopped.
  void check_stop() const;

 private:
  int runs_;
  int done_ = 0;
  std::function<void(double)> progress_;
  std::stop_token stop_;
  Demo demo_;
  ScratchFolder folder_;
};

// Rows padded to one length.
Batch make_batch(const std::vector<std::vector<std::int32_t>>& input_ids,
                 const std::vector<std::vector<std::int32_t>>& labels);

// "0.417", "1 234", "12.5 %".
std::string fixed(double value, int decimals);
std::string count(std::int64_t number);
std::string percentage(double share, int decimals = 0);

}  // namespace vernier::ui
