// Ribbon, lamp, panel, switch, table, bars: colours, words, keys, signals.
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <cmath>
#include <limits>

#include "tests/ui/pictures.h"
#include "tests/ui/samples.h"
#include "ui/style/color_maps.h"
#include "ui/style/text_width.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/logits_switch.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/parity_lamp.h"
#include "ui/widgets/parity_panel.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/state_icon.h"
#include "ui/widgets/token_ribbon.h"
#include "ui/widgets/tool_tips.h"

namespace vernier::ui {
namespace {

// Every control below `root` says what it is, by name, to accessibility and in a tooltip.
void verify_named(QWidget& root) {
  const QList<QWidget*> all = root.findChildren<QWidget*>() << &root;
  for (const QWidget* widget : all) {
    const bool control =
        qobject_cast<const QAbstractButton*>(widget) != nullptr ||
        qobject_cast<const QAbstractSpinBox*>(widget) != nullptr || qobject_cast<const QComboBox*>(widget) != nullptr ||
        qobject_cast<const QTableView*>(widget) != nullptr || qobject_cast<const QListWidget*>(widget) != nullptr;
    // Qt's own parts of a control speak through it.
    if (!control || widget->objectName().startsWith("qt_") || widget->inherits("QTableCornerButton")) continue;
    QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
    if (widget->isHidden()) continue;
    QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
    QVERIFY2(!widget->toolTip().isEmpty(), qPrintable(widget->objectName()));
  }
}

}  // namespace

class WidgetsTest : public QObject {
  Q_OBJECT

 private slots:
  void ribbonColorsTokensByLoss() {
    TokenRibbon ribbon;
    StepTokens tokens = samples::tokens(60);
    tokens.tokens[20].loss = 4.0f;
    tokens.tokens[21].loss = 0.0f;
    ribbon.setTokens(tokens, [](std::int32_t) { return QString("\u2581"); });
    ribbon.setScaleMaximum(8.0);
    settle(ribbon, {600, 300});
    QCOMPARE(ribbon.tokenColor(20), cividis(0.5));
    QCOMPARE(ribbon.tokenColor(21), cividis(0.0));
    const QImage image = ribbon.viewport()->grab().toImage();
    for (const int i : {20, 21, 30, 59}) {
      const QColor found = image.pixelColor((ribbon.tokenRect(i).topLeft() + QPointF(2, 2)).toPoint());
      const QColor expected = ribbon.tokenColor(i);
      QVERIFY2(std::abs(found.red() - expected.red()) + std::abs(found.blue() - expected.blue()) <= 4,
               qPrintable(found.name() + ' ' + expected.name()));
    }
    ribbon.setColorBy(TokenRibbon::ColorBy::kEntropy);
    QCOMPARE(ribbon.tokenColor(20), cividis(double{tokens.tokens[20].entropy} / 8.0));
  }

  void maskedTokensAreHatched() {
    TokenRibbon ribbon;
    ribbon.setTokens(samples::tokens(60), samples::piece);
    settle(ribbon, {600, 300});
    QVERIFY(ribbon.readout(0).join(' ').contains("-100"));
    QCOMPARE(ribbon.tokenColor(0), ribbon.palette().color(QPalette::Base));
    const QImage image = ribbon.viewport()->grab().toImage();
    const QRect rect = ribbon.tokenRect(1).toAlignedRect();
    int hatched = 0;
    for (int x = rect.left(); x < rect.right(); ++x) {
      // Above the letters.
      hatched += image.pixelColor(x, rect.top() + 1) != ribbon.palette().color(QPalette::Base) ? 1 : 0;
    }
    QVERIFY(hatched >= rect.width() / 16);
    QVERIFY(hatched <= rect.width() / 2);
  }

