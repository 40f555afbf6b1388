// The Run page in front of a scripted engine, and of the real one on the bundled model.
#include "ui/pages/run/run_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <cmath>
#include <optional>

#include "engine/io/sqlite.h"
#include "tests/ui/pictures.h"
#include "tests/ui/scripted_engine.h"
#include "ui/models/curve_watch.h"
#include "ui/pages/actions.h"
#include "ui/pages/run/pinned_row_panel.h"
#include "ui/plots/gradient_map.h"
#include "ui/plots/logit_signal_plot.h"
#include "ui/plots/loss_canvas.h"
#include "ui/plots/loss_plot.h"
#include "ui/session/end_notice.h"
#include "ui/session/model_answers.h"
#include "ui/session/run_details.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"
#include "ui/widgets/work_line.h"
#include "vernier/demo.h"
#include "vernier/devices.h"
#include "vernier/run.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

constexpr int kPatience = 60000;

}  // namespace

class RunPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("run_page_test"));
  }

  void init() {
    folder_.emplace();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->filePath(QStringLiteral("config")));
  }

  void cleanup() {
    page_.reset();
    actions_.reset();
    workbench_.reset();
  }

  void chartsAreChosenAndRemembered() {
    open({.steps = 30, .eval_every = 10});
    run_to_end();
    auto& plot = *child<LossPlot>("lossPlot");
    const std::vector<Strip> first = {Strip::kLoss, Strip::kGap, Strip::kLearningRate, Strip::kGradNorm};
    QVERIFY(plot.shownStrips() == first);
    chart("throughput")->trigger();
    chart("evaluation")->trigger();
    chart("learning_rate")->trigger();
    const std::vector<Strip> chosen = {Strip::kLoss, Strip::kGap, Strip::kEvaluation, Strip::kGradNorm,
                                       Strip::kThroughput};
    QVERIFY(plot.shownStrips() == chosen);
    QVERIFY(!chart("loss")->isEnabled());
    child<QSlider>("smoothingSlider")->setValue(6);
    child<QToolButton>("clipOutliersActionButton")->click();
    QVERIFY(plot.outliersClipped());
    cleanup();
    open({});
    QVERIFY(child<LossPlot>("lossPlot")->shownStrips() == chosen);
    QVERIFY(child<LossPlot>("lossPlot")->outliersClipped());
    QCOMPARE(child<QSlider>("smoothingSlider")->value(), 6);
  }

  // A million steps must not hold up the window; how long anything takes is curves_bench's to measure.
  void aLongRunComesAStretchAtATime() {
    constexpr std::int64_t kSteps = 600'000;
    open({});
    RunOverview overview;
    overview.info.run_dir = folder_->filePath(QStringLiteral("long")).toStdString();
    overview.info.state = "finished";
    for (std::int64_t step = 1; step <= kSteps; ++step) {
      overview.series.push_back({.step = step, .loss_per_token = 2.0, .loss_per_sequence = 2.1, .grad_norm = 1.0});
    }
    // Seen by the alarms once all before it were.
    overview.series.back().loss_per_token = std::nan("");
    workbench_->run().show(overview);
    const LossSeries& drawn = static_cast<LossCanvas*>(child<QWidget>("lossCanvas"))->series();
    QVERIFY(!drawn.empty() && drawn.size() < 50'000);
    QVERIFY(page_->is_busy());
    // More of them while the others are still on their way.
    StepEvent event;
    event.step = kSteps + 1;
    event.loss_per_token = event.loss_per_sequence = 2.0;
    workbench_->run().append_steps({event});
    QTRY_VERIFY_WITH_TIMEOUT(!page_->is_busy(), kPatience);
    QCOMPARE(drawn.size(), static_cast<std::size_t>(kSteps + 1));
    for (std::size_t i = 0; i < drawn.size(); ++i) QCOMPARE(drawn.step(i), static_cast<std::int64_t>(i + 1));
    QTRY_VERIFY_WITH_TIMEOUT(shown("alarmBar"), kPatience);
    // Another run begins anew.
    overview.series.resize(3);
    workbench_->run().show(overview);
    QCOMPARE(drawn.size(), std::size_t{3});
  }

  // What is read from a folder is made ready to be drawn where it is read: nothing of it is left to the window's
  // thread.
  void theCurvesOfAFolderStandAtOnce() {
    constexpr std::int64_t kSteps = 45'000;  // more than are added at once
    const QString run_dir = folder_->filePath(QStringLiteral("long"));
    {
      RunConfig config;
      config.model_name_or_path = "/no/model";
      config.dataset.path = "/no/data.jsonl";
      RunStoreWriter writer = RunStoreWriter::create(run_dir.toStdString(), config.to_json().dump());
      for (std::int64_t step = 1; step <= kSteps; ++step) {
        StepEvent event;
        event.step = step;
        event.loss_per_token = 2.0 + std::sin(0.01 * static_cast<double>(step));
        event.loss_per_sequence = step == 777 ? std::nan("") : 2.5;
        event.step_ms = 4.0;
        event.num_tokens = 500;
        event.num_items_in_batch = 400;
        event.grad_norm = 1.0;
        writer.add_step(event, {});
      }
      writer.set_state(RunState::kFinished);
    }
    open({});
    child<QSlider>("smoothingSlider")->setValue(7);
    const LossSeries& drawn = static_cast<LossCanvas*>(child<QWidget>("lossCanvas"))->series();
    std::size_t at_once = 0;
    connect(&workbench().run(), &RunModel::wasReset, page_.get(), [&] { at_once = drawn.size(); });
    workbench().open_run(run_dir);
    QTRY_COMPARE_WITH_TIMEOUT(at_once, static_cast<std::size_t>(kSteps), kPatience);
    QVERIFY(!page_->is_busy());
    QCOMPARE(workbench().run().training_seconds(), 4e-3 * kSteps);
    QCOMPARE(workbench().run().training_speed(), 125'000.0);

    LossSeries expected;
    expected.setWidestSpan(drawn.widestSpan());
    QCOMPARE(expected.widestSpan(), std::size_t{500});
    expected.append(workbench().run().series());
    QCOMPARE(drawn.bad_steps(), expected.bad_steps());
    for (const Curve curve : {Curve::kPerToken, Curve::kPerSequence, Curve::kGap, Curve::kSmoothPerToken}) {
      for (std::size_t i = 0; i < drawn.size(); i += 37) QCOMPARE(drawn.value(curve, i), expected.value(curve, i));
      QCOMPARE(drawn.smooth_line(Curve::kSmoothPerToken, 1, kSteps, 700).values,
               expected.smooth_line(Curve::kSmoothPerToken, 1, kSteps, 700).values);
    }
    // So is what the alarms make of it.
    RunLoader loader;
    std::vector<Alarm> alarms;
    connect(&loader, &RunLoader::opened, page_.get(), [&](const std::shared_ptr<RunOverview>& overview) {
      if (overview->watch) alarms = overview->watch->watch().alarms();
    });
    loader.open(run_dir);
    QTRY_VERIFY_WITH_TIMEOUT(!loader.is_busy(), kPatience);
    QCOMPARE(alarms.size(), std::size_t{1});
    QVERIFY(alarms[0].kind == AlarmKind::kNonFinite);
    QCOMPARE(alarms[0].step, std::int64_t{777});
    // A run that goes on from there grows the same curves.
    StepEvent event;
    event.step = kSteps + 1;
    event.loss_per_token = event.loss_per_sequence = 1.0;
    workbench().run().append_steps({event});
    QCOMPARE(drawn.size(), static_cast<std::size_t>(kSteps + 1));
    QCOMPARE(drawn.value(Curve::kPerToken, kSteps), 1.0);
  }

  void hoveringTellsWhoHoldsTheTokens() {
    open({.steps = 20});
    run_to_end();
    auto* canvas = child<QWidget>("lossCanvas");
    QSignalSpy shares(page_->findChild<RunDetails*>(), &RunDetails::shareRead);
    QTest::mouseMove(canvas, canvas->rect().center());
    QTest::mouseMove(canvas, canvas->rect().center() - QPoint(60, 10));
    QTRY_VERIFY_WITH_TIMEOUT(!shares.isEmpty(), kPatience);
    const auto share = shares.last()[0].value<TokenShare>();
    // Four rows of equal length: two of them hold half.
    QCOMPARE(share.rows, 2);
    QCOMPARE(share.of_rows, 4);
    QCOMPARE(share.share, 0.5);
    // By the keyboard as well: at the crosshair, in the line of the step, and in a screen reader's words.
    auto* plot = child<LossPlot>("lossPlot");
    plot->setFocus();
    QTest::keyClick(plot, Qt::Key_Home);
    QTest::keyClick(plot, Qt::Key_Right);
    QCOMPARE(workbench().selection().step(), 2);
    const QString words = QStringLiteral("of 4 hold 50");
    QTRY_VERIFY_WITH_TIMEOUT(static_cast<LossCanvas*>(canvas)->hoverNote().contains(words), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("stepNote")->text().contains(words), kPatience);
    QVERIFY2(plot->accessibleDescription().contains(words), qPrintable(plot->accessibleDescription()));
  }

  void sharesAreOfLabelledTokens() {
    std::vector<SequenceRecord> rows;
    for (const int targets : {10, 0, 300, 90, 200}) {
      rows.push_back({4, {static_cast<std::int64_t>(rows.size()), 0, 1000, targets, 1.0}});
    }
    const TokenShare share = token_share(4, rows);
    QCOMPARE(share.rows, 1);
    QCOMPARE(share.of_rows, 4);
    QCOMPARE(share.share, 0.5);
    rows[2].loss.num_targets = 299;
    QCOMPARE(token_share(4, rows).rows, 2);
    QCOMPARE(token_share(4, {}).rows, 0);
  }

  void gradientsAndLogitsFollowTheRun() {
    open({.steps = 40});
    run_to_end();
    auto& map = *child<GradientMap>("gradientMap");
    QTRY_COMPARE_WITH_TIMEOUT(map.rowCount(), 4, kPatience);
    tabs()->setCurrentIndex(tab("Gradients"));
    QVERIFY(map.isVisible());
    // Its picture and numbers are had without a right click, and those of a tab without one are not.
    auto* pictures = child<QToolButton>("runPicture");
    QVERIFY(pictures->isEnabled());
    Q_EMIT pictures->menu()->aboutToShow();
    QStringList offered;
    for (const QAction* action : pictures->menu()->actions()) offered << action->text();
    QVERIFY2(offered.contains(QStringLiteral("Save as CS&V\u2026")), qPrintable(offered.join(' ')));
    tabs()->setCurrentIndex(tab("Sequences"));
    QVERIFY(!pictures->isEnabled());
    tabs()->setCurrentIndex(tab("Gradients"));
    QTRY_VERIFY_WITH_TIMEOUT(map.accessibleDescription().contains(QLatin1String("40 columns")), kPatience);
    // Choosing in one chooses everywhere, and the range of the curves is that of the map.
    const auto [low, high] = child<LossPlot>("lossPlot")->stepRange();
    map.grab();
    QCOMPARE(map.stepAt(map.plotRect().left()), low);
    QCOMPARE(map.stepAt(map.plotRect().right()), high);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellRect(17, 2).center().toPoint());
    QCOMPARE(workbench().selection().step(), 17);
    QCOMPARE(child<LossPlot>("lossPlot")->selectedStep(), 17);
    QCOMPARE(child<LogitSignalPlot>("logitSignalPlot")->selectedStep(), 17);
    child<QComboBox>("gradientOrder")->setCurrentIndex(1);
    QCOMPARE(map.order(), GradientMap::Order::kProjection);
    tabs()->setCurrentIndex(tab("Logits"));
    QVERIFY2(child<LogitSignalPlot>("logitSignalPlot")->accessibleDescription().contains(QLatin1String("spread 2")),
             qPrintable(child<LogitSignalPlot>("logitSignalPlot")->accessibleDescription()));
  }

  void runsOfEarlierVersionsSayThatNothingWasRecorded() {
    open({.steps = 10, .writes_signals = false});
    run_to_end();
    const QString run_dir = workbench().run().run_dir();
    Database::open_writer((run_dir + QStringLiteral("/run.db")).toStdString())
        .execute("DROP TABLE signals; DROP TABLE pauses;");
    cleanup();
    open({});
    workbench().open_run(run_dir);
    QTRY_VERIFY_WITH_TIMEOUT(
        child<GradientMap>("gradientMap")->accessibleDescription().contains(QLatin1String("kept no gradient norms")),
        kPatience);
    QVERIFY(
        child<LogitSignalPlot>("logitSignalPlot")->accessibleDescription().contains(QLatin1String("kept no logit")));
    QVERIFY(!shown("alarmBar"));
  }

  void aRowIsPinnedAndSeenThroughTheSteps() {
    open({.steps = 25});
    run_to_end();
    workbench().selection().selectSequence(12, 2);
    auto* pin = child<QToolButton>("pinRowActionButton");
    QTRY_VERIFY_WITH_TIMEOUT(pin->isEnabled(), kPatience);
    QVERIFY(child<QWidget>("pinnedRowEmpty") != nullptr);
    pin->click();
    QCOMPARE(tabs()->currentIndex(), tab("Pinned row"));
    QTRY_VERIFY_WITH_TIMEOUT(shown("pinnedRowNote"), kPatience);
    const QString note = child<QLabel>("pinnedRowNote")->text();
    QVERIFY2(note.startsWith(QLatin1String("Row 2 cost ")) && note.contains(QLatin1String("step 25")),
             qPrintable(note));
    QVERIFY2(note.contains(QLatin1String("25 time")), qPrintable(note));
    QVERIFY(child<QWidget>("rowHistoryPlot")->accessibleDescription().contains(QLatin1String("25 time")));
    const auto scale = [this](const char* name) { return child<TokenRibbon>(name)->scaleMaximum(); };
    QVERIFY(scale("pinnedThen") > 0.0);
    QCOMPARE(scale("pinnedThen"), scale("pinnedNow"));
    QVERIFY(child<TokenRibbon>("pinnedNow")->readout(3).join(QLatin1Char(' ')).contains(QLatin1String("word")));
    child<QToolButton>("unpinRowActionButton")->click();
    QVERIFY(shown("pinnedRowEmpty"));
    // From there as well.
    auto* offered = child<QWidget>("pinnedRowEmpty")->findChild<QPushButton*>(QStringLiteral("emptyStateAction"));
    QVERIFY(offered->isVisible());
    offered->click();
    QTRY_VERIFY_WITH_TIMEOUT(shown("pinnedRowNote"), kPatience);
  }

  void aRunThatIsWellRaisesNoAlarm() {
    open({.steps = 400, .eval_every = 20});
    run_to_end();
    QTRY_VERIFY_WITH_TIMEOUT(child<GradientMap>("gradientMap")->rowCount() == 4, kPatience);
    QTest::qWait(300);
    QVERIFY(!shown("alarmBar"));
  }

  void alarmsLeadToTheirEvidence() {
    open({.steps = 300, .eval_every = 50, .eval_is_stuck = true, .collapses_at = 200, .gradient_dies_at = 150});
    run_to_end();
    for (const char* name : {"alarm_evaluation_stuck", "alarm_argmax_collapsed", "alarm_gradient_vanished"}) {
      QTRY_VERIFY2_WITH_TIMEOUT(shown(name), name, kPatience);
    }
    QVERIFY(bar("alarm_gradient_vanished")->text().contains(QLatin1String("step 150")));
    // The keyboard comes to them where they stand: before the curves.
    const auto place = [this](const QWidget* widget) {
      int steps = 0;
      for (const QWidget* at = page_.get(); at != widget; at = at->nextInFocusChain()) ++steps;
      return steps;
    };
    QVERIFY(place(bar("alarm_gradient_vanished")->findChild<QPushButton*>()) < place(child<QWidget>("lossPlot")));
    press("alarm_gradient_vanished");
    QCOMPARE(tabs()->currentIndex(), tab("Gradients"));
    QCOMPARE(workbench().selection().step(), 150);
    press("alarm_argmax_collapsed");
    QCOMPARE(tabs()->currentIndex(), tab("Logits"));
    QCOMPARE(workbench().selection().step(), 200);
    QSignalSpy pages(&workbench(), &Workbench::pageWanted);
    press("alarm_evaluation_stuck");
    QVERIFY(pages.last()[0].value<PageId>() == PageId::kInspect);
    // Dismissed, it stays away while the run is shown.
    Q_EMIT bar("alarm_argmax_collapsed")->dismissed();
    QTRY_VERIFY_WITH_TIMEOUT(!shown("alarm_argmax_collapsed"), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(shown("alarm_gradient_vanished"), kPatience);
  }

  void aPauseShowsThatLookingChangedNothing() {
    open({.steps = 1'000'000, .step_time = std::chrono::milliseconds(1)});
    start();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > 3, kPatience);
    actions_->pause->trigger();
    // A step may take minutes; nobody is to press again.
    QVERIFY(child<QLabel>("runNote")->text().startsWith(QLatin1String("Pauses as soon as")));
    QTRY_VERIFY_WITH_TIMEOUT(shown("pausePanel") && shown("pauseQuestion"), kPatience);
    QVERIFY(!child<QLabel>("runNote")->text().contains(QLatin1String("Pauses")));
    const auto words = [this] { return child<QLabel>("pauseWords")->text().remove(QChar(0x2009)); };
    QVERIFY2(words().startsWith(QLatin1String("Paused after step ")) && words().contains(QLatin1String(kScriptState)),
             qPrintable(words()));
    QVERIFY(!child<QPushButton>("pauseAsk")->isEnabled());
    QTest::keyClicks(child<QLineEdit>("pauseQuestion"), QStringLiteral("Who is it?"));
    QTest::keyClick(child<QLineEdit>("pauseQuestion"), Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("pauseAnswer")->text(), QStringLiteral("Ahoy! Bram."), kPatience);
    const std::size_t steps = workbench().run().series().size();
    actions_->single_step->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().series().size(), steps + 1, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(words().contains(QStringLiteral("step %1;").arg(steps + 1)), kPatience);
    actions_->resume->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(words().endsWith(QLatin1String("looking changed nothing.")), kPatience);
    QVERIFY(!shown("pauseQuestion"));
    child<QToolButton>("pauseClose")->click();
    QVERIFY(!shown("pausePanel"));
    stop();
  }

  void aPauseThatChangedSomethingSaysSo() {
    open({.steps = 1'000'000, .step_time = std::chrono::milliseconds(1), .looking_changes = true});
    start();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > 3, kPatience);
    actions_->pause->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(shown("pausePanel"), kPatience);
    actions_->resume->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("pauseWords")->text().startsWith(QLatin1String("Something changed")),
                             kPatience);
    stop();
  }

  void numbersAreSavedAsCsv() {
    open({.steps = 12, .eval_every = 4});
    run_to_end();
    auto* details = page_->findChild<RunDetails*>();
    QSignalSpy saved(details, &RunDetails::csvSaved);
    const QString path = folder_->filePath(QStringLiteral("run.csv"));
    details->save_csv(path);
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 1, kPatience);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = file.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 1 + 12 + 3);
    const qsizetype columns = lines[0].count(',');
    for (const QByteArray& line : lines) QCOMPARE(line.count(','), columns);
    QVERIFY(lines[1].startsWith("1,"));
    QVERIFY(lines[5].startsWith("4,,"));  // the evaluation comes after its step
    QVERIFY(lines[4].contains(",5000,"));
    QSignalSpy failed(details, &RunDetails::failed);
    details->save_csv(folder_->filePath(QStringLiteral("no/such/run.csv")));
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kPatience);
    QVERIFY(failed[0][0].toString().contains(QLatin1String("no/such/run.csv")));
  }

  // What is stopped leaves nothing behind, and nothing of what was there is lost.
  void savingNumbersCanBeStopped() {
    open({.steps = 12});
    run_to_end();
    auto* details = page_->findChild<RunDetails*>();
    const QString path = folder_->filePath(QStringLiteral("kept.csv"));
    QFile before(path);
    QVERIFY(before.open(QIODevice::WriteOnly) && before.write("mine\n") == 5);
    before.close();
    std::stop_source stop;
    stop.request_stop();
    const RunReader reader(workbench().run().run_dir().toStdString());
    bool was_cancelled = false;
    try {
      write_series_csv(reader, path.toStdString(), {}, stop.get_token());
    } catch (const Error& error) {
      was_cancelled = error.code() == ErrorCode::kCancelled;
    }
    QVERIFY(was_cancelled);
    QVERIFY(before.open(QIODevice::ReadOnly));
    QCOMPARE(before.readAll(), QByteArray("mine\n"));
    // The line that tells how far it is stops it.
    QSignalSpy saved(details, &RunDetails::csvSaved);
    QSignalSpy failed(details, &RunDetails::failed);
    auto* work = child<WorkLine>("csvWork");
    QVERIFY(work->isHidden());
    details->save_csv(path);
    Q_EMIT details->csv().progressed(0.5);
    QVERIFY(work->isVisible());
    work->findChild<QToolButton*>(QStringLiteral("workStop"))->click();
    QVERIFY(work->isHidden() && !details->csv().is_running());
    QTRY_VERIFY_WITH_TIMEOUT(!details->csv().is_busy(), kPatience);
    QVERIFY(saved.isEmpty() && failed.isEmpty());
  }

  void theEndIsToldToThoseWhoLookElsewhere() {
    open({.steps = 5});
    QStringList told;
    const EndNotice notice(workbench(), [&told](const QString& title, const QString&, bool is_error) {
      told << (is_error ? QStringLiteral("! ") : QString()) + title;
    });
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    run_to_end();
    QVERIFY(told.isEmpty());  // somebody looks
    page_->hide();
    QTRY_VERIFY(QApplication::activeWindow() == nullptr);
    run_to_end();
    QCOMPARE(told, QStringList{QStringLiteral("Training has finished")});
    actions_->notify_at_end->setChecked(false);
    run_to_end();
    QCOMPARE(told.size(), 1);
  }

  void theRealEngineAnswersWhilePausedAndGoesOnUnchanged() {
    open_real();
    start();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() >= 2, 3 * kPatience);
    actions_->pause->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(shown("pauseQuestion"), kPatience);
    child<QLineEdit>("pauseQuestion")->setText(QStringLiteral("Who is the captain?"));
    child<QPushButton>("pauseAsk")->click();
    const auto* answer = child<QLabel>("pauseAnswer");
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("pauseAsk")->isEnabled(), 2 * kPatience);
    QVERIFY2(!answer->text().isEmpty() && !answer->text().startsWith(QLatin1Char('[')), qPrintable(answer->text()));
    actions_->resume->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("pauseWords")->text().endsWith(QLatin1String("looking changed nothing.")),
                             kPatience);
    stop();
    // What it recorded is there to be looked at: seven projections a layer.
    QTRY_VERIFY_WITH_TIMEOUT(
        child<GradientMap>("gradientMap")->rowCount() % 7 == 0 && child<GradientMap>("gradientMap")->rowCount() > 0,
        kPatience);
    QVERIFY(!shown("alarmBar"));
  }

 private:
  void open(const Script& script) { open_with(scripted_engine(script)); }
  void open_real() {
    open_with({.train = run_training, .answer = answer_prompts, .load_demo = load_demo, .list_devices = list_devices});
  }
  void open_with(EngineAccess engine) {
    workbench_ = std::make_unique<Workbench>(std::move(engine), folder_->filePath(QStringLiteral("runs")));
    actions_ = std::make_unique<Actions>(*workbench_);
    page_ = std::make_unique<RunPage>(*workbench_, *actions_);
    page_->resize(1200, 800);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
  }

  void start() {
    actions_->open_demo->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kReady, kPatience);
    actions_->start->trigger();
  }
  void run_to_end() {
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().session().is_active(), kPatience);
    if (!page_->isVisible()) return;
    tabs()->setCurrentIndex(0);
  }
  void stop() {
    actions_->stop->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().session().is_active(), kPatience);
  }

  Workbench& workbench() { return *workbench_; }
  QTabWidget* tabs() const { return child<QTabWidget>("runTabs"); }
  int tab(const char* title) const {
    for (int i = 0; i < tabs()->count(); ++i) {
      if (tabs()->tabText(i) == QLatin1String(title)) return i;
    }
    return -1;
  }
  QAction* chart(const char* key) const {
    for (QAction* action : child<QToolButton>("chartsButton")->menu()->actions()) {
      if (action->objectName() == QLatin1String("chart_") + QLatin1String(key)) return action;
    }
    return nullptr;
  }
  MessageBar* bar(const char* name) const { return child<MessageBar>(name); }
  // The bar's own button.
  void press(const char* name) {
    auto* button = bar(name)->findChild<QPushButton*>();
    QVERIFY(button != nullptr && button->isVisible());
    button->click();
  }
  bool shown(const char* name) const {
    const auto* widget = page_->findChild<QWidget*>(QLatin1String(name));
    return widget != nullptr && widget->isVisible();
  }
  template <typename Widget>
  Widget* child(const char* name) const {
    return page_->findChild<Widget*>(QLatin1String(name));
  }

  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<RunPage> page_;
};

QTEST_MAIN(RunPageTest)
#include "run_page_test.moc"
