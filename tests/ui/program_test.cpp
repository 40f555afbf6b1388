// The window's program from outside: what it opens, which files a picture may replace, and what it says where there is
// no window.
#include <QDir>
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QSet>
#include <QTest>

#include "tests/ui/real_run.h"

using namespace vernier::ui;

namespace {

struct Outcome {
  int status = -1;  // minus 1 where a signal ended it
  QString out;
  QString err;
};

// One line, as every error is.
bool is_one_sentence(const QString& text) {
  return text.startsWith(QLatin1String("error: ")) && text.count(QLatin1Char('\n')) == 1 &&
         text.endsWith(QLatin1String(".\n"));
}

}  // namespace

class ProgramTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    run_dir_ = folder_.filePath(QStringLiteral("run"));
    QCOMPARE(train_demo(run_dir_, 2), QString());
  }

  void saysItsVersionWithoutADisplay() {
    const Outcome outcome = run({QStringLiteral("--version")}, {}, {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"});
    QCOMPARE(outcome.status, 0);
    QVERIFY(outcome.out.startsWith(QLatin1String("vernier ")));
    QCOMPARE(outcome.err, QString());
  }

  // As logging out and Ctrl-C in its terminal do: a run that goes on is then saved as by closing the window.
  void aSignalClosesItsWindow() {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), folder_.filePath(QStringLiteral("signalled")));
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), folder_.filePath(QStringLiteral("signalled")));
    bool is_closed = false;
    // Before its window is there a signal ends it as any program: then it is given more time.
    for (int wait = 250; wait <= 16000 && !is_closed; wait *= 2) {
      QProcess program;
      program.setProcessEnvironment(environment);
      program.start(QStringLiteral(VERNIER_GUI), {QStringLiteral("--open"), run_dir_});
      QVERIFY(program.waitForStarted(kPatience));
      QVERIFY(!program.waitForFinished(wait));
      program.terminate();
      QVERIFY(program.waitForFinished(kPatience));
      is_closed = program.exitStatus() == QProcess::NormalExit && program.exitCode() == 0;
    }
    QVERIFY(is_closed);
  }

  void saysThatADisplayDoesNotAnswer() {
    const QStringList dead = {QStringLiteral("DISPLAY=:4242")};
    for (const QStringList& environment :
         {dead, dead + QStringList{QStringLiteral("LANG=zh_CN.UTF-8"), QStringLiteral("LANGUAGE=zh_CN")},
          QStringList{QStringLiteral("WAYLAND_DISPLAY=nobody")},
          QStringList{QStringLiteral("QT_QPA_PLATFORM=nonsense")}, QStringList()}) {
      const Outcome outcome = run({}, environment, {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"});
      QCOMPARE(outcome.status, 1);
      QVERIFY2(outcome.err.startsWith(QLatin1String("error: ")) && outcome.err.count(QLatin1Char('\n')) == 1,
               qPrintable(environment.join(' ') + outcome.err));
      QVERIFY2(outcome.err.contains(QLatin1String("vernier-cli")), qPrintable(outcome.err));
    }
    const Outcome named = run({}, dead, {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"});
    QVERIFY2(named.err.contains(QLatin1String(":4242")), qPrintable(named.err));
    const Outcome chinese =
        run({QStringLiteral("--language"), QStringLiteral("zh_CN")}, dead, {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"});
    QVERIFY2(chinese.err.contains(QStringLiteral("\u663e\u793a")), qPrintable(chinese.err));
  }

  void opensWhatAFileManagerHandsOver() {
    const QImage asked = picture({QStringLiteral("--open"), run_dir_});
    QVERIFY(!asked.isNull());
    QCOMPARE(picture({run_dir_}), asked);
    QCOMPARE(picture({run_dir_ + QStringLiteral("/run.db")}), asked);
    QVERIFY(picture({}) != asked);
    const QImage set_up = picture({QStringLiteral("--set-up"), run_dir_ + QStringLiteral("/run.json")}, "setup");
    QVERIFY(!set_up.isNull());
    QCOMPARE(picture({run_dir_ + QStringLiteral("/run.json")}, "setup"), set_up);
  }

  void refusesMoreThanOneRun() {
    for (const QStringList& arguments :
         {QStringList{run_dir_, run_dir_}, QStringList{run_dir_, QStringLiteral("--demo")},
          QStringList{QStringLiteral("--open"), run_dir_, run_dir_}}) {
      const Outcome outcome = run(arguments);
      QCOMPARE(outcome.status, 2);
      QVERIFY2(is_one_sentence(outcome.err), qPrintable(outcome.err));
    }
  }

  void showsTabsAndDialogs() {
    const QStringList open = {QStringLiteral("--open"), run_dir_};
    const QImage page = picture(open);
    QVERIFY(!page.isNull());
    for (const char* action : {"palette", "shortcuts", "exportRun"}) {
      const QImage shown = picture(open + QStringList{QStringLiteral("--action"), QString::fromLatin1(action)});
      QVERIFY2(!shown.isNull() && shown != page, action);
    }
    const QString path = folder_.filePath(QStringLiteral("tab.png"));
    QSet<QByteArray> tabs;
    for (const char* tab : {"1", "3", "4"}) {
      const Outcome outcome = run(
          open + QStringList{QStringLiteral("--screenshot"), path, QStringLiteral("--tab"), QString::fromLatin1(tab)});
      QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
      tabs.insert(read(path));
    }
    QCOMPARE(tabs.size(), 3);
    for (const QStringList& wrong : {QStringList{QStringLiteral("--tab"), QStringLiteral("6")},
                                     QStringList{QStringLiteral("--action"), QStringLiteral("dance")}}) {
      const Outcome outcome = run(QStringList{QStringLiteral("--screenshot"), path} + wrong);
      QCOMPARE(outcome.status, 2);
      QVERIFY2(is_one_sentence(outcome.err), qPrintable(outcome.err));
    }
  }

  // A mistaken path, or one that a shell completed, must not cost a run its files.
  void aPictureReplacesPicturesOnly() {
    QDir dir(folder_.path());
    const QString notes = dir.filePath(QStringLiteral("notes.png"));
    write(notes, "not a picture");
    const QString link = dir.filePath(QStringLiteral("link.png"));
    QVERIFY(QFile::link(run_dir_ + QStringLiteral("/run.db"), link));
    QVERIFY(dir.mkdir(QStringLiteral("folder.png")));
    for (const QString& path :
         {run_dir_ + QStringLiteral("/run.db"), run_dir_ + QStringLiteral("/run.json"),
          run_dir_ + QStringLiteral("/log.txt"), notes, link, dir.filePath(QStringLiteral("folder.png")), QString()}) {
      const QByteArray before = read(path);
      const Outcome outcome = run({QStringLiteral("--screenshot"), path});
      QCOMPARE(outcome.status, 2);
      QVERIFY2(is_one_sentence(outcome.err), qPrintable(outcome.err));
      QCOMPARE(read(path), before);
    }
    QVERIFY(QFileInfo(link).isSymLink());
    const Outcome nowhere = run({QStringLiteral("--screenshot"), dir.filePath(QStringLiteral("no/such/a.png"))});
    QCOMPARE(nowhere.status, 1);
    QVERIFY2(is_one_sentence(nowhere.err), qPrintable(nowhere.err));
    // What mktemp leaves, and a picture taken before.
    const QString fresh = dir.filePath(QStringLiteral("fresh.png"));
    write(fresh, "");
    for (const char* size : {"800x600", "900x650"}) {
      const Outcome outcome =
          run({QStringLiteral("--screenshot"), fresh, QStringLiteral("--size"), QString::fromLatin1(size)});
      QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
    }
    QCOMPARE(QImage(fresh).size(), QSize(900, 650));
  }

  void aPictureOfWhatFailsIsNoPicture() {
    const QString path = folder_.filePath(QStringLiteral("none.png"));
    const Outcome outcome = run(
        {QStringLiteral("--open"), folder_.filePath(QStringLiteral("missing")), QStringLiteral("--screenshot"), path});
    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.err.contains(QLatin1String("missing")), qPrintable(outcome.err));
    QVERIFY(!QFile::exists(path));
  }

 private:
  // With `add` ("NAME=VALUE") in its environment and without `remove`.
  Outcome run(const QStringList& arguments, const QStringList& add = {}, const QList<const char*>& remove = {}) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "XDG_SESSION_TYPE"}) {
      environment.remove(QLatin1String(name));
    }
    for (const char* name : remove) environment.remove(QLatin1String(name));
    environment.insert(QStringLiteral("HOME"), folder_.path());
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"}) {
      environment.insert(QLatin1String(name), folder_.filePath(QStringLiteral("home")));
    }
    for (const QString& entry : add) {
      environment.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    }
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(VERNIER_GUI), arguments);
    Outcome outcome;
    if (!process.waitForFinished(kPatience)) return outcome;
    if (process.exitStatus() == QProcess::NormalExit) outcome.status = process.exitCode();
    outcome.out = QString::fromUtf8(process.readAllStandardOutput());
    outcome.err = QString::fromUtf8(process.readAllStandardError());
    return outcome;
  }

  QImage picture(QStringList arguments, const char* page = "run") {
    const QString path = folder_.filePath(QStringLiteral("picture.png"));
    QFile::remove(path);
    arguments += {QStringLiteral("--screenshot"), path,
                  QStringLiteral("--page"),       QString::fromLatin1(page),
                  QStringLiteral("--size"),       QStringLiteral("1024x700")};
    const Outcome outcome = run(arguments);
    if (outcome.status != 0) qWarning("%s", qPrintable(outcome.err));
    return QImage(path).copy(0, 0, 1024, 400);  // what is below tells of memory that is free now
  }

  static void write(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
  }

  static QByteArray read(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

  const QTemporaryDir folder_;
  QString run_dir_;
};

QTEST_GUILESS_MAIN(ProgramTest)
#include "program_test.moc"
