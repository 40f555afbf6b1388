#include "ui/models/compared_run.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "ui/models/run_state.h"
#include "ui/style/paint.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const QString kNothing = QStringLiteral("\u2013");

QString words(const char* text) {
  return QCoreApplication::translate("ComparedRun", text);
}

QString loss_text(double loss) {
  return std::isfinite(loss) ? QString::number(loss, 'f', 4) : kNothing;
}

// Of the last tenth of the steps: single steps go up and down with their rows.
double late_mean(const ComparedRun& run, double ComparedPoint::*loss) {
  if (run.points().empty()) return kNaN;
  const std::size_t count = std::max<std::size_t>(1, run.points().size() / 10);
  double sum = 0.0;
  for (std::size_t i = run.points().size() - count; i < run.points().size(); ++i) sum += run.points()[i].*loss;
  return sum / static_cast<double>(count);
}

const EvalEvent* best_eval(const ComparedRun& run) {
  const auto best = std::min_element(run.evals.begin(), run.evals.end(), [](const EvalEvent& a, const EvalEvent& b) {
    return a.eval_loss_per_token < b.eval_loss_per_token;
  });
  return best == run.evals.end() ? nullptr : &*best;
}

enum class Better { kLower, kHigher, kNeither };

// A row whose values are numbers, NaN where there is none.
ComparisonRow row_of(const std::vector<ComparedRun>& runs, const char* name, const char* tool_tip, Better better,
                     const std::function<double(const ComparedRun&)>& value,
                     const std::function<QString(const ComparedRun&, double)>& text) {
  ComparisonRow row;
  row.name = words(name);
  row.tool_tip = words(tool_tip);
  double best = kNaN;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const double now = value(runs[i]);
    row.values << (std::isfinite(now) ? text(runs[i], now) : kNothing);
    if (better == Better::kNeither || !std::isfinite(now)) continue;
    if (!std::isnan(best) && (better == Better::kLower ? now >= best : now <= best)) continue;
    best = now;
    row.best = static_cast<int>(i);
  }
  if (!row.differs()) row.best = -1;
  return row;
}

}  // namespace

std::vector<ComparisonRow> compare_settings(const std::vector<ComparedRun>& runs) {
  std::vector<ComparisonRow> rows;
  QHash<QString, std::size_t> row_of_key;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (const auto& [key, value] : runs[run].settings) {
      if (!row_of_key.contains(key)) {
        row_of_key.insert(key, rows.size());
        ComparisonRow row;
        row.name = key;
        for (std::size_t i = 0; i < runs.size(); ++i) row.values << kNothing;
        rows.push_back(row);
      }
      rows[row_of_key.value(key)].values[static_cast<int>(run)] = value;
    }
  }
  return rows;
}

