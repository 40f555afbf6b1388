#include "ui/pages/setup/packing_picture.h"

#include <QPainter>
#include <algorithm>
#include <numeric>

#include "ui/pages/setup/picture_menu.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kRow = 10;
constexpr int kGap = 3;
constexpr std::size_t kMostRows = 12;

// Lengths as chats have them, in shares of max_length, and one row that is longer.
std::vector<std::int32_t> example_lengths(std::int64_t max_length) {
  constexpr double kShares[] = {0.12, 0.35, 0.07, 0.6,  0.22, 0.18, 0.44, 0.09, 0.3,  0.15, 0.52, 0.26,
                                0.05, 0.4,  0.2,  1.35, 0.11, 0.33, 0.17, 0.08, 0.48, 0.28, 0.14, 0.24};
  std::vector<std::int32_t> lengths;
  for (const double share : kShares) {
    lengths.push_back(std::max(1, static_cast<std::int32_t>(share * static_cast<double>(max_length))));
  }
  return lengths;
}

}  // namespace

PackingPicture::PackingPicture(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("packingPicture"));
  setAccessibleName(tr("How rows are filled"));
  setToolTip(
      tr("Each bar is a row, each piece of it a sequence. Attention stays within a sequence and positions begin "
         "anew, so that the company changes nothing but the speed."));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setFocusPolicy(Qt::StrongFocus);  // for its menu
  new PictureMenu(*this, tr("packing"), [this] { return table(); });
}

void PackingPicture::show_rows(const RunConfig& config, const std::optional<RunOutline>& outline) {
  capacity_ = config.max_length;
  packs_ = config.packing != Packing::kNone;
  is_example_ = !outline;
  outline_ = outline ? *outline : outline_run(example_lengths(capacity_), config, static_cast<std::int64_t>(kMostRows));
  if (outline_.shown.size() > kMostRows) {
    // Evenly spaced ones stay so.
    std::vector<std::vector<std::int32_t>> fewer;
    for (std::size_t i = 0; i < kMostRows; ++i) fewer.push_back(outline_.shown[i * outline_.shown.size() / kMostRows]);
    outline_.shown = std::move(fewer);
  }
  setAccessibleDescription(headline());
  updateGeometry();
  update();
}

QString PackingPicture::headline() const {
  const QString capacity = grouped(capacity_);
  const QString units = grouped(outline_.units);
  const QString sequences = grouped(outline_.sequences);
  const QString cut = outline_.cut_tokens > 0 ? tr("%1 tokens are cut off.").arg(grouped(outline_.cut_tokens))
                                              : tr("Nothing is cut off.");
  if (is_example_) {
    return packs_ ? tr("An example, until the data is read: %1 sequences in %2 rows of %3 tokens, %4 filled.")
                        .arg(sequences, units, capacity, percent(outline_.fill, 0))
                  : tr("An example, until the data is read: each of %1 sequences is a row of its own, of at most %2 "
                       "tokens, "
                       "and costs no more than its own tokens.")
                        .arg(sequences, capacity);
  }
  return packs_ ? tr("%1 sequences in %2 rows of %3 tokens, %4 filled. %5")
                      .arg(sequences, units, capacity, percent(outline_.fill, 1), cut)
                : tr("%1 rows of at most %2 tokens, each of which costs no more than its own tokens. %3")
                      .arg(units, capacity, cut);
}

TableData PackingPicture::table() const {
  struct Piece {
    std::size_t row = 0;
    std::int32_t begin = 0;
    std::int32_t tokens = 0;
  };
  std::vector<Piece> pieces;
  for (std::size_t row = 0; row < outline_.shown.size(); ++row) {
    std::int32_t begin = 0;
    for (const std::int32_t tokens : outline_.shown[row]) {
      pieces.push_back({row, begin, tokens});
      begin += tokens;
    }
  }
  TableData table;
  table.headers = {tr("row of the picture"), tr("begins at"), tr("tokens")};
  table.rows = static_cast<int>(pieces.size());
  table.cell = [pieces](int row, int column) {
    const Piece& piece = pieces[static_cast<std::size_t>(row)];
    return column == 0 ? QString::number(piece.row + 1) : QString::number(column == 1 ? piece.begin : piece.tokens);
  };
  return table;
}

int PackingPicture::heightForWidth(int width) const {
  const int words = fontMetrics().boundingRect(QRect(0, 0, width, 4000), Qt::TextWordWrap, headline()).height();
  return words + kSpaceSmall + static_cast<int>(outline_.shown.size()) * (kRow + kGap);
}

QSize PackingPicture::sizeHint() const {
  const int width = character_width(fontMetrics()) * 48;
  return {width, heightForWidth(width)};
}

QSize PackingPicture::minimumSizeHint() const {
  const int width = character_width(fontMetrics()) * 30;
  return {width, heightForWidth(width)};
}

void PackingPicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QPalette& colors = palette();
  if (hasFocus()) paint_focus(painter, rect(), colors);
  const QRect words = fontMetrics().boundingRect(QRect(0, 0, width(), 4000), Qt::TextWordWrap, headline());
  painter.setPen(colors.color(QPalette::WindowText));
  painter.drawText(QRect(0, 0, width(), words.height()), Qt::TextWordWrap, headline());
  const QColor strong = per_token_color();
  const QColor weak = mixed(strong, colors.color(QPalette::Base), 0.45);
  const double scale = (width() - 1.0) / static_cast<double>(capacity_);
  double y = words.height() + kSpaceSmall;
  for (const std::vector<std::int32_t>& row : outline_.shown) {
    const QRectF whole(0.5, y, width() - 1.0, kRow);
    // What nothing fills: with packing a hole in the row, without it nothing at all.
    if (packs_) painter.fillRect(whole, hatching(colors));
    double x = whole.left();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double length = row[i] * scale;
      painter.fillRect(QRectF(x, y, std::max(1.0, length - 1.0), kRow), i % 2 == 0 ? strong : weak);
      x += length;
    }
    painter.setPen(QPen(axis_line(colors), 1.0, packs_ ? Qt::SolidLine : Qt::DotLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(whole);
    y += kRow + kGap;
  }
}

}  // namespace vernier::ui
