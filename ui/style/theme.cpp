#include "ui/style/theme.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>
#include <QFontMetrics>
#include <QPainter>
#include <QStyle>
#include <QStyleFactory>
#include <algorithm>

#include "ui/style/color_maps.h"
#include "ui/style/instrument_style.h"
#include "ui/style/text_width.h"

namespace vernier::ui {
namespace {

// The accent of both themes: Okabe-Ito's blue, lightened where the ground is dark.
constexpr QRgb kAccentLight = 0xff0072b2;
constexpr QRgb kAccentDark = 0xff56b4e9;

constexpr int kLineChars = 120;

QPalette light_palette() {
  QPalette palette;
  const QColor ink(0x1f2328);
  palette.setColor(QPalette::Window, QColor(QRgb(0xfff3f4f6)));
  palette.setColor(QPalette::WindowText, ink);
  palette.setColor(QPalette::Base, QColor(QRgb(0xffffffff)));
  palette.setColor(QPalette::AlternateBase, QColor(QRgb(0xfff3f5f7)));
  palette.setColor(QPalette::Text, ink);
  palette.setColor(QPalette::PlaceholderText, QColor(QRgb(0xff60676e)));
  palette.setColor(QPalette::Button, QColor(QRgb(0xffe9ebee)));
  palette.setColor(QPalette::ButtonText, ink);
  palette.setColor(QPalette::BrightText, QColor(QRgb(0xffffffff)));
  palette.setColor(QPalette::ToolTipBase, QColor(QRgb(0xffffffff)));
  palette.setColor(QPalette::ToolTipText, ink);
  palette.setColor(QPalette::Light, QColor(QRgb(0xffffffff)));
  palette.setColor(QPalette::Midlight, QColor(QRgb(0xffe4e7ea)));
  palette.setColor(QPalette::Mid, QColor(QRgb(0xffc3c8ce)));
  palette.setColor(QPalette::Dark, QColor(QRgb(0xff9aa1a9)));
  palette.setColor(QPalette::Shadow, QColor(QRgb(0xff6a7178)));
  palette.setColor(QPalette::Highlight, QColor::fromRgb(kAccentLight));
  palette.setColor(QPalette::HighlightedText, QColor(QRgb(0xffffffff)));
  palette.setColor(QPalette::Link, QColor::fromRgb(kAccentLight));
  palette.setColor(QPalette::LinkVisited, QColor(QRgb(0xff7a4e96)));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, QColor(QRgb(0xff8b929a)));
  }
  palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(QRgb(0xff9aa1a9)));
  return palette;
}

QPalette dark_palette() {
  QPalette palette;
  const QColor ink(0xe4e7ea);
  palette.setColor(QPalette::Window, QColor(QRgb(0xff1e2125)));
  palette.setColor(QPalette::WindowText, ink);
  palette.setColor(QPalette::Base, QColor(QRgb(0xff16181b)));
  palette.setColor(QPalette::AlternateBase, QColor(QRgb(0xff1c1f23)));
  palette.setColor(QPalette::Text, ink);
  palette.setColor(QPalette::PlaceholderText, QColor(QRgb(0xffadb3ba)));
  palette.setColor(QPalette::Button, QColor(QRgb(0xff2c3036)));
  palette.setColor(QPalette::ButtonText, ink);
  palette.setColor(QPalette::BrightText, QColor(QRgb(0xffffffff)));
  palette.setColor(QPalette::ToolTipBase, QColor(QRgb(0xff2c3036)));
  palette.setColor(QPalette::ToolTipText, ink);
  palette.setColor(QPalette::Light, QColor(QRgb(0xff3d434a)));
  palette.setColor(QPalette::Midlight, QColor(QRgb(0xff343940)));
  palette.setColor(QPalette::Mid, QColor(QRgb(0xff4a5159)));
  palette.setColor(QPalette::Dark, QColor(QRgb(0xff111315)));
  palette.setColor(QPalette::Shadow, QColor(QRgb(0xff000000)));
  palette.setColor(QPalette::Highlight, QColor::fromRgb(kAccentDark));
  palette.setColor(QPalette::HighlightedText, QColor(QRgb(0xff0c1013)));
  palette.setColor(QPalette::Link, QColor::fromRgb(kAccentDark));
  palette.setColor(QPalette::LinkVisited, QColor(QRgb(0xffc8a2dc)));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, QColor(QRgb(0xff737a82)));
  }
  palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(QRgb(0xff4a5159)));
  return palette;
}

