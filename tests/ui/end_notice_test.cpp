// What a desktop is told at the end of a run, on a message bus of the test's own.
#include "ui/session/end_notice.h"

#include <QApplication>
#include <QDBusConnection>
#include <QProcess>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "vernier/run.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kPatience = 30000;
const QString kName = QStringLiteral("org.freedesktop.Notifications");

}  // namespace

// What a desktop's notifications are, as far as they concern us.
class Desktop : public QObject {
  Q_OBJECT
  Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")

 public:
  struct Shown {
    QString application, icon, title, text;
    QVariantMap hints;
    int timeout = 0;
  };
  QList<Shown> shown;

 public Q_SLOTS:
  uint Notify(const QString& application, uint, const QString& icon, const QString& title, const QString& text,
              const QStringList&, const QVariantMap& hints, int timeout) {
    shown.append({application, icon, title, text, hints, timeout});
    return static_cast<uint>(shown.size());
  }
};

class EndNoticeTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    const QString daemon = QStandardPaths::findExecutable(QStringLiteral("dbus-daemon"));
    if (daemon.isEmpty()) QSKIP("dbus-daemon is not installed");
    QVERIFY(folder_.isValid());
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Vernier"));
    QGuiApplication::setDesktopFileName(QStringLiteral("org.vernier.Vernier"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.filePath(QStringLiteral("config")));
    bus_.start(daemon, {QStringLiteral("--session"), QStringLiteral("--nofork"), QStringLiteral("--print-address"),
                        QStringLiteral("--address=unix:path=") + folder_.filePath(QStringLiteral("bus"))});
    QVERIFY(bus_.waitForReadyRead(kPatience));
    const QByteArray address = bus_.readLine().trimmed();
    qputenv("DBUS_SESSION_BUS_ADDRESS", address);
    QDBusConnection connection = QDBusConnection::connectToBus(QString::fromLatin1(address), QStringLiteral("desktop"));
    QVERIFY(connection.isConnected());
    QVERIFY(connection.registerObject(QStringLiteral("/org/freedesktop/Notifications"), &desktop_,
                                      QDBusConnection::ExportAllSlots));
    QVERIFY(connection.registerService(kName));
  }

  void cleanupTestCase() {
    QDBusConnection::disconnectFromBus(QStringLiteral("desktop"));
    bus_.terminate();
    bus_.waitForFinished(kPatience);
  }

  void tellsTheDesktopHowARunEnded() {
    Workbench workbench({}, folder_.filePath(QStringLiteral("runs")));
    const EndNotice notice(workbench);
    RunResult result;
    result.status = RunStatus::kFinished;
    result.last_step = 12;
    Q_EMIT workbench.runEnded(result);
    QTRY_COMPARE_WITH_TIMEOUT(desktop_.shown.size(), 1, kPatience);
    const Desktop::Shown& first = desktop_.shown.front();
    QCOMPARE(first.application, QStringLiteral("Vernier"));
    QCOMPARE(first.title, QStringLiteral("Training has finished"));
    QVERIFY2(first.text.contains(QLatin1String("step 12")), qPrintable(first.text));
    QCOMPARE(first.icon, QStringLiteral("org.vernier.Vernier"));
    QCOMPARE(first.hints.value(QStringLiteral("desktop-entry")).toString(), QStringLiteral("org.vernier.Vernier"));
    QCOMPARE(first.hints.value(QStringLiteral("urgency")).value<uchar>(), uchar{1});

    // A sentence is no markup.
    result.status = RunStatus::kFailed;
    result.message = "[trainer] loss: got <NaN> & more.";
    Q_EMIT workbench.runEnded(result);
    QTRY_COMPARE_WITH_TIMEOUT(desktop_.shown.size(), 2, kPatience);
    QCOMPARE(desktop_.shown.back().title, QStringLiteral("Training has failed"));
    QVERIFY2(desktop_.shown.back().text.contains(QLatin1String("&lt;NaN&gt; &amp; more")),
             qPrintable(desktop_.shown.back().text));
    QCOMPARE(desktop_.shown.back().hints.value(QStringLiteral("urgency")).value<uchar>(), uchar{2});

    workbench.settings().set_notifies_at_end(false);
    Q_EMIT workbench.runEnded(result);
    QTest::qWait(100);
    QCOMPARE(desktop_.shown.size(), 2);
  }

 private:
  QTemporaryDir folder_;
  QProcess bus_;
  Desktop desktop_;
};

QTEST_MAIN(EndNoticeTest)
#include "end_notice_test.moc"
