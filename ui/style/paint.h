// What several plots paint alike: figures, colour bars, read-outs.
#pragma once

#include <QPainter>
#include <QPalette>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <functional>

namespace vernier::ui {

// The text of a token as the run's tokenizer shows it ("\u2581the"); empty where it is not known.
using PieceLookup = std::function<QString(std::int32_t)>;

// A token's rank as people count it, 1 for the likeliest. `higher`: how many tokens scored higher, as the engine
// counts.
constexpr qint64 rank_from_one(qint64 higher) {
  return higher + 1;
}

// "1234567" as "1 234 567" with narrow spaces where no line ends. None ends within the figures below either.
QString grouped(qint64 number);
// A sentence whose plural form was chosen by `number`, with that number grouped: tr("rows: %n") of 1319 as "rows: 1
// 319".
QString with_grouped(QString sentence, qint64 number);
// `digits` significant digits, plain between 1e-4 and 1e6, with an exponent elsewhere; "not a number", "infinite".
QString figure(double value, int digits = 4);
// 1.5e6 as "1.5 MB" (decimal units).
QString byte_count(quint64 bytes);
// 0.123 as "12.3 %".
QString percent(double share, int decimals = 1);
// A probability the same way; one that would be rounded to nothing keeps its first figures: "0.0033 %".
QString chance(double probability, int decimals = 1);

// A token's piece so that white space can be seen: "\u2581" and blanks as a visible space, line breaks, tabs; "" as id.
QString visible_piece(const QString& piece, std::int32_t id);
// Whether the piece ends a line of text.
bool breaks_line(const QString& piece);

// The font with figures that keep their columns where the family has them, sized by `scale`.
QFont scaled_font(const QFont& font, double scale);

// A horizontal bar with `map` from left to right and words at the ticks (0 to 1, two or more) below it, those at its
// ends first: where there is no room for the others, they are left out. Returns the height used.
int paint_color_bar(QPainter& painter, const QRect& bar, const std::function<QColor(double)>& map,
                    const QList<QPair<double, QString>>& ticks, const QPalette& palette);

// Lines of text in a quiet box beside `at`, kept within `bounds`. colors: one a line, or invalid for plain text.
void paint_readout(QPainter& painter, const QPointF& at, const QRectF& bounds, const QStringList& lines,
                   const QList<QColor>& colors, const QPalette& palette);

// The smallest of 1, 2, 2.5, 5, 10 (times a power of ten) that is not below `value`.
double nice_ceiling(double value);

// Around a picture that has the keyboard.
void paint_focus(QPainter& painter, const QRect& rect, const QPalette& colors);

}  // namespace vernier::ui
