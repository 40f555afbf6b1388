#include "engine/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "engine/inspect/capture.h"
#include "engine/inspect/parity.h"
#include "engine/train/parity_batch.h"
#include "engine/train/paused_answer.h"
#include "engine/train/run_control.h"
#include "engine/train/state_hash.h"
#include "engine/train/train_step.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using Clock = std::chrono::steady_clock;

// Share of a step that it waits for the disk before a word is said about it.
constexpr double kWaitToTell = 0.05;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Trainer::Trainer(RunSetup& run, const RunConfig& config, const RunOptions& options, std::int64_t done,
                 std::int64_t last_step, RunReporter& reporter, RunControl& control, std::stop_token stop,
                 RunResult& result)
    : run_(run),
      config_(config),
      options_(options),
      done_(done),
      last_step_(last_step),
      total_steps_(std::max(last_step, run.data.total_steps())),
      reporter_(reporter),
      control_(control),
      stop_(std::move(stop)),
      result_(result),
      planted_(options.fault),
      schedule_(config, total_steps_),
      recorded_(*run.decoder, run.data.max_micro_batch_tokens()),
      gradient_probe_(*run.backend, run.parameters()),
      return_logits_(config.return_logits),
      captures_(*run.decoder, result.run_dir) {
  result_.last_step = done;
  result_.last_saved_step = done;
  reporter_.gradient_groups(gradient_probe_.groups());
}

void Trainer::train() {
  try {
    train_steps();
  } catch (...) {
    settle_captures();
    throw;
  }
}

void Trainer::train_steps() {
  reporter_.state(RunState::kRunning);
  if (done_ == 0) evaluate(0);
  while (done_ < last_step_ && wait_for_turn()) {
    const auto start = Clock::now();
    do_step(done_ + 1);
    ++done_;
    result_.last_step = done_;
    after_step(done_);
    const double took = seconds_since(start);
    seconds_a_step_ = seconds_a_step_ > 0.0 ? 0.9 * seconds_a_step_ + 0.1 * took : took;
  }
  const bool stopped = done_ < total_steps_;
  if (done_ < last_step_) {
    reporter_.state(RunState::kStopping);
  } else {
    evaluate(done_);
  }
  collect_captures(CaptureQueue::Wait::kForAll);
  tell_of_missing_rows();
  save();
  if (skipped_steps_ > 0) {
    reporter_.message(done_, MessageLevel::kWarning,
                      std::to_string(skipped_steps_) + " steps had no token with a label and were skipped.");
  }
  if (stopped) {
    result_.status = RunStatus::kStopped;
    result_.message = done_ == 0 ? "Stopped before the first step."
                                 : "Stopped after step " + std::to_string(done_) + " of " +
                                       std::to_string(total_steps_) + ". Saved: checkpoints/step-" +
                                       std::to_string(done_) + " (weights, optimizer and random state) and " +
                                       (run_.adapter ? "adapter" : "model") + "/.";
  } else {
    result_.status = RunStatus::kFinished;
  }
  reporter_.state(stopped ? RunState::kStopped : RunState::kFinished, result_.message);
}

bool Trainer::wait_for_turn() {
  RunControl::Impl& control = control_.impl();
  for (;;) {
    serve_requests();
    std::unique_lock lock(control.mutex);
    if (stop_.stop_requested()) {
      lock.unlock();
      if (!paused_state_.empty()) end_pause();
      return false;
    }
    if (!control.pause || control.single_steps > 0) {
      if (control.pause) --control.single_steps;
      if (control.return_logits) {
        return_logits_ = *std::exchange(control.return_logits, std::nullopt);
        captures_.release_memory();
        capture_steps_ = 0;
        captured_rows_.clear();
        told_of_a_slow_disk_ = false;
      }
      break;
    }
    if (paused_state_.empty()) {
      lock.unlock();
      begin_pause();
      continue;
    }
    control.changed.wait(lock, stop_, [&] {
      return !control.pause || control.single_steps > 0 || control.save || control.parity || control.question;
    });
  }
  if (!paused_state_.empty()) {
    end_pause();
    reporter_.state(RunState::kRunning);
  }
  return true;
}

void Trainer::begin_pause() {
  collect_captures(CaptureQueue::Wait::kForAll);
  paused_state_ = state_hash();
  reporter_.pause(done_, paused_state_, "");
  reporter_.state(RunState::kPaused);
}

