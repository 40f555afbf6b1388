#include "ui/pages/setup/normalization_picture.h"

#include <QGridLayout>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/setup/picture_menu.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kMostTokens = 40;
constexpr double kMostLoss = 20.0;
constexpr int kGapTokens = 2;  // between the two rows
constexpr ExampleRow kShort = {4, 2.0};
constexpr ExampleRow kLong = {12, 0.5};

}  // namespace

double loss_per_token(const ExampleRow& a, const ExampleRow& b) {
  return (a.tokens * a.loss + b.tokens * b.loss) / (a.tokens + b.tokens);
}

double loss_per_sequence(const ExampleRow& a, const ExampleRow& b) {
  return (a.loss + b.loss) / 2.0;
}

// One bar a token, as high as what it weighs; the tokens of both rows side by side.
class NormalizationPicture::Weights : public QWidget {
 public:
  Weights(const QColor& color, QWidget* parent) : QWidget(parent), color_(color) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFixedHeight(fontMetrics().height() * 3);
    setFocusPolicy(Qt::StrongFocus);  // for the menu
  }

  void show_weights(const int (&tokens)[2], const double (&weights)[2]) {
    std::copy(std::begin(tokens), std::end(tokens), tokens_);
    std::copy(std::begin(weights), std::end(weights), weights_);
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    if (hasFocus()) paint_focus(painter, rect(), palette());
    const QFontMetrics metrics(font());
    const double floor = height() - metrics.height() - 1.0;
    const double all = tokens_[0] + tokens_[1] + kGapTokens;
    const double width = std::min(18.0, (this->width() - 1.0) / all);
    // Of every case that can be set the heaviest token weighs half.
    const double heaviest = std::max(weights_[0], weights_[1]);
    double x = 0.0;
    for (int row = 0; row < 2; ++row) {
      const double left = x;
      for (int token = 0; token < tokens_[row]; ++token, x += width) {
        const double bar = std::max(1.0, weights_[row] / heaviest * (floor - 1.0));
        painter.fillRect(QRectF(x + 0.5, floor - bar, std::max(1.0, width - 1.5), bar),
                         row == 0 ? color_ : mixed(color_, palette().color(QPalette::Base), 0.35));
      }
      painter.setPen(QPen(axis_line(palette()), 1.0));
      painter.drawLine(QPointF(left, floor + 0.5), QPointF(x, floor + 0.5));
      painter.setPen(secondary_text(palette()));
      const QString share =
          NormalizationPicture::tr("row %1: %2 of the say")
              .arg(row == 0 ? QStringLiteral("A") : QStringLiteral("B"), percent(tokens_[row] * weights_[row], 0));
      painter.drawText(QPointF(row == 0 ? left : std::max(left, metrics.horizontalAdvance(share) + 16.0),
                               floor + 1.0 + metrics.ascent()),
                       share);
      x += kGapTokens * width;
    }
  }

 private:
  QColor color_;
  int tokens_[2] = {1, 1};
  double weights_[2] = {0.5, 0.5};
};

