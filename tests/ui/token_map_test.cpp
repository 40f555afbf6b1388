// The token map: cells, marks, read-outs, keys, strips, tiles, and what is shown where there is little room.
#include "ui/plots/token_map.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include "tests/ui/pictures.h"
#include "tests/ui/samples.h"
#include "ui/plots/lens_cells.h"
#include "ui/plots/logit_cells.h"
#include "ui/plots/table_export.h"
#include "ui/plots/table_writer.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

using ColorBy = LogitCells::ColorBy;

std::shared_ptr<LogitCells> cells_of(LogitGrid grid, ColorBy by = ColorBy::kProbability, bool has_list = false,
                                     PieceLookup pieces = samples::piece) {
  return std::make_shared<LogitCells>(std::make_shared<const LogitGrid>(std::move(grid)), std::move(pieces), by,
                                      has_list, QStringLiteral("step 40"), QStringLiteral("step 20"));
}

bool like(const QColor& found, const QColor& expected) {
  return std::abs(found.red() - expected.red()) <= 1 && std::abs(found.green() - expected.green()) <= 1 &&
         std::abs(found.blue() - expected.blue()) <= 1;
}

// One cell of a vocabulary of two, as `probability` has it.
LogitGrid one_cell(GridCell cell) {
  LogitGrid grid;
  grid.rows = 1;
  PositionView view;
  view.input_id = 20;
  grid.columns = {view};
  grid.cells = {cell};
  return grid;
}

// Counts how often it is asked for a cell's colour or text.
class CountedCells : public LogitCells {
 public:
  explicit CountedCells(LogitGrid grid)
      : LogitCells(std::make_shared<const LogitGrid>(std::move(grid)), samples::piece, ColorBy::kProbability, false, {},
                   {}) {}
  int asked() const { return asked_; }
  double shade(int column, int row) const override {
    ++asked_;
    return LogitCells::shade(column, row);
  }
  QString text(int column, int row) const override {
    ++asked_;
    return LogitCells::text(column, row);
  }

 private:
  mutable int asked_ = 0;
};

}  // namespace

class TokenMapTest : public QObject {
  Q_OBJECT

 private slots:
  void cellsShowTheirProbability() {
    TokenMap map("logits");
    const LogitGrid grid = samples::grid(12, 6);
    map.setCells(cells_of(grid, ColorBy::kProbability, false, [](std::int32_t) { return QString("\u2581"); }));
    settle(map, {900, 400});
    for (const int again : {0, 1}) {  // painted, then copied
      const QImage image = map.grab().toImage();
      for (int column = 0; column < 12; ++column) {
        for (int row = 0; row < 6; ++row) {
          const QColor expected = cividis(double{grid.cells[grid.at(column, row)].probability});
          const QRectF cell = map.cellRect(column, row);
          const QColor found = image.pixelColor((cell.topLeft() + QPointF(8, 8)).toPoint());
          QVERIFY2(like(found, expected), qPrintable(found.name() + ' ' + expected.name()));
          QCOMPARE(map.cellAt(cell.center()), std::optional<QPoint>(QPoint(column, row)));
        }
      }
      Q_UNUSED(again);
    }
    QVERIFY(!map.cellAt({2, 2}).has_value());
  }

  void colourSaysWhatWasChosen() {
    LogitGrid grid = samples::grid(3, 4, true);
    float low = grid.cells[0].logit;
    float high = low;
    float change = 0.0f;
    for (std::size_t i = 0; i < grid.cells.size(); ++i) {
      low = std::min(low, grid.cells[i].logit);
      high = std::max(high, grid.cells[i].logit);
      change = std::max(change, std::abs(grid.cells[i].probability - grid.others[i].probability));
    }
    const auto by_logit = cells_of(grid, ColorBy::kLogit);
    const auto by_rank = cells_of(grid, ColorBy::kRank);
    const auto by_change = cells_of(grid, ColorBy::kChange);
    QVERIFY(by_change->is_signed() && !by_logit->is_signed());
    for (int column = 0; column < 3; ++column) {
      for (int row = 0; row < 4; ++row) {
        const GridCell& own = grid.cells[grid.at(column, row)];
        const GridCell& was = grid.others[grid.at(column, row)];
        QVERIFY(std::abs(by_logit->shade(column, row) - double{(own.logit - low) / (high - low)}) <= 1e-5);
        const double shade = by_change->shade(column, row);
        QVERIFY(std::abs(shade) <= 1.0);
        QCOMPARE(shade > 0.0, own.probability > was.probability);
        if (row > 0) QVERIFY(by_rank->shade(column, row) < by_rank->shade(column, row - 1));
      }
    }
    QCOMPARE(by_rank->shade(0, 0), 1.0);
    QCOMPARE(by_rank->shade(0, 3), 0.0);
    // The scale's end is a round figure that holds the largest change.
    QVERIFY(by_change->ticks().back().second.startsWith('+'));
    // Where the other side knows nothing, nothing is claimed.
    grid.others[0].rank = -1;
    const auto unknown = cells_of(grid, ColorBy::kChange);
    QVERIFY(std::isnan(unknown->shade(0, 0)));
    // Without another side there is no change to show.
    QVERIFY(cells_of(samples::grid(3, 4), ColorBy::kChange)->color_by() == ColorBy::kProbability);
  }

