// How long a frame of the token map takes at 4,096 positions x 256 tokens, on a screen of 1920 x 1080: scrolling,
// zooming, scrubbing to another capture, and everything at once. Prints the median and the longest of each, in time
// that the window's own thread worked.
#include <QApplication>
#include <QImage>
#include <QKeyEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "tests/ui/pictures.h"
#include "tests/ui/samples.h"
#include "ui/plots/logit_cells.h"
#include "ui/plots/token_map.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kPositions = 4096;
constexpr int kRows = 256;
constexpr int kFrames = 100;

std::shared_ptr<LogitCells> cells(std::shared_ptr<const LogitGrid> grid, LogitCells::ColorBy by) {
  return std::make_shared<LogitCells>(std::move(grid), samples::piece, by, false, QStringLiteral("step 40"),
                                      QStringLiteral("step 20"));
}

// Each frame: `change`, then painted.
void measure(const char* name, TokenMap& map, const std::function<void(int)>& change) {
  QImage screen(map.size(), QImage::Format_RGB32);
  std::vector<double> frames;
  for (int i = 0; i < kFrames; ++i) {
    const double start = thread_milliseconds();
    change(i);
    map.render(&screen);
    frames.push_back(thread_milliseconds() - start);
  }
  std::sort(frames.begin(), frames.end());
  std::printf("%-34s median %5.1f ms, 99th percentile %5.1f ms, longest %5.1f ms\n", name, frames[kFrames / 2],
              frames[kFrames * 99 / 100], frames.back());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  const auto first = std::make_shared<const LogitGrid>(samples::grid(kPositions, kRows, true));
  const auto second = std::make_shared<const LogitGrid>(samples::grid(kPositions, kRows, true));
  TokenMap map(QStringLiteral("logits"));
  map.resize(1700, 900);
  map.show();
  QCoreApplication::processEvents();
  map.setCells(cells(first, LogitCells::ColorBy::kProbability));

  const auto key = [&map](int code) {
    QKeyEvent event(QEvent::KeyPress, code, Qt::NoModifier);
    QCoreApplication::sendEvent(&map, &event);
  };
  const auto wheel = [&map](int by, Qt::KeyboardModifiers keys) {
    const QPointF at(map.width() / 2.0, map.height() / 2.0);
    QWheelEvent event(at, map.mapToGlobal(at), {}, {0, by}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&map, &event);
  };
  measure("the cell moves, readable columns", map, [&](int i) { key(i % 3 == 2 ? Qt::Key_Down : Qt::Key_Right); });
  measure("scrolls, readable columns", map, [&](int) { wheel(-40, Qt::ShiftModifier); });
  measure("zooms in and out", map, [&](int i) { wheel(i % 40 < 20 ? -120 : 120, Qt::NoModifier); });
  measure("rows zoom in and out", map, [&](int i) { wheel(i % 40 < 20 ? -120 : 120, Qt::ControlModifier); });
  measure("scrubs to another capture", map,
          [&](int i) { map.setCells(cells(i % 2 == 0 ? second : first, LogitCells::ColorBy::kProbability)); });
  key(Qt::Key_F);
  measure("everything, the cell moves", map, [&](int i) { key(i % 3 == 2 ? Qt::Key_Down : Qt::Key_Right); });
  measure("everything, other colours", map, [&](int i) {
    map.setCells(cells(first, i % 2 == 0 ? LogitCells::ColorBy::kChange : LogitCells::ColorBy::kRank));
  });
  return 0;
}