void Trainer::end_pause() {
  const std::string before = std::exchange(paused_state_, "");
  const std::string now = state_hash();
  reporter_.pause(done_, before, now);
  if (now == before) return;
  reporter_.message(done_, MessageLevel::kError,
                    "[pause] training state: got " + now + " before going on, expected " + before +
                        " as at the pause after step " + std::to_string(done_) +
                        ". Something changed the run while it was looked at: resume it from its last checkpoint.");
}

std::string Trainer::state_hash() {
  return training_state_hash(run_.parameters(), *run_.backend, *run_.optimizer, trainer_state());
}

TrainerState Trainer::trainer_state() const {
  TrainerState state;
  state.step = done_;
  state.optimizer_updates = run_.optimizer->updates();
  state.seed = config_.seed;
  state.inputs = run_.inputs;
  return state;
}

void Trainer::serve_requests() {
  RunControl::Impl& control = control_.impl();
  bool wants_save, wants_parity;
  std::optional<Question> question;
  {
    const std::lock_guard lock(control.mutex);
    wants_save = std::exchange(control.save, false);
    wants_parity = std::exchange(control.parity, false);
    question = std::exchange(control.question, std::nullopt);
  }
  if (question) {
    AnswerEvent event;
    event.run_id = options_.run_id;
    event.step = done_;
    answer_question(
        run_, config_, *question, std::move(event), [this](const AnswerEvent& answer) { reporter_.answer(answer); },
        stop_);
  }
  if (wants_parity) check_parity_now();
  if (wants_save) save();
}

void Trainer::do_step(std::int64_t step) {
  const auto start = Clock::now();
  const std::vector<MicroBatch>& batches = planted_.rows(run_.data.micro_batches(step), ParityPath::kTrain);
  losses_.begin(batches);

  StepEvent event;
  event.run_id = options_.run_id;
  event.step = step;
  event.total_steps = total_steps_;
  event.epoch = run_.data.epochs_after(step);
  event.num_tokens = losses_.num_tokens();
  event.num_items_in_batch = losses_.num_items();
  event.learning_rate = schedule_.learning_rate(step - 1);
  event.skipped = losses_.num_items() == 0;
  if (event.skipped) {
    losses_.finish();
    ++skipped_steps_;
  } else {
    learn(step, batches, event);
  }

  event.sequences = losses_.sequences();
  event.peak_memory_bytes = run_.backend->peak_bytes();
  const double took = seconds_since(start);
  event.step_ms = 1e3 * took;
  event.tokens_per_second = static_cast<double>(event.num_tokens) / std::max(took, 1e-9);
  event.seconds_left = static_cast<double>(last_step_ - step) * (seconds_a_step_ > 0.0 ? seconds_a_step_ : took);
  reporter_.step(event, losses_.tokens(), event.skipped ? nullptr : &signals_);
  tell_of_a_slow_disk(event);
}

void Trainer::learn(std::int64_t step, const std::vector<MicroBatch>& batches, StepEvent& event) {
  PassOptions pass = planted_.in(run_.memory.training_pass(), ParityPath::kTrain);
  pass.lora_dropout = run_.adapter ? static_cast<float>(config_.lora.lora_dropout) : 0.0f;
  pass.dropout_seed = dropout_seed(config_.seed, step);
  ForwardHook hook;
  if (return_logits_.every > 0 && step % return_logits_.every == 0) {
    ++capture_steps_;
    hook = [&](const MicroBatch& batch, std::int64_t first) { capture(batch, first, step, event); };
  }
  event.grad_norm = forward_backward(*run_.decoder, *run_.optimizer, batches, config_.loss_normalization, pass, losses_,
                                     hook, &recorded_, &gradient_probe_);
  event.capture_ms += captures_.device_milliseconds();
  event.loss_per_token = losses_.loss_per_token();
  event.loss_per_sequence = losses_.loss_per_sequence();
  event.loss =
      config_.loss_normalization == LossNormalization::kPerToken ? event.loss_per_token : event.loss_per_sequence;
  event.mean_token_accuracy = losses_.accuracy();
  event.entropy = losses_.entropy();

  signals_.step = step;
  signals_.logits = losses_.logits();
  gradient_probe_.norms(signals_.gradient_norms);
  // Where it broke is told, though the step is none.
  if (losses_.first_non_finite() != nullptr || !std::isfinite(event.grad_norm)) reporter_.failed_signals(signals_);

  const std::string here = "step " + std::to_string(step);
  if (const SequenceLoss* bad = losses_.first_non_finite()) {
    fail(ErrorCode::kNonFinite, here,
         "loss: got " + std::to_string(std::isnan(bad->loss) ? std::abs(bad->loss) : bad->loss) + " at sequence " +
             std::to_string(bad->index) + " (row " + std::to_string(bad->row) +
             " of the data), expected a finite number. " + last_good());
  }
  if (!std::isfinite(event.grad_norm)) {
    fail(ErrorCode::kNonFinite, here,
         "gradient norm: got " + std::to_string(std::abs(event.grad_norm)) + ", expected a finite number. " +
             last_good());
  }
  run_.optimizer->update(event.grad_norm, planted_.learning_rate(event.learning_rate, losses_.sequences().size()));
}

