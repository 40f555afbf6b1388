// The window by keys alone: from its first start to an exported adapter, and every control of every page by Tab.
#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QButtonGroup>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>

#include "tests/ui/real_run.h"
#include "ui/frame/command_palette.h"
#include "ui/frame/main_window.h"
#include "ui/pages/export/export_dialog.h"
#include "ui/pages/setup/setup_page.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kMostTabs = 200;
constexpr int kRows = 24;

QString name_of(const QWidget* widget) {
  if (widget == nullptr) return QStringLiteral("nothing");
  return QStringLiteral("%1 '%2' in '%3'")
      .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
           widget->parentWidget() ? widget->parentWidget()->objectName() : QString());
}

// What the next key reaches.
QWidget* receiver() {
  if (QWidget* popup = QApplication::activePopupWidget()) return popup->focusWidget() ? popup->focusWidget() : popup;
  return QApplication::focusWidget() != nullptr ? QApplication::focusWidget() : QApplication::activeWindow();
}

void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
  QTest::keyClick(receiver(), key, modifiers);
}

// Letter by letter: a list of completions may open below.
void type(const QString& text) {
  for (const QChar letter : text) QTest::keyClicks(receiver(), letter);
}

// Of a group of which one is always chosen, Tab reaches that one and the arrows the others.
bool is_in_exclusive_group(const QAbstractButton* button) {
  return button->autoExclusive() || (button->group() != nullptr && button->group()->exclusive());
}

// Parts of a control that answer to the control's own keys.
bool is_inner_part(const QWidget* widget) {
  if (widget->objectName().startsWith(QLatin1String("qt_")) || widget->inherits("QComboBoxPrivateContainer") ||
      widget->inherits("QTableCornerButton") || widget->inherits("QLineEditIconButton") ||
      widget->inherits("QScrollBar") || widget->inherits("QSplitterHandle") || widget->inherits("QHeaderView") ||
      widget->inherits("QDockWidgetTitleButton") || widget->inherits("QMenuBarExtension")) {
    return true;
  }
  const QWidget* parent = widget->parentWidget();
  return parent != nullptr && (parent->inherits("QAbstractSpinBox") || parent->inherits("QComboBox") ||
                               parent->inherits("QTabBar") || parent->inherits("QScrollBar"));
}

bool takes_keys(const QWidget* widget) {
  return widget->inherits("QAbstractButton") || widget->inherits("QAbstractItemView") ||
         widget->inherits("QAbstractSpinBox") || widget->inherits("QComboBox") || widget->inherits("QLineEdit") ||
         widget->inherits("QAbstractSlider") || (widget->focusPolicy() & Qt::TabFocus) != 0;
}

}  // namespace

class KeyboardTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    use_settings_in(folder_, "keyboard_test");
    use_models_in(folder_);
    workbench_ = std::make_unique<Workbench>(real_engine(), folder_.filePath(QStringLiteral("runs")));
    window_ = std::make_unique<MainWindow>(*workbench_);
    window_->resize(1280, 800);
    window_->show();
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
  }

  void cleanupTestCase() {
    window_.reset();
    workbench_.reset();
  }

  void fromTheFirstStartToAnExportedAdapter() {
    const QString data = write_data();
    // The first start offers one thing, and Enter would take it.
    QTRY_COMPARE_WITH_TIMEOUT(name(QApplication::focusWidget()), QStringLiteral("emptyStateAction"), kPatience);

    QVERIFY(choose_step(0));
    QVERIFY(tab_to("model_name_or_pathControl"));
    type(QString::fromStdString(load_demo().model_dir));
    press(Qt::Key_Return);
    regain();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->draft().config().model_name_or_path.empty(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(summary(0).contains(QLatin1String("llama")), kPatience);

    QVERIFY(choose_step(1));
    QVERIFY(tab_to("dataset_pathControl"));
    type(data);
    press(Qt::Key_Return);
    regain();
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && summary(1).contains(QString::number(kRows)), kPatience);

    QVERIFY(choose_step(2));
    QVERIFY(tab_to("learn"));
    press(Qt::Key_Down);  // from everything to the completion
    QTRY_VERIFY_WITH_TIMEOUT(workbench_->draft().config().completion_only_loss, kPatience);
    QVERIFY(tab_to("maxLength"));
    press(Qt::Key_A, Qt::ControlModifier);
    type(QStringLiteral("128"));
    press(Qt::Key_Return);
    QCOMPARE(workbench_->draft().config().max_length, 128);
    press(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);  // nothing to do again: the field keeps its own undo
    QCOMPARE(workbench_->draft().config().max_length, 128);

    QVERIFY(choose_step(3));
    QVERIFY(tab_to("max_stepsControl"));
    press(Qt::Key_A, Qt::ControlModifier);
    type(QStringLiteral("3"));
    press(Qt::Key_Return);
    QCOMPARE(workbench_->draft().config().max_steps, 3);

    QVERIFY(choose_step(4));
    QTRY_VERIFY_WITH_TIMEOUT(!setup().is_busy() && !summary(4).contains(QLatin1String("Not checked")), kPatience);
    QVERIFY(tab_to("startDraft"));
    press(Qt::Key_Space);
    QVERIFY2(child<QWidget>("runPage")->isVisible(), qPrintable(child<QLabel>("startReason")->text()));
    QTRY_COMPARE_WITH_TIMEOUT(workbench_->run().activity(), Activity::kFinished, kPatience);
    QCOMPARE(workbench_->run().series().size(), std::size_t{3});

    press(Qt::Key_E, Qt::ControlModifier);
    auto* dialog = window_->findChild<ExportDialog*>();
    QVERIFY(dialog != nullptr);
    dialog->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(dialog));
    auto* start = dialog->findChild<QAbstractButton*>(QStringLiteral("exportStart"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    const QString target = dialog->findChild<QLineEdit*>(QStringLiteral("exportTarget"))->text();
    check_chain(dialog, QStringLiteral("the export"));
    QVERIFY(tab_to("exportStart"));
    press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(target + QStringLiteral("/adapter_model.safetensors")), kPatience);
    const auto* told = dialog->findChild<QLabel*>(QStringLiteral("exportState"));
    QTRY_VERIFY_WITH_TIMEOUT(told->text().contains(QLatin1String("agrees")), kPatience);
    press(Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!dialog->isVisible(), kPatience);
    QVERIFY2(trouble_.isEmpty(), qPrintable(trouble_.join('\n')));
  }

  void tabReachesEveryControl_data() {
    QTest::addColumn<QString>("command");
    QTest::addColumn<int>("part");
    // As Ctrl+K finds them.
    QTest::newRow("start") << "Start page" << -1;
    for (int step = 0; step < 5; ++step) {
      QTest::addRow("set up, step %d", step + 1) << QStringLiteral("Set up page") << step;
    }
    for (int tab = 0; tab < 4; ++tab) QTest::addRow("run, tab %d", tab + 1) << QStringLiteral("Run page") << tab;
    for (const char* view :
         {"Logits", "Logit lens", "Class balance", "Train / eval parity", "Before / after", "Packing"}) {
      QTest::addRow("inspect, %s", view) << QStringLiteral("Inspect: ") + QLatin1String(view) << -1;
    }
    QTest::newRow("compare") << "Compare page" << -1;
    QTest::newRow("lessons") << "Lessons page" << -1;
  }

  void tabReachesEveryControl() {
    QFETCH(QString, command);
    QFETCH(int, part);
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    press(Qt::Key_K, Qt::ControlModifier);
    auto* palette = window_->findChild<CommandPalette*>();
    QVERIFY(palette != nullptr);
    type(command);
    press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(window_->findChild<CommandPalette*>() == nullptr, kPatience);
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    if (command == QLatin1String("Set up page")) QVERIFY(choose_step(part));
    if (command == QLatin1String("Run page")) {
      auto* tabs = child<QTabWidget>("runTabs");
      if (part >= tabs->count()) QSKIP("the run page has no such tab");
      for (int i = 0; i < kMostTabs && QApplication::focusWidget() != tabs->tabBar(); ++i) press(Qt::Key_Tab);
      QCOMPARE(QApplication::focusWidget(), tabs->tabBar());
      while (tabs->currentIndex() != part) {
        const int before = tabs->currentIndex();
        press(before < part ? Qt::Key_Right : Qt::Key_Left);
        QVERIFY(tabs->currentIndex() != before);
      }
    }
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_->is_busy() && !window_->is_busy(), kPatience);
    check_chain(window_.get(), command);
    QVERIFY2(trouble_.isEmpty(), qPrintable(trouble_.join('\n')));
  }

 private:
  template <typename Widget>
  Widget* child(const char* name) const {
    return window_->findChild<Widget*>(QLatin1String(name));
  }
  SetupPage& setup() const { return window_->setup_page(); }
  static QString name(const QWidget* widget) { return widget == nullptr ? QString() : widget->objectName(); }
  QString summary(int step) const {
    constexpr const char* kSteps[] = {"modelStep", "dataStep", "labelsStep", "trainingStep", "checkStep"};
    return child<SetupStep>(kSteps[step])->summary();
  }

  // The first questions of gsm8k where they are at hand.
  QString write_data() {
    QByteArray lines;
    QFile real(QStringLiteral(VERNIER_SHARED_DIR "/datasets/gsm8k_test.jsonl"));
    if (real.open(QIODevice::ReadOnly)) {
      for (int i = 0; i < kRows; ++i) lines += real.readLine();
    } else {
      for (int i = 0; i < kRows; ++i) {
        lines += QStringLiteral("{\"question\": \"How many boats has keeper %1?\", \"answer\": \"He has %2 boats.\"}\n")
                     .arg(i)
                     .arg(i + 2)
                     .toUtf8();
      }
    }
    QFile file(folder_.filePath(QStringLiteral("rows.jsonl")));
    if (!file.open(QIODevice::WriteOnly) || file.write(lines) != lines.size()) qFatal("the test's file");
    return file.fileName();
  }

  // The offscreen platform leaves a list of completions active after it was hidden; with a screen the window is again.
  void regain() {
    QVERIFY(QApplication::activePopupWidget() == nullptr);
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
  }

  bool choose_step(int step) {
    press(Qt::Key_2, Qt::ControlModifier);
    if (name(QApplication::focusWidget()) != QLatin1String("setupSteps")) {
      qWarning("Ctrl+2 leaves the keyboard at %s", qPrintable(name_of(receiver())));
      return false;
    }
    press(Qt::Key_Home);
    for (int i = 0; i < step; ++i) press(Qt::Key_Down);
    return child<QListView>("setupSteps")->currentIndex().row() == step;
  }

  static bool tab_to(const char* wanted) {
    for (int i = 0; i < kMostTabs; ++i) {
      if (name(QApplication::focusWidget()) == QLatin1String(wanted)) return true;
      press(Qt::Key_Tab);
    }
    qWarning("Tab ends at %s", qPrintable(name_of(QApplication::focusWidget())));
    return false;
  }

  // Tab goes round, meets every control that is in use, and shows where it is.
  void check_chain(QWidget* window, const QString& where) {
    trouble_.clear();
    QSet<const QWidget*> reached;
    for (int i = 0; i < kMostTabs; ++i) {
      const QWidget* before = QApplication::focusWidget();
      if (before != nullptr) reached.insert(before);
      press(Qt::Key_Tab);
      if (QApplication::focusWidget() == before) {
        trouble_ << where + QStringLiteral(": Tab does not leave ") + name_of(before);
        return;
      }
      if (reached.contains(QApplication::focusWidget())) break;
      if (i + 1 == kMostTabs) trouble_ << where + QStringLiteral(": Tab does not come round");
    }
    for (const QWidget* widget : window->findChildren<QWidget*>()) {
      if (!widget->isVisible() || !widget->isEnabled() || widget->window() != window || is_inner_part(widget) ||
          !takes_keys(widget) || reached.contains(widget)) {
        continue;
      }
      const auto* button = qobject_cast<const QAbstractButton*>(widget);
      if (button != nullptr && is_in_exclusive_group(button) && !button->isChecked()) continue;
      // A control may hand its focus on to a part of it.
      if (widget->focusProxy() != nullptr && reached.contains(widget->focusProxy())) continue;
      trouble_ << where + QStringLiteral(": Tab does not reach ") + name_of(widget);
    }
  }

  const QTemporaryDir folder_;
  std::unique_ptr<Workbench> workbench_;
  std::unique_ptr<MainWindow> window_;
  QStringList trouble_;
};

QTEST_MAIN(KeyboardTest)
#include "keyboard_test.moc"
