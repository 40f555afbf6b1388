#include "ui/session/language.h"

#include <QFont>
#include <QFontDatabase>
#include <QFontInfo>
#include <QGuiApplication>
#include <QLibraryInfo>
#include <QLocale>

namespace vernier::ui {
namespace {

// Figures have a decimal point everywhere in the window, so fields have it too.
QLocale locale_of(Language language) {
  if (language == Language::kChinese) return QLocale(QLocale::Chinese, QLocale::China);
  const QLocale system = QLocale::system();
  const bool fits = system.language() == QLocale::English && system.decimalPoint() == QLatin1String(".");
  return fits ? QLocale(system.language(), system.territory()) : QLocale(QLocale::English);
}

// Where the desktop's font has no Chinese, another fills in: one of Japan's glyphs, perhaps, and of another height than
// the one that widgets reckon with. One that is made for it serves all of the text.
void use_font_for(Language language) {
  static const QFont desktops = QGuiApplication::font();
  QFont font = desktops;
  if (language == Language::kChinese) {
    const QStringList families = QFontDatabase::families(QFontDatabase::SimplifiedChinese);
    const QString preferred = QStringLiteral("Noto Sans CJK SC");
    if (!families.isEmpty() && !families.contains(QFontInfo(font).family())) {
      font.setFamilies(QStringList{families.contains(preferred) ? preferred : families.front()} << font.families());
    }
  }
  QGuiApplication::setFont(font);
}

}  // namespace

QString to_string(Language language) {
  switch (language) {
    case Language::kSystem:
      return QStringLiteral("system");
    case Language::kEnglish:
      return QStringLiteral("en");
    case Language::kChinese:
      return QStringLiteral("zh_CN");
  }
  return {};
}

Language language_from_string(const QString& name) {
  if (name == QLatin1String("en")) return Language::kEnglish;
  if (name == QLatin1String("zh_CN")) return Language::kChinese;
  return Language::kSystem;
}

Language resolved(Language language) {
  if (language != Language::kSystem) return language;
  for (const QString& name : QLocale::system().uiLanguages()) {
    const QLocale wanted(name);
    if (wanted.language() == QLocale::English) return Language::kEnglish;
    if (wanted.language() == QLocale::Chinese && wanted.script() == QLocale::SimplifiedHanScript) {
      return Language::kChinese;
    }
  }
  return Language::kEnglish;
}

Language spoken_language() {
  return QLocale().language() == QLocale::Chinese ? Language::kChinese : Language::kEnglish;
}

Translations::Translations(Language language) {
  const QLocale locale = locale_of(resolved(language));
  QLocale::setDefault(locale);
  use_font_for(spoken_language());
  const QString separator = QStringLiteral("_");
  // The first installed is asked last: the window's own words win.
  if (qt_.load(locale, QStringLiteral("qtbase"), separator, QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
    QCoreApplication::installTranslator(&qt_);
  }
  if (window_.load(locale, QStringLiteral("vernier"), separator, QStringLiteral(":/i18n"))) {
    QCoreApplication::installTranslator(&window_);
  }
}

}  // namespace vernier::ui
