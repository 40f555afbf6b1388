// Runs in the window, in front of a scripted engine: started, steered, followed, opened again.
#include <QLabel>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTest>

#include "tests/ui/window_fixture.h"
#include "ui/plots/loss_plot.h"
#include "ui/plots/token_map.h"
#include "ui/style/paint.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

class WindowRunsTest : public WindowFixture {
  Q_OBJECT

 private Q_SLOTS:
  void runsTheDemoFromStartToAnswers() {
    open({.steps = 30, .parity_every = 10, .capture_every = 5, .eval_every = 10});
    start_demo();
    QCOMPARE(workbench().run().activity(), Activity::kFinished);
    QCOMPARE(workbench().run().series().size(), std::size_t{30});
    QCOMPARE(workbench().run().evals().size(), std::size_t{3});
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().captures().size(), std::size_t{6}, kPatience);
    AnswersModel& answers = workbench().demo().answers();
    QTRY_VERIFY_WITH_TIMEOUT(answers.has_after(), kPatience);
    QVERIFY(answers.has_before());
    QCOMPARE(answers.hits(), 1);
    QCOMPARE(child<QTabWidget>("runTabs")->currentIndex(), 1);  // the answers, now that they are there
    QCOMPARE(child<QLabel>("figureEvalLossCaption")->text(), QStringLiteral("Held-out loss, step 30"));
    QTRY_COMPARE_WITH_TIMEOUT(child<SequenceTable>("runSequences")->model()->rowCount(), 4, kPatience);
  }

  void selectsEverywhere() {
    open({.steps = 20, .capture_every = 5});
    start_demo();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().captures().size(), std::size_t{4}, kPatience);
    workbench().selection().selectSequence(10, 0);
    workbench().selection().selectPosition(3);
    for (const char* name : {"runRibbon", "inspectRibbon"}) {
      QTRY_COMPARE_WITH_TIMEOUT(child<TokenRibbon>(name)->selectedPosition(), 3, kPatience);
    }
    QCOMPARE(child<QSpinBox>("inspectStep")->value(), 10);
    // The column that predicts the token stands one before it.
    QTRY_COMPARE_WITH_TIMEOUT(child<TokenMap>("logitHeatMap")->selectedPosition(), 2, kPatience);
    // And back: choosing on one page moves the other.
    child<QSpinBox>("inspectStep")->setValue(11);
    QCOMPARE(workbench().selection().step(), 11);
    QCOMPARE(child<LossPlot>("lossPlot")->selectedStep(), 11);
    QVERIFY(!workbench().selection().follows_newest());
  }

  void opensInspectOnCapturedLogits() {
    open({.steps = 23, .capture_every = 5});
    start_demo();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().captures().size(), std::size_t{4}, kPatience);
    QSignalSpy opened(&workbench().run(), &RunModel::wasReset);
    workbench().open_run(workbench().run().run_dir());
    QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().selection().step(), 23, kPatience);
    window_->show_page(PageId::kInspect);
    // Sequence 0 of step 20 was captured; the worst of that step is sequence 3.
    QTRY_COMPARE_WITH_TIMEOUT(workbench().selection().step(), 20, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().selection().sequence(), 0, kPatience);
    auto* map = child<TokenMap>("logitHeatMap");
    QTRY_VERIFY_WITH_TIMEOUT(map->selectedPosition() >= 0, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(child<TokenRibbon>("inspectRibbon")->selectedPosition(), map->selectedPosition() + 1,
                              kPatience);
    // The Run page goes on with the newest; what the user picks stays picked.
    window_->show_page(PageId::kRun);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().selection().step(), 23, kPatience);
    workbench().selection().selectSequence(10, 2);
    window_->show_page(PageId::kInspect);
    QTest::qWait(100);
    QCOMPARE(workbench().selection().step(), 10);
    QCOMPARE(workbench().selection().sequence(), 2);
    // A step alone: its captured sequence.
    window_->show_page(PageId::kRun);
    workbench().selection().selectStep(5);
    QTRY_VERIFY_WITH_TIMEOUT(workbench().selection().sequence() > 0, kPatience);
    window_->show_page(PageId::kInspect);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().selection().sequence(), 0, kPatience);
  }

  void saysWhatAFinishedRunTook() {
    open({.steps = 30});
    start_demo();
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("figureLeftCaption")->text(), QStringLiteral("Took"), kPatience);
    QCOMPARE(child<QLabel>("figureLeft")->text(), QStringLiteral("1 s"));  // 30 steps of 20 ms
    // Over all of them, and not what the last one happened to say of itself.
    QCOMPARE(child<QLabel>("figureSpeed")->text(), grouped(kScriptSequences * kScriptTokens * 50));
    const QString run_dir = workbench().run().run_dir();
    cleanup();
    open({});
    workbench().open_run(run_dir);
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("figureLeft")->text(), QStringLiteral("1 s"), kPatience);
  }

  void followsARunOfAnotherProcess() {
    open({.steps = 1'000'000, .step_time = std::chrono::milliseconds(5), .parity_every = 10, .capture_every = 20});
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().captures().size() > 0, kPatience);
    Workbench watching(scripted_engine({}), folder_->filePath(QStringLiteral("runs")));
    MainWindow second(watching);
    second.show();
    watching.open_run(workbench().run().run_dir());
    QTRY_COMPARE_WITH_TIMEOUT(watching.run().activity(), Activity::kRunning, kPatience);
    const std::size_t steps = watching.run().series().size();
    const std::size_t checks = watching.run().parity().size();
    QTRY_VERIFY_WITH_TIMEOUT(watching.run().series().size() > steps + 20, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(watching.run().parity().size() > checks, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(watching.selection().step() > static_cast<qint64>(steps), kPatience);
    QVERIFY(second.findChild<QLabel*>(QStringLiteral("runNote"))->text().contains(QLatin1String("Another process")));
    QVERIFY(!second.actions().stop->isEnabled() && !second.actions().resume->isEnabled());
    window_->actions().stop->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(watching.run().activity(), Activity::kStopped, kPatience);
    const std::vector<SeriesPoint>& series = watching.run().series();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().series().size(), series.size(), kPatience);
    for (std::size_t i = 0; i < series.size(); ++i) QCOMPARE(series[i].step, static_cast<std::int64_t>(i) + 1);
    second.close();
  }

  void showsAnswersOfTheDemoOnly() {
    open({.steps = 4});
    RunConfig config;
    config.model_name_or_path = "/no/model";
    config.dataset.path = "/no/other.jsonl";
    workbench().make_ready(config, folder_->filePath(QStringLiteral("runs/other")));
    window_->show_page(PageId::kRun);
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(shown("lossPlot") && !workbench().session().is_active(), kPatience);
    QVERIFY(shown("runSequences"));
    QVERIFY(!shown("answersTable"));
    start_demo();
    QTRY_VERIFY_WITH_TIMEOUT(shown("answersTable"), kPatience);
    workbench().open_run(folder_->filePath(QStringLiteral("runs/other")));
    QTRY_VERIFY_WITH_TIMEOUT(shown("runSequences"), kPatience);
    QVERIFY(!shown("answersTable"));
  }

  void goesOnWithARunThatAnotherProcessWentOnWith() {
    open({.steps = 1'000'000, .step_time = std::chrono::milliseconds(2), .eval_every = 10});
    make_demo_ready();
    const auto go_on_for = [this](QAction* action) {
      const std::size_t before = workbench().run().series().size();
      action->trigger();
      QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > before + 20, kPatience);
    };
    const auto stop = [this] {
      window_->actions().stop->trigger();
      QTRY_VERIFY_WITH_TIMEOUT(window_->actions().resume->isEnabled(), kPatience);
    };
    go_on_for(window_->actions().start);
    stop();
    Workbench other(scripted_engine({.steps = 1'000'000, .step_time = std::chrono::milliseconds(2)}),
                    folder_->filePath(QStringLiteral("runs")));
    MainWindow second(other);
    second.show();
    other.open_run(workbench().run().run_dir());
    QTRY_COMPARE_WITH_TIMEOUT(other.run().activity(), Activity::kStopped, kPatience);
    go_on_for(window_->actions().resume);
    // Refused while the first trains it: the second says why, and follows.
    second.actions().resume->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(other.run().activity(), Activity::kRunning, kPatience);
    QVERIFY(!other.session().is_active());
    QVERIFY(second.findChild<MessageBar*>(QStringLiteral("messageBar"))->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(other.run().series().size() > 30, kPatience);
    stop();
    QTRY_COMPARE_WITH_TIMEOUT(other.run().activity(), Activity::kStopped, kPatience);
    go_on_for(window_->actions().resume);
    stop();
    // What the first did meanwhile is shown as soon as the second goes on from there.
    const std::size_t done = workbench().run().series().size();
    QVERIFY(other.run().series().size() < done);
    second.actions().resume->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(other.run().series().size() > done + 5, kPatience);
    const std::vector<SeriesPoint>& series = other.run().series();
    for (std::size_t i = 0; i < series.size(); ++i) QCOMPARE(series[i].step, static_cast<std::int64_t>(i) + 1);
    second.actions().stop->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!other.session().is_active(), kPatience);
    second.close();
  }

  void opensAFinishedRun() {
    open({.steps = 12, .parity_every = 4});
    start_demo();
    const QString run_dir = workbench().run().run_dir();
    cleanup();
    open({});
    QTRY_VERIFY_WITH_TIMEOUT(shown("recentRuns"), kPatience);
    workbench().open_run(run_dir);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().series().size(), std::size_t{12}, kPatience);
    QCOMPARE(workbench().run().activity(), Activity::kFinished);
    QCOMPARE(workbench().run().parity().size(), std::size_t{3});
    QTRY_COMPARE_WITH_TIMEOUT(workbench().selection().step(), 12, kPatience);
    QVERIFY(!window_->actions().resume->isEnabled());
    // No step is left that could return logits, and the window says so.
    QVERIFY(!child<QWidget>("logitsSwitch")->isEnabled());
    QVERIFY(!child<QWidget>("logitsEnded")->isHidden());
    QTRY_VERIFY_WITH_TIMEOUT(
        child<QLabel>("stepNote")->text().startsWith(QLatin1String("Step 12: 4 sequences, worst first. Loss ")),
        kPatience);
  }

  void resumesWithTheSwitchAsItStands() {
    open({.steps = 100000, .step_time = std::chrono::milliseconds(1)});
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > 3, kPatience);
    window_->actions().stop->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kStopped, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(window_->actions().resume->isEnabled(), kPatience);
    QVERIFY(child<QWidget>("logitsSwitch")->isEnabled());
    QVERIFY(workbench().run().captures().empty());
    ReturnLogits wanted;
    wanted.every = 200;
    workbench().set_return_logits(wanted);
    window_->actions().resume->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().run().captures().empty(), kPatience);
  }

  void showsTheSentenceOfAFailedRun() {
    open({.steps = 20, .fail_at = 7, .failure = "loss: got NaN at step 7, sequence 2, expected a number."});
    start_demo();
    QCOMPARE(workbench().run().activity(), Activity::kFailed);
    QCOMPARE(message(), QStringLiteral("[trainer] loss: got NaN at step 7, sequence 2, expected a number."));
    // It stands with the run as well, for those who dismiss the message.
    QVERIFY(child<QLabel>("runNote")->text().contains(message()));
  }

  void steersByItsActions() {
    open({.steps = 100000, .step_time = std::chrono::milliseconds(1)});
    make_demo_ready();
    Actions& actions = window_->actions();
    QVERIFY(actions.start->isEnabled());
    QVERIFY(!actions.pause->isEnabled());
    QVERIFY(!actions.stop->isEnabled());
    actions.start->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kRunning, kPatience);
    QVERIFY(!actions.start->isEnabled());
    QVERIFY(!actions.open_run->isEnabled());
    actions.pause->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kPaused, kPatience);
    const std::size_t steps = workbench().run().series().size();
    actions.single_step->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().series().size(), steps + 1, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(actions.resume->isEnabled(), kPatience);
    actions.resume->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > steps + 5, kPatience);
    actions.stop->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kStopped, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(shown("messageBar"), kPatience);
    // Stopped is saved: it can go on from there.
    const std::size_t stopped = workbench().run().series().size();
    QTRY_VERIFY_WITH_TIMEOUT(actions.resume->isEnabled(), kPatience);
    actions.resume->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > stopped + 5, kPatience);
    QVERIFY(!shown("messageBar"));  // it spoke of having stopped
    const std::vector<SeriesPoint>& series = workbench().run().series();
    for (std::size_t i = 0; i < series.size(); ++i) QCOMPARE(series[i].step, static_cast<std::int64_t>(i) + 1);
  }

  void closesAfterSavingARunThatGoesOn() {
    open({.steps = 1'000'000,
          .step_time = std::chrono::milliseconds(1),
          .time_to_save = std::chrono::milliseconds(300)});
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kRunning, kPatience);
    window_->close();
    QVERIFY(window_->isVisible());  // it says what it waits for
    QVERIFY(message().startsWith(QLatin1String("Saving")));
    QTRY_VERIFY_WITH_TIMEOUT(!window_->isVisible(), kPatience);
    QVERIFY(!workbench().session().is_active());
    QVERIFY(workbench().run().info().last_saved_step > 0);
  }
};

QTEST_MAIN(WindowRunsTest)
#include "window_runs_test.moc"
