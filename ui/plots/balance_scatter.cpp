#include "ui/plots/balance_scatter.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/plots/picture_export.h"
#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/theme.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kReach = 12.0;      // pixels around a point that still hit it
constexpr double kDot = 3.0;         // radius
constexpr int kNamed = 6;            // tokens at either end that are named in the picture
constexpr double kZeroPlace = 0.06;  // share of an axis that "never" takes

QRectF inside(const QRectF& field) {
  return field.adjusted(kSpaceSmall, kSpaceTiny, -kSpaceSmall, -kSpaceTiny);
}

}  // namespace

BalanceScatter::BalanceScatter(QWidget* parent) : QWidget(parent), messages_(new MessageBar(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(220, 180);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->addWidget(messages_);
  layout->addStretch(1);
}

void BalanceScatter::setBalance(const std::vector<TokenBalance>& tokens, PieceLookup pieces) {
  const std::int32_t chosen = selected();
  tokens_ = tokens;
  pieces_ = std::move(pieces);
  explanation_ = tokens_.empty() ? tr("No token had a label in these steps.") : QString();
  most_ = 1.0;
  for (const TokenBalance& token : tokens_) {
    most_ = std::max(most_, static_cast<double>(std::max(token.targets, token.predicted)));
  }
  by_excess_.resize(tokens_.size());
  std::iota(by_excess_.begin(), by_excess_.end(), 0);
  std::stable_sort(by_excess_.begin(), by_excess_.end(), [this](int a, int b) {
    return tokens_[static_cast<std::size_t>(a)].excess() > tokens_[static_cast<std::size_t>(b)].excess();
  });
  selected_ = hovered_ = -1;
  points_ = {};
  setSelected(chosen);
}

void BalanceScatter::setSelected(std::int32_t id) {
  const auto found =
      std::find_if(tokens_.begin(), tokens_.end(), [id](const TokenBalance& token) { return token.id == id; });
  selected_ = id < 0 || found == tokens_.end() ? -1 : static_cast<int>(found - tokens_.begin());
  describeSelection();
  update();
}

void BalanceScatter::clear(const QString& explanation) {
  setBalance({}, {});
  explanation_ = explanation;
  describeSelection();
  update();
}

QRectF BalanceScatter::field() const {
  const QFontMetricsF metrics(scaled_font(font(), 0.9));
  const double left = metrics.horizontalAdvance(grouped(static_cast<qint64>(most_))) + 2 * kSpaceSmall;
  const double bottom = 2 * metrics.height() + kSpaceMedium;
  const double top = metrics.height() + kSpaceSmall;
  return {left, top, std::max(1.0, width() - left - kSpaceLarge), std::max(1.0, height() - top - bottom)};
}

double BalanceScatter::along(double count) const {
  if (count < 1.0) return 0.0;
  return kZeroPlace + (1.0 - kZeroPlace) * std::log(count) / std::log(std::max(2.0, most_));
}

QPointF BalanceScatter::pointOf(const TokenBalance& token) const {
  const QRectF place = field();
  return {place.left() + along(static_cast<double>(token.targets)) * place.width(),
          place.bottom() - along(static_cast<double>(token.predicted)) * place.height()};
}

int BalanceScatter::nearest(const QPointF& at) const {
  int best = -1;
  double least = kReach * kReach;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const QPointF away = pointOf(tokens_[i]) - at;
    const double distance = QPointF::dotProduct(away, away);
    if (distance > least) continue;
    least = distance;
    best = static_cast<int>(i);
  }
  return best;
}

QStringList BalanceScatter::readout(int index) const {
  const TokenBalance& token = tokens_[static_cast<std::size_t>(index)];
  QStringList lines;
  lines << tr("\u201c%1\u201d  id %2").arg(pieceOf(token.id)).arg(token.id);
  lines << tr("asked for %1 times, said %2 times").arg(grouped(token.targets), grouped(token.predicted));
  if (token.targets > 0) {
    lines << tr("hit %1, mean loss %2 nats")
                 .arg(percent(static_cast<double>(token.hits) / static_cast<double>(token.targets)),
                      figure(token.mean_loss(), 3));
  }
  return lines;
}

void BalanceScatter::describeSelection() {
  if (tokens_.empty()) {
    setAccessibleDescription(explanation_);
  } else if (selected_ >= 0) {
    setAccessibleDescription(readout(selected_).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tr("%1 tokens, none selected").arg(grouped(static_cast<qint64>(tokens_.size()))));
  }
}

