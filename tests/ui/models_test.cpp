// The item models that no test of a page holds against QAbstractItemModelTester: runs, answers, sequences, a plot's
// table.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <cmath>

#include "ui/models/answers_model.h"
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
