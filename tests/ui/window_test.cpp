// The window in front of a scripted engine.
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "tests/ui/scripted_engine.h"
#include "ui/frame/command_palette.h"
#include "ui/frame/main_window.h"
#include "ui/plots/loss_plot.h"
#include "ui/plots/token_map.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

constexpr int kPatience = 30000;

// Parts that Qt makes inside its own widgets: the whole is described, not they.
bool is_inner_part(const QWidget* widget) {
  return widget->objectName().startsWith(QLatin1String("qt_")) || qobject_cast<const QTabBar*>(widget) ||
         qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) ||
         qobject_cast<const QComboBox*>(widget->parentWidget()) || widget->inherits("QComboBoxPrivateContainer") ||
         widget->inherits("QHeaderView") || widget->inherits("QLineEditIconButton") ||
         widget->inherits("QTableCornerButton") || qobject_cast<const QTabBar*>(widget->parentWidget()) ||
         widget->inherits("QComboBoxListView");
}

// A button of a bar that has nothing to offer just now.
bool is_absent(const QWidget* widget) {
  const auto* button = qobject_cast<const QAbstractButton*>(widget);
  return button && button->isHidden() && button->text().isEmpty() && button->icon().isNull();
}

bool is_interactive(const QWidget* widget) {
  if (is_inner_part(widget) || is_absent(widget)) return false;
  return qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QAbstractItemView*>(widget) ||
         qobject_cast<const QAbstractSpinBox*>(widget) || qobject_cast<const QComboBox*>(widget) ||
         qobject_cast<const QLineEdit*>(widget) || widget->focusPolicy() == Qt::StrongFocus ||
         widget->focusPolicy() == Qt::WheelFocus;
}

}  // namespace

class WindowTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("window_test"));
  }

  void init() {
    folder_.emplace();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->filePath(QStringLiteral("config")));
  }

  void cleanup() {
    window_.reset();
    workbench_.reset();
  }

  void teachesWhenThereIsNothing() {
    open({});
    QTRY_VERIFY_WITH_TIMEOUT(shown("noRuns"), kPatience);
    // Enter does the one thing that is offered.
    QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("noRuns")->isAncestorOf(QApplication::focusWidget()), kPatience);
    QCOMPARE(QApplication::focusWidget()->objectName(), QStringLiteral("emptyStateAction"));
    for (const auto& [page, name] :
         {std::pair(PageId::kRun, "runPageEmpty"), std::pair(PageId::kInspect, "inspectEmpty")}) {
      window_->show_page(page);
      QVERIFY2(child<QWidget>(name)->isAncestorOf(QApplication::focusWidget()), name);
    }
    workbench().open_run(folder_->filePath(QStringLiteral("nothing")));
    QTRY_VERIFY_WITH_TIMEOUT(message().contains(QLatin1String("nothing")), kPatience);
  }

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

  void startsOnTheNewestRun() {
    open({.steps = 3});
    start_demo();
    cleanup();
    open({});
    auto* table = child<QTableView>("recentRuns");
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::focusWidget(), table, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(table->selectionModel()->selectedRows().size(), 1, kPatience);
    QCOMPARE(table->selectionModel()->selectedRows().front().row(), 0);
    workbench().open_run(folder_->filePath(QStringLiteral("nothing")));
    QTRY_VERIFY_WITH_TIMEOUT(shown("messageBar"), kPatience);
    QTest::keyClick(table, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().series().size(), std::size_t{3}, kPatience);
    QVERIFY(!shown("messageBar"));  // it spoke of another folder
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

  void closesAndReopensTheDetails() {
    open({.steps = 12, .parity_every = 4});
    start_demo();
    window_->show_page(PageId::kInspect);
    QVERIFY(shown("inspectSide"));
    child<QDockWidget>("inspectDock")->close();
    QVERIFY(!window_->actions().inspect_details->isChecked());
    const QString run_dir = workbench().run().run_dir();
    window_->close();
    cleanup();
    open({});
    workbench().open_run(run_dir);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().series().size(), std::size_t{12}, kPatience);
    window_->show_page(PageId::kInspect);
    QVERIFY(!shown("inspectSide"));
    QVERIFY(!window_->actions().inspect_details->isChecked());
    // Asked for on another page, they come with theirs.
    window_->show_page(PageId::kRun);
    window_->actions().inspect_details->trigger();
    QVERIFY(shown("inspectSide"));
  }

  void theLampOpensTheParityView() {
    open({.steps = 12, .parity_every = 4});
    start_demo();
    QVERIFY(!shown("parityTable"));
    child<QAbstractButton>("parityLamp")->click();
    QVERIFY(shown("parityTable"));
    QVERIFY(child<QWidget>("parityView")->isAncestorOf(QApplication::focusWidget()));
  }

  void fitsASmallScreen() {
    open({.steps = 12, .parity_every = 4, .eval_every = 4});
    start_demo();
    for (const PageId page : {PageId::kStart, PageId::kRun, PageId::kInspect}) {
      window_->show_page(page);
      window_->resize(640, 400);  // 1280 x 800 at 200 %
      QCOMPARE(window_->size(), QSize(640, 400));
      QString wide;
      for (const QWidget* widget : window_->findChildren<QWidget*>()) {
        if (widget->minimumSizeHint().width() > 640) wide += widget->objectName() + QLatin1Char(' ');
      }
      QVERIFY2(window_->minimumSizeHint().width() <= 640, qPrintable(wide));
    }
    // Everything is whole and can be scrolled to.
    window_->show_page(PageId::kRun);
    QCoreApplication::processEvents();
    QVERIFY(child<LossPlot>("lossPlot")->height() >= 240);
    QVERIFY(child<QTabWidget>("runTabs")->height() >= 160);
    QVERIFY(child<QWidget>("lossPlot")->visibleRegion().boundingRect().height() < 240);
    child<QTabWidget>("runTabs")->setCurrentIndex(0);
    child<QWidget>("stopActionButton")->setFocus();
    for (int i = 0; i < 20 && QApplication::focusWidget() != child<QWidget>("runSequences"); ++i) {
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    QVERIFY(child<QWidget>("runSequences")->visibleRegion().boundingRect().height() >= 60);
    window_->show_page(PageId::kInspect);
    QCoreApplication::processEvents();
    QVERIFY(child<TokenMap>("logitHeatMap")->height() >= 160);
    // Nothing of the selected token is cut.
    for (const char* name : {"positionToken", "positionLoss", "positionEntropy"}) {
      const auto* label = child<QLabel>(name);
      QVERIFY2(label->visibleRegion().boundingRect().width() == label->width(), name);
    }
  }

  void showsWhereTheKeyboardIs() {
    open({});
    make_demo_ready();
    QCOMPARE(QApplication::focusWidget()->objectName(), QStringLiteral("emptyStateAction"));
    const auto* button = child<QAbstractButton>("pageRunActionButton");
    const auto accents = [button] {
      const QRgb accent = button->palette().color(QPalette::Highlight).rgb();
      const QImage image = const_cast<QAbstractButton*>(button)->grab().toImage();
      int count = 0;
      for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) count += image.pixel(x, y) == accent ? 1 : 0;
      }
      return count;
    };
    const int before = accents();
    child<QAbstractButton>("pageRunActionButton")->setFocus(Qt::TabFocusReason);
    QVERIFY2(accents() > before + button->width(), qPrintable(QString::number(accents())));
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

  void remembersItsSettings() {
    open({});
    workbench().settings().set_theme(Theme::kDark);
    workbench().settings().set_zoom(120);
    workbench().settings().set_last_folder(QStringLiteral("/somewhere"));
    workbench().settings().add_recent_run(QStringLiteral("/runs/a"));
    workbench().settings().add_recent_run(QStringLiteral("/runs/b"));
    workbench().settings().add_recent_run(QStringLiteral("/runs/a"));
    QTest::keyClick(child<LossPlot>("lossPlot"), Qt::Key_L);
    window_->actions().smooth_loss->trigger();
    QVERIFY(window_->actions().log_loss->isChecked());
    QVERIFY(!child<LossPlot>("lossPlot")->smoothed());
    window_->resize(900, 600);
    window_->show_page(PageId::kRun);
    window_->close();
    cleanup();
    open({});
    QVERIFY(child<LossPlot>("lossPlot")->logarithmic());
    QVERIFY(!child<LossPlot>("lossPlot")->smoothed());
    QCOMPARE(workbench().settings().theme(), Theme::kDark);
    QVERIFY(window_->actions().theme_dark->isChecked());
    QCOMPARE(workbench().settings().zoom(), 120);
    QCOMPARE(workbench().settings().last_folder(), QStringLiteral("/somewhere"));
    QCOMPARE(workbench().settings().recent_runs(), QStringList({QStringLiteral("/runs/a"), QStringLiteral("/runs/b")}));
    QCOMPARE(window_->size(), QSize(900, 600));
    window_->actions().reset_layout->trigger();
    QVERIFY(workbench().settings().layout(QStringLiteral("window")).isEmpty());
    workbench().settings().set_theme(Theme::kSystem);
    workbench().settings().set_zoom(100);
  }

  // How late its events come is window_bench's to measure.
  void handlesEventsAtAThousandStepsASecond() {
    open({.steps = 1'000'000, .step_time = std::chrono::microseconds(900), .parity_every = 50, .writes_store = false});
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kRunning, kPatience);
    int events = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&events] { ++events; });
    timer.start(5);
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > 1000, kPatience);
    timer.stop();
    QVERIFY2(events > 20, qPrintable(QString::number(events)));
  }

  void namesAndExplainsEveryControl() {
    open({.steps = 12, .parity_every = 4, .capture_every = 4});
    start_demo();
    CommandPalette palette(window_->actions().all(), window_.get());
    QStringList poor;
    int controls = 0;
    for (const QWidget* widget : window_->findChildren<QWidget*>()) {
      if (!is_interactive(widget)) continue;
      ++controls;
      const QString what = QStringLiteral("%1 '%2' in %3")
                               .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                                    widget->parentWidget() ? widget->parentWidget()->objectName() : QString());
      if (widget->objectName().isEmpty()) poor.append(what + QStringLiteral(": no objectName"));
      if (widget->accessibleName().isEmpty()) poor.append(what + QStringLiteral(": no accessibleName"));
      if (widget->toolTip().isEmpty()) poor.append(what + QStringLiteral(": no tooltip"));
    }
    QVERIFY(controls > 30);
    QVERIFY2(poor.isEmpty(), qPrintable(poor.join(QLatin1Char('\n'))));
    for (const QAction* action : window_->actions().all()) {
      QVERIFY2(!action->objectName().isEmpty() && !action->statusTip().isEmpty(), qPrintable(action->text()));
    }
  }

  void worksByKeyboard() {
    open({.steps = 12});
    QTest::keyClick(window_.get(), Qt::Key_D, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kReady, kPatience);
    QTest::keyClick(window_.get(), Qt::Key_F5);
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kFinished, kPatience);
    QTest::keyClick(window_.get(), Qt::Key_4, Qt::ControlModifier);
    QVERIFY(shown("inspectPage"));
    QTest::keyClick(window_.get(), Qt::Key_1, Qt::ControlModifier);
    QVERIFY(shown("startPage"));
    QTest::keyClick(window_.get(), Qt::Key_K, Qt::ControlModifier);
    auto* palette = window_->findChild<CommandPalette*>();
    QVERIFY(palette);
    auto* field = palette->findChild<QLineEdit*>();
    QTest::keyClicks(field, QStringLiteral("run page"));
    QTest::keyClick(field, Qt::Key_Return);
    QVERIFY(shown("runPage"));
    QTRY_COMPARE_WITH_TIMEOUT(child<QTabWidget>("runTabs")->currentIndex(), 1, kPatience);
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    child<QTabWidget>("runTabs")->tabBar()->setFocus();
    QTest::keyClick(child<QTabWidget>("runTabs")->tabBar(), Qt::Key_Left);  // from the answers to the sequences
    // Tab reaches every button of the page and comes round.
    QStringList reached;
    for (int i = 0; i < 60; ++i) {
      QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : window_.get(), Qt::Key_Tab);
      if (QApplication::focusWidget()) reached.append(QApplication::focusWidget()->objectName());
    }
    for (const char* name : {"runSequences", "runRibbon", "pageInspectActionButton", "followNewestActionButton"}) {
      QVERIFY2(reached.contains(QLatin1String(name)), qPrintable(reached.join(QLatin1Char(' '))));
    }
  }

 private:
  void open(const Script& script) {
    workbench_ = std::make_unique<Workbench>(scripted_engine(script), folder_->filePath(QStringLiteral("runs")));
    window_ = std::make_unique<MainWindow>(*workbench_);
    window_->show();
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }

  void make_demo_ready() {
    window_->actions().open_demo->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), Activity::kReady, kPatience);
  }

  // Runs it to its end.
  void start_demo() {
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().session().is_active(), kPatience);
  }

  Workbench& workbench() { return *workbench_; }
  QString message() const { return window_->findChild<MessageBar*>()->text(); }
  bool shown(const char* name) const {
    const auto* widget = window_->findChild<QWidget*>(QLatin1String(name));
    return widget != nullptr && widget->isVisible();
  }
  template <typename Widget>
  Widget* child(const char* name) const {
    return window_->findChild<Widget*>(QLatin1String(name));
  }

  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(WindowTest)
#include "window_test.moc"
