// The heat map: cells, marks, read-outs, keys, and what is shown where there is little room.
#include <QApplication>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "tests/ui/pictures.h"
#include "tests/ui/samples.h"
#include "ui/plots/logit_heat_map.h"
#include "ui/style/color_maps.h"

namespace vernier::ui {

class HeatMapTest : public QObject {
  Q_OBJECT

 private slots:
  void heatMapCellsShowTheirProbability() {
    LogitHeatMap map;
    const auto views = samples::capture(12, 6);
    map.setCapture(views, [](std::int32_t) { return QString("\u2581"); });
    settle(map, {900, 400});
    const QImage image = map.grab().toImage();
    for (int column = 0; column < 12; ++column) {
      for (int row = 0; row < 6; ++row) {
        const QColor expected = cividis(double{views[std::size_t(column)].top[std::size_t(row)].probability});
        const QRectF cell = map.cellRect(column, row);
        const QColor found = image.pixelColor((cell.topLeft() + QPointF(8, 8)).toPoint());
        QVERIFY2(std::abs(found.red() - expected.red()) <= 1 && std::abs(found.green() - expected.green()) <= 1 &&
                     std::abs(found.blue() - expected.blue()) <= 1,
                 qPrintable(found.name() + ' ' + expected.name()));
        QCOMPARE(map.cellAt(cell.center()), std::optional<QPoint>(QPoint(column, row)));
      }
    }
    QVERIFY(!map.cellAt({2, 2}).has_value());
  }

  void theTrueTokenIsOutlinedOrMarkedBelow() {
    auto views = samples::capture(3, 4);
    for (PositionView& view : views) view.target = view.target_rank = -1;
    views[0].target = views[0].top[2].id;
    views[0].target_rank = 2;
    views[1].target = 40;
    views[1].target_rank = 17;
    LogitHeatMap map;
    map.setCapture(views, samples::piece);
    settle(map, {500, 300});
    const QImage image = map.grab().toImage();
    const auto edge = [&map](int column, int row) { return map.cellRect(column, row).topLeft() + QPointF(1, 14); };
    QVERIFY(pixels_like(image, edge(0, 2), 1, per_sequence_color()) > 0);
    QCOMPARE(pixels_like(image, edge(0, 1), 1, per_sequence_color()), 0);
    const auto below = [&map](int column) {
      const QRectF cell = map.cellRect(column, 3);
      return QPointF(cell.center().x(), cell.bottom() + 6);
    };
    QVERIFY(pixels_like(image, below(1), 3, per_sequence_color()) > 5);
    QCOMPARE(pixels_like(image, below(0), 3, per_sequence_color()), 0);
  }

  void heatMapReadoutNamesEverything() {
    LogitHeatMap map;
    PositionView view;
    view.position = 9;
    view.input_id = 20;
    view.target = 40;
    view.target_rank = 17;
    view.target_probability = 0.0125f;
    view.entropy = 2.5f;
    view.top = {{27, 8.25f, 0.5f}};
    map.setCapture({view}, samples::piece);
    const QString text = map.readout(0, 0).join('\n');
    for (const char* part : {"\u2423geese", "id 27", "50.00 %", "8.25", "\u2423the", "position 9", "\u2423bright",
                             "rank 18", "1.25 %", "2.500"}) {
      QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text + " lacks " + part));
    }
  }

  void heatMapShowsOnlyWhatCanBeRead() {
    auto views = samples::capture(40, 12);
    views[0].target = views[0].top[11].id;
    views[0].target_rank = 11;
    for (const QSize size : {QSize(1000, 420), QSize(560, 230), QSize(420, 200), QSize(260, 170)}) {
      LogitHeatMap map;
      map.setCapture(views, samples::piece);
      settle(map, size);
      const QFontMetricsF words(scaled_font(map.font(), 0.9));
      QVERIFY(map.rowCount() >= 1 && map.rowCount() <= 12);
      QVERIFY2(map.rowCount() == 1 || map.cellRect(0, 0).height() >= words.height() + 1,
               qPrintable(QString::number(map.cellRect(0, 0).height())));
      // A true token further down than what is shown is marked below.
      const QRectF last = map.cellRect(0, map.rowCount() - 1);
      const QImage image = map.grab().toImage();
      const int marked = pixels_like(image, {last.center().x(), last.bottom() + 6}, 3, per_sequence_color());
      QCOMPARE(marked > 5, map.rowCount() < 12);
      // The key is whole, and tells how many are shown.
      QVERIFY(map.keyText().contains(QString::number(map.rowCount())));
      const QRectF key = words.boundingRect(map.keyRect(), Qt::AlignLeft | Qt::TextWordWrap, map.keyText());
      QVERIFY2(QRectF(map.keyRect()).adjusted(0, 0, 1, 1).contains(key), qPrintable(map.keyText()));
      QVERIFY(map.keyRect().bottom() < map.cellRect(0, 0).top());
    }
  }

  void heatMapSelectsByClickAndKeys() {
    LogitHeatMap map;
    map.setCapture(samples::capture(2048, 10), samples::piece);
    settle(map, {900, 400});
    QSignalSpy spy(&map, &LogitHeatMap::positionSelected);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellRect(3, 1).center().toPoint());
    QCOMPARE(spy.takeFirst()[0].toInt(), 3);
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(spy.takeFirst()[0].toInt(), 4);
    QTest::keyClick(&map, Qt::Key_End);
    QCOMPARE(spy.takeFirst()[0].toInt(), 2047);
    // Scrolled into sight.
    QVERIFY(QRectF(map.rect()).contains(map.cellRect(2047, 0).center()));
    QVERIFY(map.accessibleDescription().contains(grouped(2047)));
    map.setSelectedPosition(100);
    QCOMPARE(spy.size(), qsizetype(0));
    QVERIFY(QRectF(map.rect()).contains(map.cellRect(100, 0).center()));
    // Zoomed out as far as it goes, every position is in sight.
    for (int i = 0; i < 60; ++i) QTest::keyClick(&map, Qt::Key_Minus);
    QVERIFY(map.cellRect(0, 0).left() > 0 && map.cellRect(2047, 0).right() < 900);
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 10; ++i) map.grab();
    qInfo("%.1f ms a picture of 2,048 positions", static_cast<double>(timer.nsecsElapsed()) / 1e7);
    QVERIFY(timer.elapsed() < 1000);
    QTest::keyClick(&map, Qt::Key_0);
    QVERIFY(map.columnWidth() >= 60.0);
    map.clear("Nothing here.");
    QCOMPARE(map.selectedPosition(), -1);
    QCOMPARE(map.accessibleDescription(), QString("Nothing here."));
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(spy.size(), qsizetype(0));
  }
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::HeatMapTest)
#include "heat_map_test.moc"
