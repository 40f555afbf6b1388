// The data of a run: what is found in a file, how it is read, what is held back.
#include "ui/pages/setup/data_step.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QTextBrowser>
#include <QUrl>

#include "tests/ui/data_support.h"
#include "tests/ui/pictures.h"
#include "ui/pages/actions.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

class DataStepTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("data_step_test"));
  }

  void init() {
    bench_ = std::make_unique<DataBench>();
    actions_ = std::make_unique<Actions>(bench_->workbench());
    step_ = std::make_unique<DataStep>(bench_->workbench(), *actions_, nullptr);
    ui::settle(*step_, {900, 900});
  }

  void cleanup() {
    step_.reset();
    actions_.reset();
    bench_.reset();
  }

  void offersTheBundledSet() {
    QCOMPARE(step_->state(), SetupStep::State::kEmpty);
    QVERIFY(bench_->settle());
    QTRY_VERIFY(child<QPushButton>("useDemoData")->isVisible());
    child<QPushButton>("useDemoData")->click();
    QVERIFY(bench_->settle());
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QVERIFY(bench_->draft().config().assistant_only_loss);
    QVERIFY(bench_->draft().config().eval_dataset.has_value());
    QCOMPARE(child<QTableView>("dataTable")->model()->rowCount(), 320);
    QVERIFY(step_->summary().contains(QLatin1String("messages")));
    QVERIFY(child<QTextBrowser>("rowTurns")->toPlainText().contains(QLatin1String("Ahoy!")));
    bench_->draft().undo_stack().undo();
    QCOMPARE(step_->state(), SetupStep::State::kEmpty);
  }

  void showsRowsUnderTheirColumns() {
    open("q.csv", "question,answer,id\nWho?,\"A\nkeeper.\",7\nWhere?,Here.,8\n");
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QAbstractItemModel* model = child<QTableView>("dataTable")->model();
    const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model->rowCount(), 2);
    QCOMPARE(model->columnCount(), 4);
    QCOMPARE(model->index(0, 2).data().toString(), QStringLiteral("A\u21B5keeper."));
    QCOMPARE(model->index(1, 0).data().toString(), QStringLiteral("1"));
    QVERIFY(finding("format").sentence.contains(QLatin1String("certain")));
    QCOMPARE(child<QLabel>("shownRows")->text(), QStringLiteral("All 2 rows of q.csv."));
  }

  void aMappingChangesThePreviewAtOnce() {
    open("q.csv", "frage,antwort\nWer?,Ein Leuchtturm.\n");
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    QVERIFY(finding("mapping").sentence.contains(QLatin1String("no known format")));
    choose("column_question", "frage");
    choose("column_answer", "antwort");
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QCOMPARE(bench_->draft().config().dataset.columns.at("answer"), std::string("antwort"));
    QVERIFY(child<QTextBrowser>("rowTurns")->toPlainText().contains(QLatin1String("Assistant\nEin Leuchtturm.")));
    const QAbstractItemModel* model = child<QTableView>("dataTable")->model();
    QCOMPARE(model->headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("antwort \u2192 answer"));
    // The other way round, without a pass over the file.
    choose("column_question", "antwort");
    choose("column_answer", "frage");
    QTRY_VERIFY(child<QTextBrowser>("rowTurns")->toPlainText().contains(QLatin1String("Assistant\nWer?")));
    choose("dataFormat", "alpaca");
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    QVERIFY(finding("failed").sentence.contains(QLatin1String("instruction")));
    for (int i = 0; i < 5; ++i) bench_->draft().undo_stack().undo();
    QTRY_VERIFY(finding("mapping").sentence.contains(QLatin1String("no known format")));
    QVERIFY(bench_->draft().config().dataset.columns.empty());
  }

  void tellsWhatIsWrongAndWhere() {
    open("broken.jsonl", "{\"text\": \"a\"}\n{\"text\": oops}\n{\"text\": \"Dear {{name}}\"}\n");
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    QVERIFY(finding("failed").sentence.contains(QLatin1String("row 1 (line 2)")));
    QCOMPARE(finding("placeholders").shape, StateShape::kTriangle);
    child<QPushButton>("failedAction")->click();
    QCOMPARE(child<QTableView>("dataTable")->currentIndex().row(), 1);
    QVERIFY(child<QTableView>("dataTable")
                ->model()
                ->index(1, 1)
                .data()
                .toString()
                .contains(QLatin1String("cannot be read")));

    open("utf16.jsonl", QByteArray("\xFF\xFE{\0\"\0", 6));
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    QTRY_VERIFY(finding("file").sentence.contains(QLatin1String("UTF-16")));
    QVERIFY(!child<QTableView>("dataTable")->isVisible());
    bench_->use_data(QStringLiteral("/no/such/file.jsonl"));
    QTRY_VERIFY(finding("file").sentence.contains(QLatin1String("file.jsonl")));
    QVERIFY(step_->summary().contains(QLatin1String("cannot be read")));
  }

  void aHugeFileIsShownFromItsBeginning() {
    QByteArray lines;
    for (int i = 0; i < 12000; ++i) lines += "{\"text\": \"row " + QByteArray::number(i) + " of many\"}\n";
    open("many.jsonl", lines);
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QCOMPARE(child<QTableView>("dataTable")->model()->rowCount(), 5000);
    QVERIFY(child<QLabel>("shownRows")->text().contains(QLatin1String("about")));
    QVERIFY(child<QPushButton>("moreRows")->isVisible());
    child<QPushButton>("moreRows")->click();
    QTRY_COMPARE(child<QTableView>("dataTable")->model()->rowCount(), 12000);
    QTRY_VERIFY(!child<QPushButton>("moreRows")->isVisible());
  }

  void holdsBackAShareOrAnotherFile() {
    QByteArray lines;
    for (int i = 0; i < 40; ++i) lines += "{\"text\": \"the keeper has boat " + QByteArray::number(i) + "\"}\n";
    open("rows.jsonl", lines);
    bench_->use_model();
    auto* kind = child<QComboBox>("evaluationKind");
    pick(kind, 1);
    QCOMPARE(bench_->draft().config().eval_fraction, 0.05);
    child<QDoubleSpinBox>("evalFraction")->setValue(12.0);
    QVERIFY(bench_->settle());
    // As the run splits: 4.8 rows are 5.
    QTRY_COMPARE(bench_->data().evaluation_rows(), 5);
    QTRY_VERIFY(child<QLabel>("splitCounts")->text().contains(QLatin1String("35 rows to train on, 5 to evaluate on")));
    QVERIFY(step_->summary().contains(QLatin1String("5 held out")));
    // What stands twice is counted once where that is wanted.
    QFile rows(QString::fromStdString(bench_->draft().config().dataset.path));
    QVERIFY(rows.open(QIODevice::Append));
    rows.write(lines.left(lines.indexOf('\n') + 1).repeated(10));
    rows.close();
    child<QPushButton>("reloadData")->click();
    QTRY_COMPARE_WITH_TIMEOUT(bench_->data().evaluation_rows(), 6, kDataPatience);
    QCOMPARE(bench_->data().training_rows(), 44);
    child<QCheckBox>("drop_duplicatesControl")->click();
    QVERIFY(bench_->draft().config().drop_duplicates);
    QCOMPARE(bench_->data().evaluation_rows(), 5);
    QCOMPARE(bench_->data().training_rows(), 35);
    QVERIFY(child<QCheckBox>("drop_eval_overlapControl")->isVisibleTo(step_.get()));
    child<QCheckBox>("drop_eval_overlapControl")->click();
    QVERIFY(bench_->draft().config().drop_eval_overlap);
    bench_->draft().undo_stack().undo();
    bench_->draft().undo_stack().undo();
    QVERIFY(!bench_->draft().config().drop_duplicates && !child<QCheckBox>("drop_duplicatesControl")->isChecked());
    QVERIFY(rows.resize(lines.size()));
    child<QPushButton>("reloadData")->click();
    QTRY_COMPARE_WITH_TIMEOUT(bench_->data().training_rows(), 35, kDataPatience);
    pick(kind, 2);
    QCOMPARE(bench_->draft().config().eval_fraction, 0.0);
    const QString own = bench_->file("own.jsonl", "{\"text\": \"the keeper sleeps\"}\n{\"text\": \"\"}\n");
    bench_->draft().edit("file", [&](RunConfig& config) {
      config.eval_dataset = DatasetOptions{.path = own.toStdString(), .format = "auto", .columns = {}};
    });
    QVERIFY(bench_->settle());
    QTRY_COMPARE(bench_->data().evaluation_rows(), 1);
    QCOMPARE(bench_->data().training_rows(), 40);
    QFile::remove(own);
    pick(kind, 2);
    bench_->draft().edit("other", [](RunConfig& config) { config.max_length = 77; });
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    pick(kind, 0);
    QVERIFY(!bench_->draft().config().eval_dataset);
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
  }

  void laysTurnsOutByTheTemplate() {
    bench_->use_model();
    open("chat.jsonl",
         R"({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ahoy"}]})");
    auto* text = child<QPlainTextEdit>("rowText");
    QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().contains(QLatin1String("<|assistant|>Ahoy<|end|>")), kDataPatience);
    choose("chatTemplate", "chatml");
    QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().contains(QLatin1String("<|im_start|>assistant\nAhoy")), kDataPatience);
    bench_->draft().edit("file", [](RunConfig& config) { config.chat_template = "/no/such.jinja"; });
    QTRY_COMPARE_WITH_TIMEOUT(step_->state(), SetupStep::State::kBad, kDataPatience);
    child<QPushButton>("templateFileAction")->click();
    QTRY_COMPARE_WITH_TIMEOUT(step_->state(), SetupStep::State::kGood, kDataPatience);
  }

  void takesAFileThatIsDropped() {
    const QString path = bench_->file("drop.jsonl", "{\"text\": \"dropped\"}\n");
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(20, 20), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(step_.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(20, 20), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(step_.get(), &drop);
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QCOMPARE(bench_->draft().config().dataset.path, path.toStdString());
  }

  void noticesAFileThatChanges() {
    open("x.jsonl", "{\"text\": \"a\"}\n");
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    bench_->file("x.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
    QTRY_COMPARE_WITH_TIMEOUT(child<QTableView>("dataTable")->model()->rowCount(), 2, kDataPatience);
  }

 private:
  void open(const QString& name, const QByteArray& content) {
    bench_->use_data(bench_->file(name, content));
    QVERIFY(bench_->settle());
  }
  template <typename T>
  T* child(const char* name) const {
    // Boxes that are made anew leave their forerunners until the next round of events.
    for (T* found : step_->findChildren<T*>(QLatin1String(name))) {
      if (!found->parentWidget()->isHidden()) return found;
    }
    if (T* hidden = step_->findChild<T*>(QLatin1String(name))) return hidden;
    qFatal("no %s", name);
  }
  void pick(QComboBox* box, int index) {
    box->setCurrentIndex(index);
    Q_EMIT box->activated(index);
  }
  void choose(const char* box, const char* value) {
    auto* found = child<QComboBox>(box);
    QVERIFY2(found->findData(QString::fromLatin1(value)) >= 0, value);
    pick(found, found->findData(QString::fromLatin1(value)));
    QVERIFY(bench_->settle());
    QCoreApplication::processEvents();
  }
  Finding finding(const char* id) const {
    for (const Finding& one : step_->findChild<FindingList*>("dataFindings")->findings()) {
      if (one.id == QLatin1String(id)) return one;
    }
    return {};
  }

  std::unique_ptr<DataBench> bench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<DataStep> step_;
};

QTEST_MAIN(DataStepTest)
#include "data_step_test.moc"
