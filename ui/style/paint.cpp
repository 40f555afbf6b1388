#include "ui/style/paint.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QRegularExpression>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/style/color_maps.h"
#include "ui/style/text_width.h"

namespace vernier::ui {
namespace {

// Narrow, and neither ends a line.
const QChar kGroupSpace(0x202F);
const QChar kUnitSpace(0x00A0);
const QChar kMinus(0x2212);

struct Words {
  Q_DECLARE_TR_FUNCTIONS(Paint)
};

}  // namespace

QString grouped(qint64 number) {
  QString digits = QString::number(number < 0 ? -number : number);
  for (qsizetype at = digits.size() - 3; at > 0; at -= 3) digits.insert(at, kGroupSpace);
  return number < 0 ? kMinus + digits : digits;
}

QString with_grouped(QString sentence, qint64 number) {
  // Not within another number.
  const QRegularExpression alone(QStringLiteral("(?<![\\d.])%1(?![\\d])").arg(number));
  const QRegularExpressionMatch match = alone.match(sentence);
  return match.hasMatch() ? sentence.replace(match.capturedStart(), match.capturedLength(), grouped(number)) : sentence;
}

QString figure(double value, int digits) {
  if (std::isnan(value)) return Words::tr("not a number");
  if (std::isinf(value)) return value < 0 ? Words::tr("\u2212infinite") : Words::tr("infinite");
  if (value == 0.0) return QStringLiteral("0");
  const double size = std::abs(value);
  QString text;
  if (size < 1e-4 || size >= 1e6) {
    text = QString::number(size, 'e', std::max(0, digits - 2));
    const qsizetype e = text.indexOf('e');
    const int exponent = text.mid(e + 1).toInt();
    text = text.left(e) + QStringLiteral("e") + (exponent < 0 ? QString(kMinus) : QString()) +
           QString::number(std::abs(exponent));
  } else {
    const int whole = static_cast<int>(std::floor(std::log10(size))) + 1;
    text = QString::number(size, 'f', std::max(0, digits - whole));
  }
  return value < 0 ? kMinus + text : text;
}

QString byte_count(quint64 bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000.0;
    ++unit;
  }
  const int decimals = unit > 0 && value < 99.95 ? 1 : 0;
  return QString::number(value, 'f', decimals) + kUnitSpace + QLatin1String(kUnits[unit]);
}

QString percent(double share, int decimals) {
  if (!std::isfinite(share)) return figure(share);
  //: A percentage. Chinese has no blank before its sign.
  return Words::tr("%1\u00a0%").arg(QString::number(share * 100.0, 'f', decimals));
}

QString chance(double probability, int decimals) {
  const bool is_lost = probability > 0.0 && 100.0 * probability < 0.5 * std::pow(10.0, -decimals);
  if (!is_lost) return percent(probability, decimals);
  return figure(100.0 * probability, 2) + kUnitSpace + QLatin1Char('%');
}

QString visible_piece(const QString& piece, std::int32_t id) {
  if (piece.isEmpty()) return QStringLiteral("⟨%1⟩").arg(id);
  QString text;
  for (const QChar c : piece) {
    if (c == QChar(0x2581) || c == ' ') {
      text += QChar(0x2423);
    } else if (c == '\n') {
      text += QChar(0x21B5);
    } else if (c == '\t') {
      text += QChar(0x21E5);
    } else if (c == '\r') {
      text += QChar(0x240D);
    } else {
      text += c;
    }
  }
  // SentencePiece's byte piece of a line feed.
  return text == QLatin1String("<0x0A>") ? QString(QChar(0x21B5)) : text;
}

bool breaks_line(const QString& piece) {
  return piece.endsWith('\n') || piece == QLatin1String("<0x0A>");
}

QFont scaled_font(const QFont& font, double scale) {
  QFont scaled = font;
  if (font.pointSizeF() > 0) {
    scaled.setPointSizeF(font.pointSizeF() * scale);
  } else {
    scaled.setPixelSize(std::max(1, static_cast<int>(std::lround(font.pixelSize() * scale))));
  }
  return scaled;
}

