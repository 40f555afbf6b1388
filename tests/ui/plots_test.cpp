// The plots: values at their pixels, read-outs, gestures, keys, gaps.
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QMenu>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <random>

#include "tests/ui/drawn_text.h"
#include "tests/ui/pictures.h"
#include "tests/ui/samples.h"
#include "ui/plots/balance_scatter.h"
#include "ui/plots/curve_plot.h"
#include "ui/plots/data_table_dialog.h"
#include "ui/plots/logit_cells.h"
#include "ui/plots/loss_canvas.h"
#include "ui/plots/loss_plot.h"
#include "ui/plots/step_ticker.h"
#include "ui/plots/table_export.h"
#include "ui/plots/table_writer.h"
#include "ui/plots/token_map.h"
#include "ui/style/color_maps.h"
#include "ui/style/theme.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

LossCanvas& canvas_of(LossPlot& plot) {
  return *static_cast<LossCanvas*>(plot.findChild<QWidget*>("lossCanvas"));
}

void wheel(QWidget& widget, const QPointF& at, int notches, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
  QWheelEvent event(at, widget.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt::NoButton, modifiers,
                    Qt::NoScrollPhase, false);
  // As from a real wheel: what a widget leaves alone goes on to what is around it.
  QSpontaneKeyEvent::setSpontaneous(&event);
  qApp->notify(&widget, &event);
  QCoreApplication::processEvents();
}

}  // namespace

class PlotsTest : public QObject {
  Q_OBJECT

 private slots:
  void linesAreDrawnInTheirColorsAtTheirValues() {
    LossPlot plot;
    plot.setSmoothed(false);
    plot.setShownStrips({Strip::kLearningRate, Strip::kGradNorm});
    std::vector<SeriesPoint> points;
    for (int i = 1; i <= 100; ++i) points.push_back({i, 2.0, 3.0, 1e-4, 1.0});
    plot.setSeries(points);
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    const QImage image = canvas.grab().toImage();
    QVERIFY(pixels_like(image, canvas.pixelOf(50, 2.0), 3, per_token_color()) > 0);
    QVERIFY(pixels_like(image, canvas.pixelOf(50, 3.0), 3, per_sequence_color()) > 0);
    QVERIFY(pixels_like(image, canvas.pixelOf(50, 2.0), 3, per_sequence_color()) == 0);
    // Between them the gap is shaded: neither of the base's colour nor of a line's.
    const QColor between = image.pixelColor(canvas.pixelOf(52, 2.52).toPoint());
    QVERIFY(between != plot.palette().color(QPalette::Base));
    QVERIFY(contrast_ratio(between, plot.palette().color(QPalette::Base)) < 1.6);
    // Values rise upwards, steps to the right.
    QVERIFY(canvas.pixelOf(50, 3.0).y() < canvas.pixelOf(50, 2.0).y());
    QVERIFY(canvas.pixelOf(60, 2.0).x() > canvas.pixelOf(50, 2.0).x());
  }

  void figuresOfALowStripDoNotTouch() {
    const auto figures = [](double share, const QCPRange& range) {
      BoundsTicker ticker;
      ticker.setFigureShare(share);
      QVector<double> ticks;
      ticker.generate(range, QLocale::c(), 'g', 6, ticks, nullptr, nullptr);
      return ticks;
    };
    QCOMPARE(figures(0.2, {0.0, 0.23}), (QVector<double>{0.0, 0.2}));
    QCOMPARE(figures(0.2, {-0.02, 0.23}), (QVector<double>{0.0, 0.2}));
    QCOMPARE(figures(0.9, {-0.02, 0.23}), (QVector<double>{0.2}));
    QCOMPARE(figures(0.1, {-1.1, 0.25}), (QVector<double>{-1.0, 0.0, 0.2}));
    QCOMPARE(figures(0.2, {-1.1, 0.25}), (QVector<double>{-1.0, 0.0}));
    // What a figure takes is known of each strip as it is laid out.
    LossPlot plot;
    plot.setShownStrips({kAllStrips.begin(), kAllStrips.end()});
    plot.setSeries(samples::series(100));
    settle(plot, {640, 420});
    LossCanvas& canvas = canvas_of(plot);
    canvas.replot();
    int strips = 0;
    for (QCPAxisRect* rect : canvas.axisRects()) {
      const auto ticker = rect->axis(QCPAxis::atLeft)->ticker().dynamicCast<BoundsTicker>();
      if (!ticker) continue;
      ++strips;
      QVERIFY(ticker->figureShare() * rect->height() >= QFontMetrics(canvas.font()).height() * 0.75);
    }
    QCOMPARE(strips, 5);
  }

