// How long the window takes to its first picture, and from one page to another, with a run in it: pages_bench RUN_DIR.
// Prints what passed by the clock and what the window's own thread worked, which other programs do not lengthen.
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QFile>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include "tests/bench/bench_window.h"
#include "tests/ui/pictures.h"
#include "ui/frame/main_window.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kRounds = 20;
constexpr int kPatience = 30000;

constexpr std::pair<PageId, const char*> kPages[] = {{PageId::kStart, "Start"},     {PageId::kSetUp, "Set up"},
                                                     {PageId::kRun, "Run"},         {PageId::kInspect, "Inspect"},
                                                     {PageId::kCompare, "Compare"}, {PageId::kLessons, "Lessons"}};

// Sees a window paint.
class PaintWatch : public QObject {
 public:
  explicit PaintWatch(QWidget& window) {
    window.installEventFilter(this);
    for (QWidget* widget : window.findChildren<QWidget*>()) widget->installEventFilter(this);
  }
  bool eventFilter(QObject*, QEvent* event) override {
    painted |= event->type() == QEvent::Paint;
    return false;
  }
  bool painted = false;
};

// Since the program was started, its libraries' loading included; the kernel counts hundredths of a second.
double milliseconds_since_start() {
  QFile file(QStringLiteral("/proc/self/stat"));
  if (!file.open(QIODevice::ReadOnly)) return -1.0;
  const QByteArray text = file.readAll();
  const double ticks = text.mid(text.lastIndexOf(')') + 2).split(' ').value(19).toDouble();
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (static_cast<double>(now.tv_sec) - ticks / static_cast<double>(sysconf(_SC_CLK_TCK))) * 1e3 +
         static_cast<double>(now.tv_nsec) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "error: [pages_bench] got %d arguments, expected a run folder.\n", argc - 1);
    return 2;
  }
  const test::BenchFolder folder;
  Workbench workbench(test::real_engine(), folder.path("runs"));
  MainWindow window(workbench);
  PaintWatch watch(window);
  window.show();
  while (!watch.painted) QCoreApplication::processEvents();
  QCoreApplication::processEvents();
  std::printf("first picture: %.0f ms after the program's start, %.0f ms of work\n", milliseconds_since_start(),
              thread_milliseconds());

  workbench.open_run(QString::fromLocal8Bit(argv[1]));
  QElapsedTimer patience;
  patience.start();
  const auto settle = [&] {
    do {
      QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
    } while ((workbench.is_busy() || window.is_busy()) && patience.elapsed() < kPatience);
  };
  while (workbench.run().series().empty() && patience.elapsed() < kPatience) settle();
  if (workbench.run().series().empty()) {
    std::fprintf(stderr, "error: [pages_bench] %s: got no run, expected one with steps.\n", argv[1]);
    return 1;
  }
  for (const auto& [page, name] : kPages) {
    std::vector<double> worked, passed;
    for (int round = 0; round < kRounds; ++round) {
      window.show_page(page == PageId::kStart ? PageId::kRun : PageId::kStart);
      settle();
      QElapsedTimer clock;
      clock.start();
      const double start = thread_milliseconds();
      watch.painted = false;
      window.show_page(page);
      while (!watch.painted) QCoreApplication::processEvents();
      worked.push_back(thread_milliseconds() - start);
      passed.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
      settle();
    }
    const double first = worked.front(), first_passed = passed.front();
    std::sort(worked.begin(), worked.end());
    std::sort(passed.begin(), passed.end());
    std::printf("%-8s first %5.1f ms (%5.1f by the clock), then median %5.1f (%5.1f), longest %5.1f (%5.1f)\n", name,
                first, first_passed, worked[kRounds / 2], passed[kRounds / 2], worked.back(), passed.back());
    std::fflush(stdout);
  }
  return 0;
}