std::string Trainer::last_good() const {
  if (run_.optimizer->updates() == 0) {
    return "No update has been made yet: the model's weights" + std::string(run_.adapter ? " or the adapter" : "") +
           " hold NaN, infinity or far too large numbers.";
  }
  // One of this very step is whole, and holds the weights that gave no number.
  const bool newest_is_bad = result_.last_saved_step == done_;
  std::string text = last_saved();
  if (newest_is_bad) {
    text = "Remove the checkpoint of step " + std::to_string(done_) + ", whose weights gave this: ";
    const std::vector<std::int64_t> saved = list_checkpoints(result_.run_dir);
    const auto older = std::ranges::find_if(saved, [this](std::int64_t step) { return step < done_; });
    text += older == saved.end() ? "there is no older one. "
                                 : "the last good checkpoint is that of step " + std::to_string(*older) + ". ";
  }
  return text + "Lower learning_rate, or raise warmup_steps.";
}

std::string Trainer::last_saved() const {
  return result_.last_saved_step > 0
             ? "The last good checkpoint is that of step " + std::to_string(result_.last_saved_step) + ". "
             : std::string("Nothing was saved before. ");
}

std::string Trainer::what_to_do_then() {
  if (result_.last_saved_step > 0) return "Resume the run once it can be written.";
  try {
    // It is smaller than what resuming needs, and may fit all the same.
    write_result(result_.run_dir, run_.trained(), config_.model_name_or_path);
    result_step_ = done_;
    return "What was learnt until step " + std::to_string(done_) +
           " is written, but cannot be resumed from: start again with more room to go further.";
  } catch (const Error&) {
    return "There is nothing to resume from: start again with more room.";
  }
}

void Trainer::capture(const MicroBatch& batch, std::int64_t first_sequence, std::int64_t step, StepEvent& event) {
  const auto start = Clock::now();
  const auto count = static_cast<std::int64_t>(batch.sequences.size());
  for (const std::int64_t index : return_logits_.rows) {
    if (index < first_sequence || index >= first_sequence + count) continue;
    captured_rows_.insert(index);
    const auto sequence = static_cast<std::size_t>(index - first_sequence);
    const std::int64_t vocab_size = run_.model_config.vocab_size;
    CapturedRow row = captured_row(vocab_size, batch, sequence, return_logits_.logits_to_keep, step);
    planted_.move(row, batch);
    const auto positions = static_cast<std::int64_t>(row.rows.size());
    event.capture_bytes +=
        captured_bytes(positions, batch.sequences[sequence].length, vocab_size, captured_as(run_.dtype));
    captures_.take(std::move(row), reporter_.begin_capture(step, index, batch.sequences[sequence].row, positions));
  }
  event.capture_ms += 1e3 * seconds_since(start);
}

void Trainer::collect_captures(CaptureQueue::Wait wait) {
  captures_.collect(wait, [this](const CaptureRecord& record) { reporter_.captured(record); });
}

void Trainer::settle_captures() noexcept {
  try {
    captures_.collect(CaptureQueue::Wait::kForAll, [this](const CaptureRecord& record) {
      if (record.step <= done_) return reporter_.captured(record);
      std::error_code ignored;
      std::filesystem::remove(std::filesystem::path(result_.run_dir) / record.file, ignored);
    });
  } catch (...) {
    // What ends the run is told already; resuming clears away files that no record names.
  }
}

void Trainer::tell_of_missing_rows() {
  std::string missing;
  for (const std::int64_t row : return_logits_.rows) {
    if (!captured_rows_.contains(row)) missing += (missing.empty() ? "" : ", ") + std::to_string(row);
  }
  if (capture_steps_ == 0 || missing.empty()) return;
  reporter_.message(done_, MessageLevel::kWarning,
                    "No step had the sequences " + missing +
                        " of return_logits.rows, which count from 0: of these no logits were captured.");
}

