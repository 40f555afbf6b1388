// Models and data files that were used lately, as the window remembers them between two starts.
#pragma once

#include <QString>
#include <QStringList>

namespace vernier::ui {

enum class PathKind { kModel, kData };

// Newest first, without doubles, at most 12; what is no longer there is left out. GUI thread.
QStringList recent_paths(PathKind kind);
void remember_path(PathKind kind, const QString& path);

}  // namespace vernier::ui