std::vector<ComparisonRow> compare_figures(const std::vector<ComparedRun>& runs) {
  const auto loss = [](const ComparedRun&, double value) { return loss_text(value); };
  const auto count = [](const ComparedRun&, double value) { return grouped(std::llround(value)); };
  std::vector<ComparisonRow> rows;
  ComparisonRow state;
  state.name = words(QT_TRANSLATE_NOOP("ComparedRun", "State"));
  state.tool_tip = words(QT_TRANSLATE_NOOP("ComparedRun", "How the run ended, or what it is doing."));
  for (const ComparedRun& run : runs) state.values << to_words(activity_of_name(run.info.state));
  rows.push_back(state);
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Steps"),
      QT_TRANSLATE_NOOP("ComparedRun", "Optimizer steps done, of those planned."), Better::kNeither,
      [](const ComparedRun& run) { return static_cast<double>(run.info.last_step); },
      [](const ComparedRun& run, double) {
        return words(QT_TRANSLATE_NOOP("ComparedRun", "%1 of %2"))
            .arg(grouped(run.info.last_step), grouped(run.info.total_steps));
      }));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Tokens"),
      QT_TRANSLATE_NOOP("ComparedRun", "Tokens trained on, over all epochs; nothing is padded."), Better::kNeither,
      [](const ComparedRun& run) {
        return run.points().empty() ? kNaN : static_cast<double>(run.points().back().tokens);
      },
      count));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Loss per token, last tenth"),
      QT_TRANSLATE_NOOP(
          "ComparedRun",
          "Mean over the last tenth of the steps, in nats: a single step's goes up and down with its rows."),
      Better::kLower, [](const ComparedRun& run) { return late_mean(run, &ComparedPoint::loss_per_token); }, loss));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Loss per sequence, last tenth"),
      QT_TRANSLATE_NOOP("ComparedRun", "Mean over the last tenth of the steps, in nats; every row weighs the same."),
      Better::kLower, [](const ComparedRun& run) { return late_mean(run, &ComparedPoint::loss_per_sequence); }, loss));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Held-out loss, last"),
      QT_TRANSLATE_NOOP("ComparedRun",
                        "Per token, on rows that are never trained on. Comparable where the rows are "
                        "the same."),
      Better::kLower,
      [](const ComparedRun& run) { return run.evals.empty() ? kNaN : run.evals.back().eval_loss_per_token; }, loss));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Held-out loss, best"),
      QT_TRANSLATE_NOOP("ComparedRun",
                        "The lowest of all evaluations. Much lower than the last: the run learnt by "
                        "heart after it."),
      Better::kLower,
      [](const ComparedRun& run) {
        const EvalEvent* best = best_eval(run);
        return best != nullptr ? best->eval_loss_per_token : kNaN;
      },
      [](const ComparedRun& run, double value) {
        return words(QT_TRANSLATE_NOOP("ComparedRun", "%1 at step %2"))
            .arg(loss_text(value), grouped(best_eval(run)->step));
      }));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Token accuracy"),
      QT_TRANSLATE_NOOP("ComparedRun", "How often the likeliest token was the right one, in the last step."),
      Better::kHigher,
      [](const ComparedRun& run) { return run.latest.step > 0 ? run.latest.mean_token_accuracy : kNaN; },
      [](const ComparedRun&, double value) { return percent(value); }));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Training time"),
      QT_TRANSLATE_NOOP("ComparedRun", "All steps together, without loading and evaluations."), Better::kLower,
      [](const ComparedRun& run) {
        return run.points().empty() ? kNaN : 1e-6 * static_cast<double>(run.points().back().microseconds);
      },
      [](const ComparedRun&, double value) { return to_duration(value); }));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Tokens/s"),
      QT_TRANSLATE_NOOP("ComparedRun", "Over the whole run. Comparable on the same device."), Better::kHigher,
      [](const ComparedRun& run) {
        if (run.points().empty() || run.points().back().microseconds == 0) return kNaN;
        return 1e6 * static_cast<double>(run.points().back().tokens) /
               static_cast<double>(run.points().back().microseconds);
      },
      count));
  rows.push_back(row_of(
      runs, QT_TRANSLATE_NOOP("ComparedRun", "Peak memory"),
      QT_TRANSLATE_NOOP("ComparedRun", "The most that the run took of its device's memory."), Better::kLower,
      [](const ComparedRun& run) { return run.peak_memory > 0 ? static_cast<double>(run.peak_memory) : kNaN; },
      [](const ComparedRun& run, double) { return byte_count(run.peak_memory); }));
  ComparisonRow parity;
  parity.name = words(QT_TRANSLATE_NOOP("ComparedRun", "Parity"));
  parity.tool_tip = words(QT_TRANSLATE_NOOP(
      "ComparedRun", "The last check of training, evaluation and KV-cache path against the plain reference."));
  for (const ComparedRun& run : runs) {
    parity.values << (run.parity ? engine_text(to_string(*run.parity)) : kNothing);
  }
  rows.push_back(parity);
  return rows;
}

}  // namespace vernier::ui
