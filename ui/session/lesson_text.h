// The words of the lessons, which stand in resources/lessons, one file a lesson and language.
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>
#include <map>
#include <string>
#include <vector>

namespace vernier::ui {

struct LessonText {
  std::string id;
  QString title;
  int minutes = 0;
  QString teaches;  // in a sentence
  QStringList intro;
  QString question;
  QStringList choices;
  int answer = 0;  // of the choices
  QString right;
  QString wrong;
  QStringList reveal;  // {name} stands for a value of the experiment
  QString remember;
  QHash<QString, QString> labels;  // of the experiment's keys
};

// All lessons in their order, in `language` ("zh_CN") where it has them, else in English. Throws Error{kNotFound,
// kInvalidInput} for a file that is missing or not as it should be.
std::vector<LessonText> load_lessons(const QString& language);

// `text` with the values in the places of their names.
QString filled_in(const QString& text, const std::map<std::string, std::string>& values);

}  // namespace vernier::ui
