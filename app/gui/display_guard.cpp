#include "app/gui/display_guard.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QMutex>
#include <QTranslator>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "ui/session/language.h"
#include "ui/session/settings.h"

namespace vernier {
namespace {

struct Said {
  QtMsgType type;
  QString text;
};

QMutex mutex;
std::vector<Said> said;

const char* const kSentence = QT_TRANSLATE_NOOP(
    "DisplayGuard",
    "display: got \"%1\" from Qt, expected one that answers. Set DISPLAY or WAYLAND_DISPLAY to one that runs, or "
    "QT_QPA_PLATFORM=offscreen to take a picture by --screenshot; or use vernier-cli.");

// No translator can be installed yet.
QString translated(const char* text) {
  const QCommandLineOption language(QStringLiteral("language"), {}, QStringLiteral("LANGUAGE"));
  QCommandLineParser parser;
  parser.addOption(language);
  parser.parse(QCoreApplication::arguments());
  ui::Language wanted = ui::language_from_string(parser.value(language));
  if (wanted == ui::Language::kSystem) wanted = ui::Settings().language();
  QTranslator translator;
  if (translator.load(QStringLiteral(":/i18n/vernier_") + ui::to_string(ui::resolved(wanted)))) {
    if (const QString found = translator.translate("DisplayGuard", text); !found.isEmpty()) return found;
  }
  return QString::fromUtf8(text);
}

void keep(QtMsgType type, const QMessageLogContext&, const QString& text) {
  QMutexLocker lock(&mutex);
  if (type != QtFatalMsg) {
    said.push_back({type, text});
    return;
  }
  // The first words name the display or the platform; those behind are about plugins.
  const QString reason = (said.empty() ? text : said.front().text).section(QLatin1Char('\n'), 0, 0).trimmed();
  lock.unlock();
  std::fprintf(stderr, "error: %s\n", qPrintable(translated(kSentence).arg(reason)));
  std::_Exit(1);
}

}  // namespace

DisplayGuard::DisplayGuard() {
  qInstallMessageHandler(keep);
}

DisplayGuard::~DisplayGuard() {
  qInstallMessageHandler(nullptr);
  for (const Said& one : std::exchange(said, {})) qt_message_output(one.type, QMessageLogContext(), one.text);
}

}  // namespace vernier
