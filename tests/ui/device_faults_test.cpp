// The window and a device that fails: it says so in one sentence, the run can be opened and gone on with, and the
// window goes on. The real engine on a stand-in for a GPU.
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QMenu>
#include <QTest>
#include <memory>
#include <optional>

#include "tests/parity/stand_in_cuda.h"
#include "tests/ui/real_run.h"
#include "ui/frame/main_window.h"
#include "ui/widgets/message_bar.h"
#include "vernier/devices.h"
#include "vernier/run_store.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

using Kind = StandInFaults::Kind;

class DeviceFaultsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    folder_.emplace();
    use_settings_in(*folder_, "device_faults_test");
    stand_in_cuda().reset();
  }

  void cleanup() {
    close();
    stand_in_cuda().reset();
  }

  void aGpuLostInMidRun() {
    open();
    begin();
    stand_in_cuda().faults->now(Kind::kLost);
    expect_failed(QStringLiteral("The GPU is lost to this program: restart it."));
    const std::string run_dir = workbench_->run().run_dir().toStdString();
    {
      const RunReader reader(run_dir);
      QCOMPARE(reader.info().state, std::string("failed"));
      QCOMPARE(reader.steps().size(), workbench_->run().series().size());
      QVERIFY(reader.info().last_saved_step > 0);
    }
    workbench_->ask_devices();
    QTRY_VERIFY_WITH_TIMEOUT(devices().contains(QLatin1String("The GPU was lost to this program")), kPatience);
    // This program has no GPU any more. It says why the run cannot go on, and leaves it as it was.
    QTRY_VERIFY_WITH_TIMEOUT(window_->actions().resume->isEnabled(), kPatience);
    window_->actions().resume->trigger();
    expect_failed(QStringLiteral("The GPU was lost to this program; restart it"));
    for (const PageId page : {PageId::kInspect, PageId::kSetUp, PageId::kRun}) window_->show_page(page);
    QCOMPARE(RunReader(run_dir).info().state, std::string("failed"));
    // Restarted, it goes on from the last checkpoint.
    close();
    stand_in_cuda().reset();
    open();
    workbench_->open_run(QString::fromStdString(run_dir));
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kFailed, kPatience);
    QVERIFY(child<QLabel>("runNote")->text().contains(QLatin1String("The GPU is lost to this program: restart it.")));
    go_on();
  }

  void aStepWithoutMemory() {
    open();
    begin();
    stand_in_cuda().faults->now(Kind::kOutOfMemory);
    expect_failed(QStringLiteral("Use a smaller micro-batch"));
    go_on();
  }

  void aRunThatCannotFit() {
    stand_in_cuda().set_free_bytes(1 << 18);
    open();
    make_ready();
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->session().is_active(), kPatience);
    QVERIFY2(message().contains(QLatin1String("which are free. ")), qPrintable(message()));
    QVERIFY(!QFileInfo::exists(workbench_->run().run_dir()));
    // With what it needs the same run starts.
    stand_in_cuda().set_free_bytes(0);
    QTRY_VERIFY_WITH_TIMEOUT(window_->actions().start->isEnabled(), kPatience);
    start();
    stop();
  }

  void aDriverTooOld() {
    stand_in_cuda().set_problem(kDriverTooOld);
    open();
    QTRY_VERIFY_WITH_TIMEOUT(devices().contains(QLatin1String(kDriverTooOld)), kPatience);
    begin();
    QCOMPARE(workbench_->run().info().device, std::string("cpu"));
    stop();
  }

 private:
  void open() {
    EngineAccess engine = real_engine();
    engine.list_devices = list_devices;
    workbench_ = std::make_unique<Workbench>(engine, folder_->filePath(QStringLiteral("runs")));
    window_ = std::make_unique<MainWindow>(*workbench_);
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }

  void close() {
    window_.reset();
    workbench_.reset();
  }

  void make_ready() {
    RunConfig config = load_demo().config;
    config.max_steps = 100'000;
    config.save_steps = 2;
    config.save_total_limit = 2;
    config.eval_steps = 0;
    config.eval_dataset.reset();
    config.per_device_train_batch_size = 1;
    config.return_logits = {};
    config.parity_check_every = 0;
    workbench_->make_ready(config, folder_->filePath(QStringLiteral("runs/run")));
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kReady, kPatience);
  }

  // Until some steps are done and saved.
  void start() {
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(workbench_->run().series().size() > 4, kPatience);
  }

  void begin() {
    make_ready();
    start();
  }

  void expect_failed(const QString& sentence) {
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->session().is_active(), kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kFailed, kPatience);
    QVERIFY2(message().contains(sentence), qPrintable(message()));
    QVERIFY(!message().contains(QLatin1Char('\n')));
    QVERIFY(child<MessageBar>("messageBar")->isVisible());
  }

  // With the device whole again.
  void go_on() {
    QTRY_VERIFY_WITH_TIMEOUT(window_->actions().resume->isEnabled(), kPatience);
    const std::size_t saved = static_cast<std::size_t>(workbench_->run().info().last_saved_step);
    window_->actions().resume->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kRunning, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(workbench_->run().series().size() > saved + 3, kPatience);
    QCOMPARE(workbench_->run().info().device, std::string("stand-in"));
    stop();
    const std::vector<SeriesPoint>& series = workbench_->run().series();
    for (std::size_t i = 0; i < series.size(); ++i) QCOMPARE(series[i].step, static_cast<std::int64_t>(i) + 1);
  }

  void stop() {
    window_->actions().stop->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kStopped, kPatience);
  }

  QString message() const { return child<MessageBar>("messageBar")->text(); }

  // What the list of devices says.
  QString devices() const {
    QString all;
    for (const QMenu* menu : child<QWidget>("statusStrip")->findChildren<QMenu*>()) {
      for (const QAction* line : menu->actions()) all += line->text() + QLatin1Char('\n');
    }
    return all;
  }

  template <typename Widget>
  Widget* child(const char* name) const {
    return window_->findChild<Widget*>(QLatin1String(name));
  }

  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(DeviceFaultsTest)
#include "device_faults_test.moc"
