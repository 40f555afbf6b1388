#include "ui/session/compare_session.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "ui/session/demo_session.h"
#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

void flatten(const nlohmann::json& json, const QString& path, QVector<QPair<QString, QString>>& out) {
  for (const auto& [key, value] : json.items()) {
    const QString name = path + QString::fromStdString(key);
    if (value.is_object()) {
      flatten(value, name + QLatin1Char('.'), out);
    } else {
      out.append({name, QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump())});
    }
  }
}

ComparedRun read_run(const QString& run_dir) {
  const RunReader reader(run_dir.toStdString());
  ComparedRun run;
  run.run_dir = run_dir;
  run.name = QFileInfo(QDir::cleanPath(run_dir)).fileName();
  run.info = reader.info();
  run.evals = reader.evals();
  std::vector<ComparedPoint> points;
  qint64 tokens = 0;
  double microseconds = 0.0;
  for (const StepEvent& step : reader.steps()) {
    tokens += step.num_tokens;
    microseconds += 1e3 * step.step_ms;
    run.peak_memory = std::max<quint64>(run.peak_memory, step.peak_memory_bytes);
    points.push_back(
        {step.step, tokens, static_cast<qint64>(microseconds), step.loss_per_token, step.loss_per_sequence});
    run.latest = step;
  }
  run.steps = std::make_shared<const std::vector<ComparedPoint>>(std::move(points));
  if (const std::vector<ParityReport> reports = reader.parity_reports(); !reports.empty()) {
    run.parity = reports.back().verdict;
  }
  const nlohmann::json config = reader.config();
  flatten(config, {}, run.settings);
  const QString whole_model = QDir(run_dir).filePath(QStringLiteral("model"));
  const QString adapter = DemoSession::adapter_of(run_dir);
  run.model.model_dir = run.info.model_path;
  run.model.quantization = config.value("quantization", run.model.quantization);
  run.model.chat_template = config.value("chat_template", run.model.chat_template);
  if (QFileInfo::exists(adapter)) {
    run.model.adapter_dir = adapter.toStdString();
  } else if (QFileInfo::exists(whole_model)) {
    run.model.model_dir = whole_model.toStdString();
  }
  return run;
}

}  // namespace

CompareSession::CompareSession(AnswerFunction answer, std::function<Demo()> load_demo, QObject* parent)
    : QObject(parent), answer_(std::move(answer)), load_demo_(std::move(load_demo)) {}

CompareSession::~CompareSession() {
  stop_.request_stop();
}

void CompareSession::read(const QStringList& run_dirs, bool anew) {
  cancel();
  const quint64 job = ++read_job_;
  is_reading_ = true;
  Q_EMIT readStarted();
  reader_.run([this, job, run_dirs, known = anew ? std::vector<ComparedRun>() : runs_](const std::stop_token& stop) {
    yield_to_gui();
    std::vector<ComparedRun> runs;
    QStringList problems, prompts;
    for (const QString& run_dir : run_dirs) {
      if (stop.stop_requested()) return;
      const auto old =
          std::find_if(known.begin(), known.end(), [&](const ComparedRun& run) { return run.run_dir == run_dir; });
      try {
        runs.push_back(old != known.end() ? *old : read_run(run_dir));
      } catch (const std::exception& error) {
        problems << engine_text(error.what());
      }
    }
    try {
      const Demo demo = load_demo_();
      const QString data = QString::fromStdString(demo.config.dataset.path);
      const bool is_demo = std::any_of(runs.begin(), runs.end(), [&](const ComparedRun& run) {
        return run.settings.contains(QPair<QString, QString>(QStringLiteral("dataset.path"), data));
      });
      for (const DemoPrompt& prompt : demo.prompts) {
        if (is_demo) prompts << QString::fromStdString(prompt.prompt);
      }
    } catch (const std::exception&) {
      // Without the demo's files there is nothing to suggest.
    }
    mailbox_.post([this, job, runs = std::move(runs), problems, prompts] {
      if (job != read_job_) return;
      is_reading_ = false;
      runs_ = runs;
      suggested_ = prompts;
      Q_EMIT runsChanged();
      for (const QString& problem : problems) Q_EMIT failed(problem);
    });
  });
}

void CompareSession::ask(const QStringList& prompts) {
  cancel();
  if (runs_.empty() || prompts.isEmpty()) return;
  is_asking_ = true;
  stop_ = std::stop_source();
  std::vector<std::string> texts;
  for (const QString& prompt : prompts) texts.push_back(prompt.toStdString());
  asked_run_ = 0;
  Q_EMIT askingChanged();
  ask_run(++ask_job_, 0, texts);
}

// One job a run, so that the model of one is gone before the next is loaded.
void CompareSession::ask_run(quint64 job, int run, const std::vector<std::string>& prompts) {
  const ComparedRun& asked = runs_[static_cast<std::size_t>(run)];
  asker_.run([this, job, run, prompts, wanted = asked.model, stop = stop_](const std::stop_token& closing) mutable {
    yield_to_gui();
    const std::stop_callback closes(closing, [&stop] { stop.request_stop(); });
    QStringList answers;
    QString problem;
    try {
      for (const std::string& text : answer_(wanted, prompts, stop.get_token())) {
        answers << QString::fromStdString(text);
      }
    } catch (const std::exception& error) {
      problem = engine_text(error.what());
    }
    mailbox_.post([this, job, run, prompts, answers, problem] {
      if (job != ask_job_) return;
      if (problem.isEmpty()) {
        Q_EMIT answered(run, answers);
      } else {
        Q_EMIT failed(problem);
      }
      asked_run_ = run + 1;
      is_asking_ = asked_run_ < static_cast<int>(runs_.size());
      Q_EMIT askingChanged();
      if (is_asking_) ask_run(job, asked_run_, prompts);
    });
  });
}

void CompareSession::cancel() {
  if (!is_asking_) return;
  stop_.request_stop();
  ++ask_job_;
  is_asking_ = false;
  Q_EMIT askingChanged();
}

}  // namespace vernier::ui
