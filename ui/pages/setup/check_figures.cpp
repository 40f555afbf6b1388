#include "ui/pages/setup/check_figures.h"

#include <QVBoxLayout>
#include <cmath>

#include "ui/models/run_state.h"
#include "ui/pages/describe.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

const QString kNothing = QStringLiteral("\u2013");

}  // namespace

CheckFigures::CheckFigures(QWidget* parent) : QWidget(parent) {
  row_ = new FlowLayout(kSpaceHuge, kSpaceSmall, this);
  row_->setContentsMargins(0, 0, 0, 0);
  memory_ = add("checkMemory", tr("Peak memory"),
                tr("The most that the run will take of its device's memory, as peak_memory_bytes of its steps will "
                   "tell it. Measured on the longest rows once the weights were tried, predicted before."));
  time_ = add("checkTime", tr("Time"),
              tr("All steps at the time that one takes, without loading and evaluations. From a real step once the "
                 "weights were tried, from two layers with random weights before."));
  steps_ = add("checkSteps", tr("Steps"), tr("Optimizer steps, and the rows that they go through."));
  tokens_ =
      add("checkTokens", tr("Tokens a step"), tr("The mean over the first steps; real tokens, as nothing is padded."));
  loss_ = add("checkLoss", tr("First loss"),
              tr("Loss per token of the first step's rows before anything is learnt, in nats. A blind guess over the "
                 "vocabulary costs ln V."));
}

CheckFigures::Figure CheckFigures::add(const char* name, const QString& caption, const QString& tool_tip) {
  auto* cell = new QWidget(this);
  auto* column = new QVBoxLayout(cell);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  Figure out;
  QLabel* title = make_note(caption, cell, false);
  title->setToolTip(tool_tip);
  out.value = make_heading(kNothing, cell);
  describe(out.value, name, caption, tool_tip);
  out.yardstick = make_note({}, cell, false);
  out.yardstick->setObjectName(QLatin1String(name) + QLatin1String("Yardstick"));
  out.yardstick->setToolTip(tool_tip);
  column->addWidget(title);
  column->addWidget(out.value);
  column->addWidget(out.yardstick);
  row_->addWidget(cell);
  return out;
}

void CheckFigures::set(const Figure& figure, const QString& value, const QString& yardstick) {
  figure.value->setText(value.isEmpty() ? kNothing : value);
  figure.yardstick->setText(yardstick);
}

std::optional<std::uint64_t> CheckFigures::peak_memory(const PreflightReport& report) {
  return report.measured_peak_memory_bytes ? report.measured_peak_memory_bytes : report.predicted_peak_memory_bytes;
}

void CheckFigures::show_figures(const PreflightReport& report, const RunConfig& config) {
  const auto memory = peak_memory(report);
  if (memory) {
    const double share =
        static_cast<double>(*memory) / static_cast<double>(std::max<std::uint64_t>(1, report.free_memory_bytes));
    const QString part = percent(share, share < 0.1 ? 1 : 0), free = byte_count(report.free_memory_bytes);
    set(memory_, byte_count(*memory),
        report.predicted_host_memory_bytes > 0 ? tr("%1 of the %2 that are free, and %3 of the computer's memory")
                                                     .arg(part, free, byte_count(report.predicted_host_memory_bytes))
                                               : tr("%1 of the %2 that are free").arg(part, free));
  } else {
    set(memory_, {}, {});
  }
  if (report.predicted_step_ms && report.total_steps > 0) {
    const double step = *report.predicted_step_ms;
    set(time_, to_duration(1e-3 * step * static_cast<double>(report.total_steps)),
        step < 1e3 ? tr("%1 ms a step").arg(std::lround(step)) : tr("%1 s a step").arg(1e-3 * step, 0, 'f', 1));
  } else {
    set(time_, {}, {});
  }
  if (report.total_steps > 0) {
    const QString rows = grouped(report.rows);
    set(steps_, grouped(report.total_steps),
        config.max_steps > 0 ? tr("over %1 rows").arg(rows)
                             : tr("%1 times over %2 rows").arg(config.num_train_epochs).arg(rows));
  } else {
    set(steps_, {}, {});
  }
  if (report.tokens_per_step > 0.0) {
    set(tokens_, grouped(std::llround(report.tokens_per_step)),
        config.packing == Packing::kNone ? tr("without padding") : tr("rows %1 full").arg(percent(report.fill)));
  } else {
    set(tokens_, {}, {});
  }
  if (report.first_loss && report.blind_guess) {
    set(loss_, QString::number(*report.first_loss, 'f', 3),
        tr("a blind guess is ln V = %1").arg(QString::number(*report.blind_guess, 'f', 2)));
  } else {
    set(loss_, {}, {});
  }
}

}  // namespace vernier::ui
