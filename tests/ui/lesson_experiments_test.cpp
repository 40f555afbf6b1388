// The lessons' experiments: what their texts say of the figures is so.
#include "ui/session/lesson_experiments.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "ui/session/lesson_text.h"
#include "vernier/error.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

// A run and a value of it; NaN where the experiment gave none, which fails every comparison.
class Outcome {
 public:
  explicit Outcome(const std::string& id) {
    double last = 0.0;
    result = run_lesson(id,
                        [&last, this](double fraction) {
                          is_monotonic &= fraction >= last && fraction <= 1.0;
                          last = fraction;
                        },
                        {});
    for (const LessonRow& row : result.rows) is_rectangular &= row.cells.size() == result.columns.size();
    for (const LessonText& text : load_lessons(QStringLiteral("en"))) {
      if (text.id == id) is_told = tells(text);
    }
  }
  double operator[](const std::string& key) const {
    const auto found = result.values.find(key);
    return found == result.values.end() ? std::nan("") : std::strtod(found->second.c_str(), nullptr);
  }
  // Of the row and the column of these keys; "" where there is none.
  std::string cell(const std::string& row_key, const std::string& column_key) const {
    const auto column = std::find(result.columns.begin(), result.columns.end(), column_key);
    for (const LessonRow& row : result.rows) {
      if (row.key == row_key && column != result.columns.end()) {
        return row.cells[static_cast<std::size_t>(column - result.columns.begin())];
      }
    }
    return {};
  }
  bool is_sound() const {
    return is_monotonic && is_rectangular && is_told && !result.rows.empty() && !result.values.empty();
  }

  LessonResult result;
  bool is_monotonic = true;
  bool is_rectangular = true;
  bool is_told = false;

 private:
  // Every key has its words, and every {name} its value.
  bool tells(const LessonText& text) const {
    bool all = true;
    const auto look = [&](const std::string& key) { all &= text.labels.contains(QString::fromStdString(key)); };
    for (const LessonCurve& curve : result.curves) look(curve.key);
    for (const std::string& column : result.columns) look(column);
    for (const LessonRow& row : result.rows) look(row.key);
    for (const QString& paragraph : text.reveal) all &= !filled_in(paragraph, result.values).contains(QLatin1Char('{'));
    return all;
  }
};

}  // namespace

class LessonExperimentsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatALabelMaskDoes() {
    const Outcome seen("label-mask");
    QVERIFY(seen.is_sound());
    // One model, two first losses; the planted run learns what nobody asked it to.
    QVERIFY(seen["lost_first"] < seen["kept_first"] - 1.0);
    QVERIFY(std::abs(seen["kept_labelled"] - seen["checked"]) < 10.0);
    QVERIFY(seen["lost_labelled"] > seen["checked"] + 15.0);
    QVERIFY(seen["kept_on_answers"] < 1.0);
    QVERIFY(seen["kept_on_questions"] > seen["base_on_questions"]);
    QVERIFY(seen["lost_on_questions"] < seen["base_on_questions"]);
  }

  void perTokenOrPerSequence() {
    const Outcome seen("normalization");
    QVERIFY(seen.is_sound());
    QVERIFY(seen["split_weight"] > 75.0 && seen["planted_weight"] < 25.0);
    // Two runs of four, but for rounding: a split alone changes nothing, the planted one makes it per sequence.
    const auto close = [&seen](const char* a, const char* b) { return std::abs(seen[a] - seen[b]) <= 2e-4; };
    QVERIFY(close("whole_norm", "split_norm"));
    QVERIFY(close("planted_norm", "per_sequence_norm"));
    QVERIFY(std::abs(seen["planted_norm"] - seen["split_norm"]) > 0.5);
    QVERIFY(seen["planted_short"] < 0.5 * seen["split_short"]);
    QVERIFY(seen["split_long"] < seen["planted_long"] - 0.5);
  }

  void packingDoneRightAndWrong() {
    const Outcome seen("packing");
    QVERIFY(seen.is_sound());
    QCOMPARE(seen["packed"], seen["apart"]);
    const auto& values = seen.result.values;
    QCOMPARE(values.at("packed_difference"), std::string("< 0.0001"));
    QCOMPARE(values.at("borders_first_row"), std::string("< 0.0001"));
    QVERIFY(seen["borders_difference"] > 1.0);
    QVERIFY(seen["borders_worse"] > 20.0 && seen["borders_better"] > 20.0);
    QVERIFY(seen["unmasked_first_row"] > 0.5);
    QVERIFY(values.at("packed_cause").empty());
    QVERIFY(values.at("borders_cause").find("borders") != std::string::npos);
    QVERIFY(values.at("unmasked_cause").find("mask") != std::string::npos);
    QCOMPARE(seen.cell("packed", "verdict"), std::string("agrees"));
    QCOMPARE(seen.cell("borders", "verdict"), std::string("differs"));
    QCOMPARE(seen.cell("unmasked", "verdict"), std::string("differs"));
  }

  void whatLogitsCost() {
    const Outcome seen("logits");
    QVERIFY(seen.is_sound());
    QCOMPARE(seen.result.values.at("equal"), std::string("yes"));
    QCOMPARE(seen.result.values.at("without_bytes"), std::string("0"));
    QVERIFY(seen["with_bytes"] > 0.5);
    // The copy is the loss's own, unless its rows are off by one.
    QVERIFY(std::abs(seen["with_kept_loss"] - seen["last_loss"]) <= 2e-4);
    QVERIFY(seen["planted_kept_loss"] > seen["last_loss"] + 1.0);
    QVERIFY(seen["planted_copies"] > seen["with_copies"] + 30.0);
    QCOMPARE(seen.result.values.at("verdict"), std::string("differs"));
    QVERIFY(seen.result.values.at("cause").find("off by one") != std::string::npos);
  }

  void evaluationThatRunsOtherCode() {
    const Outcome seen("evaluation");
    QVERIFY(seen.is_sound());
    for (const LessonRow& row : seen.result.rows) {
      QCOMPARE(row.cells.back(), std::string(row.key == "clean" ? "agrees" : "differs"));
      QCOMPARE(seen.result.values.at(row.key + "_cause").empty(), row.key == "clean");
    }
    QVERIFY(seen["collapse"] > seen["clean"] + 2.0);
  }

  void aLearningRateTooHigh() {
    const Outcome seen("learning-rate");
    QVERIFY(seen.is_sound());
    QVERIFY(seen["right"] < 1.0);
    QVERIFY(seen["low"] > seen["right"] + 2.0 && seen["planted"] > seen["right"] + 1.0);
    QVERIFY(seen["planted_highest"] > 7.62);  // worse than a blind guess
    QVERIFY(seen["planted_norm"] > 3.0 * seen["right_norm"]);
    // One schedule; the weights tell the two apart.
    QCOMPARE(seen["planted_scheduled"], seen["right_scheduled"]);
    QVERIFY(std::abs(seen["right_applied"] / seen["right_scheduled"] - 1.0) <= 0.02);
    QVERIFY(std::abs(seen["planted_applied"] / seen["planted_scheduled"] - 16.0) <= 0.3);
  }

  void whatRankBuys() {
    const Outcome seen("rank");
    QVERIFY(seen.is_sound());
    QVERIFY(seen["r4"] < seen["r1"] && seen["r16"] < seen["r4"]);
    // Four times the weights of 16 gain next to nothing more.
    QVERIFY(seen["r16"] - seen["r64"] < 0.3 * (seen["r4"] - seen["r16"]) + 0.1);
    // Without / r the rank is a step's length, and what is learnt is lost where the adapter is loaded.
    QVERIFY(seen["planted64_last"] > seen["r64_last"] + 1.0);
    QVERIFY(seen["planted4_last"] < seen["r4_last"] + 0.3);
    QVERIFY(seen["planted4"] > seen["r4"] + 0.5 && seen["planted64"] > seen["r64"] + 1.0);
    for (const LessonRow& row : seen.result.rows) {
      const bool planted = row.key.starts_with("planted");
      QCOMPARE(row.cells.back(), std::string(planted ? "differs" : "agrees"));
      const bool named = seen.result.values.at(row.key + "_cause").find("LoRA scale") != std::string::npos;
      QCOMPARE(named, planted);
    }
  }

  void stopsWhenAsked() {
    std::stop_source source;
    try {
      run_lesson(
          "rank", [&source](double) { source.request_stop(); }, source.get_token());
      QFAIL("it went on");
    } catch (const Error& error) {
      QCOMPARE(error.code(), ErrorCode::kCancelled);
    }
    try {
      run_lesson("no such", [](double) {}, {});
      QFAIL("it was found");
    } catch (const Error& error) {
      QCOMPARE(error.code(), ErrorCode::kNotFound);
    }
  }
};

QTEST_GUILESS_MAIN(LessonExperimentsTest)
#include "lesson_experiments_test.moc"
