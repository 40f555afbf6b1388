// Packing and normalisation: the rows of real steps, and the weights against plain sums.
#include "ui/pages/inspect/packing_view.h"

#include <QComboBox>
#include <QLabel>
#include <cmath>
#include <map>
#include <memory>
#include <random>

#include "engine/io/sqlite.h"
#include "tests/ui/pictures.h"
#include "tests/ui/real_run.h"
#include "ui/style/paint.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr std::int64_t kMaxLength = 200;

double sum_of_weights(const StepLayout& layout, LossNormalization normalization) {
  double sum = 0.0;
  for (const LaidSequence& sequence : layout.sequences()) sum += layout.sequence_weight(sequence, normalization);
  return sum;
}

}  // namespace

class PackingViewTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    use_settings_in(folder_, "packing_view_test");
    run_dir_ = folder_.filePath(QStringLiteral("packed"));
    QCOMPARE(train_demo(run_dir_, 3,
                        [](RunConfig& config) {
                          config.packing = Packing::kBfd;
                          config.max_length = kMaxLength;
                          config.per_device_train_batch_size = 2;
                          config.gradient_accumulation_steps = 2;
                        }),
             QString());
  }

  void init() {
    workbench_ = std::make_unique<Workbench>(real_engine(), folder_.path());
    actions_ = std::make_unique<Actions>(*workbench_);
    view_ = std::make_unique<PackingView>(*workbench_, *actions_);
    settle(*view_, QSize(1000, 560));
  }

  void cleanup() {
    view_.reset();
    actions_.reset();
    workbench_.reset();
  }

  void drawsTheRowsOfTheStep() {
    open(run_dir_);
    const StepLayout& layout = view_->layout_shown();
    QVERIFY(layout.is_recorded() && layout.is_packed());
    QCOMPARE(layout.capacity(), kMaxLength);
    QCOMPARE(layout.rows().size(), std::size_t{4});  // 2 rows in each of 2 micro-batches
    QVERIFY(layout.sequences().size() > layout.rows().size());
    // Against the store, by hand.
    const RunReader reader(run_dir_.toStdString());
    std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> filled;
    std::int64_t tokens = 0;
    for (const SequenceRecord& sequence : reader.sequences(layout.step())) {
      const int at = layout.find(sequence.loss.index);
      QVERIFY(at >= 0);
      std::int64_t& row = filled[{sequence.loss.micro_batch, sequence.loss.packed_row}];
      QCOMPARE(layout.sequences()[static_cast<std::size_t>(at)].begin, row);
      row += sequence.loss.num_tokens;
      tokens += sequence.loss.num_tokens;
    }
    QCOMPARE(filled.size(), layout.rows().size());
    QVERIFY(std::abs(layout.fill() - static_cast<double>(tokens) / static_cast<double>(4 * kMaxLength)) < 1e-12);
    QVERIFY(child<QLabel>("packingFill")->text().contains(QLatin1String("4 packed row")));
    // Masked and learnt tokens are told apart as the store tells them.
    for (const StepTokens& sequence : reader.tokens(layout.step())) {
      std::vector<bool> expected, got(sequence.tokens.size());
      for (const TokenRecord& token : sequence.tokens) expected.push_back(token.is_target);
      const int at = layout.find(sequence.sequence.index);
      for (const TokenRun& run : layout.sequences()[static_cast<std::size_t>(at)].targets) {
        for (qint64 t = run.begin; t < run.end; ++t) got[static_cast<std::size_t>(t)] = true;
      }
      QCOMPARE(got, expected);
    }
  }

  void weighsAsTheLossDoes() {
    open(run_dir_);
    const StepLayout& layout = view_->layout_shown();
    for (const auto normalization : {LossNormalization::kPerToken, LossNormalization::kPerSequence}) {
      QVERIFY(std::abs(sum_of_weights(layout, normalization) - 1.0) < 1e-12);
      // The weighted sum of the sequences' losses is the loss that the step recorded.
      double loss = 0.0;
      for (const LaidSequence& sequence : layout.sequences()) {
        loss += layout.sequence_weight(sequence, normalization) * sequence.loss.loss;
      }
      const StepEvent step = RunReader(run_dir_.toStdString()).steps(layout.step(), layout.step()).front();
      const double recorded =
          normalization == LossNormalization::kPerToken ? step.loss_per_token : step.loss_per_sequence;
      QVERIFY2(std::abs(loss - recorded) <= 1e-9 * recorded, qPrintable(QString::number(loss - recorded)));
    }
  }

  void selectsEverywhere() {
    open(run_dir_);
    auto* map = child<PackingMap>("packingMap");
    QTRY_VERIFY_WITH_TIMEOUT(map->selectedPiece() >= 0, kPatience);  // what the window selected by itself
    const QRectF piece = map->pieceRect(1, 1);
    QTest::mouseClick(map->viewport(), Qt::LeftButton, {}, piece.center().toPoint());
    const StepLayout& layout = view_->layout_shown();
    const LaidSequence& sequence = layout.sequences()[layout.rows()[1].first + 1];
    QCOMPARE(workbench_->selection().sequence(), sequence.loss.index);
    QVERIFY(std::abs(workbench_->selection().position() - static_cast<int>(sequence.loss.num_tokens / 2)) <= 2);
    QCOMPARE(map->selectedStrip(), 1);
    QCOMPARE(map->selectedPiece(), 1);
    QTest::keyClick(map, Qt::Key_Home);
    QCOMPARE(workbench_->selection().sequence(), layout.sequences().front().loss.index);
    workbench_->selection().selectSequence(layout.step(), layout.sequences().back().loss.index);
    QCOMPARE(map->selectedStrip(), static_cast<int>(layout.rows().size()) - 1);
    // Another step brings its own rows.
    workbench_->selection().selectStep(1);
    QTRY_COMPARE_WITH_TIMEOUT(view_->layout_shown().step(), 1, kPatience);
  }

  void showsEitherLossAndTheDifference() {
    open(run_dir_);
    auto* by = child<QComboBox>("packingBy");
    auto* map = child<PackingMap>("packingMap");
    map->setSelected(-1, -1, -1);
    const auto picture = [map] { return map->viewport()->grab().toImage(); };
    const auto* words = child<QLabel>("packingWeight");
    const QImage per_token = picture();
    QVERIFY(words->text().contains(QLatin1String("Per token")));
    by->setCurrentIndex(1);
    map->setSelected(-1, -1, -1);
    const QImage per_sequence = picture();
    QVERIFY(per_sequence != per_token);
    QVERIFY(words->text().contains(QLatin1String("whatever its length")));
    by->setCurrentIndex(2);
    map->setSelected(-1, -1, -1);
    QVERIFY(picture() != per_sequence);
    QVERIFY(words->text().contains(QLatin1String("times one of that with")));
    QVERIFY(words->text().contains(QLatin1String("This run optimises the loss per token.")));
  }

  void zoomsIntoARow() {
    open(run_dir_);
    auto* map = child<PackingMap>("packingMap");
    const double before = map->pieceRect(0, 0).width();
    for (int i = 0; i < 4; ++i) QTest::keyClick(map, Qt::Key_Plus);
    QVERIFY(map->zoom() > 2.0);
    QVERIFY(std::abs(map->pieceRect(0, 0).width() - before * map->zoom()) < 1.0);
    QTest::mouseDClick(map->viewport(), Qt::LeftButton, {}, QPoint(300, 20));
    QCOMPARE(map->zoom(), 1.0);
  }

  // A run folder of a version that did not record the rows.
  void saysThatItWasNotRecorded() {
    const QString old = folder_.filePath(QStringLiteral("old"));
    QCOMPARE(train_demo(old, 1), QString());
    Database::open_writer((old + QStringLiteral("/run.db")).toStdString()).execute("DROP TABLE layouts");
    open(old);
    QVERIFY(!view_->layout_shown().is_recorded());
    QCOMPARE(view_->layout_shown().rows().size(), view_->layout_shown().sequences().size());
    QVERIFY(child<QLabel>("packingFill")->text().contains(QLatin1String("did not record")));
    QVERIFY(std::abs(sum_of_weights(view_->layout_shown(), LossNormalization::kPerSequence) - 1.0) < 1e-12);
  }

  // Sums of random steps, the long way round.
  void sentencesCountRight() {
    std::mt19937 random(std::random_device{}());
    for (int round = 0; round < 200; ++round) {
      std::vector<SequenceRecord> sequences;
      std::vector<qint64> targets;
      const int count = 1 + static_cast<int>(random() % 20);
      for (int i = 0; i < count; ++i) {
        SequenceRecord record;
        record.loss.index = i;
        record.loss.num_targets = static_cast<std::int64_t>(random() % 50);
        record.loss.num_tokens = record.loss.num_targets + 1;
        record.loss.micro_batch = 0;
        record.loss.packed_row = i;
        sequences.push_back(record);
        if (record.loss.num_targets > 0) targets.push_back(record.loss.num_targets);
      }
      const StepLayout layout(1, sequences, {}, RunConfig());
      QCOMPARE(layout.num_labelled(), static_cast<qint64>(targets.size()));
      if (targets.empty()) {
        QVERIFY(layout.weight_sentence(LossNormalization::kPerToken).contains(QLatin1String("skipped")));
        continue;
      }
      std::sort(targets.rbegin(), targets.rend());
      qint64 all = 0, held = 0;
      for (const qint64 one : targets) all += one;
      int most = 0;
      while (2 * held < all) held += targets[static_cast<std::size_t>(most++)];
      const QString expected = QStringLiteral("Per token, %1 of %2 sequences with targets hold %3 of the weight.")
                                   .arg(most)
                                   .arg(targets.size())
                                   .arg(percent(static_cast<double>(held) / static_cast<double>(all), 0));
      QCOMPARE(layout.weight_sentence(LossNormalization::kPerToken), expected);
      for (const LaidSequence& sequence : layout.sequences()) {
        if (sequence.loss.num_targets == 0) continue;
        const double ratio = static_cast<double>(all) /
                             (static_cast<double>(targets.size()) * static_cast<double>(sequence.loss.num_targets));
        QVERIFY(std::abs(layout.log_ratio(sequence) - std::log2(ratio)) < 1e-9);
      }
    }
  }

 private:
  template <class Widget>
  Widget* child(const char* name) {
    auto* found = view_->findChild<Widget*>(QLatin1String(name));
    if (found == nullptr) qFatal("no %s", name);
    return found;
  }

  void open(const QString& run_dir) {
    workbench_->open_run(run_dir);
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().run_dir(), run_dir, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!view_->layout_shown().is_empty(), kPatience);
  }

  QTemporaryDir folder_;
  QString run_dir_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<PackingView> view_;
};

QTEST_MAIN(PackingViewTest)
#include "packing_view_test.moc"