  void ribbonWrapsAndBreaksLines() {
    TokenRibbon ribbon;
    ribbon.setTokens(samples::tokens(200), samples::piece);
    settle(ribbon, {500, 300});
    for (int i = 0; i < 200; ++i) {
      const QRectF rect = ribbon.tokenRect(i);
      QVERIFY(rect.left() >= 0 && rect.right() <= ribbon.viewport()->width());
      if (i == 0) continue;
      const QRectF before = ribbon.tokenRect(i - 1);
      const bool same_line = rect.top() == before.top() && rect.left() >= before.right();
      const bool next_line = rect.top() > before.top() && rect.left() < before.right();
      QVERIFY(same_line || next_line);
      if (samples::tokens(200).tokens[std::size_t(i) - 1].input_id == 2) QVERIFY(next_line);
    }
  }

  void ribbonReadoutTellsAll() {
    StepTokens tokens;
    tokens.tokens = {{0, 3, false, 0, 0, -1, 0}, {1, 20, true, 0.6931472f, 1.5f, 22, 2}};
    TokenRibbon ribbon;
    ribbon.setTokens(tokens, samples::piece);
    const QString text = ribbon.readout(1).join('\n');
    for (const char* part :
         {"\u2423the", "id 20", "position 1", "0.6931", "50.00\u00a0%", "1.500", "rank 3", "\u2423mill", "id 22"}) {
      QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text + " lacks " + part));
    }
    QVERIFY(ribbon.readout(0).join('\n').contains("masked"));
  }

  void ribbonSelectsByMouseAndKeys() {
    TokenRibbon ribbon;
    ribbon.setTokens(samples::tokens(200), samples::piece);
    settle(ribbon, {500, 240});
    QSignalSpy spy(&ribbon, &TokenRibbon::tokenSelected);
    QTest::mouseClick(ribbon.viewport(), Qt::LeftButton, {}, ribbon.tokenRect(11).center().toPoint());
    QCOMPARE(spy.takeFirst()[0].toInt(), 11);
    QTest::keyClick(&ribbon, Qt::Key_Right);
    QCOMPARE(spy.takeFirst()[0].toInt(), 12);
    const double x = ribbon.tokenRect(12).center().x();
    QTest::keyClick(&ribbon, Qt::Key_Down);
    const int below = spy.takeFirst()[0].toInt();
    QVERIFY(below > 12);
    QVERIFY(ribbon.tokenRect(below).left() <= x && x <= ribbon.tokenRect(below).right() + 2);
    QTest::keyClick(&ribbon, Qt::Key_End);
    QCOMPARE(spy.takeFirst()[0].toInt(), 199);
    QVERIFY(ribbon.viewport()->rect().contains(ribbon.tokenRect(199).center().toPoint()));
    QVERIFY(ribbon.accessibleDescription().contains("position 199"));
    QTest::keyClick(&ribbon, Qt::Key_Right);
    ribbon.setSelectedPosition(4);
    QCOMPARE(spy.size(), qsizetype(0));
    QCOMPARE(ribbon.selectedPosition(), 4);
    ribbon.clear("Nothing yet.");
    QCOMPARE(ribbon.selectedPosition(), -1);
    QTest::keyClick(&ribbon, Qt::Key_Right);
    QCOMPARE(spy.size(), qsizetype(0));
    QCOMPARE(ribbon.accessibleDescription(), QString("Nothing yet."));
    verify_named(ribbon);
  }

  void hoverShowsTheReadout() {
    TokenRibbon ribbon;
    ribbon.setTokens(samples::tokens(100), samples::piece);
    settle(ribbon, {500, 240});
    QTest::mouseMove(ribbon.viewport(), ribbon.tokenRect(30).center().toPoint());
    QTRY_VERIFY(QToolTip::text().contains("position 30"));
  }

  void nanLossesDoNotBreakTheRibbon() {
    StepTokens tokens = samples::tokens(30);
    tokens.tokens[12].loss = std::numeric_limits<float>::quiet_NaN();
    tokens.tokens[13].loss = std::numeric_limits<float>::infinity();
    TokenRibbon ribbon;
    ribbon.setTokens(tokens, samples::piece);
    settle(ribbon, {500, 240});
    QCOMPARE(ribbon.tokenColor(12), cividis(std::nan("")));
    QCOMPARE(ribbon.tokenColor(13), cividis(1.0));
    QVERIFY(ribbon.readout(12).join(' ').contains("not a number"));
    QVERIFY(std::isfinite(ribbon.scaleMaximum()));
  }

  void eightThousandTokensAreLaidOut() {
    TokenRibbon ribbon;
    settle(ribbon, {900, 500});
    QElapsedTimer timer;
    timer.start();
    ribbon.setTokens(samples::tokens(8192), samples::piece);
    const double laid = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    timer.restart();
    for (int i = 0; i < 10; ++i) {
      ribbon.verticalScrollBar()->setValue(i * 300);
      ribbon.viewport()->grab();
    }
    const double frame = static_cast<double>(timer.nsecsElapsed()) / 1e7;
    qInfo("%.1f ms to lay out, %.1f ms a frame of 8,192 tokens", laid, frame);
    // The last one is laid out below all others, and can be reached.
    QTest::keyClick(&ribbon, Qt::Key_End);
    QCOMPARE(ribbon.selectedIndex(), 8191);
    QVERIFY(ribbon.viewport()->rect().contains(ribbon.tokenRect(8191).toRect()));
  }

  void lampSaysShapeAndWordFirst() {
    ParityLamp lamp;
    QVERIFY(lamp.text().contains("not checked yet"));
    const std::pair<ParityVerdict, const char*> verdicts[] = {{ParityVerdict::kAgrees, "agrees"},
                                                              {ParityVerdict::kDrifting, "drifting"},
                                                              {ParityVerdict::kDiffers, "differs"}};
    for (const auto& [verdict, word] : verdicts) {
      lamp.setReport(samples::parity(300, verdict));
      QVERIFY(lamp.text().contains(word));
      QVERIFY(lamp.accessibleName().contains(word));
      QVERIFY(lamp.toolTip().contains("Step 300"));
      QVERIFY(lamp.sizeHint().width() > lamp.fontMetrics().horizontalAdvance(lamp.text()));
    }
    lamp.setAgreedBefore(QStringLiteral("64 tokens: all agree"));
    QVERIFY(lamp.text().contains("before the start") && lamp.accessibleName().contains("before the start"));
    QVERIFY(lamp.toolTip().contains("64 tokens"));
    settle(lamp, lamp.sizeHint());
    QSignalSpy spy(&lamp, &ParityLamp::clicked);
    QTest::mouseClick(&lamp, Qt::LeftButton);
    QTest::keyClick(&lamp, Qt::Key_Space);
    QTest::keyClick(&lamp, Qt::Key_Return);
    QCOMPARE(spy.size(), qsizetype(3));
    lamp.setIdle("The run has just begun.");
    QVERIFY(lamp.text().contains("not checked yet"));
    QVERIFY(lamp.toolTip().contains("just begun"));
    verify_named(lamp);
  }

  void shapesDifferWithoutColor() {
    // In grey, drawn large: no two states look alike.
    QList<QImage> images;
    for (const StateShape shape :
         {StateShape::kHollow, StateShape::kCircle, StateShape::kTriangle, StateShape::kOctagon, StateShape::kInfo}) {
      QImage image(48, 48, QImage::Format_Grayscale8);
      image.fill(Qt::white);
      QPainter painter(&image);
      paint_state(painter, QRectF(4, 4, 40, 40), shape, QPalette(QColor(0xef, 0xef, 0xef)));
      painter.end();
      for (const QImage& other : images) {
        int differing = 0;
        for (int y = 0; y < 48; ++y) {
          for (int x = 0; x < 48; ++x) {
            differing += std::abs(qGray(image.pixel(x, y)) - qGray(other.pixel(x, y))) > 60 ? 1 : 0;
          }
        }
        QVERIFY(differing > 100);
      }
      images << image;
    }
  }

  void panelShowsEveryFigureAndCause() {
    ParityPanel panel;
    settle(panel, {900, 400});
    QVERIFY(panel.findChild<EmptyState*>()->isVisible());
    std::vector<ParityReport> reports = {samples::parity(100, ParityVerdict::kAgrees),
                                         samples::parity(200, ParityVerdict::kDiffers)};
    panel.setReports(reports);
    QCOMPARE(panel.shownStep(), qint64(200));
    auto* table = panel.findChild<QTableWidget*>("parityTable");
    QCOMPARE(table->columnCount(), 4);
    QStringList evaluation = {table->horizontalHeaderItem(2)->text()};
    for (int row = 0; row < table->rowCount(); ++row) evaluation << table->item(row, 2)->text();
    QCOMPARE(evaluation, QStringList({"Evaluation", "differs", "not recorded", "3.02140", "0.703", "0.812", "9.21",
                                      "41.2\u00a0%", "0.651", "6.2\u00a0%"}));
    QVERIFY(panel.findChild<QLabel*>("parityCauses")->text().contains("RoPE positions"));
    // An older one, chosen, stays while new ones come.
    panel.findChild<QComboBox*>("parityHistory")->setCurrentIndex(1);
    QCOMPARE(panel.shownStep(), qint64(100));
    QVERIFY(!panel.findChild<QLabel*>("parityCauses")->isVisible());
    reports.push_back(samples::parity(300, ParityVerdict::kAgrees));
    panel.setReports(reports);
    QCOMPARE(panel.shownStep(), qint64(100));
    panel.findChild<QComboBox*>("parityHistory")->setCurrentIndex(0);
    reports.push_back(samples::parity(400, ParityVerdict::kAgrees));
    panel.setReports(reports);
    QCOMPARE(panel.shownStep(), qint64(400));
    verify_named(panel);
    panel.setReports({});
    QCOMPARE(panel.shownStep(), qint64(0));
  }

  // As wide as the dock that it stands in: every figure in full, nothing beside the table.
  void panelFitsADock() {
    ParityPanel panel;
    panel.setReports({samples::parity(100, ParityVerdict::kAgrees), samples::parity(1300, ParityVerdict::kDiffers)});
    settle(panel, {360, 400});
    const auto* table = panel.findChild<QTableWidget*>("parityTable");
    const QFontMetrics metrics(table->font());
    for (int column = 0; column < table->columnCount(); ++column) {
      for (int row = 0; row < table->rowCount(); ++row) {
        const QString text = table->item(row, column)->text();
        const int icon = row == 0 && column > 0 ? table->iconSize().width() + 4 : 0;
        QVERIFY2(metrics.horizontalAdvance(text) + icon + 6 <= table->columnWidth(column), qPrintable(text));
      }
    }
    QVERIFY(panel.findChild<QLabel*>("parityTally")->text().contains("first that does not is that of step 1\u202f300"));
    panel.setReports({});
    QVERIFY(!panel.findChild<QLabel*>("emptyStateExplanation")->text().contains("set-up"));
  }

  void switchNamesItsPriceFirst() {
    LogitsSwitch one;
    settle(one, {500, 300});
    auto* check = one.findChild<QCheckBox*>("returnLogits");
    const auto said = [&one] { return one.findChild<QLabel*>("logitsPrice")->text(); };
    one.setPrice({2'097'152, 3.0, 1.3, 910'000.0});
    QVERIFY2(said().contains("2.1\u00a0MB a capture, +1.3\u00a0% of a step, every 10 steps"), qPrintable(said()));
    QVERIFY2(said().contains("910\u00a0kB a second"), qPrintable(said()));
    QCOMPARE(one.options().every, std::int64_t(0));
    QSignalSpy changed(&one, &LogitsSwitch::changed);
    QSignalSpy edited(&one, &LogitsSwitch::optionsEdited);

    // Edits while off are priced, not applied.
    one.findChild<QSpinBox*>("logitsEvery")->setValue(25);
    QCOMPARE(changed.size(), qsizetype(0));
    QCOMPARE(edited.size(), qsizetype(1));
    QCOMPARE(edited.takeFirst()[0].value<ReturnLogits>().every, std::int64_t(25));
    QVERIFY2(!said().contains("MB"), "the price of other options is gone");

    QTest::keyClick(check, Qt::Key_Space);
    QCOMPARE(changed.size(), qsizetype(1));
    QCOMPARE(changed.takeFirst()[0].value<ReturnLogits>().every, std::int64_t(25));
    one.setPrice({2'097'152, 3.0, 1.3, 910'000.0});
    one.setMeasured(2'200'000, 1.7);
    QVERIFY2(said().contains("2.2\u00a0MB") && said().contains("+1.7\u00a0%"), qPrintable(said()));
    QVERIFY2(said().contains("2.1\u00a0MB") && said().contains("+1.3\u00a0%"), qPrintable(said()));
    // That its time is known later is no news beside a time.
    one.setPrice({2'097'152, 3.0, 0.0, 910'000.0});
    QVERIFY2(said().contains("+1.7\u00a0%") && !said().contains("once a step"), qPrintable(said()));

    auto* rows = one.findChild<QLineEdit*>("logitsRows");
    rows->selectAll();
    QTest::keyClicks(rows, "7, 2,2");
    QTest::keyClick(rows, Qt::Key_Return);
    QCOMPARE(changed.size(), qsizetype(1));
    QCOMPARE(changed.takeFirst()[0].value<ReturnLogits>().rows, (std::vector<std::int64_t>{2, 7}));
    one.findChild<QSpinBox*>("logitsToKeep")->setValue(64);
    QCOMPARE(changed.takeFirst()[0].value<ReturnLogits>().logits_to_keep.last, std::int64_t(64));
    check->setChecked(false);
    QCOMPARE(changed.takeFirst()[0].value<ReturnLogits>().every, std::int64_t(0));
    verify_named(one);
  }

  void switchTakesOptionsQuietly() {
    LogitsSwitch one;
    QSignalSpy changed(&one, &LogitsSwitch::changed);
    QSignalSpy edited(&one, &LogitsSwitch::optionsEdited);
    ReturnLogits options{5, {1, 4}, {0, {3, 9}}};
    one.setOptions(options);
    QCOMPARE(changed.size() + edited.size(), qsizetype(0));
    QCOMPARE(one.options().every, std::int64_t(5));
    QCOMPARE(one.options().rows, options.rows);
    QCOMPARE(one.options().logits_to_keep.positions, options.logits_to_keep.positions);
    one.findChild<QSpinBox*>("logitsToKeep")->setValue(8);  // replaces the listed positions
    QVERIFY(one.options().logits_to_keep.positions.empty());
    one.setOptions({});
    QCOMPARE(one.options().every, std::int64_t(0));
  }

  void tableIsWorstFirst() {
    std::vector<SequenceRecord> records = samples::sequences(12);
    records[5].loss.loss = std::numeric_limits<double>::quiet_NaN();
    records[9].loss.num_targets = 0;
    SequenceTable table;
    table.setRecords(records);
    settle(table, {600, 300});
    const auto* model = static_cast<SequenceModel*>(table.model());
    QCOMPARE(model->record(0).loss.index, std::int64_t(5));
    QCOMPARE(model->record(11).loss.index, std::int64_t(9));
    for (int row = 2; row < 11; ++row) QVERIFY(model->record(row - 1).loss.loss >= model->record(row).loss.loss);
    QCOMPARE(model->data(model->index(0, SequenceModel::kLoss), Qt::DisplayRole).toString(), QString("not a number"));
    QCOMPARE(model->data(model->index(11, SequenceModel::kLoss), Qt::DisplayRole).toString(), QString("no target"));
    QVERIFY(model->data(model->index(1, SequenceModel::kTokens), Qt::TextAlignmentRole).toInt() & Qt::AlignRight);

    QSignalSpy spy(&table, &SequenceTable::sequenceSelected);
    table.setSelected(120, 3);
    QCOMPARE(spy.size(), qsizetype(0));
    const int row = table.currentIndex().row();
    QCOMPARE(model->record(row).loss.index, std::int64_t(3));
    QTest::keyClick(&table, Qt::Key_Down);
    QCOMPARE(spy.size(), qsizetype(1));
    const QList<QVariant> told = spy.takeFirst();
    QCOMPARE(told[0].toLongLong(), qint64(120));
    QCOMPARE(told[1].toLongLong(), qint64(model->record(row + 1).loss.index));

    // Sorted another way, the same sequence stays selected.
    const std::int64_t kept = model->record(table.currentIndex().row()).loss.index;
    table.sortByColumn(SequenceModel::kTokens, Qt::AscendingOrder);
    QVERIFY(model->record(0).loss.num_tokens <= model->record(1).loss.num_tokens);
    QCOMPARE(model->record(table.currentIndex().row()).loss.index, kept);
    table.setRecords(records);
    QCOMPARE(model->record(table.currentIndex().row()).loss.index, kept);
    QCOMPARE(spy.size(), qsizetype(0));
    verify_named(table);
  }

  void barShowsWordAndActionAndLeaves() {
    QWidget page;
    MessageBar bar(&page);
    settle(page, {600, 100});
    QVERIFY(!bar.isVisible());
    bar.showMessage(MessageLevel::kWarning, "3 rows were cut.", "Show them");
    QVERIFY(bar.isVisible());
    QVERIFY(bar.accessibleName().startsWith("Warning"));
    QSignalSpy acted(&bar, &MessageBar::actionTriggered);
    QSignalSpy gone(&bar, &MessageBar::dismissed);
    bar.findChild<QPushButton*>("messageBarAction")->click();
    QCOMPARE(acted.size(), qsizetype(1));
    verify_named(bar);
    bar.findChild<QToolButton*>("messageBarDismiss")->click();
    QCOMPARE(gone.size(), qsizetype(1));
    QVERIFY(!bar.isVisible());
    bar.showMessage(MessageLevel::kInfo, "Saved.");
    QVERIFY(!bar.findChild<QPushButton*>("messageBarAction")->isVisible());
  }

  void emptyStateOffersOneAction() {
    EmptyState empty;
    empty.setTitle("No run yet");
    empty.setExplanation(QString("Runs stand here, newest first. ").repeated(8));
    settle(empty, {500, 400});
    QVERIFY(!empty.findChild<QPushButton*>()->isVisible());
    empty.setAction("Try the demo");
    QSignalSpy spy(&empty, &EmptyState::actionTriggered);
    empty.setFocus();
    QTest::keyClick(empty.focusProxy(), Qt::Key_Return);
    QCOMPARE(spy.size(), qsizetype(1));
    QTest::keyClick(empty.focusProxy(), Qt::Key_Space);
    QCOMPARE(spy.size(), qsizetype(2));
    auto* text = empty.findChild<QLabel*>("emptyStateExplanation");
    QCoreApplication::processEvents();
    QVERIFY(text->height() >= text->heightForWidth(text->width()));  // nothing is cut off
    verify_named(empty);
  }

  // Within a window, where only its palette changes under them.
  void quietWordsFollowAThemeChosenLater() {
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    auto* bar = new MessageBar(&window);
    auto* price = new LogitsSwitch(&window);
    auto* panel = new ParityPanel(&window);
    for (QWidget* widget : std::initializer_list<QWidget*>{bar, price, panel}) layout->addWidget(widget);
    bar->showMessage(MessageLevel::kWarning, "Look here.");
    price->setPrice({2'097'152, 3.0, 1.3, 910'000.0});
    panel->setReports({samples::parity(100, ParityVerdict::kDiffers)});
    settle(window, {500, 700});
    window.setPalette(samples::dark_palette());
    QCoreApplication::processEvents();
    for (const char* name : {"logitsPrice", "parityReference", "parityTally", "messageBarText"}) {
      const auto* label = window.findChild<QLabel*>(name);
      QVERIFY2(label != nullptr, name);
      const QColor ground = label->parentWidget()->palette().color(QPalette::Window);
      QVERIFY2(is_dark(label->parentWidget()->palette()), name);
      QVERIFY2(contrast_ratio(label->palette().color(QPalette::WindowText), ground) > 4.0, name);
    }
  }

  void darkPalettesAreFollowed() {
    TokenRibbon ribbon;
    ribbon.setTokens(samples::tokens(30), samples::piece);
    ribbon.setPalette(samples::dark_palette());
    settle(ribbon, {400, 300});
    const QImage image = ribbon.viewport()->grab().toImage();
    QCOMPARE(image.pixelColor(image.width() - 2, image.height() - 2), samples::dark_palette().color(QPalette::Base));
  }

  void longTooltipsComeInLines() {
    const QFontMetrics metrics(QToolTip::font());
    const int widest = 60 * character_width(metrics);
    const QString sentence =
        QStringLiteral("How far one update goes: too high and the loss jumps. ").repeated(4).trimmed();
    const auto verify_lines = [&](const QString& text) {
      for (const QString& line : text.split(QLatin1Char('\n'))) QVERIFY(metrics.horizontalAdvance(line) <= widest);
    };
    QCOMPARE(wrapped_tool_tip(QStringLiteral("Short."), metrics), QStringLiteral("Short."));
    const QString wrapped = wrapped_tool_tip(sentence + QStringLiteral("\nIts own line."), metrics);
    verify_lines(wrapped);
    QCOMPARE(QString(wrapped).replace(QLatin1Char('\n'), QLatin1Char(' ')),
             sentence + QStringLiteral(" Its own line."));
    QVERIFY(wrapped.endsWith(QLatin1String("\nIts own line.")));
    const QString chinese = QString(QChar(0x8bcd)).repeated(200);  // no blanks to break at
    verify_lines(wrapped_tool_tip(chinese, metrics));
    const QString rich = QStringLiteral("<b>%1</b>").arg(sentence);
    QCOMPARE(wrapped_tool_tip(rich, metrics), rich);

    // Wherever the text was set: a control, an item of a view, or what is around them.
    const WrappedToolTips tips;
    QWidget box;
    auto* layout = new QVBoxLayout(&box);
    auto* button = new QPushButton(QStringLiteral("Go"), &box);
    button->setToolTip(sentence);
    auto* list = new QListWidget(&box);
    list->addItem(QStringLiteral("one"));
    list->item(0)->setToolTip(sentence + QStringLiteral(" Of an item."));
    auto* label = new QLabel(QStringLiteral("none"), &box);
    box.setToolTip(sentence + QStringLiteral(" Of the box."));
    for (QWidget* widget : {static_cast<QWidget*>(button), static_cast<QWidget*>(list), static_cast<QWidget*>(label)}) {
      layout->addWidget(widget);
    }
    settle(box, {300, 200});
    const auto ask = [](QWidget& widget, const QPoint& at) {
      QHelpEvent help(QEvent::ToolTip, at, widget.mapToGlobal(at));
      QCoreApplication::sendEvent(&widget, &help);
      return QToolTip::text();
    };
    verify_lines(ask(*button, button->rect().center()));
    QVERIFY(QToolTip::text().contains(QLatin1Char('\n')));
    const QString item = ask(*list->viewport(), list->visualItemRect(list->item(0)).center());
    verify_lines(item);
    QVERIFY(QString(item).replace(QLatin1Char('\n'), QLatin1Char(' ')).endsWith(QLatin1String("Of an item.")));
    const QString around = ask(*label, label->rect().center());
    verify_lines(around);
    QVERIFY(QString(around).replace(QLatin1Char('\n'), QLatin1Char(' ')).endsWith(QLatin1String("Of the box.")));
    QToolTip::hideText();
  }
};

}  // namespace vernier::ui

QTEST_MAIN(vernier::ui::WidgetsTest)
#include "widgets_test.moc"
