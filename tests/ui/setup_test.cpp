// Setting up a run from the bundled model to its start, with the real engine.
#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/ui/menus.h"
#include "ui/frame/main_window.h"
#include "ui/models/found_models.h"
#include "ui/pages/setup/check_step.h"
#include "ui/pages/setup/draft_field.h"
#include "ui/pages/setup/fix_place.h"
#include "ui/pages/setup/normalization_picture.h"
#include "ui/pages/setup/projection_box.h"
#include "ui/pages/setup/setup_page.h"
#include "ui/pages/setup/steps_model.h"
#include "ui/plots/data_table_dialog.h"
#include "ui/session/model_finder.h"
#include "ui/session/presets.h"
#include "ui/session/recent_paths.h"
#include "ui/session/run_file.h"
#include "ui/widgets/message_bar.h"
#include "vernier/demo.h"
#include "vernier/outline.h"
#include "vernier/preflight.h"
#include "vernier/run.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kPatience = 60000;

QString demo_model() {
  return QString::fromStdString(load_demo().model_dir);
}

}  // namespace

class SetupTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QStringLiteral("setup_test"));
  }

  void init() {
    folder_.emplace();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->filePath(QStringLiteral("config")));
    // Nothing of this machine's models, and no cache of it.
    qputenv("HF_HUB_CACHE", folder_->filePath(QStringLiteral("hub")).toUtf8());
    qputenv("HOME", folder_->path().toUtf8());
    qputenv("VERNIER_CACHE_DIR", folder_->filePath(QStringLiteral("cache")).toUtf8());
    const EngineAccess engine{.train = run_training,
                              .answer = [](const WantedModel&, const std::vector<std::string>& prompts,
                                           std::stop_token) { return std::vector<std::string>(prompts.size()); },
                              .load_demo = load_demo,
                              .list_devices = [] { return std::vector<DeviceInfo>(); }};
    workbench_ = std::make_unique<Workbench>(engine, folder_->filePath(QStringLiteral("runs")));
    window_ = std::make_unique<MainWindow>(*workbench_);
    window_->show();
    window_->show_page(PageId::kSetUp);
  }

  void cleanup() {
    window_.reset();
    workbench_.reset();
  }

  void beginsBalancedAndSaysWhatIsMissing() {
    const RunConfig& config = draft().config();
    QCOMPARE(config.gradient_accumulation_steps, 4);
    QVERIFY(child<QAbstractButton>("preset_balanced")->isChecked());
    QVERIFY(!draft().undo_stack().canUndo());
    QVERIFY(!child<QPushButton>("startDraft")->isEnabled());
    QVERIFY(!child<QPushButton>("startAnyway")->isVisible());
    QVERIFY(child<QLabel>("startReason")->text().contains(QLatin1String("model")));
    auto* steps = qobject_cast<StepsModel*>(child<QListView>("setupSteps")->model());
    QAbstractItemModelTester tester(steps);
    QVERIFY(steps->rowCount() >= 2);
    QCOMPARE(steps->index(0).data(StepsModel::kStateRole).toInt(), static_cast<int>(StateShape::kHollow));
  }

  void describesAModelThatIsTyped() {
    choose_model();
    QCOMPARE(facts().model()->family, "llama");
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("draftTrained")->text().contains(QLatin1String("%")), true, kPatience);
    // Rank 16 on all seven projections of six layers: 16 * (in + out) each.
    const qint64 expected = 6 * 16 * ((192 + 192) * 2 + (192 + 96) * 2 + (192 + 512) * 3);
    QCOMPARE(facts().adapter()->parameters, expected);
    QVERIFY(facts().memory());
    QVERIFY(facts().memory()->total() > 0);
    // What the card says is the model's own.
    bool says_heads = false;
    for (const QLabel* label : child<QWidget>("modelCard")->findChildren<QLabel*>()) {
      says_heads |= label->text().contains(QLatin1String("query heads: 6"));
    }
    QVERIFY(says_heads);
  }

  void tellsWhatIsWrongWithAFolder() {
    type("model_name_or_path", folder_->path());
    QTRY_VERIFY_WITH_TIMEOUT(!facts().model_problem().isEmpty(), kPatience);
    QVERIFY(child<QLabel>("model_name_or_pathRemarkText")->isVisible());
    QVERIFY(child<QLabel>("model_name_or_pathRemarkText")->text().contains(QLatin1String("config.json")));
    QVERIFY(!child<QPushButton>("startDraft")->isEnabled());
    // A family that Vernier does not know: the ones it knows are named.
    QFile config(folder_->filePath(QStringLiteral("config.json")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write("{\"model_type\": \"mamba\"}");
    config.close();
    child<QPushButton>("readModelAgain")->click();
    QTRY_VERIFY_WITH_TIMEOUT(facts().model_problem().contains(QLatin1String("qwen3")), kPatience);
  }

  void switchesProjections() {
    choose_model();
    auto* box = child<ProjectionBox>("k_projBox");
    QVERIFY(box->isChecked());
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Space);
    QCOMPARE(draft().config().lora.target_modules.size(), std::size_t{6});
    QTRY_COMPARE_WITH_TIMEOUT(facts().adapter()->by_projection[1], 0, kPatience);
    draft().undo_stack().undo();
    QVERIFY(box->isChecked());
    QCOMPARE(draft().config().lora.target_modules, std::vector<std::string>{"all-linear"});
    // The last one stays: an adapter of nothing is no adapter.
    for (const char* name : {"q_projBox", "k_projBox", "v_projBox", "o_projBox", "gate_projBox", "up_projBox"}) {
      child<ProjectionBox>(name)->click();
    }
    QCOMPARE(draft().config().lora.target_modules, std::vector<std::string>{"down_proj"});
    child<ProjectionBox>("down_projBox")->click();
    QVERIFY(child<ProjectionBox>("down_projBox")->isChecked());
    QCOMPARE(draft().config().lora.target_modules, std::vector<std::string>{"down_proj"});
    // All of them again are all-linear.
    for (const char* name : {"q_projBox", "k_projBox", "v_projBox", "o_projBox", "gate_projBox", "up_projBox"}) {
      child<ProjectionBox>(name)->click();
    }
    QCOMPARE(draft().config().lora.target_modules, std::vector<std::string>{"all-linear"});
  }

  void marksBadInputAtEveryField() {
    choose_model();
    window_->setup_page().choose_step(training_row());
    int tried = 0;
    for (DraftField* field : page()->findChildren<DraftField*>()) {
      auto* line = qobject_cast<QLineEdit*>(field->control());
      if (line == nullptr || QByteArray(field->key()).endsWith("path")) continue;
      const QString before = line->text();
      const nlohmann::json config = draft().config().to_json();
      for (const char* bad : {"much", "-1", "", "nan", "0,5,x", "1e400"}) {
        line->setFocus();
        line->selectAll();
        if (*bad == '\0') {
          QTest::keyClick(line, Qt::Key_Delete);
        } else {
          QTest::keyClicks(line, QLatin1String(bad));
        }
        QVERIFY2(field->has_error(), field->key());
        QVERIFY2(draft().config().to_json() == config || bad[0] == '0' || bad[0] == '1', field->key());
        QVERIFY(!child<QPushButton>("startDraft")->isEnabled());
      }
      line->selectAll();
      QTest::keyClicks(line, before);
      QVERIFY2(!field->has_error(), field->key());
      QVERIFY2(draft().config().to_json() == config, field->key());
      ++tried;
    }
    QVERIFY2(tried >= 24, qPrintable(QString::number(tried)));
  }

  void typedNumbersAreOneChangeAndUndoReachesThem() {
    auto* line = child<QLineEdit>("learning_rateControl");
    window_->setup_page().choose_step(training_row());
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, QStringLiteral("0.0035"));
    QCOMPARE(draft().config().learning_rate, 0.0035);
    QCOMPARE(draft().undo_stack().count(), 1);
    // The window's undo, though the keyboard is in a text field.
    QTest::keyClick(line, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(draft().config().learning_rate, 2e-4);
    QCOMPARE(line->text(), QStringLiteral("2e-4"));
    QTest::keyClick(line, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(draft().config().learning_rate, 0.0035);
    QTest::keyClick(line, Qt::Key_Up);
    QCOMPARE(draft().config().learning_rate, 0.005);
    QTest::keyClick(line, Qt::Key_Down);
    QCOMPARE(draft().config().learning_rate, 0.002);
  }

  void undoGivesUpWhatIsTypedWrongly() {
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    window_->setup_page().choose_step(training_row());
    auto* rate = child<QLineEdit>("learning_rateControl");
    const auto type_wrongly = [&] {
      rate->setFocus();
      rate->selectAll();
      QTest::keyClicks(rate, QStringLiteral("much"));
      return child<QLabel>("learning_rateRemarkText")->text().contains(QLatin1String("much"));
    };
    const auto is_as_before = [&] {
      return rate->text() == QLatin1String("2e-4") &&
             !child<QLabel>("learning_rateRemarkText")->text().contains(QLatin1String("much"));
    };
    // An undo that is about another setting, and a redo.
    draft().edit("seed", [](RunConfig& config) { config.seed = 7; });
    QVERIFY(type_wrongly());
    draft().edit("seed", [](RunConfig& config) { config.seed = 8; });
    QVERIFY(!is_as_before());  // another change leaves it to be seen
    QTest::keyClick(rate, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(draft().config().seed, std::uint64_t{7});
    QVERIFY(is_as_before());
    QVERIFY(type_wrongly());
    draft().undo_stack().redo();
    QVERIFY(is_as_before());
    // And one where there is nothing else to undo.
    draft().undo_stack().clear();
    QVERIFY(type_wrongly());
    QTest::keyClick(rate, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(is_as_before());
  }

  void dialogsBeginWhereTheLastOneEnded() {
    Settings settings;
    settings.set_last_folder(folder_->path());
    QCOMPARE(settings.folder_around({}), folder_->path());
    QCOMPARE(settings.folder_around(QStringLiteral("chatml")), folder_->path());  // a template's id
    QVERIFY(QDir(folder_->path()).mkpath(QStringLiteral("models/one")));
    QCOMPARE(settings.folder_around(folder_->filePath(QStringLiteral("models/one"))),
             folder_->filePath(QStringLiteral("models")));
    QCOMPARE(settings.folder_around(folder_->filePath(QStringLiteral("models/gone/rows.jsonl"))),
             folder_->filePath(QStringLiteral("models")));
    // The dialog itself, as the button opens it.
    type("model_name_or_path", folder_->filePath(QStringLiteral("models/one")));
    QString begun;
    QTimer::singleShot(0, window_.get(), [&begun] {
      auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
      if (dialog == nullptr) return;
      begun = dialog->directory().path();
      dialog->reject();
    });
    child<QPushButton>("model_name_or_pathChoose")->click();
    QCOMPARE(begun, folder_->filePath(QStringLiteral("models")));
  }

  void takesPresets() {
    const std::vector<Preset> presets = load_presets();
    QCOMPARE(presets.size(), std::size_t{4});
    for (const Preset& preset : presets) {
      child<QAbstractButton>("preset_" + preset.id.toUtf8())->click();
      QVERIFY2(matches_preset(preset, draft().config()), qPrintable(preset.id));
      for (const Preset& other : presets) {
        QCOMPARE(child<QAbstractButton>("preset_" + other.id.toUtf8())->isChecked(), other.id == preset.id);
      }
    }
    QCOMPARE(draft().config().quantization, std::string("nf4"));  // the small GPU's
    draft().undo_stack().undo();
    QVERIFY(child<QAbstractButton>("preset_thorough")->isChecked());
    // Model, data and labels are nobody's preset; with all weights trained there is no adapter to set.
    draft().edit(QStringLiteral("test"), [](RunConfig& config) {
      config.method = Method::kFull;
      config.dataset.path = "/data.jsonl";
      config.assistant_only_loss = true;
    });
    child<QAbstractButton>("preset_quick_look")->click();
    QCOMPARE(draft().config().dataset.path, "/data.jsonl");
    QVERIFY(draft().config().assistant_only_loss);
    QCOMPARE(draft().config().max_steps, 40);
  }

  void worksOutTheExample() {
    const ExampleRow a = {4, 2.0}, b = {12, 0.5};
    QCOMPARE(loss_per_token(a, b), (4 * 2.0 + 12 * 0.5) / 16);
    QCOMPARE(loss_per_sequence(a, b), 1.25);
    child<QSpinBox>("exampleTokensB")->setValue(4);
    QVERIFY(child<QLabel>("perTokenFormula")->text().contains(QLatin1String("= 1.25")));
    QVERIFY(child<QLabel>("perTokenFormula")->text().contains(QLatin1String("chosen")));
  }

  void everyPictureSaysWhatItShowsAndHasATable() {
    choose_model();
    page()->choose_step(training_row());
    QTRY_VERIFY_WITH_TIMEOUT(
        child<QWidget>("memoryPicture")->accessibleDescription().contains(QLatin1String("weights")), kPatience);
    const auto value = [](const DataTableDialog& dialog, int row, int column) {
      return dialog.findChild<QTableView*>()->model()->index(row, column).data().toString();
    };
    // Nine digits are shown.
    const auto is_near = [](const QString& shown, double expected) {
      return std::abs(shown.toDouble() - expected) <= 1e-8 * std::abs(expected);
    };
    for (const char* name :
         {"schedulePicture", "memoryPicture", "packingPicture", "normalizationPicture", "loraDiagram"}) {
      page()->choose_step(qstrcmp(name, "loraDiagram") == 0 ? 0 : training_row());
      auto* picture = child<QWidget>(name);
      QVERIFY2(!picture->accessibleName().isEmpty(), name);
      QTRY_VERIFY_WITH_TIMEOUT(!picture->accessibleDescription().isEmpty(), kPatience);
      const QStringList offered = choose_of_menu(*picture, QStringLiteral("Show as &table"));
      QVERIFY2(offered.contains(QStringLiteral("&Save picture\u2026")) &&
                   offered.contains(QStringLiteral("Save as CS&V\u2026")),
               qPrintable(name + offered.join(' ')));
      const std::unique_ptr<DataTableDialog> dialog(picture->findChild<DataTableDialog*>());
      QVERIFY2(dialog != nullptr, name);
      const int rows = dialog->findChild<QTableView*>()->model()->rowCount();
      QVERIFY2(rows > 1, name);
      if (picture->objectName() == QLatin1String("schedulePicture")) {
        // Steps are not known before the data is: a thousand stand for the whole.
        QCOMPARE(rows, 1000);
        for (const int row : {0, 30, 999}) {
          QVERIFY(is_near(value(*dialog, row, 1), scheduled_learning_rate(draft().config(), 1000, row)));
        }
      } else if (picture->objectName() == QLatin1String("memoryPicture")) {
        double sum = 0.0;
        for (int row = 0; row + 2 < rows; ++row) sum += value(*dialog, row, 1).toDouble();
        QCOMPARE(value(*dialog, rows - 2, 1).toDouble(), sum);
      } else if (picture->objectName() == QLatin1String("normalizationPicture")) {
        QVERIFY(is_near(value(*dialog, 1, 3), 1.0 / 16.0));
        QVERIFY(is_near(value(*dialog, 1, 4), 0.5 / 12.0));
      } else if (picture->objectName() == QLatin1String("loraDiagram")) {
        QCOMPARE(rows, 7);
        QVERIFY(picture->accessibleDescription().contains(QLatin1String("q_proj: trained")));
      }
      QGuiApplication::clipboard()->clear();
      choose_of_menu(*picture, QStringLiteral("&Copy as picture"));
      QCOMPARE(QGuiApplication::clipboard()->image().size(), 2 * picture->size());
    }
  }

  void savesAndOpensRunFiles() {
    const QString moved = folder_->filePath(QStringLiteral("moved"));
    QVERIFY(QDir().mkpath(folder_->filePath(QStringLiteral("work/data"))));
    const QString data = folder_->filePath(QStringLiteral("work/data/rows.jsonl"));
    QVERIFY(QFile::copy(QString::fromStdString(load_demo().config.dataset.path), data));
    choose_model();
    page()->take_path(data);
    draft().edit(QStringLiteral("test"), [](RunConfig& config) { config.lora.r = 5; });
    const QString file = folder_->filePath(QStringLiteral("work/run.json"));
    QVERIFY(page()->save_run_file(file));
    QFile text(file);
    QVERIFY(text.open(QIODevice::ReadOnly));
    const QJsonObject json = QJsonDocument::fromJson(text.readAll()).object();
    // Below the file's folder: relative, so that the folder can move; elsewhere: absolute.
    QCOMPARE(json.value(QLatin1String("dataset")).toObject().value(QLatin1String("path")).toString(),
             QStringLiteral("data/rows.jsonl"));
    QCOMPARE(json.value(QLatin1String("model_name_or_path")).toString(), demo_model());
    QVERIFY(QDir().rename(folder_->filePath(QStringLiteral("work")), moved));
    draft().edit(QStringLiteral("test"), [](RunConfig& config) { config.lora.r = 9; });
    page()->open_run_file(moved + QStringLiteral("/run.json"));
    QCOMPARE(draft().config().lora.r, 5);
    QCOMPARE(draft().config().dataset.path, (moved + QStringLiteral("/data/rows.jsonl")).toStdString());
    draft().undo_stack().undo();
    QCOMPARE(draft().config().lora.r, 9);
    // A file that is none is told at once and changes nothing.
    page()->open_run_file(data);
    QVERIFY(child<MessageBar>("setupMessages")->isVisible());
    QCOMPARE(draft().config().lora.r, 9);
  }

  void copiesACommandThatStartsTheSameRun() {
    choose_model();
    QVERIFY(page()->make_command().isEmpty());  // no data yet
    QVERIFY(child<MessageBar>("setupMessages")->text().contains(QLatin1String("dataset")));
    page()->take_path(QString::fromStdString(load_demo().config.dataset.path));
    window_->actions().copy_command->trigger();
    const QString command = QGuiApplication::clipboard()->text();
    const QStringList parts = command.split('\'');
    QCOMPARE(parts.value(0), QStringLiteral("vernier-cli train --config "));
    QCOMPARE(parts.value(2), QStringLiteral(" --out "));
    QVERIFY(RunConfig::from_file(parts.value(1).toStdString()).to_json() == draft().config().to_json());
    QCOMPARE(train_command(QStringLiteral("/a b/it's.json"), QStringLiteral("/r")),
             QStringLiteral("vernier-cli train --config '/a b/it'\\''s.json' --out '/r'"));
  }

  void takesWhatIsDropped() {
    page()->take_path(demo_model());
    QCOMPARE(draft().config().model_name_or_path, demo_model().toStdString());
    const QString adapter = folder_->filePath(QStringLiteral("adapter"));
    QVERIFY(QDir().mkpath(adapter));
    QFile config(adapter + QStringLiteral("/adapter_config.json"));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.close();
    page()->take_path(adapter);
    QCOMPARE(draft().config().adapter_name_or_path.value_or(""), adapter.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(!facts().adapter_problem().isEmpty(), kPatience);  // it holds nothing
    QVERIFY(!child<QPushButton>("startDraft")->isEnabled());
    const QString data = folder_->filePath(QStringLiteral("rows.csv"));
    page()->take_path(data);
    QCOMPARE(draft().config().dataset.path, data.toStdString());
  }

  void findsModels() {
    const QString snapshot = folder_->filePath(QStringLiteral("hub/models--org--small/snapshots/abc"));
    QVERIFY(QDir().mkpath(snapshot));
    QVERIFY(QDir().mkpath(folder_->filePath(QStringLiteral("hub/models--org--no-config/snapshots/abc"))));
    QVERIFY(QFile::copy(demo_model() + QStringLiteral("/config.json"), snapshot + QStringLiteral("/config.json")));
    FoundModelsModel found;
    QAbstractItemModelTester tester(&found);
    found.set_models(find_models_on_this_machine({demo_model()}, {}));
    QCOMPARE(found.rowCount(), 2);  // the demo once, though it was used lately too
    // ModelScope's cache, as its newer and its older versions lay it out.
    for (const char* folder : {"models/Qwen/Qwen2___5-0___5B", "Qwen/older"}) {
      const QString dir = folder_->filePath(QStringLiteral(".cache/modelscope/hub/") + QLatin1String(folder));
      QVERIFY(QDir().mkpath(dir));
      QVERIFY(QFile::copy(demo_model() + QStringLiteral("/config.json"), dir + QStringLiteral("/config.json")));
    }
    found.set_models(find_models_on_this_machine({}, {}));
    QCOMPARE(found.rowCount(), 4);
    QCOMPARE(found.index(2, FoundModelsModel::kName).data().toString(), QStringLiteral("Qwen/Qwen2.5-0.5B"));
    QCOMPARE(found.index(3, FoundModelsModel::kName).data().toString(), QStringLiteral("Qwen/older"));
    QCOMPARE(found.index(3, FoundModelsModel::kPlace).data().toString(), QStringLiteral("ModelScope cache"));
    QVERIFY(QDir(folder_->filePath(QStringLiteral(".cache/modelscope"))).removeRecursively());
    found.set_models(find_models_on_this_machine({demo_model()}, {}));
    QCOMPARE(found.index(1, FoundModelsModel::kName).data().toString(), QStringLiteral("org/small"));
    QCOMPARE(found.index(1, FoundModelsModel::kFamily).data().toString(), QStringLiteral("llama"));
    QCOMPARE(found.row_of(snapshot), 1);
    // On the page, Enter takes one.
    child<QPushButton>("findModels")->click();
    auto* table = child<QTableView>("foundModels");
    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 2, kPatience);
    table->setFocus();
    table->setCurrentIndex(table->model()->index(1, 0));
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(draft().config().model_name_or_path, snapshot.toStdString());
  }

  // Against the engine's own check, which reads the rows and lays the memory out as the run does.
  void knowsStepsAndMemoryBeforeTheRun() {
    choose_model();
    page()->take_path(QString::fromStdString(load_demo().config.dataset.path));
    draft().edit(QStringLiteral("test"), [](RunConfig& config) {
      config.assistant_only_loss = true;
      config.max_length = 48;
      config.eval_fraction = 0.2;
      config.per_device_train_batch_size = 3;
      config.gradient_accumulation_steps = 2;
    });
    for (const Packing packing : {Packing::kBfd, Packing::kNone}) {
      draft().edit(QStringLiteral("test"), [packing](RunConfig& config) { config.packing = packing; });
      PreflightOptions options;
      options.config = draft().config();
      options.out_dir = folder_->path().toStdString();
      options.measure_step = options.use_weights = false;
      const PreflightReport report = check_run(options);
      QVERIFY(report.total_steps > 0);
      QTRY_VERIFY_WITH_TIMEOUT(
          !page()->is_busy() && facts().outline() && facts().outline()->total_steps == report.total_steps, kPatience);
      QCOMPARE(facts().memory()->total(), report.predicted_peak_memory_bytes.value_or(0));
      QCOMPARE(facts().outline()->fill, report.fill);
    }
  }

  // Whatever a check finds, its button either sets something or leads to where that can be done.
  void everyCheckLeadsToWhereItIsMended() {
    constexpr const char* kIds[] = {"run_file",
                                    "settings",
                                    "device",
                                    "model",
                                    "weights",
                                    "adapter",
                                    "tokenizer",
                                    "chat_template",
                                    "data",
                                    "labels",
                                    "rows_without_labels",
                                    "unclosed_turns",
                                    "truncated",
                                    "placeholders",
                                    "special_tokens_in_content",
                                    "double_bos",
                                    "end_outside_generation",
                                    "generation_not_found",
                                    "tool_calls_not_rendered",
                                    "tools_not_rendered",
                                    "looks_like_csv",
                                    "no_chat_template",
                                    "token_cache",
                                    "memory",
                                    "disk",
                                    "loading",
                                    "longest_batch",
                                    "gradient",
                                    "first_loss",
                                    "parity",
                                    "base_loss"};
    for (const char* id : kIds) {
      for (const CheckStatus status : {CheckStatus::kWarn, CheckStatus::kFail}) {
        const FixPlace place = fix_place({id, status, "[run file] max_length: got 0.", "", "", {}}, draft().config());
        QVERIFY2(place.kind != FixPlace::Kind::kNone && !place.label.isEmpty() && place.tool_tip.endsWith('.'), id);
        if (place.kind == FixPlace::Kind::kControl) QVERIFY2(child<QWidget>(qPrintable(place.target)) != nullptr, id);
      }
      QCOMPARE(fix_place({id, CheckStatus::kPass, "", "", "", {}}, draft().config()).kind, FixPlace::Kind::kNone);
      QCOMPARE(fix_place({id, CheckStatus::kFail, "", "", R"({"seed":1})", {}}, draft().config()).kind,
               FixPlace::Kind::kNone);
    }
  }

  void goesToWhereACheckIsMended() {
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    auto* check = window_->findChild<CheckStep*>();
    const auto lead = [&](const char* id, const char* message) {
      window_->setup_page().choose_step(4);
      Q_EMIT check->placeWanted(fix_place({id, CheckStatus::kFail, message, "", "", {}}, draft().config()));
      QCoreApplication::processEvents();
      return child<QListView>("setupSteps")->currentIndex().row();
    };
    QCOMPARE(lead("disk", "full."), training_row());
    QCOMPARE(QApplication::focusWidget(), child<QWidget>("runName"));
    QVERIFY(!child<QWidget>("runName")->visibleRegion().isEmpty());
    QCOMPARE(lead("model", "none."), 0);
    QCOMPARE(QApplication::focusWidget(), child<QWidget>("model_name_or_pathControl"));
    QCOMPARE(lead("run_file", "[run file] adam_beta1: got 3."), training_row());
    QCOMPARE(QApplication::focusWidget(), child<QWidget>("adam_beta1Control"));  // and its group is unfolded
    QCOMPARE(lead("placeholders", "3 of the rows"), 2);
    QVERIFY(child<QComboBox>("xrayShow")->currentText().contains(QLatin1String("placeholder")));

    // The run may go anywhere that can be written.
    window_->setup_page().choose_step(training_row());
    auto* name = child<QLineEdit>("runName");
    const auto type_name = [&](const QString& text) {
      name->clear();
      QTest::keyClicks(name, text);
      return child<QLabel>("runNameProblem")->text();
    };
    QVERIFY(!type_name(QStringLiteral("a/b")).isEmpty());
    QVERIFY(!type_name(QStringLiteral("/dev/null/run")).isEmpty());
    QVERIFY(!type_name(QString(300, QLatin1Char('x'))).isEmpty());
    // A folder that is there is not called a run.
    QVERIFY(type_name(folder_->path()).contains(folder_->path()));
    const QString elsewhere = folder_->filePath(QStringLiteral("elsewhere/run"));
    const QString problem = type_name(elsewhere + QLatin1Char('/'));
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    choose_model();
    draft().edit("data", [](RunConfig& config) { config.dataset = load_demo().config.dataset; });
    QVERIFY(window_->setup_page().make_command().contains(elsewhere + QLatin1Char('\'')));
  }

  void saysWhatContradictsItself() {
    choose_model();
    draft().edit(QStringLiteral("test"), [](RunConfig& config) {
      config.batch = "/batches/one.json";
      config.eval_fraction = 0.0;
    });
    window_->setup_page().choose_step(1);
    auto* drop = child<QAbstractButton>("drop_duplicatesControl");
    drop->click();
    QVERIFY(draft().config().drop_duplicates);
    QTRY_VERIFY2_WITH_TIMEOUT(child<QLabel>("startReason")->text().contains(QLatin1String("drop_duplicates")),
                              qPrintable(child<QLabel>("startReason")->text()), kPatience);
    QVERIFY(!child<QPushButton>("startDraft")->isEnabled());
    // Every step still takes and shows changes.
    for (int step = 0; step <= training_row() + 1; ++step) window_->setup_page().choose_step(step);
    QTest::qWait(500);
    drop->click();
    QTRY_VERIFY_WITH_TIMEOUT(!child<QLabel>("startReason")->text().contains(QLatin1String("drop_duplicates")),
                             kPatience);
  }

  void triesAgainInTheSamePlace() {
    choose_model();
    const QString rows = folder_->filePath(QStringLiteral("rows.jsonl"));
    QVERIFY(QFile::copy(QString::fromStdString(load_demo().config.dataset.path), rows));
    page()->take_path(rows);
    const QString place = folder_->filePath(QStringLiteral("elsewhere"));
    const QString name = QDir(place).filePath(QStringLiteral("first"));
    facts().set_run_name(name);
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("startDraft")->isEnabled(), kPatience);
    QVERIFY(QFile::remove(rows));
    child<QPushButton>("startDraft")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->session().is_active(), kPatience);
    QCOMPARE(workbench_->run().activity(), Activity::kReady);
    QCOMPARE(facts().run_name(), name);
    // Nor does another disk take it where the folder is left behind.
    QVERIFY(QDir().mkpath(name));
    workbench_->start();
    const QString second = workbench_->run().run_dir();
    QVERIFY(second != name);
    QCOMPARE(QFileInfo(second).path(), place);
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->session().is_active(), kPatience);
  }

  void startsAndLetsTheNextOneWait() {
    choose_model();
    page()->take_path(QString::fromStdString(load_demo().config.dataset.path));
    draft().edit(QStringLiteral("test"), [](RunConfig& config) {
      config.max_steps = 2;
      config.max_length = 64;
      config.eval_fraction = 0.0;
    });
    facts().set_run_name(QStringLiteral("first"));
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("startDraft")->isEnabled(), kPatience);
    child<QPushButton>("startDraft")->click();
    QVERIFY(workbench_->session().is_active());
    QVERIFY(!page()->isVisible());  // the Run page
    // Another is set up while it trains.
    window_->show_page(PageId::kSetUp);
    draft().edit(QStringLiteral("test"), [](RunConfig& config) { config.lora.r = 3; });
    facts().set_run_name(QStringLiteral("second"));
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("startDraft")->isEnabled(), kPatience);
    if (workbench_->session().is_active()) {
      child<QPushButton>("startDraft")->click();
      QVERIFY(child<QLabel>("startReason")->text().contains(QLatin1String("by itself")));
      // Nor is it lost for another language.
      QSignalSpy reopened(window_.get(), &MainWindow::reopenWanted);
      window_->actions().languages->actions().at(2)->trigger();
      auto* bar = child<MessageBar>("messageBar");
      bar->findChild<QPushButton*>()->click();
      QVERIFY(window_->isVisible() && reopened.isEmpty());
      QVERIFY2(bar->text().contains(QLatin1String("a start that waits")), qPrintable(bar->text()));
      window_->actions().languages->actions().at(1)->trigger();
      // Or with the window, unless it is closed again.
      QVERIFY(!window_->close());
      QVERIFY2(bar->text().contains(QLatin1String("Close it again")), qPrintable(bar->text()));
      // What is changed now is not what waits.
      draft().edit(QStringLiteral("test"), [](RunConfig& config) { config.lora.r = 4; });
    }
    const QString second = folder_->filePath(QStringLiteral("runs/second/run.json"));
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(second), kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kFinished, kPatience);
    QVERIFY(QFileInfo::exists(folder_->filePath(QStringLiteral("runs/first/adapter/adapter_config.json"))));
    QCOMPARE(RunConfig::from_file(second.toStdString()).lora.r, 3);
    QCOMPARE(recent_paths(PathKind::kModel), QStringList{demo_model()});
    // A name that is taken is marked, and nothing starts under it.
    window_->setup_page().choose_step(training_row());
    auto* name = child<QLineEdit>("runName");
    name->setFocus();
    QTest::keyClicks(name, QStringLiteral("first"));
    QVERIFY(!child<QLabel>("runNameProblem")->text().isEmpty());
    QVERIFY(!child<QPushButton>("startDraft")->isEnabled());
  }

 private:
  template <typename T>
  T* child(const char* name) {
    T* found = window_->findChild<T*>(QLatin1String(name));
    if (found == nullptr) qFatal("no %s", name);
    return found;
  }
  template <typename T>
  T* child(const QByteArray& name) {
    return child<T>(name.constData());
  }
  SetupPage* page() { return &window_->setup_page(); }
  DraftFacts& facts() { return page()->facts(); }
  RunDraft& draft() { return workbench_->draft(); }

  int training_row() {
    const QAbstractItemModel* steps = child<QListView>("setupSteps")->model();
    for (int row = 0; row < steps->rowCount(); ++row) {
      if (steps->index(row, 0).data().toString() == QLatin1String("Training")) return row;
    }
    return -1;
  }

  void type(const char* key, const QString& text) {
    auto* line = child<QLineEdit>(QByteArray(key) + "Control");
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, text);
    QTest::keyClick(line, Qt::Key_Return);
  }

  void choose_model() {
    type("model_name_or_path", demo_model());
    QTRY_VERIFY_WITH_TIMEOUT(facts().model() != nullptr && facts().adapter() && facts().memory(), kPatience);
  }

  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(SetupTest)
#include "setup_test.moc"