NormalizationPicture::NormalizationPicture(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("normalizationPicture"));
  setAccessibleName(tr("What a token weighs in either loss"));
  new PictureMenu(*this, tr("loss-normalization"), [this] { return table(); });
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceSmall);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(kSpaceSmall);
  grid->setVerticalSpacing(kSpaceTiny);
  grid->setColumnStretch(4, 1);
  const ExampleRow rows[2] = {kShort, kLong};
  for (int row = 0; row < 2; ++row) {
    const QString name = row == 0 ? tr("Row A") : tr("Row B");
    tokens_[row] = new QSpinBox(this);
    tokens_[row]->setRange(1, kMostTokens);
    tokens_[row]->setValue(rows[row].tokens);
    describe(tokens_[row], row == 0 ? "exampleTokensA" : "exampleTokensB", tr("%1: tokens with a label").arg(name),
             tr("How many tokens of the example's row are learnt. Make one row longer and see whose say grows."));
    losses_[row] = new QDoubleSpinBox(this);
    losses_[row]->setRange(0.0, kMostLoss);
    losses_[row]->setSingleStep(0.25);
    losses_[row]->setValue(rows[row].loss);
    describe(losses_[row], row == 0 ? "exampleLossA" : "exampleLossB", tr("%1: mean loss").arg(name),
             tr("The mean loss of these tokens, in nats."));
    grid->addWidget(new QLabel(name, this), row, 0);
    grid->addWidget(tokens_[row], row, 1);
    grid->addWidget(make_note(tr("tokens, mean loss"), this, false), row, 2);
    grid->addWidget(losses_[row], row, 3);
    connect(tokens_[row], &QSpinBox::valueChanged, this, &NormalizationPicture::refresh);
    connect(losses_[row], &QDoubleSpinBox::valueChanged, this, &NormalizationPicture::refresh);
  }
  column->addLayout(grid);
  for (int way = 0; way < 2; ++way) {
    formula_[way] = new QLabel(this);
    formula_[way]->setObjectName(way == 0 ? QStringLiteral("perTokenFormula") : QStringLiteral("perSequenceFormula"));
    formula_[way]->setWordWrap(true);
    formula_[way]->setTextInteractionFlags(Qt::TextSelectableByMouse);
    weights_[way] = new Weights(way == 0 ? per_token_color() : per_sequence_color(), this);
    weights_[way]->setObjectName(way == 0 ? QStringLiteral("perTokenWeights") : QStringLiteral("perSequenceWeights"));
    weights_[way]->setToolTip(tr("The height of a bar is what that token weighs in the step's gradient."));
    column->addWidget(formula_[way]);
    column->addWidget(weights_[way]);
  }
  refresh();
}

void NormalizationPicture::show_choice(LossNormalization chosen) {
  chosen_ = chosen;
  refresh();
}

void NormalizationPicture::refresh() {
  const ExampleRow a = {tokens_[0]->value(), losses_[0]->value()};
  const ExampleRow b = {tokens_[1]->value(), losses_[1]->value()};
  const auto shown = [](double value) { return QString::number(value, 'g', 4); };
  const QString per_token = tr("per token: (%1 \u00d7 %2 + %3 \u00d7 %4) / (%1 + %3) = %5")
                                .arg(QString::number(a.tokens), shown(a.loss), QString::number(b.tokens), shown(b.loss),
                                     shown(loss_per_token(a, b)));
  const QString per_sequence =
      tr("per sequence: (%1 + %2) / 2 = %3").arg(shown(a.loss), shown(b.loss), shown(loss_per_sequence(a, b)));
  const bool by_token = chosen_ == LossNormalization::kPerToken;
  formula_[0]->setText(by_token ? tr("\u25b8 chosen, %1").arg(per_token) : per_token);
  formula_[1]->setText(by_token ? per_sequence : tr("\u25b8 chosen, %1").arg(per_sequence));
  const int tokens[2] = {a.tokens, b.tokens};
  const double each = 1.0 / (a.tokens + b.tokens);
  weights_[0]->show_weights(tokens, {each, each});
  weights_[1]->show_weights(tokens, {0.5 / a.tokens, 0.5 / b.tokens});
  for (int way = 0; way < 2; ++way) weights_[way]->setAccessibleName(formula_[way]->text());
  setAccessibleDescription(QStringLiteral("%1; %2").arg(formula_[0]->text(), formula_[1]->text()));
}

TableData NormalizationPicture::table() const {
  const ExampleRow rows[2] = {{tokens_[0]->value(), losses_[0]->value()}, {tokens_[1]->value(), losses_[1]->value()}};
  TableData table;
  table.headers = {tr("row"), tr("tokens with a label"), tr("mean loss"), tr("weight of a token, per token"),
                   tr("weight of a token, per sequence")};
  table.rows = 2;
  table.cell = [a = rows[0], b = rows[1]](int row, int column) {
    const ExampleRow& one = row == 0 ? a : b;
    switch (column) {
      case 0:
        return row == 0 ? QStringLiteral("A") : QStringLiteral("B");
      case 1:
        return QString::number(one.tokens);
      case 2:
        return QString::number(one.loss, 'g', 9);
      case 3:
        return QString::number(1.0 / (a.tokens + b.tokens), 'g', 9);
      default:
        return QString::number(0.5 / one.tokens, 'g', 9);
    }
  };
  return table;
}

}  // namespace vernier::ui
