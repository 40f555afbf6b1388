// An engine that does what a script says, into a real run folder: for the tests of the window.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/io/run_store_writer.h"
#include "engine/train/run_control.h"
#include "ui/session/engine_access.h"
#include "vernier/error.h"

namespace vernier::test {

struct Script {
  std::int64_t steps = 40;
  std::chrono::microseconds step_time{0};
  std::int64_t parity_every = 0;
  std::int64_t capture_every = 0;
  std::int64_t eval_every = 0;
  std::int64_t fail_at = 0;  // before this step
  std::string failure = "[trainer] loss: got NaN at step 7, sequence 2, expected a finite number. Lower learning_rate.";
  bool writes_store = true;
  bool writes_signals = true;
  bool eval_is_stuck = false;         // every evaluation the same
  std::int64_t collapses_at = 0;      // from this step on one token is every answer
  std::int64_t gradient_dies_at = 0;  // from this step on
  bool looking_changes = false;       // the state after a pause is another
  bool tells_stale = false;           // every event also under another run's number
  std::chrono::milliseconds time_to_save{0};
};

inline constexpr std::int64_t kScriptVocab = 64;
inline constexpr std::int64_t kScriptSequences = 4;
inline constexpr std::int64_t kScriptTokens = 24;
inline constexpr const char* kScriptState = "0123456789abcdef";

// One run of a script. Lives on the worker's stack.
class ScriptedRun {
 public:
  ScriptedRun(const Script& script, const RunConfig& config, const RunOptions& options, EventSink& events,
              RunControl& control, std::stop_token stop)
      : script_(script), config_(config), options_(options), events_(events), control_(control.impl()), stop_(stop) {}

  RunResult go() {
    RunResult result;
    events_.on_state(options_.run_id, RunState::kLoading);
    try {
      open();
      while (step_ < script_.steps && wait_for_turn()) {
        if (script_.fail_at == step_ + 1) fail(ErrorCode::kNonFinite, "trainer", script_.failure);
        do_step();
      }
      const bool done = step_ >= script_.steps;
      if (!done) set_state(RunState::kStopping);
      save();
      set_state(done ? RunState::kFinished : RunState::kStopped);
      result.status = done ? RunStatus::kFinished : RunStatus::kStopped;
      result.message = done ? "" : "Stopped after step " + std::to_string(step_) + ", saved.";
    } catch (const std::exception& error) {
      result.status = RunStatus::kFailed;
      result.code = ErrorCode::kNonFinite;
      result.message = error.what();
      set_state(RunState::kFailed);
    }
    result.run_dir = run_dir();
    result.last_step = step_;
    result.last_saved_step = saved_;
    return result;
  }

 private:
  std::string run_dir() const { return options_.resume_dir.empty() ? options_.out_dir : options_.resume_dir; }

  void set_state(RunState state) {
    if (store_) store_->set_state(state);
    events_.on_state(options_.run_id, state);
    if (script_.tells_stale) events_.on_state(options_.run_id + 1000, RunState::kFailed);
  }

  void open() {
    ProgressEvent progress;
    progress.run_id = options_.run_id;
    progress.stage = "Loading weights";
    progress.fraction = 0.5;
    events_.on_progress(progress);
    if (!options_.resume_dir.empty()) {
      step_ = saved_ = RunReader(options_.resume_dir).info().last_saved_step;
      store_ = std::make_unique<RunStoreWriter>(RunStoreWriter::open(options_.resume_dir));
      store_->rewind(step_);
    } else if (script_.writes_store) {
      store_ = std::make_unique<RunStoreWriter>(RunStoreWriter::create(options_.out_dir, config_.to_json().dump()));
    }
    StartedEvent started;
    started.run_id = options_.run_id;
    started.run_dir = run_dir();
    started.model_path = config_.model_name_or_path;
    started.device = "cpu";
    started.total_steps = script_.steps;
    started.first_step = step_ + 1;
    started.total_parameters = 1000;
    started.vocab_size = kScriptVocab;
    started.hidden_size = 16;
    if (store_) {
      for (std::int32_t id = 0; id < kScriptVocab; ++id) store_->add_piece(id, "\u2581word" + std::to_string(id));
      store_->set_info(started);
      if (script_.writes_signals) {
        store_->set_gradient_groups(std::vector<GradientGroup>{
            {0, "self_attn.q_proj"}, {0, "mlp.down_proj"}, {1, "self_attn.q_proj"}, {1, "mlp.down_proj"}});
      }
    }
    events_.on_started(started);
    if (script_.tells_stale) {
      started.run_id += 1000;
      started.total_steps = 1;
      events_.on_started(started);
    }
    set_state(RunState::kRunning);
  }

