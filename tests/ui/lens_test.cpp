// The views of the Inspect page that look at logits, layers and classes, in front of a real run of the bundled model.
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <clocale>
#include <cmath>
#include <map>

#include "ui/models/balance_model.h"
#include "ui/models/examples_model.h"
#include "ui/pages/inspect/balance_view.h"
#include "ui/pages/inspect/lens_view.h"
#include "ui/pages/inspect/logits_view.h"
#include "ui/session/model_answers.h"
#include "ui/session/session_of.h"
#include "ui/session/vocabulary.h"
#include "ui/widgets/token_list_edit.h"
#include "vernier/demo.h"
#include "vernier/devices.h"
#include "vernier/run.h"

namespace vernier::ui {
namespace {

constexpr int kPatience = 60000;
constexpr int kSteps = 4;

std::vector<double> softmax(const float* logits, std::size_t vocab) {
  const double largest = *std::max_element(logits, logits + vocab);
  std::vector<double> p;
  double sum = 0.0;
  for (std::size_t v = 0; v < vocab; ++v) sum += p.emplace_back(std::exp(static_cast<double>(logits[v]) - largest));
  for (double& x : p) x /= sum;
  return p;
}

}  // namespace

class LensTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    std::setlocale(LC_NUMERIC, "C");
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("lens_test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.filePath(QStringLiteral("config")));
    run_dir_ = folder_.filePath(QStringLiteral("run"));
    Demo demo = load_demo();
    // Two steps an epoch, so that a captured data row comes up again.
    demo.config.num_train_epochs = 2;
    demo.config.max_steps = kSteps;
    demo.config.eval_dataset.reset();
    demo.config.parity_check_every = 0;
    demo.config.return_logits = {.every = 2, .rows = {0, 1}, .logits_to_keep = {}};
    EventSink silent;
    RunControl control;
    RunOptions options;
    options.out_dir = run_dir_.toStdString();
    options.device = "cpu";
    const RunResult result = run_training(demo.config, options, silent, control, {});
    QVERIFY2(result.status == RunStatus::kFinished, result.message.c_str());
    model_dir_ = demo.model_dir;
  }

  void init() {
    workbench_ = std::make_unique<Workbench>(
        EngineAccess{
            .train = run_training, .answer = answer_prompts, .load_demo = load_demo, .list_devices = list_devices},
        folder_.filePath(QStringLiteral("runs")));
    actions_ = std::make_unique<Actions>(*workbench_);
  }

  void cleanup() {
    view_.reset();
    actions_.reset();
    workbench_.reset();
  }

