// The window by mouse alone: from its first start to an exported adapter, every click where a person sees what is
// clicked.
#include <QAbstractButton>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPointer>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QWheelEvent>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/ui/real_run.h"
#include "ui/frame/main_window.h"
#include "ui/pages/export/export_dialog.h"
#include "ui/pages/page_scroller.h"
#include "ui/pages/setup/setup_page.h"
#include "ui/plots/label_bars.h"
#include "ui/plots/length_histogram.h"
#include "ui/plots/loss_canvas.h"
#include "ui/widgets/token_ribbon.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kRows = 24;
constexpr int kMostTries = 1000;  // every so many milliseconds
constexpr int kTryInterval = 30;

QString name_of(const QWidget* widget) {
  return widget == nullptr ? QStringLiteral("nothing") : widget->objectName();
}

// Scrolled into sight, seen, in use, and with nothing in front of it.
bool click_at(QWidget* widget, const QPoint& place) {
  if (widget == nullptr) {
    qWarning("there is nothing to click");
    return false;
  }
  if (PageScroller* scroller = PageScroller::around(widget)) scroller->ensureWidgetVisible(widget);
  QCoreApplication::processEvents();
  QWidget* window = widget->window();
  const QWidget* hit = window->childAt(widget->mapTo(window, place));
  if (!widget->isVisible() || !widget->isEnabled() || hit == nullptr || (hit != widget && !widget->isAncestorOf(hit))) {
    qWarning("a click on %s would reach %s", qPrintable(name_of(widget)), qPrintable(name_of(hit)));
    return false;
  }
  QTest::mouseClick(widget, Qt::LeftButton, {}, place);
  return true;
}

bool click(QWidget* widget) {
  return click_at(widget, widget == nullptr ? QPoint() : widget->rect().center());
}

bool click_item(QAbstractItemView* view, const QModelIndex& index) {
  view->scrollTo(index);
  return click_at(view->viewport(), view->visualRect(index).center());
}

void turn_wheel(QWidget* widget, int notches) {
  const QPointF place = QRectF(widget->rect()).center();
  QWheelEvent event(place, widget->mapToGlobal(place), {}, {0, 120 * notches}, Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  // As from a real wheel: what a widget leaves alone goes on to what is around it.
  QSpontaneKeyEvent::setSpontaneous(&event);
  qApp->notify(widget, &event);
}

}  // namespace

class MouseTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    use_settings_in(folder_, "mouse_test");
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    use_models_in(folder_);
    write_data();
    workbench_ = std::make_unique<Workbench>(real_engine(), folder_.filePath(QStringLiteral("runs")));
    connect(workbench_.get(), &Workbench::noticed, this, [this](MessageLevel level, const QString& text) {
      if (level == MessageLevel::kError) errors_ << text;
    });
    window_ = std::make_unique<MainWindow>(*workbench_);
    window_->resize(1280, 800);
    window_->show();
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
  }

  void cleanupTestCase() {
    window_.reset();
    workbench_.reset();
  }

  // One session; each part goes on where the one before it ended.
  void aModelAndAFileAreChosen() {
    QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("noRuns")->isVisible(), kPatience);
    QVERIFY(click(child<QWidget>("noRuns")->findChild<QAbstractButton*>(QStringLiteral("emptyStateOtherAction"))));
    QVERIFY(child<QWidget>("setupPage")->isVisible());

    auto* found = child<QAbstractItemView>("foundModels");
    QTRY_VERIFY_WITH_TIMEOUT(found->model()->rowCount() > 0, kPatience);
    QVERIFY(click_item(found, found->model()->index(0, 0)));
    QTRY_VERIFY_WITH_TIMEOUT(summary("modelStep").contains(QLatin1String("llama")), kPatience);

    QVERIFY(choose_step(1));
    choose_in_dialog(QStringLiteral("rows.jsonl"));
    QVERIFY(click(child<QPushButton>("dataset_pathChoose")));
    // Without a screen nothing makes the window the active one again.
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    QCOMPARE(QFileInfo(QString::fromStdString(config().dataset.path)).fileName(), QStringLiteral("rows.jsonl"));
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && summary("dataStep").contains(QString::number(kRows)), kPatience);
  }

  void numbersAreSetByTheirButtonsAndNotByAPassingWheel() {
    QVERIFY(choose_step(3));
    QVERIFY(click(child<QAbstractButton>("preset_quick_look")));
    QCOMPARE(config().max_steps, 40);
    QVERIFY(click(stepper("max_steps", "Less")));
    QCOMPARE(config().max_steps, 20);
    QVERIFY(click(stepper("max_steps", "More")));
    QVERIFY(click(stepper("max_steps", "Less")));
    QCOMPARE(config().max_steps, 20);
    QCOMPARE(child<QLineEdit>("max_stepsControl")->text(), QStringLiteral("20"));
    QVERIFY(click(stepper("learning_rate", "More")));
    QCOMPARE(config().learning_rate, 5e-4);
    // Where the range ends, the button says so.
    QCOMPARE(config().lora.lora_dropout, 0.0);
    QVERIFY(!stepper("lora_lora_dropout", "Less")->isEnabled());
    QVERIFY(stepper("lora_lora_dropout", "More")->isEnabled());

    auto* packing = child<QComboBox>("packingControl");
    PageScroller* scroller = PageScroller::around(packing);
    QVERIFY(scroller != nullptr);
    scroller->ensureWidgetVisible(packing);
    const int before = scroller->verticalScrollBar()->value();
    QVERIFY(before > 0);
    const auto as_it_was = config().to_json();
    turn_wheel(packing, 1);
    QVERIFY(config().to_json() == as_it_was);
    QVERIFY(scroller->verticalScrollBar()->value() < before);
    QVERIFY(choose_step(2));
    auto* longest = child<QSpinBox>("maxLength");
    QVERIFY(!longest->hasFocus());
    turn_wheel(longest, -1);
    QVERIFY(config().to_json() == as_it_was);
  }

  void labelsAreLookedThrough() {
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && seen("promptsAction") != nullptr, kPatience);
    QVERIFY(click(seen("promptsAction")));
    QVERIFY(config().completion_only_loss);
    // The button is gone; the keyboard is where the choice can be seen.
    QVERIFY2(child<QWidget>("labelsStep")->isAncestorOf(QApplication::focusWidget()),
             qPrintable(name_of(QApplication::focusWidget())));
    auto* lengths = child<LengthHistogram>("lengthHistogram");
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && !lengths->bins().empty(), kPatience);

    const int wanted = lengths->bins().back().last * 7 / 10;
    PageScroller::around(lengths)->ensureWidgetVisible(lengths);
    const int height = lengths->height() / 2;
    const int from = static_cast<int>(lengths->xOf(lengths->line()));
    const int to = static_cast<int>(lengths->xOf(wanted));
    QTest::mousePress(lengths, Qt::LeftButton, {}, QPoint(from, height));
    QTest::mouseMove(lengths, QPoint((from + to) / 2, height));
    QTest::mouseMove(lengths, QPoint(to, height));
    QTest::mouseRelease(lengths, Qt::LeftButton, {}, QPoint(to, height));
    const std::int64_t dragged = dragged_ = config().max_length;
    QVERIFY2(std::abs(dragged - wanted) <= 5, qPrintable(QString::number(dragged)));
    // The whole drag is one change.
    QVERIFY(click(child<QToolButton>("undoActionButton")));
    QCOMPARE(config().max_length, 512);
    QVERIFY(click(child<QToolButton>("redoActionButton")));
    QCOMPARE(config().max_length, dragged);

    auto* bars = child<LabelBars>("labelBars");
    QTRY_COMPARE_WITH_TIMEOUT(bars->count(), kRows, kPatience);
    QVERIFY(click_at(bars->viewport(), bars->barRect(1).center().toPoint()));
    QCOMPARE(bars->current(), 1);
    // With the row that was clicked its tokens are in sight.
    auto* rows = child<QWidget>("xraySplitter");
    const QWidget* page = PageScroller::around(rows)->viewport();
    QVERIFY(rows->height() <= page->height());
    QTRY_VERIFY_WITH_TIMEOUT(page->rect().contains(QRect(rows->mapTo(page, QPoint()), rows->size())), kPatience);
  }

  void whatTheCheckFindsIsFixed() {
    QVERIFY(choose_step(4));
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && !summary("checkStep").contains(QLatin1String("Not checked")),
                             kPatience);
    QPushButton* fix = seen("fix_truncated");
    QVERIFY(fix != nullptr);
    QVERIFY(click(fix));
    // Longer rows, or long ones split.
    QVERIFY(config().packing == Packing::kBfdSplit || config().max_length > dragged_);
    QVERIFY2(child<QWidget>("checkStep")->isAncestorOf(QApplication::focusWidget()),
             qPrintable(name_of(QApplication::focusWidget())));
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && child<QPushButton>("startDraft")->isEnabled(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(seen("fix_truncated") == nullptr, kPatience);
  }

  void theRunIsPausedSteppedAndLookedInto() {
    QVERIFY2(click(child<QPushButton>("startDraft")), qPrintable(child<QLabel>("startReason")->text()));
    QVERIFY(child<QWidget>("runPage")->isVisible());
    const RunModel& run = workbench_->run();
    QTRY_VERIFY_WITH_TIMEOUT(run.activity() == Activity::kRunning && run.latest().step > 0, kPatience);
    QVERIFY(click(child<QToolButton>("pauseActionButton")));
    QTRY_COMPARE_WITH_TIMEOUT(run.activity(), Activity::kPaused, kPatience);
    // The next space bar takes the pause back; it never stops the run.
    QTRY_COMPARE_WITH_TIMEOUT(name_of(QApplication::focusWidget()), QStringLiteral("resumeActionButton"), kPatience);
    for (int i = 0; i < 2; ++i) {
      const qint64 at = run.latest().step;
      QVERIFY(click(child<QToolButton>("singleStepActionButton")));
      QTRY_VERIFY_WITH_TIMEOUT(run.latest().step == at + 1 && run.activity() == Activity::kPaused, kPatience);
      QTRY_COMPARE_WITH_TIMEOUT(name_of(QApplication::focusWidget()), QStringLiteral("singleStepActionButton"),
                                kPatience);
    }

    auto* canvas = static_cast<LossCanvas*>(child<QWidget>("lossCanvas"));
    const SelectionModel& selection = workbench_->selection();
    QVERIFY(click_at(canvas, canvas->pixelOf(1.0, canvas->lossRange().center()).toPoint()));
    QCOMPARE(selection.step(), qint64{1});
    auto* sequences = child<QAbstractItemView>("runSequences");
    auto* ribbon = child<TokenRibbon>("runRibbon");
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy() && sequences->model()->rowCount() > 1, kPatience);
    QVERIFY(click_item(sequences, sequences->model()->index(1, 0)));
    QVERIFY(selection.is_picked());
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy() && ribbon->tokenCount() > 0, kPatience);
    int token = 0;
    while (token < ribbon->tokenCount() && (token == ribbon->selectedIndex() ||
                                            !QRectF(ribbon->viewport()->rect()).contains(ribbon->tokenRect(token)))) {
      ++token;
    }
    QVERIFY(token < ribbon->tokenCount());
    QVERIFY(click_at(ribbon->viewport(), ribbon->tokenRect(token).center().toPoint()));
    QCOMPARE(ribbon->selectedIndex(), token);

    // The next step may have fewer sequences than the one whose sequence was selected.
    QSignalSpy failed(&workbench_->loader(), &RunLoader::failed);
    workbench_->loader().load_tokens(1, 999);
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy(), kPatience);
    QCOMPARE(failed.size(), 0);
  }

  void everyViewIsAClickAway() {
    QVERIFY(click(child<QToolButton>("pageInspectActionButton")));
    auto* views = child<QTabBar>("inspectTabs");
    for (int i = 0; i < views->count(); ++i) {
      QVERIFY(click_at(views, views->tabRect(i).center()));
      QCOMPARE(views->currentIndex(), i);
    }
    QVERIFY(click(child<QToolButton>("pageCompareActionButton")));
    // One run is there: another one is what is wanting.
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy(), kPatience);
    QVERIFY(
        click(child<QWidget>("compareEmpty")->findChild<QAbstractButton*>(QStringLiteral("emptyStateOtherAction"))));
    QVERIFY(child<QWidget>("setupPage")->isVisible());
  }

  void theAdapterIsExported() {
    QVERIFY(click(child<QToolButton>("pageRunActionButton")));
    QVERIFY(click(child<QToolButton>("stopActionButton")));
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kStopped, kPatience);
    QVERIFY(click(child<QToolButton>("exportRunActionButton")));
    const QPointer<ExportDialog> dialog = window_->findChild<ExportDialog*>();
    QVERIFY(!dialog.isNull());
    auto* start = dialog->findChild<QAbstractButton*>(QStringLiteral("exportStart"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    const QString target = dialog->findChild<QLineEdit*>(QStringLiteral("exportTarget"))->text();
    QVERIFY(click(start));
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(target + QStringLiteral("/adapter_model.safetensors")), kPatience);
    const auto* told = dialog->findChild<QLabel*>(QStringLiteral("exportState"));
    QTRY_VERIFY_WITH_TIMEOUT(told->text().contains(QLatin1String("agrees")), kPatience);
    // The whole of it can be read.
    QTRY_VERIFY_WITH_TIMEOUT(told->height() >= told->heightForWidth(told->width()), kPatience);
    QVERIFY(click(dialog->findChild<QAbstractButton*>(QStringLiteral("exportClose"))));
    QTRY_VERIFY_WITH_TIMEOUT(dialog.isNull() || !dialog->isVisible(), kPatience);
    QVERIFY2(errors_.isEmpty(), qPrintable(errors_.join('\n')));
  }

 private:
  template <typename Widget>
  Widget* child(const char* name) const {
    return window_->findChild<Widget*>(QLatin1String(name));
  }
  SetupPage& setup() const { return window_->setup_page(); }
  const RunConfig& config() const { return workbench_->draft().config(); }
  QString summary(const char* step) const { return child<SetupStep>(step)->summary(); }

  // Of several that had the name, the one that is there now.
  QPushButton* seen(const char* name) const {
    for (QPushButton* button : window_->findChildren<QPushButton*>(QLatin1String(name))) {
      if (button->isVisible()) return button;
    }
    return nullptr;
  }

  // The button within a number's field.
  QToolButton* stepper(const char* key, const char* which) const {
    const QString action = QLatin1String(key) + QLatin1String(which);
    for (QToolButton* button :
         child<QLineEdit>(qPrintable(QLatin1String(key) + QLatin1String("Control")))->findChildren<QToolButton*>()) {
      if (button->defaultAction() != nullptr && button->defaultAction()->objectName() == action) return button;
    }
    return nullptr;
  }

  bool choose_step(int step) {
    auto* list = child<QListView>("setupSteps");
    return click_item(list, list->model()->index(step, 0)) && list->currentIndex().row() == step;
  }

  // Once the dialog for files is there, which waits in a loop of its own.
  void choose_in_dialog(const QString& file) {
    auto* timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, [timer, file, tries = 0]() mutable {
      auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
      if (dialog == nullptr) return;
      if (++tries > kMostTries) {
        qWarning("the dialog does not list %s", qPrintable(file));
        timer->deleteLater();
        dialog->reject();
        return;
      }
      for (auto* view : dialog->findChildren<QAbstractItemView*>()) {
        const bool lists_files =
            view->objectName() == QLatin1String("listView") || view->objectName() == QLatin1String("treeView");
        if (!lists_files || !view->isVisible()) continue;
        for (int row = 0; row < view->model()->rowCount(view->rootIndex()); ++row) {
          const QModelIndex index = view->model()->index(row, 0, view->rootIndex());
          if (index.data().toString() != file) continue;
          timer->stop();
          timer->deleteLater();
          click_item(view, index);
          click(dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Open));
          return;
        }
      }
    });
    timer->start(kTryInterval);
  }

  // The first questions of gsm8k where they are at hand, others of like length elsewhere.
  void write_data() {
    QByteArray lines;
    QFile real(QStringLiteral(VERNIER_SHARED_DIR "/datasets/gsm8k_test.jsonl"));
    if (real.open(QIODevice::ReadOnly)) {
      for (int i = 0; i < kRows; ++i) lines += real.readLine();
    } else {
      for (int i = 0; i < kRows; ++i) {
        lines += QStringLiteral("{\"question\": \"How many boats has keeper %1?\", \"answer\": \"%2\"}\n")
                     .arg(i)
                     .arg(QStringLiteral("He has one more boat. ").repeated(4 + i))
                     .toUtf8();
      }
    }
    QFile file(folder_.filePath(QStringLiteral("rows.jsonl")));
    if (!file.open(QIODevice::WriteOnly) || file.write(lines) != lines.size()) qFatal("the test's file");
  }

  const QTemporaryDir folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<MainWindow> window_;
  std::int64_t dragged_ = 0;  // max_length, by its line
  QStringList errors_;
};

QTEST_MAIN(MouseTest)
#include "mouse_test.moc"