  void chosenTokensAreNamedAtTheirRowAndCellsHoldFigures() {
    const auto cells = cells_of(one_cell({27, 8.25f, 0.5f, 3}), ColorBy::kProbability, true);
    QVERIFY(cells->row_label(0).contains("geese"));
    QCOMPARE(cells->text(0, 0), QString("50.0\u00a0%"));
    QCOMPARE(cells_of(one_cell({27, 8.5f, 0.5f, 3}), ColorBy::kLogit, true)->text(0, 0), QString("8.5"));
    QCOMPARE(cells_of(one_cell({27, 8.25f, 0.5f, 3}), ColorBy::kRank, true)->text(0, 0), QString("4"));
  }

  void theTrueTokenIsOutlinedOrMarkedBelow() {
    LogitGrid grid = samples::grid(3, 4);
    for (PositionView& view : grid.columns) view.target = view.target_rank = -1;
    grid.columns[0].target = grid.cells[grid.at(0, 2)].id;
    grid.columns[0].target_rank = 2;
    grid.columns[1].target = 40;
    grid.columns[1].target_rank = 17;
    TokenMap map("logits");
    map.setCells(cells_of(grid));
    settle(map, {500, 290});
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

  void readoutNamesEverything() {
    LogitGrid grid = one_cell({27, 8.25f, 0.5f, 3});
    PositionView& view = grid.columns[0];
    view.position = 9;
    view.target = 40;
    view.target_rank = 17;
    view.target_probability = 0.0125f;
    view.entropy = 2.5f;
    const QString text = cells_of(grid)->readout(0, 0).join('\n');
    for (const char* part : {"\u2423geese", "id 27", "50.00\u00a0%", "8.25", "rank 4", "\u2423the", "position 9",
                             "\u2423bright", "rank 18", "1.25\u00a0%", "2.500"}) {
      QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text + " lacks " + part));
    }
    grid.others = {{27, 7.0f, 0.25f, 5}};
    const QString compared = cells_of(grid, ColorBy::kChange)->readout(0, 0).join('\n');
    for (const char* part : {"step 40", "step 20", "25.00\u00a0%", "rank 6", "+25.00"}) {
      QVERIFY2(compared.contains(QString::fromUtf8(part)), qPrintable(compared + " lacks " + part));
    }
  }

  void showsOnlyWhatCanBeRead() {
    LogitGrid grid = samples::grid(40, 12);
    grid.columns[0].target = grid.cells[grid.at(0, 11)].id;
    grid.columns[0].target_rank = 11;
    for (const QSize size : {QSize(1000, 420), QSize(560, 230), QSize(420, 200), QSize(260, 170)}) {
      TokenMap map("logits");
      map.setCells(cells_of(grid));
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

  void stripsStandOnTheColumns() {
    LogitGrid grid = samples::grid(10, 6);
    for (PositionView& view : grid.columns) view.entropy = 0.0f;
    grid.columns[3].entropy = 4.0f;
    TokenMap map("logits");
    map.setCells(cells_of(grid));
    settle(map, {900, 480});
    const QImage image = map.grab().toImage();
    const auto blue_above = [&](int column) {
      int count = 0;
      const double x = map.cellRect(column, 0).center().x();
      for (int y = 0; y < static_cast<int>(map.cellRect(0, 0).top()); ++y) {
        count += like(image.pixelColor(static_cast<int>(x), y), per_token_color());
      }
      return count;
    };
    QVERIFY(blue_above(3) > 8);
    QCOMPARE(blue_above(4), 0);
  }

  void selectsByClickAndKeys() {
    TokenMap map("logits");
    map.setCells(cells_of(samples::grid(2048, 40)));
    settle(map, {900, 400});
    QSignalSpy spy(&map, &TokenMap::cellSelected);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellRect(3, 1).center().toPoint());
    QCOMPARE(spy.takeFirst(), (QVariantList{3, 1}));
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(spy.takeFirst(), (QVariantList{4, 1}));
    QTest::keyClick(&map, Qt::Key_Down);
    QCOMPARE(spy.takeFirst(), (QVariantList{4, 2}));
    QTest::keyClick(&map, Qt::Key_End);
    QCOMPARE(spy.takeFirst(), (QVariantList{2047, 2}));
    // Scrolled into sight, across and down.
    QVERIFY(QRectF(map.rect()).contains(map.cellRect(2047, 2).center()));
    QVERIFY(map.accessibleDescription().contains(grouped(2047)));
    for (int i = 0; i < 60; ++i) QTest::keyClick(&map, Qt::Key_Down);
    QCOMPARE(map.selectedRow(), 39);
    QVERIFY(map.cellAt(map.cellRect(2047, 39).center()) == std::optional(QPoint(2047, 39)));
    spy.clear();
    map.setSelected(100);
    QCOMPARE(spy.size(), qsizetype(0));
    QCOMPARE(map.selectedRow(), 39);
    QVERIFY(QRectF(map.rect()).contains(map.cellRect(100, 39).center()));
    // Other cells of the same shape: the view and the selection stay.
    const QRectF before = map.cellRect(100, 39);
    map.setCells(cells_of(samples::grid(2048, 40), ColorBy::kRank));
    QCOMPARE(map.selectedPosition(), 100);
    QCOMPARE(map.cellRect(100, 39), before);
    QTest::keyClick(&map, Qt::Key_F);
    QVERIFY(map.cellRect(0, 0).left() > 0 && map.cellRect(2047, 39).right() < 900);
    QCOMPARE(map.rowCount(), 40);
    QTest::keyClick(&map, Qt::Key_0);
    QVERIFY(map.columnWidth() >= 60.0 && map.rowCount() < 40);
    map.clear("Nothing here.");
    QCOMPARE(map.selectedPosition(), -1);
    QCOMPARE(map.accessibleDescription(), QString("Nothing here."));
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(spy.size(), qsizetype(0));
  }

  void wheelZoomsColumnsAndWithControlRows() {
    TokenMap map("logits");
    map.setCells(cells_of(samples::grid(200, 100)));
    settle(map, {800, 400});
    const QPointF at = map.cellRect(2, 3).center();
    const auto wheel = [&](Qt::KeyboardModifiers keys, int by) {
      QWheelEvent event(at, map.mapToGlobal(at), {}, {0, by}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
      QCoreApplication::sendEvent(&map, &event);
    };
    const double width = map.columnWidth();
    wheel(Qt::NoModifier, 120);
    QVERIFY(map.columnWidth() > width);
    QCOMPARE(map.cellAt(at)->x(), 2);
    const int rows = map.rowCount();
    for (int i = 0; i < 30; ++i) wheel(Qt::ControlModifier, -120);
    QCOMPARE(map.rowCount(), 100);
    for (int i = 0; i < 60; ++i) wheel(Qt::ControlModifier, 120);
    QCOMPARE(map.rowCount(), rows);
    wheel(Qt::ShiftModifier, -240);
    QVERIFY(map.cellRect(0, 0).left() < 0);
  }

  // The largest size there is, by what a frame has to do; how long that takes is token_map_bench's to measure.
  void aLargePictureIsPaintedInPieces() {
    constexpr int kColumns = 4096;
    constexpr int kRows = 256;
    const auto cells = std::make_shared<CountedCells>(samples::grid(kColumns, kRows));
    TokenMap map("logits");
    map.setCells(cells);
    settle(map, {1280, 700});
    const auto draw = [&] {
      const int asked = cells->asked();
      QImage image(map.size(), QImage::Format_RGB32);
      map.render(&image);
      return cells->asked() - asked;
    };
    draw();
    QCOMPARE(draw(), 0);  // what was painted is copied
    // Scrolling paints what comes into sight: columns of cells, not the picture.
    const int painted = map.tiles().painted();
    int most = 0;
    for (int i = 0; i < 50; ++i) {
      QTest::keyClick(&map, Qt::Key_Right);
      most = std::max(most, draw());
    }
    QVERIFY2(most > 0 && most < kColumns * kRows / 1000, qPrintable(QString::number(most)));
    QVERIFY(map.tiles().painted() - painted < 400);
    // The whole of it looks at every cell once, and then at none.
    QTest::keyClick(&map, Qt::Key_F);
    const int whole = draw();
    QVERIFY2(whole >= kColumns * kRows && whole <= kColumns * kRows + kColumns, qPrintable(QString::number(whole)));
    QCOMPARE(draw(), 0);
    QTest::keyClick(&map, Qt::Key_Left);
    QCOMPARE(draw(), 0);
  }

  void everyPictureHasATable() {
    const LogitGrid grid = samples::grid(5, 3, true);
    const TableData table = cells_of(grid, ColorBy::kChange)->table();
    QCOMPARE(table.rows, 15);
    QCOMPARE(table.headers.size(), qsizetype(14));
    QCOMPARE(table.cell(4, 0), QString("1"));
    QCOMPARE(table.cell(4, 1), QString::number(grid.cells[4].id));
    QCOMPARE(table.cell(4, 3).toFloat(), grid.cells[4].probability);
    QVERIFY(std::abs(table.cell(4, 13).toDouble() - double{grid.cells[4].probability - grid.others[4].probability}) <=
            1e-6);
    QTemporaryDir folder;
    MessageBar bar;
    QObject owner;
    const QString path = folder.filePath("logits.csv");
    save_csv(path, table, owner, bar);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = file.readAll().split('\n');
    QCOMPARE(lines.size(), qsizetype(17));
    QVERIFY(lines[0].startsWith("position,id,token,"));
    save_csv(folder.filePath("no/such/folder.csv"), table, owner, bar);
    QVERIFY(bar.text().contains("no/such/folder.csv"));
    TableData odd;
    odd.headers = {"a,b", "c"};
    odd.rows = 1;
    odd.cell = [](int, int column) { return column == 0 ? QString("say \"hi\"") : QString("line\nbreak"); };
    QCOMPARE(to_text(odd, TableFormat::kCsv), QString("\"a,b\",c\r\n\"say \"\"hi\"\"\",\"line\nbreak\"\r\n"));
  }

  void layersStandWithTheAnswerOnTop() {
    const auto pair = samples::lens(9, 6, true);
    LensCells tuned(pair, samples::piece, LensCells::ColorBy::kTop, LensCells::Side::kTuned, 41);
    QCOMPARE(tuned.rows(), 7);
    QCOMPARE(tuned.layer_of(0), 6);
    QCOMPARE(tuned.shade(4, 0), double{pair->tuned.tokens[pair->tuned.at(6, 4) * 3].probability});
    QCOMPARE(tuned.is_marked(4, 0), pair->tuned.cells[pair->tuned.at(6, 4)].next_rank == 0);
    QVERIFY(tuned.below(8, 7) == TokenMapCells::Below::kNone);
    QCOMPARE(tuned.row_bars().values[0], pair->tuned.mean_entropy[6]);
    QCOMPARE(tuned.row_bars().others[0], pair->base.mean_entropy[6]);
    for (int column = 0; column < 9; ++column) {
      // From the layer where it settled on, every layer says the answer; the one before does not.
      const auto says = [&](std::int64_t layer) { return pair->tuned.tokens[pair->tuned.at(layer, column) * 3].id; };
      const int settled = tuned.settled()[static_cast<std::size_t>(column)];
      for (int layer = settled; layer <= 6; ++layer) QCOMPARE(says(layer), says(6));
      if (settled > 0) QVERIFY(says(settled - 1) != says(6));
    }
    LensCells base(pair, samples::piece, LensCells::ColorBy::kEntropy, LensCells::Side::kBase, 41);
    QVERIFY(std::abs(base.shade(0, 6) - double{pair->base.cells[pair->base.at(0, 0)].entropy} / std::log(41.0)) <=
            1e-6);
    LensCells change(pair, samples::piece, LensCells::ColorBy::kNextChange, LensCells::Side::kTuned, 41);
    QVERIFY(change.is_signed());
    QVERIFY(std::isnan(change.shade(8, 0)));
    const QString text = change.readout(3, 2).join('\n');
    for (const char* part : {"tuned", "base", "KL(tuned || base)", "entropy"}) {
      QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text));
    }
    // One model alone has no difference to show.
    LensCells alone(samples::lens(9, 6, false), samples::piece, LensCells::ColorBy::kTunedFromBase,
                    LensCells::Side::kTuned, 41);
    QVERIFY(!alone.is_signed());
    QCOMPARE(alone.table().rows, 63);
  }
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::TokenMapTest)
#include "token_map_test.moc"
