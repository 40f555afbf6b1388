// Every page, step, view and dialog as it is drawn, in light and dark: each word stands out from what it stands on, by
// WCAG 2: 4.5 : 1, 3 : 1 for large letters; what is greyed out can at least be seen.
#include <QAbstractItemView>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QScrollArea>
#include <QTabBar>
#include <QTest>
#include <map>

#include "tests/ui/drawn_text.h"
#include "tests/ui/window_fixture.h"
#include "ui/frame/command_palette.h"
#include "ui/frame/shortcuts_dialog.h"
#include "ui/pages/export/export_dialog.h"
#include "ui/pages/lessons/lessons_page.h"
#include "ui/pages/setup/setup_page.h"
#include "ui/plots/data_table_dialog.h"
#include "ui/session/language.h"
#include "ui/style/theme.h"
#include "vernier/resources.h"

using namespace vernier;
using namespace vernier::test;
using namespace vernier::ui;

namespace {

constexpr double kText = 4.5;
constexpr double kLargeText = 3.0;
constexpr double kGreyedOut = 2.0;
constexpr double kRounding = 0.02;  // of colours to 8 bits, where one is mixed
// A word that shows so little of its contrast lies under something else.
constexpr double kCovered = 0.25;

// What has drawn at a place of `root`: also what the mouse goes through.
QWidget* widget_at(QWidget& root, const QPoint& place) {
  const QObjectList& children = root.children();
  for (auto child = children.crbegin(); child != children.crend(); ++child) {
    auto* widget = qobject_cast<QWidget*>(*child);
    if (widget == nullptr || widget->isWindow() || !widget->isVisible() || !widget->geometry().contains(place)) {
      continue;
    }
    return widget_at(*widget, place - widget->pos());
  }
  return &root;
}

bool is_greyed_out(const QWidget& widget, const QPoint& place) {
  if (!widget.isEnabled()) return true;
  if (const auto* view = qobject_cast<const QAbstractItemView*>(widget.parentWidget())) {
    const QModelIndex index = view->viewport() == &widget ? view->indexAt(place) : QModelIndex();
    return index.isValid() && (index.flags() & Qt::ItemIsEnabled) == 0;
  }
  const QAction* action = nullptr;
  if (const auto* menu = qobject_cast<const QMenu*>(&widget)) action = menu->actionAt(place);
  if (const auto* bar = qobject_cast<const QMenuBar*>(&widget)) action = bar->actionAt(place);
  if (action != nullptr) return !action->isEnabled();
  const auto* tabs = qobject_cast<const QTabBar*>(&widget);
  return tabs != nullptr && !tabs->isTabEnabled(tabs->tabAt(place));
}

// "checkHeadline in checkStep": a part of a control has its control's name.
QString name_of(const QWidget& widget) {
  QStringList names;
  for (const QWidget* at = &widget; at != nullptr && names.size() < 2; at = at->parentWidget()) {
    if (!at->objectName().isEmpty() && !at->objectName().startsWith(QLatin1String("qt_"))) names << at->objectName();
  }
  return names.isEmpty() ? QLatin1String(widget.metaObject()->className()) : names.join(QStringLiteral(" in "));
}

}  // namespace

class WindowContrastTest : public WindowFixture {
  Q_OBJECT

 private:
  void look(QWidget& root, const QString& where) {
    QTRY_VERIFY_WITH_TIMEOUT(!workbench_ || (!workbench().is_busy() && !window_->is_busy()), kPatience);
    QCoreApplication::processEvents();
    measure(root, where);
    // What has to be scrolled to.
    for (const QScrollArea* area : root.findChildren<QScrollArea*>()) {
      if (area->isVisible() && area->widget() != nullptr && area->widget()->height() > area->viewport()->height()) {
        measure(*area->widget(), where);
      }
    }
  }

  void measure(QWidget& surface, const QString& where) {
    const QImage picture = surface.grab().toImage();
    for (const DrawnText& text : drawn_texts(surface)) {
      const TextContrast found = contrast_of(text, picture);
      const QPoint place = text.place.center().toPoint();
      const QWidget* widget = widget_at(surface, place);
      const bool is_grey = is_greyed_out(*widget, widget->mapFrom(&surface, place));
      const double needed = is_grey ? kGreyedOut : text.is_large() ? kLargeText : kText;
      if (found.strongest - 1.0 < kCovered * (found.ratio - 1.0)) {
        ++covered_;
        continue;
      }
      ++seen_;
      if (found.ratio >= needed - kRounding) continue;
      const QString what = QStringLiteral("%1 \"%2\"").arg(name_of(*widget), text.text.left(40));
      weak_.try_emplace(what, QStringLiteral("%1: %2: %3 on %4 is %5 : 1, expected %6 : 1")
                                  .arg(where, what, text.color.name(), found.ground.name())
                                  .arg(found.ratio, 0, 'f', 2)
                                  .arg(needed));
    }
  }

