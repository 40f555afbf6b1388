// The run that is being set up: every change can be undone, and a dragged value is one change.
#include "ui/session/run_draft.h"

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>
#include <string>

#include "ui/session/draft_keeper.h"

using namespace vernier;
using namespace vernier::ui;

class RunDraftTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void undoesEveryChange() {
    RunDraft draft;
    const QSignalSpy changed(&draft, &RunDraft::changed);
    draft.edit(QStringLiteral("Change learning_rate"), [](RunConfig& config) { config.learning_rate = 1e-3; });
    draft.edit(QStringLiteral("Change r"), [](RunConfig& config) { config.lora.r = 64; });
    QCOMPARE(changed.size(), 2);
    QCOMPARE(draft.undo_stack().count(), 2);
    QCOMPARE(draft.undo_stack().undoText(), QStringLiteral("Change r"));
    draft.undo_stack().undo();
    QCOMPARE(draft.config().lora.r, RunConfig().lora.r);
    QCOMPARE(draft.config().learning_rate, 1e-3);
    draft.undo_stack().undo();
    QCOMPARE(draft.config().learning_rate, RunConfig().learning_rate);
    draft.undo_stack().redo();
    QCOMPARE(draft.config().learning_rate, 1e-3);
    QCOMPARE(changed.size(), 5);
  }

  void oneDragIsOneCommand() {
    RunDraft draft;
    for (const int length : {512, 400, 300}) {
      draft.edit(
          QStringLiteral("Change max_length"), [length](RunConfig& config) { config.max_length = length; },
          QStringLiteral("max_length"));
    }
    QCOMPARE(draft.undo_stack().count(), 1);
    draft.edit(
        QStringLiteral("Change r"), [](RunConfig& config) { config.lora.r = 4; }, QStringLiteral("r"));
    QCOMPARE(draft.undo_stack().count(), 2);
    draft.undo_stack().undo();
    draft.undo_stack().undo();
    QCOMPARE(draft.config().max_length, RunConfig().max_length);
    // Back where it began: nothing was done.
    draft.edit(
        QStringLiteral("Change r"), [](RunConfig& config) { config.lora.r = 4; }, QStringLiteral("r"));
    draft.edit(
        QStringLiteral("Change r"), [](RunConfig& config) { config.lora = RunConfig().lora; }, QStringLiteral("r"));
    QCOMPARE(draft.config().lora.r, RunConfig().lora.r);
    QVERIFY(!draft.undo_stack().canUndo());
  }

  void leavesNoTraceOfNothing() {
    RunDraft draft;
    const QSignalSpy changed(&draft, &RunDraft::changed);
    draft.edit(QStringLiteral("Change seed"), [](RunConfig& config) { config.seed = RunConfig().seed; });
    QVERIFY(changed.isEmpty());
    QVERIFY(!draft.undo_stack().canUndo());
    draft.edit(QStringLiteral("Change seed"), [](RunConfig& config) { config.seed = 7; });
    RunConfig other;
    other.seed = 9;
    draft.reset(other);
    QCOMPARE(draft.config().seed, std::uint64_t{9});
    QVERIFY(!draft.undo_stack().canUndo());
  }

  void outlivesItsWindow() {
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("kept/set-up.json"));
    {
      RunDraft draft;
      const DraftKeeper keeper(draft, file);
      QVERIFY(draft.config().model_name_or_path.empty());
      draft.edit(QStringLiteral("choose"), [](RunConfig& config) {
        config.model_name_or_path = "/models/one";
        config.dataset.path = "/data/rows.jsonl";
      });
      QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file), 20000);
      // What changed last is not waited for.
      draft.edit(QStringLiteral("Change seed"), [](RunConfig& config) { config.seed = 7; });
    }
    {
      RunDraft draft;
      const DraftKeeper keeper(draft, file);
      QCOMPARE(draft.config().model_name_or_path, std::string("/models/one"));
      QCOMPARE(draft.config().dataset.path, std::string("/data/rows.jsonl"));
      QCOMPARE(draft.config().seed, std::uint64_t{7});
      QVERIFY(!draft.undo_stack().canUndo());
      // What is not chosen yet is kept as that.
      draft.edit(QStringLiteral("clear"), [](RunConfig& config) { config.dataset.path.clear(); });
    }
    {
      RunDraft draft;
      const DraftKeeper keeper(draft, file);
      QCOMPARE(draft.config().model_name_or_path, std::string("/models/one"));
      QVERIFY(draft.config().dataset.path.empty());
      QCOMPARE(draft.config().seed, std::uint64_t{7});
      draft.edit(QStringLiteral("other"), [](RunConfig& config) {
        config.model_name_or_path.clear();
        config.dataset.path = "/data/rows.jsonl";
        config.max_length = 77;
      });
    }
    {
      RunDraft draft;
      const DraftKeeper keeper(draft, file);
      QVERIFY(draft.config().model_name_or_path.empty());
      QCOMPARE(draft.config().dataset.path, std::string("/data/rows.jsonl"));
      QCOMPARE(draft.config().max_length, std::int64_t{77});
      // What cannot be read back is not kept: what was there before is nearer to it than nothing.
      draft.edit(QStringLiteral("contradict"), [](RunConfig& config) {
        config.eval_dataset = config.dataset;
        config.eval_fraction = 0.5;
      });
    }
    {
      RunDraft draft;
      const DraftKeeper keeper(draft, file);
      QCOMPARE(draft.config().max_length, std::int64_t{77});
      QVERIFY(!draft.config().eval_dataset);
      QVERIFY(keeper.problem().isEmpty());
    }
    // Nor does a new one take the place of what a later version, or an accident, has left.
    const QByteArray left = "{\"seed\": ";
    QFile damaged(file);
    QVERIFY(damaged.open(QIODevice::WriteOnly) && damaged.write(left) == left.size());
    damaged.close();
    RunDraft draft;
    const DraftKeeper keeper(draft, file);
    QVERIFY(draft.config().to_json() == RunConfig().to_json());
    QFile aside(file + QStringLiteral(".unread"));
    QVERIFY(aside.open(QIODevice::ReadOnly));
    QCOMPARE(aside.readAll(), left);
    QVERIFY2(keeper.problem().contains(aside.fileName()), qPrintable(keeper.problem()));
  }
};

QTEST_MAIN(RunDraftTest)
#include "run_draft_test.moc"
