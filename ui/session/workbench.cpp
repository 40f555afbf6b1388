#include "ui/session/workbench.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "ui/session/task.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr auto kFollowInterval = std::chrono::seconds(1);

// A folder that does not exist yet.
QString new_run_dir(const QString& runs_dir, const QString& name) {
  const QString stem =
      QDir(runs_dir).filePath(name + QDateTime::currentDateTime().toString(QStringLiteral("-yyyyMMdd-HHmmss")));
  QString path = stem;
  for (int n = 2; QFileInfo::exists(path); ++n) path = QStringLiteral("%1-%2").arg(stem).arg(n);
  return path;
}

}  // namespace

Workbench::Workbench(EngineAccess engine, const QString& runs_dir, QObject* parent)
    : QObject(parent),
      engine_(std::move(engine)),
      runs_dir_(runs_dir),
      demo_(engine_.load_demo, engine_.answer),
      session_(engine_.train) {
  connect_session();
  connect_loader();
  connect(&run_, &RunModel::activityChanged, this, &Workbench::abilitiesChanged);
  connect(&demo_, &DemoSession::failed, this,
          [this](const QString& sentence) { Q_EMIT noticed(MessageLevel::kError, sentence); });
  connect(&demo_, &DemoSession::loaded, this, [this] {
    if (!can_open()) return;
    make_ready(demo_.demo().config, new_run_dir(runs_dir_, QStringLiteral("demo")));
    is_demo_ = true;
    Q_EMIT abilitiesChanged();
    Q_EMIT pageWanted(PageId::kRun);
  });
  connect(&demo_, &DemoSession::recognised, this, [this](const QString& run_dir) {
    if (run_.run_dir() != run_dir) return;
    is_demo_ = true;
    Q_EMIT abilitiesChanged();
  });
  connect(&settings_, &Settings::recentRunsChanged, this, &Workbench::list_runs);
  connect(&selection_, &SelectionModel::stepChanged, this, [this](qint64 step) {
    if (step >= 0) loader_.load_sequences(step);
  });
  connect(&selection_, &SelectionModel::sequenceChanged, this, [this](qint64 step, qint64 index) {
    if (step >= 0 && index >= 0) loader_.load_tokens(step, index);
  });
  follow_timer_.setInterval(kFollowInterval);
  connect(&follow_timer_, &QTimer::timeout, this, [this] {
    if (is_followed()) {
      loader_.load_news(run_.info().last_step);
    } else {
      follow_newest();
    }
  });
  connect(&selection_, &SelectionModel::followsNewestChanged, this, [this](bool follows) {
    if (follows) follow_newest();
  });
}

void Workbench::connect_session() {
  connect(&session_, &RunSession::stateChanged, this,
          [this](RunState state) { run_.set_activity(activity_of(state)); });
  connect(&session_, &RunSession::started, this, &Workbench::when_started);
  connect(&session_, &RunSession::progressed, &run_, &RunModel::set_progress);
  connect(&session_, &RunSession::stepsArrived, &run_, &RunModel::append_steps);
  connect(&session_, &RunSession::evaluated, &run_, &RunModel::append_eval);
  connect(&session_, &RunSession::parityChecked, this, [this](const ParityReport& report) {
    run_.append_parity(report);
    if (report.verdict == ParityVerdict::kDiffers) {
      Q_EMIT noticed(MessageLevel::kError, engine_text(report.summary));
    }
  });
  connect(&session_, &RunSession::captured, this, [this] { loader_.load_captures(); });
  connect(&session_, &RunSession::saved, this, [this](const SavedEvent& event) { run_.set_saved_step(event.step); });
  connect(&session_, &RunSession::messageArrived, this, [this](const MessageEvent& event) {
    if (event.level != MessageLevel::kInfo) Q_EMIT noticed(event.level, engine_text(event.text));
  });
  connect(&session_, &RunSession::ended, this, &Workbench::when_ended);
}

