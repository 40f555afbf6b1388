// What the lessons' experiments share: short runs of the demo, rows of its data, passes of its model.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "ui/session/lesson_experiments.h"
#include "vernier/data.h"
#include "vernier/demo.h"
#include "vernier/events.h"
#include "vernier/model.h"
#include "vernier/parity.h"

namespace vernier::ui {

using LessonProgress = std::function<void(double)>;

inline constexpr std::int64_t kLessonSteps = 40;  // of most runs

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
  std::vector<ParityReport> parity;
  std::int64_t trainable_parameters = 0;
  std::string run_dir, adapter_dir;

  // Its loss by steps.
  LessonCurve curve(const std::string& key, double StepEvent::*loss = &StepEvent::loss) const;
};

class Laboratory {
 public:
  // runs: how many the experiment is going to make, for its progress.
  Laboratory(int runs, LessonProgress progress, std::stop_token stop);

  const Demo& demo() const { return demo_; }
  const ScratchFolder& folder() const { return folder_; }
  // The demo's run, `steps` long with eight sequences each, without evaluations, checks and captures.
  RunConfig config(std::int64_t steps) const;
  // Trains into `name`, to `last_step` of its schedule or to its end. Throws the Error that a run ended with,
  // kCancelled where it was stopped.
  TrainedRun train(const RunConfig& config, const std::string& name, const Fault& fault = {},
                   std::optional<std::int64_t> last_step = {});
  // "" adapter: the bundled model.
  std::unique_ptr<LanguageModel> load(const std::string& adapter_dir) const;
  // The rows of a file of conversations as a run would read them, at most `most`.
  std::vector<DataRow> rows(const std::string& path, bool assistant_only, std::int64_t most) const;
  // Of the rows that the run would train on, as the check before a run counts them.
  double labelled_share(const RunConfig& config) const;
  // At most so many of the demo's held-out rows with the answers to predict, or (questions) all but these.
  Batch held_out(bool questions, std::int64_t most = 32) const;
  // Throws Error{kCancelled} once the experiment was stopped.
  void check_stop() const;

 private:
  int runs_;
  int done_ = 0;
  LessonProgress progress_;
  std::stop_token stop_;
  Demo demo_;
  ScratchFolder folder_;
};

// Rows padded to one length.
Batch make_batch(const std::vector<std::vector<std::int32_t>>& input_ids,
                 const std::vector<std::vector<std::int32_t>>& labels);

// The losses of a forward pass, without its logits.
ForwardOptions losses_alone();
double loss_of(LanguageModel& model, const Batch& batch);

// The largest entry of an adapter's B matrices, which begin at zero: what the first updates have moved a weight by at
// most. AdamW's first updates move it by no more than the learning rate that they were given.
double largest_b(const std::string& adapter_dir);

// "0.417", "1 234", "12.5 %".
std::string fixed(double value, int decimals);
std::string count(std::int64_t number);
std::string percentage(double share, int decimals = 0);

}  // namespace vernier::ui