// Colours that Qt does not refresh by itself when the palette changes.
class ThemedLabel : public QLabel {
 public:
  ThemedLabel(const QString& text, QWidget* parent, bool is_heading) : QLabel(text, parent), is_heading_(is_heading) {
    refresh();
  }

  // Lines end where they are still read easily, in a label of any width. (One with a largest width would stand in the
  // middle of a wider place, and be given the height that its text has in that.)
  int heightForWidth(int width) const override { return QLabel::heightForWidth(std::min(width, line_width())); }

 protected:
  void changeEvent(QEvent* event) override {
    QLabel::changeEvent(event);
    if (!refreshing_ && (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange ||
                         event->type() == QEvent::ApplicationFontChange)) {
      refresh();
    }
  }

  void paintEvent(QPaintEvent* event) override {
    if (!wordWrap() || width() <= line_width() || textInteractionFlags() != Qt::LinksAccessibleByMouse) {
      return QLabel::paintEvent(event);
    }
    QPainter painter(this);
    QRect lines = contentsRect();
    lines.setWidth(line_width());
    style()->drawItemText(&painter, lines, static_cast<int>(alignment()) | Qt::TextWordWrap, palette(), isEnabled(),
                          text(), foregroundRole());
  }

 private:
  int line_width() const { return character_width(fontMetrics()) * kLineChars; }

  void refresh() {
    refreshing_ = true;
    if (is_heading_) {
      setFont(heading_font(QApplication::font()));
    } else {
      // This role alone: a label that has all of them would not hear of a new palette.
      QPalette own;
      own.setColor(QPalette::WindowText, secondary_text(QApplication::palette()));
      setPalette(own);
    }
    refreshing_ = false;
  }

  bool is_heading_;
  bool refreshing_ = false;
};

}  // namespace

QString to_string(Theme theme) {
  switch (theme) {
    case Theme::kLight:
      return QStringLiteral("light");
    case Theme::kDark:
      return QStringLiteral("dark");
    case Theme::kSystem:
      break;
  }
  return QStringLiteral("system");
}

Theme theme_from_string(const QString& name) {
  if (name == QLatin1String("light")) return Theme::kLight;
  if (name == QLatin1String("dark")) return Theme::kDark;
  return Theme::kSystem;
}

void apply_theme(Theme theme) {
  // The desktop's own style and palette, before anything was changed.
  static const QString system_style = QApplication::style()->objectName();
  static const QPalette system_palette = QApplication::palette();
  if (theme == Theme::kSystem) {
    // Where the desktop has no style of its own, Qt's is Fusion, which ours mends.
    const bool has_own = system_style.compare(QLatin1String("fusion"), Qt::CaseInsensitive) != 0;
    QApplication::setStyle(has_own ? QStyleFactory::create(system_style) : new InstrumentStyle);
    QApplication::setPalette(system_palette);
    return;
  }
  QApplication::setStyle(new InstrumentStyle);
  QApplication::setPalette(theme == Theme::kDark ? dark_palette() : light_palette());
}

void apply_zoom(int percent) {
  static const qreal system_size = QApplication::font().pointSizeF();
  QFont font = QApplication::font();
  font.setPointSizeF(system_size * percent / 100.0);
  QApplication::setFont(font);
}

QFont heading_font(const QFont& base) {
  QFont font = base;
  font.setPointSizeF(base.pointSizeF() * 1.3);
  return font;
}

QFont tabular_font(const QFont& base) {
  QFont font = base;
  // The usual interface fonts have digits of one width already; where they have not, the fixed font does.
  const QFontMetricsF metrics(base);
  const qreal width = metrics.horizontalAdvance(QLatin1Char('0'));
  for (const char digit : {'1', '4', '7'}) {
    if (metrics.horizontalAdvance(QLatin1Char(digit)) != width) {
      font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
      font.setPointSizeF(base.pointSizeF());
      break;
    }
  }
  return font;
}

QLabel* make_heading(const QString& text, QWidget* parent) {
  auto* label = new ThemedLabel(text, parent, true);
  label->setTextFormat(Qt::PlainText);
  return label;
}

QLabel* make_note(const QString& text, QWidget* parent, bool wrap) {
  auto* label = new ThemedLabel(text, parent, false);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(wrap);
  return label;
}

}  // namespace vernier::ui
