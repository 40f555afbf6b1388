// The window itself in front of a scripted engine: pages, keyboard, sizes, settings, patience.
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <algorithm>

#include "tests/ui/window_fixture.h"
#include "ui/frame/command_palette.h"
#include "ui/pages/export/export_dialog.h"
#include "ui/plots/loss_plot.h"
#include "ui/plots/token_map.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

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

class WindowTest : public WindowFixture {
  Q_OBJECT

 private Q_SLOTS:
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

  // A task bar shows these and nothing else.
  void namesItsRunInItsTitleAndHasAnIcon() {
    open({.steps = 3});
    QCOMPARE(window_->windowTitle(), QStringLiteral("Vernier"));
    start_demo();
    const QString name = workbench().run().name();
    QVERIFY(!name.isEmpty());
    QCOMPARE(window_->windowTitle(), name + QStringLiteral(" \u2013 Vernier"));
    const QString run_dir = workbench().run().run_dir();
    cleanup();
    open({});
    workbench().open_run(run_dir);
    QTRY_COMPARE_WITH_TIMEOUT(window_->windowTitle(), name + QStringLiteral(" \u2013 Vernier"), kPatience);
    for (const int size : {16, 32, 64}) {
      const QImage icon = window_->windowIcon().pixmap(QSize(size, size), 1.0).toImage();
      QCOMPARE(icon.size(), QSize(size, size));
      // Both scales in their hues, on a ground of its own.
      int blue = 0, vermilion = 0, opaque = 0;
      for (int y = 0; y < size; ++y) {
        for (int x = 0; x < size; ++x) {
          const QColor color = icon.pixelColor(x, y);
          opaque += color.alpha() > 200;
          blue += color.alpha() > 200 && color.blue() > color.red() + 40;
          vermilion += color.alpha() > 200 && color.red() > color.blue() + 60;
        }
      }
      QVERIFY2(opaque > size * size / 2, qPrintable(QString::number(size)));
      QVERIFY2(blue > size / 2 && vermilion > size / 2, qPrintable(QString::number(size)));
    }
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

  void aFinishedRunOffersItsExport() {
    open({.steps = 3});
    start_demo();
    auto* offered = child<QWidget>("messageBar")->findChild<QPushButton*>();
    QTRY_VERIFY_WITH_TIMEOUT(offered->isVisible(), kPatience);
    QVERIFY2(message().startsWith(QLatin1String("Finished")), qPrintable(message()));
    QCOMPARE(offered->text(), window_->actions().export_run->iconText());
    offered->click();
    QVERIFY(window_->findChild<ExportDialog*>() != nullptr);
  }

  // What the pages show stays where it is while somebody reads it.
  void aRunsEndMovesNothing() {
    open({.steps = 1000, .step_time = std::chrono::milliseconds(1)});
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(shown("lossPlot"), kPatience);
    QTest::qWait(50);
    QVERIFY(workbench().session().is_active());
    auto* plot = child<QWidget>("lossPlot");
    const QPoint place = plot->mapTo(window_.get(), QPoint());
    const QWidget* page = child<QWidget>("runPage");
    const QSize size = page->size();
    QTRY_VERIFY_WITH_TIMEOUT(shown("messageBar"), kPatience);
    QTest::qWait(50);
    QCOMPARE(plot->mapTo(window_.get(), QPoint()), place);
    QCOMPARE(page->size(), size);
    auto* bar = child<QWidget>("messageBar");
    const auto foot = [this](const QWidget* widget) {
      return widget->mapTo(window_.get(), QPoint(0, widget->height())).y();
    };
    QCOMPARE(foot(bar), foot(page));
    window_->resize(1000, 700);
    QTRY_COMPARE_WITH_TIMEOUT(foot(bar), foot(page), kPatience);
    QCOMPARE(bar->width(), page->width());
    // On other pages, whose buttons stand at their foot, it stands above.
    window_->show_page(PageId::kSetUp);
    QTRY_VERIFY_WITH_TIMEOUT(foot(bar) <= child<QWidget>("setupPage")->mapTo(window_.get(), QPoint()).y(), kPatience);
    QVERIFY(bar->isVisible());
    // Escape takes it away from wherever the keyboard is.
    window_->show_page(PageId::kRun);
    QTest::keyClick(plot, Qt::Key_Escape);
    QVERIFY(!bar->isVisible());
  }

  // The check of the set-up has compared the paths: the lamp need not say that nothing was checked.
  void theLampKnowsOfTheCheckBeforeTheStart() {
    open({.steps = 20, .parity_every = 20});
    make_demo_ready();
    auto* lamp = child<QAbstractButton>("parityLamp");
    QVERIFY(lamp->text().contains(QLatin1String("not checked")));
    workbench().run().set_parity_before(QStringLiteral("64 tokens: all agree"));
    QVERIFY2(lamp->text().contains(QLatin1String("before the start")), qPrintable(lamp->text()));
    QVERIFY(lamp->accessibleDescription().contains(QLatin1String("64 tokens")));
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().session().is_active(), kPatience);
    QVERIFY(!lamp->text().contains(QLatin1String("before")));  // its own check has come
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
    CommandPalette palette(entries_of(window_->actions().all()), window_.get());
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

  void findsPartsAndSettingsWhereverTheyAre() {
    open({.steps = 12});
    const auto go = [this](const QString& words) {
      window_->actions().palette->trigger();
      auto* palette = window_->findChild<CommandPalette*>();
      auto* field = palette->findChild<QLineEdit*>();
      QTest::keyClicks(field, words);
      const auto* first = palette->findChild<QListWidget*>()->item(0);
      const QString found = first != nullptr ? first->text() : QString();
      QTest::keyClick(field, first != nullptr ? Qt::Key_Return : Qt::Key_Escape);
      QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
      return found;
    };
    // A setting by its own name: on another step, in a section that is folded.
    QVERIFY(!shown("adam_beta2Control"));
    QCOMPARE(go(QStringLiteral("adam_beta2")), QStringLiteral("Set up: Training, Adam's beta 2 (adam_beta2)"));
    QVERIFY(shown("setupPage") && shown("adam_beta2Control"));
    QCOMPARE(child<QListView>("setupSteps")->currentIndex().row(), 3);
    QCOMPARE(window_->focusWidget(), child<QWidget>("adam_beta2Control"));
    QTRY_VERIFY_WITH_TIMEOUT(!child<QWidget>("adam_beta2Control")->visibleRegion().isEmpty(), kPatience);
    // A part by its title, in whatever order the words come.
    QCOMPARE(go(QStringLiteral("done packing lessons")), QStringLiteral("Lessons: Packing done right and wrong"));
    QVERIFY(shown("lesson-packing"));
    QCOMPARE(child<QListWidget>("lessonsList")->currentRow(), 2);
    // What a page does not show for want of a run is not offered,
    QCOMPARE(go(QStringLiteral("smoothing strength")), QString());
    start_demo();
    QCOMPARE(go(QStringLiteral("smoothing strength")), QStringLiteral("Run: Smoothing strength"));
    QVERIFY(shown("runPage"));
    QCOMPARE(window_->focusWidget(), child<QWidget>("smoothingSlider"));
    QCOMPARE(go(QStringLiteral("run: gradients")), QStringLiteral("Run: Gradients"));
    QVERIFY(shown("gradientMap"));
    // and an action that cannot be done now says so, below what can.
    window_->actions().palette->trigger();
    auto* palette = window_->findChild<CommandPalette*>();
    QTest::keyClicks(palette->findChild<QLineEdit*>(), QStringLiteral("pause"));
    const auto* list = palette->findChild<QListWidget*>();
    QListWidgetItem* pause = nullptr;
    for (int i = 0; i < list->count(); ++i) {
      if (list->item(i)->text().startsWith(QLatin1String("Pause"))) pause = list->item(i);
    }
    QVERIFY(pause != nullptr && !pause->flags().testFlag(Qt::ItemIsEnabled));
    QVERIFY(pause->text().contains(QLatin1String("not now")));
    for (int i = list->row(pause); i < list->count(); ++i) {
      QVERIFY2(!list->item(i)->flags().testFlag(Qt::ItemIsEnabled), qPrintable(list->item(i)->text()));
    }
    // No view of the Inspect page is there twice.
    QStringList names;
    palette->findChild<QLineEdit*>()->clear();
    for (int i = 0; i < list->count(); ++i) names << list->item(i)->text();
    QCOMPARE(names.removeDuplicates(), 0);
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
};

QTEST_MAIN(WindowTest)
#include "window_test.moc"