  void theReadOutGoesWithTheKeyboard() {
    LossPlot plot;
    plot.setSeries(samples::series(100));
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    plot.setFocus();
    QSignalSpy hovered(&plot, &LossPlot::stepHovered);
    QTest::keyClick(&plot, Qt::Key_End);
    QTest::keyClick(&plot, Qt::Key_Left);
    QCOMPARE(plot.selectedStep(), 99);
    QCOMPARE(canvas.hoveredStep(), 99);
    QCOMPARE(hovered.last()[0].toLongLong(), 99);
    plot.setHoverNote(99, QStringLiteral("who holds them"));
    QCOMPARE(canvas.hoverNote(), QStringLiteral("who holds them"));
    // A screen reader hears it of the selected step, and of no other.
    plot.setSelectedNote(98, QStringLiteral("of another step"));
    plot.setSelectedNote(99, QStringLiteral("who holds them"));
    QVERIFY(plot.accessibleDescription().endsWith(QLatin1String("who holds them")));
    QTest::keyClick(&plot, Qt::Key_Left);
    QVERIFY(!plot.accessibleDescription().contains(QLatin1String("who holds them")));
    QVERIFY(canvas.hoverNote().isEmpty());
    QTest::keyClick(&plot, Qt::Key_Escape);
    QCOMPARE(canvas.hoveredStep(), 0);
    QCOMPARE(hovered.last()[0].toLongLong(), 0);
    QCOMPARE(plot.selectedStep(), 98);
  }

  void aGapIsLeftWhereTheLossIsNoNumber() {
    LossPlot plot;
    plot.setSmoothed(false);
    plot.setShownStrips({Strip::kLearningRate, Strip::kGradNorm});
    std::vector<SeriesPoint> points;
    for (int i = 1; i <= 60; ++i) {
      const bool bad = i >= 28 && i <= 33;
      points.push_back(
          {i, bad ? kNaN : 2.0, bad ? std::numeric_limits<double>::infinity() : 3.0, 1e-4, bad ? kNaN : 1.0});
    }
    plot.setSeries(points);
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    const QImage image = canvas.grab().toImage();
    QVERIFY(pixels_like(image, canvas.pixelOf(15, 2.0), 3, per_token_color()) > 0);
    QVERIFY(pixels_like(image, canvas.pixelOf(30.5, 2.0), 3, per_token_color()) == 0);
    const double axis = canvas.pixelOf(30, canvas.lossRange().lower).y();
    QVERIFY(pixels_like(image, QPointF(canvas.pixelOf(30, 2.0).x(), axis - 6), 4, state_color(StateColor::kBad, {})) >
            3);
    QVERIFY(plot.readout(30).join('\n').contains("not a number"));
    // Only bad points: still a plot.
    plot.setSeries({{1, kNaN, kNaN, kNaN, kNaN}});
    plot.setLogarithmic(true);
    canvas.replot();
    QVERIFY(std::isfinite(canvas.lossRange().lower));
  }

  void readoutNamesEveryValue() {
    LossPlot plot;
    QVERIFY(plot.readout(5).isEmpty());
    plot.setSeries({{7, 2.125, 2.5, 2e-4, 0.75}});
    EvalEvent eval;
    eval.step = 7;
    eval.eval_loss_per_token = 3.0625;
    plot.setEvals({eval});
    const QString text = plot.readout(9).join('\n');
    for (const char* part :
         {"step 7", "per token 2.1250", "per sequence 2.5000", "gap 0.3750", "3.0625", "0.0002", "0.750"}) {
      QVERIFY2(text.contains(part), qPrintable(text));
    }
  }