void Trainer::tell_of_a_slow_disk(const StepEvent& event) {
  const double waited = captures_.waited_milliseconds();
  if (told_of_a_slow_disk_ || waited < kWaitToTell * event.step_ms) return;
  told_of_a_slow_disk_ = true;
  char text[256];
  std::snprintf(text, sizeof text,
                "Logits come faster than the disk takes them, about %.0f MB/s: the step waited %.0f of its %.0f ms for "
                "it. Set return_logits.every higher, or logits_to_keep lower.",
                captures_.bytes_per_second() * 1e-6, waited, event.step_ms);
  reporter_.message(event.step, MessageLevel::kWarning, text);
}

void Trainer::look_for_record(std::int64_t step) {
  std::error_code ignored;
  const std::filesystem::path record = std::filesystem::path(result_.run_dir) / "run.db";
  if (told_of_a_lost_record_ || std::filesystem::exists(record, ignored)) return;
  told_of_a_lost_record_ = true;
  reporter_.message(step, MessageLevel::kError,
                    "[" + record.string() +
                        "] was removed while the run goes on: what it records is lost from here on. What it learns is "
                        "still saved: stop it, and export.");
}

void Trainer::after_step(std::int64_t step) {
  look_for_record(step);
  collect_captures(CaptureQueue::Wait::kNo);
  const auto due = [step](std::int64_t every) { return every > 0 && step % every == 0; };
  if (due(config_.eval_steps)) evaluate(step);
  if (due(config_.parity_check_every)) check_parity_now();
  if (due(config_.save_steps)) save();
  serve_requests();
}

void Trainer::evaluate(std::int64_t step) {
  const std::vector<MicroBatch>& batches = planted_.rows(run_.data.evaluation(), ParityPath::kEval);
  if (batches.empty() || last_evaluated_ == step) return;
  const auto start = Clock::now();
  const bool done =
      forward_losses(*run_.decoder, batches, planted_.in({}, ParityPath::kEval), eval_losses_, [&](double fraction) {
        reporter_.progress("Evaluating", fraction);
        return !stop_.stop_requested();
      });
  if (!done) return;
  reporter_.progress("Evaluating", 1.0);
  last_evaluated_ = step;
  EvalEvent event;
  event.run_id = options_.run_id;
  event.step = step;
  event.eval_loss_per_token = eval_losses_.loss_per_token();
  event.eval_loss_per_sequence = eval_losses_.loss_per_sequence();
  event.eval_mean_token_accuracy = eval_losses_.accuracy();
  event.num_items = eval_losses_.num_items();
  event.milliseconds = 1e3 * seconds_since(start);
  reporter_.eval(event);
}

void Trainer::check_parity_now() {
  const MicroBatch batch = parity_batch(run_.data.micro_batches(std::max<std::int64_t>(1, done_)));
  if (batch.input_ids.empty()) return;
  ParityOptions options;
  options.fault = options_.fault;
  ParityReport report = check_parity(*run_.decoder, batch, options);
  report.step = done_;
  reporter_.parity(report);
}

void Trainer::require_finite() {
  const std::string bad = run_.optimizer->first_non_finite();
  if (bad.empty()) return;
  fail(ErrorCode::kNonFinite, "step " + std::to_string(done_),
       bad + ": got NaN or infinity after the update, expected finite numbers. It is not saved. " + last_good());
}

void Trainer::save() {
  if (done_ == 0 || result_step_ == done_) return;
  require_finite();
  // A run that goes on from here has them all.
  collect_captures(CaptureQueue::Wait::kForAll);
  const std::filesystem::path run_dir = result_.run_dir;
  if (result_.last_saved_step != done_) {
    try {
      save_checkpoint(run_dir, run_.trained(), *run_.backend, *run_.optimizer, trainer_state());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNoSpace && error.code() != ErrorCode::kIo) throw;  // not the disk's fault
      Error told(error.code(), error.what() + (" " + last_saved()) + what_to_do_then());
      told.needed_bytes = error.needed_bytes;
      told.free_bytes = error.free_bytes;
      throw told;
    }
    result_.last_saved_step = done_;
    // It can be gone on from, whatever becomes of the result.
    reporter_.saved(done_, std::filesystem::relative(checkpoint_folder(run_dir, done_), run_dir).string());
  }
  write_result(run_dir, run_.trained(), config_.model_name_or_path);
  result_step_ = done_;
  prune_checkpoints(run_dir, config_.save_total_limit);
}

}  // namespace vernier
