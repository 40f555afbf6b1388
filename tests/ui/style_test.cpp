// Colours against their published references, contrast, words for numbers.
#include <QApplication>
#include <QLabel>
#include <QTest>
#include <QVBoxLayout>
#include <cmath>

#include "tests/ui/samples.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {

class StyleTest : public QObject {
  Q_OBJECT

 private slots:
  void cividisFollowsItsReference() {
    // matplotlib 3's colormaps["cividis"](t, bytes=True), which cuts off where we round.
    const auto is = [](double t, int red, int green, int blue) {
      const QColor color = cividis(t);
      return std::abs(color.red() - red) <= 1 && std::abs(color.green() - green) <= 1 &&
             std::abs(color.blue() - blue) <= 1;
    };
    QVERIFY(is(0.0, 0, 34, 77));
    QVERIFY(is(51 / 255.0, 53, 69, 108));
    QVERIFY(is(128 / 255.0, 124, 123, 120));
    QVERIFY(is(204 / 255.0, 200, 183, 101));
    QVERIFY(is(1.0, 253, 231, 55));
  }

  void mapsClampAndMarkNaN() {
    QCOMPARE(cividis(-3.0), cividis(0.0));
    QCOMPARE(cividis(9.0), cividis(1.0));
    QCOMPARE(blue_orange(-7.0), blue_orange(-1.0));
    QCOMPARE(cividis(std::nan("")), blue_orange(std::nan("")));
    QVERIFY(cividis(std::nan("")) != cividis(0.5));
  }

  void cividisGrowsLighter() {
    double before = 0.0;
    for (int i = 0; i <= 100; ++i) {
      const double now = contrast_ratio(cividis(i / 100.0), Qt::black);
      QVERIFY(now >= before);
      before = now;
    }
  }

  void differencesAreBlueBelowAndOrangeAbove() {
    for (int i = 1; i <= 20; ++i) {
      const QColor below = blue_orange(-i / 20.0);
      const QColor above = blue_orange(i / 20.0);
      QVERIFY(below.blue() > below.red());
      QVERIFY(above.red() > above.blue());
    }
    QVERIFY(contrast_ratio(blue_orange(0.0), Qt::white) < 1.1);
  }

  void contrastIsThatOfWcag() {
    QVERIFY(std::abs(contrast_ratio(Qt::white, Qt::black) - 21.0) < 1e-3);
    // #777777 on white, a figure known from WCAG tools.
    QVERIFY(std::abs(contrast_ratio(QColor(0x77, 0x77, 0x77), Qt::white) - 4.48) < 0.01);
  }

  void textIsReadableOnEveryColorOfTheMaps() {
    for (int i = 0; i <= 200; ++i) {
      const double t = i / 200.0;
      for (const QColor& color : {cividis(t), blue_orange(2.0 * t - 1.0)}) {
        QVERIFY2(contrast_ratio(readable_text_on(color), color) >= 4.5, qPrintable(color.name()));
      }
    }
  }

  void labelsAreReadableInLightAndDark() {
    for (const QPalette& palette : {QPalette(QColor(0xef, 0xef, 0xef)), samples::dark_palette()}) {
      const QColor base = palette.color(QPalette::Base);
      for (const QColor& hue : {per_token_color(), per_sequence_color(), gradient_color(), rate_color()}) {
        QVERIFY2(contrast_ratio(legible(hue, base), base) >= 4.5, qPrintable(hue.name()));
        // The lines themselves, by WCAG's rule for graphics.
        QVERIFY2(contrast_ratio(hue, base) >= 2.9, qPrintable(hue.name()));
      }
      QVERIFY(contrast_ratio(secondary_text(palette), palette.color(QPalette::Window)) >= 4.5);
    }
  }

  // A theme chosen while the window stands reaches what is in it.
  void notesFollowTheThemeWhileTheyAreShown() {
    const QPalette before = QApplication::palette();
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    QLabel* note = make_note(QStringLiteral("Why"), &window);
    layout->addWidget(note);
    window.show();
    for (const Theme theme : {Theme::kLight, Theme::kDark, Theme::kLight}) {
      apply_theme(theme);
      QCoreApplication::processEvents();
      QCOMPARE(note->palette().color(QPalette::WindowText), secondary_text(QApplication::palette()));
    }
    apply_theme(Theme::kSystem);
    QApplication::setPalette(before);
  }

  void numbersAreWords() {
    QCOMPARE(grouped(1234567), QString("1\u2009234\u2009567"));
    QCOMPARE(grouped(-1000), QString("\u22121\u2009000"));
    QCOMPARE(grouped(999), QString("999"));
    QCOMPARE(figure(2.3456789, 4), QString("2.346"));
    QCOMPARE(figure(0.0), QString("0"));
    QCOMPARE(figure(0.00002, 3), QString("2.0e\u22125"));
    QCOMPARE(figure(std::nan("")), QString("not a number"));
    QCOMPARE(byte_count(2'097'152), QString("2.1 MB"));
    QCOMPARE(byte_count(999), QString("999 B"));
    QCOMPARE(byte_count(999'999), QString("1.0 MB"));
    QCOMPARE(percent(0.0131), QString("1.3 %"));
    QCOMPARE(nice_ceiling(7.6), 10.0);
    QCOMPARE(nice_ceiling(2.0), 2.0);
    QCOMPARE(nice_ceiling(0.21), 0.25);
  }

  void whiteSpaceIsVisible() {
    QCOMPARE(visible_piece("\u2581the", 5), QString("\u2423the"));
    QCOMPARE(visible_piece(" the\n", 5), QString("\u2423the\u21B5"));
    QCOMPARE(visible_piece("<0x0A>", 5), QString("\u21B5"));
    QCOMPARE(visible_piece("", 77), QString("⟨77⟩"));
    QVERIFY(breaks_line("<0x0A>"));
    QVERIFY(breaks_line("a\n"));
    QVERIFY(!breaks_line("\u2581the"));
  }
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::StyleTest)
#include "style_test.moc"