void BalanceScatter::paint(QPainter& painter, Medium medium) {
  painter.fillRect(rect(), palette().color(QPalette::Base));
  painter.setFont(scaled_font(font(), 0.9));
  if (tokens_.empty()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
    return;
  }
  painter.setRenderHint(QPainter::Antialiasing, true);
  paintAxes(painter, field());
  if (medium == Medium::kFile) {
    paintPoints(painter);
  } else {
    const QSize pixels = size() * devicePixelRatioF();
    if (points_.size() != pixels) {
      points_ = QPixmap(pixels);
      points_.setDevicePixelRatio(devicePixelRatioF());
      points_.fill(Qt::transparent);
      QPainter points(&points_);
      points.setFont(painter.font());
      paintPoints(points);
    }
    painter.drawPixmap(0, 0, points_);
  }
  paintNames(painter);
}

QString BalanceScatter::said_too_often() {
  return tr("\u25b2 said too often");
}

QString BalanceScatter::said_too_seldom() {
  return tr("\u25bc said too seldom");
}

void BalanceScatter::paintAxes(QPainter& painter, const QRectF& field) {
  const QFontMetricsF metrics(painter.font());
  const auto line = [&](double count, const QString& word) {
    const double x = field.left() + along(count) * field.width();
    const double y = field.bottom() - along(count) * field.height();
    painter.setPen(grid_line(palette()));
    painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()));
    painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y));
    painter.setPen(secondary_text(palette()));
    painter.drawText(QRectF(x - 60, field.bottom() + 2, 120, metrics.height()), Qt::AlignHCenter | Qt::AlignTop, word);
    painter.drawText(QRectF(0, y - metrics.height() / 2, field.left() - 6, metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, word);
  };
  line(0.0, tr("0"));
  for (double count = 1.0; count <= most_; count *= 10.0) line(count, grouped(static_cast<qint64>(count)));
  painter.setPen(QPen(axis_line(palette()), 1.0, Qt::DashLine));
  const QPointF one(field.left() + along(1.0) * field.width(), field.bottom() - along(1.0) * field.height());
  painter.drawLine(one, QPointF(field.right(), field.top()));
  painter.setPen(secondary_text(palette()));
  painter.drawText(QRectF(field.left(), field.bottom() + metrics.height() + 4, field.width(), metrics.height()),
                   Qt::AlignRight, tr("times asked for (target)"));
  const QRectF inner = inside(field);
  painter.drawText(inner, Qt::AlignLeft | Qt::AlignTop, said_too_often());
  // Above the names of those that are never said, of which there are most.
  painter.drawText(inner.adjusted(0, 0, 0, -metrics.height() - kSpaceTiny), Qt::AlignRight | Qt::AlignBottom,
                   said_too_seldom());
  painter.drawText(QRectF(field.left(), 0, field.width(), metrics.height()), Qt::AlignLeft, tr("times said (arg-max)"));
}

// No name of a token stands on them.
std::vector<QRectF> BalanceScatter::wordsOfTheField(const QFontMetricsF& metrics) const {
  const QRectF inner = inside(field());
  const QSizeF often(metrics.horizontalAdvance(said_too_often()), metrics.height());
  const QSizeF seldom(metrics.horizontalAdvance(said_too_seldom()), metrics.height());
  const QPointF corner(inner.right() - seldom.width(),
                       inner.bottom() - metrics.height() - kSpaceTiny - seldom.height());
  return {QRectF(inner.topLeft(), often), QRectF(corner, seldom)};
}

void BalanceScatter::paintPoints(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(Qt::NoPen);
  const auto fade = [](QColor color) {
    color.setAlphaF(0.65);
    return color;
  };
  const QColor over = fade(per_sequence_color());
  const QColor under = fade(per_token_color());
  for (const TokenBalance& token : tokens_) {
    const QPointF at = pointOf(token);
    // Shape and colour say the same: a triangle up is said too often, down too seldom.
    if (token.excess() == 0) {
      painter.setBrush(secondary_text(palette()));
      painter.drawEllipse(at, kDot - 1, kDot - 1);
      continue;
    }
    const double up = token.excess() > 0 ? -1.0 : 1.0;
    painter.setBrush(token.excess() > 0 ? over : under);
    painter.drawPolygon(
        QPolygonF{at + QPointF(-kDot, -up * kDot), at + QPointF(kDot, -up * kDot), at + QPointF(0, up * (kDot + 1))});
  }
}