void Workbench::connect_loader() {
  connect(&loader_, &RunLoader::opened, this, [this](const std::shared_ptr<RunOverview>& overview) {
    if (!can_open()) return;
    const QString run_dir = QString::fromStdString(overview->info.run_dir);
    is_demo_ = false;
    selection_.clear();
    loader_.set_current(run_dir);
    run_.show(std::move(*overview));
    settings_.add_recent_run(run_dir);
    follow_newest();
    if (is_followed()) {
      follow_timer_.start();
    } else {
      follow_timer_.stop();
    }
    demo_.recognise(run_.config(), run_dir);
    Q_EMIT pageWanted(PageId::kRun);
  });
  connect(&loader_, &RunLoader::openFailed, this, [this](const QString& run_dir, const QString& sentence) {
    settings_.remove_recent_run(run_dir);
    Q_EMIT noticed(MessageLevel::kError, sentence);
  });
  connect(&loader_, &RunLoader::newsLoaded, this, &Workbench::add_news);
  connect(&loader_, &RunLoader::failed, this,
          [this](const QString& sentence) { Q_EMIT noticed(MessageLevel::kError, sentence); });
  connect(&loader_, &RunLoader::capturesLoaded, this, [this](const std::vector<CaptureRecord>& captures) {
    run_.set_captures(captures);
    follow_newest();
  });
  // Something is always selected: the token that cost most,
  connect(&loader_, &RunLoader::tokensLoaded, this, [this](const StepTokens& tokens) {
    if (tokens.step != selection_.step() || tokens.sequence.index != selection_.sequence()) return;
    if (selection_.position() >= 0) return;
    const TokenRecord* worst = nullptr;
    for (const TokenRecord& token : tokens.tokens) {
      if (token.is_target && (worst == nullptr || token.loss > worst->loss)) worst = &token;
    }
    if (worst != nullptr) selection_.selectPosition(worst->position);
  });
  // and the sequence whose logits were captured, or the worst.
  connect(&loader_, &RunLoader::sequencesLoaded, this, &Workbench::choose_sequence);
}

void Workbench::choose_sequence(qint64 step, const std::vector<SequenceRecord>& sequences) {
  if (step != selection_.step() || sequences.empty()) return;
  const bool is_there = std::any_of(sequences.begin(), sequences.end(), [this](const SequenceRecord& sequence) {
    return sequence.loss.index == selection_.sequence();
  });
  if (is_there && selection_.is_picked()) return;
  const qint64 captured = prefers_captured_ ? run_.captured_sequence(step) : -1;
  selection_.proposeSequence(step, captured >= 0 ? captured : sequences.front().loss.index);
}

void Workbench::add_news(const RunOverview& news) {
  if (QString::fromStdString(news.info.run_dir) != run_.run_dir()) return;
  if (!is_followed()) {
    run_.fill_gaps(news);
    return;
  }
  if (news.info.last_step < run_.info().last_step) {
    // It went back to a checkpoint: what is shown of it is no longer so.
    read_run(run_.run_dir());
    return;
  }
  run_.add_news(news);
  follow_newest();
  if (is_followed()) return;
  follow_timer_.stop();
  if (is_demo_) demo_.ask_after(DemoSession::adapter_of(run_.run_dir()));
  list_runs();
}

void Workbench::open_run(const QString& run_dir) {
  if (!can_open()) {
    Q_EMIT noticed(MessageLevel::kWarning, tr("A run is going on: stop it before opening another."));
    return;
  }
  read_run(run_dir);
}

void Workbench::read_run(const QString& run_dir) {
  loader_.open(run_dir, static_cast<std::size_t>(settings_.smoothing_span()));
}

void Workbench::open_demo() {
  if (!can_open()) {
    Q_EMIT noticed(MessageLevel::kWarning, tr("A run is going on: stop it before opening the demo."));
    return;
  }
  demo_.load();
}

void Workbench::make_ready(const RunConfig& config, const QString& run_dir) {
  is_demo_ = false;
  follow_timer_.stop();
  selection_.clear();
  run_.show_ready(config, run_dir);
}

void Workbench::list_runs() {
  loader_.list(runs_dir_, settings_.recent_runs());
}

void Workbench::ask_devices() {
  worker_.run([this](const std::stop_token&) {
    try {
      mailbox_.post([this, devices = engine_.list_devices()] { Q_EMIT devicesListed(devices); });
    } catch (const std::exception& error) {
      mailbox_.post([this, sentence = engine_text(error.what())] { Q_EMIT noticed(MessageLevel::kWarning, sentence); });
    }
  });
}

void Workbench::start() {
  if (!can_start()) return;
  // A try that failed may have left a folder, and a run never writes over another. The new one lies beside it, on the
  // disk that was chosen.
  if (const QFileInfo taken(run_.run_dir()); taken.exists()) {
    run_.show_ready(run_.config(),
                    new_run_dir(taken.path(), is_demo_ ? QStringLiteral("demo") : QStringLiteral("run")));
  }
  run_.set_activity(Activity::kLoading);
  if (is_demo_) demo_.forget_after();
  session_.start(run_.config(), run_.run_dir());
  Q_EMIT abilitiesChanged();
}

void Workbench::pause() {
  if (can_pause()) session_.pause();
}

void Workbench::resume() {
  if (!can_resume()) return;
  if (session_.is_active()) {
    session_.resume();
    return;
  }
  run_.set_activity(Activity::kLoading);
  is_resuming_ = true;
  session_.resume_folder(run_.run_dir());
  // As the switch stands now, which may have changed since the run was configured.
  session_.set_return_logits(run_.config().return_logits);
  Q_EMIT abilitiesChanged();
}

void Workbench::single_step() {
  if (can_single_step()) session_.single_step();
}

void Workbench::stop() {
  if (!can_stop()) return;
  run_.set_activity(Activity::kStopping);
  session_.stop();
}

