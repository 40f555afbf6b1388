#include "ui/widgets/mask_ribbon.h"

#include <QPainter>
#include <algorithm>

#include "ui/style/color_maps.h"
#include "ui/style/contrast.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/label_words.h"

namespace vernier::ui {
namespace {

constexpr double kSwatchWidth = 20.0;
constexpr double kRule = 1.5;
constexpr double kEndRule = 4.0;

QColor learnt_fill(const QPalette& palette) {
  return mixed(palette.color(QPalette::Base), per_token_color(), is_dark(palette) ? 0.55 : 0.28);
}

// The vocabulary's spelling, unless it is one of bytes in disguise and the token alone is whole characters.
QString shown_piece(const std::string& piece, const std::string& text) {
  const QString spelt = QString::fromStdString(piece), plain = QString::fromStdString(text);
  if (plain.isEmpty() || plain.contains(QChar::ReplacementCharacter) || spelt.contains(QChar(0x2581))) return spelt;
  return plain;
}

}  // namespace

void paint_reason(QPainter& painter, const QRectF& rect, LabelReason reason, const QPalette& palette) {
  if (!is_labelled(reason)) {
    painter.fillRect(rect, palette.color(QPalette::Base));
    painter.fillRect(rect, hatching_under_text(palette));
    return;
  }
  painter.fillRect(rect, learnt_fill(palette));
  // The fill is light, for the text's sake; the rule below it is seen on every ground.
  const bool ends = reason == LabelReason::kEndOfTurn;
  const double rule = ends ? kEndRule : kRule;
  painter.fillRect(QRectF(rect.left(), rect.bottom() - rule, rect.width(), rule),
                   legible(ends ? rate_color() : per_token_color(), palette.color(QPalette::Base)));
}

// The strip above the tokens: each reason of the row, painted as its tokens are, and how many it has.
class MaskRibbon::Legend : public QWidget {
 public:
  explicit Legend(MaskRibbon* ribbon) : QWidget(ribbon), ribbon_(ribbon) {}

  QSize sizeHint() const override { return {1, flow(nullptr)}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    flow(&painter);
  }

 private:
  // Entries from left to right, in as many lines as that takes. Returns their height.
  int flow(QPainter* painter) const {
    const QFontMetricsF metrics(font());
    const double line = metrics.height() + kSpaceTiny, room = std::max(1, ribbon_->width() - kSpaceLarge);
    double x = kSpaceSmall, y = kSpaceTiny;
    const auto entry = [&](const QString& words, const auto& paint_swatch) {
      const double width = kSwatchWidth + kSpaceTiny + metrics.horizontalAdvance(words) + kSpaceLarge;
      if (x > kSpaceSmall && x + width > room) {
        x = kSpaceSmall;
        y += line;
      }
      if (painter != nullptr) {
        paint_swatch(QRectF(x, y + 2, kSwatchWidth, metrics.height() - 4));
        painter->setPen(secondary_text(palette()));
        painter->drawText(QPointF(x + kSwatchWidth + kSpaceTiny, y + metrics.ascent()), words);
      }
      x += width;
    };
    for (int i = 0; i < kNumLabelReasons; ++i) {
      const int count = ribbon_->counts_[static_cast<std::size_t>(i)];
      if (count == 0) continue;
      const auto reason = static_cast<LabelReason>(i);
      entry(MaskRibbon::tr("%1: %2").arg(reason_name(reason), grouped(count)), [&](const QRectF& swatch) {
        paint_reason(*painter, swatch, reason, palette());
        painter->setPen(axis_line(palette()));
        painter->drawRect(swatch);
      });
    }
    const int tokens = ribbon_->row_.row.spans.empty() ? 0 : ribbon_->row_.row.spans.back().end;
    if (ribbon_->cut_at_ > 0 && ribbon_->cut_at_ < tokens) {
      entry(MaskRibbon::tr("cut away: %1").arg(grouped(tokens - ribbon_->cut_at_)), [&](const QRectF& swatch) {
        painter->setPen(QPen(axis_line(palette()), 1.0, Qt::DashLine));
        painter->drawRect(swatch);
      });
    }
    return static_cast<int>(y + line);
  }