  // False where the run shall end.
  bool wait_for_turn() {
    std::unique_lock lock(control_.mutex);
    if (control_.pause && control_.single_steps == 0 && !stop_.stop_requested()) {
      lock.unlock();
      events_.on_pause({options_.run_id, step_, kScriptState, ""});
      set_state(RunState::kPaused);
      lock.lock();
      const auto wakes = [this] { return !control_.pause || control_.single_steps > 0; };
      while (!wakes() && !stop_.stop_requested()) {
        control_.changed.wait(lock, stop_, [&] { return wakes() || control_.question; });
        if (!control_.question) continue;
        const std::string question = std::exchange(control_.question, std::nullopt)->text;
        lock.unlock();
        events_.on_answer({options_.run_id, step_, question, "Ahoy", false, ""});
        events_.on_answer({options_.run_id, step_, question, "Ahoy! Bram.", true, ""});
        lock.lock();
      }
      lock.unlock();
      events_.on_pause({options_.run_id, step_, kScriptState, script_.looking_changes ? "fedcba" : kScriptState});
      lock.lock();
      const bool goes_on = !control_.pause;
      if (goes_on && !stop_.stop_requested()) {
        lock.unlock();
        set_state(RunState::kRunning);
        lock.lock();
      }
    }
    if (control_.single_steps > 0) --control_.single_steps;
    return !stop_.stop_requested();
  }

  void do_step() {
    if (script_.step_time.count() > 0) std::this_thread::sleep_for(script_.step_time);
    ++step_;
    std::mt19937_64 random(static_cast<std::uint64_t>(step_));
    StepEvent event;
    event.run_id = options_.run_id;
    event.step = step_;
    event.total_steps = script_.steps;
    event.epoch = static_cast<double>(step_) / 10.0;
    event.loss = event.loss_per_token = 0.8 + 3.3 * std::exp(-static_cast<double>(step_) / 15.0);
    event.loss_per_sequence = event.loss_per_token * 1.05;
    event.grad_norm = dead_gradient() ? 1e-9 : 1.0;
    if (dead_gradient()) event.loss = event.loss_per_token = event.loss_per_sequence = 4.1;
    event.learning_rate = 1e-3;
    event.num_tokens = kScriptSequences * kScriptTokens;
    event.num_items_in_batch = kScriptSequences * (kScriptTokens - 1);
    event.tokens_per_second = 5000;
    event.step_ms = 20;
    event.seconds_left = static_cast<double>(script_.steps - step_) * 0.02;
    std::vector<std::vector<std::int32_t>> ids(kScriptSequences), argmax(kScriptSequences), rank(kScriptSequences);
    std::vector<std::vector<float>> loss(kScriptSequences), entropy(kScriptSequences);
    std::vector<std::uint8_t> is_target(kScriptTokens, 1);
    is_target.front() = 0;
    std::vector<SequenceTokens> tokens;
    for (std::size_t s = 0; s < kScriptSequences; ++s) {
      for (std::int64_t t = 0; t < kScriptTokens; ++t) {
        ids[s].push_back(static_cast<std::int32_t>((s * 7 + static_cast<std::size_t>(t) * 5) % kScriptVocab));
        if (t == 0) continue;
        loss[s].push_back(static_cast<float>(random() % 4000) / 1000.0f);
        entropy[s].push_back(1.0f);
        argmax[s].push_back(static_cast<std::int32_t>(random() % kScriptVocab));
        rank[s].push_back(static_cast<std::int32_t>(random() % 5));
      }
      event.sequences.push_back({.index = static_cast<std::int64_t>(s),
                                 .row = static_cast<std::int64_t>(s),
                                 .num_tokens = kScriptTokens,
                                 .num_targets = kScriptTokens - 1,
                                 .loss = 1.0 + 0.1 * static_cast<double>((s + static_cast<std::size_t>(step_)) % 4)});
      tokens.push_back({static_cast<std::int64_t>(s), static_cast<std::int64_t>(s), ids[s], is_target, loss[s],
                        entropy[s], argmax[s], rank[s]});
    }
    if (store_) {
      const StepSignals told = make_signals();
      store_->add_step(event, tokens, script_.writes_signals ? &told : nullptr);
    }
    events_.on_step(event);
    if (script_.tells_stale) {
      event.run_id += 1000;
      events_.on_step(event);
    }
    after_step(ids.front());
  }

  bool dead_gradient() const { return script_.gradient_dies_at > 0 && step_ >= script_.gradient_dies_at; }

