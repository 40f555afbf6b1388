// The window in simplified Chinese, in front of a scripted engine: no control that is seen speaks English.
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QDockWidget>
#include <QFile>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLibraryInfo>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QLocale>
#include <QMenu>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <algorithm>
#include <set>

#include "tests/ui/window_fixture.h"
#include "ui/frame/command_palette.h"
#include "ui/frame/shortcuts_dialog.h"
#include "ui/frame/window_place.h"
#include "ui/pages/export/export_dialog.h"
#include "ui/pages/inspect/prompt_panel.h"
#include "ui/pages/inspect/sampling_panel.h"
#include "ui/pages/run/pinned_row_panel.h"
#include "ui/pages/setup/memory_picture.h"
#include "ui/pages/setup/setup_page.h"
#include "ui/plots/loss_plot.h"
#include "ui/session/language.h"
#include "ui/session/session_of.h"
#include "ui/style/paint.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"
#include "vernier/resources.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

// What is called the same in every language, or is somebody's data: field names, formats, units, files, tokens.
QString without_names(QString text) {
  static const QRegularExpression kNames(QStringLiteral(
      "<[^>]+>|&\\w+;|/[\\w./-]+|\\b\\w+\\.\\w+\\b|\\b\\w*_\\w*\\b|\\{\\w+\\}|"
      "\\b(Vernier|vernier|cli|English|Language|PNG|SVG|PDF|CSV|GGUF|HTML|GPU|CPU|CUDA|LoRA|DoRA|RoPE|PEFT|AdamW|"
      "MLP|NaN|BOS|EOS|ChatML|Llama|Qwen|Mistral|Hugging|Face|Alpaca|ShareGPT|Gemma|Phi|Vicuna|Zephyr|"
      "Parquet|JSON|Ctrl|Shift|Home|End|Esc|"
      "Enter|Return|Del|Alt|Alpha|alpha|Dropout|dropout|logits?|Logits?|labels|top|arg|max|nat|nats|ids|cpu|"
      "word\\d+|quantization|recompute|nf4|mlp|offload|auto|float32|bfloat16|float16|adapter|safetensors|llama|"
      "Markdown|max|min|inf)\\b"));
  // The repository may lie in a folder of any name.
  text.remove(QStringLiteral(VERNIER_SOURCE_DIR));
  return text.remove(kNames);
}

// Widgets that show what somebody has written.
const QStringList kData = {QStringLiteral("railRunName"), QStringLiteral("askExamples"), QStringLiteral("answersTable"),
                           QStringLiteral("recentRuns"), QStringLiteral("dataTable")};

// Keys of files, and a formula, that stand alone.
const QStringList kKeys = {QStringLiteral("method"), QStringLiteral("packing"), QStringLiteral("messages"),
                           QStringLiteral("system"), QStringLiteral("tools"),   QStringLiteral("gate \u00d7 up")};

constexpr int kMostRows = 40;             // of a table
constexpr int kPatienceForLayout = 1000;  // milliseconds

// Three letters in a row that are no name, and nothing that is Chinese.
bool is_english(const QString& text) {
  static const QRegularExpression kHan(QStringLiteral("\\p{Han}")), kWord(QStringLiteral("[A-Za-z]{3,}"));
  return !kKeys.contains(text) && !text.contains(kHan) && without_names(text).contains(kWord);
}