  MaskRibbon* ribbon_;
};

MaskRibbon::MaskRibbon(QWidget* parent) : TokenFlow(parent), legend_(new Legend(this)) {
  setObjectName(QStringLiteral("maskRibbon"));
  setAccessibleName(tr("Tokens of the row"));
  setToolTip(
      tr("The row as the tokenizer cuts it. Filled tokens are learnt, hatched ones only read, framed ones are special "
         "tokens; a rest with dashed frames is cut away by max_length."));
  setHeader(legend_);
}

void MaskRibbon::setRow(const InspectedRow& row, int cut_at) {
  row_ = row;
  cut_at_ = cut_at;
  counts_ = {};
  const std::size_t shown = row.row.input_ids.size();
  reasons_.assign(shown, LabelReason::kOtherTurn);
  for (const LabelSpan& span : row.row.spans) {
    counts_[static_cast<std::size_t>(span.reason)] += span.end - span.begin;
    for (auto i = static_cast<std::size_t>(span.begin); i < std::min(shown, static_cast<std::size_t>(span.end)); ++i) {
      reasons_[i] = span.reason;
    }
  }
  std::vector<Word> words;
  words.reserve(shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const QString piece = shown_piece(row.row.pieces[i], row.texts[i]);
    words.push_back({visible_piece(piece, row.row.input_ids[i]), breaks_line(piece)});
  }
  setWords(std::move(words), shown == 0 ? tr("This row has no tokens at all.") : QString(), false);
  legend_->setAccessibleDescription(legendText());
  legend_->update();
}

void MaskRibbon::setCutAt(int cut_at) {
  if (cut_at_ == cut_at) return;
  cut_at_ = cut_at;
  layOut();
  legend_->update();
  viewport()->update();
}

void MaskRibbon::clear(const QString& explanation) {
  row_ = {};
  reasons_.clear();
  counts_ = {};
  setWords({}, explanation, false);
}

QStringList MaskRibbon::readout(int index) const {
  const auto i = static_cast<std::size_t>(index);
  const QString piece = QString::fromStdString(row_.row.pieces[i]);
  QStringList lines = {tr("“%1”  id %2")
                           .arg(visible_piece(shown_piece(row_.row.pieces[i], row_.texts[i]), row_.row.input_ids[i]))
                           .arg(row_.row.input_ids[i]),
                       tr("position %1").arg(grouped(index))};
  if (row_.special[i]) lines << tr("special token, spelt %1 in the vocabulary").arg(piece);
  if (isCut(index)) {
    lines << tr("Cut away: it lies at max_length (%1) or behind.").arg(grouped(cut_at_));
  } else if (index == 0 && is_labelled(reasons_[i])) {
    lines << tr("Not learnt: it is the first, and nothing before it could predict it.");
  } else {
    lines << reason_sentence(reasons_[i]);
  }
  return lines;
}

QString MaskRibbon::legendText() const {
  QStringList parts;
  for (int i = 0; i < kNumLabelReasons; ++i) {
    const int count = counts_[static_cast<std::size_t>(i)];
    if (count > 0) parts << tr("%1: %2").arg(reason_name(static_cast<LabelReason>(i)), grouped(count));
  }
  return parts.join(QStringLiteral(", "));
}

void MaskRibbon::paintToken(QPainter& painter, int index, const QRectF& rect, const QString& text) {
  const auto i = static_cast<std::size_t>(index);
  QColor ink = palette().color(QPalette::Text);
  if (isCut(index)) {
    painter.fillRect(rect, palette().color(QPalette::Base));
    painter.setPen(QPen(axis_line(palette()), 1.0, Qt::DashLine));
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5));
    ink = secondary_text(palette());
  } else {
    paint_reason(painter, rect, reasons_[i], palette());
    if (is_labelled(reasons_[i])) ink = readable_text_on(learnt_fill(palette()));
  }
  if (row_.special[i]) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1.0));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  }
  painter.setPen(ink);
  painter.drawText(rect, Qt::AlignCenter, text);
}

}  // namespace vernier::ui
