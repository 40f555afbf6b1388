#include "ui/session/lesson_text.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "ui/session/lesson_experiments.h"
#include "vernier/error.h"
#include "vernier/resources.h"

namespace vernier::ui {
namespace {

QString text_of(const nlohmann::json& value) {
  return QString::fromStdString(value.get<std::string>());
}

QStringList list_of(const nlohmann::json& value) {
  QStringList out;
  for (const nlohmann::json& entry : value) out.append(text_of(entry));
  return out;
}

LessonText read_lesson(const std::string& id, const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) {
    fail(ErrorCode::kNotFound, path.toStdString(), "lesson: got no such file, expected one. Reinstall Vernier.");
  }
  try {
    const nlohmann::json json = nlohmann::json::parse(file.readAll().toStdString());
    LessonText lesson{.id = id,
                      .title = text_of(json.at("title")),
                      .minutes = json.at("minutes").get<int>(),
                      .teaches = text_of(json.at("teaches")),
                      .intro = list_of(json.at("intro")),
                      .question = text_of(json.at("question")),
                      .choices = list_of(json.at("choices")),
                      .answer = json.at("answer").get<int>(),
                      .right = text_of(json.at("right")),
                      .wrong = text_of(json.at("wrong")),
                      .reveal = list_of(json.at("reveal")),
                      .remember = text_of(json.at("remember")),
                      .labels = {}};
    for (const auto& [key, label] : json.at("labels").items()) {
      lesson.labels.insert(QString::fromStdString(key), text_of(label));
    }
    if (lesson.answer < 0 || lesson.answer >= lesson.choices.size()) {
      fail(ErrorCode::kInvalidInput, path.toStdString(), "answer: got a number that is none of the choices.");
    }
    return lesson;
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorCode::kInvalidInput, path.toStdString(), std::string("lesson: ") + error.what());
  }
}

}  // namespace

std::vector<LessonText> load_lessons(const QString& language) {
  const QDir folder(QString::fromStdString(resource_dir() + "/lessons"));
  std::vector<LessonText> lessons;
  for (const std::string& id : lesson_ids()) {
    const QString name = QString::fromStdString(id) + QStringLiteral(".json");
    const QString translated = folder.filePath(language + QLatin1Char('/') + name);
    lessons.push_back(
        read_lesson(id, QFileInfo::exists(translated) ? translated : folder.filePath(QStringLiteral("en/") + name)));
  }
  return lessons;
}

QString filled_in(const QString& text, const std::map<std::string, std::string>& values) {
  QString out = text;
  for (const auto& [key, value] : values) {
    out.replace(QLatin1Char('{') + QString::fromStdString(key) + QLatin1Char('}'), QString::fromStdString(value));
  }
  return out;
}

}  // namespace vernier::ui