  void scrubsOverCapturedSteps() {
    show<LogitsView>();
    auto* map = child<TokenMap>("logitHeatMap");
    auto* slider = child<QSlider>("captureSlider");
    QTRY_VERIFY_WITH_TIMEOUT(!map->isEmpty(), kPatience);
    QCOMPARE(slider->maximum(), 3);  // two rows of two steps
    for (const int at : {0, 3, 1}) {
      slider->setValue(at);
      const CaptureRecord& record = workbench_->run().captures()[static_cast<std::size_t>(at)];
      QCOMPARE(workbench_->selection().step(), record.step);
      QCOMPARE(workbench_->selection().sequence(), record.index);
      QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy(), kPatience);
      expect_map_of(*map, RunReader(run_dir_.toStdString()).load_capture(record));
    }
    map->setFocus();
    QTest::keyClick(map, Qt::Key_Period);
    QCOMPARE(slider->value(), 2);
    // A cell selects the token that its column predicts, everywhere.
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy(), kPatience);
    QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(2, 1).center().toPoint());
    QCOMPARE(workbench_->selection().position(), map->selectedPosition() + 1);
    QVERIFY(child<QTableWidget>("topTokens")->rowCount() == 20);
  }

  void showsTheTokensThatWereListed() {
    show<LogitsView>();
    auto* map = child<TokenMap>("logitHeatMap");
    QTRY_VERIFY_WITH_TIMEOUT(!map->isEmpty() && !workbench_->is_busy(), kPatience);
    auto* rows = child<QComboBox>("logitsRows");
    rows->setCurrentIndex(1);
    Q_EMIT rows->activated(1);
    auto* list = child<TokenListEdit>("logitsTokens");
    QTest::keyClicks(list, "17 the nosuchtokenatall 5 ");
    QTRY_COMPARE_WITH_TIMEOUT(map->table().rows, 3 * map->columnCount(), kPatience);
    QVERIFY(child<QLabel>("logitsUnknown")->text().contains("nosuchtokenatall"));
    const TableData table = map->table();
    QCOMPARE(table.cell(0, 1), QString("17"));
    QVERIFY(table.cell(1, 2).contains("the"));
    QCOMPARE(table.cell(2, 1), QString("5"));
    // What a token is called is read as that token.
    const auto& vocabulary = session_of<Vocabulary>(*workbench_);
    for (int id = 0; id < vocabulary.pieces().size(); id += 7) {
      QCOMPARE(vocabulary.parse(vocabulary.name_of(id)).ids, (std::vector<std::int32_t>{id}));
    }
  }

  void asksTheModelNow() {
    show<LogitsView>();
    auto* map = child<TokenMap>("logitHeatMap");
    QTRY_VERIFY_WITH_TIMEOUT(!map->isEmpty() && !workbench_->is_busy(), kPatience);
    auto* source = child<QComboBox>("logitsSource");
    source->setCurrentIndex(3);
    Q_EMIT source->activated(3);
    QTRY_VERIFY_WITH_TIMEOUT(map->table().headers.size() == 14, kPatience);
    const SelectionModel& selection = workbench_->selection();
    const StepTokens tokens = RunReader(run_dir_.toStdString()).tokens(selection.step(), selection.sequence());
    QCOMPARE(map->columnCount(), static_cast<int>(tokens.tokens.size()));
    // Against the whole pass of each model.
    const TableData table = map->table();
    const auto forward = [&](bool tuned) {
      const auto model = LanguageModel::load(
          {.model_dir = model_dir_, .adapter_dir = tuned ? run_dir_.toStdString() + "/adapter" : "", .device = "cpu"});
      Batch batch;
      batch.input_ids.emplace_back();
      for (const TokenRecord& token : tokens.tokens) batch.input_ids[0].push_back(token.input_id);
      batch.labels = batch.input_ids;
      batch.lengths = {batch.width()};
      return model->forward(batch, {});
    };
    const ForwardResult tuned = forward(true);
    const ForwardResult base = forward(false);
    const auto vocab = static_cast<std::size_t>(tuned.logits.shape[2]);
    bool differs = false;
    for (int line = 0; line < table.rows; line += 5) {
      const auto position = static_cast<std::size_t>(table.cell(line, 0).toInt());
      const auto id = static_cast<std::size_t>(table.cell(line, 1).toInt());
      const double p = softmax(tuned.logits.values.data() + position * vocab, vocab)[id];
      const double q = softmax(base.logits.values.data() + position * vocab, vocab)[id];
      QVERIFY(std::abs(table.cell(line, 3).toDouble() - p) <= 1e-4);
      QVERIFY(std::abs(table.cell(line, 10).toDouble() - q) <= 1e-4);
      differs = differs || std::abs(p - q) > 1e-3;
    }
    QVERIFY(differs);
    QCOMPARE(child<QComboBox>("logitsColor")->currentIndex(), int(LogitCells::ColorBy::kChange));
  }

  void looksThroughTheLayers() {
    show<LensView>();
    auto* look = child<QPushButton>("lensLook");
    QTRY_VERIFY_WITH_TIMEOUT(look->isEnabled(), kPatience);
    auto* model = child<QComboBox>("lensModel");
    QCOMPARE(model->currentIndex(), 0);  // tuned, as there is something tuned
    model->setCurrentIndex(2);
    look->click();
    auto* map = child<TokenMap>("lensTuned");
    auto* base = child<TokenMap>("lensBase");
    QTRY_VERIFY_WITH_TIMEOUT(!map->isEmpty() && !base->isEmpty(), kPatience);
    QVERIFY(base->isVisible());
    const auto loaded = LanguageModel::load({.model_dir = model_dir_, .adapter_dir = "", .device = "cpu"});
    const auto layers = static_cast<int>(loaded->info().num_layers) + 1;
    const int positions = map->columnCount();
    QCOMPARE(map->table().rows, layers * positions);
    QVERIFY(child<QLabel>("lensNote")->text().contains(grouped(positions)));
    // A cell selects the token that it predicts; the other map and the list go along.
    QTest::keyClick(map, Qt::Key_Home);
    QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(1, 2).center().toPoint());
    QCOMPARE(workbench_->selection().position(), 2);
    QCOMPARE(base->selectedPosition(), 1);
    QCOMPARE(base->selectedRow(), 2);
    auto* top = child<QTableWidget>("lensTop");
    QCOMPARE(top->columnCount(), 4);
    QCOMPARE(top->rowCount(), 10);
    workbench_->selection().selectPosition(4);
    QCOMPARE(map->selectedPosition(), 3);
    // The last layer is what the base model says itself.
    const SelectionModel& selection = workbench_->selection();
    const StepTokens tokens = RunReader(run_dir_.toStdString()).tokens(selection.step(), selection.sequence());
    Batch batch;
    batch.input_ids.emplace_back();
    for (const TokenRecord& token : tokens.tokens) batch.input_ids[0].push_back(token.input_id);
    batch.labels = batch.input_ids;
    batch.lengths = {batch.width()};
    const ForwardResult result = loaded->forward(batch, {});
    const auto vocab = static_cast<std::size_t>(result.logits.shape[2]);
    const TableData table = base->table();
    for (int t = 0; t < positions; ++t) {
      const float* row = result.logits.values.data() + static_cast<std::size_t>(t) * vocab;
      const int line = t * layers + layers - 1;
      QCOMPARE(table.cell(line, 2).toInt(), layers - 1);
      const auto p = softmax(row, vocab);
      QVERIFY(std::abs(table.cell(line, 5).toDouble() - *std::max_element(p.begin(), p.end())) <= 1e-4);
    }
  }

  void looksAtATypedText() {
    show<LensView>();
    auto* text = child<QComboBox>("lensText");
    text->setCurrentIndex(1);
    Q_EMIT text->activated(1);
    auto* look = child<QPushButton>("lensLook");
    QVERIFY(!look->isEnabled());
    auto* prompt = child<QLineEdit>("lensPrompt");
    QVERIFY(prompt->isVisible());
    QTest::keyClicks(prompt, "Once upon a time there was a little fox");
    QVERIFY(look->isEnabled());
    child<QSpinBox>("lensMost")->setValue(5);
    QTest::keyClick(prompt, Qt::Key_Return);
    auto* map = child<TokenMap>("lensTuned");
    QTRY_COMPARE_WITH_TIMEOUT(map->columnCount(), 5, kPatience);
    QVERIFY(child<QLabel>("lensNote")->text().contains(QStringLiteral("first 5")));
    // Nothing of the run is selected by it.
    QTest::keyClick(map, Qt::Key_Home);
    const int before = workbench_->selection().position();
    QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(1, 1).center().toPoint());
    QCOMPARE(workbench_->selection().position(), before);
  }

  void stopsWhatItWasAskedFor() {
    show<LensView>();
    // A light model is looked into unasked.
    auto* map = child<TokenMap>("lensTuned");
    QTRY_VERIFY_WITH_TIMEOUT(!map->isEmpty() && !workbench_->is_busy(), kPatience);
    auto* look = child<QPushButton>("lensLook");
    look->click();
    auto* line = child<WorkLine>("workLine");
    QVERIFY(line->isVisible());
    child<QToolButton>("workStop")->click();
    QVERIFY(!line->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy(), kPatience);
    // What was shown before stays, and it can be asked again.
    QVERIFY(!map->isEmpty() && !child<TokenMap>("lensBase")->isVisible());
    child<QComboBox>("lensModel")->setCurrentIndex(2);
    look->click();
    QTRY_VERIFY_WITH_TIMEOUT(child<TokenMap>("lensBase")->isVisible(), kPatience);
  }

  void countsTargetsAndAnswers() {
    show<BalanceView>();
    auto* table = child<QTableView>("balanceTokens");
    auto* filter = qobject_cast<BalanceFilter*>(table->model());
    const QAbstractItemModelTester tester(filter->sourceModel());
    const QAbstractItemModelTester filter_tester(filter);
    const RunReader reader(run_dir_.toStdString());
    const ClassBalance expected = class_balance(reader);
    QTRY_COMPARE_WITH_TIMEOUT(filter->rowCount(), static_cast<int>(expected.tokens.size()), kPatience);
    QVERIFY(child<QLabel>("balanceSummary")->text().contains(grouped(expected.num_targets)));
    // Most over-predicted first.
    const auto excess = [&](int row) {
      return filter->index(row, BalanceModel::kExcess).data(BalanceModel::kSortRole).toLongLong();
    };
    for (int row = 1; row < filter->rowCount(); ++row) QVERIFY(excess(row) <= excess(row - 1));
    const auto most = std::max_element(expected.tokens.begin(), expected.tokens.end(),
                                       [](const auto& a, const auto& b) { return a.excess() < b.excess(); });
    QCOMPARE(excess(0), static_cast<qlonglong>(most->excess()));
    // Rare tokens go where the user says so.
    child<QSpinBox>("balanceLeast")->setValue(5);
    const auto often = std::count_if(expected.tokens.begin(), expected.tokens.end(),
                                     [](const TokenBalance& token) { return token.targets + token.predicted >= 5; });
    QCOMPARE(filter->rowCount(), static_cast<int>(often));
    child<QSpinBox>("balanceLeast")->setValue(1);
    child<QLineEdit>("balanceFilter")->setText(QString::number(most->id));
    QVERIFY(filter->rowCount() >= 1 && filter->rowCount() < static_cast<int>(expected.tokens.size()));
    child<QLineEdit>("balanceFilter")->clear();

    // A token leads to its examples, an example to its place.
    const auto target = std::max_element(expected.tokens.begin(), expected.tokens.end(),
                                         [](const auto& a, const auto& b) { return a.targets < b.targets; });
    auto* scatter = child<BalanceScatter>("balanceScatter");
    QTest::mouseClick(scatter, Qt::LeftButton, {}, scatter->pointOf(*target).toPoint());
    QCOMPARE(scatter->selected(), target->id);
    auto* examples = child<QTableView>("balanceExamples");
    const QAbstractItemModelTester examples_tester(examples->model());
    QTRY_VERIFY_WITH_TIMEOUT(examples->model()->rowCount() > 0, kPatience);
    const TokenExample worst = token_examples(reader, target->id, ExampleKind::kTarget, 1).front();
    QSignalSpy selected(&workbench_->selection(), &SelectionModel::positionChanged);
    examples->setCurrentIndex(examples->model()->index(0, 0));
    QCOMPARE(workbench_->selection().step(), worst.step);
    QCOMPARE(workbench_->selection().sequence(), worst.index);
    QCOMPARE(workbench_->selection().position(), worst.position);
    QVERIFY(!selected.isEmpty());
    // A narrower range.
    child<QSpinBox>("balanceFirst")->setValue(2);
    child<QSpinBox>("balanceLast")->setValue(3);
    child<QPushButton>("balanceCount")->click();
    const ClassBalance narrow = class_balance(reader, 2, 3);
    QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("balanceSummary")->text().contains(grouped(narrow.num_targets)), kPatience);
  }

  void everyControlSaysWhatItIs() {
    for (const int which : {0, 1, 2}) {
      if (which == 0) show<LogitsView>();
      if (which == 1) show<LensView>();
      if (which == 2) show<BalanceView>();
      int controls = 0;
      for (const QWidget* widget : view_->findChildren<QWidget*>()) {
        const bool is_control =
            qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
            qobject_cast<const QAbstractSpinBox*>(widget) || qobject_cast<const QAbstractSlider*>(widget) ||
            qobject_cast<const QTableView*>(widget) || qobject_cast<const TokenMap*>(widget);
        const bool is_part = widget->objectName().startsWith(QLatin1String("qt_")) ||
                             widget->inherits("QTableCornerButton") || widget->inherits("QScrollBar") ||
                             qobject_cast<const QLineEdit*>(widget->parentWidget());
        // A button of an empty state that has nothing to offer.
        const auto* button = qobject_cast<const QAbstractButton*>(widget);
        const bool is_absent = button != nullptr && button->isHidden() && button->text().isEmpty();
        if (!is_control || is_part || is_absent) continue;
        ++controls;
        QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
        QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
        QVERIFY2(!widget->toolTip().isEmpty(), qPrintable(widget->objectName()));
      }
      QVERIFY(controls > 5);
      cleanup();
      init();
    }
  }

 private:
  template <typename View>
  void show() {
    view_ = std::make_unique<View>(*workbench_, *actions_);
    view_->resize(1100, 760);
    view_->show();
    QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
    workbench_->open_run(run_dir_);
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().series().size(), std::size_t{kSteps}, kPatience);
    workbench_->set_prefers_captured(true);
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy(), kPatience);
  }

  template <typename Widget>
  Widget* child(const char* name) const {
    auto* found = view_->findChild<Widget*>(QLatin1String(name));
    if (found == nullptr) qFatal("no child %s", name);
    return found;
  }

  // Every cell by the definition of softmax over the captured logits.
  static void expect_map_of(const TokenMap& map, const Capture& capture) {
    const TableData table = map.table();
    const auto vocab = static_cast<std::size_t>(capture.vocab_size);
    QCOMPARE(map.columnCount(), static_cast<int>(capture.positions.size()));
    QCOMPARE(table.rows, map.columnCount() * 12);
    for (int line = 0; line < table.rows; ++line) {
      const auto column = static_cast<std::size_t>(line / 12);
      const float* logits = capture.logits.data() + column * vocab;
      const int id = table.cell(line, 1).toInt();
      QCOMPARE(table.cell(line, 0).toInt(), capture.positions[column]);
      QVERIFY(std::abs(table.cell(line, 3).toDouble() - softmax(logits, vocab)[static_cast<std::size_t>(id)]) <= 1e-5);
      const auto higher = std::count_if(logits, logits + vocab, [&](float logit) { return logit > logits[id]; });
      QCOMPARE(table.cell(line, 5).toInt(), static_cast<int>(higher) + 1);
    }
  }

  const QTemporaryDir folder_;
  QString run_dir_;
  std::string model_dir_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<InspectView> view_;
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::LensTest)
#include "lens_test.moc"
