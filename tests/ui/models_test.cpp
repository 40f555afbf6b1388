// The item models that no test of a page holds against QAbstractItemModelTester: runs, answers, sequences, a plot's
// table. And what is worked out of a run's curves.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <chrono>
#include <cmath>

#include "ui/models/answers_model.h"
#include "ui/models/curve_watch.h"
#include "ui/models/run_model.h"
#include "ui/models/runs_model.h"
#include "ui/plots/data_table_dialog.h"
#include "ui/widgets/sequence_table.h"

namespace vernier::ui {
namespace {

constexpr auto kMode = QAbstractItemModelTester::FailureReportingMode::QtTest;

SequenceRecord record(qint64 step, qint64 index, qint64 targets, double loss) {
  return {step, {index, 10 * index, 20, targets, loss}};
}

QList<qint64> order_of(const SequenceModel& model) {
  QList<qint64> order;
  for (int row = 0; row < model.rowCount(); ++row) order << model.record(row).loss.index;
  return order;
}

}  // namespace

class ModelsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void listsRuns() {
    RunsModel model;
    const QAbstractItemModelTester tester(&model, kMode);
    QCOMPARE(model.rowCount(), 0);
    RunSummary done{.run_dir = "/runs/a", .name = "a", .state = "finished", .last_step = 40, .total_steps = 40};
    done.started_unix_ms = 1'700'000'000'000;
    done.last_loss = 1.25;
    model.set_runs({done, {.run_dir = "/runs/b", .name = "b", .state = "damaged"}});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.rowCount(model.index(0, 0)), 0);  // a table, not a tree
    QCOMPARE(model.index(0, RunsModel::kSteps).data().toString(), QStringLiteral("40 of 40"));
    QCOMPARE(model.index(0, RunsModel::kLoss).data(RunsModel::kSortRole).toDouble(), 1.25);
    QCOMPARE(model.index(1, RunsModel::kState).data().toString(), QStringLiteral("Damaged"));
    QCOMPARE(model.index(1, RunsModel::kLoss).data().toString(), QString());
    QCOMPARE(model.index(1, 0).data(RunsModel::kRunDirRole).toString(), QStringLiteral("/runs/b"));
    model.set_runs({});
    QCOMPARE(model.rowCount(), 0);
  }

  void comparesAnswers() {
    AnswersModel model;
    const QAbstractItemModelTester tester(&model, kMode);
    model.set_prompts({{"Who?", "Bram", ""}, {"What?", "crab", ""}});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, AnswersModel::kLearned).data().toString(), QString());
    model.set_before({QStringLiteral("Nobody."), QStringLiteral("A boat.")});
    model.set_after({QStringLiteral(" Captain Bram."), QStringLiteral("A boat.")});
    QCOMPARE(model.hits(), 1);
    QCOMPARE(model.index(0, AnswersModel::kAfter).data().toString(), QStringLiteral("Captain Bram."));
    QVERIFY(model.index(0, AnswersModel::kLearned).data() != model.index(1, AnswersModel::kLearned).data());
    // Fewer answers than prompts: not asked yet.
    model.set_after({QStringLiteral("Bram")});
    QCOMPARE(model.index(1, AnswersModel::kAfter).data().toString(), QString());
    model.set_prompts({});
    QCOMPARE(model.rowCount(), 0);
  }

  void sortsSequences() {
    SequenceModel model;
    const QAbstractItemModelTester tester(&model, kMode);
    model.setRecords({record(3, 0, 5, 1.0), record(3, 1, 0, 0.0), record(3, 2, 5, std::nan("")), record(3, 3, 5, 2.0)});
    QCOMPARE(order_of(model), (QList<qint64>{2, 3, 0, 1}));  // no number is the worst, nothing learnt the last
    const QPersistentModelIndex kept = model.index(1, SequenceModel::kLoss);
    model.sort(SequenceModel::kLoss, Qt::AscendingOrder);
    QCOMPARE(order_of(model), (QList<qint64>{0, 3, 2, 1}));
    QVERIFY(kept.isValid());  // what is selected stays selected
    QCOMPARE(model.record(kept.row()).loss.index, std::int64_t{3});
    model.sort(SequenceModel::kIndex, Qt::DescendingOrder);
    QCOMPARE(model.find(3, 0), model.rowCount() - 1);
    QCOMPARE(model.find(4, 0), -1);
    model.setRecords({});
    QCOMPARE(model.rowCount(), 0);
  }

  // A long run is taken in by slices; what it raises is the same.
  void alarmsComeOfAnySlices() {
    std::vector<SeriesPoint> series;
    std::vector<EvalEvent> evals;
    for (std::int64_t step = 1; step <= 12'345; ++step) {
      SeriesPoint point{.step = step, .loss_per_token = 2.0 - 1e-4 * static_cast<double>(step), .grad_norm = 1.0};
      point.loss_per_sequence = step == 4321 ? std::nan("") : 2.0;
      point.tokens_per_second = step < 8000 ? 900.0 : 90.0;
      series.push_back(point);
      if (step % 1000 != 0) continue;
      EvalEvent eval;
      eval.step = step;
      eval.eval_loss_per_token = eval.eval_loss_per_sequence = 1.0 + 1e-4 * static_cast<double>(step);
      evals.push_back(eval);
    }
    CurveWatch at_once, sliced;
    QVERIFY(at_once.take_in(series, evals));
    int slices = 1;
    while (!sliced.take_in(series, evals, std::chrono::seconds(0))) ++slices;
    QCOMPARE(slices, 13);
    const std::vector<Alarm> expected = find_alarms(series, evals, {});
    QVERIFY(expected.size() >= 3);
    for (const CurveWatch* watch : {&at_once, &sliced}) {
      const std::vector<Alarm>& found = watch->watch().alarms();
      QCOMPARE(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(found[i].kind == expected[i].kind);
        QCOMPARE(found[i].step, expected[i].step);
      }
    }
    // A copy goes on by itself.
    CurveWatch copy = at_once;
    series.push_back({.step = 12'346, .loss_per_token = 1.0, .loss_per_sequence = 1.0, .grad_norm = 1.0});
    QVERIFY(copy.take_in(series, evals));
  }

  void aRunKnowsWhatItsStepsTook() {
    RunModel run;
    RunOverview overview;
    for (std::int64_t step = 1; step <= 10; ++step) {
      overview.series.push_back({.step = step, .step_ms = step == 4 ? std::nan("") : 250.0, .num_tokens = 100});
    }
    overview.totals = totals_of(overview.series);
    run.show(overview);
    QCOMPARE(run.training_seconds(), 2.25);
    QCOMPARE(run.training_speed(), 400.0);
    StepEvent event;
    event.step = 11;
    event.step_ms = 750.0;
    event.num_tokens = 600;
    run.append_steps({event});
    QCOMPARE(run.training_seconds(), 3.0);
    QCOMPARE(run.training_speed(), 500.0);
    run.rewind(3);
    QCOMPARE(run.training_seconds(), 0.75);
    QCOMPARE(run.training_speed(), 400.0);
    run.rewind(0);
    QCOMPARE(run.training_speed(), 0.0);
  }

  void showsThePlotsNumbers() {
    const DataTableDialog dialog(QStringLiteral("numbers"),
                                 {{QStringLiteral("a"), QStringLiteral("b")},
                                  3,
                                  [](int row, int column) { return QString::number(10 * row + column); }},
                                 nullptr);
    QAbstractItemModel* model = dialog.findChild<QTableView*>()->model();
    const QAbstractItemModelTester tester(model, kMode);
    QCOMPARE(model->rowCount(), 3);
    QCOMPARE(model->index(2, 1).data().toString(), QStringLiteral("21"));
    QCOMPARE(model->headerData(1, Qt::Horizontal).toString(), QStringLiteral("b"));
  }
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::ModelsTest)
#include "models_test.moc"
