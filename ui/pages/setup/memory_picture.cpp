#include "ui/pages/setup/memory_picture.h"

#include <QPainter>
#include <algorithm>

#include "ui/pages/setup/picture_menu.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr int kSwatch = 12;
constexpr double kRoundings = 0.5;  // of a pixel: thinner parts are not drawn

QString words_of(Recompute recompute) {
  switch (recompute) {
    case Recompute::kMlp:
      return MemoryPicture::tr("MLPs are computed again");
    case Recompute::kLayer:
      return MemoryPicture::tr("layers are computed again");
    case Recompute::kOffload:
      return MemoryPicture::tr("layers are computed again, their inputs wait in the computer's memory");
    case Recompute::kNone:
    case Recompute::kAuto:
      break;
  }
  return MemoryPicture::tr("nothing is computed again");
}

// Even steps along the map; the names stand beside, in the bar's order.
QColor color_of(qsizetype part, qsizetype count) {
  return cividis(0.08 + 0.84 * static_cast<double>(part) / static_cast<double>(std::max<qsizetype>(1, count - 1)));
}

}  // namespace

MemoryPicture::MemoryPicture(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("memoryPicture"));
  setAccessibleName(tr("Memory of the run"));
  setToolTip(
      tr("Worked out from the model's shape and these settings, as the engine lays its memory out. What other "
         "programs take of the device is not in it."));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setFocusPolicy(Qt::StrongFocus);  // for its menu
  new PictureMenu(*this, tr("memory"), [this] { return table(); });
}

void MemoryPicture::show_memory(const std::optional<MemoryEstimate>& memory, bool is_exact, const QString& problem) {
  memory_ = memory;
  is_exact_ = is_exact;
  problem_ = problem;
  QStringList words = {headline()};
  for (const Part& part : parts()) words.append(QStringLiteral("%1: %2").arg(part.name, byte_count(part.bytes)));
  setAccessibleDescription(words.join(QStringLiteral(". ")));
  updateGeometry();
  update();
}

QList<MemoryPicture::Part> MemoryPicture::parts() const {
  if (!memory_) return {};
  QList<Part> all = {{tr("weights"), memory_->weights},         {tr("adapter"), memory_->adapter},
                     {tr("gradients"), memory_->gradients},     {tr("optimizer"), memory_->optimizer},
                     {tr("activations"), memory_->activations}, {tr("scratch"), memory_->scratch}};
  all.removeIf([](const Part& part) { return part.bytes == 0; });
  return all;
}

TableData MemoryPicture::table() const {
  TableData table;
  if (!memory_) return table;
  QList<Part> rows = parts();
  rows.append({tr("all of it"), memory_->total()});
  rows.append({tr("free on the device"), memory_->free_bytes});
  if (memory_->host_bytes > 0) rows.append({tr("of the computer's memory"), memory_->host_bytes});
  table.headers = {tr("what"), tr("bytes")};
  table.rows = static_cast<int>(rows.size());
  table.cell = [rows](int row, int column) { return column == 0 ? rows[row].name : QString::number(rows[row].bytes); };
  return table;
}

QString MemoryPicture::headline() const {
  if (!memory_) return problem_.isEmpty() ? tr("The memory is worked out as soon as a model is chosen.") : problem_;
  if (!memory_->problem.empty()) return engine_text(memory_->problem);
  const QString total = byte_count(memory_->total());
  const QString free = byte_count(memory_->free_bytes);
  const QString device = QString::fromStdString(memory_->device);
  const QString dtype = QString::fromStdString(memory_->dtype);
  const QString again = words_of(memory_->recompute);
  if (memory_->host_bytes > 0) {
    const QString host = byte_count(memory_->host_bytes);
    return is_exact_ ? tr("%1 of the %2 that are free on %3, and %4 of the computer's memory, in %5; %6.")
                           .arg(total, free, device, host, dtype, again)
                     : tr("At most %1 of the %2 that are free on %3, and %4 of the computer's memory, in %5; %6.")
                           .arg(total, free, device, host, dtype, again);
  }
  return is_exact_ ? tr("%1 of the %2 that are free on %3, in %4; %5.").arg(total, free, device, dtype, again)
                   : tr("At most %1 of the %2 that are free on %3, in %4; %5.").arg(total, free, device, dtype, again);
}

