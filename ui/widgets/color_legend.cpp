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
  QStringList words = {caption};
  for (const auto& tick : ticks) words << tick.second;
  setAccessibleName(words.join(QStringLiteral(", ")));
  updateGeometry();
  update();
}

QSize ColorLegend::sizeHint() const {
  const QFontMetrics metrics(scaled_font(font(), kFontScale));
  return {metrics.horizontalAdvance(caption_) + kSpace + kBarWidth, kBarHeight + 4 + metrics.height() + 2};
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
}

}  // namespace vernier::ui
