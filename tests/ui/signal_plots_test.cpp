// Plots over steps: gradient heat map, logit statistics, a row's history; and the strips of the loss plot.
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <cmath>
#include <limits>

#include "tests/ui/menus.h"
#include "tests/ui/pictures.h"
#include "tests/ui/samples.h"
#include "ui/plots/data_table_dialog.h"
#include "ui/plots/gradient_map.h"
#include "ui/plots/logit_signal_plot.h"
#include "ui/plots/loss_canvas.h"
#include "ui/plots/loss_plot.h"
#include "ui/plots/row_history_plot.h"
#include "ui/style/color_maps.h"
#include "ui/style/contrast.h"

namespace vernier::ui {
namespace {

// Two layers of three projections; norms fall with the step and rise with the group; step 30 is broken in group 4.
std::shared_ptr<const SignalGrid> made_grid(int steps = 100) {
  std::vector<GradientGroup> groups;
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    for (const char* module : {"self_attn.q_proj", "self_attn.o_proj", "mlp.down_proj"})
      groups.push_back({layer, module});
  }
  auto grid = std::make_shared<SignalGrid>(groups);
  for (int step = 1; step <= steps; ++step) {
    StepSignals one;
    one.step = step;
    one.logits = {.mean = -2.0, .spread = 1.5, .min = -10.0, .max = 6.0};
    one.logits.top_argmax_share = 0.75;
    one.logits.top_target_share = 0.25;
    for (int g = 0; g < 6; ++g) one.gradient_norms.push_back(static_cast<float>((g + 1) * std::pow(0.97, step)));
    if (step == 30) one.gradient_norms[4] = std::numeric_limits<float>::infinity();
    if (step == 30) one.logits.non_finite = 3;
    if (step == 40) one.gradient_norms[0] = 0.0f;
    grid->add(one);
  }
  return grid;
}

LossCanvas& canvas_of(LossPlot& plot) {
  return *static_cast<LossCanvas*>(plot.findChild<QWidget*>("lossCanvas"));
}

}  // namespace

class SignalPlotsTest : public QObject {
  Q_OBJECT

 private slots:
  void cellsHaveTheColourOfTheirNorm() {
    GradientMap map;
    map.setStepRange(0.5, 100.5);
    map.setGrid(made_grid());
    settle(map, {900, 400});
    QCOMPARE(map.rowCount(), 6);
    const QImage image = map.grab().toImage();
    for (const int step : {3, 55, 98}) {
      for (int row = 0; row < map.rowCount(); ++row) {
        const auto group = static_cast<double>(map.groupOfRow(row));
        const QColor want = map.colorOf(static_cast<float>((group + 1) * std::pow(0.97, step)));
        const QColor got = image.pixelColor(map.cellRect(step, row).center().toPoint());
        QVERIFY2(std::abs(got.red() - want.red()) + std::abs(got.green() - want.green()) +
                         std::abs(got.blue() - want.blue()) <
                     6,
                 qPrintable(QStringLiteral("step %1, row %2").arg(step).arg(row)));
      }
    }
    // The first layer stands at the bottom; larger norms are lighter.
    QCOMPARE(map.groupOfRow(5), std::size_t(0));
    QVERIFY(map.colorOf(5.0f).lightnessF() > map.colorOf(0.5f).lightnessF());
    QCOMPARE(map.colorOf(0.0f), map.colorOf(std::nanf("")));
  }

  void whatIsNotFiniteIsCrossed() {
    GradientMap map;
    map.setStepRange(0.5, 100.5);
    map.setGrid(made_grid());
    settle(map, {1200, 400});
    const QImage image = map.grab().toImage();
    const QColor bad = state_color(StateColor::kBad, map.palette());
    QVERIFY(pixels_like(image, map.cellRect(30, 1).center(), 4, bad) > 3);
    QVERIFY(pixels_like(image, map.cellRect(60, 1).center(), 4, bad) == 0);
  }