  void valuesStandWithTheirSmoothedOnes() {
    LossPlot plot;
    plot.setSeries(samples::series(100));
    settle(plot, {800, 500});
    const LossSeries& series = canvas_of(plot).series();
    const QString text = plot.readout(100).join('\n');
    for (const Curve curve : {Curve::kPerToken, Curve::kPerSequence}) {
      QVERIFY(text.contains(QString::number(series.value(curve, 99), 'f', 4)));
    }
    QVERIFY(text.contains("smoothed " + QString::number(series.value(Curve::kSmoothPerToken, 99), 'f', 4)));
    plot.setSmoothed(false);
    QVERIFY(!plot.readout(100).join('\n').contains("smoothed"));
  }

  void wordsNeverLieOnEachOther() {
    for (const QSize& size : {QSize(360, 300), QSize(640, 420), QSize(1100, 620)}) {
      for (const double end : {0.0, 0.02, 0.5, 3.9}) {
        for (const int steps : {30, 100, 900}) {
          LossPlot plot;
          std::vector<SeriesPoint> points;
          // The two losses end `end` apart.
          for (int i = 1; i <= steps; ++i) {
            const double loss = 0.01 + 6.0 * std::exp(-0.05 * i);
            points.push_back({i, loss, loss + end, 1e-4, 1.0});
          }
          plot.setSeries(points);
          plot.setEvals(samples::evals(steps, 2));
          plot.setTotalSteps(steps == 30 ? 100 : steps);
          settle(plot, size);
          for (const double guess : {3.0, 7.0, 40.0, 1e-3}) {
            for (const int selected : {0, 1, steps / 2, steps}) {
              plot.setBlindGuess(guess, 2048);
              plot.setSelectedStep(selected);
              canvas_of(plot).replot();
              const std::vector<QRectF>& words = canvas_of(plot).wordRects();
              QVERIFY(words.size() >= 6);
              for (std::size_t a = 0; a < words.size(); ++a) {
                QVERIFY2(QRectF(canvas_of(plot).rect()).contains(words[a]),
                         qPrintable(QString("%1 of %2 at %3, %4 to %5, %6")
                                        .arg(a)
                                        .arg(size.width())
                                        .arg(words[a].left())
                                        .arg(words[a].top())
                                        .arg(words[a].right())
                                        .arg(words[a].bottom())));
                for (std::size_t b = a + 1; b < words.size(); ++b) {
                  QVERIFY2(!words[a].intersects(words[b]),
                           qPrintable(QString("%1 x %2, %3 steps, end %4, guess %5, selected %6: words %7 and %8")
                                          .arg(size.width())
                                          .arg(size.height())
                                          .arg(steps)
                                          .arg(end)
                                          .arg(guess)
                                          .arg(selected)
                                          .arg(a)
                                          .arg(b)));
                }
              }
            }
          }
        }
      }
    }
  }

  void theAxisHoldsEveryValue() {
    for (const bool logarithmic : {false, true}) {
      LossPlot plot;
      plot.setLogarithmic(logarithmic);
      std::vector<SeriesPoint> points;
      for (int i = 1; i <= 100; ++i) points.push_back({i, 8.0 * std::exp(-0.2 * i), 1e-9, 1e-4, 1.0});
      plot.setSeries(points);
      settle(plot, {800, 500});
      const QCPRange range = canvas_of(plot).lossRange();
      QVERIFY(range.lower < 1e-9 && range.upper > points[0].loss_per_token);
      // A loss is never negative: no room is spent below 0.
      QVERIFY(logarithmic ? range.lower > 0.0 : range.lower > -0.03 * range.upper);
    }
  }

  void aThemeChosenLaterReachesEveryPart() {
    const QPalette before = QApplication::palette();
    LossPlot plot;
    plot.setSeries(samples::series(100));
    settle(plot, {800, 500});
    apply_theme(Theme::kDark);
    QCoreApplication::processEvents();
    const QImage image = canvas_of(plot).grab().toImage();
    QCOMPARE(image.pixelColor(2, 2), QApplication::palette().color(QPalette::Base));
    QVERIFY(is_dark(QApplication::palette()));
    apply_theme(Theme::kSystem);
    QApplication::setPalette(before);
  }

