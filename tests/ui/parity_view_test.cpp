// Train / eval parity: the checks over a run, their report as files, and a check of what a run saved.
#include "ui/pages/inspect/parity_view.h"

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <cmath>
#include <limits>
#include <memory>

#include "tests/ui/pictures.h"
#include "tests/ui/real_run.h"
#include "tests/ui/samples.h"
#include "ui/models/parity_text.h"
#include "ui/plots/figure_scale.h"
#include "ui/style/color_maps.h"
#include "ui/widgets/parity_path.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

ParityReport report_at(std::int64_t step, ParityVerdict verdict) {
  ParityReport report = samples::parity(step, verdict);
  report.thresholds = {1e-4, 1e-3, 3e-5};
  for (ParityPathReport& path : report.paths) path.deviation = 2e-6;
  if (verdict == ParityVerdict::kDiffers) {
    ParityPathReport& bad = report.paths[1];
    bad.deviation = 0.25;
    bad.evidence = {"In what layer 2 leaves, the worst token deviates by 0.12.", "The same figures | again."};
    bad.state_deviations = {0.0, 1e-7, 0.12, 0.3};
  }
  return report;
}

QString read(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

}  // namespace

class ParityViewTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    use_settings_in(folder_, "parity_view_test");
    run_dir_ = folder_.filePath(QStringLiteral("run"));
    QCOMPARE(train_demo(run_dir_, 2), QString());
  }

  void init() {
    workbench_ = std::make_unique<Workbench>(real_engine(), folder_.path());
    actions_ = std::make_unique<Actions>(*workbench_);
    view_ = std::make_unique<ParityView>(*workbench_, *actions_);
    settle(*view_, QSize(1100, 620));
    workbench_->open_run(run_dir_);
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().run_dir(), run_dir_, kPatience);
  }

  void cleanup() {
    view_.reset();
    actions_.reset();
    workbench_.reset();
  }

  // The run made no check: the empty view offers one, of what it saved.
  void checksWhatARunSaved() {
    QVERIFY(shown("parityViewEmpty"));
    QVERIFY(!child<QPushButton>("paritySave")->isEnabled());
    auto* action = child<QWidget>("parityViewEmpty")->findChild<QPushButton*>(QStringLiteral("emptyStateAction"));
    QVERIFY(action->isVisible());
    action->click();
    QVERIFY(view_->is_busy());
    QVERIFY(!child<QPushButton>("parityCheckNow")->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(!view_->is_busy(), kPatience);
    QCOMPARE(workbench_->run().parity().size(), std::size_t{1});
    const ParityReport& report = workbench_->run().parity().front();
    QVERIFY2(report.verdict == ParityVerdict::kAgrees, report.summary.c_str());
    QCOMPARE(report.step, 2);
    QVERIFY(report.num_tokens > 20 && report.num_tokens <= 96);
    QVERIFY(!shown("parityViewEmpty"));
    QVERIFY(shown("parityTable"));
    QVERIFY(child<QPushButton>("parityCheckNow")->isEnabled());
  }

  void showsHistoryThresholdsAndEvidence() {
    add_three();
    auto* history = child<ParityHistory>("parityHistoryPlot");
    QCOMPARE(history->selected(), 2);
    const auto* causes = child<QLabel>("parityCauses");
    QVERIFY(causes->text().contains(QLatin1String("worst token deviates by 0.12")));
    QVERIFY(shown("stateDeviations"));
    QCOMPARE(child<StateDeviations>("stateDeviations")->readout(2),
             (QStringList{QStringLiteral("what layer 2 leaves"), QStringLiteral("Evaluation: 0.120")}));
    // The evaluation path's points are where its deviation is: the bad one far above the others.
    QVERIFY(history->pointOf(2, ParityPath::kEval).y() < history->pointOf(1, ParityPath::kEval).y() - 20);
    QVERIFY(std::abs(history->pointOf(2, ParityPath::kTrain).y() - history->pointOf(1, ParityPath::kTrain).y()) < 1);
    const QImage image = history->grab().toImage();
    QVERIFY(pixels_like(image, history->pointOf(2, ParityPath::kEval), 3, parity_path_color(ParityPath::kEval)) > 8);
    // A click shows that check, and selects its step everywhere.
    QTest::mouseClick(history, Qt::LeftButton, {}, history->pointOf(0, ParityPath::kEval).toPoint());
    QCOMPARE(history->selected(), 0);
    QCOMPARE(child<ParityPanel>("parityPanel")->shownStep(), 1);
    QCOMPARE(workbench_->selection().step(), 1);
    QVERIFY(!shown("stateDeviations"));
    // And back from the step, the combo box and the keyboard.
    workbench_->selection().selectStep(2);
    QCOMPARE(history->selected(), 1);
    child<QComboBox>("parityHistory")->setCurrentIndex(0);
    QCOMPARE(history->selected(), 2);
    QTest::keyClick(history, Qt::Key_Home);
    QCOMPARE(child<ParityPanel>("parityPanel")->shownStep(), 1);
  }

  void marksWhatIsNoNumber() {
    ParityReport broken = report_at(3, ParityVerdict::kDiffers);
    for (ParityPathReport& path : broken.paths) {
      path.deviation = path.loss_difference = path.max_abs_logit_difference = path.mean_kl =
          std::numeric_limits<double>::quiet_NaN();
    }
    add_three();
    workbench_->run().append_parity(broken);
    QVERIFY(!child<ParityHistory>("parityHistoryPlot")->grab().isNull());
    QVERIFY(child<ParityHistory>("parityHistoryPlot")->readout(3).join(' ').contains(QLatin1String("not a number")));
    QVERIFY(parity_csv(workbench_->run().parity()).contains(QLatin1String("3,train,agrees,512,")));
  }

  // Reports of versions that did not tell their thresholds.
  void oldReportsAreShownWithoutThem() {
    workbench_->run().append_parity(samples::parity(1, ParityVerdict::kAgrees));
    const auto* table = child<QTableWidget>("parityTable");
    QCOMPARE(table->item(1, 1)->text(), QStringLiteral("not recorded"));
    QVERIFY(!child<ParityHistory>("parityHistoryPlot")->grab().isNull());
  }

  void savesTheReportWholeOrNotAtAll() {
    add_three();
    const QString path = folder_.filePath(QStringLiteral("report.md"));
    QVERIFY(view_->save_report(path));
    const QString markdown = read(path);
    for (const char* part : {"# Train / eval parity of run", "**differs**", "Evidence: In what layer 2 leaves",
                             "deviation of 0.0001", "## All checks", "| 1 | agrees |"}) {
      QVERIFY2(markdown.contains(QLatin1String(part)), part);
    }
    const QStringList rows = read(folder_.filePath(QStringLiteral("report.csv"))).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(rows.size(), 1 + 3 * 3);
    const QStringList header = rows[0].split(','), bad = rows[8].split(',');
    QCOMPARE(bad.size(), header.size());
    QCOMPARE(bad[0], QStringLiteral("3"));
    QCOMPARE(bad[1], QStringLiteral("eval"));
    QCOMPARE(bad[header.indexOf(QStringLiteral("deviation"))].toDouble(), 0.25);
    QCOMPARE(bad[header.indexOf(QStringLiteral("mean_kl"))].toDouble(), 0.6511);

    QVERIFY(!view_->save_report(folder_.filePath(QStringLiteral("no/such/folder/report.md"))));
    QVERIFY(shown("parityMessages"));
    QCOMPARE(QDir(folder_.path()).entryList({QStringLiteral("report*")}).size(), 2);  // nothing is left aside
  }

  void scalesHoldWhatTheyAreGiven() {
    const FigureScale decades = FigureScale::logarithmic({2e-6, 0.0, 0.25, std::nan("")});
    QVERIFY(decades.lower() <= 2e-6 && decades.upper() >= 0.25);
    QCOMPARE(decades.share(0.0), 0.0);
    QVERIFY(decades.share(1e-4) > decades.share(1e-5));
    QVERIFY(std::abs(decades.share(decades.upper()) - 1.0) < 1e-12);
    const std::vector<double> ticks = decades.ticks(4);
    QVERIFY(ticks.size() >= 2 && ticks.size() <= 4);
    const FigureScale none = FigureScale::logarithmic({0.0, 0.0});
    QVERIFY(none.lower() < none.upper());
    const FigureScale flat = FigureScale::linear(1.0, 1.0);
    QVERIFY(flat.lower() < flat.upper());
  }

 private:
  template <class Widget>
  Widget* child(const char* name) {
    auto* found = view_->findChild<Widget*>(QLatin1String(name));
    if (found == nullptr) qFatal("no %s", name);
    return found;
  }
  bool shown(const char* name) { return child<QWidget>(name)->isVisible(); }

  void add_three() {
    workbench_->run().append_parity(report_at(1, ParityVerdict::kAgrees));
    workbench_->run().append_parity(report_at(2, ParityVerdict::kAgrees));
    workbench_->run().append_parity(report_at(3, ParityVerdict::kDiffers));
    QCoreApplication::processEvents();
  }

  QTemporaryDir folder_;
  QString run_dir_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<ParityView> view_;
};

QTEST_MAIN(ParityViewTest)
#include "parity_view_test.moc"
