#include "ui/widgets/token_ribbon.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/color_maps.h"
#include "ui/style/contrast.h"

namespace vernier::ui {
namespace {

constexpr int kMargin = 8;
constexpr int kBarWidth = 180;
constexpr int kBarHeight = 8;

QString ordinal_choice(std::int32_t higher) {
  if (higher == 0) return TokenRibbon::tr("rank 1, the model's first choice");
  const QString rank = grouped(rank_from_one(higher));
  if (higher == 1) return TokenRibbon::tr("rank %1: 1 token scored higher").arg(rank);
  return TokenRibbon::tr("rank %1: %2 tokens scored higher").arg(rank, grouped(higher));
}

}  // namespace

// The strip above the text: what the colours mean, and which quantity they show.
class TokenRibbon::Legend : public QWidget {
 public:
  explicit Legend(TokenRibbon* ribbon) : QWidget(ribbon), ribbon_(ribbon), by_(new QComboBox(this)) {
    by_->setObjectName("ribbonColorBy");
    by_->setAccessibleName(TokenRibbon::tr("Colour by"));
    by_->addItem(TokenRibbon::tr("Loss"));
    by_->addItem(TokenRibbon::tr("Entropy"));
    by_->setToolTip(TokenRibbon::tr(
        "Loss: how much this token surprised the model, −ln p. Entropy: how unsure the model was before "
        "it saw the token. High loss at low entropy: it was sure, and wrong."));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(kMargin, 4, kMargin, 4);
    layout->addWidget(by_);
    layout->addStretch(1);
    QObject::connect(by_, &QComboBox::currentIndexChanged, ribbon,
                     [ribbon](int index) { ribbon->setColorBy(index == 0 ? ColorBy::kLoss : ColorBy::kEntropy); });
  }

  void showColorBy(ColorBy by) { by_->setCurrentIndex(by == ColorBy::kLoss ? 0 : 1); }

  QSize sizeHint() const override {
    return {kBarWidth * 3, std::max(by_->sizeHint().height() + 8, kBarHeight + fontMetrics().height() + 16)};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setFont(scaled_font(font(), 0.9));
    const QFontMetrics metrics(painter.font());
    int x = by_->geometry().right() + 16;
    const QRect bar(x, 8, std::clamp(width() - x - 160, 60, kBarWidth), kBarHeight);
    const double top = ribbon_->scaleMaximum();
    paint_color_bar(
        painter, bar, cividis,
        {{0.0, QStringLiteral("0")}, {0.5, figure(top / 2, 2)}, {1.0, figure(top, 2) + TokenRibbon::tr(" nats")}},
        palette());
    x = bar.right() + 24;
    const QRect sample(x, 6, 24, kBarHeight + 6);
    painter.fillRect(sample, hatching_under_text(palette()));
    painter.setPen(axis_line(palette()));
    painter.drawRect(sample);
    painter.setPen(secondary_text(palette()));
    const int left = sample.right() + 8;
    QString words = TokenRibbon::tr("masked, no loss");
    if (metrics.horizontalAdvance(words) > width() - left) words = TokenRibbon::tr("masked");
    if (metrics.horizontalAdvance(words) > width() - left) return;  // the tooltip says it
    painter.drawText(left, sample.center().y() + metrics.ascent() / 2, words);
  }

