// The lessons' experiments: what their texts say of the figures is so.
#include "ui/session/lesson_experiments.h"

#include <QTest>
#include <cmath>
#include <cstdlib>

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
  }
  double operator[](const std::string& key) const {
    const auto found = result.values.find(key);
    return found == result.values.end() ? std::nan("") : std::strtod(found->second.c_str(), nullptr);
  }
  bool is_sound() const { return is_monotonic && is_rectangular && !result.rows.empty() && !result.values.empty(); }

  LessonResult result;
  bool is_monotonic = true;
  bool is_rectangular = true;
};

}  // namespace

class LessonExperimentsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatALabelMaskDoes() {
    const Outcome seen("label-mask");
    QVERIFY(seen.is_sound());
    // One model, two first losses; both learn the answers; one of them forgets how to ask.
    QVERIFY(seen["everything_first"] < seen["answers_first"] - 1.0);
    QVERIFY(seen["answers_on_answers"] < 1.0 && seen["everything_on_answers"] < 1.0);
    QVERIFY(seen["answers_on_questions"] > seen["base_on_questions"]);
    QVERIFY(seen["everything_on_questions"] < seen["base_on_questions"]);
  }

  void perTokenOrPerSequence() {
    const Outcome seen("normalization");
    QVERIFY(seen.is_sound());
    QVERIFY(seen["per_token_weight"] > 75.0 && seen["per_sequence_weight"] < 25.0);
    QVERIFY(seen["per_sequence_short"] < 0.5 * seen["per_token_short"]);
    QVERIFY(seen["per_token_long"] < seen["per_sequence_long"] - 0.5);
  }

  void packingDoneRightAndWrong() {
    const Outcome seen("packing");
    QVERIFY(seen.is_sound());
    QCOMPARE(seen["packed"], seen["apart"]);
    QCOMPARE(seen.result.values.at("packed_difference"), std::string("< 0.0001"));
    QVERIFY(seen["joined_difference"] > 1.0);
    QVERIFY(std::abs(seen["joined"] - seen["apart"]) > 0.01);
    QVERIFY(seen["unmasked_difference"] > 1.0);
  }

  void whatLogitsCost() {
    const Outcome seen("logits");
    QVERIFY(seen.is_sound());
    QCOMPARE(seen.result.values.at("equal"), std::string("yes"));
    QCOMPARE(seen.result.values.at("without_bytes"), std::string("0"));
    QVERIFY(seen["with_bytes"] > 0.5);
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
    QVERIFY(seen["low"] > seen["right"] + 2.0 && seen["high"] > seen["right"] + 1.0);
    QVERIFY(seen["high_highest"] > 7.62);  // worse than a blind guess
  }

  void whatRankBuys() {
    const Outcome seen("rank");
    QVERIFY(seen.is_sound());
    QVERIFY(seen["r4"] < seen["r1"] && seen["r16"] < seen["r4"]);
    // Four times the weights of 16 gain next to nothing more.
    QVERIFY(seen["r16"] - seen["r64"] < 0.3 * (seen["r4"] - seen["r16"]) + 0.1);
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
