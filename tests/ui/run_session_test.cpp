// RunSession against a scripted engine.
#include "ui/session/run_session.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <numeric>
#include <thread>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include "tests/ui/scripted_engine.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

// What a session told, in order.
struct Told {
  std::vector<std::int64_t> steps;
  std::vector<RunState> states;
  std::vector<ParityReport> parity;
  std::vector<SavedEvent> saved;
  std::optional<StartedEvent> started;
  std::optional<RunResult> result;
  std::int64_t steps_at_end = 0;

  explicit Told(RunSession& session) {
    QObject::connect(&session, &RunSession::stepsArrived, &session, [this](const std::vector<StepEvent>& events) {
      for (const StepEvent& event : events) steps.push_back(event.step);
    });
    QObject::connect(&session, &RunSession::stateChanged, &session, [this](RunState s) { states.push_back(s); });
    QObject::connect(&session, &RunSession::started, &session, [this](const StartedEvent& e) { started = e; });
    QObject::connect(&session, &RunSession::parityChecked, &session, [this](const auto& r) { parity.push_back(r); });
    QObject::connect(&session, &RunSession::saved, &session, [this](const SavedEvent& e) { saved.push_back(e); });
    QObject::connect(&session, &RunSession::ended, &session, [this](const RunResult& r) {
      result = r;
      steps_at_end = static_cast<std::int64_t>(steps.size());
    });
  }
};

std::vector<std::int64_t> one_to(std::int64_t last) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(last));
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

}  // namespace

class RunSessionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { folder_.emplace(); }

  void deliversEveryStepOfAFastRunBeforeItsEnd() {
    // The engine's thread yields to all others: few enough for a busy machine.
    RunSession session(scripted({.steps = 4000, .writes_store = false}));
    Told told(session);
    session.start({}, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 120000);
    QCOMPARE(told.result->status, RunStatus::kFinished);
    QCOMPARE(told.steps_at_end, 4000);
    QVERIFY(told.steps == one_to(4000));
    QVERIFY(!session.is_active());
    QVERIFY((told.states == std::vector{RunState::kLoading, RunState::kRunning, RunState::kFinished}));
  }

  void dropsEventsOfAnotherRun() {
    RunSession session(scripted({.steps = 50, .writes_store = false, .tells_stale = true}));
    Told told(session);
    session.start({}, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    QVERIFY(told.steps == one_to(50));
    QCOMPARE(told.started->total_steps, 50);
    QVERIFY(std::find(told.states.begin(), told.states.end(), RunState::kFailed) == told.states.end());
  }

  void numbersEveryRunAnew() {
    RunSession session(scripted({.steps = 3, .writes_store = false}));
    Told told(session);
    session.start({}, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    const RunId first = session.run_id();
    told.result.reset();
    session.start({}, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    QVERIFY(session.run_id() != first);
    QCOMPARE(told.steps.size(), std::size_t{6});
  }

  void pausesDoesSingleStepsAndGoesOn() {
    RunSession session(scripted({.steps = 100000, .step_time = std::chrono::milliseconds(1)}));
    Told told(session);
    session.start({}, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(!told.steps.empty(), 30000);
    session.pause();
    QTRY_VERIFY_WITH_TIMEOUT(!told.states.empty() && told.states.back() == RunState::kPaused, 30000);
    const std::size_t before = told.steps.size();
    QTest::qWait(300);
    QCOMPARE(told.steps.size(), before);
    session.single_step();
    QTRY_COMPARE_WITH_TIMEOUT(told.steps.size(), before + 1, 30000);
    QTest::qWait(300);
    QCOMPARE(told.steps.size(), before + 1);
    session.resume();
    QTRY_VERIFY_WITH_TIMEOUT(told.steps.size() > before + 3, 30000);
    session.stop();
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    QCOMPARE(told.result->status, RunStatus::kStopped);
    QVERIFY(told.steps == one_to(static_cast<std::int64_t>(told.steps.size())));
    QCOMPARE(told.saved.back().step, told.steps.back());
  }

  void stopsAPausedRun() {
    RunSession session(scripted({.steps = 100000, .step_time = std::chrono::milliseconds(1), .writes_store = false}));
    Told told(session);
    session.start({}, out_dir());
    session.pause();
    QTRY_VERIFY_WITH_TIMEOUT(!told.states.empty() && told.states.back() == RunState::kPaused, 30000);
    session.stop();
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    QCOMPARE(told.result->status, RunStatus::kStopped);
  }

  void goesOnFromAFolder() {
    RunSession session(scripted({.steps = 400, .step_time = std::chrono::milliseconds(5)}));
    Told told(session);
    RunConfig config;
    config.model_name_or_path = "/no/model";
    config.dataset.path = "/no/data";
    session.start(config, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(told.steps.size() > 2, 30000);
    session.stop();
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    const std::int64_t last = told.result->last_step;
    told.result.reset();
    told.steps.clear();
    session.resume_folder(out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(!told.steps.empty(), 30000);
    QCOMPARE(told.steps.front(), last + 1);
    QCOMPARE(told.started->first_step, last + 1);
    session.stop();
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
  }

  void asksForParityAndCheckpoints() {
    RunSession session(scripted({.steps = 100000, .step_time = std::chrono::milliseconds(1), .writes_store = false}));
    Told told(session);
    session.start({}, out_dir());
    session.request_parity();
    session.request_save();
    QTRY_COMPARE_WITH_TIMEOUT(told.parity.size(), std::size_t{1}, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(told.saved.size(), std::size_t{1}, 30000);
    session.stop();
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
  }

  void tellsWhyARunFailed() {
    RunSession session(scripted({.steps = 20, .fail_at = 7, .failure = "loss: got NaN", .writes_store = false}));
    Told told(session);
    session.start({}, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    QCOMPARE(told.result->status, RunStatus::kFailed);
    QCOMPARE(told.result->message, std::string("[trainer] loss: got NaN"));
    QVERIFY(told.steps == one_to(6));
  }

  void stopsItsRunWhenItIsDestroyed() {
    bool ended = false;
    {
      RunSession session([&ended, train = scripted({.steps = 1'000'000'000, .writes_store = false})](
                             const RunConfig& config, const RunOptions& options, EventSink& events, RunControl& control,
                             std::stop_token stop) {
        RunResult result = train(config, options, events, control, stop);
        ended = result.status == RunStatus::kStopped;
        return result;
      });
      session.start({}, out_dir());
      QTest::qWait(50);
    }
    QVERIFY(ended);
  }

#ifdef __linux__
  // Where every core trains, the window goes first: also before threads that the engine starts.
  void yieldsToTheWindow() {
    const auto niceness = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); };
    const int before = niceness();
    if (before >= 10) QSKIP("the test itself runs with the lowest priority");
    int worker = before;
    int helper = before;
    RunSession session([&](const RunConfig&, const RunOptions&, EventSink&, RunControl&, const std::stop_token&) {
      worker = niceness();
      std::thread([&] { helper = niceness(); }).join();
      return RunResult();
    });
    Told told(session);
    session.start({}, out_dir());
    QTRY_VERIFY_WITH_TIMEOUT(told.result, 30000);
    QVERIFY2(worker > before, qPrintable(QString::number(worker)));
    QCOMPARE(helper, worker);
    QCOMPARE(niceness(), before);
  }
#endif

 private:
  QString out_dir() const {
    return folder_->filePath(QStringLiteral("run"));
  }
  std::optional<QTemporaryDir> folder_;
};

QTEST_GUILESS_MAIN(RunSessionTest)
#include "run_session_test.moc"