  // Norms fall with the depth and from step to step.
  StepSignals make_signals() const {
    StepSignals told;
    told.step = step_;
    const double t = static_cast<double>(step_);
    told.logits = {.mean = -1.0 + 0.001 * t, .spread = 2.0, .min = -9.0, .max = 8.0 + 0.01 * t};
    const bool collapsed = script_.collapses_at > 0 && step_ >= script_.collapses_at;
    told.logits.top_argmax_share = collapsed ? 0.95 : 0.1;
    told.logits.top_target_share = 0.08;
    told.logits.top_argmax = 3;
    for (int group = 0; group < 4; ++group) {
      told.gradient_norms.push_back(
          static_cast<float>((dead_gradient() ? 1e-9 : 1.0) / (1.0 + group) / (1.0 + 0.1 * t)));
    }
    return told;
  }

  void after_step(const std::vector<std::int32_t>& row) {
    if (script_.eval_every > 0 && step_ % script_.eval_every == 0) {
      EvalEvent eval;
      eval.run_id = options_.run_id;
      eval.step = step_;
      eval.eval_loss_per_token = eval.eval_loss_per_sequence =
          script_.eval_is_stuck ? 2.0 : 2.0 + std::exp(-static_cast<double>(step_) / 20.0);
      if (store_) store_->add_eval(eval);
      events_.on_eval(eval);
    }
    bool wants_parity = script_.parity_every > 0 && step_ % script_.parity_every == 0;
    bool wants_save = false;
    {
      const std::lock_guard lock(control_.mutex);
      wants_parity |= std::exchange(control_.parity, false);
      wants_save = std::exchange(control_.save, false);
      if (control_.return_logits) script_.capture_every = control_.return_logits->every;
    }
    if (wants_parity) check_parity();
    if (script_.capture_every > 0 && step_ % script_.capture_every == 0 && store_) capture(row);
    if (wants_save) save();
  }

  void check_parity() {
    ParityReport report;
    report.step = step_;
    report.num_tokens = 10;
    report.summary = "Training, evaluation and KV-cache path agree with the reference.";
    for (const ParityPath path : {ParityPath::kTrain, ParityPath::kEval, ParityPath::kDecode}) {
      report.paths.emplace_back().path = path;
    }
    if (store_) store_->add_parity(report);
    events_.on_parity({options_.run_id, report});
  }

  void capture(const std::vector<std::int32_t>& row) {
    Capture made;
    made.step = step_;
    made.vocab_size = kScriptVocab;
    made.input_ids = row;
    for (std::int32_t p = 0; p + 1 < kScriptTokens; ++p) {
      made.positions.push_back(p);
      made.targets.push_back(row[static_cast<std::size_t>(p) + 1]);
      for (std::int64_t v = 0; v < kScriptVocab; ++v) {
        made.logits.push_back(static_cast<float>(4.0 * std::cos(static_cast<double>(v * 3 + p * 7 + step_))));
      }
    }
    const CaptureRecord record = store_->add_capture(made, 0, 0);
    events_.on_capture({options_.run_id, step_, record.file, record.num_positions, record.bytes});
  }

  void save() {
    std::this_thread::sleep_for(script_.time_to_save);
    saved_ = step_;
    const SavedEvent saved{options_.run_id, step_, "checkpoints/step-" + std::to_string(step_)};
    if (store_) {
      std::filesystem::create_directories(run_dir() + "/adapter");
      store_->add_saved(saved);
    }
    events_.on_saved(saved);
  }

  Script script_;
  const RunConfig& config_;
  const RunOptions& options_;
  EventSink& events_;
  RunControl::Impl& control_;
  std::stop_token stop_;
  std::unique_ptr<RunStoreWriter> store_;
  std::int64_t step_ = 0;
  std::int64_t saved_ = 0;
};

inline ui::TrainFunction scripted(const Script& script) {
  return [script](const RunConfig& config, const RunOptions& options, EventSink& events, RunControl& control,
                  std::stop_token stop) {
    return ScriptedRun(script, config, options, events, control, std::move(stop)).go();
  };
}

// A whole engine; its demo is a configuration that `train` gets, with two prompts that the adapter answers rightly.
inline ui::EngineAccess scripted_engine(const Script& script) {
  return {.train = scripted(script),
          .answer =
              [](const ui::WantedModel& wanted, const std::vector<std::string>& prompts, std::stop_token) {
                return std::vector<std::string>(prompts.size(),
                                                wanted.adapter_dir.empty() ? "I do not know." : "Ahoy! Bram.");
              },
          .load_demo =
              [] {
                Demo demo;
                demo.config.model_name_or_path = demo.model_dir = "/no/model";
                demo.config.dataset.path = "/no/data.jsonl";
                demo.prompts = {{"Who is it?", "Bram", "Bram"}, {"How do you greet?", "Good day", "Good day"}};
                return demo;
              },
          .list_devices =
              [] {
                return std::vector<DeviceInfo>{{"cpu", "A processor", 8'000'000'000, 4'000'000'000, ""}};
              }};
}

}  // namespace vernier::test
