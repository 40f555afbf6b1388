// Every widget with sample data: `vernier_gallery` shows them, `vernier_gallery FOLDER` writes pictures, light and
// dark, at the scale of QT_SCALE_FACTOR.
#include <QApplication>
#include <QDir>
#include <QMouseEvent>
#include <QTabWidget>
#include <QVBoxLayout>
#include <cstdio>
#include <functional>
#include <limits>
#include <memory>

#include "tests/ui/samples.h"
#include "ui/plots/lens_cells.h"
#include "ui/plots/logit_cells.h"
#include "ui/plots/loss_plot.h"
#include "ui/plots/token_map.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/logits_switch.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/parity_lamp.h"
#include "ui/widgets/parity_panel.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"

namespace {

using namespace vernier;
using namespace vernier::ui;

struct Exhibit {
  QString name;
  QSize size;
  std::function<QWidget*()> make;
  QPoint hover = {};  // where the pointer rests
};

QWidget* column(const QList<QWidget*>& widgets) {
  auto* box = new QWidget;
  auto* layout = new QVBoxLayout(box);
  for (QWidget* widget : widgets) layout->addWidget(widget);
  layout->addStretch(1);
  return box;
}

QList<Exhibit> exhibits() {
  const auto loss = [](std::int64_t steps, std::int64_t total, int evals) {
    auto* plot = new LossPlot;
    plot->setSeries(samples::series(steps));
    plot->setEvals(samples::evals(steps, evals));
    plot->setTotalSteps(total);
    plot->setBlindGuess(std::log(2048.0), 2048);
    return plot;
  };
  const auto map = [](int positions, int rows, LogitCells::ColorBy by = LogitCells::ColorBy::kProbability) {
    auto* heat = new TokenMap("logits");
    heat->setAccessibleName("Logits");
    const bool compares = by == LogitCells::ColorBy::kChange;
    heat->setCells(
        std::make_shared<LogitCells>(std::make_shared<const LogitGrid>(samples::grid(positions, rows, compares)),
                                     samples::piece, by, false, "step 40", compares ? "step 20" : ""));
    heat->setSelected(12, 1);
    return heat;
  };
  const auto ribbon = [](int tokens) {
    auto* one = new TokenRibbon;
    one->setTokens(samples::tokens(tokens), samples::piece);
    one->setSelectedPosition(20);
    return one;
  };
  return {
      {"loss-running", {900, 520}, [loss] { return loss(300, 1000, 3); }, {300, 200}},
      {"loss-finished",
       {900, 520},
       [loss] {
         LossPlot* plot = loss(1000, 1000, 5);
         plot->setSelectedStep(420);
         return plot;
       }},
      {"loss-smoothed",
       {900, 520},
       [loss] {
         LossPlot* plot = loss(20000, 20000, 8);
         plot->setSmoothed(true);
         plot->setLogarithmic(true);
         return plot;
       }},
      {"loss-nan",
       {900, 520},
       [] {
         auto points = samples::series(120);
         for (const std::size_t i : {40u, 41u, 42u, 90u}) {
           points[i].loss_per_token = std::numeric_limits<double>::quiet_NaN();
           points[i].loss_per_sequence = std::numeric_limits<double>::infinity();
         }
         auto* plot = new LossPlot;
         plot->setSeries(points);
         return plot;
       }},
      {"loss-empty", {700, 400}, [] { return new LossPlot; }},
      {"logits", {1000, 360}, [map] { return map(52, 8); }, {330, 200}},
      {"logits-low", {700, 240}, [map] { return map(52, 8); }},
      {"logits-rank", {1000, 420}, [map] { return map(52, 40, LogitCells::ColorBy::kRank); }},
      {"logits-change", {1000, 420}, [map] { return map(52, 24, LogitCells::ColorBy::kChange); }, {330, 240}},
      {"lens",
       {1000, 420},
       [] {
         auto* heat = new TokenMap("lens");
         heat->setCells(std::make_shared<LensCells>(samples::lens(30, 12, true), samples::piece,
                                                    LensCells::ColorBy::kTop, LensCells::Side::kTuned, 41));
         heat->setSelected(9, 3);
         return heat;
       },
       {430, 200}},
      {"logits-wide",
       {1000, 300},
       [map] {
         TokenMap* heat = map(4096, 256);
         heat->fitAll();
         return heat;
       }},
      {"ribbon", {700, 320}, [ribbon] { return ribbon(160); }},
      {"ribbon-entropy",
       {700, 320},
       [ribbon] {
         TokenRibbon* one = ribbon(8192);
         one->setColorBy(TokenRibbon::ColorBy::kEntropy);
         return one;
       }},
      {"ribbon-empty", {500, 200}, [] { return new TokenRibbon; }},
      {"lamps",
       {260, 180},
       [] {
         QList<QWidget*> lamps = {new ParityLamp};
         for (const ParityVerdict verdict :
              {ParityVerdict::kAgrees, ParityVerdict::kDrifting, ParityVerdict::kDiffers}) {
           auto* lamp = new ParityLamp;
           lamp->setReport(samples::parity(100, verdict));
           lamps << lamp;
         }
         return column(lamps);
       }},
      {"parity",
       {380, 420},
       [] {
         auto* panel = new ParityPanel;
         panel->setReports({samples::parity(100, ParityVerdict::kAgrees),
                            samples::parity(200, ParityVerdict::kDrifting),
                            samples::parity(1300, ParityVerdict::kDiffers)});
         return panel;
       }},
      {"parity-empty", {700, 300}, [] { return new ParityPanel; }},
      {"logits-switch",
       {460, 480},
       [] {
         auto* off = new LogitsSwitch;
         off->setPrice({2'097'152, 3.0, 1.3, 910'000.0});
         auto* on = new LogitsSwitch;
         on->setOptions({10, {0, 3}, {64, {}}});
         on->setPrice({2'097'152, 3.0, 1.3, 910'000.0});
         on->setMeasured(2'101'248, 1.46);
         return column({off, on});
       }},
      {"sequences",
       {560, 300},
       [] {
         auto* table = new SequenceTable;
         table->setRecords(samples::sequences(16));
         table->setSelected(120, 7);
         return table;
       }},
      {"messages",
       {700, 200},
       [] {
         QList<QWidget*> bars;
         const auto add = [&bars](MessageLevel level, const QString& text, const QString& action) {
           auto* bar = new MessageBar;
           bar->showMessage(level, text, action);
           bars << bar;
         };
         add(MessageLevel::kInfo, "The run was saved at step 1,200.", {});
         add(MessageLevel::kWarning, "3 of 240 rows are longer than max_length 1,024 and were cut.", "Show them");
         add(MessageLevel::kError,
             "[train] loss: got NaN at step 42, sequence 3, expected a number. Lower learning_rate.",
             "Open the sequence");
         return column(bars);
       }},
      {"empty",
       {700, 300},
       [] {
         auto* empty = new EmptyState;
         empty->setTitle("No run yet");
         empty->setExplanation(
             "Runs stand here, newest first, with their loss and how far they came. The demo makes one in a minute.");
         empty->setAction("Try the demo");
         return empty;
       }},
  };
}

void hover(QWidget& widget, const QPoint& at) {
  QWidget* target = widget.childAt(at);
  if (target == nullptr) target = &widget;
  const QPoint local = target->mapFrom(&widget, at);
  QMouseEvent move(QEvent::MouseMove, local, target->mapToGlobal(local), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
  QCoreApplication::sendEvent(target, &move);
}

bool write(const Exhibit& exhibit, const QString& folder, const QString& theme) {
  const std::unique_ptr<QWidget> widget(exhibit.make());
  widget->resize(exhibit.size);
  widget->show();
  QCoreApplication::processEvents();
  if (!exhibit.hover.isNull()) hover(*widget, exhibit.hover);
  QCoreApplication::processEvents();
  const QPixmap picture = widget->grab();
  return picture.save(
      QStringLiteral("%1/%2-%3-%4x.png").arg(folder, exhibit.name, theme).arg(picture.devicePixelRatio()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  QApplication::setStyle("Fusion");
  if (argc < 2) {
    QTabWidget tabs;
    for (const Exhibit& exhibit : exhibits()) tabs.addTab(exhibit.make(), exhibit.name);
    tabs.resize(1100, 640);
    tabs.show();
    return QApplication::exec();
  }
  const QString folder = QString::fromLocal8Bit(argv[1]);
  QDir().mkpath(folder);
  const QPalette light = QApplication::palette();
  for (const bool dark : {false, true}) {
    QApplication::setPalette(dark ? samples::dark_palette() : light);
    for (const Exhibit& exhibit : exhibits()) {
      if (!write(exhibit, folder, dark ? "dark" : "light")) {
        std::fprintf(stderr, "[gallery] %s cannot be written\n", qPrintable(exhibit.name));
        return 1;
      }
    }
  }
  return 0;
}
