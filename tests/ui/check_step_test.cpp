// Set up, step 5: the session with a scripted check, the page with the real one on the bundled model.
#include "ui/pages/setup/check_step.h"

#include <QAbstractButton>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QProgressBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <memory>
#include <optional>

#include "ui/pages/setup/check_words.h"
#include "ui/session/data_session.h"
#include "ui/style/paint.h"
#include "vernier/demo.h"
#include "vernier/error.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kPatience = 60000;

RunConfig named_config() {
  RunConfig config;
  config.model_name_or_path = "model";
  config.dataset.path = "rows.jsonl";
  return config;
}

// Finds what it is told to find; waits where it is told to.
struct ScriptedCheck {
  std::uint64_t memory = 1'000'000;
  std::vector<PreflightCheck> files = {
      {"data", CheckStatus::kPass, "24 rows.", "", "", CheckGroup::kData},
      {"learning_rate", CheckStatus::kWarn, "too high.", "Lower it.", R"({"learning_rate":0.001})", CheckGroup::kPlan}};
  std::vector<PreflightCheck> weights = {{"first_loss", CheckStatus::kPass, "3.1 nats.", "", "", CheckGroup::kWeights}};
  std::atomic<bool> waits_before_weights = false;
  std::atomic<int> first_stages = 0, second_stages = 0;

  PreflightReport operator()(const PreflightOptions& options,
                             const std::function<void(const std::string& stage, double fraction)>& progress,
                             std::stop_token stop, const std::function<void(const PreflightCheck&)>& checked) {
    ++(options.use_weights ? second_stages : first_stages);
    PreflightReport report;
    const auto add = [&](const PreflightCheck& check) {
      report.checks.push_back(check);
      checked(check);
    };
    for (const PreflightCheck& check : files) add(check);
    report.predicted_peak_memory_bytes = memory;
    if (options.measure_step) report.predicted_step_ms = 250.0;
    if (!options.use_weights) return report;
    progress("Loading weights", 0.5);
    while (waits_before_weights) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, "check", "cancelled before it was done.");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (const PreflightCheck& check : weights) add(check);
    report.first_loss = 3.1;
    report.blind_guess = 7.3;
    return report;
  }
};

void add_line(const std::string& path) {
  QFile file(QString::fromStdString(path));
  QVERIFY(file.open(QIODevice::Append));
  QCOMPARE(file.write("{}\n"), 3);
}

QStringList ids(const CheckSession& session) {
  QStringList out;
  for (const CheckSession::ShownCheck& shown : session.checks()) {
    out << QString::fromStdString(shown.check.id) + (shown.is_stale ? QStringLiteral(" old") : QString());
  }
  return out;
}

}  // namespace

class CheckStepTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("check_step_test"));
  }

  void init() {
    folder_.emplace();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->filePath(QStringLiteral("config")));
  }

  void cleanup() {
    step_.reset();
    actions_.reset();
    workbench_.reset();
  }

  void keepsWhatAnEditDoesNotTouch() {
    ScriptedCheck script;
    RunDraft draft;
    CheckSession session(draft, std::ref(script), {});
    QVERIFY(!session.can_check());
    session.refresh();
    QVERIFY(!session.is_busy());
    draft.reset(named_config());
    session.refresh();
    QVERIFY(session.is_busy());
    QTRY_VERIFY_WITH_TIMEOUT(!session.is_busy() && session.are_weights_fresh(), kPatience);
    QCOMPARE(ids(session), (QStringList{"data", "learning_rate", "first_loss"}));
    QCOMPARE(session.figures().first_loss, std::optional(3.1));
    QCOMPARE(script.second_stages, 1);

    draft.edit(QStringLiteral("rate"), [](RunConfig& config) { config.learning_rate = 0.001; });
    QCOMPARE(ids(session), (QStringList{"data old", "learning_rate old", "first_loss"}));
    script.files.pop_back();
    session.refresh();
    QTRY_VERIFY_WITH_TIMEOUT(session.is_fresh() && !session.is_busy(), kPatience);
    QCOMPARE(ids(session), (QStringList{"data", "first_loss"}));
    QCOMPARE(session.figures().first_loss, std::optional(3.1));  // nothing that it depends on has changed
    QCOMPARE(session.figures().predicted_step_ms, std::optional(250.0));
    QCOMPARE(script.second_stages, 1);

    draft.edit(QStringLiteral("rank"), [](RunConfig& config) { config.lora.r = 5; });
    QCOMPARE(ids(session), (QStringList{"data old", "first_loss old"}));
    session.refresh();
    QTRY_VERIFY_WITH_TIMEOUT(session.are_weights_fresh() && !session.is_busy(), kPatience);
    QCOMPARE(script.second_stages, 2);
    session.refresh();
    QVERIFY(!session.is_busy());  // everything is as it should be
    session.check_again();
    QTRY_VERIFY_WITH_TIMEOUT(session.are_weights_fresh() && !session.is_busy(), kPatience);
    QCOMPARE(script.second_stages, 3);
    draft.reset({});
    QVERIFY(ids(session).isEmpty());
  }

  void waitsToBeAskedForLargeModels() {
    ScriptedCheck script;
    script.memory = 40'000'000'000;
    RunDraft draft;
    CheckSession session(draft, std::ref(script), {});
    draft.reset(named_config());
    session.refresh();
    QTRY_VERIFY_WITH_TIMEOUT(!session.is_busy() && session.is_fresh(), kPatience);
    QVERIFY(session.waits_for_weights());
    QCOMPARE(script.second_stages, 0);
    script.waits_before_weights = true;
    session.refresh(true);
    QTRY_COMPARE_WITH_TIMEOUT(session.stage(), QStringLiteral("Loading weights"), kPatience);
    QCOMPARE(session.fraction(), 0.5);
    session.cancel();
    QVERIFY(!session.is_busy());
    QVERIFY(!session.problem().isEmpty());
    QCOMPARE(ids(session), (QStringList{"data", "learning_rate"}));
    script.waits_before_weights = false;
    session.refresh(true);
    QTRY_VERIFY_WITH_TIMEOUT(session.are_weights_fresh() && !session.is_busy(), kPatience);
    QCOMPARE(ids(session), (QStringList{"data", "learning_rate", "first_loss"}));
    QVERIFY(session.problem().isEmpty());

    // Weights are not loaded for a run that would fail.
    script.files.front().status = CheckStatus::kFail;
    session.check_again();
    QTRY_VERIFY_WITH_TIMEOUT(!session.is_busy() && session.is_fresh(), kPatience);
    QVERIFY(!session.waits_for_weights());
    QCOMPARE(ids(session), (QStringList{"data", "learning_rate", "first_loss old"}));
  }

  void anEditEndsACheckThatRuns() {
    ScriptedCheck script;
    script.waits_before_weights = true;
    RunDraft draft;
    CheckSession session(draft, std::ref(script), {});
    draft.reset(named_config());
    session.refresh();
    QTRY_COMPARE_WITH_TIMEOUT(script.second_stages.load(), 1, kPatience);
    draft.edit(QStringLiteral("rank"), [](RunConfig& config) { config.lora.r = 5; });
    QVERIFY(!session.is_busy());
    QVERIFY(session.needs_refresh());
    script.waits_before_weights = false;
    session.refresh();
    QTRY_VERIFY_WITH_TIMEOUT(session.are_weights_fresh() && !session.is_busy(), kPatience);
    QCOMPARE(ids(session), (QStringList{"data", "learning_rate", "first_loss"}));
  }

  void aChangedFileMakesTheCheckOutdated() {
    const auto path = [&](const char* name) { return folder_->filePath(QLatin1String(name)).toStdString(); };
    QVERIFY(QDir(folder_->path()).mkdir(QStringLiteral("model")));
    for (const char* name : {"model/config.json", "rows.jsonl", "held.jsonl"}) add_line(path(name));
    RunConfig config = named_config();
    config.model_name_or_path = path("model");
    config.dataset.path = path("rows.jsonl");
    config.eval_dataset = DatasetOptions{path("held.jsonl"), "auto", {}};
    ScriptedCheck script;
    RunDraft draft;
    CheckSession session(draft, std::ref(script), {});
    draft.reset(config);
    QVERIFY(!session.look_at_files());  // nothing is checked yet
    session.refresh();
    int checked = 0;
    for (const char* name : {"model/config.json", "rows.jsonl", "held.jsonl"}) {
      QTRY_VERIFY_WITH_TIMEOUT(session.are_weights_fresh() && !session.is_busy(), kPatience);
      QCOMPARE(script.second_stages, ++checked);
      QVERIFY(!session.look_at_files());
      QCOMPARE(ids(session), (QStringList{"data", "learning_rate", "first_loss"}));
      add_line(path(name));
      QVERIFY2(!session.is_fresh(), name);
      QVERIFY(session.look_at_files());
      QVERIFY(!session.look_at_files());  // told once
      QCOMPARE(ids(session), (QStringList{"data old", "learning_rate old", "first_loss old"}));
      QVERIFY(session.needs_refresh());
      session.refresh();
    }
    QTRY_VERIFY_WITH_TIMEOUT(session.are_weights_fresh() && !session.is_busy(), kPatience);
    QVERIFY(QFile::remove(QString::fromStdString(path("rows.jsonl"))));
    QVERIFY(session.look_at_files());
    QVERIFY(!session.is_fresh());

    // One that changes while it is checked is not what was checked.
    script.waits_before_weights = true;
    session.refresh();
    const int waiting = script.second_stages + 1;
    QTRY_COMPARE_WITH_TIMEOUT(script.second_stages.load(), waiting, kPatience);
    add_line(path("rows.jsonl"));
    script.waits_before_weights = false;
    QTRY_VERIFY_WITH_TIMEOUT(!session.is_busy(), kPatience);
    QVERIFY(!session.is_fresh() && !session.are_weights_fresh());
    QCOMPARE(ids(session), (QStringList{"data old", "learning_rate old", "first_loss old"}));
    session.refresh();
    QVERIFY(session.is_busy());
    add_line(path("rows.jsonl"));
    QVERIFY(session.look_at_files());
    QVERIFY(!session.is_busy());
    QVERIFY(session.needs_refresh());
  }

  void isOutdatedOnceTheDataAreReadAnew() {
    RunConfig config = load_demo().config;
    const QString rows = folder_->filePath(QStringLiteral("rows.jsonl"));
    QVERIFY(QFile::copy(QString::fromStdString(config.dataset.path), rows));
    QVERIFY(QFile::setPermissions(rows, QFile::ReadOwner | QFile::WriteOwner));
    config.dataset.path = rows.toStdString();
    open(config);
    wait();
    QTRY_COMPARE_WITH_TIMEOUT(DataSession::of(*workbench_).sample_stage(), Stage::kReady, kPatience);
    const std::int64_t before = step_->session().figures().rows;
    const QString in_order = step_->summary();
    step_->hide();
    QFile file(rows);
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray first = file.readLine();
    QVERIFY(file.seek(file.size()));
    QCOMPARE(file.write(first), first.size());
    file.close();
    QSignalSpy told(step_.get(), &SetupStep::stateChanged);
    QTRY_VERIFY_WITH_TIMEOUT(told.size() > 0, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(step_->state(), SetupStep::State::kEmpty, kPatience);
    QVERIFY2(step_->summary() != in_order, qPrintable(step_->summary()));
    QVERIFY(!step_->session().is_busy());  // nobody looks at it
    step_->show();
    wait();
    QCOMPARE(step_->session().figures().rows, before + 1);
    QVERIFY(step_->state() != SetupStep::State::kEmpty);
  }

  void knowsEveryCheckByName() {
    // A check without words shows its id: none of the engine's should.
    open(load_demo().config);
    wait();
    for (const CheckSession::ShownCheck& shown : step_->session().checks()) {
      QVERIFY2(title_of(shown.check) != QString::fromStdString(shown.check.id), shown.check.id.c_str());
      QVERIFY2(meaning_of(shown.check).endsWith(QLatin1Char('.')), shown.check.id.c_str());
    }
    const auto finding = [](const char* message) {
      return finding_of({"data", CheckStatus::kPass, message, "", "", CheckGroup::kData});
    };
    QCOMPARE(finding("12345 of 9876 tokens, 0.00012345 each, in /tmp/12345."),
             QStringLiteral("%1 of %2 tokens, 0.00012345 each, in /tmp/12345.").arg(grouped(12345), grouped(9876)));
    QCOMPARE(finding("learning_rate 0.5 is high."), QStringLiteral("learning_rate 0.5 is high."));
    QCOMPARE(finding("made for 4096."), QStringLiteral("Made for %1.").arg(grouped(4096)));
    QCOMPARE(changes_of(named_config(), R"({"lora":{"r":8},"eval_dataset":null,"max_length":512})"),
             (QStringList{"lora.r: 16 to 8", "max_length: 1024 to 512"}));
  }

  void saysWhatIsMissing() {
    open({});
    QVERIFY(child<QWidget>("checkEmpty")->isVisible());
    QCOMPARE(step_->state(), SetupStep::State::kEmpty);
    QVERIFY(!step_->session().is_busy());
  }

  void passesTheDemo() {
    open(load_demo().config);
    QVERIFY(step_->session().is_busy());
    QVERIFY(child<QWidget>("checkCancel")->isVisible());
    // Nothing is warned of before it is found.
    QCOMPARE(step_->state(), SetupStep::State::kEmpty);
    QTRY_VERIFY_WITH_TIMEOUT(step_->session().is_fresh(), kPatience);
    if (step_->session().is_busy()) QCOMPARE(step_->state(), SetupStep::State::kEmpty);
    wait();
    QVERIFY2(step_->failures().isEmpty(), qPrintable(step_->failures().join(QLatin1Char('\n'))));
    QVERIFY(step_->state() == SetupStep::State::kGood || step_->state() == SetupStep::State::kWarning);
    QVERIFY(!child<QWidget>("checkCancel")->isVisible());
    QVERIFY(!child<QWidget>("checkProgress")->isVisible());
    QVERIFY(child<QLabel>("checkLossYardstick")->text().contains(QLatin1String("7.34")));  // ln 1536
    QVERIFY(child<QLabel>("checkMemory")->text().contains(QLatin1String("MB")));
    for (const char* id : {"data", "labels", "longest_batch", "gradient", "first_loss", "parity", "base_loss"}) {
      const auto* row = step_->findChild<CheckRow*>(QStringLiteral("check_%1").arg(QLatin1String(id)));
      QVERIFY2(row != nullptr && row->isVisible(), id);
      QVERIFY2(row->accessibleName().endsWith(QLatin1String("Pass")), id);
    }
    for (const QWidget* control : step_->findChildren<QWidget*>()) {
      if (!qobject_cast<const QAbstractButton*>(control) && !qobject_cast<const QProgressBar*>(control)) continue;
      if (control->isHidden()) continue;
      QVERIFY(!control->objectName().isEmpty());
      QVERIFY2(!control->accessibleName().isEmpty(), qPrintable(control->objectName()));
      QVERIFY2(!control->toolTip().isEmpty(), qPrintable(control->objectName()));
    }
  }

  void fixesAndUndoes() {
    RunConfig config = load_demo().config;
    config.max_length = 4;  // no answer is left
    open(config);
    wait();
    QCOMPARE(step_->state(), SetupStep::State::kBad);
    QVERIFY(step_->summary().contains(QLatin1String("Data")));
    QCOMPARE(step_->failures().size(), 1);
    auto* fix = child<QPushButton>("fix_data");
    QVERIFY(fix->isVisible());
    QTest::mouseClick(fix, Qt::LeftButton);
    QCOMPARE(workbench_->draft().config().max_length, 128);
    QVERIFY(workbench_->draft().undo_stack().canUndo());
    QVERIFY(child<MessageBar>("checkMessage")->text().contains(QLatin1String("max_length: 4 to 128")));
    wait();  // by itself, as it is shown
    QVERIFY2(step_->failures().isEmpty(), qPrintable(step_->failures().join(QLatin1Char('\n'))));
    QVERIFY(step_->findChild<CheckRow*>(QStringLiteral("check_parity")) != nullptr);
    QVERIFY2(step_->parity_found().contains(QLatin1String("tokens")), qPrintable(step_->parity_found()));

    QTest::mouseClick(child<QWidget>("checkMessage")->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(workbench_->draft().config().max_length, 4);
    wait();
    QCOMPARE(step_->state(), SetupStep::State::kBad);
    workbench_->draft().undo_stack().redo();
    QCOMPARE(workbench_->draft().config().max_length, 128);
  }

  void worksByKeyboardAndInSmallWindows() {
    RunConfig config = load_demo().config;
    config.learning_rate = 0.5;
    open(config);
    // Of what is in the window before the checks come.
    auto* behind = new QPushButton(QStringLiteral("behind"), step_.get());
    behind->show();
    step_->resize(700, 500);
    wait();
    QCOMPARE(step_->state(), SetupStep::State::kWarning);
    QVERIFY(step_->summary().contains(QLatin1String("Learning rate")));
    step_->take_focus();
    QCOMPARE(QApplication::focusWidget(), child<QWidget>("checkAgain"));
    auto* fix = child<QPushButton>("fix_learning_rate");
    for (int i = 0; i < 10 && QApplication::focusWidget() != fix; ++i) {
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
      QVERIFY(QApplication::focusWidget() != behind);
    }
    QCOMPARE(QApplication::focusWidget(), fix);
    QVERIFY(fix->visibleRegion().boundingRect().width() == fix->width());
    QTest::keyClick(fix, Qt::Key_Space);
    QVERIFY(workbench_->draft().config().learning_rate < 0.01);
    // The weights were tried with another rate: that is as good.
    QVERIFY(step_->session().are_weights_fresh());
    wait();
    QVERIFY(step_->state() == SetupStep::State::kGood || !step_->summary().contains(QLatin1String("Learning rate")));
  }

 private:
  void open(const RunConfig& config) {
    workbench_ = std::make_unique<Workbench>(EngineAccess{}, folder_->filePath(QStringLiteral("runs")));
    workbench_->draft().reset(config);
    actions_ = std::make_unique<Actions>(*workbench_);
    step_ = std::make_unique<CheckStep>(*workbench_, *actions_);
    step_->resize(1000, 700);
    step_->show();
    QVERIFY(QTest::qWaitForWindowExposed(step_.get()));
    step_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(step_.get()));
  }
  void wait() {
    QTRY_VERIFY_WITH_TIMEOUT(
        !step_->session().is_busy() && step_->session().is_fresh() && !step_->session().waits_for_weights(), kPatience);
  }
  template <typename T>
  T* child(const char* name) {
    T* found = step_->findChild<T*>(QLatin1String(name));
    if (found == nullptr) qFatal("there is no %s", name);
    return found;
  }

  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<CheckStep> step_;
};

QTEST_MAIN(CheckStepTest)
#include "check_step_test.moc"