  void look_at_menus() {
    for (const QAction* action : window_->menuBar()->actions()) {
      QMenu* menu = action->menu();
      if (menu == nullptr) continue;
      menu->popup(QPoint(0, 0));
      measure(*menu, QStringLiteral("menu ") + action->text());
      menu->close();
    }
  }

  void look_at_steps(const QString& of) {
    window_->show_page(PageId::kSetUp);
    for (int step = 0; step < 5; ++step) {
      window_->setup_page().choose_step(step);
      look(*window_, QStringLiteral("%1, step %2").arg(of).arg(step + 1));
    }
  }

  void look_at_pages(const QString& of) {
    Actions& actions = window_->actions();
    for (const PageId page : {PageId::kStart, PageId::kRun, PageId::kCompare, PageId::kLessons}) {
      window_->show_page(page);
      look(*window_, QStringLiteral("%1, %2").arg(of, actions.of_page(page)->objectName()));
    }
    look_at_steps(of);
    for (QAction* view : actions.inspect_views->actions()) {
      view->trigger();
      look(*window_, QStringLiteral("%1, %2").arg(of, view->objectName()));
    }
    window_->show_page(PageId::kRun);
    for (QTabBar* tabs : window_->findChildren<QTabBar*>()) {
      if (!tabs->isVisible()) continue;
      for (int tab = 0; tab < tabs->count(); ++tab) {
        tabs->setCurrentIndex(tab);
        look(*window_, QStringLiteral("%1, run, tab %2").arg(of).arg(tab + 1));
      }
    }
  }

  void look_at_lessons() {
    window_->show_page(PageId::kLessons);
    auto* lessons = window_->findChild<LessonsPage*>();
    QVERIFY(lessons);
    for (int row = 0; row < 7; ++row) {
      lessons->show_lesson(row);
      look(*window_, QStringLiteral("lesson %1").arg(row + 1));
    }
  }

  void look_at_messages() {
    auto* bar = window_->findChild<MessageBar*>();
    for (const MessageLevel level : {MessageLevel::kInfo, MessageLevel::kWarning, MessageLevel::kError}) {
      bar->showMessage(level, QStringLiteral("What happened, what it means, what to do."), QStringLiteral("Do it"));
      look(*window_, QStringLiteral("message %1").arg(static_cast<int>(level)));
    }
    bar->hide();
  }

  void look_at_dialogs() {
    Actions& actions = window_->actions();
    actions.palette->trigger();
    auto* palette = window_->findChild<CommandPalette*>();
    QVERIFY(palette);
    look(*palette, QStringLiteral("palette"));
    palette->close();
    actions.shortcuts->trigger();
    auto* shortcuts = window_->findChild<ShortcutsDialog*>();
    QVERIFY(shortcuts);
    look(*shortcuts, QStringLiteral("shortcuts"));
    shortcuts->close();
    actions.export_run->trigger();
    auto* dialog = window_->findChild<ExportDialog*>();
    QVERIFY(dialog);
    QTRY_VERIFY_WITH_TIMEOUT(!dialog->session().is_planning(), kPatience);
    look(*dialog, QStringLiteral("export"));
    dialog->close();
    auto* table = new DataTableDialog(QStringLiteral("Loss by step"),
                                      {{QStringLiteral("step"), QStringLiteral("loss")},
                                       50,
                                       [](int row, int column) { return QString::number(row * 10 + column); }},
                                      window_.get());
    table->show();
    look(*table, QStringLiteral("table"));
    table->close();
  }

  void choose(Theme theme) {
    (theme == Theme::kLight ? window_->actions().theme_light : window_->actions().theme_dark)->trigger();
    QCoreApplication::processEvents();
  }

  void themes() {
    QTest::addColumn<Theme>("theme");
    QTest::addRow("light") << Theme::kLight;
    QTest::addRow("dark") << Theme::kDark;
  }

