#include "ui/widgets/engine_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <array>
#include <vector>

#include "ui/widgets/engine_phrases.h"

namespace vernier::ui {
namespace {

constexpr int kMostPlaces = 9;

struct Pattern {
  const char* phrase;
  QRegularExpression expression;
  std::vector<int> places;  // the numbers of its places, from the left
};

Pattern make_pattern(const char* phrase) {
  static const QRegularExpression kPlace(QStringLiteral("%(\\d)"));
  const QString text = QString::fromUtf8(phrase);
  Pattern pattern{phrase, {}, {}};
  QString expression;
  qsizetype at = 0;
  for (const QRegularExpressionMatch& match : kPlace.globalMatch(text)) {
    expression += QRegularExpression::escape(text.mid(at, match.capturedStart() - at)) + QStringLiteral("(.+?)");
    pattern.places.push_back(match.captured(1).toInt());
    at = match.capturedEnd();
  }
  expression += QRegularExpression::escape(text.mid(at));
  pattern.expression = QRegularExpression(QRegularExpression::anchoredPattern(expression),
                                          QRegularExpression::DotMatchesEverythingOption);
  return pattern;
}

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> kPatterns = [] {
    std::vector<Pattern> made;
    for (const char* phrase : engine_phrases()) made.push_back(make_pattern(phrase));
    return made;
  }();
  return kPatterns;
}

// A share as the engine writes it, as the window does.
QString localised(const QString& value) {
  static const QRegularExpression kShare(QStringLiteral("^(-?\\d[\\d.]*) %$"));
  const QRegularExpressionMatch match = kShare.match(value);
  return match.hasMatch() ? QCoreApplication::translate("Paint", "%1\u00a0%").arg(match.captured(1)) : value;
}

QString translated(const QString& text) {
  for (const Pattern& pattern : patterns()) {
    const QRegularExpressionMatch match = pattern.expression.match(text);
    if (!match.hasMatch()) continue;
    // What stands in a place may be a phrase itself. It is shorter than the text, so this ends.
    std::array<QString, kMostPlaces + 1> values;
    for (std::size_t i = 0; i < pattern.places.size(); ++i) {
      values[static_cast<std::size_t>(pattern.places[i])] = translated(match.captured(static_cast<int>(i) + 1));
    }
    QString out;
    const QString sentence = QCoreApplication::translate("Engine", pattern.phrase);
    for (qsizetype at = 0; at < sentence.size(); ++at) {
      const bool is_place = sentence[at] == QLatin1Char('%') && at + 1 < sentence.size() && sentence[at + 1].isDigit();
      out += is_place ? values[static_cast<std::size_t>(sentence[++at].digitValue())] : QString(sentence[at]);
    }
    return out;
  }
  return localised(text);
}

}  // namespace

QString engine_text(const std::string& text) {
  const QString said = QString::fromStdString(text);
  return QLocale().language() == QLocale::English ? said : translated(said);
}

}  // namespace vernier::ui
