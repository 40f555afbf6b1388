#include "ui/widgets/color_legend.h"

#include <QPainter>
#include <algorithm>
#include <utility>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr int kBarHeight = 8;
constexpr int kBarWidth = 200;
constexpr int kSpace = 12;
constexpr int kSample = 24;  // of the hatching, wide
constexpr int kGap = 8;      // between it and its word
constexpr double kFontScale = 0.9;

}  // namespace

ColorLegend::ColorLegend(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ColorLegend::setScale(const QString& caption, std::function<QColor(double)> map,
                           const QList<QPair<double, QString>>& ticks) {
  caption_ = caption;
  map_ = std::move(map);
  ticks_ = ticks;
  describe();
}

void ColorLegend::setHatched(const QString& word) {
  hatched_ = word;
  describe();
}

void ColorLegend::describe() {
  QStringList words = {caption_};
  for (const auto& tick : ticks_) words << tick.second;
  if (!hatched_.isEmpty()) words << hatched_;
  setAccessibleName(words.join(QStringLiteral(", ")));
  updateGeometry();
  update();
}

QSize ColorLegend::sizeHint() const {
  const QFontMetrics metrics(scaled_font(font(), kFontScale));
  const int hatched = hatched_.isEmpty() ? 0 : 2 * kSpace + kSample + kGap + metrics.horizontalAdvance(hatched_) + 2;
  return {metrics.horizontalAdvance(caption_) + 2 + kSpace + kBarWidth + hatched,
          kBarHeight + 4 + metrics.height() + 2};
}

QSize ColorLegend::minimumSizeHint() const {
  return {kBarWidth / 2, sizeHint().height()};
}

void ColorLegend::paintEvent(QPaintEvent*) {
  if (!map_) return;
  QPainter painter(this);
  painter.setFont(scaled_font(font(), kFontScale));
  const QFontMetrics metrics(painter.font());
  const int words = std::min(metrics.horizontalAdvance(caption_) + 2, std::max(0, width() - kBarWidth / 2 - kSpace));
  painter.setPen(secondary_text(palette()));
  painter.drawText(QRect(0, 0, words, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(caption_, Qt::ElideRight, words));
  const QRect bar(words + kSpace, 2, std::min(kBarWidth, width() - words - kSpace), kBarHeight);
  paint_color_bar(painter, bar, map_, ticks_, palette());
  const QRect sample(bar.right() + 2 * kSpace, 1, kSample, metrics.height() - 2);
  if (hatched_.isEmpty() || sample.right() + kGap + metrics.horizontalAdvance(hatched_) > width()) return;
  painter.fillRect(sample, hatching(palette()));
  painter.setPen(axis_line(palette()));
  painter.drawRect(sample);
  painter.setPen(secondary_text(palette()));
  painter.drawText(QPoint(sample.right() + kGap, metrics.ascent()), hatched_);
}

}  // namespace vernier::ui
