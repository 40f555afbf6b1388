// Every pair of colours that ui/style makes, in both themes, by WCAG 2: 4.5 : 1 for text, 3 : 1 for lines, shapes and
// what shows a state. Greyed out text and grid lines, which nothing depends on, are exempt.
#include "ui/style/contrast.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QTest>
#include <vector>

#include "ui/style/color_maps.h"
#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/style/run_style.h"
#include "ui/style/theme.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr double kText = 4.5;
constexpr double kShape = 3.0;
constexpr Theme kThemes[] = {Theme::kLight, Theme::kDark};
constexpr QPalette::ColorRole kGrounds[] = {QPalette::Window, QPalette::Base, QPalette::AlternateBase};
constexpr StateColor kStates[] = {StateColor::kNeutral, StateColor::kInfo, StateColor::kGood, StateColor::kWarning,
                                  StateColor::kBad};

std::vector<QColor> hues() {
  std::vector<QColor> out = {per_token_color(), per_sequence_color(), gradient_color(),
                             rate_color(),      throughput_color(),   memory_color()};
  for (int i = 0; i < 6; ++i) out.push_back(nth_series_color(i));
  for (int i = 0; i < kRunStyles; ++i) out.push_back(run_color(i));
  return out;
}

QColor opaque(const QColor& over, const QColor& ground) {
  return mixed(ground, QColor(over.rgb()), over.alphaF());
}

// Of a picture on an even ground: the contrast of its strongest pixel.
double strongest(const QImage& image, const QColor& ground) {
  double most = 1.0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) most = std::max(most, contrast_ratio(image.pixelColor(x, y), ground));
  }
  return most;
}

}  // namespace

class ContrastTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() {
    QVERIFY2(weak_.isEmpty(), qPrintable(weak_.join(QLatin1Char('\n'))));
    QVERIFY(pairs_ > 0);
  }
  void init() {
    weak_.clear();
    pairs_ = 0;
  }
  void cleanupTestCase() { apply_theme(Theme::kSystem); }

  void textOfThePaletteOnWhatItStandsOn() {
    using Role = QPalette::ColorRole;
    constexpr std::pair<Role, Role> kPairs[] = {{QPalette::WindowText, QPalette::Window},
                                                {QPalette::WindowText, QPalette::Base},
                                                {QPalette::Text, QPalette::Base},
                                                {QPalette::Text, QPalette::AlternateBase},
                                                {QPalette::Text, QPalette::Window},
                                                {QPalette::ButtonText, QPalette::Button},
                                                {QPalette::ButtonText, QPalette::Window},
                                                {QPalette::ButtonText, QPalette::Midlight},
                                                {QPalette::HighlightedText, QPalette::Highlight},
                                                {QPalette::ToolTipText, QPalette::ToolTipBase},
                                                {QPalette::PlaceholderText, QPalette::Base},
                                                {QPalette::PlaceholderText, QPalette::AlternateBase},
                                                {QPalette::PlaceholderText, QPalette::Button},
                                                {QPalette::Link, QPalette::Window},
                                                {QPalette::Link, QPalette::Base},
                                                {QPalette::LinkVisited, QPalette::Window},
                                                {QPalette::LinkVisited, QPalette::Base}};
    for (const Theme theme : kThemes) {
      const QPalette colors = with(theme);
      for (const auto& [text, ground] : kPairs) {
        for (const auto group : {QPalette::Active, QPalette::Inactive}) {
          need(kText, colors.color(group, text), colors.color(group, ground),
               QStringLiteral("role %1 on role %2").arg(text).arg(ground));
        }
      }
    }
  }

  void quietTextAndTextInAHue() {
    for (const Theme theme : kThemes) {
      const QPalette colors = with(theme);
      for (const QPalette::ColorRole role : kGrounds) {
        const QColor ground = colors.color(role);
        need(kText, role == QPalette::Window ? secondary_text(colors) : legible(secondary_text(colors), ground), ground,
             QStringLiteral("secondary text on role %1").arg(role));
        for (const QColor& hue : hues()) need(kText, legible(hue, ground), ground, QStringLiteral("legible hue"));
        for (const StateColor state : kStates) {
          need(kText, legible(state_color(state, colors), ground), ground, QStringLiteral("word of a state"));
        }
        // A bar that speaks of a state is tinted by it.
        for (const StateColor state : kStates) {
          const QColor hue = state_color(state, colors);
          const QColor tinted = mixed(ground, hue, is_dark(colors) ? 0.22 : 0.14);
          need(kText, colors.color(QPalette::WindowText), tinted, QStringLiteral("text of a message"));
          need(kText, legible(hue, tinted), tinted, QStringLiteral("first word of a message"));
        }
      }
      // Plots paint secondary text as it is.
      need(kText, secondary_text(colors), colors.color(QPalette::Base), QStringLiteral("secondary text on a plot"));
      // A read-out lies on whatever was painted before.
      for (const QColor& below : {colors.color(QPalette::Base), colors.color(QPalette::Text), per_token_color()}) {
        need(kText, colors.color(QPalette::Text), opaque(readout_background(colors), below),
             QStringLiteral("read-out"));
      }
      // The gap between two curves is shaded under the labels.
      need(kText, colors.color(QPalette::Text), opaque(gap_shade(colors), colors.color(QPalette::Base)),
           QStringLiteral("text on the gap"));
      // Hatching lies under the text of masked tokens.
      need(kText, colors.color(QPalette::Text), hatching_under_text(colors).color(),
           QStringLiteral("text on its hatching"));
    }
  }

  void textOnEveryColourOfTheMapsAndHues() {
    for (int i = 0; i <= 256; ++i) {
      const double t = i / 256.0;
      for (const QColor& ground : {cividis(t), blue_orange(2.0 * t - 1.0)}) {
        need(kText, readable_text_on(ground), ground, QStringLiteral("text on a map"));
      }
    }
    for (const QColor& hue : hues()) need(kText, readable_text_on(hue), hue, QStringLiteral("text on a hue"));
    for (const Theme theme : kThemes) {
      for (const StateColor state : kStates) {
        const QColor fill = state_color(state, with(theme));
        need(kShape, readable_text_on(fill), fill, QStringLiteral("mark within a state's shape"));
      }
    }
  }

  void linesAndShapes() {
    for (const Theme theme : kThemes) {
      const QPalette colors = with(theme);
      const QColor base = colors.color(QPalette::Base);
      for (const QPalette::ColorRole role : kGrounds) {
        const QColor ground = colors.color(role);
        const QString on = QStringLiteral(" on role %1").arg(role);
        for (const StateColor state : kStates) need(kShape, state_color(state, colors), ground, "state" + on);
        for (const QColor& hue : hues()) need(kShape, visible(hue, ground), ground, "visible hue" + on);
        need(kShape, axis_line(colors), ground, "axis" + on);
        need(kShape, colors.color(QPalette::Highlight), ground, "focus" + on);
        need(kShape, colors.color(QPalette::ButtonText), ground, "icon" + on);
      }
      need(kShape, colors.color(QPalette::Highlight), colors.color(QPalette::Button), QStringLiteral("focus"));
      // What the loss plot and its kin paint as they are.
      for (const QColor& hue : {per_token_color(), per_sequence_color(), gradient_color(), rate_color()}) {
        need(kShape, hue, base, QStringLiteral("line"));
        need(kShape, raw_line(hue, colors), base, QStringLiteral("raw line"));
      }
      need(kShape, hatching(colors).color(), base, QStringLiteral("hatching"));
      // Two curves' gap is framed by both; where it ends is theirs to say.
      for (const QColor& hue : {per_token_color(), per_sequence_color()}) {
        const QColor gap = opaque(gap_shade(colors), base);
        QVERIFY(contrast_ratio(hue, gap) > 1.5 && contrast_ratio(gap, base) > 1.2);
      }
    }
    need(kShape, light_outline(), QColor(Qt::black), QStringLiteral("outline within an outline"));
  }

  // None of the states' colours stands out from a selected row by itself.
  void statesOfSelectedRows() {
    for (const Theme theme : kThemes) {
      const QPalette colors = with(theme);
      const QColor ground = colors.color(QPalette::Highlight);
      for (const StateShape shape :
           {StateShape::kHollow, StateShape::kCircle, StateShape::kTriangle, StateShape::kOctagon, StateShape::kInfo}) {
        QImage image(48, 48, QImage::Format_RGB32);
        image.fill(ground);
        QPainter painter(&image);
        state_icon(shape, colors, 48).paint(&painter, image.rect(), Qt::AlignCenter, QIcon::Selected);
        painter.end();
        // Around the shape, and the shape on that.
        const QColor plate = image.pixelColor(3, 24);
        need(kShape, plate, ground, QStringLiteral("plate"));
        QVERIFY(strongest(image.copy(6, 6, 36, 36), plate) >= kShape);
        int of_state = 0;
        const QColor state = shape == StateShape::kHollow ? secondary_text(colors) : QColor();
        for (int y = 6; y < 42; ++y) {
          for (int x = 6; x < 42; ++x) {
            const QColor color = image.pixelColor(x, y);
            of_state += contrast_ratio(color, plate) >= kShape && (!state.isValid() || color.rgb() == state.rgb());
          }
        }
        QVERIFY2(of_state > 100, qPrintable(QString::number(of_state)));
      }
    }
  }

  // As painted, where the colours are made inside.
  void picturesThatAreMadeOnce() {
    for (const Theme theme : kThemes) {
      const QPalette colors = with(theme);
      for (const QPalette::ColorRole role : {QPalette::Base, QPalette::AlternateBase}) {
        for (int run = 0; run < kRunStyles; ++run) {
          QImage image(32, 16, QImage::Format_RGB32);
          image.fill(colors.color(role));
          QPainter painter(&image);
          painter.drawPixmap(8, 0, run_icon(run, 16).pixmap(16));
          painter.end();
          const double found = strongest(image, colors.color(role));
          ++pairs_;
          if (!(found >= kShape)) weak_ << QStringLiteral("icon of run %1: %2").arg(run).arg(found);
        }
      }
      for (const QIcon::Mode mode : {QIcon::Normal, QIcon::Selected}) {
        const QColor ground = colors.color(mode == QIcon::Normal ? QPalette::Window : QPalette::Highlight);
        for (int icon = 0; icon <= static_cast<int>(Icon::kDemo); ++icon) {
          QImage image(24, 24, QImage::Format_RGB32);
          image.fill(ground);
          QPainter painter(&image);
          make_icon(static_cast<Icon>(icon)).paint(&painter, image.rect(), Qt::AlignCenter, mode);
          painter.end();
          const double found = strongest(image, ground);
          ++pairs_;
          if (!(found >= kShape)) weak_ << QStringLiteral("icon %1, mode %2: %3").arg(icon).arg(mode).arg(found);
        }
      }
    }
  }

 private:
  static QPalette with(Theme theme) {
    apply_theme(theme);
    return QApplication::palette();
  }

  void need(double ratio, const QColor& color, const QColor& ground, const QString& what) {
    ++pairs_;
    const double found = contrast_ratio(color, ground);
    if (!(found >= ratio)) {
      weak_ << QStringLiteral("%1: %2 on %3 is %4 : 1, expected %5 : 1")
                   .arg(what, color.name(), ground.name())
                   .arg(found, 0, 'f', 2)
                   .arg(ratio);
    }
  }

  QStringList weak_;
  int pairs_ = 0;
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::ContrastTest)
#include "contrast_test.moc"
