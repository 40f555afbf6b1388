// The Run page with a long run: how long it takes until the curves stand, how long the event loop is kept waiting
// meanwhile and by which events, a frame while panning with every chart shown, a hundred new steps.
//   curves_bench [steps]
#include <QApplication>
#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/io/run_store_writer.h"
#include "tests/bench/bench_window.h"
#include "tests/bench/event_probe.h"
#include "ui/pages/actions.h"
#include "ui/pages/run/run_page.h"
#include "ui/plots/gradient_map.h"
#include "ui/plots/loss_canvas.h"
#include "ui/plots/loss_plot.h"
#include "ui/session/run_details.h"

using namespace vernier;
using namespace vernier::ui;

namespace {

constexpr int kGroups = 7 * 16;
constexpr int kFrames = 60;
constexpr int kSettling = 500;  // milliseconds

StepEvent step_of(std::int64_t step, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  StepEvent event;
  event.step = event.total_steps = step;
  event.loss = event.loss_per_token = 1.0 + 2.0 * std::exp(-1e-5 * static_cast<double>(step)) + 0.2 * normal(random);
  event.loss_per_sequence = event.loss_per_token + 0.1;
  event.grad_norm = std::exp(0.3 * normal(random));
  event.learning_rate = 1e-4;
  event.num_tokens = 1000;
  event.num_items_in_batch = 900;
  event.tokens_per_second = 5000.0 + 300.0 * normal(random);
  event.step_ms = 200.0;
  event.peak_memory_bytes = 2'000'000'000;
  return event;
}

void write_run(const std::string& run_dir, std::int64_t steps) {
  RunConfig config;
  config.model_name_or_path = "/no/model";
  config.dataset.path = "/no/data.jsonl";
  RunStoreWriter writer = RunStoreWriter::create(run_dir, config.to_json().dump());
  std::vector<GradientGroup> groups;
  for (int g = 0; g < kGroups; ++g) groups.push_back({g / 7, "p" + std::to_string(g % 7)});
  writer.set_gradient_groups(groups);
  std::mt19937_64 random(1);
  StepSignals told;
  told.gradient_norms.assign(kGroups, 0.5f);
  told.logits = {.mean = -1.0, .spread = 2.0, .min = -9.0, .max = 9.0};
  for (std::int64_t step = 1; step <= steps; ++step) {
    told.step = step;
    writer.add_step(step_of(step, random), {}, &told);
  }
  writer.set_state(RunState::kFinished);
}

double since(const QElapsedTimer& clock) {
  return static_cast<double>(clock.nsecsElapsed()) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  test::ProbedApplication app(argc, argv);
  const std::int64_t steps = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const test::BenchFolder folder;
  const QString run_dir = folder.path("run");
  QElapsedTimer clock;
  clock.start();
  write_run(run_dir.toStdString(), steps);
  std::printf("%lld steps written in %.1f s\n", static_cast<long long>(steps), since(clock) * 1e-3);

  Workbench workbench({}, folder.path("runs"));
  Actions actions(workbench);
  RunPage page(workbench, actions);
  page.resize(1280, 800);
  page.show();
  auto& plot = *page.findChild<LossPlot*>(QStringLiteral("lossPlot"));
  plot.setShownStrips({kAllStrips.begin(), kAllStrips.end()});

  // The empty page stands before anything is opened.
  clock.start();
  while (clock.elapsed() < kSettling) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
  app.forget();
  double longest = 0.0;
  QElapsedTimer beat;
  QTimer timer;
  timer.setTimerType(Qt::PreciseTimer);
  QObject::connect(&timer, &QTimer::timeout, &page, [&] {
    if (beat.isValid()) longest = std::max(longest, since(beat));
    beat.start();
  });
  timer.start(5);
  clock.start();
  double stands = 0.0;
  QObject::connect(&workbench.run(), &RunModel::wasReset, &page, [&] {
    if (stands == 0.0 && !workbench.run().series().empty()) stands = since(clock);
  });
  QObject::connect(page.findChild<RunDetails*>(), &RunDetails::signalsRead, &page,
                   [&](const auto&, const auto&, bool complete) {
                     if (complete && stands > 0.0) QTimer::singleShot(0, &app, &QCoreApplication::quit);
                   });
  workbench.open_run(run_dir);
  QApplication::exec();
  std::printf(
      "curves stand after %.2f s, gradients and logits complete after %.2f s; longest wait of the event loop "
      "%.0f ms; the longest events:\n",
      stands * 1e-3, since(clock) * 1e-3, longest);
  app.print();

  auto& canvas = *static_cast<LossCanvas*>(plot.findChild<QWidget*>(QStringLiteral("lossCanvas")));
  canvas.zoomX(0.8, 600);
  canvas.replot();
  std::vector<double> frames;
  for (int i = 0; i < kFrames; ++i) {
    clock.start();
    canvas.pan({i % 2 == 0 ? 15.0 : -14.0, 0.0});
    canvas.replot();
    frames.push_back(since(clock));
  }
  std::sort(frames.begin(), frames.end());
  std::printf("a frame of %d charts: median %.1f ms, longest %.1f ms\n", static_cast<int>(kAllStrips.size()),
              frames[frames.size() / 2], frames.back());
  std::mt19937_64 random(2);
  std::vector<StepEvent> more;
  for (std::int64_t step = steps + 1; step <= steps + 100; ++step) more.push_back(step_of(step, random));
  clock.start();
  workbench.run().append_steps(more);
  canvas.replot();
  std::printf("100 more steps shown after %.1f ms\n", since(clock));
  auto& map = *page.findChild<GradientMap*>(QStringLiteral("gradientMap"));
  map.resize(1200, 300);
  clock.start();
  map.grab();
  std::printf("the heat map of %d rows painted in %.1f ms\n", map.rowCount(), since(clock));
  return 0;
}
