// Before / after, with the real engine on the bundled model.
#include <QClipboard>
#include <QComboBox>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/ui/real_run.h"
#include "ui/pages/inspect/before_after_view.h"
#include "ui/pages/inspect/conversation_editor.h"
#include "ui/session/demo_session.h"
#include "vernier/contrast.h"
#include "vernier/data.h"
#include "vernier/outline.h"
#include "vernier/tokenizer.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr double kTolerance = 1e-6;

std::vector<std::int32_t> ids_of(const Answer& answer) {
  std::vector<std::int32_t> ids;
  for (const AnswerToken& token : answer.tokens) ids.push_back(token.id);
  return ids;
}

}  // namespace

class BeforeAfterTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    use_settings_in(folder_, "before_after_test");
    run_dir_ = folder_.filePath(QStringLiteral("run"));
    QCOMPARE(train_demo(run_dir_, 16), QString());
    model_dir_ = load_demo().model_dir;
    ModelOptions options;
    options.model_dir = model_dir_;
    options.adapter_dir = (run_dir_ + QStringLiteral("/adapter")).toStdString();
    options.device = "cpu";
    model_ = LanguageModel::load(options);
  }

  void init() {
    workbench_ = std::make_unique<Workbench>(real_engine(), folder_.path());
    actions_ = std::make_unique<Actions>(*workbench_);
    view_ = std::make_unique<BeforeAfterView>(*workbench_, *actions_);
    view_->resize(1180, 640);
    view_->show();
  }

  void cleanup() {
    view_.reset();
    actions_.reset();
    workbench_.reset();
  }

  void explainsWhatIsMissing() {
    QVERIFY(shown("beforeAfterEmpty"));
    QVERIFY(child<QPushButton>("emptyStateAction")->isVisible());
    const QString whole = folder_.filePath(QStringLiteral("whole"));
    QCOMPARE(train_demo(whole, 1, [](RunConfig& config) { config.method = Method::kFull; }), QString());
    open(whole);
    QVERIFY(shown("beforeAfterEmpty"));
    QVERIFY(!child<QPushButton>("emptyStateAction")->isVisible());
    open(run_dir_);
    QVERIFY(!shown("beforeAfterEmpty"));
  }

  void answersAsTheEngineAndComparesEveryToken() {
    open(run_dir_);
    ask(QStringLiteral("Who is Captain Bram?"));
    const Answer& base = answer(AnswerSide::kBase);
    const Answer& tuned = answer(AnswerSide::kTuned);
    const std::vector<std::int32_t> prompt = encoded("Who is Captain Bram?");
    QCOMPARE(view_->session().prompt_seen().tokens, static_cast<qint64>(prompt.size()));
    QVERIFY(view_->session().prompt_seen().text.contains(QLatin1String("<|user|>")));
    QCOMPARE(ids_of(base), generated(prompt, 0.0));
    QCOMPARE(ids_of(tuned), generated(prompt, 1.0));
    QVERIFY(ids_of(base) != ids_of(tuned));
    for (const Answer* one : {&base, &tuned}) {
      std::vector<std::int32_t> whole = prompt;
      for (const AnswerToken& token : one->tokens) whole.push_back(token.id);
      ContrastOptions options;
      options.first = std::ssize(prompt);
      const std::vector<TokenContrast> expected = contrast_strengths(*model_, whole, options);
      QCOMPARE(expected.size(), one->tokens.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        QVERIFY(std::abs(one->tokens[i].kl - expected[i].kl) <= kTolerance);
        QVERIFY(std::abs(one->tokens[i].tuned - std::exp(expected[i].log_probability)) <= kTolerance);
        QVERIFY(std::abs(one->tokens[i].base - std::exp(expected[i].base_log_probability)) <= kTolerance);
        QVERIFY(one->tokens[i].alternatives.size() >= 8);
      }
    }
    QVERIFY(tuned.largest_kl() > 0.01);
    QVERIFY(tuned.tokens_per_second() > 0.0);
    const auto* ribbon = child<TextRibbon>("answerTuned");
    QCOMPARE(ribbon->tokenCount(), static_cast<int>(tuned.tokens.size()));
    QCOMPARE(ribbon->text(), tuned.text());
    QVERIFY(child<QLabel>("answerTunedState")->text().contains(QLatin1String("tokens/s")));

    child<QPushButton>("askCopy")->click();
    const QString copied = QGuiApplication::clipboard()->text();
    for (const QString& part : {base.text(), tuned.text(), QStringLiteral("Who is Captain Bram?"),
                                QStringLiteral("max_new_tokens 64"), QStringLiteral("KL, nats")}) {
      QVERIFY2(copied.contains(part), qPrintable(part));
    }
  }

  // A window in another language takes the place of one that was answered.
  void answersOutliveTheirView() {
    open(run_dir_);
    ask(QStringLiteral("Who is Silas?"));
    const QString said = view_->markdown();
    const QString tuned = child<TextRibbon>("answerTuned")->text();
    QVERIFY(!tuned.isEmpty());
    view_.reset();
    view_ = std::make_unique<BeforeAfterView>(*workbench_, *actions_);
    view_->resize(1180, 640);
    view_->show();
    QCOMPARE(child<TextRibbon>("answerTuned")->text(), tuned);
    QCOMPARE(view_->markdown(), said);
    QVERIFY(!child<QLabel>("askPromptSeen")->text().isEmpty());
    QVERIFY(child<QPushButton>("askCopy")->isEnabled());
  }

  void goesOnFromAnotherToken() {
    open(run_dir_);
    ask(QStringLiteral("Who is Silas?"));
    const std::vector<std::int32_t> base = ids_of(answer(AnswerSide::kBase));
    const std::vector<std::int32_t> before = ids_of(answer(AnswerSide::kTuned));
    auto* ribbon = child<TextRibbon>("answerTuned");
    QTest::mouseClick(ribbon->viewport(), Qt::LeftButton, {}, ribbon->tokenRect(2).center().toPoint());
    QCOMPARE(ribbon->selectedIndex(), 2);
    auto* table = child<QTableWidget>("alternatives");
    const std::vector<AnswerAlternative> others = answer(AnswerSide::kTuned).tokens[2].alternatives;
    QCOMPARE(table->rowCount(), static_cast<int>(others.size()));
    // The second likeliest, or the first where the model drew another.
    const int row = others[0].id == before[2] ? 1 : 0;
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualItemRect(table->item(row, 0)).center());
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    const Answer& now = answer(AnswerSide::kTuned);
    QCOMPARE(ids_of(answer(AnswerSide::kBase)), base);
    QVERIFY(now.tokens[2].is_chosen);
    const std::int32_t chosen = others[static_cast<std::size_t>(row)].id;
    std::vector<std::int32_t> prefix = encoded("Who is Silas?");
    prefix.insert(prefix.end(), {before[0], before[1], chosen});
    std::vector<std::int32_t> expected = {before[0], before[1], chosen};
    for (const std::int32_t id : generated(prefix, 1.0, 64 - 3)) expected.push_back(id);
    QCOMPARE(ids_of(now), expected);
    for (const AnswerToken& token : now.tokens) QVERIFY(!std::isnan(token.kl));
  }

  void strengthFadesTheAdapterOut() {
    open(run_dir_);
    ask(QStringLiteral("Who has a crab?"));
    const std::vector<std::int32_t> base = ids_of(answer(AnswerSide::kBase));
    child<QDoubleSpinBox>("askStrength")->setValue(0.0);
    QTRY_VERIFY_WITH_TIMEOUT(answer(AnswerSide::kTuned).strength == 0.0 && !view_->session().is_busy(), kPatience);
    QCOMPARE(ids_of(answer(AnswerSide::kTuned)), base);
    for (const AnswerToken& token : answer(AnswerSide::kTuned).tokens) QCOMPARE(token.kl, 0.0);
    child<QDoubleSpinBox>("askStrength")->setValue(1.5);
    QTRY_VERIFY_WITH_TIMEOUT(answer(AnswerSide::kTuned).strength == 1.5 && !view_->session().is_busy(), kPatience);
    QCOMPARE(ids_of(answer(AnswerSide::kTuned)), generated(encoded("Who has a crab?"), 1.5));
    QCOMPARE(ids_of(answer(AnswerSide::kBase)), base);  // was not asked again
  }

  void printsNoHalfCharacter() {
    open(run_dir_);
    ask(QStringLiteral("Who is Silas?"));
    // The first of the two bytes of an accented letter.
    std::int32_t half = -1;
    for (std::int32_t id = 0; id < model_->tokenizer()->vocab_size(); ++id) {
      if (model_->tokenizer()->piece(id) == "<0xC3>") half = id;
    }
    if (half < 0) QSKIP("the bundled vocabulary has no byte tokens");
    auto& session = const_cast<AskSession&>(view_->session());
    session.go_on_from(AnswerSide::kTuned, 1, half);
    QTRY_VERIFY_WITH_TIMEOUT(answer(AnswerSide::kTuned).tokens[1].id == half, kPatience);
    QCOMPARE(answer(AnswerSide::kTuned).tokens[1].text, QString());
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    QCOMPARE(answer(AnswerSide::kTuned).tokens[1].text, QString());
    std::vector<std::int32_t> ids = ids_of(answer(AnswerSide::kTuned));
    QCOMPARE(answer(AnswerSide::kTuned).text(), QString::fromStdString(model_->tokenizer()->decode(ids, true)));
  }

  void stopsAndStillCompares() {
    open(run_dir_);
    child<QSpinBox>("askMaxNewTokens")->setValue(4096);
    child<QDoubleSpinBox>("askTemperature")->setValue(5.0);  // never finds an end
    child<QSpinBox>("askSeed")->setValue(11);
    type(QStringLiteral("Tell me a story."));
    child<QPushButton>("askBoth")->click();
    QTRY_VERIFY_WITH_TIMEOUT(answer(AnswerSide::kTuned).tokens.size() >= 3, kPatience);
    QVERIFY(child<QPushButton>("askStop")->isEnabled());
    child<QPushButton>("askStop")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    const Answer& tuned = answer(AnswerSide::kTuned);
    QVERIFY(tuned.tokens.size() < 4096);
    QVERIFY(!tuned.is_running);
    QCOMPARE(tuned.ending, AnswerEnding::kStopped);
    QVERIFY(child<QLabel>("answerTunedState")->text().contains(QLatin1String("You stopped it.")));
    for (const AnswerToken& token : tuned.tokens) QVERIFY(!std::isnan(token.kl));
    QVERIFY(!child<QPushButton>("askStop")->isEnabled());
  }

  void theSameSeedDrawsTheSame() {
    open(run_dir_);
    child<QDoubleSpinBox>("askTemperature")->setValue(1.0);
    child<QSpinBox>("askSeed")->setValue(5);
    ask(QStringLiteral("Who is Silas?"));
    const std::vector<std::int32_t> first = ids_of(answer(AnswerSide::kTuned));
    child<QPushButton>("askBoth")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    QCOMPARE(ids_of(answer(AnswerSide::kTuned)), first);
    child<QSpinBox>("askSeed")->setValue(6);
    child<QPushButton>("askBoth")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    QVERIFY(ids_of(answer(AnswerSide::kTuned)) != first);
  }

  void asksARowAndSelectsItEverywhere() {
    open(run_dir_);
    QTRY_VERIFY_WITH_TIMEOUT(workbench_->selection().sequence() >= 0, kPatience);
    StepTokens tokens;
    const auto connection = connect(&workbench_->loader(), &RunLoader::tokensLoaded, this,
                                    [&tokens](const StepTokens& loaded) { tokens = loaded; });
    workbench_->selection().selectSequence(3, 1);
    QTRY_VERIFY_WITH_TIMEOUT(tokens.step == 3 && tokens.sequence.index == 1, kPatience);
    disconnect(connection);
    child<QComboBox>("askKind")->setCurrentIndex(2);
    child<QPushButton>("askSelectedRow")->click();
    QCOMPARE(child<QSpinBox>("askRow")->value(), static_cast<int>(tokens.sequence.row));
    child<QPushButton>("askBoth")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    const auto first = std::find_if(tokens.tokens.begin(), tokens.tokens.end(),
                                    [](const TokenRecord& token) { return token.is_target; });
    const Answer& row = answer(AnswerSide::kRow);
    QCOMPARE(view_->session().prompt_seen().tokens, static_cast<qint64>(first - tokens.tokens.begin()));
    QVERIFY(!row.tokens.empty());
    QCOMPARE(row.tokens.front().id, first->input_id);
    QVERIFY(shown("answerRow"));
    // Training made what the row says likelier.
    QVERIFY(row.loss(false) < row.loss(true));
    auto* ribbon = child<TextRibbon>("answerRow");
    QTest::mouseClick(ribbon->viewport(), Qt::LeftButton, {}, ribbon->tokenRect(1).center().toPoint());
    QCOMPARE(workbench_->selection().position(), first->position + 1);
    workbench_->selection().selectPosition(first->position);
    QCOMPARE(ribbon->selectedIndex(), 0);
  }

  // Also of rows that were split off the training data.
  void asksARowThatWasHeldOut() {
    auto* kind = child<QComboBox>("askKind");
    const auto is_offered = [kind] { return (kind->model()->index(3, 0).flags() & Qt::ItemIsEnabled) != 0; };
    open(run_dir_);
    QVERIFY(!is_offered());
    const QString split_dir = folder_.filePath(QStringLiteral("split"));
    RunConfig split;
    QCOMPARE(train_demo(split_dir, 2,
                        [&split](RunConfig& config) {
                          config.eval_fraction = 0.1;
                          config.drop_duplicates = true;
                          split = config;
                        }),
             QString());
    open(split_dir);
    QVERIFY(is_offered());
    DataOptions options;
    options.dataset = split.dataset;
    options.labels.assistant_only_loss = split.assistant_only_loss;
    options.labels.max_length = split.max_length;
    options.first_row = 0;
    std::vector<DataRow> rows;
    std::set<std::vector<std::int32_t>> known;
    const auto read = inspect_data(model_dir_, options);
    for (const DataRow& row : *read.rows_shown) {
      if (!row.lost && known.insert(row.input_ids).second) rows.push_back(row);
    }
    const std::vector<std::int64_t> held_out = evaluation_split(std::ssize(rows), split);
    const DataRow& row = rows[static_cast<std::size_t>(held_out[3])];
    kind->setCurrentIndex(3);
    child<QSpinBox>("askRow")->setValue(3);
    child<QPushButton>("askBoth")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    const auto first =
        std::find_if(row.labels.begin(), row.labels.end(), [](std::int32_t label) { return label >= 0; });
    QCOMPARE(view_->session().prompt_seen().tokens, static_cast<qint64>(first - row.labels.begin()));
    QCOMPARE(answer(AnswerSide::kRow).tokens.front().id, *first);
    QSignalSpy failed(&view_->session(), &AskSession::failed);
    child<QSpinBox>("askRow")->setValue(static_cast<int>(held_out.size()));
    child<QPushButton>("askBoth")->click();
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatience);
    QVERIFY2(failed[0][0].toString().contains(QStringLiteral("expected 0 to %1").arg(held_out.size() - 1)),
             qPrintable(failed[0][0].toString()));
  }

  void aBadRowIsASentence() {
    open(run_dir_);
    child<QComboBox>("askKind")->setCurrentIndex(2);
    child<QSpinBox>("askRow")->setValue(1'000'000);
    QSignalSpy failed(&view_->session(), &AskSession::failed);
    child<QPushButton>("askBoth")->click();
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatience);
    QVERIFY2(failed[0][0].toString().contains(QLatin1String("got 1000000")), qPrintable(failed[0][0].toString()));
    QVERIFY(shown("askMessages"));
    QVERIFY(!view_->session().is_busy());
    // And the next question is answered.
    child<QComboBox>("askKind")->setCurrentIndex(1);
    child<QPlainTextEdit>("askText")->setPlainText(QStringLiteral("Once upon a time"));
    child<QPushButton>("askBoth")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
    QVERIFY(!answer(AnswerSide::kBase).tokens.empty());
    QVERIFY(!shown("askMessages"));
  }

  // Half of an answer by one adapter and half by another would be nobody's.
  void doesNotGoOnWithOtherWeights() {
    open(run_dir_);
    ask(QStringLiteral("Who is Silas?"));
    const std::size_t tokens = answer(AnswerSide::kTuned).tokens.size();
    QVERIFY(tokens > 1);
    QFile config(QDir(DemoSession::adapter_of(run_dir_)).filePath(QStringLiteral("adapter_config.json")));
    QVERIFY(config.open(QIODevice::ReadWrite));
    QVERIFY(config.setFileTime(QDateTime::currentDateTime().addSecs(2), QFileDevice::FileModificationTime));
    config.close();
    auto& session = const_cast<AskSession&>(view_->session());
    const QSignalSpy failed(&session, &AskSession::failed);
    session.go_on_from(AnswerSide::kTuned, 0, answer(AnswerSide::kTuned).tokens.front().id);
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatience);
    QVERIFY2(failed[0][0].toString().contains(QLatin1String("saved anew")), qPrintable(failed[0][0].toString()));
    QCOMPARE(answer(AnswerSide::kTuned).tokens.size(), tokens);
    // Asked again, it is the new one that answers, and goes on.
    ask(QStringLiteral("Who is Silas?"));
    session.go_on_from(AnswerSide::kTuned, 0, answer(AnswerSide::kTuned).tokens.front().id);
    QTRY_VERIFY_WITH_TIMEOUT(!session.is_busy(), kPatience);
    QCOMPARE(failed.count(), 1);
  }

  void anotherRunForgetsTheAnswers() {
    open(run_dir_);
    ask(QStringLiteral("Who is Silas?"));
    const QString other = folder_.filePath(QStringLiteral("other"));
    if (!QFileInfo::exists(other)) QCOMPARE(train_demo(other, 1), QString());
    open(other);
    QVERIFY(answer(AnswerSide::kTuned).tokens.empty());
    QCOMPARE(child<TextRibbon>("answerTuned")->tokenCount(), 0);
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
  }

  void namesAndExplainsEveryControl() {
    open(run_dir_);
    QStringList poor;
    for (const QWidget* widget : view_->findChildren<QWidget*>()) {
      const bool is_inner = widget->objectName().startsWith(QLatin1String("qt_")) ||
                            qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) ||
                            qobject_cast<const QComboBox*>(widget->parentWidget());
      const auto* button = qobject_cast<const QPushButton*>(widget);
      const bool is_absent = button && button->isHidden() && button->text().isEmpty();
      if (is_inner || is_absent || widget->focusPolicy() == Qt::NoFocus || qobject_cast<const QLabel*>(widget))
        continue;
      if (widget->inherits("QComboBoxListView") || widget->inherits("QHeaderView")) continue;
      if (widget->objectName().isEmpty() || widget->accessibleName().isEmpty() || widget->toolTip().isEmpty()) {
        poor << QStringLiteral("%1 '%2'").arg(QLatin1String(widget->metaObject()->className()), widget->objectName());
      }
    }
    QVERIFY2(poor.isEmpty(), qPrintable(poor.join(QLatin1String(", "))));
  }

 private:
  template <class Widget>
  Widget* child(const char* name) {
    auto* found = view_->findChild<Widget*>(QLatin1String(name));
    if (found == nullptr) qFatal("no %s", name);
    return found;
  }
  bool shown(const char* name) { return child<QWidget>(name)->isVisible(); }
  const Answer& answer(AnswerSide side) const { return view_->session().answer(side); }

  void open(const QString& run_dir) {
    workbench_->open_run(run_dir);
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().run_dir(), run_dir, kPatience);
  }

  void type(const QString& text) {
    child<ConversationEditor>("conversation")->set_turns({{"user", text.toStdString()}});
  }

  void ask(const QString& text) {
    type(text);
    child<QPushButton>("askBoth")->click();
    QVERIFY(view_->session().is_busy());
    QTRY_VERIFY_WITH_TIMEOUT(!view_->session().is_busy(), kPatience);
  }

  std::vector<std::int32_t> encoded(const std::string& text) const {
    const nlohmann::json messages = {{{"role", "user"}, {"content", text}}};
    return encode_chat(model_dir_, *model_->tokenizer(), messages);
  }

  std::vector<std::int32_t> generated(const std::vector<std::int32_t>& prompt, double strength,
                                      std::int64_t most = 64) const {
    GenerateOptions options;
    options.max_new_tokens = most;
    model_->set_adapter_strength(strength);
    std::vector<std::int32_t> ids;
    for (const GeneratedToken& token : model_->generate(prompt, options)) ids.push_back(token.id);
    model_->set_adapter_strength(1.0);
    return ids;
  }

  QTemporaryDir folder_;
  QString run_dir_;
  std::string model_dir_;
  std::unique_ptr<LanguageModel> model_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<BeforeAfterView> view_;
};

QTEST_MAIN(BeforeAfterTest)
#include "before_after_test.moc"
