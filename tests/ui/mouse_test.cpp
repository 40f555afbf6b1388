// The window by the mouse alone, from its first start to an exported adapter: every click goes to what the pointer
// would meet at its place.
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QScrollArea>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <QWheelEvent>
#include <memory>
#include <optional>

#include "tests/ui/real_run.h"
#include "ui/frame/main_window.h"
#include "ui/pages/export/export_dialog.h"
#include "ui/pages/setup/setup_page.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kRows = 24;
constexpr int kMostNotches = 200;
constexpr int kPoll = 50;  // milliseconds

QString name_of(const QWidget* widget) {
  return widget == nullptr
             ? QStringLiteral("nothing")
             : QStringLiteral("%1 '%2'").arg(QLatin1String(widget->metaObject()->className()), widget->objectName());
}

// Turns the wheel over the page until the place is in sight.
void wheel_to(QWidget* widget, const QPoint& at) {
  QScrollArea* area = nullptr;
  for (QWidget* up = widget->parentWidget(); up != nullptr && area == nullptr; up = up->parentWidget()) {
    area = qobject_cast<QScrollArea*>(up);
  }
  for (int i = 0; area != nullptr && i < kMostNotches && !widget->visibleRegion().contains(at); ++i) {
    QWidget* page = area->viewport();
    const int notch = widget->mapTo(page, at).y() < 0 ? 120 : -120;
    const QPointF middle = page->rect().center();
    QWheelEvent turn(middle, page->mapToGlobal(middle), {}, {0, notch}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                     false);
    QCoreApplication::sendEvent(page, &turn);
    QCoreApplication::processEvents();
  }
}

}  // namespace

class MouseTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    use_settings_in(folder_, "mouse_test");
    qputenv("HF_HUB_CACHE", folder_.filePath(QStringLiteral("hub")).toUtf8());
    qputenv("HOME", folder_.path().toUtf8());
    qputenv("VERNIER_CACHE_DIR", folder_.filePath(QStringLiteral("cache")).toUtf8());
    workbench_ = std::make_unique<Workbench>(real_engine(), folder_.filePath(QStringLiteral("runs")));
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

  void fromTheFirstStartToAnExportedAdapter() {
    write_data();
    QVERIFY(click(child<QWidget>("pageSetUpActionButton")));

    // The bundled model is among those that were found.
    auto* models = child<QTableView>("foundModels");
    QTRY_VERIFY_WITH_TIMEOUT(models->model()->rowCount() > 0, kPatience);
    QVERIFY(click_item(models, models->model()->index(0, 0)));
    QTRY_VERIFY_WITH_TIMEOUT(summary("modelStep").contains(QLatin1String("llama")), kPatience);

    QVERIFY(choose_step(1));
    choose_in_file_dialog(QStringLiteral("rows.jsonl"));
    QVERIFY(click(child<QWidget>("dataset_pathChoose")));
    QVERIFY2(dialog_problem_.isEmpty(), qPrintable(dialog_problem_));
    QCOMPARE(workbench_->draft().config().dataset.path, data_.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && summary("dataStep").contains(QString::number(kRows)), kPatience);

    QVERIFY(choose_step(2));
    QVERIFY(choose_in_list(child<QComboBox>("learn"), 1));
    QTRY_VERIFY_WITH_TIMEOUT(workbench_->draft().config().completion_only_loss, kPatience);

    QVERIFY(choose_step(3));
    QVERIFY(click(child<QWidget>("preset_quick_look")));
    QCOMPARE(workbench_->draft().config().max_steps, 40);
    QVERIFY(click(child<QWidget>("undoActionButton")));
    QVERIFY(workbench_->draft().config().max_steps != 40);
    QVERIFY(click(child<QWidget>("redoActionButton")));
    QCOMPARE(workbench_->draft().config().max_steps, 40);

    QVERIFY(choose_step(4));
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && !summary("checkStep").contains(QLatin1String("Not checked")),
                             kPatience);
    QVERIFY2(click(child<QWidget>("startDraft")), qPrintable(child<QLabel>("startReason")->text()));
    QVERIFY(child<QWidget>("runPage")->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(workbench_->run().series().size() >= 2, kPatience);
    if (workbench_->can_stop()) QVERIFY(click(child<QWidget>("stopActionButton")));
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->session().is_active(), kPatience);
    QVERIFY(workbench_->run().info().last_saved_step > 0);

    QVERIFY(click(child<QWidget>("exportRunActionButton")));
    auto* dialog = window_->findChild<ExportDialog*>();
    QVERIFY(dialog != nullptr);
    QVERIFY(QTest::qWaitForWindowExposed(dialog));
    auto* start = dialog->findChild<QAbstractButton*>(QStringLiteral("exportStart"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    const QString target = dialog->findChild<QLineEdit*>(QStringLiteral("exportTarget"))->text();
    QVERIFY(click(start));
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(target + QStringLiteral("/adapter_model.safetensors")), kPatience);
    const auto* told = dialog->findChild<QLabel*>(QStringLiteral("exportState"));
    QTRY_VERIFY_WITH_TIMEOUT(told->text().contains(QLatin1String("agrees")), kPatience);
    QVERIFY(click(dialog->findChild<QAbstractButton*>(QStringLiteral("exportClose"))));
    QTRY_VERIFY_WITH_TIMEOUT(!dialog->isVisible(), kPatience);
  }

 private:
  template <typename Widget>
  Widget* child(const char* name) const {
    return window_->findChild<Widget*>(QLatin1String(name));
  }
  SetupPage& setup() const { return window_->setup_page(); }
  QString summary(const char* step) const { return child<SetupStep>(step)->summary(); }

  // The first questions of gsm8k where they are at hand.
  void write_data() {
    QByteArray lines;
    QFile real(QStringLiteral(VERNIER_SHARED_DIR "/datasets/gsm8k_test.jsonl"));
    const bool has_real = real.open(QIODevice::ReadOnly);
    for (int i = 0; i < kRows; ++i) {
      lines += has_real
                   ? real.readLine()
                   : QStringLiteral("{\"question\": \"How many boats has keeper %1?\", \"answer\": \"%2 boats.\"}\n")
                         .arg(i)
                         .arg(i + 2)
                         .toUtf8();
    }
    data_ = folder_.filePath(QStringLiteral("rows.jsonl"));
    QFile file(data_);
    if (!file.open(QIODevice::WriteOnly) || file.write(lines) != lines.size()) qFatal("the test's file");
  }

  // Where the pointer meets it, or a part of it, and not what lies over it.
  static bool click(QWidget* widget, std::optional<QPoint> place = {}) {
    if (widget == nullptr || !widget->isVisible() || !widget->isEnabled()) {
      qWarning("%s cannot be clicked", qPrintable(name_of(widget)));
      return false;
    }
    const QPoint at = place.value_or(widget->rect().center());
    wheel_to(widget, at);
    QWidget* window = widget->window();
    QWidget* met = window->childAt(widget->mapTo(window, at));
    if (met == nullptr || (met != widget && !widget->isAncestorOf(met))) {
      qWarning("the pointer meets %s in place of %s", qPrintable(name_of(met)), qPrintable(name_of(widget)));
      return false;
    }
    QTest::mouseClick(met, Qt::LeftButton, {}, met->mapFrom(window, widget->mapTo(window, at)));
    return true;
  }

  static bool click_item(QAbstractItemView* view, const QModelIndex& index) {
    view->scrollTo(index);
    return click(view->viewport(), view->visualRect(index).center());
  }

  bool choose_step(int step) {
    auto* list = child<QListView>("setupSteps");
    return click_item(list, list->model()->index(step, 0)) && list->currentIndex().row() == step;
  }

  // Opens the list of a box and clicks the entry.
  static bool choose_in_list(QComboBox* box, int row) {
    if (!click(box)) return false;
    // A release that comes as fast as a double click belongs to the opening.
    QTest::qWait(QApplication::doubleClickInterval() + kPoll);
    return click_item(box->view(), box->model()->index(row, box->modelColumn(), box->rootModelIndex()));
  }

  // In the dialog that the next click opens.
  void choose_in_file_dialog(const QString& file) {
    dialog_problem_ = QStringLiteral("no dialog was seen");
    auto* timer = new QTimer(this);
    timer->setInterval(kPoll);
    auto tries = std::make_shared<int>(0);
    connect(timer, &QTimer::timeout, this, [this, timer, tries, file] {
      auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
      if (dialog == nullptr) return;
      for (QAbstractItemView* view : dialog->findChildren<QAbstractItemView*>()) {
        const bool lists_files =
            view->objectName() == QLatin1String("listView") || view->objectName() == QLatin1String("treeView");
        if (!lists_files || !view->isVisible()) continue;
        const QModelIndex root = view->rootIndex();
        for (int row = 0; row < view->model()->rowCount(root); ++row) {
          const QModelIndex index = view->model()->index(row, 0, root);
          if (index.data().toString() != file) continue;
          timer->deleteLater();
          dialog_problem_ = click_item(view, index) ? QString() : QStringLiteral("the file cannot be clicked");
          auto* buttons = dialog->findChild<QDialogButtonBox*>();
          if (!click(buttons->button(QDialogButtonBox::Open))) {
            dialog_problem_ = QStringLiteral("Open cannot be clicked");
            dialog->reject();
          }
          return;
        }
      }
      if (++*tries < kPatience / kPoll) return;
      timer->deleteLater();
      dialog_problem_ = QStringLiteral("the dialog does not list the file");
      dialog->reject();
    });
    timer->start();
  }

  const QTemporaryDir folder_;
  QString data_;
  QString dialog_problem_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(MouseTest)
#include "mouse_test.moc"
