#include "ui/session/run_file.h"

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <exception>
#include <nlohmann/json.hpp>

#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

void rebase(std::string& path, const QDir& folder) {
  if (path.empty()) return;
  const QString whole = QDir::cleanPath(QFileInfo(QString::fromStdString(path)).absoluteFilePath());
  const QString relative = folder.relativeFilePath(whole);
  path = (relative.startsWith(QLatin1String("..")) ? whole : relative).toStdString();
}

QString quoted(const QString& text) {
  QString inner = text;
  return '\'' + inner.replace(QLatin1Char('\''), QLatin1String("'\\''")) + '\'';
}

}  // namespace

QString run_config_problem(const RunConfig& config) {
  try {
    RunConfig::from_json(config.to_json(), "");
  } catch (const std::exception& error) {
    return engine_text(error.what());
  }
  return {};
}

void save_run_file(const RunConfig& config, const QString& path) {
  const QDir folder = QFileInfo(path).absoluteDir();
  RunConfig moved = config;
  rebase(moved.model_name_or_path, folder);
  if (moved.adapter_name_or_path) rebase(*moved.adapter_name_or_path, folder);
  rebase(moved.dataset.path, folder);
  if (moved.eval_dataset) rebase(moved.eval_dataset->path, folder);
  if (moved.batch) rebase(*moved.batch, folder);
  // A built-in template's id is a plain word, not a path.
  if (moved.chat_template.find('/') != std::string::npos) rebase(moved.chat_template, folder);
  const std::string text = moved.to_json().dump(2) + "\n";
  QSaveFile file(path);
  if (!folder.mkpath(QStringLiteral(".")) || !file.open(QIODevice::WriteOnly) ||
      file.write(text.data(), static_cast<qint64>(text.size())) != static_cast<qint64>(text.size()) || !file.commit()) {
    fail(ErrorCode::kIo, path.toStdString(),
         "the run file cannot be written: " + file.errorString().toStdString() + ". Choose another folder.");
  }
}

QString train_command(const QString& run_file, const QString& run_dir) {
  return QStringLiteral("vernier-cli train --config %1 --out %2").arg(quoted(run_file), quoted(run_dir));
}

}  // namespace vernier::ui
