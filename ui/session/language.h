// The languages that the window speaks.
#pragma once

#include <QString>
#include <QTranslator>

namespace vernier::ui {

enum class Language { kSystem, kEnglish, kChinese };
// "system", "en", "zh_CN".
QString to_string(Language language);
// kSystem for any other name.
Language language_from_string(const QString& name);

// What kSystem comes to: Chinese where the desktop prefers simplified Chinese to English, else English. The others are
// themselves.
Language resolved(Language language);
// The one that the window speaks now.
Language spoken_language();

// Lets the application speak a language, for as long as this lives: its own words, Qt's where they are installed, and
// dates. To be made before the first widget: texts are not translated again.
class Translations {
 public:
  explicit Translations(Language language);

 private:
  QTranslator qt_;
  QTranslator window_;
};

}  // namespace vernier::ui
