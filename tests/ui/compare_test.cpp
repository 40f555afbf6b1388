// Compare: models under the tester, the plot, and the page over run folders that a scripted engine made, or the real
// one.
#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cmath>
#include <optional>
#include <thread>

#include "tests/ui/real_run.h"
#include "tests/ui/scripted_engine.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/style/paint.h"
#include "ui/style/run_style.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

RunSummary summary(const char* name, std::int64_t step) {
  RunSummary run;
  run.run_dir = std::string("/runs/") + name;
  run.name = name;
  run.state = "finished";
  run.last_step = step;
  run.last_loss = 1.5;
  return run;
}

CompareCurve made_curve(const QString& name, int count, double from, double to) {
  CompareCurve curve;
  curve.name = name;
  std::vector<SeriesPoint> points;
  for (int i = 1; i <= count; ++i) {
    SeriesPoint& point = points.emplace_back();
    point.step = 10 * i;
    point.loss_per_token = to + (from - to) * std::exp(-i / 10.0);
    point.loss_per_sequence = 2.0 * point.loss_per_token;
  }
  auto series = std::make_shared<LossSeries>();
  series->append(points);
  curve.series = series;
  curve.evals = {{0.0, from, 2.0 * from}, {10.0 * count, to, 2.0 * to}};
  return curve;
}

}  // namespace

class CompareTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("compare_test"));
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

  void showsWhatDiffers() {
    ComparisonModel model(QStringLiteral("Setting"));
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set({QStringLiteral("a"), QStringLiteral("b|c")},
              {{QStringLiteral("lora.r"), {}, {QStringLiteral("8"), QStringLiteral("16")}, -1},
               {QStringLiteral("seed"), {}, {QStringLiteral("42"), QStringLiteral("42")}, -1},
               {QStringLiteral("loss"), {}, {QStringLiteral("1.5"), QStringLiteral("1.2")}, 1}});
    QCOMPARE(model.rowCount(), 3);
    model.set_only_differences(true);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.num_left_out(), 1);
    QCOMPARE(model.to_markdown(), QStringLiteral("| Setting | a | b\\|c |\n| --- | --- | --- |\n| lora.r | 8 | 16 |\n"
                                                 "| loss | 1.5 | 1.2 (best) |\n"));
    model.set_only_differences(false);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("b|c"));
  }

  void choosesUpToFour() {
    RunChoiceModel model([](int place) { return QVariant(place); });
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set_runs(
        {summary("a", 5), summary("b", 5), summary("nothing", 0), summary("c", 5), summary("d", 5), summary("e", 5)});
    QCOMPARE(model.rowCount(), 5);  // a run without a step has no curve
    for (const int row : {2, 0, 1, 3}) QVERIFY(model.setData(model.index(row), Qt::Checked, Qt::CheckStateRole));
    QVERIFY(!model.setData(model.index(4), Qt::Checked, Qt::CheckStateRole));
    QVERIFY(!model.flags(model.index(4)).testFlag(Qt::ItemIsEnabled));
    QCOMPARE(model.chosen(), (QStringList{"/runs/c", "/runs/a", "/runs/b", "/runs/d"}));
    QCOMPARE(model.index(2).data(Qt::DecorationRole).toInt(), 0);  // the place, not the row, says how it is drawn
    QVERIFY(model.setData(model.index(0), Qt::Unchecked, Qt::CheckStateRole));
    QVERIFY(model.flags(model.index(4)).testFlag(Qt::ItemIsEnabled));
    model.set_runs({summary("a", 5), summary("b", 6)});
    QCOMPARE(model.chosen(), QStringList{"/runs/b"});
  }

  void theOpenRunIsAmongThem() {
    for (const char* name : {"a", "b", "c"}) make_run(name, {.steps = 5}, 1e-3);
    open({});
    RunChoiceModel& choice = page_->choice();
    QTRY_COMPARE_WITH_TIMEOUT(choice.chosen().size(), qsizetype{2}, kPatience);
    int row = 0;
    while (choice.chosen().contains(choice.run_dir(row))) ++row;
    const QString third = choice.run_dir(row);
    const QStringList newest = choice.chosen();
    // In the place of the older of two that nobody has chosen.
    workbench_->open_run(third);
    QTRY_VERIFY_WITH_TIMEOUT(choice.chosen().contains(third), kPatience);
    QCOMPARE(choice.chosen(), (QStringList{third, choice.run_dir(row == 0 ? 1 : 0)}));
    // Given up, it stays away,
    const auto set = [&choice](const QString& run, Qt::CheckState state) {
      for (int at = 0; at < choice.num_runs(); ++at) {
        if (choice.run_dir(at) == run) choice.setData(choice.index(at), state, Qt::CheckStateRole);
      }
    };
    set(third, Qt::Unchecked);
    for (const QString& run : newest) set(run, Qt::Checked);
    QSignalSpy listed(&workbench_->loader(), &RunLoader::listed);
    workbench_->list_runs();
    QTRY_VERIFY_WITH_TIMEOUT(!listed.isEmpty(), kPatience);
    QVERIFY(!choice.chosen().contains(third));
    // until it is opened again, and joins those that somebody chose.
    workbench_->open_run(newest.front());
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().run_dir(), newest.front(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy(), kPatience);
    workbench_->open_run(third);
    QTRY_COMPARE_WITH_TIMEOUT(choice.chosen().size(), qsizetype{3}, kPatience);
    QCOMPARE(choice.chosen().back(), third);
    // The list's loss is that of one step, and says so.
    QVERIFY(choice.index(0).data().toString().contains(QLatin1String(" at step 5")));
  }

  void tellsRunsApartByHueAndLine() {
    for (int a = 0; a < kRunStyles; ++a) {
      for (int b = a + 1; b < kRunStyles; ++b) {
        QVERIFY(run_color(a) != run_color(b));
        QVERIFY(run_pen_style(a) != run_pen_style(b));
      }
    }
  }

  void drawsAndReadsCurves() {
    ComparePlot plot;
    plot.resize(800, 400);
    plot.setCurves(
        {made_curve(QStringLiteral("first"), 100, 4.0, 2.0), made_curve(QStringLiteral("second"), 40, 4.0, 1.0)},
        QStringLiteral("step"), [](double x) { return QString::number(x); });
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    const double loss = 2.0 + 2.0 * std::exp(-2.0);
    QCOMPARE(plot.readout(203).front(), QStringLiteral("first: %1 at 200").arg(figure(loss)));
    // A shorter run is read at its end.
    QVERIFY(plot.readout(1000).back().endsWith(QLatin1String("at 400")));
    plot.setPerSequence(true);
    QCOMPARE(plot.readout(203).front(), QStringLiteral("first: %1 at 200").arg(figure(2.0 * loss)));
    QSignalSpy logarithmic(&plot, &ComparePlot::logarithmicChanged);
    plot.setFocus();
    QTest::keyClick(&plot, Qt::Key_L);
    QCOMPARE(logarithmic.size(), 1);
    QTest::keyClick(&plot, Qt::Key_Right);
    QVERIFY(!plot.findChild<QLabel*>(QStringLiteral("compareReadout"))->text().isEmpty());
    QVERIFY(!plot.accessibleDescription().isEmpty());
    for (const char* name : {"curves.png", "curves.svg", "curves.pdf"}) {
      const QString path = folder_->filePath(QLatin1String(name));
      QVERIFY(plot.savePicture(path));
      QVERIFY(QFileInfo(path).size() > 500);
    }
    QVERIFY(!plot.savePicture(folder_->filePath(QStringLiteral("no/such/folder.png"))));
    // Each run leaves its hue in the picture.
    const QImage image = plot.grab().toImage();
    for (const int run : {0, 1}) {
      int count = 0;
      for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
          const QColor at = image.pixelColor(x, y), hue = run_color(run);
          count +=
              std::abs(at.red() - hue.red()) + std::abs(at.green() - hue.green()) + std::abs(at.blue() - hue.blue()) <
                      60
                  ? 1
                  : 0;
        }
      }
      QVERIFY2(count > 30, qPrintable(QString::number(count)));
    }
  }

  void teachesWithoutRuns() {
    open({});
    QVERIFY(child<QWidget>("compareEmpty")->isVisible());
    QVERIFY(child<QWidget>("compareEmpty")->findChild<QPushButton*>()->isVisible());
    page_->take_focus();
    QVERIFY(child<QWidget>("compareEmpty")->isAncestorOf(QApplication::focusWidget()));
  }

  void comparesTheNewestTwo() {
    make_run("first", {.steps = 30, .parity_every = 10, .eval_every = 10}, 2e-4);
    make_run("second", {.steps = 12}, 1e-3);
    open({});
    QTRY_COMPARE_WITH_TIMEOUT(page_->session().runs().size(), std::size_t{2}, kPatience);
    QVERIFY(child<QWidget>("compareTabs")->isVisible());
    const std::vector<ComparedRun>& runs = page_->session().runs();
    const ComparedRun& first = runs[0].name == QLatin1String("first") ? runs[0] : runs[1];
    const ComparedRun& second = runs[0].name == QLatin1String("first") ? runs[1] : runs[0];
    QCOMPARE(first.points().size(), std::size_t{30});
    QCOMPARE(first.points().back().tokens, 30 * kScriptSequences * kScriptTokens);
    QCOMPARE(first.points().back().microseconds, 30 * 20'000);
    QCOMPARE(second.points().size(), std::size_t{12});
    QCOMPARE(first.parity, std::optional(ParityVerdict::kAgrees));

    // What was configured differently, and nothing else.
    const QAbstractItemModel* settings = child<QTableView>("compareSettingsTable")->model();
    QCOMPARE(settings->rowCount(), 1);
    QCOMPARE(settings->index(0, 0).data().toString(), QStringLiteral("learning_rate"));
    auto* only = child<QCheckBox>("compareSettingsOnlyDifferences");
    QVERIFY(only->isChecked());
    only->click();
    QVERIFY(settings->rowCount() > 20);
    child<QPushButton>("compareSettingsCopy")->click();
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(QLatin1String("| Setting | ")));

    const QAbstractItemModel* figures = child<QTableView>("compareFiguresTable")->model();
    QHash<QString, QStringList> of;
    for (int row = 0; row < figures->rowCount(); ++row) {
      for (int column = 0; column < 3; ++column) {
        of[figures->index(row, 0).data().toString()] << figures->index(row, column).data().toString();
      }
    }
    const int first_column = &first == &runs[0] ? 1 : 2;
    QVERIFY(of["Steps"][first_column].startsWith(QLatin1String("30 of")));
    QVERIFY(of["Loss per token, last tenth"][first_column].endsWith(QLatin1String("(best)")));  // it went on longer
    QCOMPARE(of["Held-out loss, last"][first_column].left(6), QString::number(2.0 + std::exp(-30.0 / 20.0), 'f', 4));
    QCOMPARE(of["Held-out loss, last"][3 - first_column], QStringLiteral("\u2013"));
    QCOMPARE(of["Parity"][first_column], QStringLiteral("agrees"));

    auto* plot = child<ComparePlot>("comparePlot");
    QTRY_VERIFY_WITH_TIMEOUT(!page_->is_busy(), kPatience);
    QCOMPARE(plot->readout(1).size(), 2);
    QVERIFY(child<QLabel>("compareSame")->isHidden());
    const auto choose_axis = [this](int axis) {
      child<QComboBox>("compareAxis")->setCurrentIndex(axis);
      QTRY_VERIFY_WITH_TIMEOUT(!page_->is_busy(), kPatience);
    };
    choose_axis(ComparedCurvesPanel::kTokens);
    QVERIFY(plot->readout(1e9).join(QLatin1Char(' ')).contains(grouped(30 * kScriptSequences * kScriptTokens)));
    choose_axis(ComparedCurvesPanel::kTime);
    QVERIFY(plot->readout(1e9).join(QLatin1Char(' ')).contains(QLatin1String("1 s")));  // 30 steps of 20 ms

    // Giving one up leaves nothing to compare.
    page_->choice().setData(page_->choice().index(0), Qt::Unchecked, Qt::CheckStateRole);
    QVERIFY(child<QWidget>("compareEmpty")->isVisible());
    QVERIFY(!child<QWidget>("compareEmpty")->findChild<QPushButton*>()->isVisible());
  }

  // What takes long runs their time is done beside the window; what is asked for last is what is shown.
  void drawsLongRunsBesideTheWindow() {
    constexpr int kSteps = 300'000, kEvals = 3000;
    auto points = std::make_shared<std::vector<ComparedPoint>>();
    std::vector<EvalEvent> evals;
    for (int i = 1; i <= kSteps; ++i) points->push_back({i, 100 * i, 1000 * i, 2.0, 2.5});
    for (int i = 0; i <= kEvals; ++i) {
      EvalEvent& eval = evals.emplace_back();
      eval.step = i * (kSteps / kEvals);
      eval.eval_loss_per_token = 3.0;
    }
    ComparedRun run;
    run.steps = points;
    run.evals = evals;
    run.name = QStringLiteral("one");
    ComparedRun other = run;
    other.name = QStringLiteral("other");
    ComparedCurvesPanel panel;
    panel.resize(900, 500);
    panel.show();
    auto* plot = panel.findChild<ComparePlot*>();
    panel.set_runs({run, other});
    QVERIFY(panel.is_busy());
    QVERIFY(plot->readout(10).isEmpty());
    panel.findChild<QComboBox*>(QStringLiteral("compareAxis"))->setCurrentIndex(ComparedCurvesPanel::kTokens);
    QTRY_VERIFY_WITH_TIMEOUT(!panel.is_busy(), kPatience);
    QCOMPARE(plot->readout(0).size(), 2);
    QVERIFY2(plot->readout(1e9).front().contains(grouped(100 * kSteps)) ||
                 plot->readout(1e9).front().contains(QLatin1String("30 million")),
             qPrintable(plot->readout(1e9).front()));
    const auto* same = panel.findChild<QLabel*>(QStringLiteral("compareSame"));
    QVERIFY2(same->text().contains(QLatin1String("one")) && same->text().contains(QLatin1String("other")),
             qPrintable(same->text()));
  }

  void asksEachRunTheSame() {
    make_run("first", {.steps = 3}, 2e-4);
    make_run("second", {.steps = 3}, 1e-3);
    static std::atomic<bool> waits = false;
    EngineAccess engine = scripted_engine({});
    engine.answer = [](const WantedModel& wanted, const std::vector<std::string>& prompts, std::stop_token stop) {
      while (waits) {
        if (stop.stop_requested()) fail(ErrorCode::kCancelled, "answers", "stopped.");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      std::vector<std::string> answers;
      for (const std::string& prompt : prompts) {
        answers.push_back(prompt + " by " + wanted.adapter_dir + " as " + wanted.chat_template);
      }
      return answers;
    };
    open(engine);
    QTRY_COMPARE_WITH_TIMEOUT(page_->session().runs().size(), std::size_t{2}, kPatience);
    child<QTabWidget>("compareTabs")->setCurrentIndex(3);
    auto* ask = child<QPushButton>("compareAsk");
    auto* prompts = child<QPlainTextEdit>("comparePrompts");
    // The runs' data is the demo's, whose prompts are there to begin with.
    QTRY_COMPARE_WITH_TIMEOUT(prompts->toPlainText(), QStringLiteral("Who is it?\nHow do you greet?"), kPatience);
    prompts->setPlainText(QString());
    QVERIFY(!ask->isEnabled());
    prompts->setPlainText(QStringLiteral("one\n\n two \n"));
    QVERIFY(ask->isEnabled());
    ask->click();
    const QAbstractItemModel* answers = child<QTableView>("compareAnswersTable")->model();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->session().is_asking(), kPatience);
    QCOMPARE(answers->rowCount(), 2);
    for (int run = 0; run < 2; ++run) {
      const QString answer = answers->index(1, 1 + run).data().toString();
      QVERIFY2(answer.startsWith(QLatin1String("two by ")), qPrintable(answer));
      QVERIFY2(answer.endsWith(QLatin1String(" as vicuna")), qPrintable(answer));  // as the run laid its rows out
    }

    waits = true;
    ask->click();
    auto* cancel = child<QPushButton>("compareCancel");
    QVERIFY(cancel->isVisible());
    cancel->click();
    QVERIFY(!page_->session().is_asking());
    QVERIFY(ask->isVisible());
    waits = false;
    QTest::qWait(20);
    QCOMPARE(answers->index(0, 1).data().toString(), QString());  // what was cancelled is not told later
  }

  // The same prompts, asked of what two real runs have learnt.
  void realRunsAnswer() {
    const auto run_dir = [this](const char* name) {
      return folder_->filePath(QStringLiteral("runs/") + QLatin1String(name));
    };
    QCOMPARE(train_demo(run_dir("short"), 1), QString());
    QCOMPARE(train_demo(run_dir("long"), 60), QString());
    open(real_engine());
    QTRY_COMPARE_WITH_TIMEOUT(page_->session().runs().size(), std::size_t{2}, kPatience);
    child<QTabWidget>("compareTabs")->setCurrentIndex(3);
    QTRY_VERIFY_WITH_TIMEOUT(!child<QPlainTextEdit>("comparePrompts")->toPlainText().isEmpty(), kPatience);
    const auto asked = child<QPlainTextEdit>("comparePrompts")->toPlainText().split(QLatin1Char('\n'));
    child<QPushButton>("compareAsk")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->session().is_asking(), kPatience);
    const QAbstractItemModel* answers = child<QTableView>("compareAnswersTable")->model();
    QCOMPARE(answers->rowCount(), static_cast<int>(asked.size()));
    int different = 0;
    for (int row = 0; row < answers->rowCount(); ++row) {
      const QString first = answers->index(row, 1).data().toString(), second = answers->index(row, 2).data().toString();
      QVERIFY2(!first.trimmed().isEmpty() && !second.trimmed().isEmpty(), qPrintable(asked[row]));
      if (first != second) ++different;
    }
    QVERIFY(different > 0);
    // They are those of the runs' own models: what is asked of one alone is answered so.
    const std::vector<ComparedRun>& runs = page_->session().runs();
    WantedModel wanted = runs[0].model;
    const std::vector<std::string> alone = answer_prompts(wanted, {asked.front().toStdString()}, {});
    QCOMPARE(answers->index(0, 1).data().toString(), QString::fromStdString(alone.front()));
  }

  void namesEveryControl() {
    make_run("first", {.steps = 3}, 2e-4);
    make_run("second", {.steps = 3}, 1e-3);
    open({});
    QTRY_COMPARE_WITH_TIMEOUT(page_->session().runs().size(), std::size_t{2}, kPatience);
    for (const QWidget* control : page_->findChildren<QWidget*>()) {
      const bool is_control =
          (qobject_cast<const QAbstractButton*>(control) && !control->inherits("QTableCornerButton")) ||
          (qobject_cast<const QAbstractItemView*>(control) && !control->inherits("QHeaderView") &&
           !control->inherits("QComboBoxListView")) ||
          qobject_cast<const QComboBox*>(control) || qobject_cast<const QPlainTextEdit*>(control) ||
          qobject_cast<const ComparePlot*>(control);
      if (!is_control || control->objectName().startsWith(QLatin1String("qt_"))) continue;
      const auto* button = qobject_cast<const QAbstractButton*>(control);
      if (button && button->isHidden() && button->text().isEmpty()) continue;
      if (control->parentWidget()->inherits("QTabBar")) continue;
      QVERIFY2(!control->objectName().isEmpty(), control->metaObject()->className());
      QVERIFY2(!control->accessibleName().isEmpty(), qPrintable(control->objectName()));
      QVERIFY2(!control->toolTip().isEmpty(), qPrintable(control->objectName()));
    }
  }

 private:
  void make_run(const char* name, const Script& script, double learning_rate) {
    RunConfig config;
    config.model_name_or_path = "/no/model";
    config.dataset.path = "/no/data.jsonl";
    config.learning_rate = learning_rate;
    config.chat_template = "vicuna";
    RunOptions options;
    options.out_dir = folder_->filePath(QStringLiteral("runs/%1").arg(QLatin1String(name))).toStdString();
    EventSink sink;
    RunControl control;
    QCOMPARE(ScriptedRun(script, config, options, sink, control, {}).go().status, RunStatus::kFinished);
  }
  void open(std::optional<EngineAccess> engine) {
    workbench_ = std::make_unique<Workbench>(engine && engine->answer ? *engine : scripted_engine({}),
                                             folder_->filePath(QStringLiteral("runs")));
    actions_ = std::make_unique<Actions>(*workbench_);
    page_ = std::make_unique<ComparePage>(*workbench_, *actions_);
    page_->resize(1000, 700);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
  }
  template <typename T>
  T* child(const char* name) {
    T* found = page_->findChild<T*>(QLatin1String(name));
    if (found == nullptr) qFatal("there is no %s", name);
    return found;
  }

  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<ComparePage> page_;
};

QTEST_MAIN(CompareTest)
#include "compare_test.moc"
