// The words of a widget as they are drawn: where, in which colour and font, and on what.
#pragma once

#include <qcustomplot.h>

#include <QFont>
#include <QHash>
#include <QImage>
#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainter>
#include <QPen>
#include <QPixmap>
#include <QPointer>
#include <QWidget>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "ui/style/color_maps.h"

namespace vernier::test {

struct DrawnText {
  QString text;
  QRectF place;  // of what is not clipped away, in the widget that was drawn
  QColor color;  // opacity in its alpha
  double points = 0.0;
  bool is_bold = false;

  // WCAG's large text: 18 points, or 14 in bold.
  bool is_large() const { return points >= 18.0 || (is_bold && points >= 14.0); }
};

// A paint device that notes the words drawn on it and drops the rest.
class TextRecorder : public QPaintDevice {
 public:
  explicit TextRecorder(const QSize& size, double points_per_pixel)
      : size_(size), dots_per_inch_(static_cast<int>(std::lround(72.0 / points_per_pixel))), engine_(*this) {}

  QPaintEngine* paintEngine() const override { return &engine_; }
  std::vector<DrawnText>& texts() { return texts_; }

 protected:
  int metric(PaintDeviceMetric metric) const override {
    switch (metric) {
      case PdmWidth:
        return size_.width();
      case PdmHeight:
        return size_.height();
      case PdmDpiX:
      case PdmDpiY:
      case PdmPhysicalDpiX:
      case PdmPhysicalDpiY:
        return dots_per_inch_;
      case PdmDevicePixelRatio:
      case PdmDepth:
        return metric == PdmDepth ? 32 : 1;
      case PdmDevicePixelRatioScaled:
        return static_cast<int>(devicePixelRatioFScale());
      default:
        return QPaintDevice::metric(metric);
    }
  }

 private:
  class Engine : public QPaintEngine {
   public:
    explicit Engine(TextRecorder& recorder) : QPaintEngine(AllFeatures), recorder_(recorder) {}

    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    Type type() const override { return User; }
    void updateState(const QPaintEngineState& now) override {
      if (now.state() & DirtyPen) pen_ = now.pen();
      if (now.state() & DirtyOpacity) opacity_ = now.opacity();
      if (now.state() & DirtyTransform) transform_ = now.transform();
      if (now.state() & DirtyClipEnabled) clips_ = now.isClipEnabled();
      if (now.state() & DirtyClipRegion) {
        note_clip(now.clipOperation(), now.transform().map(now.clipRegion()).boundingRect());
      }
      if (now.state() & DirtyClipPath) {
        note_clip(now.clipOperation(), now.transform().map(now.clipPath()).boundingRect());
      }
    }

    void drawTextItem(const QPointF& at, const QTextItem& item) override {
      if (item.text().trimmed().isEmpty()) return;
      QRectF place =
          transform_.mapRect(QRectF(at.x(), at.y() - item.ascent(), item.width(), item.ascent() + item.descent()));
      place &= QRectF(QPointF(0, 0), recorder_.size_);
      if (!systemClip().isEmpty()) place &= QRectF(systemClip().boundingRect());
      if (clips_) place &= clip_;
      if (place.width() < 1.0 || place.height() < 1.0) return;
      QColor color = pen_.color();
      color.setAlphaF(static_cast<float>(color.alphaF() * opacity_));
      const QFont font = item.font();
      const double points =
          font.pointSizeF() > 0.0 ? font.pointSizeF() : font.pixelSize() * 72.0 / recorder_.dots_per_inch_;
      recorder_.texts_.push_back({item.text(), place, color, points, font.bold()});
    }
    void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override {}
    void drawTiledPixmap(const QRectF&, const QPixmap&, const QPointF&) override {}
    void drawImage(const QRectF&, const QImage&, const QRectF&, Qt::ImageConversionFlags) override {}
    void drawPath(const QPainterPath&) override {}
    void drawRects(const QRect*, int) override {}
    void drawRects(const QRectF*, int) override {}
    void drawLines(const QLine*, int) override {}
    void drawLines(const QLineF*, int) override {}
    void drawEllipse(const QRectF&) override {}
    void drawEllipse(const QRect&) override {}
    void drawPoints(const QPointF*, int) override {}
    void drawPoints(const QPoint*, int) override {}
    void drawPolygon(const QPointF*, int, PolygonDrawMode) override {}
    void drawPolygon(const QPoint*, int, PolygonDrawMode) override {}