void BalanceScatter::paintNames(QPainter& painter) {
  const QFontMetricsF metrics(painter.font());
  std::vector<QRectF> taken = wordsOfTheField(metrics);
  const auto name = [&](int index, bool always) {
    const TokenBalance& token = tokens_[static_cast<std::size_t>(index)];
    if (!always && token.excess() == 0) return;
    const QString word = metrics.elidedText(pieceOf(token.id), Qt::ElideRight, 100);
    QRectF box(pointOf(token) + QPointF(6, -metrics.height()),
               QSizeF(metrics.horizontalAdvance(word), metrics.height()));
    if (box.right() > width() - 2) box.moveRight(pointOf(token).x() - 6);
    if (box.top() < field().top()) box.moveTop(pointOf(token).y() + 2);
    // Two names that touch would be read as one.
    const QRectF around = box.adjusted(-kSpaceTiny, 0, kSpaceTiny, 0);
    const bool covers =
        std::any_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(around); });
    if (covers && !always) return;
    taken.push_back(around);
    painter.fillRect(box.adjusted(-1, 1, 1, -1), readout_background(palette()));
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, word);
  };
  if (selected_ >= 0) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Text), 2.0));
    painter.drawEllipse(pointOf(tokens_[static_cast<std::size_t>(selected_)]), 2 * kDot, 2 * kDot);
    name(selected_, true);
  }
  const auto count = static_cast<int>(by_excess_.size());
  for (int i = 0; i < std::min(kNamed, count); ++i) {
    name(by_excess_[static_cast<std::size_t>(i)], false);
    name(by_excess_[static_cast<std::size_t>(count - 1 - i)], false);
  }
}

void BalanceScatter::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter, Medium::kScreen);
  if (hovered_ >= 0) {
    painter.setFont(font());
    paint_readout(painter, pointOf(tokens_[static_cast<std::size_t>(hovered_)]), rect(), readout(hovered_), {},
                  palette());
  }
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1.0));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

bool BalanceScatter::event(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) points_ = {};
  if (event->type() == QEvent::ToolTip && hovered_ >= 0) return true;  // the read-out says more
  return QWidget::event(event);
}

void BalanceScatter::mouseMoveEvent(QMouseEvent* event) {
  const int found = nearest(event->position());
  if (found == hovered_) return;
  hovered_ = found;
  update();
}

void BalanceScatter::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) select(nearest(event->position()));
}

void BalanceScatter::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

void BalanceScatter::select(int index) {
  if (index < 0 || index == selected_) return;
  selected_ = index;
  describeSelection();
  update();
  Q_EMIT tokenSelected(tokens_[static_cast<std::size_t>(index)].id);
}

void BalanceScatter::keyPressEvent(QKeyEvent* event) {
  const int by = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down ? 1
                 : event->key() == Qt::Key_Left || event->key() == Qt::Key_Up  ? -1
                                                                               : 0;
  if (by == 0 || tokens_.empty()) return QWidget::keyPressEvent(event);
  const auto at = std::find(by_excess_.begin(), by_excess_.end(), selected_);
  const auto count = static_cast<std::ptrdiff_t>(by_excess_.size());
  const std::ptrdiff_t next =
      at == by_excess_.end() ? 0 : std::clamp(at - by_excess_.begin() + by, std::ptrdiff_t{0}, count - 1);
  select(by_excess_[static_cast<std::size_t>(next)]);
}

bool BalanceScatter::savePicture(const QString& path) {
  return save_picture(
      path, size(),
      [this](QPaintDevice& device, const QSize&) {
        QPainter painter(&device);
        paint(painter, Medium::kFile);
      },
      *messages_);
}

TableData BalanceScatter::table() const {
  TableData table;
  table.headers = {tr("id"),   tr("token"),    tr("target"), tr("said"), tr("said minus target"),
                   tr("hits"), tr("mean loss")};
  table.rows = static_cast<int>(tokens_.size());
  table.cell = [tokens = tokens_, pieces = pieces_](int row, int column) -> QString {
    const TokenBalance& token = tokens[static_cast<std::size_t>(row)];
    switch (column) {
      case 0:
        return QString::number(token.id);
      case 1:
        return visible_piece(pieces ? pieces(token.id) : QString(), token.id);
      case 2:
        return QString::number(token.targets);
      case 3:
        return QString::number(token.predicted);
      case 4:
        return QString::number(token.excess());
      case 5:
        return QString::number(token.hits);
      default:
        return token.targets == token.non_finite ? QString() : QString::number(token.mean_loss(), 'g', 7);
    }
  };
  return table;
}

void BalanceScatter::addActions(QMenu& menu) {
  add_picture_actions(
      menu, *this, tr("class-balance"),
      [this](QPaintDevice& device, const QSize&) {
        QPainter painter(&device);
        paint(painter, Medium::kFile);
      },
      *messages_);
  add_table_actions(
      menu, *this, accessibleName(), tr("class-balance"), [this] { return table(); }, *messages_);
  for (QAction* action : menu.actions()) action->setEnabled(!tokens_.empty());
}

void BalanceScatter::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  addActions(menu);
  menu.exec(event->globalPos());
}

}  // namespace vernier::ui
