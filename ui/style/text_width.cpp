#include "ui/style/text_width.h"

#include <algorithm>

namespace vernier::ui {

int character_width(const QFontMetrics& metrics) {
  const QString latin = QStringLiteral("abcdefghijklmnopqrstuvwxyz0123456789");
  return std::min(metrics.averageCharWidth(), metrics.horizontalAdvance(latin) / static_cast<int>(latin.size()));
}

}  // namespace vernier::ui