   private:
    void note_clip(Qt::ClipOperation operation, const QRectF& region) {
      if (operation == Qt::NoClip) {
        clips_ = false;
        return;
      }
      clip_ = operation == Qt::IntersectClip && clips_ ? clip_ & region : region;
      clips_ = true;
    }

    TextRecorder& recorder_;
    QPen pen_;
    QTransform transform_;
    QRectF clip_;
    double opacity_ = 1.0;
    bool clips_ = false;
  };

  QSize size_;
  int dots_per_inch_;
  std::vector<DrawnText> texts_;
  mutable Engine engine_;
};

// The words of `widget` and what stands in it. Plots of QCustomPlot draw into pictures of their own: these are asked
// to draw once more.
inline std::vector<DrawnText> drawn_texts(QWidget& widget) {
  const double points_per_pixel = 72.0 / widget.logicalDpiY();
  TextRecorder recorder(widget.size(), points_per_pixel);
  widget.render(&recorder);
  QList<QCustomPlot*> plots = widget.findChildren<QCustomPlot*>();
  if (auto* self = qobject_cast<QCustomPlot*>(&widget)) plots << self;
  for (QCustomPlot* plot : std::as_const(plots)) {
    if (!plot->isVisibleTo(&widget)) continue;
    TextRecorder of_plot(plot->size(), points_per_pixel);
    QCPPainter painter(&of_plot);
    plot->toPainter(&painter, plot->width(), plot->height());
    painter.end();
    const QPointF origin = plot->mapTo(&widget, QPoint(0, 0));
    const QRectF seen = QRectF(plot->visibleRegion().boundingRect()).translated(origin);
    for (DrawnText& text : of_plot.texts()) {
      text.place = text.place.translated(origin) & seen;
      if (text.place.width() >= 1.0 && text.place.height() >= 1.0) recorder.texts().push_back(std::move(text));
    }
  }
  return std::move(recorder.texts());
}

// What a text stands on, and how it stands out from that.
struct TextContrast {
  QColor ground;
  double ratio = 1.0;      // of its colour to the ground
  double strongest = 1.0;  // of any pixel in its place: small next to ratio where something covers it
};

inline TextContrast contrast_of(const DrawnText& text, const QImage& picture) {
  const double scale = picture.devicePixelRatio();
  const QRect place = QRectF(text.place.topLeft() * scale, text.place.size() * scale).toAlignedRect() & picture.rect();
  // A single letter, which a mnemonic's is, and the line below it may fill most of their place: what is beside counts
  // too.
  QRect around = place;
  if (place.width() < 2 * place.height()) around.adjust(-place.height(), -1, place.height(), 1);
  around &= picture.rect();
  QHash<QRgb, int> count;
  for (int y = around.top(); y <= around.bottom(); ++y) {
    for (int x = around.left(); x <= around.right(); ++x) ++count[picture.pixel(x, y)];
  }
  TextContrast out;
  const auto inked = [&](const QColor& ground) {
    const auto mix = [&](int ink, int paper) {
      return static_cast<int>(std::lround(paper + text.color.alphaF() * (ink - paper)));
    };
    return QColor(mix(text.color.red(), ground.red()), mix(text.color.green(), ground.green()),
                  mix(text.color.blue(), ground.blue()));
  };
  // The most frequent colour; of bold letters close together that may be their own, and then the next one counts, where
  // there is much of it.
  QList<std::pair<int, QRgb>> by_count;
  for (auto it = count.cbegin(); it != count.cend(); ++it) by_count.append({it.value(), it.key()});
  std::sort(by_count.begin(), by_count.end(), [](const auto& a, const auto& b) { return a > b; });
  if (by_count.isEmpty()) return out;
  out.ground = QColor(by_count.front().second);
  constexpr int kMuch = 5;  // one of so many pixels
  if (ui::contrast_ratio(inked(out.ground), out.ground) < 1.05 && by_count.size() > 1 &&
      by_count[1].first * kMuch >= around.width() * around.height()) {
    out.ground = QColor(by_count[1].second);
  }
  out.ratio = ui::contrast_ratio(inked(out.ground), out.ground);
  for (const auto& [pixels, color] : std::as_const(by_count)) {
    out.strongest = std::max(out.strongest, ui::contrast_ratio(QColor(color), out.ground));
  }
  return out;
}

}  // namespace vernier::test
