#include "ui/session/recent_paths.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>

namespace vernier::ui {
namespace {

constexpr int kMost = 12;

QString key_of(PathKind kind) {
  return kind == PathKind::kModel ? QStringLiteral("recent_models") : QStringLiteral("recent_data");
}

}  // namespace

QStringList recent_paths(PathKind kind) {
  QStringList paths;
  for (const QString& path : QSettings().value(key_of(kind)).toStringList()) {
    if (QFileInfo::exists(path)) paths.append(path);
  }
  return paths;
}

void remember_path(PathKind kind, const QString& path) {
  QSettings store;
  const QString whole = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
  QStringList paths = store.value(key_of(kind)).toStringList();
  paths.removeAll(whole);
  paths.prepend(whole);
  while (paths.size() > kMost) paths.removeLast();
  store.setValue(key_of(kind), paths);
}

}  // namespace vernier::ui