  void clickAndKeysSelectSteps() {
    LossPlot plot;
    plot.setSeries(samples::series(200));
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    QSignalSpy spy(&plot, &LossPlot::stepSelected);
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.pixelOf(120, 2.0).toPoint());
    QCOMPARE(spy.size(), qsizetype(1));
    const qint64 clicked = spy.takeFirst()[0].toLongLong();
    QVERIFY(std::abs(clicked - 120) <= 1);
    QTest::keyClick(&plot, Qt::Key_Left);
    QCOMPARE(spy.takeFirst()[0].toLongLong(), clicked - 1);
    QTest::keyClick(&plot, Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(spy.takeFirst()[0].toLongLong(), clicked - 1 + 20);
    QTest::keyClick(&plot, Qt::Key_End);
    QCOMPARE(spy.takeFirst()[0].toLongLong(), qint64(200));
    QTest::keyClick(&plot, Qt::Key_Right);
    QCOMPARE(spy.size(), qsizetype(0));
    QVERIFY(plot.accessibleDescription().contains("step 200"));
    plot.setSelectedStep(3);
    QCOMPARE(spy.size(), qsizetype(0));
    QCOMPARE(plot.selectedStep(), qint64(3));
  }

  void gesturesZoomAndReset() {
    LossPlot plot;
    plot.setSeries(samples::series(1000));
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    const QCPRange whole = canvas.stepRange();
    const QCPRange losses = canvas.lossRange();
    const QPointF at = canvas.pixelOf(400, 2.0);
    wheel(canvas, at, 4);
    QVERIFY(std::abs(canvas.stepRange().size() - whole.size() / std::pow(1.25, 4)) < 1.0);
    QVERIFY(std::abs(canvas.pixelOf(400, 2.0).x() - at.x()) < 1.0);  // what is under the pointer stays there
    wheel(canvas, at, 2, Qt::ShiftModifier);
    QVERIFY(canvas.lossRange().size() < losses.size() * 0.7);
    const double left = canvas.stepRange().lower;
    QTest::mousePress(&canvas, Qt::LeftButton, {}, at.toPoint());
    QTest::mouseMove(&canvas, at.toPoint() + QPoint(60, 0));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, at.toPoint() + QPoint(60, 0));
    QVERIFY(canvas.stepRange().lower < left);
    QCOMPARE(plot.selectedStep(), qint64(0));  // a drag is no click
    QTest::mouseDClick(&canvas, Qt::LeftButton, {}, at.toPoint());
    QCoreApplication::processEvents();
    QCOMPARE(canvas.stepRange().size(), whole.size());
    QCOMPARE(canvas.lossRange().size(), losses.size());
    // A box: Shift and drag.
    QTest::mousePress(&canvas, Qt::LeftButton, Qt::ShiftModifier, canvas.pixelOf(200, 3.0).toPoint());
    QTest::mouseMove(&canvas, canvas.pixelOf(300, 1.5).toPoint());
    QTest::mouseRelease(&canvas, Qt::LeftButton, Qt::ShiftModifier, canvas.pixelOf(300, 1.5).toPoint());
    QVERIFY(std::abs(canvas.stepRange().lower - 200) < 3 && std::abs(canvas.stepRange().upper - 300) < 3);
    QVERIFY(std::abs(canvas.lossRange().upper - 3.0) < 0.05);
  }

  // Copying, saving and the table are offered where the pointer is, and the tooltip teaches there.
  void theCanvasLeavesMenuAndTooltipToThePlot() {
    LossPlot plot;
    plot.setSeries(samples::series(100));
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    QStringList offered;
    QTimer::singleShot(0, &plot, [&offered] {
      auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
      if (menu == nullptr) return;
      for (const QAction* action : menu->actions()) offered << action->text();
      menu->close();
    });
    const QPoint at = canvas.pixelOf(40, 2.0).toPoint();
    QContextMenuEvent ask(QContextMenuEvent::Mouse, at, canvas.mapToGlobal(at));
    QCoreApplication::sendEvent(&canvas, &ask);
    QVERIFY2(offered.contains("Show as &table"), qPrintable(offered.join(' ')));
    QVERIFY(!canvas.testAttribute(Qt::WA_NoMousePropagation));
  }

  // No tick stands between two steps, and a line that goes on out of sight has its words beside the plot.
  void zoomedInStepsAndWordsStandWhereTheyBelong() {
    LossPlot plot;
    plot.setSeries(samples::series(50));
    settle(plot, {900, 500});
    LossCanvas& canvas = canvas_of(plot);
    for (int notch = 0; notch < 12; ++notch) {
      wheel(canvas, canvas.pixelOf(18, 2.0), 1);
      canvas.replot();
      for (const double tick : canvas.axisRect(2)->axis(QCPAxis::atBottom)->tickVector()) {
        QCOMPARE(tick, std::round(tick));
      }
    }
    const double edge = canvas.axisRect(0)->right();
    int beside = 0;
    for (const QRectF& word : canvas.wordRects()) beside += word.left() > edge ? 1 : 0;
    QCOMPARE(beside, 2);
  }

  void logarithmicByOneKey() {
    LossPlot plot;
    plot.setSeries(samples::series(100));
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    QTest::keyClick(&plot, Qt::Key_L);
    QCoreApplication::processEvents();
    QVERIFY(plot.logarithmic());
    const double high = canvas.pixelOf(1, 4.0).y();
    const double mid = canvas.pixelOf(1, 2.0).y();
    const double low = canvas.pixelOf(1, 1.0).y();
    QVERIFY(std::abs((low - mid) - (mid - high)) < 1e-6);
    QTest::keyClick(&plot, Qt::Key_L);
    QVERIFY(!plot.logarithmic());
  }

  void figuresBesideAnAxisStandApart() {
    for (const int height : {280, 320, 420, 800}) {
      LossPlot plot;
      plot.setSeries(samples::series(100));
      settle(plot, {700, height});
      LossCanvas& canvas = canvas_of(plot);
      canvas.replot();
      const int line = QFontMetrics(scaled_font(canvas.font(), 0.9)).ascent();
      for (int strip = 0; strip < 4; ++strip) {
        const QCPAxis* axis = canvas.axisRect(strip)->axis(QCPAxis::atLeft);
        const QVector<double> ticks = axis->tickVector();
        QVERIFY(ticks.size() >= (height < 400 ? 1 : 2));  // where one would touch the other, it is left out
        for (qsizetype i = 1; i < ticks.size(); ++i) {
          if (!axis->range().contains(ticks[i - 1]) || !axis->range().contains(ticks[i])) continue;
          const double apart = axis->coordToPixel(ticks[i - 1]) - axis->coordToPixel(ticks[i]);
          QVERIFY2(apart >= line, qPrintable(QStringLiteral("%1 in strip %2 at %3").arg(apart).arg(strip).arg(height)));
        }
      }
    }
  }

  void theViewGrowsWithTheRun() {
    LossPlot plot;
    plot.setTotalSteps(1000);
    plot.setSeries(samples::series(30));
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    const double early = canvas.stepRange().upper;
    QVERIFY(early > 30 && early < 100);
    plot.append(samples::series(600, 31));
    QCoreApplication::processEvents();
    QVERIFY(canvas.stepRange().upper > 630 && canvas.stepRange().upper <= 1010);
  }

  void aMillionStepsStayFluent() {
    LossPlot plot;
    plot.setSeries(samples::series(1'000'000));
    settle(plot, {1200, 700});
    LossCanvas& canvas = canvas_of(plot);
    canvas.zoomX(0.8, 600);
    canvas.replot();
    // The processor's time, not the clock's: other work on the machine does not count.
    const std::clock_t start = std::clock();
    const auto spent = [&start] { return 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; };
    constexpr int kFrames = 20;
    for (int i = 0; i < kFrames; ++i) {
      canvas.pan({i % 2 == 0 ? 15.0 : -14.0, 0.0});
      canvas.replot();
    }
    const double frame = spent() / kFrames;
    qInfo("%.1f ms a frame of 1,000,000 steps", frame);
    // What makes that so: of a million steps no more is drawn than can be told apart.
    plot.append(samples::series(10, 1'000'001));
    canvas.replot();
    QVERIFY(canvas.graphCount() > 0);
    for (int i = 0; i < canvas.graphCount(); ++i) QVERIFY(canvas.graph(i)->data()->size() <= 8 * 1200);
  }

  void picturesAreWritten() {
    QTemporaryDir folder;
    LossPlot plot;
    plot.setSeries(samples::series(100));
    settle(plot, {600, 400});
    TokenMap map("logits");
    map.setCells(std::make_shared<LogitCells>(std::make_shared<const LogitGrid>(samples::grid(20, 5)), samples::piece,
                                              LogitCells::ColorBy::kProbability, false, QString(), QString()));
    settle(map, {600, 300});
    for (const QString& name : {QString("a.png"), QString("a.svg"), QString("a.pdf")}) {
      QVERIFY(plot.savePicture(folder.filePath(name)));
      QVERIFY(QFileInfo(folder.filePath(name)).size() > 2000);
      QVERIFY(map.savePicture(folder.filePath("map-" + name)));
      QVERIFY(QFileInfo(folder.filePath("map-" + name)).size() > 2000);
    }
    const QImage image(folder.filePath("a.png"));
    QCOMPARE(image.size(), canvas_of(plot).size() * 2);
    const QString nowhere = folder.filePath("no/such/folder/a.png");
    const auto failed = [&nowhere](QWidget& widget, bool saved) {
      auto* bar = widget.findChild<MessageBar*>("pictureMessage");
      return !saved && bar->isVisible() && bar->text().contains(nowhere);
    };
    QVERIFY(failed(plot, plot.savePicture(nowhere)));
    QVERIFY(failed(map, map.savePicture(nowhere)));
    QVERIFY(plot.savePicture(folder.filePath("a.png")));
    QVERIFY(!plot.findChild<MessageBar*>("pictureMessage")->isVisible());
  }

  void aCurveStaysWithinItsData() {
    CurvePlot plot;
    plot.setCurves({{"one", {{1, 5}, {20, 2}, {40, 1}}}});
    settle(plot, {600, 300});
    auto& canvas = *static_cast<QCustomPlot*>(plot.findChild<QWidget*>("curveCanvas"));
    const QCPRange whole = canvas.xAxis->range();
    const QPointF middle(canvas.axisRect()->center());
    wheel(canvas, middle, 1);
    QVERIFY(canvas.xAxis->range().size() < whole.size());
    QTest::mousePress(&canvas, Qt::LeftButton, {}, middle.toPoint());
    QTest::mouseMove(&canvas, middle.toPoint() + QPoint(500, 0));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, middle.toPoint() + QPoint(500, 0));
    QVERIFY(canvas.xAxis->range().lower >= whole.lower);
    for (int i = 0; i < 4; ++i) wheel(canvas, middle, -1);
    QCOMPARE(canvas.xAxis->range(), whole);
  }

  void curvesOfLikeHuesDifferInTheirDash() {
    CurvePlot plot;
    std::vector<NamedCurve> curves;
    for (int i = 0; i < 6; ++i) {
      curves.push_back({QStringLiteral("curve %1").arg(i), {{1.0, 5.0 - i}, {20.0, 4.0 - 0.1 * i}}});
    }
    plot.setCurves(std::move(curves));
    settle(plot, {700, 300});
    auto& canvas = *static_cast<QCustomPlot*>(plot.findChild<QWidget*>("curveCanvas"));
    QVERIFY(canvas.graph(0)->pen().style() != canvas.graph(5)->pen().style());
    // There is no half step.
    QVERIFY(!canvas.xAxis->tickVector().isEmpty());
    for (const double tick : canvas.xAxis->tickVector()) QCOMPARE(tick, std::round(tick));
  }

  void aCurveLeavesTheWheelToAPageThatScrolls() {
    QScrollArea page;
    auto* tall = new QWidget;
    tall->setFixedSize(500, 2000);
    auto* plot = new CurvePlot(tall);
    plot->setGeometry(0, 0, 500, 300);
    plot->setCurves({{"one", {{1, 5}, {20, 2}, {40, 1}}}});
    page.setWidget(tall);
    settle(page, {520, 400});
    page.setFocus();
    auto& canvas = *static_cast<QCustomPlot*>(plot->findChild<QWidget*>("curveCanvas"));
    const QCPRange whole = canvas.xAxis->range();
    wheel(canvas, QPointF(200, 100), -1);
    const int scrolled = page.verticalScrollBar()->value();
    QVERIFY(scrolled > 0);
    wheel(canvas, QPointF(200, 100), 1);
    QVERIFY(page.verticalScrollBar()->value() < scrolled);
    QCOMPARE(canvas.xAxis->range(), whole);
    // Who has clicked on it means the plot.
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    plot->setFocus();
    const int before = page.verticalScrollBar()->value();
    wheel(canvas, QPointF(200, 100), 1);
    QVERIFY(canvas.xAxis->range().size() < whole.size());
    QCOMPARE(page.verticalScrollBar()->value(), before);
  }

  // No name of a token lies on the title of an axis, on what the halves mean, or on another name.
  void theNamesOfTheBalanceLeaveItsWordsFree() {
    BalanceScatter scatter;
    std::vector<TokenBalance> tokens;
    constexpr std::int64_t kTargets[] = {1, 2, 3, 20, 60, 200};
    for (int i = 0; i < 6; ++i) {
      tokens.push_back({i, kTargets[i], 1000 - i, 0, 0, 0.0});  // at the top, from the left to the middle
      tokens.push_back({20 + i, 1000 - i, i % 2, 0, 0, 0.0});   // at the bottom, on the right
    }
    scatter.setBalance(tokens, [](std::int32_t id) { return QStringLiteral("token%1").arg(id); });
    settle(scatter, {420, 320});
    std::vector<test::DrawnText> words;
    int names = 0;
    for (test::DrawnText& text : test::drawn_texts(scatter)) {
      if (text.text.contains(QRegularExpression(QStringLiteral("^[\\d\\s\u202f]+$")))) continue;  // a tick
      names += text.text.startsWith(QLatin1String("token")) ? 1 : 0;
      words.push_back(std::move(text));
    }
    QVERIFY2(names >= 2, qPrintable(QString::number(names)));
    QVERIFY(words.size() >= static_cast<std::size_t>(names) + 4);
    for (std::size_t i = 0; i < words.size(); ++i) {
      for (std::size_t k = i + 1; k < words.size(); ++k) {
        const QRectF both = words[i].place & words[k].place;
        QVERIFY2(both.width() < 1.0 || both.height() < 1.0, qPrintable(words[i].text + " on " + words[k].text));
      }
    }
  }

  void tablesAreTabSeparated() {
    TableData data;
    data.headers = {"a", "b"};
    data.rows = 2;
    data.cell = [](int row, int column) { return QString::number(10 * row + column); };
    QCOMPARE(to_text(data, TableFormat::kTsv), QString("a\tb\n0\t1\n10\t11\n"));
  }

  // A million rows hold up nothing: they go by slices, tell how far they are, and can be cancelled.
  void largeTablesAreWrittenBySlices() {
    TableData data;
    data.headers = {"a", "b"};
    data.rows = 400'000;
    data.cell = [](int row, int column) { return QString::number(row / (column + 1.0), 'g', 9); };
    QTemporaryDir folder;
    MessageBar bar;
    QObject owner;
    const QString path = folder.filePath("rows.csv");
    save_csv(path, data, owner, bar);
    QVERIFY(!QFile::exists(path));  // written aside
    QVERIFY(!bar.isHidden() && bar.text().contains("rows.csv"));
    double longest = 0.0;
    QElapsedTimer patience;
    patience.start();
    while (!bar.isHidden() && patience.elapsed() < 60000) {
      const double start = thread_milliseconds();
      QCoreApplication::processEvents();
      longest = std::max(longest, thread_milliseconds() - start);
    }
    QVERIFY2(longest < 50.0, qPrintable(QString::number(longest)));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll() == to_text(data, TableFormat::kCsv).toUtf8());

    const QString other = folder.filePath("other.csv");
    save_csv(other, data, owner, bar);
    QVERIFY(!bar.isHidden());
    bar.findChild<QPushButton*>("messageBarAction")->click();
    QVERIFY(bar.isHidden());
    QTest::qWait(50);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{"rows.csv"});  // nothing of it is left

    DataTableDialog dialog(QStringLiteral("rows"), data, nullptr);
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.show();
    QGuiApplication::clipboard()->setText(QStringLiteral("before"));
    auto* copy = dialog.findChild<QPushButton*>("copyTable");
    copy->click();
    QVERIFY(!copy->isEnabled() && dialog.findChild<QWidget*>("workLine")->isVisible());
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("before"));
    dialog.findChild<QToolButton*>("workStop")->click();
    QVERIFY(copy->isEnabled() && !dialog.findChild<QWidget*>("workLine")->isVisible());
    copy->click();
    QTRY_VERIFY_WITH_TIMEOUT(copy->isEnabled(), 30000);
    QVERIFY(QGuiApplication::clipboard()->text() == to_text(data, TableFormat::kTsv));
  }
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::PlotsTest)
#include "plots_test.moc"
