// How long the window's event loop keeps a timer waiting while the engine trains the bundled demo on every core.
// Prints the waits beyond the timer's 16 ms: median, 99th percentile, longest; and the events that took longest.
#include <QApplication>
#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "tests/bench/bench_window.h"
#include "tests/bench/event_probe.h"
#include "ui/frame/main_window.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr double kFrame = 16.0;  // milliseconds

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  const bool inspects = argc > 1 && std::string_view(argv[1]) == "inspect";
  test::ProbedApplication app(argc, argv);
  const test::BenchFolder folder;
  Workbench workbench(test::real_engine(), folder.path("runs"));
  MainWindow window(workbench);
  window.show();

  std::vector<double> waits;
  double tokens_per_second = 0.0;
  QElapsedTimer clock;
  QTimer timer;
  timer.setTimerType(Qt::PreciseTimer);
  timer.setSingleShot(true);
  QObject::connect(&timer, &QTimer::timeout, &window, [&] {
    waits.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6 - kFrame);
    clock.start();
    timer.start(static_cast<int>(kFrame));
  });
  QObject::connect(&workbench.demo(), &DemoSession::loaded, &workbench, &Workbench::start, Qt::QueuedConnection);
  QObject::connect(&workbench.session(), &RunSession::stepsArrived, &window, [&](const std::vector<StepEvent>& steps) {
    tokens_per_second = steps.back().tokens_per_second;
    if (timer.isActive() || !waits.empty()) return;
    window.show_page(inspects ? PageId::kInspect : PageId::kRun);
    app.forget();
    clock.start();
    timer.start(static_cast<int>(kFrame));
  });
  QObject::connect(&workbench, &Workbench::runEnded, &app, &QCoreApplication::quit);
  workbench.open_demo();
  QApplication::exec();

  if (waits.size() < 100) {
    std::fprintf(stderr, "error: [window_bench] the run ended after %zu timer events.\n", waits.size());
    return 1;
  }
  std::sort(waits.begin(), waits.end());
  std::printf("%s page, %zu timer events of 16 ms: median %.1f ms late, 99th percentile %.1f ms, longest %.1f ms\n",
              inspects ? "Inspect" : "Run", waits.size(), quantile(waits, 0.5), quantile(waits, 0.99), waits.back());
  std::printf("%.0f tokens/s in the last step; the longest events:\n", tokens_per_second);
  app.print();
  return 0;
}
