// vernier: the window.
#include <QAction>
#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QImageReader>
#include <QSettings>
#include <QTemporaryDir>
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "app/gui/close_on_signals.h"
#include "app/gui/display_guard.h"
#include "app/gui/screenshot.h"
#include "app/standard_streams.h"
#include "ui/frame/main_window.h"
#include "ui/frame/window_place.h"
#include "ui/pages/setup/setup_page.h"
#include "ui/session/draft_keeper.h"
#include "ui/session/language.h"
#include "ui/session/model_answers.h"
#include "ui/session/session_of.h"
#include "ui/widgets/engine_text.h"
#include "vernier/demo.h"
#include "vernier/devices.h"
#include "vernier/error.h"
#include "vernier/resources.h"
#include "vernier/run.h"
#include "vernier/run_config.h"

namespace {

using vernier::ui::PageId;

struct Options {
  QString open;
  bool demo = false;
  QString set_up;
  int step = 0;  // of the set-up, from 1; 0: the first
  QString screenshot;
  PageId page = PageId::kStart;
  QString view;  // of the Inspect page
  int tab = 0;   // of the Run page, from 1
  QString action;
  std::optional<QSize> size;
  std::optional<vernier::ui::Theme> theme;
};

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// Prints one sentence and ends. Nothing is under way that would have to be put away; what other threads still look for,
// such as devices, must not meet what an exit takes apart.
[[noreturn]] void refuse(const QString& sentence, int status = kUsage) {
  std::fprintf(stderr, "error: %s\n", qPrintable(sentence));
  std::fflush(nullptr);
  std::_Exit(status);
}

struct Words {
  Q_DECLARE_TR_FUNCTIONS(main)
};

const std::vector<std::pair<QLatin1String, PageId>>& page_names() {
  static const std::vector<std::pair<QLatin1String, PageId>> names = {
      {QLatin1String("start"), PageId::kStart},     {QLatin1String("setup"), PageId::kSetUp},
      {QLatin1String("run"), PageId::kRun},         {QLatin1String("inspect"), PageId::kInspect},
      {QLatin1String("compare"), PageId::kCompare}, {QLatin1String("lessons"), PageId::kLessons},
  };
  return names;
}

// "start, setup, ... "
QString page_list() {
  QStringList names;
  for (const auto& [name, page] : page_names()) names << name;
  return names.join(QStringLiteral(", "));
}

PageId parse_page(const QString& wanted) {
  for (const auto& [name, page] : page_names()) {
    if (wanted == name) return page;
  }
  refuse(Words::tr("--page: got %1, expected one of %2.").arg(wanted, page_list()));
}

QSize parse_size(const QString& text) {
  const QStringList sides = text.split(QLatin1Char('x'));
  const QSize size(sides.value(0).toInt(), sides.value(1).toInt());
  if (sides.size() == 2 && size.width() > 0 && size.height() > 0) return size;
  refuse(Words::tr("--size: got %1, expected WIDTHxHEIGHT, such as 1280x800.").arg(text));
}

// Of the set-up's steps, or of the Run page's tabs.
int parse_fifth(const char* option, const QString& text) {
  const int number = text.toInt();
  if (number >= 1 && number <= 5) return number;
  refuse(Words::tr("--%1: got %2, expected a number from 1 to 5.").arg(QLatin1String(option), text));
}

QCommandLineOption language_option() {
  return {QStringLiteral("language"),
          Words::tr("The window's language: en or zh_CN. Without it: as chosen in its View menu."),
          QStringLiteral("LANGUAGE")};
}

QCommandLineOption screenshot_option() {
  return {QStringLiteral("screenshot"), Words::tr("Writes the window to a picture and exits."), QStringLiteral("PNG")};
}

// What has to be known before the first text.
struct EarlyOptions {
  std::optional<vernier::ui::Language> language;
  bool is_screenshot = false;
};

EarlyOptions parse_early_options(const QCoreApplication& app) {
  QCommandLineParser parser;
  parser.addOptions({language_option(), screenshot_option()});
  parser.parse(app.arguments());  // the other options are for later
  EarlyOptions options;
  options.is_screenshot = parser.isSet(screenshot_option());
  if (!parser.isSet(language_option())) return options;
  const QString name = parser.value(language_option());
  options.language = vernier::ui::language_from_string(name);
  if (*options.language == vernier::ui::Language::kSystem) {
    refuse(Words::tr("--language: got %1, expected en or zh_CN.").arg(name));
  }
  return options;
}

vernier::ui::Theme parse_theme(const QString& name) {
  if (name == QLatin1String("light")) return vernier::ui::Theme::kLight;
  if (name == QLatin1String("dark")) return vernier::ui::Theme::kDark;
  refuse(Words::tr("--theme: got %1, expected light or dark.").arg(name));
}

// What a file manager hands over.
void take_argument(const QStringList& arguments, Options& options) {
  if (arguments.isEmpty()) return;
  if (arguments.size() > 1) {
    refuse(Words::tr("%1: got a second argument, expected one run at most.").arg(arguments[1]));
  }
  if (options.demo || !options.open.isEmpty() || !options.set_up.isEmpty()) {
    refuse(Words::tr("%1: got an argument beside --demo, --open or --set-up, expected one of them.").arg(arguments[0]));
  }
  const QFileInfo path(arguments[0]);
  if (path.isFile() && path.suffix() == QLatin1String("json")) {
    options.set_up = arguments[0];
  } else {
    options.open = path.isFile() ? path.absolutePath() : arguments[0];
  }
}

// A mistaken path must not cost a run its files.
void check_screenshot(const QString& path) {
  if (!path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive)) {
    refuse(Words::tr("--screenshot: got %1, expected a name that ends in .png.").arg(path));
  }
  const QFileInfo existing(path);
  if (existing.exists() && existing.size() > 0 && QImageReader::imageFormat(path) != "png") {
    refuse(
        Words::tr("--screenshot: got %1, which is something else than a PNG picture and is not replaced.").arg(path));
  }
}

