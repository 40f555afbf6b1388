// The labels of a run: every row looked through, and what a max_length leaves of them.
#include "ui/pages/setup/labels_step.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <algorithm>
#include <random>

#include "tests/ui/data_support.h"
#include "tests/ui/menus.h"
#include "tests/ui/pictures.h"
#include "ui/models/row_selection.h"
#include "ui/pages/actions.h"
#include "ui/plots/data_table_dialog.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "vernier/data.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

QByteArray chat(const QByteArray& question, const QByteArray& answer) {
  QByteArray out = R"({"messages": [{"role": "user", "content": ")" + question + R"("})";
  if (!answer.isNull()) out += R"(, {"role": "assistant", "content": ")" + answer + R"("})";
  return out + "]}\n";
}

}  // namespace

class LabelsStepTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("labels_step_test"));
  }

  void init() {
    bench_ = std::make_unique<DataBench>();
    actions_ = std::make_unique<Actions>(bench_->workbench());
    step_ = std::make_unique<LabelsStep>(bench_->workbench(), *actions_, nullptr);
    ui::settle(*step_, {900, 900});
  }

  void cleanup() {
    step_.reset();
    actions_.reset();
    bench_.reset();
  }

  // The counts that follow the line are those of a run with that max_length, for rows of all kinds.
  void countsWhatEveryMaxLengthLeaves() {
    std::mt19937 random(std::random_device{}());
    const auto words = [&](int most) {
      QByteArray out = "x";
      for (int i = static_cast<int>(random() % static_cast<unsigned>(most)); i > 0; --i) out += " the boat";
      return out;
    };
    QByteArray lines;
    for (int i = 0; i < 120; ++i) {
      lines += chat(words(20), random() % 5 == 0 ? QByteArray() : words(20));
      if (random() % 9 == 0) lines += chat("twice", "twice");
    }
    const QString path = bench_->file("x.jsonl", lines);
    for (const bool assistant : {false, true}) {
      LabelOptions labels;
      labels.assistant_only_loss = assistant;
      labels.keep_whole = true;
      LabelRows rows;
      const RowInspector inspector(bench_->demo().model_dir, "");
      const DatasetOptions dataset{.path = path.toStdString(), .format = "auto", .columns = {}};
      // In two parts, as they come.
      LabelRows first, second;
      inspector.scan(dataset, labels, [&](const RowSummary& row) { (row.row < 50 ? first : second).append(row); });
      rows.append(first);
      rows.append(second);
      for (int trial = 0; trial < 12; ++trial) {
        const auto max_length = static_cast<std::int32_t>(1 + random() % static_cast<unsigned>(rows.longest() + 5));
        DataOptions options;
        options.dataset = dataset;
        options.labels.assistant_only_loss = assistant;
        options.labels.max_length = max_length;
        const DatasetAudit audit = inspect_data(bench_->demo().model_dir, options).audit;
        const LengthEffect effect = rows.effect(max_length);
        QCOMPARE(effect.rows, audit.rows);
        QCOMPARE(effect.truncated, audit.truncated);
        QCOMPARE(effect.tokens, audit.tokens);
        QCOMPARE(effect.cut_tokens, audit.cut_tokens);
        QCOMPARE(effect.targets, audit.labelled_tokens);
        for (int i = 0; i < kNumLostReasons; ++i) {
          QCOMPARE(effect.lost[static_cast<std::size_t>(i)], audit.lost[static_cast<std::size_t>(i)]);
        }
        QCOMPARE(rows.flagged(kFlagDuplicate), audit.duplicates);
        std::int64_t targets = 0, lost = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
          targets += rows.targets_with(i, max_length);
          lost += LabelRows::lost_with(rows[i], max_length) >= 0 ? 1 : 0;
        }
        QCOMPARE(targets, audit.labelled_tokens);
        QCOMPARE(lost, audit.lost_rows());
        LabelRowQuery query;
        query.show = LabelRowQuery::Show::kTruncated;
        query.order = LabelRowQuery::Order::kLongest;
        const std::vector<std::uint32_t> cut = select_rows(rows, query, max_length);
        QCOMPARE(static_cast<std::int64_t>(cut.size()), audit.truncated);
        QVERIFY(std::is_sorted(cut.begin(), cut.end(),
                               [&](std::uint32_t a, std::uint32_t b) { return rows[a].tokens > rows[b].tokens; }));
      }
    }
  }

  void aMillionRowsStaySmooth() {
    LabelRows rows;
    std::mt19937 random(7);
    std::vector<std::int32_t> ends(4);
    for (std::int64_t i = 0; i < 1'000'000; ++i) {
      RowSummary row;
      row.row = row.file_row = i;
      std::int32_t end = 0;
      for (std::int32_t& one : ends) one = end += static_cast<std::int32_t>(1 + random() % 120);
      row.ends = ends;
      rows.append(row);
    }
    LabelRowQuery query;
    query.order = LabelRowQuery::Order::kLongest;
    RowSelection selection(rows, query, 256);
    int stretches = 0;
    double sorted = 0.0, longest = 0.0;
    for (bool is_done = false; !is_done; ++stretches) {
      const double start = thread_milliseconds();
      is_done = selection.advance(100'000);
      const double took = thread_milliseconds() - start;
      sorted += took;
      longest = std::max(longest, took);
    }
    // Chosen, given keys, and counted and placed twice: six looks at each row, of which each stretch has its share.
    QCOMPARE(stretches, 60);
    const std::vector<std::uint32_t> order = selection.take();
    QCOMPARE(order.size(), rows.size());
    QVERIFY(std::is_sorted(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return rows[a].tokens != rows[b].tokens ? rows[a].tokens > rows[b].tokens : a < b;
    }));
    rows.effect(256);  // sums up
    double start = thread_milliseconds();
    qint64 sum = 0;
    for (int n = 1; n <= 1000; ++n) sum += rows.effect(n % 480).truncated;
    const double counted = (thread_milliseconds() - start) / 1e3;
    LabelBars bars;
    bars.setScale(480, 256);
    bars.setRows(
        static_cast<int>(order.size()),
        [&](int i) {
          const std::size_t row = order[static_cast<std::size_t>(i)];
          return LabelBar{static_cast<std::int64_t>(row), QString::number(row), rows[row].tokens, rows.ends(row),
                          StateShape::kTriangle};
        },
        [](int) { return QStringList(); });
    ui::settle(bars, {800, 600});
    start = thread_milliseconds();
    for (int i = 0; i < 20; ++i) {
      bars.verticalScrollBar()->setValue(i * 49'000);
      bars.viewport()->grab();
    }
    const double frame = (thread_milliseconds() - start) / 20;
    qInfo("a million rows: %.1f ms to sort, %.1f ms at most at a time, %.4f ms to count, %.1f ms a frame", sorted,
          longest, counted, frame);
    QVERIFY(sum > 0);
    QTest::keyClick(&bars, Qt::Key_End);
    QCOMPARE(bars.current(), 999'999);
    QVERIFY(bars.firstVisible() > 999'900);
  }

  void looksThroughTheBundledSet() {
    QCOMPARE(step_->state(), SetupStep::State::kEmpty);
    take_demo();
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QCOMPARE(child<LabelBars>("labelBars")->count(), 320);
    QVERIFY(step_->summary().contains(QLatin1String("of the tokens learnt")));
    QVERIFY(!child<QWidget>("stopScan")->isVisible());
    auto* bars = child<LabelBars>("labelBars");
    auto* ribbon = child<MaskRibbon>("maskRibbon");
    QTest::mouseClick(bars->viewport(), Qt::LeftButton, {}, bars->barRect(2).center().toPoint());
    QTRY_VERIFY_WITH_TIMEOUT(ribbon->tokenCount() > 4, kDataPatience);
    // Special tokens are seen, the user's words are masked, the answer and its end are learnt.
    QVERIFY(ribbon->readout(0).join(' ').contains(QLatin1String("special token")));
    QCOMPARE(ribbon->reasonOf(2), LabelReason::kOtherTurn);
    QVERIFY(ribbon->readout(2).join(' ').contains(QLatin1String("Masked")));
    QCOMPARE(ribbon->reasonOf(ribbon->tokenCount() - 1), LabelReason::kEndOfTurn);
    QVERIFY(ribbon->legendText().contains(QLatin1String("assistant")));
    // Where a label lies the bar is filled, elsewhere it is hatched.
    const QImage image = bars->viewport()->grab().toImage();
    const QColor learnt = legible(per_token_color(), bars->palette().color(QPalette::Base));
    const LabelRow& row = bench_->data().scan(RowSet::kTraining).rows[2];
    const double y = bars->barRect(2).center().y();
    QVERIFY(pixels_like(image, {bars->xOf(row.tokens - 4), y}, 1, learnt) > 4);
    QCOMPARE(pixels_like(image, {bars->xOf(2), y}, 1, learnt), 0);
    QTest::keyClick(bars, Qt::Key_Down);
    QCOMPARE(bars->current(), 3);

    // Each reason says how many rows it would show.
    auto* reasons = child<QComboBox>("xrayShow");
    QVERIFY2(reasons->itemText(0).endsWith(QLatin1String("(320)")), qPrintable(reasons->itemText(0)));
    QVERIFY2(reasons->itemText(1).endsWith(QLatin1String("(0)")), qPrintable(reasons->itemText(1)));
    child<QSpinBox>("maxLength")->setValue(12);
    const qint64 cut = bench_->data().scan(RowSet::kTraining).rows.effect(12).truncated;
    QVERIFY(cut > 0);
    QTRY_VERIFY(reasons->itemText(1).endsWith(QStringLiteral("(%1)").arg(grouped(cut))));
    bench_->draft().undo_stack().undo();

    // The picture's twin, as a table and as a file, until other rows come.
    const QStringList offered = choose_of_menu(*bars->viewport(), QStringLiteral("Show as &table"));
    QVERIFY2(offered.contains(QStringLiteral("Save as CS&V\u2026")), qPrintable(offered.join(QLatin1Char(' '))));
    QPointer<DataTableDialog> table = bars->findChild<DataTableDialog*>();
    QVERIFY(table && table->isVisible());
    const QAbstractItemModel* model = table->findChild<QTableView*>()->model();
    QCOMPARE(model->rowCount(), 320);
    QCOMPARE(model->index(2, 0).data().toString(), QStringLiteral("2"));
    QCOMPARE(model->index(2, 1).data().toString(), QString::number(row.tokens));
    QCOMPARE(model->index(2, 2).data().toString(), QString::number(row.targets));
    child<QComboBox>("xrayOrder")->setCurrentIndex(1);
    Q_EMIT child<QComboBox>("xrayOrder")->activated(1);
    QTRY_VERIFY(!table || !table->isVisible());
  }

  void saysBrieflyWhatTheDataLack() {
    bench_->use_model();
    QByteArray rows;
    for (int i = 0; i < 3; ++i) rows += "{\"a\": 1, \"b\": [2]}\n";
    bench_->use_data(bench_->file("odd.jsonl", rows));
    QVERIFY(bench_->settle());
    QTRY_VERIFY(bench_->data().reading() && !bench_->data().reading()->problem.empty());
    QCOMPARE(step_->summary(), QStringLiteral("Waits for the data's columns"));
  }

  void aSetWithoutTargetsIsBad() {
    bench_->use_model();
    bench_->use_data(
        bench_->file("x.jsonl", chat("a", QByteArray()) + chat("b", QByteArray()) + chat("c", QByteArray())));
    bench_->draft().edit("assistant", [](RunConfig& config) { config.assistant_only_loss = true; });
    QVERIFY(bench_->settle());
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    QVERIFY(finding("nothing").sentence.contains(QLatin1String("no turn of the assistant")));
    QVERIFY(step_->summary().contains(QLatin1String("None of the 3 rows")));
    // Likewise where max_length cuts every answer off, and where that is undone.
    bench_->use_data(
        bench_->file("y.jsonl", chat("the lighthouse keeper has a boat", "Aye") + chat("a long one", "Aye")));
    QVERIFY(bench_->settle());
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    child<QSpinBox>("maxLength")->setValue(3);
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    QVERIFY(finding("nothing").sentence.contains(QLatin1String("prompt fills max_length")));
    QVERIFY(!bench_->data().is_busy());  // no token was made anew
    bench_->draft().undo_stack().undo();
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    // A file to evaluate on counts as well.
    const QString own = bench_->file("own.jsonl", chat("nobody", QByteArray()));
    bench_->draft().edit("file", [&](RunConfig& config) {
      config.eval_dataset = DatasetOptions{.path = own.toStdString(), .format = "auto", .columns = {}};
    });
    QVERIFY(bench_->settle());
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    child<QPushButton>("evallost1Action")->click();
    QCOMPARE(child<QComboBox>("xraySet")->currentIndex(), 1);
    QCOMPARE(child<LabelBars>("labelBars")->count(), 1);
  }

  void theLineIsDraggedAndFollowed() {
    take_demo();
    auto* lengths = child<LengthHistogram>("lengthHistogram");
    const int before = bench_->data().scan(RowSet::kTraining).rows.longest();
    QCOMPARE(lengths->line(), 256);
    // Far behind the longest row the line is at the right edge; a click takes it.
    const QPoint to(static_cast<int>(lengths->xOf(before * 0.7)), lengths->height() / 2);
    QTest::mousePress(lengths, Qt::LeftButton, {}, to);
    QTest::mouseMove(lengths, to - QPoint(10, 0));
    QTest::mouseRelease(lengths, Qt::LeftButton, {}, to - QPoint(10, 0));
    const int dragged = lengths->line();
    QVERIFY(dragged < before && dragged > 2);
    QCOMPARE(bench_->draft().config().max_length, dragged);
    QCOMPARE(child<QSpinBox>("maxLength")->value(), dragged);
    const LengthEffect effect = bench_->data().scan(RowSet::kTraining).rows.effect(dragged);
    QVERIFY(effect.truncated > 0);
    QVERIFY(child<QLabel>("lengthEffect")->text().startsWith(QString::number(effect.truncated)));
    QCOMPARE(step_->state(), SetupStep::State::kWarning);
    lengths->setFocus();
    QTest::keyClick(lengths, Qt::Key_Right);
    QCOMPARE(bench_->draft().config().max_length, dragged + 1);
    QTest::keyClick(lengths, Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(bench_->draft().config().max_length, std::max(1, dragged - 15));
    QTest::keyClick(lengths, Qt::Key_End);
    QCOMPARE(bench_->draft().config().max_length, before);
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QTest::keyClick(lengths, Qt::Key_Home);
    child<QPushButton>("truncatedAction")->click();
    QCOMPARE(static_cast<qint64>(child<LabelBars>("labelBars")->count()),
             bench_->data().scan(RowSet::kTraining).rows.effect(lengths->line()).truncated);
    // One drag and the keys behind it are one change.
    bench_->draft().undo_stack().undo();
    QCOMPARE(bench_->draft().config().max_length, 256);
    QCOMPARE(lengths->line(), 256);
  }

  // Of what is shown now the chosen row may be no part, and the rows fewer than its place.
  void aChosenRowMayGo() {
    take_demo();
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    auto* bars = child<LabelBars>("labelBars");
    auto* show = child<QComboBox>("xrayShow");
    const int all = show->currentIndex();
    for (int i = 0; i < show->count(); ++i) {
      show->setCurrentIndex(all);
      Q_EMIT show->activated(all);
      QTRY_COMPARE(bars->count(), 320);
      bars->setFocus();
      QTest::keyClick(bars, Qt::Key_End);
      QCOMPARE(bars->current(), 319);
      show->setCurrentIndex(i);
      Q_EMIT show->activated(i);
      QTRY_VERIFY_WITH_TIMEOUT(!bench_->data().is_busy() && bars->current() < bars->count(), kDataPatience);
      QTest::qWait(20);
    }
    show->setCurrentIndex(all);
    Q_EMIT show->activated(all);
    QTRY_COMPARE(bars->count(), 320);
    QTest::keyClick(bars, Qt::Key_End);
    // Read anew, there are no rows for a while.
    bench_->draft().edit("everything", [](RunConfig& config) { config.assistant_only_loss = false; });
    QVERIFY(bench_->settle());
    QTRY_COMPARE(bars->count(), 320);
  }

  void anotherChoiceIsReadAnew() {
    take_demo();
    auto* learn = child<QComboBox>("learn");
    QCOMPARE(learn->currentIndex(), 2);
    const qint64 before = bench_->data().scan(RowSet::kTraining).rows.effect(0).targets;
    learn->setCurrentIndex(0);
    Q_EMIT learn->activated(0);
    QVERIFY(bench_->settle());
    QTRY_VERIFY(bench_->data().scan(RowSet::kTraining).rows.effect(0).targets > before);
    QTRY_VERIFY(!finding("prompts").sentence.isEmpty());
    child<QPushButton>("promptsAction")->click();
    QVERIFY(bench_->draft().config().assistant_only_loss);
    QVERIFY(bench_->settle());
    QTRY_COMPARE(bench_->data().scan(RowSet::kTraining).rows.effect(0).targets, before);
    // What rows of messages do not tell apart is refused, with a way out.
    bench_->draft().edit("completion", [](RunConfig& config) {
      config.completion_only_loss = true;
      config.assistant_only_loss = false;
    });
    QVERIFY(bench_->settle());
    QTRY_COMPARE(step_->state(), SetupStep::State::kBad);
    child<QPushButton>("refusedAction")->click();
    QVERIFY(bench_->settle());
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
  }

  void markersMayHoldLineEnds() {
    bench_->use_model();
    bench_->use_data(bench_->file("x.jsonl", R"({"text": "### Q:\nwho\n### A:\nme"})"
                                             "\n"));
    bench_->draft().edit("assistant", [](RunConfig& config) { config.assistant_only_loss = true; });
    auto* response = child<QLineEdit>("responsePart");
    response->setFocus();
    QTest::keyClicks(response, "### A:\\n");
    QTest::keyClick(response, Qt::Key_Return);
    QCOMPARE(bench_->draft().config().response_part, std::string("### A:\n"));
    QVERIFY(bench_->settle());
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    QCOMPARE(unescaped(escaped("a\\n\n\t\\")), QString("a\\n\n\t\\"));
  }

  void readingIsStoppedAndTakenUpAgain() {
    QByteArray lines;
    for (int i = 0; i < 100'000; ++i) {
      lines += chat("where is boat " + QByteArray::number(i), "The boat is by the lighthouse, as ever.");
    }
    bench_->use_model();
    bench_->use_data(bench_->file("many.jsonl", lines));
    const RowsScan& scan = bench_->data().scan(RowSet::kTraining);
    QTRY_VERIFY_WITH_TIMEOUT(scan.rows.size() > 1000, kDataPatience);
    QCOMPARE(scan.stage, Stage::kWorking);
    QTRY_VERIFY(child<LabelBars>("labelBars")->count() > 0);  // results as they come
    child<QPushButton>("stopScan")->click();
    QCOMPARE(scan.stage, Stage::kStopped);
    const std::size_t rows = scan.rows.size();
    QVERIFY(rows < 100'000);
    QTRY_COMPARE(step_->state(), SetupStep::State::kWarning);
    QVERIFY(bench_->settle());
    QCOMPARE(scan.rows.size(), rows);
    child<QPushButton>("scanAgain")->click();
    QTRY_COMPARE_WITH_TIMEOUT(scan.stage, Stage::kReady, 4 * kDataPatience);
    QCOMPARE(scan.rows.size(), std::size_t{100'000});
    QTRY_COMPARE(step_->state(), SetupStep::State::kGood);
    // So many are put in order a stretch at a time.
    auto* order = child<QComboBox>("xrayOrder");
    order->setCurrentIndex(1);
    Q_EMIT order->activated(1);
    const auto first = [&] {
      QTest::keyClick(child<LabelBars>("labelBars"), Qt::Key_Home);
      return child<QLabel>("xrayRowTitle")->text();
    };
    QTRY_VERIFY(first().contains(QStringLiteral("%1 tokens").arg(scan.rows.longest())));
    QCOMPARE(child<LabelBars>("labelBars")->count(), 100'000);
  }

  void aPlainTextIsCutIntoRows() {
    QByteArray text;
    for (int i = 0; i < 3000; ++i) text += "The keeper has a red boat. ";
    bench_->use_model();
    bench_->use_data(bench_->file("story.txt", text));
    bench_->draft().edit("length", [](RunConfig& config) { config.max_length = 100; });
    QVERIFY(bench_->settle());
    const RowsScan& scan = bench_->data().scan(RowSet::kTraining);
    QTRY_COMPARE(scan.stage, Stage::kReady);
    const std::size_t rows = scan.rows.size();
    QCOMPARE(scan.rows.longest(), 100);
    QCOMPARE(bench_->data().cut_at(RowSet::kTraining), 0);
    bench_->draft().edit("length", [](RunConfig& config) { config.max_length = 50; });
    QVERIFY(bench_->settle());
    QTRY_VERIFY(scan.stage == Stage::kReady && scan.rows.size() > rows * 3 / 2);
    QVERIFY(child<QLabel>("lengthEffect")->text().contains(QLatin1String("No row is cut")));
  }

 private:
  void take_demo() {
    const RunConfig demo = bench_->demo().config;
    bench_->draft().edit("demo", [&](RunConfig& config) { config = demo; });
    QVERIFY(bench_->settle());
    QTRY_COMPARE(bench_->data().scan(RowSet::kTraining).stage, Stage::kReady);
  }
  template <typename T>
  T* child(const char* name) const {
    // Lines that are made anew leave their forerunners until the next round of events.
    for (T* found : step_->findChildren<T*>(QLatin1String(name))) {
      if (!found->parentWidget()->isHidden()) return found;
    }
    if (T* hidden = step_->findChild<T*>(QLatin1String(name))) return hidden;
    qFatal("no %s", name);
  }
  Finding finding(const char* id) const {
    for (const Finding& one : step_->findChild<FindingList*>("labelsFindings")->findings()) {
      if (one.id == QLatin1String(id)) return one;
    }
    return {};
  }

  std::unique_ptr<DataBench> bench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<LabelsStep> step_;
};

QTEST_MAIN(LabelsStepTest)
#include "labels_step_test.moc"