int MemoryPicture::heightForWidth(int width) const {
  const QFontMetrics metrics(font());
  const int words = metrics.boundingRect(QRect(0, 0, width, 4000), Qt::TextWordWrap, headline()).height();
  const int rows = static_cast<int>((parts().size() + 1) / 2);
  const int bar = memory_ ? 2 * metrics.height() + 5 * kSpaceSmall : 0;
  return words + bar + rows * (metrics.height() + kSpaceTiny) + kSpaceSmall;
}

QSize MemoryPicture::sizeHint() const {
  const int width = character_width(fontMetrics()) * 48;
  return {width, heightForWidth(width)};
}

QSize MemoryPicture::minimumSizeHint() const {
  const int width = character_width(fontMetrics()) * 30;
  return {width, heightForWidth(width)};
}

void MemoryPicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QPalette& colors = palette();
  if (hasFocus()) paint_focus(painter, rect(), colors);
  const QFontMetrics metrics(font());
  const QRect words = metrics.boundingRect(QRect(0, 0, width(), 4000), Qt::TextWordWrap, headline());
  painter.setPen(colors.color(QPalette::WindowText));
  painter.drawText(QRect(0, 0, width(), words.height()), Qt::TextWordWrap, headline());
  if (!memory_) return;
  const QList<Part> all = parts();
  const auto total = static_cast<double>(std::max<quint64>(1, memory_->total()));
  const auto free = static_cast<double>(memory_->free_bytes);
  const bool fits = total <= free;

  // The parts in the bar's whole width.
  const QRectF bar(0.5, words.height() + kSpaceSmall + 0.5, width() - 1.0, metrics.height());
  double x = bar.left();
  for (qsizetype i = 0; i < all.size(); ++i) {
    const double part = bar.width() * static_cast<double>(all[i].bytes) / total;
    if (part > kRoundings) painter.fillRect(QRectF(x, bar.top(), part, bar.height()), color_of(i, all.size()));
    x += part;
  }
  // Below it the device, with what of it the bar is; or in the bar the line where the device ends.
  const QRectF device(bar.left(), bar.bottom() + kSpaceLarge, bar.width(), kSpaceSmall);
  QString end = tr("%1 free").arg(byte_count(memory_->free_bytes));
  painter.setBrush(Qt::NoBrush);
  if (fits) {
    const double taken = device.width() * total / free;
    // The beam of a magnifying glass: the bar is that part of the device.
    painter.setPen(Qt::NoPen);
    painter.setBrush(grid_line(colors));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.drawPolygon(QPolygonF{bar.bottomLeft(), bar.bottomRight(),
                                  QPointF(device.left() + std::max(2.0, taken), device.top()), device.topLeft()});
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(axis_line(colors), 1.0));
    painter.setBrush(Qt::NoBrush);
    painter.fillRect(QRectF(device.left(), device.top(), std::max(2.0, taken), device.height()),
                     secondary_text(colors));
    painter.drawRect(device);
  } else {
    const double ends = bar.left() + bar.width() * free / total;
    painter.fillRect(QRectF(ends, bar.top(), bar.right() - ends, bar.height()), hatching(colors));
    painter.setPen(QPen(state_color(StateColor::kBad, colors), 2.0));
    painter.drawLine(QPointF(ends, bar.top() - kSpaceTiny), QPointF(ends, device.bottom()));
    end = tr("%1 needed, the line is at the %2 that are free")
              .arg(byte_count(memory_->total()), byte_count(memory_->free_bytes));
  }
  painter.setPen(secondary_text(colors));
  const QRectF under(bar.left(), device.bottom() + kSpaceTiny / 2.0, bar.width(), metrics.height());
  painter.drawText(under, Qt::AlignRight, end);

  // The parts by name, in the bar's order, in two columns.
  const double column = width() / 2.0;
  const double top = under.bottom() + kSpaceSmall;
  for (qsizetype i = 0; i < all.size(); ++i) {
    const double left = static_cast<double>(i % 2) * column;
    const double y = top + static_cast<double>(i / 2) * (metrics.height() + kSpaceTiny);
    const QRectF swatch(left, y + (metrics.height() - kSwatch) / 2.0, kSwatch, kSwatch);
    painter.fillRect(swatch, color_of(i, all.size()));
    painter.setPen(axis_line(colors));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(swatch);
    painter.setPen(colors.color(QPalette::WindowText));
    painter.drawText(QRectF(swatch.right() + kSpaceTiny, y, column - kSwatch - kSpaceSmall, metrics.height()),
                     Qt::AlignLeft, tr("%1 %2").arg(all[i].name, byte_count(all[i].bytes)));
  }
}

}  // namespace vernier::ui