Options parse_options(const QCoreApplication& app) {
  QCommandLineParser parser;
  parser.setApplicationDescription(Words::tr("Fine-tune language models and see what the training does."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addOptions({
      {QStringLiteral("open"), Words::tr("Opens a run folder."), QStringLiteral("RUN_DIR")},
      {QStringLiteral("demo"), Words::tr("Opens the bundled demo, ready to start.")},
      {QStringLiteral("set-up"), Words::tr("Sets up the run that a run file tells of."), QStringLiteral("RUN.json")},
      {QStringLiteral("step"), Words::tr("Of the set-up, counted from 1."), QStringLiteral("N")},
      language_option(),
      screenshot_option(),
      {QStringLiteral("page"), Words::tr("With --screenshot: one of %1.").arg(page_list()), QStringLiteral("PAGE")},
      {QStringLiteral("view"), Words::tr("With --screenshot: of the Inspect page, such as lens or balance."),
       QStringLiteral("VIEW")},
      {QStringLiteral("tab"), Words::tr("With --screenshot: of the Run page, counted from 1."), QStringLiteral("N")},
      {QStringLiteral("action"),
       Words::tr("With --screenshot: what is done before, such as palette, shortcuts or exportRun."),
       QStringLiteral("ACTION")},
      {QStringLiteral("size"), Words::tr("The window's size."), QStringLiteral("WxH")},
      {QStringLiteral("theme"), Words::tr("With --screenshot: light or dark."), QStringLiteral("THEME")},
  });
  parser.addPositionalArgument(QStringLiteral("RUN"),
                               Words::tr("A run folder or its run.db, opened; or a run file, set up."),
                               QStringLiteral("[RUN]"));
  parser.process(app);
  for (const char* name : {"open", "set-up", "screenshot"}) {
    const QString option = QLatin1String(name);
    if (parser.isSet(option) && parser.value(option).isEmpty()) {
      refuse(Words::tr("--%1: got an empty value, expected a path.").arg(option));
    }
  }
  Options options;
  options.open = parser.value(QStringLiteral("open"));
  options.demo = parser.isSet(QStringLiteral("demo"));
  options.set_up = parser.value(QStringLiteral("set-up"));
  take_argument(parser.positionalArguments(), options);
  if (parser.isSet(QStringLiteral("step"))) {
    options.step = parse_fifth("step", parser.value(QStringLiteral("step")));
  }
  if (parser.isSet(QStringLiteral("tab"))) {
    options.tab = parse_fifth("tab", parser.value(QStringLiteral("tab")));
  }
  options.action = parser.value(QStringLiteral("action"));
  options.screenshot = parser.value(QStringLiteral("screenshot"));
  if (!options.screenshot.isEmpty()) check_screenshot(options.screenshot);
  options.view = parser.value(QStringLiteral("view"));
  if (!options.view.isEmpty()) {
    options.page = PageId::kInspect;
  } else if (parser.isSet(QStringLiteral("page"))) {
    options.page = parse_page(parser.value(QStringLiteral("page")));
  } else if (!options.set_up.isEmpty() || options.step > 0) {
    options.page = PageId::kSetUp;
  } else if (options.demo || !options.open.isEmpty()) {
    options.page = PageId::kRun;
  }
  if (parser.isSet(QStringLiteral("size"))) options.size = parse_size(parser.value(QStringLiteral("size")));
  if (parser.isSet(QStringLiteral("theme"))) options.theme = parse_theme(parser.value(QStringLiteral("theme")));
  if (options.screenshot.isEmpty() && (parser.isSet(QStringLiteral("page")) || !options.view.isEmpty() ||
                                       options.theme || options.tab > 0 || !options.action.isEmpty())) {
    refuse(Words::tr("--page, --view, --tab, --action and --theme: got no --screenshot, expected one beside them."));
  }
  if (options.demo && !options.open.isEmpty()) refuse(Words::tr("--demo and --open: got both, expected one."));
  return options;
}

// The action that shows a view of the Inspect page; null where none is asked for.
QAction* view_action(vernier::ui::MainWindow& window, const QString& name) {
  if (name.isEmpty()) return nullptr;
  QStringList names;
  for (QAction* action : window.actions().inspect_views->actions()) {
    names << action->objectName().chopped(QStringLiteral("ViewAction").size());
    if (names.back() == name) return action;
  }
  refuse(Words::tr("--view: got %1, expected one of %2.").arg(name, names.join(QStringLiteral(", "))));
}

// The action that is asked for by its name; null where none is.
QAction* find_action(vernier::ui::MainWindow& window, const QString& name) {
  if (name.isEmpty()) return nullptr;
  QStringList names;
  for (QAction* action : window.actions().all()) {
    names << action->objectName().chopped(QStringLiteral("Action").size());
    if (names.back() == name) return action;
  }
  refuse(Words::tr("--action: got %1, expected one of %2.").arg(name, names.join(QStringLiteral(", "))));
}

// What the window would tell of a run file; a picture of that would pass for one of the set-up.
void check_set_up(const QString& run_file) {
  try {
    (void)vernier::RunConfig::from_file(run_file.toStdString());
  } catch (const vernier::Error& error) {
    refuse(vernier::ui::engine_text(error.what()), kFailed);
  }
}

// Shows a window with what the options ask for, until it is closed. notice: what it says first, or nothing. place: that
// of the window before it; afterwards that of this one, where another is to follow.
int show_window(const Options& options, vernier::ui::Workbench& workbench, const QString& notice,
                std::shared_ptr<const vernier::ui::WindowPlace>& place) {
  if (options.theme) workbench.settings().set_theme(*options.theme);
  vernier::ui::MainWindow window(workbench);
  const vernier::Scene scene{.page = options.page,
                             .view = view_action(window, options.view),
                             .run_tab = options.tab,
                             .action = find_action(window, options.action)};
  QObject::connect(&window, &vernier::ui::MainWindow::reopenWanted, &window,
                   [&place](const std::shared_ptr<const vernier::ui::WindowPlace>& left) { place = left; });
  if (options.size) window.resize(*options.size);
  window.show();
  if (!notice.isEmpty()) Q_EMIT workbench.noticed(vernier::MessageLevel::kWarning, notice);
  if (const auto left = std::exchange(place, nullptr)) window.take_place(*left);
  if (options.demo) workbench.open_demo();
  if (!options.open.isEmpty()) workbench.open_run(options.open);
  if (!options.set_up.isEmpty()) window.setup_page().open_run_file(options.set_up);
  if (options.step > 0) {
    window.show_page(PageId::kSetUp);
    window.setup_page().choose_step(options.step - 1);
  }
  std::unique_ptr<vernier::Screenshot> screenshot;
  if (!options.screenshot.isEmpty()) {
    screenshot = std::make_unique<vernier::Screenshot>(workbench, window, options.screenshot, scene);
  }
  return QApplication::exec();
}

bool holds_any(std::span<char* const> given, std::initializer_list<std::string_view> wanted) {
  return std::any_of(given.begin(), given.end(), [&](const char* one) {
    return std::find(wanted.begin(), wanted.end(), std::string_view(one)) != wanted.end();
  });
}

// Asks for text, which needs no display.
bool is_question(std::span<char* const> given) {
  return holds_any(given, {"-h", "--help", "--help-all", "-v", "--version"});
}

// Without one Qt ends the process by a signal.
bool has_display(std::span<char* const> given) {
  return holds_any(given, {"-platform", "--platform"}) || !qEnvironmentVariableIsEmpty("DISPLAY") ||
         !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") || !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
}

// Prints what was asked for, or why there is no window.
int answer_without_window(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication app(argc, argv);
  const EarlyOptions early = parse_early_options(app);
  const vernier::ui::Translations translations(early.language.value_or(vernier::ui::Settings().language()));
  parse_options(app);  // ends the process where help or the version is asked for
  refuse(Words::tr("display: got none, expected DISPLAY or WAYLAND_DISPLAY to name one. Set QT_QPA_PLATFORM=offscreen "
                   "to take a picture by --screenshot, or use vernier-cli."),
         kFailed);
}

}  // namespace

int main(int argc, char** argv) {
  vernier::prepare_process();
  QCoreApplication::setOrganizationName(QStringLiteral("Vernier"));
  QCoreApplication::setApplicationName(QStringLiteral("vernier"));
  QCoreApplication::setApplicationVersion(QStringLiteral(VERNIER_VERSION));
  const std::span<char* const> given(argv, static_cast<std::size_t>(argc));
  if (is_question(given) || !has_display(given)) return answer_without_window(argc, argv);
  std::optional<vernier::DisplayGuard> guard(std::in_place);
  QApplication app(argc, argv);
  guard.reset();
  // Qt takes the desktop's locale; numbers in files are always written and read with a point.
  std::setlocale(LC_NUMERIC, "C");
  QApplication::setApplicationDisplayName(QStringLiteral("Vernier"));
  // The desktop entry's name, by which the desktop finds the icon.
  QGuiApplication::setDesktopFileName(QStringLiteral("org.vernier.Vernier"));
  const EarlyOptions early = parse_early_options(app);

  // A picture neither shows nor changes what the window remembers.
  std::optional<QTemporaryDir> no_settings;
  if (early.is_screenshot) {
    no_settings.emplace();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, no_settings->path());
  }
  std::optional<vernier::ui::Translations> translations;
  translations.emplace(early.language.value_or(vernier::ui::Settings().language()));
  Options options = parse_options(app);
  if (!options.screenshot.isEmpty() && !options.set_up.isEmpty()) check_set_up(options.set_up);
  if (options.screenshot.isEmpty()) vernier::close_on_signals(&app);
  const vernier::ui::EngineAccess engine{.train = vernier::run_training,
                                         .answer = vernier::ui::answer_prompts,
                                         .load_demo = vernier::load_demo,
                                         .list_devices = vernier::list_devices};
  // Outlives the windows: neither a run that goes on nor one that is being set up ends with a language.
  vernier::ui::Workbench workbench(engine, QString::fromStdString(vernier::default_runs_dir()));
  // A picture shows what was asked for, and not what somebody was about.
  std::optional<vernier::ui::DraftKeeper> keeper;
  if (options.screenshot.isEmpty()) {
    keeper.emplace(workbench.draft(), QFileInfo(workbench.runs_dir()).dir().filePath(QStringLiteral("set-up.json")));
  }
  std::shared_ptr<const vernier::ui::WindowPlace> place;
  QString notice = keeper ? keeper->problem() : QString();
  for (;;) {
    const int status = show_window(options, workbench, notice, place);
    if (!place) return status;
    // What the command line asked for is done, and the language is the one of the menu now.
    options = {};
    notice.clear();
    vernier::ui::renew_sessions(workbench);
    translations.emplace(workbench.settings().language());
  }
}