  void rowsAreByLayerOrByProjection() {
    GradientMap map;
    map.setGrid(made_grid());
    const auto order = [&map] {
      QList<std::size_t> groups;
      for (int row = map.rowCount() - 1; row >= 0; --row) groups << map.groupOfRow(row);
      return groups;
    };
    QCOMPARE(order(), (QList<std::size_t>{0, 1, 2, 3, 4, 5}));
    map.setOrder(GradientMap::Order::kProjection);
    QCOMPARE(order(), (QList<std::size_t>{0, 3, 1, 4, 2, 5}));
  }

  void mouseAndKeysSelectSteps() {
    GradientMap map;
    map.setStepRange(0.5, 100.5);
    map.setGrid(made_grid());
    settle(map, {900, 400});
    QSignalSpy selected(&map, &StepPlot::stepSelected);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellRect(42, 2).center().toPoint());
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(42));
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(43));
    QTest::keyClick(&map, Qt::Key_End);
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(100));
    QTest::keyClick(&map, Qt::Key_Home);
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(1));
    QTest::keyClick(&map, Qt::Key_Up);
    QCOMPARE(map.selectedRow(), map.rowCount() - 1);
    QTest::keyClick(&map, Qt::Key_Up);
    QVERIFY2(map.accessibleDescription().contains(QStringLiteral("layer 1, o_proj")),
             qPrintable(map.accessibleDescription()));
    map.setSelectedStep(40);
    QTest::keyClick(&map, Qt::Key_Down);
    QVERIFY2(map.accessibleDescription().contains(QStringLiteral("nothing reaches it")),
             qPrintable(map.accessibleDescription()));
  }

  void theWheelAsksForOtherSteps() {
    GradientMap map;
    map.setStepRange(0.5, 100.5);
    map.setGrid(made_grid());
    settle(map, {900, 400});
    QSignalSpy wanted(&map, &StepPlot::stepRangeWanted);
    const QPointF at(map.xOf(20), map.plotRect().center().y());
    QWheelEvent event(at, map.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&map, &event);
    QCOMPARE(wanted.size(), qsizetype(1));
    const double low = wanted[0][0].toDouble(), high = wanted[0][1].toDouble();
    QVERIFY(std::abs((high - low) - 80.0) < 1e-9);
    QVERIFY(std::abs((20.0 - low) / (high - low) - (20.0 - 0.5) / 100.0) < 1e-9);  // what is under it stays there
    QSignalSpy whole(&map, &StepPlot::wholeRangeWanted);
    QTest::mouseDClick(&map, Qt::LeftButton, {}, at.toPoint());
    QCOMPARE(whole.size(), qsizetype(1));
  }

  void logitsAreDrawnAtTheirValues() {
    LogitSignalPlot plot;
    plot.setStepRange(0.5, 100.5);
    plot.setGrid(made_grid());
    settle(plot, {900, 400});
    const QImage image = plot.grab().toImage();
    const auto at = [&plot](double y) { return QPointF(plot.xOf(70), y); };
    QVERIFY(pixels_like(image, at(plot.yOf(-2.0)), 2, per_token_color()) > 0);
    // Thin lines may lie across two rows of pixels: their hue is what is looked for.
    const auto is_reddish = [&](double logit) {
      for (int dy = -2; dy <= 2; ++dy) {
        const QColor color = image.pixelColor((at(plot.yOf(logit)) + QPointF(0, dy)).toPoint());
        if (color.red() > color.blue() + 60) return true;
      }
      return false;
    };
    QVERIFY(is_reddish(6.0) && is_reddish(-10.0));
    QVERIFY(!is_reddish(3.0) && !is_reddish(-7.0));
    QVERIFY(pixels_like(image, at(plot.yOf(2.0)), 2, per_token_color()) == 0);
    QVERIFY(pixels_like(image, at(plot.yOfShare(0.75)), 2, gradient_color()) > 0);
    // The band of the spread lies around the mean.
    QVERIFY(image.pixelColor(at(plot.yOf(-3.0)).toPoint()) != plot.palette().color(QPalette::Base));
    QCOMPARE(image.pixelColor(at(plot.yOf(-7.0)).toPoint()), plot.palette().color(QPalette::Base));
    plot.setSelectedStep(30);
    QVERIFY2(plot.accessibleDescription().contains("3 logits are NaN"), qPrintable(plot.accessibleDescription()));
  }

  void emptyPlotsExplain() {
    GradientMap map;
    map.setExplanation(QStringLiteral("It was not recorded."));
    settle(map, {500, 200});
    QCOMPARE(map.accessibleDescription(), QStringLiteral("It was not recorded."));
    QTest::keyClick(&map, Qt::Key_Right);
    QTest::keyClick(&map, Qt::Key_Up);
    QTest::mouseClick(&map, Qt::LeftButton, {}, QPoint(250, 100));
    QCOMPARE(map.selectedStep(), qint64(0));
  }

  void aRowsHistoryGoesThroughItsPoints() {
    RowHistoryPlot plot;
    std::vector<SequenceRecord> history;
    for (const int step : {3, 17, 60}) history.push_back({step, {1, 41, 20, 10, 3.0 - 0.02 * step}});
    plot.setStepRange(0.5, 80.5);
    plot.setHistory(history);
    settle(plot, {500, 260});
    const QImage image = plot.grab().toImage();
    for (const SequenceRecord& one : history) {
      const QPointF at(plot.xOf(static_cast<double>(one.step)), plot.yOf(one.loss.loss));
      QVERIFY(pixels_like(image, at, 2, per_sequence_color()) > 3);
    }
    QSignalSpy selected(&plot, &StepPlot::stepSelected);
    QTest::keyClick(&plot, Qt::Key_Home);
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(3));
    QTest::keyClick(&plot, Qt::Key_Right);
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(17));
    plot.setSelectedStep(30);  // between two of them
    QTest::keyClick(&plot, Qt::Key_Right);
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(60));
    plot.setSelectedStep(30);
    QTest::keyClick(&plot, Qt::Key_Left);
    QCOMPARE(selected.takeFirst()[0].toLongLong(), qint64(17));
  }

  void picturesAndTablesOfAllOfThem() {
    QTemporaryDir folder;
    GradientMap map;
    LogitSignalPlot logits;
    map.setGrid(made_grid());
    logits.setGrid(made_grid());
    for (StepPlot* plot : {static_cast<StepPlot*>(&map), static_cast<StepPlot*>(&logits)}) {
      settle(*plot, {700, 300});
      for (const char* name : {"a.png", "a.svg", "a.pdf"}) {
        const QString path = folder.filePath(plot->objectName() + name);
        QVERIFY(plot->savePicture(path));
        QVERIFY(QFileInfo(path).size() > 2000);
      }
      const QStringList offered = choose_of_menu(*plot, QStringLiteral("Show as &table"));
      QVERIFY2(offered.contains(QStringLiteral("Save as CS&V\u2026")), qPrintable(offered.join(' ')));
      const auto* dialog = plot->findChild<DataTableDialog*>();
      QVERIFY(dialog != nullptr);
      QVERIFY(dialog->findChild<QTableView*>()->model()->rowCount() > 1);
    }
    GradientMap empty;
    settle(empty, {700, 300});
    choose_of_menu(empty, QStringLiteral("Show as &table"));
    QVERIFY(empty.findChild<DataTableDialog*>() == nullptr);
  }

  void stripsAreChosen() {
    LossPlot plot;
    std::vector<SeriesPoint> points = samples::series(200);
    for (SeriesPoint& point : points) {
      point.tokens_per_second = 5000.0;
      point.peak_memory_bytes = 2e9;
    }
    plot.setSeries(points);
    plot.setEvals(samples::evals(200, 4));
    settle(plot, {900, 700});
    LossCanvas& canvas = canvas_of(plot);
    QCOMPARE(canvas.axisRectCount(), 4);
    plot.setShownStrips({kAllStrips.begin(), kAllStrips.end()});
    canvas.replot();
    QCOMPARE(canvas.axisRectCount(), 7);
    QCOMPARE(plot.shownStrips().size(), kAllStrips.size());
    // One under the other, all over the same pixels, and only the lowest tells the steps.
    for (int i = 0; i < 7; ++i) {
      QCOMPARE(canvas.axisRect(i)->left(), canvas.axisRect(0)->left());
      QCOMPARE(canvas.axisRect(i)->right(), canvas.axisRect(0)->right());
      QCOMPARE(canvas.axisRect(i)->axis(QCPAxis::atBottom)->tickLabels(), i == 6);
      if (i > 0) QVERIFY(canvas.axisRect(i)->top() > canvas.axisRect(i - 1)->bottom());
    }
    const QImage image = canvas.grab().toImage();
    const auto drawn = [&](int strip, double value, const QColor& color) {
      const QCPAxis* axis = canvas.axisRect(strip)->axis(QCPAxis::atLeft);
      return pixels_like(image, QPointF(canvas.pixelOf(100, 1.0).x(), axis->coordToPixel(value)), 2, color) > 0;
    };
    const QColor base = plot.palette().color(QPalette::Base);
    QVERIFY(drawn(5, 5000.0, visible(throughput_color(), base)));
    QVERIFY(drawn(6, 2.0, visible(memory_color(), base)));
    // Zooming moves them all.
    canvas.zoomX(0.5, canvas.pixelOf(100, 1.0).x());
    canvas.replot();
    for (int i = 1; i < 7; ++i) {
      QCOMPARE(canvas.axisRect(i)->axis(QCPAxis::atBottom)->range().lower, canvas.stepRange().lower);
    }
    plot.setShownStrips({Strip::kMemory});
    canvas.replot();
    QCOMPARE(canvas.axisRectCount(), 2);
    const std::vector<Strip> wanted = {Strip::kLoss, Strip::kMemory};  // the loss stays
    QVERIFY(plot.shownStrips() == wanted);
    plot.setShownStrips({Strip::kGradNorm, Strip::kLearningRate});
    canvas.replot();
    QCOMPARE(canvas.axisRectCount(), 3);
    QVERIFY(canvas.axisRect(2)->axis(QCPAxis::atBottom)->tickLabels());
  }

  // However small it is beside the losses, the gap is seen, and of which sign it is.
  void theGapHasAScaleOfItsOwn() {
    LossPlot plot;
    std::vector<SeriesPoint> points = samples::series(40);
    for (SeriesPoint& point : points)
      point.loss_per_sequence = point.loss_per_token + (point.step < 20 ? 0.01 : -0.004);
    plot.setSeries(points);
    settle(plot, {900, 500});
    LossCanvas& canvas = canvas_of(plot);
    QVERIFY(plot.shownStrips()[1] == Strip::kGap);
    const QCPAxis* axis = canvas.axisRect(1)->axis(QCPAxis::atLeft);
    QVERIFY(axis->range().lower < -0.004 && axis->range().lower > -0.007);
    QVERIFY(axis->range().upper > 0.01 && axis->range().upper < 0.013);
    const QImage image = canvas.grab().toImage();
    const auto shaded = [&](double step, double gap) {
      const QPoint at(static_cast<int>(canvas.pixelOf(step, 1.0).x()) + 3, static_cast<int>(axis->coordToPixel(gap)));
      return image.pixelColor(at) != plot.palette().color(QPalette::Base);
    };
    QVERIFY(shaded(10, 0.005) && !shaded(10, -0.003));
    QVERIFY(shaded(30, -0.002) && !shaded(30, 0.005));
  }

  void outliersAreClippedAndMarked() {
    LossPlot plot;
    std::vector<SeriesPoint> points = samples::series(400);
    points[199].loss_per_token = 500.0;
    plot.setSmoothed(false);
    plot.setSeries(points);
    settle(plot, {900, 500});
    LossCanvas& canvas = canvas_of(plot);
    canvas.replot();
    QVERIFY(canvas.lossRange().upper > 500.0);
    plot.setOutliersClipped(true);
    canvas.replot();
    QVERIFY(canvas.lossRange().upper < 6.0);
    const QImage image = canvas.grab().toImage();
    const QPointF edge(canvas.pixelOf(200, 1.0).x(), canvas.axisRect(0)->top() + 4);
    QVERIFY(pixels_like(image, edge, 3, per_token_color()) > 4);
    // A logarithmic axis is clipped the same way.
    plot.setLogarithmic(true);
    canvas.replot();
    QVERIFY(canvas.lossRange().upper < 8.0 && canvas.lossRange().lower > 0.0);
    plot.setOutliersClipped(false);
    canvas.replot();
    QVERIFY(canvas.lossRange().upper > 500.0);
  }

  void otherPlotsLeadTheRangeAndAreTold() {
    LossPlot plot;
    plot.setSeries(samples::series(1000));
    settle(plot, {900, 500});
    QSignalSpy told(&plot, &LossPlot::stepRangeChanged);
    plot.showSteps(200.0, 300.0);
    QTRY_VERIFY(!told.isEmpty());
    QCOMPARE(told.last()[0].toDouble(), 200.0);
    QCOMPARE(told.last()[1].toDouble(), 300.0);
    QCOMPARE(plot.stepRange(), (std::pair(200.0, 300.0)));
    // Nothing lies beyond the run.
    plot.showSteps(-5000.0, 9000.0);
    QTRY_VERIFY(plot.stepRange().first > -50.0 && plot.stepRange().second < 1060.0);
  }

  void aDragBrushesOverTheStepsToZoomInto() {
    LossPlot plot;
    plot.setSeries(samples::series(1000));
    settle(plot, {900, 500});
    LossCanvas& canvas = canvas_of(plot);
    const QCPRange losses = canvas.lossRange();
    QVERIFY(!canvas.isZoomed());
    const QPoint from = canvas.pixelOf(300, 2.0).toPoint(), to = canvas.pixelOf(500, 1.8).toPoint();
    QTest::mousePress(&canvas, Qt::LeftButton, {}, from);
    QTest::mouseMove(&canvas, to);
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, to);
    QCoreApplication::processEvents();
    QVERIFY2(std::abs(canvas.stepRange().lower - 300) < 4 && std::abs(canvas.stepRange().upper - 500) < 4,
             qPrintable(QStringLiteral("%1 to %2").arg(canvas.stepRange().lower).arg(canvas.stepRange().upper)));
    QVERIFY(canvas.isZoomed());
    QVERIFY(canvas.lossRange().size() <= losses.size());  // steps alone: the losses fit themselves
    // Now a drag moves what is seen.
    QTest::mousePress(&canvas, Qt::LeftButton, {}, from);
    QTest::mouseMove(&canvas, from + QPoint(80, 0));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, from + QPoint(80, 0));
    QVERIFY(canvas.stepRange().lower < 299.0);
    QVERIFY(std::abs(canvas.stepRange().size() - 200.0) < 5.0);
    plot.resetZoom();
    QVERIFY(!canvas.isZoomed());
  }

  void theNoteBelongsToTheHoveredStep() {
    LossPlot plot;
    plot.setSeries(samples::series(100));
    settle(plot, {800, 500});
    LossCanvas& canvas = canvas_of(plot);
    QSignalSpy hovered(&plot, &LossPlot::stepHovered);
    QTest::mouseMove(&canvas, canvas.pixelOf(50, 2.0).toPoint());
    QTRY_COMPARE(hovered.size(), qsizetype(1));
    const qint64 step = hovered[0][0].toLongLong();
    QVERIFY(std::abs(step - 50) <= 1);
    plot.setHoverNote(step + 20, QStringLiteral("of another step"));
    QVERIFY(canvas.hoverNote().isEmpty());
    plot.setHoverNote(step, QStringLiteral("3 rows of 8 hold 61 %"));
    QCOMPARE(canvas.hoverNote(), QStringLiteral("3 rows of 8 hold 61 %"));
    QTest::mouseMove(&canvas, canvas.pixelOf(80, 2.0).toPoint());
    QTRY_COMPARE(hovered.size(), qsizetype(2));
    QVERIFY(canvas.hoverNote().isEmpty());
  }
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::SignalPlotsTest)
#include "signal_plots_test.moc"
