#include "ui/style/sentences.h"

#include <QLocale>

namespace vernier::ui {

QString in_a_row(const QStringList& sentences) {
  return sentences.join(QLocale().language() == QLocale::Chinese ? QString() : QStringLiteral(" "));
}

}  // namespace vernier::ui