// Everything that a widget says by itself.
QStringList texts_of(QWidget* widget) {
  QStringList texts = {widget->toolTip(), widget->accessibleName(), widget->accessibleDescription()};
  if (const auto* label = qobject_cast<QLabel*>(widget)) texts << label->text();
  if (const auto* button = qobject_cast<QAbstractButton*>(widget)) texts << button->text();
  if (const auto* group = qobject_cast<QGroupBox*>(widget)) texts << group->title();
  if (const auto* line = qobject_cast<QLineEdit*>(widget)) texts << line->placeholderText();
  if (const auto* dock = qobject_cast<QDockWidget*>(widget)) texts << dock->windowTitle();
  if (const auto* dialog = qobject_cast<QDialog*>(widget)) texts << dialog->windowTitle();
  if (const auto* tabs = qobject_cast<QTabBar*>(widget)) {
    for (int tab = 0; tab < tabs->count(); ++tab) texts << tabs->tabText(tab) << tabs->tabToolTip(tab);
  }
  if (const auto* box = qobject_cast<QComboBox*>(widget)) {
    for (int item = 0; item < box->count(); ++item) texts << box->itemText(item);
  }
  if (const auto* header = qobject_cast<QHeaderView*>(widget); header && header->model()) {
    for (int section = 0; section < header->count(); ++section) {
      for (const int role : {Qt::DisplayRole, Qt::ToolTipRole}) {
        texts << header->model()->headerData(section, header->orientation(), role).toString();
      }
    }
  }
  if (const auto* view = qobject_cast<QAbstractItemView*>(widget);
      view && view->model() && !widget->inherits("QHeaderView")) {
    for (int row = 0; row < std::min(kMostRows, view->model()->rowCount()); ++row) {
      for (int column = 0; column < view->model()->columnCount(); ++column) {
        const QModelIndex index = view->model()->index(row, column);
        texts << index.data().toString() << index.data(Qt::ToolTipRole).toString();
      }
    }
  }
  if (widget->isWindow()) {
    for (const QAction* action : widget->actions()) texts << action->text() << action->toolTip();
  }
  return texts;
}

// A caption or field that has less room than it asks for.
bool is_cut(const QWidget* widget) {
  const auto* label = qobject_cast<const QLabel*>(widget);
  const auto* button = qobject_cast<const QAbstractButton*>(widget);
  const auto* tool = qobject_cast<const QToolButton*>(widget);
  const bool is_icon = tool != nullptr && tool->toolButtonStyle() == Qt::ToolButtonIconOnly && !tool->icon().isNull();
  const QString text = label ? label->text() : button && !is_icon ? button->text() : QString();
  const bool is_part = widget->objectName().startsWith(QLatin1String("qt_"));
  if (!is_part && (qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QComboBox*>(widget) ||
                   qobject_cast<const QAbstractSpinBox*>(widget))) {
    return widget->height() < widget->minimumSizeHint().height();
  }
  if (text.isEmpty()) return false;
  if (label && label->wordWrap()) return label->height() < label->heightForWidth(label->width());
  return widget->width() < widget->sizeHint().width() || widget->height() < widget->minimumSizeHint().height();
}

}  // namespace

class ChineseWindowTest : public WindowFixture {
  Q_OBJECT

