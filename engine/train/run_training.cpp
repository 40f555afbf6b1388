#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/run_folder.h"
#include "engine/io/run_log.h"
#include "engine/io/tensor_names.h"
#include "engine/model/compute_dtype.h"
#include "engine/train/resume_check.h"
#include "engine/train/run_reporter.h"
#include "engine/train/trainer.h"
#include "vernier/run_store.h"
#include "vernier/system_error.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

// A run folder may be opened from anywhere.
void make_paths_absolute(RunConfig& config) {
  const auto absolute = [](std::string& path) {
    if (!path.empty()) path = fs::absolute(path).lexically_normal().string();
  };
  absolute(config.model_name_or_path);
  absolute(config.dataset.path);
  if (config.adapter_name_or_path) absolute(*config.adapter_name_or_path);
  if (config.eval_dataset) absolute(config.eval_dataset->path);
  if (config.batch) absolute(*config.batch);
}

std::int64_t target_steps(const RunOptions& options, std::int64_t configured) {
  if (!options.max_steps) return configured;
  if (*options.max_steps < 1) {
    fail(ErrorCode::kInvalidInput, "run",
         "max_steps: got " + std::to_string(*options.max_steps) + ", expected at least 1.");
  }
  return *options.max_steps;
}

// A run that is at or past the last step asked for, and has said so. One whose last step is saved but that was killed
// before its end has its end left to do, and so has one that was stopped where it now ends.
bool nothing_left(const std::string& state, std::int64_t done, std::int64_t last_step, std::int64_t configured) {
  if (done != last_step) return done > last_step;
  return state == to_string(RunState::kFinished) || (state == to_string(RunState::kStopped) && last_step < configured);
}

StartedEvent started_event(const RunSetup& run, const RunConfig& config, const RunOptions& options,
                           const std::string& run_dir, std::int64_t done, std::int64_t total_steps) {
  StartedEvent event;
  event.run_id = options.run_id;
  event.run_dir = run_dir;
  event.model_path = config.model_name_or_path;
  event.device = run.backend->name();
  event.total_steps = total_steps;
  event.first_step = done + 1;
  event.num_rows = run.data.num_rows();
  event.num_eval_rows = run.data.num_eval_rows();
  event.trainable_parameters = run.adapter ? run.adapter->set().count() : run.weights->set().count();
  event.total_parameters = run.weights->set().count() + (run.adapter ? run.adapter->set().count() : 0);
  event.vocab_size = run.model_config.vocab_size;
  event.hidden_size = run.model_config.hidden_size;
  return event;
}

// One call of run_training; holds what the end of a run needs, however it comes.
class Run {
 public:
  Run(const RunOptions& options, EventSink& events, RunControl& control, std::stop_token stop, RunResult& result)
      : options_(options), events_(events), control_(control), stop_(std::move(stop)), result_(result) {}

  void go(const RunConfig& given) {
    events_.on_state(options_.run_id, RunState::kLoading);
    const bool resumes = !options_.resume_dir.empty();
    // Minutes of loading should not end at a folder that cannot be made.
    if (!resumes) check_run_dir(options_.out_dir);
    const std::string run_dir = fs::absolute(resumes ? options_.resume_dir : options_.out_dir).lexically_normal();
    RunConfig config = given;
    ResumePoint point;
    if (resumes) {
      result_.run_dir = run_dir;
      store_.emplace(RunStoreWriter::open(run_dir));
      remove_leftovers(run_dir);
      config = RunConfig::from_json(read_json_file(fs::path(run_dir) / "run.json"), run_dir);
      if (const std::string first = store_->kept_run_json(); !first.empty()) {
        check_same_settings(RunConfig::from_json(parse_json(first, "run.db"), run_dir), config);
      }
      point = find_resume_point(run_dir, config);
      if (const std::int64_t recorded = store_->last_step(); point.folder.empty() && recorded > 0) {
        point.warnings.push_back("There is no checkpoint to go on from: the run begins again at step 1, and the " +
                                 std::to_string(recorded) + " steps recorded are forgotten.");
      }
      result_.last_step = result_.last_saved_step = point.state.step;
    } else {
      make_paths_absolute(config);
    }
    check_supported(config);
    const auto progress = [&](const std::string& stage, double fraction) {
      events_.on_progress({options_.run_id, stage, fraction});
      if (stop_.stop_requested()) fail(ErrorCode::kCancelled, "run", "stopped while loading.");
    };
    const std::unique_ptr<RunSetup> run = load_run(config, options_.device, point, progress, stop_);
    config.dtype = compute_dtype_name(run->dtype);  // so that resuming computes the same, wherever
    const std::int64_t configured = run->data.total_steps();
    const std::int64_t last_step = target_steps(options_, configured);
    const std::string recorded_state = resumes ? RunReader(run_dir).info().state : "";
    if (resumes && nothing_left(recorded_state, point.state.step, last_step, configured)) {
      result_.message = "Nothing left to do: " + std::to_string(point.state.step) + " steps are done, " +
                        std::to_string(last_step) + " were asked for.";
      events_.on_message({options_.run_id, point.state.step, MessageLevel::kInfo, result_.message});
      const bool finished = recorded_state == to_string(RunState::kFinished) || last_step >= configured;
      result_.status = finished ? RunStatus::kFinished : RunStatus::kStopped;
      events_.on_state(options_.run_id, finished ? RunState::kFinished : RunState::kStopped);
      return;
    }
    if (last_step > configured) config.max_steps = last_step;  // what the schedule and a later resume go by

    if (resumes) {
      if (last_step > configured) store_->set_run_json(config.to_json().dump(2) + "\n");
      store_->rewind(point.state.step);
    } else {
      store_.emplace(RunStoreWriter::create(run_dir, config.to_json().dump(2) + "\n"));
    }
    result_.run_dir = run_dir;
    reporter_.emplace(options_.run_id, events_, *store_);
    if (run->tokenizer) {
      for (std::int32_t id = 0; id < run->tokenizer->vocab_size(); ++id) {
        store_->add_piece(id, run->tokenizer->piece(id));
      }
    }
    reporter_->started(
        started_event(*run, config, options_, run_dir, point.state.step, std::max(last_step, configured)));
    if (options_.fault.kind != FaultKind::kNone) {
      // Wherever its folder may come to lie.
      reporter_->message(point.state.step, MessageLevel::kWarning,
                         "A defect is planted in this run, for a test or a lesson: what it learns is no result.");
    }
    for (const std::string& warning : point.warnings) {
      reporter_->message(point.state.step, MessageLevel::kWarning, warning);
    }
    for (const std::string& warning : run->warnings) {
      reporter_->message(point.state.step, MessageLevel::kWarning, warning);
    }
    reporter_->message(point.state.step, MessageLevel::kInfo,
                       "Computing in " + config.dtype + ", " + run->memory.to_string() + ".");
    if (last_step < configured) {
      reporter_->message(point.state.step, MessageLevel::kInfo,
                         "Stops after step " + std::to_string(last_step) + " of the run file's " +
                             std::to_string(configured) + "; resuming the run does the rest.");
    }
    Trainer trainer(*run, config, options_, point.state.step, last_step, *reporter_, control_, stop_, result_);
    trainer.train();
  }