int paint_color_bar(QPainter& painter, const QRect& bar, const std::function<QColor(double)>& map,
                    const QList<QPair<double, QString>>& ticks, const QPalette& palette) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  QLinearGradient gradient(bar.left(), 0, bar.right(), 0);
  constexpr int kStops = 32;
  for (int i = 0; i <= kStops; ++i) gradient.setColorAt(i / double(kStops), map(i / double(kStops)));
  painter.fillRect(bar, gradient);
  const QFontMetrics metrics(painter.font());
  QList<QRect> taken;
  const auto paint_tick = [&](double at, const QString& word) {
    const int x = bar.left() + static_cast<int>(std::lround(at * (bar.width() - 1)));
    const int width = metrics.horizontalAdvance(word);
    // The words at the ends stay within the bar's width.
    const int left = std::clamp(x - width / 2, bar.left(), std::max(bar.left(), bar.right() + 1 - width));
    const QRect place(left, bar.bottom() + 4, width + character_width(metrics), metrics.height());
    if (std::any_of(taken.begin(), taken.end(), [&place](const QRect& other) { return other.intersects(place); })) {
      return;
    }
    taken.append(place);
    painter.setPen(axis_line(palette));
    painter.drawLine(x, bar.bottom() + 1, x, bar.bottom() + 3);
    painter.setPen(secondary_text(palette));
    painter.drawText(left, place.top() + metrics.ascent(), word);
  };
  for (const auto& [at, word] : {ticks.front(), ticks.back()}) paint_tick(at, word);
  for (const auto& [at, word] : ticks.mid(1, ticks.size() - 2)) paint_tick(at, word);
  painter.restore();
  return bar.height() + 4 + metrics.height();
}

void paint_readout(QPainter& painter, const QPointF& at, const QRectF& bounds, const QStringList& lines,
                   const QList<QColor>& colors, const QPalette& palette) {
  constexpr double kPad = 8.0;
  constexpr double kAway = 12.0;
  const QFontMetricsF metrics(painter.font());
  double width = 0.0;
  for (const QString& line : lines) width = std::max(width, metrics.horizontalAdvance(line));
  QRectF box(0, 0, width + 2 * kPad, metrics.lineSpacing() * static_cast<double>(lines.size()) + 2 * kPad - 4);
  box.moveTo(at.x() + kAway, at.y() + kAway);
  if (box.right() > bounds.right()) box.moveRight(at.x() - kAway);
  if (box.bottom() > bounds.bottom()) box.moveBottom(at.y() - kAway);
  if (box.left() < bounds.left()) box.moveLeft(bounds.left());
  if (box.top() < bounds.top()) box.moveTop(bounds.top());

  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(QPen(grid_line(palette), 1.0));
  painter.setBrush(readout_background(palette));
  painter.drawRoundedRect(box, 3, 3);
  double y = box.top() + kPad - 2 + metrics.ascent();
  for (qsizetype i = 0; i < lines.size(); ++i) {
    const bool has_color = i < colors.size() && colors[i].isValid();
    painter.setPen(has_color ? legible(colors[i], palette.color(QPalette::Base)) : palette.color(QPalette::Text));
    painter.drawText(QPointF(box.left() + kPad, y), lines[i]);
    y += metrics.lineSpacing();
  }
  painter.restore();
}

double nice_ceiling(double value) {
  if (!(value > 0.0) || !std::isfinite(value)) return 1.0;
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 2.5, 5.0}) {
    if (value <= step * power * (1 + 1e-12)) return step * power;
  }
  return 10.0 * power;
}

void paint_focus(QPainter& painter, const QRect& rect, const QPalette& colors) {
  painter.setPen(QPen(colors.color(QPalette::Highlight), 1.0));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5));
}

}  // namespace vernier::ui