 private:
  void look(QWidget& root, const QString& where) {
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().is_busy() && !window_->is_busy(), kPatience);
    QCoreApplication::processEvents();
    QList<QPointer<QWidget>> widgets = {&root};
    for (QWidget* widget : root.findChildren<QWidget*>()) widgets << widget;
    for (const QPointer<QWidget>& widget : std::as_const(widgets)) {
      if (!widget) continue;  // taken away while another was waited for
      if (!widget->isVisible() || kData.contains(widget->objectName())) continue;
      ++seen_;
      // What has just come may not have been laid out yet.
      if (is_cut(widget) && !QTest::qWaitFor([&widget] { return !widget || !is_cut(widget); }, kPatienceForLayout)) {
        cut_.insert(QStringLiteral("%1, %2: %3 (%4 of %5)")
                        .arg(where, widget->objectName(), texts_of(widget).value(3))
                        .arg(widget->width())
                        .arg(widget->sizeHint().width()));
      }
      if (!widget) continue;
      for (const QString& text : texts_of(widget)) {
        if (is_english(text)) english_.insert(QStringLiteral("%1, %2: %3").arg(where, widget->objectName(), text));
      }
    }
  }

  void look_at_menus(const QList<QAction*>& actions) {
    for (const QAction* action : actions) {
      if (is_english(action->text())) english_.insert(QStringLiteral("menu: ") + action->text());
      if (action->menu()) look_at_menus(action->menu()->actions());
    }
  }

  void look_at_all() {
    Actions& actions = window_->actions();
    for (const PageId page :
         {PageId::kStart, PageId::kSetUp, PageId::kRun, PageId::kInspect, PageId::kCompare, PageId::kLessons}) {
      actions.of_page(page)->trigger();
      look(*window_, actions.of_page(page)->objectName());
    }
    window_->show_page(PageId::kSetUp);
    for (int step = 0; step < 5; ++step) {
      window_->setup_page().choose_step(step);
      look(*window_, QStringLiteral("step %1").arg(step + 1));
    }
    for (QAction* view : actions.inspect_views->actions()) {
      view->trigger();
      look(*window_, view->objectName());
    }
    window_->show_page(PageId::kRun);
    for (QTabBar* tabs : window_->findChildren<QTabBar*>()) {
      if (!tabs->isVisible()) continue;
      for (int tab = 0; tab < tabs->count(); ++tab) {
        tabs->setCurrentIndex(tab);
        look(*window_, QStringLiteral("run, tab %1").arg(tab));
      }
    }
    look_at_menus(window_->menuBar()->actions());
    for (const QAction* action : actions.all()) {
      for (const QString& text : {action->text(), action->iconText(), action->statusTip()}) {
        if (is_english(text)) english_.insert(QStringLiteral("%1: %2").arg(action->objectName(), text));
      }
    }
  }

  bool is_all_chinese() const {
    for (const QString& one : english_) qWarning("English: %s", qPrintable(one));
    return english_.empty();
  }

  bool is_nothing_cut() const {
    for (const QString& one : cut_) qWarning("cut: %s", qPrintable(one));
    return cut_.empty();
  }

  std::set<QString> english_;
  std::set<QString> cut_;
  int seen_ = 0;

 private Q_SLOTS:
  void the_check_knows_what_is_cut() {
    QPushButton button(QStringLiteral("Start the run"));
    button.resize(button.sizeHint());
    QVERIFY(!is_cut(&button));
    button.resize(button.width() - 1, button.height());
    QVERIFY(is_cut(&button));
  }

  void the_check_knows_english_from_names() {
    QVERIFY(is_english(QStringLiteral("Start the run")));
    QVERIFY(is_english(QStringLiteral("Save as PNG")));
    QVERIFY(!is_english(QStringLiteral("\u5f00\u59cb(&S)")));
    QVERIFY(!is_english(QStringLiteral("lora_alpha 16")));
    QVERIFY(!is_english(QStringLiteral("/no/model/config.json")));
  }

  void says_nothing_in_english_without_a_run() {
    const Translations chinese(Language::kChinese);
    english_.clear();
    open({});
    look_at_all();
    QVERIFY(seen_ > 300);
    QVERIFY(is_all_chinese());
  }

  void says_nothing_in_english_with_a_run() {
    const Translations chinese(Language::kChinese);
    english_.clear();
    Script script;
    script.parity_every = 10;
    script.capture_every = 10;
    script.eval_every = 10;
    script.collapses_at = 20;
    open(script);
    start_demo();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().is_busy() && !window_->is_busy(), kPatience);
    look_at_all();
    window_->actions().palette->trigger();
    auto* palette = window_->findChild<CommandPalette*>();
    QVERIFY(palette);
    look(*palette, QStringLiteral("palette"));
    palette->close();
    window_->actions().shortcuts->trigger();
    look(*window_->findChild<ShortcutsDialog*>(), QStringLiteral("shortcuts"));
    window_->actions().export_run->trigger();
    auto* export_dialog = window_->findChild<ExportDialog*>();
    QVERIFY(export_dialog);
    QTRY_VERIFY_WITH_TIMEOUT(!export_dialog->session().is_planning(), kPatience);
    look(*export_dialog, QStringLiteral("export"));
    QVERIFY(is_all_chinese());
  }

  void says_nothing_in_english_of_a_set_up() {
    const Translations chinese(Language::kChinese);
    english_.clear();
    open({});
    window_->show_page(PageId::kSetUp);
    window_->setup_page().open_run_file(QString::fromStdString(resource_dir() + "/demo/lora/run.json"));
    for (int step = 0; step < 5; ++step) {
      window_->setup_page().choose_step(step);
      QTRY_VERIFY_WITH_TIMEOUT(!workbench().is_busy() && !window_->is_busy(), kPatience);
      look(*window_, QStringLiteral("step %1").arg(step + 1));
    }
    QVERIFY(is_all_chinese());
  }

  void cuts_no_caption_on_a_small_screen_data() {
    QTest::addColumn<Language>("language");
    QTest::addRow("English") << Language::kEnglish;
    QTest::addRow("Chinese") << Language::kChinese;
  }
  void cuts_no_caption_on_a_small_screen() {
    QFETCH(const Language, language);
    const Translations spoken(language);
    cut_.clear();
    Script script;
    script.parity_every = 10;
    script.capture_every = 10;
    script.eval_every = 10;
    open(script);
    window_->resize(1024, 700);
    start_demo();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().is_busy() && !window_->is_busy(), kPatience);
    look_at_all();
    window_->actions().export_run->trigger();
    look(*window_->findChild<ExportDialog*>(), QStringLiteral("export"));
    QVERIFY(is_nothing_cut());
  }

  void offers_its_languages() {
    const Translations english(Language::kEnglish);
    QCOMPARE(spoken_language(), Language::kEnglish);
    open({});
    Actions& actions = window_->actions();
    Settings& settings = workbench().settings();
    QCOMPARE(settings.language(), Language::kSystem);
    QSignalSpy reopened(window_.get(), &MainWindow::reopenWanted);
    actions.languages->actions().at(2)->trigger();
    QCOMPARE(settings.language(), Language::kChinese);
    QVERIFY(actions.languages->actions().at(2)->isChecked());
    QVERIFY(shown("messageBar"));
    auto* offer = child<QAbstractButton>("messageBarAction");
    QVERIFY(offer->isVisible());
    // Back to what it speaks: nothing to tell.
    actions.languages->actions().at(1)->trigger();
    QVERIFY(!shown("messageBar"));
    actions.languages->actions().at(2)->trigger();
    offer->click();
    QCOMPARE(reopened.size(), 1);
    QVERIFY(!window_->isVisible());
    // Another start finds the choice.
    QCOMPARE(Settings().language(), Language::kChinese);
  }

  // The workbench outlives the window: nothing that was about is lost, and a run does not notice.
  void keeps_everything_across_a_switch() {
    const Translations english(Language::kEnglish);
    Script script;
    script.step_time = std::chrono::milliseconds(5);
    script.steps = 100'000;
    open(script);
    workbench().draft().edit(QStringLiteral("seed"), [](RunConfig& config) { config.seed = 4711; });
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > 10, kPatience);
    window_->show_page(PageId::kInspect);
    workbench().selection().selectSequence(7, 2);
    workbench().selection().selectPosition(3);
    child<QTabBar>("inspectTabs")->setCurrentIndex(3);
    child<QTabWidget>("runTabs")->setCurrentIndex(2);
    child<QListView>("setupSteps")->setCurrentIndex(child<QListView>("setupSteps")->model()->index(3, 0));
    child<QListWidget>("lessonsList")->setCurrentRow(4);
    AskPrompt prompt;
    prompt.turns = {{"system", "Be brief."}, {"user", "Who is Bram?"}};
    window_->findChild<PromptPanel*>()->set_prompt(prompt);
    child<QPlainTextEdit>("askText")->setPlainText(QStringLiteral("Once upon"));
    window_->findChild<PinnedRowPanel*>()->pin(2);

    const AskSampling sampling{.temperature = 0.7, .top_k = 40, .top_p = 0.9, .seed = 3, .max_new_tokens = 999};
    window_->findChild<SamplingPanel*>()->set_sampling(sampling);
    window_->findChild<SamplingPanel*>()->set_strength(0.5);
    std::shared_ptr<const WindowPlace> place;
    connect(window_.get(), &MainWindow::reopenWanted, this,
            [&place](const std::shared_ptr<const WindowPlace>& left) { place = left; });
    window_->actions().languages->actions().at(2)->trigger();
    auto* offer = child<QWidget>("messageBar")->findChild<QPushButton*>();
    QVERIFY(offer->isVisible());
    offer->click();
    QVERIFY(place != nullptr);
    QVERIFY(!window_->isVisible());
    window_.reset();
    renew_sessions(workbench());
    QVERIFY(workbench().session().is_active());  // neither stopped nor asked to
    QCOMPARE(workbench().run().activity(), Activity::kRunning);
    const std::size_t steps = workbench().run().series().size();

    const Translations chinese(Language::kChinese);
    window_ = std::make_unique<MainWindow>(workbench());
    window_->show();
    window_->take_place(*place);
    QCOMPARE(window_->shown_page(), PageId::kInspect);
    QCOMPARE(child<QTabBar>("inspectTabs")->currentIndex(), 3);
    QCOMPARE(child<QTabWidget>("runTabs")->currentIndex(), 2);
    QCOMPARE(child<QListView>("setupSteps")->currentIndex().row(), 3);
    QCOMPARE(child<QListWidget>("lessonsList")->currentRow(), 4);
    QVERIFY(window_->findChild<PromptPanel*>()->prompt() == prompt);
    QVERIFY(window_->findChild<SamplingPanel*>()->sampling() == sampling);
    QCOMPARE(window_->findChild<SamplingPanel*>()->strength(), 0.5);
    QCOMPARE(child<QPlainTextEdit>("askText")->toPlainText(), QStringLiteral("Once upon"));
    QCOMPARE(window_->findChild<PinnedRowPanel*>()->row(), 2);
    QCOMPARE(workbench().selection().sequence(), 2);
    QCOMPARE(workbench().selection().position(), 3);
    QTRY_COMPARE_WITH_TIMEOUT(child<SequenceTable>("runSequences")->model()->rowCount(), 4, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(child<TokenRibbon>("runRibbon")->selectedPosition(), 3, kPatience);
    QCOMPARE(child<LossPlot>("lossPlot")->selectedStep(), 7);
    // What was changed can be taken back, in the new window too.
    QVERIFY(window_->actions().undo->isEnabled());
    window_->actions().undo->trigger();
    QVERIFY(workbench().draft().config().seed != 4711);
    // The run goes on, is steered from here, and lacks no step.
    QTRY_VERIFY_WITH_TIMEOUT(workbench().run().series().size() > steps + 10, kPatience);
    const std::vector<SeriesPoint>& series = workbench().run().series();
    for (std::size_t i = 0; i < series.size(); ++i) QCOMPARE(series[i].step, static_cast<std::int64_t>(i) + 1);
    QVERIFY(window_->actions().stop->isEnabled());
    window_->actions().stop->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().session().is_active(), kPatience);
  }

  void says_what_the_engine_says() {
    const std::string found =
        "The evaluation path differs from the reference. From layer 3 on every token differs, as it would with other "
        "norms: their epsilon seems to be 0.1, not 1e-05.";
    {
      const Translations english(Language::kEnglish);
      QCOMPARE(engine_text(found), QString::fromStdString(found));
    }
    const Translations chinese(Language::kChinese);
    const QString text = engine_text(found);
    for (const char* kept : {"3", "0.1", "1e-05"}) QVERIFY2(text.contains(QLatin1String(kept)), qPrintable(text));
    QVERIFY2(!text.contains(QLatin1String("path")) && !text.contains(QLatin1String("token")), qPrintable(text));
    const QString error = engine_text("[a.jsonl row 2 (line 3)] encoded as UTF-16: save it as UTF-8.");
    QVERIFY2(error.startsWith(QLatin1String("[a.jsonl row 2 (line 3)] ")) && !error.contains(QLatin1String("save")),
             qPrintable(error));
    // A value that looks like a place is not one, and what nobody knows stays as it is.
    QVERIFY(engine_text("checkpoints and the result take about 1 GB, and 2 GB are free at /a%1b.").contains("/a%1b"));
    const QString disk = engine_text(
        "checkpoints and the result take about 12.5 MB, captured logits 3.00 GB, the record 340 kB: 3.01 GB in all, "
        "and "
        "2.00 GB are free at /a.");
    QVERIFY2(!disk.contains(QLatin1String("captured")) && !disk.contains(QLatin1String("record")), qPrintable(disk));
    QCOMPARE(engine_text("Nobody knows this."), QStringLiteral("Nobody knows this."));
  }

  void tells_in_chinese_what_the_memory_and_the_device_lack() {
    const std::string problem =
        "[cuda:0 memory] a micro-batch of 8192 tokens: got a need for 30.0 GiB, expected at most 24.0 GiB, which are "
        "free. Set recompute to \"layer\" and per_device_train_batch_size to 4.";
    const Translations chinese(Language::kChinese);
    MemoryPicture picture(nullptr);
    MemoryEstimate memory;
    memory.device = "cuda:0";
    memory.problem = problem;
    picture.show_memory(memory, true, {});
    const QString told = picture.accessibleDescription();
    QVERIFY2(told.contains(QLatin1String("8192")) && told.contains(QLatin1String("per_device_train_batch_size")),
             qPrintable(told));
    for (const char* word : {"micro-batch", "expected", "free", "Set "}) {
      QVERIFY2(!told.contains(QLatin1String(word)), qPrintable(told));
    }
    const QString driver = engine_text(
        "The NVIDIA driver is too old: got one for CUDA 11.4, expected CUDA 12.4 or later; update the driver.");
    QVERIFY2(driver.contains(QLatin1String("11.4")) && driver.contains(QLatin1String("12.4")) &&
                 !driver.contains(QLatin1String("driver")),
             qPrintable(driver));
  }

  void tells_what_waits_in_the_computers_memory() {
    MemoryEstimate memory;
    memory.device = "cuda:0";
    memory.dtype = "bfloat16";
    memory.recompute = Recompute::kOffload;
    memory.weights = 15'000'000'000;
    memory.free_bytes = 24'000'000'000;
    MemoryPicture picture(nullptr);
    const std::string check =
        "the run's peak will be 21.1 GB, and 24.0 GB are free, with 7.3 GB of the computer's memory beside; recompute "
        "is \"offload\".";
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      const Translations words(language);
      memory.host_bytes = 7'300'000'000;
      const QString bytes = byte_count(memory.host_bytes);
      for (const bool is_exact : {true, false}) {
        picture.show_memory(memory, is_exact, {});
        QVERIFY2(picture.accessibleDescription().contains(bytes), qPrintable(picture.accessibleDescription()));
      }
      memory.host_bytes = 0;
      picture.show_memory(memory, true, {});
      QVERIFY2(!picture.accessibleDescription().contains(bytes), qPrintable(picture.accessibleDescription()));
      const QString told = engine_text(check);
      QVERIFY2(told.contains(QLatin1String("7.3 GB")) && told.contains(QLatin1String("offload")), qPrintable(told));
      QCOMPARE(told.contains(QLatin1String("computer")), language == Language::kEnglish);
    }
  }

  void qt_speaks_chinese_as_well() {
    const QString path = QLibraryInfo::path(QLibraryInfo::TranslationsPath) + QStringLiteral("/qtbase_zh_CN.qm");
    if (!QFile::exists(path)) QSKIP("qt6-translations-l10n is not installed");
    const Translations chinese(Language::kChinese);
    QVERIFY(QCoreApplication::translate("QPlatformTheme", "Cancel") != QStringLiteral("Cancel"));
  }

  void speaks_plurals_and_dates() {
    {
      const Translations english(Language::kEnglish);
      QCOMPARE(QLocale().decimalPoint(), QStringLiteral("."));
      const auto rows = [](int n) {
        return QCoreApplication::translate("vernier::ui::ParityHistory", "%n parity checks", nullptr, n);
      };
      QCOMPARE(rows(1), QStringLiteral("1 parity check"));
      QCOMPARE(rows(2), QStringLiteral("2 parity checks"));
    }
    const Translations chinese(Language::kChinese);
    QCOMPARE(spoken_language(), Language::kChinese);
    QCOMPARE(QLocale().name(), QStringLiteral("zh_CN"));
    QVERIFY(QCoreApplication::translate("RunState", "Paused") != QStringLiteral("Paused"));
    for (const Language language : {Language::kSystem, Language::kEnglish, Language::kChinese}) {
      QCOMPARE(language_from_string(to_string(language)), language);
    }
  }
};

QTEST_MAIN(ChineseWindowTest)
#include "chinese_window_test.moc"