 private:
  TokenRibbon* ribbon_;
  QComboBox* by_;
};

TokenRibbon::TokenRibbon(QWidget* parent) : TokenFlow(parent), legend_(new Legend(this)) {
  setObjectName("tokenRibbon");
  setAccessibleName(tr("Tokens coloured by loss"));
  setToolTip(
      tr("Every token of the sequence as the model sees it, coloured by what it cost. Hatched tokens are masked."));
  setHeader(legend_);
  connect(this, &TokenFlow::indexSelected, this,
          [this](int index) { emit tokenSelected(tokens_.tokens[static_cast<std::size_t>(index)].position); });
  clear(tr("Choose a sequence to read it token by token."));
}

void TokenRibbon::setTokens(const StepTokens& tokens, PieceLookup pieces) {
  const bool same = tokens.step == tokens_.step && tokens.sequence.index == tokens_.sequence.index;
  tokens_ = tokens;
  pieces_ = std::move(pieces);
  chooseScale();
  std::vector<Word> words;
  words.reserve(tokens_.tokens.size());
  for (const TokenRecord& token : tokens_.tokens) {
    const QString piece = pieces_ ? pieces_(token.input_id) : QString();
    words.push_back({visible_piece(piece, token.input_id), breaks_line(piece)});
  }
  setWords(std::move(words), tokens_.tokens.empty() ? tr("The tokens of this sequence were not recorded.") : QString(),
           same);
}

void TokenRibbon::setSelectedPosition(int position) {
  const auto found = std::find_if(tokens_.tokens.begin(), tokens_.tokens.end(),
                                  [position](const TokenRecord& token) { return token.position == position; });
  setSelectedIndex(found == tokens_.tokens.end() ? -1 : static_cast<int>(found - tokens_.tokens.begin()));
}

void TokenRibbon::clear(const QString& explanation) {
  tokens_ = {};
  setWords({}, explanation, false);
}

void TokenRibbon::setColorBy(ColorBy by) {
  if (by_ == by) return;
  by_ = by;
  setAccessibleName(by == ColorBy::kLoss ? tr("Tokens coloured by loss") : tr("Tokens coloured by entropy"));
  legend_->showColorBy(by);
  chooseScale();
  viewport()->update();
}

void TokenRibbon::setScaleMaximum(double nats) {
  wanted_scale_ = nats;
  chooseScale();
  viewport()->update();
}

int TokenRibbon::selectedPosition() const {
  return selectedIndex() < 0 ? -1 : tokens_.tokens[static_cast<std::size_t>(selectedIndex())].position;
}

QColor TokenRibbon::tokenColor(int index) const {
  const TokenRecord& token = tokens_.tokens[static_cast<std::size_t>(index)];
  return token.is_target ? cividis(valueOf(token) / scale_) : palette().color(QPalette::Base);
}

QStringList TokenRibbon::readout(int index) const {
  const TokenRecord& token = tokens_.tokens[static_cast<std::size_t>(index)];
  const auto name = [this](std::int32_t id) {
    return QStringLiteral("“%1”  id %2").arg(visible_piece(pieces_ ? pieces_(id) : QString(), id)).arg(id);
  };
  QStringList lines = {name(token.input_id), tr("position %1").arg(grouped(token.position))};
  if (!token.is_target) {
    lines << tr("masked: its label is -100, no loss is counted");
    return lines;
  }
  lines << tr("loss %1 nats, probability %2").arg(figure(token.loss), chance(std::exp(-double{token.loss}), 2));
  lines << tr("entropy %1 nats").arg(figure(token.entropy));
  lines << ordinal_choice(token.rank);
  if (token.argmax >= 0 && token.argmax != token.input_id) {
    lines << tr("the model would have said %1").arg(name(token.argmax));
  }
  return lines;
}

void TokenRibbon::paintToken(QPainter& painter, int index, const QRectF& rect, const QString& text) {
  const TokenRecord& token = tokens_.tokens[static_cast<std::size_t>(index)];
  const QColor background = tokenColor(index);
  painter.fillRect(rect, background);
  if (!token.is_target) painter.fillRect(rect, hatching_under_text(palette()));
  painter.setPen(token.is_target ? readable_text_on(background) : palette().color(QPalette::Text));
  painter.drawText(rect, Qt::AlignCenter, text);
}

void TokenRibbon::chooseScale() {
  scale_ = wanted_scale_;
  if (!(scale_ > 0.0)) {
    double most = 0.0;
    for (const TokenRecord& token : tokens_.tokens) {
      const double value = valueOf(token);
      if (token.is_target && std::isfinite(value)) most = std::max(most, value);
    }
    scale_ = nice_ceiling(most);
  }
  legend_->update();
}

double TokenRibbon::valueOf(const TokenRecord& token) const {
  return by_ == ColorBy::kLoss ? double{token.loss} : double{token.entropy};
}

}  // namespace vernier::ui
