#include "ui/widgets/tool_tips.h"

#include <QApplication>
#include <QHelpEvent>
#include <QStringList>
#include <QTextBoundaryFinder>
#include <QTextDocument>
#include <QToolTip>
#include <QWidget>

#include "ui/style/text_width.h"

namespace vernier::ui {
namespace {

constexpr int kLineChars = 60;

QString wrapped_line(const QString& line, const QFontMetrics& metrics, int widest) {
  const auto is_too_wide = [&](const QString& text) { return metrics.horizontalAdvance(text.trimmed()) > widest; };
  if (!is_too_wide(line)) return line;
  QStringList lines;
  QTextBoundaryFinder finder(QTextBoundaryFinder::Line, line);
  qsizetype begin = 0, last = 0;
  for (qsizetype at = finder.toNextBoundary(); at >= 0; at = finder.toNextBoundary()) {
    if (last > begin && is_too_wide(line.mid(begin, at - begin))) {
      lines << line.mid(begin, last - begin).trimmed();
      begin = last;
    }
    last = at;
  }
  lines << line.mid(begin).trimmed();
  return lines.join(QLatin1Char('\n'));
}

}  // namespace

QString wrapped_tool_tip(const QString& text, const QFontMetrics& metrics) {
  if (Qt::mightBeRichText(text)) return text;
  const int widest = kLineChars * character_width(metrics);
  QStringList lines;
  for (const QString& line : text.split(QLatin1Char('\n'))) lines << wrapped_line(line, metrics, widest);
  return lines.join(QLatin1Char('\n'));
}

WrappedToolTips::WrappedToolTips(QObject* parent) : QObject(parent) {
  qApp->installEventFilter(this);
}

bool WrappedToolTips::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::ToolTip || is_asking_ || !watched->isWidgetType()) return false;
  // The widget, or one around it, shows what it has to say; that is then shown in lines.
  auto* widget = static_cast<QWidget*>(watched);
  is_asking_ = true;
  QCoreApplication::sendEvent(widget, event);
  is_asking_ = false;
  if (!QToolTip::isVisible()) return true;
  const QString text = QToolTip::text(), wrapped = wrapped_tool_tip(text, QFontMetrics(QToolTip::font()));
  if (wrapped != text) QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), wrapped, widget);
  return true;
}

}  // namespace vernier::ui
