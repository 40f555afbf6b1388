// The export dialog, with the real engine on a short run of the bundled demo.
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <memory>
#include <optional>

#include "ui/pages/export/export_dialog.h"
#include "vernier/demo.h"
#include "vernier/run.h"
#include "vernier/run_store.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kPatience = 60000;

}  // namespace

class ExportTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("export_test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.filePath(QStringLiteral("config")));
    RunConfig config = load_demo().config;
    config.max_steps = 3;
    config.per_device_train_batch_size = 4;
    config.return_logits.every = 1;
    RunOptions options;
    options.out_dir = run_dir().toStdString();
    options.device = "cpu";
    EventSink sink;
    RunControl control;
    const RunResult result = run_training(config, options, sink, control, {});
    QVERIFY2(result.status == RunStatus::kFinished, result.message.c_str());
    workbench_ = std::make_unique<Workbench>(EngineAccess{}, folder_.filePath(QStringLiteral("runs")));
  }

  void cleanup() { dialog_.reset(); }

  void saysWhatItWouldWriteBeforeItDoes() {
    open(run_dir());
    QVERIFY(child<QRadioButton>("exportAdapter")->isChecked());
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("exportStart")->isEnabled(), kPatience);
    QVERIFY2(told().startsWith(QString::fromUtf8("1.3\u00a0MB in 84 tensors (float32)")), qPrintable(told()));
    child<QRadioButton>("exportGguf")->click();
    QVERIFY(!child<QPushButton>("exportStart")->isEnabled());
    auto* dtype = child<QComboBox>("exportDtype");
    dtype->setCurrentIndex(dtype->findData(QStringLiteral("q8_0")));
    QTRY_VERIFY_WITH_TIMEOUT(told().contains(QLatin1String("q8_0")), kPatience);
    QVERIFY(child<QLineEdit>("exportTarget")->text().endsWith(QLatin1String(".gguf")));
    QVERIFY(!QFileInfo::exists(child<QLineEdit>("exportTarget")->text()));
  }

  void exportsAndShowsTheVerification() {
    const QDir folder(folder_.filePath(QStringLiteral("out")));
    for (const auto& [button, name] : {std::pair("exportAdapter", "adapter"), std::pair("exportMerged", "merged"),
                                       std::pair("exportGguf", "model.gguf")}) {
      open(run_dir());
      child<QRadioButton>(button)->click();
      type(folder.filePath(QLatin1String(name)));
      QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("exportStart")->isEnabled(), kPatience);
      QSignalSpy finished(&dialog_->session(), &ExportSession::finished);
      child<QPushButton>("exportStart")->click();
      QVERIFY(child<QPushButton>("exportCancel")->isVisible());
      QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kPatience);
      QVERIFY(QFileInfo::exists(folder.filePath(QLatin1String(name))));
      QVERIFY2(told().contains(QLatin1String("agrees")), qPrintable(told()));
      QVERIFY(told().contains(QString::fromUtf8("100.0\u00a0%")));
      QVERIFY(child<QPushButton>("exportOpenFolder")->isVisible());
      QVERIFY(!child<QPushButton>("exportStart")->isEnabled());  // the place is taken now
    }
    // What is there is not written over.
    open(run_dir());
    type(folder.filePath(QStringLiteral("merged")));
    QTRY_VERIFY_WITH_TIMEOUT(told().contains(QLatin1String("not empty")), kPatience);
    QVERIFY(!child<QPushButton>("exportStart")->isEnabled());
  }

  void makesAFilm() {
    open(run_dir());
    child<QRadioButton>("exportFilm")->click();
    QVERIFY(!child<QComboBox>("exportDtype")->isVisible());
    const QString path = folder_.filePath(QStringLiteral("out/run.html"));
    type(path);
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("exportStart")->isEnabled(), kPatience);
    QSignalSpy filmed(&dialog_->session(), &ExportSession::filmed);
    child<QPushButton>("exportStart")->click();
    QTRY_COMPARE_WITH_TIMEOUT(filmed.size(), 1, kPatience);
    QVERIFY2(told().contains(QLatin1String("3 steps and 3 captures")), qPrintable(told()));
    QVERIFY(QFileInfo(path).size() > 10000);
    child<QRadioButton>("exportFilm")->click();
    type(path);
    QTRY_VERIFY_WITH_TIMEOUT(told().contains(QLatin1String("Choose another name")), kPatience);
  }

  void saysWhichCapturesAFilmLacks() {
    const std::filesystem::path torn = folder_.filePath(QStringLiteral("torn")).toStdString();
    std::filesystem::copy(run_dir().toStdString(), torn, std::filesystem::copy_options::recursive);
    std::filesystem::remove(torn / RunReader(torn.string()).captures().front().file);
    open(QString::fromStdString(torn.string()));
    child<QRadioButton>("exportFilm")->click();
    type(folder_.filePath(QStringLiteral("out/torn.html")));
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("exportStart")->isEnabled(), kPatience);
    QSignalSpy filmed(&dialog_->session(), &ExportSession::filmed);
    child<QPushButton>("exportStart")->click();
    QTRY_COMPARE_WITH_TIMEOUT(filmed.size(), 1, kPatience);
    QVERIFY2(told().contains(QLatin1String("3 steps and 2 captures")), qPrintable(told()));
    QVERIFY2(told().contains(QLatin1String("missing or damaged")), qPrintable(told()));
  }

  void leavesNothingWhenCancelled() {
    open(run_dir());
    child<QRadioButton>("exportMerged")->click();
    const QString path = folder_.filePath(QStringLiteral("cancelled/merged"));
    type(path);
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("exportStart")->isEnabled(), kPatience);
    QSignalSpy failed(&dialog_->session(), &ExportSession::failed);
    child<QPushButton>("exportStart")->click();
    child<QPushButton>("exportCancel")->click();
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kPatience);
    QVERIFY2(told().startsWith(QLatin1String("Cancelled")), qPrintable(told()));
    QVERIFY(!QFileInfo::exists(path));
    QVERIFY(child<QPushButton>("exportStart")->isVisible());
  }

  void offersWhatARunHas() {
    QDir().mkpath(folder_.filePath(QStringLiteral("bare")));
    open(folder_.filePath(QStringLiteral("bare")));
    QVERIFY(!child<QRadioButton>("exportAdapter")->isEnabled());
    QVERIFY(!child<QRadioButton>("exportGguf")->isEnabled());
    QVERIFY(child<QRadioButton>("exportFilm")->isChecked());
    for (const char* name : {"exportAdapter", "exportMerged", "exportGguf", "exportFilm", "exportDtype", "exportTarget",
                             "exportBrowse", "exportStart", "exportCancel", "exportClose", "exportOpenFolder"}) {
      QVERIFY2(!child<QWidget>(name)->accessibleName().isEmpty(), name);
      QVERIFY2(!child<QWidget>(name)->toolTip().isEmpty(), name);
    }
  }

 private:
  QString run_dir() const { return folder_.filePath(QStringLiteral("runs/demo-1")); }
  void open(const QString& run) {
    dialog_ = std::make_unique<ExportDialog>(*workbench_, run);
    dialog_->setAttribute(Qt::WA_DeleteOnClose, false);
    dialog_->show();
    QVERIFY(QTest::qWaitForWindowExposed(dialog_.get()));
  }
  void type(const QString& path) {
    auto* target = child<QLineEdit>("exportTarget");
    target->selectAll();
    QTest::keyClicks(target, path);
    QVERIFY(!child<QPushButton>("exportStart")->isEnabled());
  }
  QString told() { return child<QLabel>("exportState")->text(); }
  template <typename T>
  T* child(const char* name) {
    T* found = dialog_->findChild<T*>(QLatin1String(name));
    if (found == nullptr) qFatal("there is no %s", name);
    return found;
  }

  QTemporaryDir folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<ExportDialog> dialog_;
};

QTEST_MAIN(ExportTest)
#include "export_test.moc"
