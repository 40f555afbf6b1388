// Colours against their published references, contrast, words for numbers.
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QRadioButton>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>
#include <memory>

#include "tests/ui/samples.h"
#include "ui/style/color_maps.h"
#include "ui/style/instrument_style.h"
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

  // What Fusion draws too faintly is mended there, too.
  void aDesktopWithoutAStyleGetsOurs() {
    if (qEnvironmentVariableIsSet("QT_STYLE_OVERRIDE")) QSKIP("QT_STYLE_OVERRIDE names a style");
    const QPalette before = QApplication::palette();
    for (const Theme theme : {Theme::kSystem, Theme::kDark, Theme::kSystem}) {
      apply_theme(theme);
      QVERIFY(dynamic_cast<InstrumentStyle*>(QApplication::style()) != nullptr);
    }
    QCOMPARE(QApplication::palette().color(QPalette::Window), before.color(QPalette::Window));
  }

  // WCAG's 3 to 1 for what shows a control's state.
  void statesOfButtonsAndBoxesShowInBothThemes() {
    const QPalette before = QApplication::palette();
    for (const Theme theme : {Theme::kLight, Theme::kDark}) {
      apply_theme(theme);
      const QPalette colors = QApplication::palette();
      QToolButton button;
      button.setText(QStringLiteral("Smooth"));
      button.setCheckable(true);
      button.resize(80, 24);
      const auto edge = [&button] { return button.grab().toImage().pixelColor(button.width() / 2, 0); };
      const QColor up = edge();
      button.setChecked(true);
      QVERIFY(edge() != up);
      QVERIFY2(contrast_ratio(edge(), colors.color(QPalette::Window)) >= 3.0, qPrintable(edge().name()));

      // What is not chosen can be found, and so can a field to type in.
      QRadioButton radio;
      radio.resize(radio.sizeHint());
      const QImage round = radio.grab().toImage();
      int sides = 0;
      for (int x = 0; x < round.width(); ++x) {
        sides += contrast_ratio(round.pixelColor(x, round.height() / 2), colors.color(QPalette::Window)) >= 3.0;
      }
      QVERIFY2(sides >= 2, qPrintable(to_string(theme)));
      if (theme == Theme::kDark) {
        QLineEdit line;
        line.resize(80, 24);
        const QColor frame = line.grab().toImage().pixelColor(40, 0);
        QVERIFY2(contrast_ratio(frame, colors.color(QPalette::Window)) >= 3.0, qPrintable(frame.name()));
      }

      QListWidget list;
      auto* item = new QListWidgetItem(QString(), &list);
      item->setCheckState(Qt::Unchecked);
      list.resize(120, 40);
      list.show();
      const QImage image = list.viewport()->grab().toImage();
      int framed = 0;
      for (int x = 0; x < image.width() / 2; ++x) {
        framed += contrast_ratio(image.pixelColor(x, list.visualItemRect(item).center().y()),
                                 colors.color(QPalette::Base)) >= 3.0;
      }
      QCOMPARE(framed, 2);  // the box's left and right side
    }
    apply_theme(Theme::kSystem);
    QApplication::setPalette(before);
  }

  // In a place wider than its lines a note begins at the left, and has the height that they need.
  void longNotesKeepReadableLinesInWidePlaces() {
    const std::unique_ptr<QLabel> note(make_note(QStringLiteral("word ").repeated(60).trimmed()));
    const int line = note->fontMetrics().height();
    QVERIFY(note->heightForWidth(4000) > 2 * line);
    QCOMPARE(note->heightForWidth(4000), note->heightForWidth(2000));
    QVERIFY(note->maximumWidth() >= 4000);
    note->resize(4000, note->heightForWidth(4000));
    const QImage image = note->grab().toImage();
    const auto is_blank = [&image](const QRect& part) {
      for (int y = part.top(); y <= part.bottom(); ++y) {
        for (int x = part.left(); x <= part.right(); ++x) {
          if (image.pixel(x, y) != image.pixel(image.width() - 1, 0)) return false;
        }
      }
      return true;
    };
    QVERIFY(!is_blank(QRect(0, 0, 40, line)) && !is_blank(QRect(0, image.height() - line, 40, line)));
    QVERIFY(is_blank(QRect(2000, 0, 2000, image.height())));
  }

  void numbersAreWords() {
    QCOMPARE(grouped(1234567), QString("1\u202f234\u202f567"));
    QCOMPARE(grouped(-1000), QString("\u22121\u202f000"));
    QCOMPARE(grouped(999), QString("999"));
    QCOMPARE(with_grouped("rows: 1319", 1319), QString("rows: 1\u202f319"));
    QCOMPARE(with_grouped("71319 or 13190, 1319 of them", 1319), QString("71319 or 13190, 1\u202f319 of them"));
    QCOMPARE(with_grouped("one row", 1), QString("one row"));
    QCOMPARE(figure(2.3456789, 4), QString("2.346"));
    QCOMPARE(figure(0.0), QString("0"));
    QCOMPARE(figure(0.00002, 3), QString("2.0e\u22125"));
    QCOMPARE(figure(std::nan("")), QString("not a number"));
    QCOMPARE(byte_count(2'097'152), QString("2.1\u00a0MB"));
    QCOMPARE(byte_count(999), QString("999\u00a0B"));
    QCOMPARE(byte_count(999'999), QString("1.0\u00a0MB"));
    QCOMPARE(percent(0.0131), QString("1.3\u00a0%"));
    QCOMPARE(chance(0.0131), QString("1.3\u00a0%"));
    QCOMPARE(chance(3.3e-5, 2), QString("0.0033\u00a0%"));
    QCOMPARE(chance(0.0), QString("0.0\u00a0%"));
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
