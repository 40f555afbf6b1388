// The lessons page before a scripted experiment, and the lessons' texts.
#include "ui/pages/lessons/lessons_page.h"

#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <atomic>
#include <memory>
#include <thread>

#include "ui/pages/lessons/lesson_view.h"
#include "ui/style/color_maps.h"
#include "vernier/error.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kPatience = 10000;

LessonResult made_result() {
  return {.curves = {{"kept", {{1, 7.2}, {2, 5.0}}}, {"lost", {{1, 5.3}, {2, 4.0}}}},
          .columns = {"labelled", "first_loss"},
          .rows = {{"kept", {"66 %", "7.19"}}, {"lost", {"98 %", "5.35"}}},
          .values = {{"kept_first", "7.19"}, {"lost_first", "5.35"}}};
}

}  // namespace

class LessonsPageTest : public QObject {
  Q_OBJECT

  template <class T>
  T* child(const char* name) {
    // Every lesson has its own; the one that is shown is wanted.
    for (T* widget : page_->findChildren<T*>(QLatin1String(name))) {
      if (widget->isVisibleTo(page_.get())) return widget;
    }
    return nullptr;
  }

  void open(LessonFunction run) {
    page_ = std::make_unique<LessonsPage>(*workbench_, std::move(run));
    page_->resize(1000, 700);
    page_->show();
  }

 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->path());
    workbench_ = std::make_unique<Workbench>(EngineAccess{}, folder_->filePath(QStringLiteral("runs")));
  }
  void cleanup() {
    page_.reset();
    workbench_.reset();
  }

  void everyTextIsWhole() {
    const std::vector<LessonText> lessons = load_lessons(QStringLiteral("en_GB"));
    QCOMPARE(lessons.size(), lesson_ids().size());
    for (const LessonText& lesson : lessons) {
      QVERIFY(lesson.minutes >= 2 && lesson.minutes <= 4);
      QVERIFY(lesson.choices.size() >= 2);
      for (const QString& text :
           QStringList{lesson.title, lesson.teaches, lesson.question, lesson.right, lesson.wrong, lesson.remember} +
               lesson.intro + lesson.reveal + lesson.choices) {
        QVERIFY2(!text.trimmed().isEmpty(), lesson.id.c_str());
      }
    }
    QCOMPARE(filled_in(QStringLiteral("from {a} to {b}{a}"), {{"a", "1"}, {"b", "2"}}), QStringLiteral("from 1 to 21"));
  }

  void predictsRunsAndReveals() {
    std::atomic<bool> goes_on = false;
    open([&goes_on](const std::string& id, const std::function<void(double)>& progress, const std::stop_token&) {
      if (id != "label-mask") fail(ErrorCode::kInternal, "test", id);
      progress(0.5);
      while (!goes_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return made_result();
    });
    auto* run = child<QPushButton>("lessonRun");
    QVERIFY(!run->isEnabled());  // nothing is predicted yet
    QVERIFY(child<QWidget>("lessonReveal") == nullptr);
    page_->take_focus();
    auto* choice = child<QRadioButton>("lessonChoice2");
    choice->click();
    QVERIFY(run->isEnabled());
    QTest::mouseClick(run, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(
        child<QProgressBar>("lessonProgress") ? child<QProgressBar>("lessonProgress")->value() : 0, 500, kPatience);
    QVERIFY(!choice->isEnabled());
    goes_on = true;
    QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("lessonReveal") != nullptr, kPatience);
    QCOMPARE(child<QLabel>("lessonVerdict")->text(), load_lessons(QStringLiteral("en"))[0].right);
    // The choice that was right is marked, and no other: it was taken.
    QCOMPARE(child<QLabel>("lessonMarkWord2")->text(), QStringLiteral("Right, and your choice"));
    QCOMPARE(choice->accessibleDescription(), QStringLiteral("Right, and your choice"));
    QVERIFY(child<QWidget>("lessonMark0") == nullptr && child<QWidget>("lessonMark1") == nullptr);
    QCOMPARE(run->text(), QStringLiteral("Run it &again"));
    QCOMPARE(page_->focusWidget(), child<QWidget>("lessonPlot"));
    // What cannot be chosen any more is still read.
    QVERIFY(!choice->isEnabled());
    const QPalette colors = choice->palette();
    QVERIFY(contrast_ratio(colors.color(QPalette::Disabled, QPalette::WindowText),
                           page_->palette().color(QPalette::Active, QPalette::Window)) >= 4.5);
    auto* table = child<QTableWidget>("lessonTable");
    QCOMPARE(table->rowCount(), 2);
    QCOMPARE(table->item(1, 0)->text(), QStringLiteral("mask lost (planted)"));
    QCOMPARE(table->item(0, 2)->text(), QStringLiteral("7.19"));
    QCOMPARE(table->horizontalHeaderItem(2)->text(), QStringLiteral("loss of step 1"));
    auto* plot = child<CurvePlot>("lessonPlot");
    QCOMPARE(plot->curves().size(), std::size_t{2});
    QCOMPARE(plot->readout(1.9).at(1), QStringLiteral("mask kept: 5.000"));
    QCOMPARE(workbench_->settings().lessons_done(), QStringList{QStringLiteral("label-mask")});
    // On to the next by keyboard.
    QTest::keyClick(child<QPushButton>("lessonNext"), Qt::Key_Space);
    QCOMPARE(child<QListWidget>("lessonsList")->currentRow(), 1);
    QVERIFY(child<QWidget>("lessonReveal") == nullptr);
  }

  void marksTheRightChoiceBesideTheOneTaken() {
    open([](const std::string&, const std::function<void(double)>&, const std::stop_token&) { return made_result(); });
    child<QRadioButton>("lessonChoice0")->click();
    QVERIFY(child<QWidget>("lessonMark0") == nullptr && child<QWidget>("lessonMark2") == nullptr);
    child<QPushButton>("lessonRun")->click();
    QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("lessonReveal") != nullptr, kPatience);
    QCOMPARE(child<QLabel>("lessonVerdict")->text(), load_lessons(QStringLiteral("en"))[0].wrong);
    QCOMPARE(child<QLabel>("lessonMarkWord0")->text(), QStringLiteral("Your choice, not right"));
    QCOMPARE(child<QLabel>("lessonMarkWord2")->text(), QStringLiteral("Right"));
    QVERIFY(child<QWidget>("lessonMark1") == nullptr);
    QCOMPARE(child<QRadioButton>("lessonChoice2")->accessibleDescription(), QStringLiteral("Right"));
    QVERIFY(child<QRadioButton>("lessonChoice1")->accessibleDescription().isEmpty());
  }

  void aNarrowPageInLargeTextCutsNothing() {
    LessonResult result = made_result();
    for (const char* column : {"a column more", "another column", "and yet another one", "the last of them"}) {
      result.columns.emplace_back(column);
      for (LessonRow& row : result.rows) row.cells.emplace_back("1.00");
    }
    open([&result](const std::string&, const std::function<void(double)>&, const std::stop_token&) { return result; });
    page_->resize(640, 700);
    page_->show_lesson(2);
    child<QToolButton>("lessonsProjector")->click();
    child<QRadioButton>("lessonChoice2")->click();
    child<QPushButton>("lessonRun")->click();
    QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("lessonReveal") != nullptr, kPatience);
    const auto* table = child<QTableWidget>("lessonTable");
    QTRY_VERIFY_WITH_TIMEOUT(table->horizontalScrollBar()->maximum() > 0, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(table->verticalScrollBar()->maximum(), 0, kPatience);
    for (const char* name : {"lessonChoice0", "lessonChoice1", "lessonChoice2"}) {
      const auto* choice = child<QRadioButton>(name);
      QVERIFY2(choice->sizeHint().width() <= choice->width() && choice->sizeHint().height() <= choice->height(), name);
    }
    QVERIFY(child<QRadioButton>("lessonChoice2")->text().contains(QLatin1Char('\n')));
  }

  void cancelsAndTellsFailures() {
    open([](const std::string& id, const std::function<void(double)>&, const std::stop_token& stop) -> LessonResult {
      if (id == "normalization") fail(ErrorCode::kNotFound, "demo", "got no data.");
      while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      fail(ErrorCode::kCancelled, "lesson", "stopped.");
    });
    child<QRadioButton>("lessonChoice0")->click();
    child<QPushButton>("lessonRun")->click();
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("lessonCancel") != nullptr, kPatience);
    // One experiment at a time.
    page_->show_lesson(1);
    child<QRadioButton>("lessonChoice0")->click();
    QVERIFY(!child<QPushButton>("lessonRun")->isEnabled());
    page_->show_lesson(0);
    child<QPushButton>("lessonCancel")->click();
    QTRY_VERIFY_WITH_TIMEOUT(child<MessageBar>("lessonMessages") != nullptr, kPatience);
    QVERIFY(child<MessageBar>("lessonMessages")->text().contains(QLatin1String("Cancelled")));
    page_->show_lesson(1);
    child<QPushButton>("lessonRun")->click();
    QTRY_VERIFY_WITH_TIMEOUT(child<MessageBar>("lessonMessages") != nullptr, kPatience);
    QVERIFY(child<MessageBar>("lessonMessages")->text().contains(QLatin1String("got no data")));
    QVERIFY(child<QPushButton>("lessonRun")->isEnabled());
    QVERIFY(workbench_->settings().lessons_done().isEmpty());
  }

  // A window in another language takes the place of one whose experiment goes on.
  void anExperimentOutlivesItsPage() {
    std::atomic<bool> goes_on = false;
    const LessonFunction run = [&goes_on](const std::string&, const std::function<void(double)>&,
                                          const std::stop_token& stop) {
      while (!goes_on && !stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return made_result();
    };
    open(run);
    child<QRadioButton>("lessonChoice2")->click();
    child<QPushButton>("lessonRun")->click();
    QVERIFY(page_->is_running());
    page_.reset();
    open(run);
    child<QRadioButton>("lessonChoice2")->setChecked(true);  // as the window's place has it
    page_->show_again();
    QVERIFY(page_->is_running());
    QVERIFY(child<QPushButton>("lessonCancel") != nullptr);
    goes_on = true;
    QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("lessonReveal") != nullptr, kPatience);
    // Seen to its end, it is shown by a third.
    page_.reset();
    open(run);
    QVERIFY(child<QWidget>("lessonReveal") == nullptr);
    child<QRadioButton>("lessonChoice2")->setChecked(true);
    page_->show_again();
    QVERIFY(child<QWidget>("lessonReveal") != nullptr);
    QCOMPARE(child<QLabel>("lessonVerdict")->text(), load_lessons(QStringLiteral("en"))[0].right);
  }

  void everyControlIsNamedAndExplained() {
    open([](const std::string&, const std::function<void(double)>&, const std::stop_token&) { return made_result(); });
    for (const QAbstractButton* button : page_->findChildren<QAbstractButton*>()) {
      if (!button->isVisibleTo(page_.get())) continue;
      QVERIFY2(!button->accessibleName().isEmpty() && !button->toolTip().isEmpty(), qPrintable(button->objectName()));
    }
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<LessonsPage> page_;
};

QTEST_MAIN(LessonsPageTest)
#include "lessons_page_test.moc"