  // Enough was looked at, and nothing of it is weak.
  bool stands_out(int least) {
    for (const auto& [what, sentence] : weak_) qWarning("%s", qPrintable(sentence));
    if (seen_ < least) qWarning("only %d words were seen, %d were covered", seen_, covered_);
    if (covered_ * 10 > seen_) qWarning("%d words are covered, %d are seen", covered_, seen_);
    return weak_.empty() && seen_ >= least && covered_ * 10 <= seen_;
  }

  std::map<QString, QString> weak_;  // by widget and words: where they were met first
  int seen_ = 0;
  int covered_ = 0;

 private Q_SLOTS:
  void init() {
    WindowFixture::init();
    weak_.clear();
    seen_ = covered_ = 0;
  }
  void cleanup() {
    WindowFixture::cleanup();
    apply_theme(Theme::kSystem);
  }

  void the_measure_finds_what_is_pale_data() { themes(); }
  void the_measure_finds_what_is_pale() {
    QFETCH(const Theme, theme);
    apply_theme(theme);
    QWidget box;
    auto* label = new QLabel(QStringLiteral("Half of what it should be"), &box);
    label->setObjectName(QStringLiteral("planted"));
    box.resize(400, 60);
    label->resize(box.size());
    box.show();
    const QColor ground = box.palette().color(QPalette::Window);
    const auto paint = [&](double share) {  // of the way from the ground to black or white
      QPalette colors = label->palette();
      const QColor ink = readable_text_on(ground);
      const auto mix = [share](int from, int to) { return static_cast<int>(std::lround(from + share * (to - from))); };
      colors.setColor(QPalette::WindowText, QColor(mix(ground.red(), ink.red()), mix(ground.green(), ink.green()),
                                                   mix(ground.blue(), ink.blue())));
      label->setPalette(colors);
      weak_.clear();
      measure(box, QStringLiteral("box"));
      return contrast_ratio(label->palette().color(QPalette::WindowText), ground);
    };
    QVERIFY(paint(1.0) > 7.0);
    QVERIFY(weak_.empty());
    const double half = paint(0.35);
    QVERIFY2(half > 1.3 && half < kText, qPrintable(QString::number(half)));
    QCOMPARE(weak_.size(), 1u);
    const QString sentence = weak_.begin()->second;
    QVERIFY2(sentence.contains(QLatin1String("planted")) && sentence.contains(ground.name()), qPrintable(sentence));
    // Of what is greyed out, less is asked; of what nobody can see, it is not too little.
    label->setEnabled(false);
    QPalette colors = label->palette();
    colors.setColor(QPalette::Disabled, QPalette::WindowText, ground);
    label->setPalette(colors);
    weak_.clear();
    measure(box, QStringLiteral("box"));
    QCOMPARE(weak_.size(), 1u);
    QVERIFY(seen_ >= 3);
  }

  void every_word_without_a_run_data() { themes(); }
  void every_word_without_a_run() {
    QFETCH(const Theme, theme);
    const Translations english(Language::kEnglish);
    open({});
    window_->resize(1280, 800);
    choose(theme);
    look_at_pages(QStringLiteral("no run"));
    look_at_lessons();
    look_at_messages();
    look_at_menus();
    QVERIFY(stands_out(600));
  }

  void every_word_with_a_run_data() { themes(); }
  void every_word_with_a_run() {
    QFETCH(const Theme, theme);
    const Translations english(Language::kEnglish);
    Script script;
    script.parity_every = 10;
    script.capture_every = 10;
    script.eval_every = 10;
    script.collapses_at = 20;
    open(script);
    window_->resize(1280, 800);
    choose(theme);
    start_demo();
    look_at_pages(QStringLiteral("run"));
    look_at_menus();
    look_at_dialogs();
    QVERIFY(stands_out(1000));
  }

  void every_word_of_a_set_up_data() { themes(); }
  void every_word_of_a_set_up() {
    QFETCH(const Theme, theme);
    const Translations english(Language::kEnglish);
    open({});
    window_->resize(1280, 800);
    choose(theme);
    window_->show_page(PageId::kSetUp);
    window_->setup_page().open_run_file(QString::fromStdString(resource_dir() + "/demo/lora/run.json"));
    look_at_steps(QStringLiteral("demo"));
    QVERIFY(stands_out(300));
  }
};

QTEST_MAIN(WindowContrastTest)
#include "window_contrast_test.moc"