  // Tells of a failure what can still be told. The disk may be full: nothing of this may fail in its turn.
  void failed(ErrorCode code, const std::string& message) noexcept {
    try {
      const bool cancelled = code == ErrorCode::kCancelled;
      result_.status = cancelled ? RunStatus::kStopped : RunStatus::kFailed;
      result_.code = code;
      result_.message = message;
      if (reporter_) {
        try {
          reporter_->message(result_.last_step, MessageLevel::kError, message);
          reporter_->state(RunState::kFailed, message);
          return;
        } catch (...) {
          RunLog(fs::path(result_.run_dir) / "log.txt").write("failed: " + message);
        }
      } else {
        events_.on_message({options_.run_id, result_.last_step, MessageLevel::kError, message});
      }
      events_.on_state(options_.run_id, cancelled ? RunState::kStopped : RunState::kFailed);
    } catch (...) {
      result_.status = RunStatus::kFailed;
    }
  }

 private:
  const RunOptions& options_;
  EventSink& events_;
  RunControl& control_;
  std::stop_token stop_;
  RunResult& result_;
  std::optional<RunStoreWriter> store_;
  std::optional<RunReporter> reporter_;
};

}  // namespace

void check_run_dir(const std::string& out_dir) {
  if (out_dir.empty()) fail(ErrorCode::kInvalidInput, "run folder", "got no name, expected where to keep the run.");
  std::error_code ignored;
  if (fs::exists(fs::path(out_dir) / "run.json", ignored) || fs::exists(fs::path(out_dir) / "run.db", ignored)) {
    fail(ErrorCode::kInvalidInput, out_dir,
         "the folder holds a run already: go on with it by resuming, or choose another folder.");
  }
  fs::path ancestor = fs::absolute(out_dir).lexically_normal();
  while (!fs::exists(ancestor, ignored) && ancestor.has_relative_path()) ancestor = ancestor.parent_path();
  if (!fs::is_directory(ancestor, ignored)) {
    fail(ErrorCode::kIo, out_dir,
         "cannot make the run folder: " + ancestor.string() + " is no folder. Choose another place.");
  }
  check_new_run_folder(out_dir);
  if (::access(ancestor.c_str(), W_OK | X_OK) != 0) {
    fail(ErrorCode::kIo, out_dir,
         "cannot write the run folder: " + ancestor.string() + " may not be written. Choose another place.");
  }
}

RunResult run_training(const RunConfig& config, const RunOptions& options, EventSink& events, RunControl& control,
                       std::stop_token stop) noexcept {
  RunResult result;
  Run run(options, events, control, std::move(stop), result);
  try {
    run.go(config);
  } catch (const Error& error) {
    run.failed(error.code(), error.what());
  } catch (const fs::filesystem_error& error) {
    run.failed(ErrorCode::kIo, error_from(error).what());
  } catch (const std::bad_alloc&) {
    run.failed(ErrorCode::kOutOfMemory,
               "[run] the machine is out of memory: use a shorter max_length or a smaller batch.");
  } catch (const std::exception& error) {
    run.failed(ErrorCode::kInternal, std::string("[run] internal error: ") + error.what() + ".");
  } catch (...) {
    run.failed(ErrorCode::kInternal, "[run] internal error of an unknown kind.");
  }
  return result;
}

}  // namespace vernier