void Workbench::save_checkpoint() {
  if (can_ask()) session_.request_save();
}

void Workbench::check_parity() {
  if (can_ask()) session_.request_parity();
}

void Workbench::set_return_logits(const ReturnLogits& options) {
  run_.set_return_logits(options);
  session_.set_return_logits(options);
}

bool Workbench::can_start() const {
  return run_.activity() == Activity::kReady && !session_.is_active();
}

bool Workbench::can_pause() const {
  return session_.is_active() && (run_.activity() == Activity::kRunning || run_.activity() == Activity::kLoading);
}

bool Workbench::can_resume() const {
  switch (run_.activity()) {
    case Activity::kPaused:
      return session_.is_active();
    case Activity::kStopped:
    case Activity::kInterrupted:
    case Activity::kFailed:
      return !session_.is_active() && run_.info().last_saved_step > 0;
    default:
      return false;
  }
}

bool Workbench::can_single_step() const {
  return session_.is_active() && run_.activity() == Activity::kPaused;
}

bool Workbench::can_stop() const {
  return session_.is_active() && run_.activity() != Activity::kStopping;
}

bool Workbench::can_ask() const {
  return session_.is_active() && (run_.activity() == Activity::kRunning || run_.activity() == Activity::kPaused);
}

bool Workbench::can_return_logits() const {
  return session_.is_active() || can_start() || can_resume();
}

bool Workbench::is_busy() {
  for (Task* task : findChildren<Task*>()) {
    if (task->is_busy()) return true;
  }
  return loader_.is_busy() || demo_.is_busy() || worker_.is_busy() || !mailbox_.is_empty();
}

void Workbench::when_started(const StartedEvent& event) {
  run_.set_started(event);
  const QString run_dir = QString::fromStdString(event.run_dir);
  loader_.set_current(run_dir);
  // Another process may have gone on with it since it was opened here.
  const qint64 known = run_.series().empty() ? 0 : run_.series().back().step;
  if (std::exchange(is_resuming_, false) && event.first_step > known + 1) loader_.load_news(known);
  selection_.clear();
  settings_.add_recent_run(run_dir);
  follow_timer_.start();
}

void Workbench::follow_newest() {
  if (run_.latest().step == 0 || !selection_.follows_newest()) return;
  if (!prefers_captured_ || run_.captures().empty()) {
    selection_.advanceTo(run_.latest().step);
    return;
  }
  const qint64 step = run_.captures().back().step;
  if (selection_.is_picked()) {
    selection_.advanceTo(step);
  } else {
    selection_.proposeSequence(step, run_.captured_sequence(step));
  }
}

void Workbench::set_prefers_captured(bool prefers) {
  if (prefers == prefers_captured_) return;
  prefers_captured_ = prefers;
  follow_newest();
  const qint64 captured = run_.captured_sequence(selection_.step());
  if (prefers && captured >= 0 && !selection_.is_picked()) selection_.proposeSequence(selection_.step(), captured);
}

void Workbench::when_ended(const RunResult& result) {
  follow_timer_.stop();
  follow_newest();
  const QString message = engine_text(result.message);
  switch (result.status) {
    case RunStatus::kFinished:
      run_.set_activity(Activity::kFinished);
      Q_EMIT noticed(MessageLevel::kInfo,
                     (run_.config().method == Method::kFull ? tr("Finished after step %1. The model is in %2.")
                                                            : tr("Finished after step %1. The adapter is in %2."))
                         .arg(result.last_step)
                         .arg(QDir::toNativeSeparators(QDir(QString::fromStdString(result.run_dir))
                                                           .filePath(run_.config().method == Method::kFull
                                                                         ? QStringLiteral("model")
                                                                         : QStringLiteral("adapter")))));
      break;
    case RunStatus::kStopped:
      run_.set_activity(Activity::kStopped);
      Q_EMIT noticed(MessageLevel::kInfo, tr("%1 Resume goes on from there.").arg(message));
      break;
    case RunStatus::kFailed:
      run_.set_message(result.message);
      // A run that failed before its first event can be started again once its cause is mended.
      run_.set_activity(result.last_step == 0 && result.last_saved_step == 0 && run_.series().empty()
                            ? Activity::kReady
                            : Activity::kFailed);
      Q_EMIT noticed(MessageLevel::kError, message);
      // Nothing was done to the run: what its folder says of it stands, such as that another process trains it.
      if (std::exchange(is_resuming_, false)) read_run(run_.run_dir());
      break;
  }
  run_.set_saved_step(std::max<qint64>(run_.info().last_saved_step, result.last_saved_step));
  Q_EMIT abilitiesChanged();
  if (is_demo_ && result.status != RunStatus::kFailed && result.last_saved_step > 0) {
    demo_.ask_after(DemoSession::adapter_of(QString::fromStdString(result.run_dir)));
  }
  list_runs();
  Q_EMIT runEnded(result);
}

}  // namespace vernier::ui
