#include "ui/session/export_session.h"

#include <QDir>
#include <QFileInfo>
#include <utility>

#include "ui/session/demo_session.h"
#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"
#include "vernier/run_store.h"

namespace vernier::ui {
namespace {

// Reads the run's store: for a thread of its own.
ExportOptions options_of(const ExportRequest& request) {
  ExportOptions options;
  options.format = request.kind == ExportKind::kAdapter  ? ExportFormat::kAdapter
                   : request.kind == ExportKind::kMerged ? ExportFormat::kMerged
                                                         : ExportFormat::kGguf;
  options.dtype = request.dtype.toStdString();
  options.out = request.out.toStdString();
  const QString whole_model = QDir(request.run_dir).filePath(QStringLiteral("model"));
  if (!QFileInfo::exists(DemoSession::adapter_of(request.run_dir)) && QFileInfo::exists(whole_model)) {
    options.model_dir = whole_model.toStdString();
  } else {
    options.model_dir = RunReader(request.run_dir.toStdString()).info().model_path;
    options.adapter_dir = request.run_dir.toStdString();
  }
  return options;
}

}  // namespace

ExportSession::~ExportSession() {
  stop_.request_stop();
}

void ExportSession::plan(const ExportRequest& request) {
  const quint64 number = ++plan_;
  is_planning_ = true;
  planner_.run([this, number, request](const std::stop_token&) {
    ExportPlan plan;
    QString problem;
    try {
      plan = plan_export(options_of(request));
    } catch (const std::exception& error) {
      problem = engine_text(error.what());
    }
    mailbox_.post([this, number, plan, problem] {
      if (number != plan_) return;
      is_planning_ = false;
      if (problem.isEmpty()) {
        Q_EMIT planned(plan);
      } else {
        Q_EMIT refused(problem);
      }
    });
  });
}

void ExportSession::start(const ExportRequest& request) {
  if (is_busy_) return;
  is_busy_ = true;
  stage_.clear();
  fraction_ = 0.0;
  stop_ = std::stop_source();
  Q_EMIT progressed();
  worker_.run([this, request, stop = stop_](const std::stop_token& closing) mutable {
    yield_to_gui();
    const std::stop_callback closes(closing, [&stop] { stop.request_stop(); });
    const auto progress = [this](const std::string& stage, double fraction) {
      mailbox_.post([this, stage = engine_text(stage), fraction] {
        stage_ = stage;
        fraction_ = fraction;
        Q_EMIT progressed();
      });
    };
    const auto end = [this](auto letter) {
      mailbox_.post([this, letter = std::move(letter)] {
        is_busy_ = false;
        letter();
      });
    };
    try {
      if (request.kind == ExportKind::kFilm) {
        FilmOptions options;
        options.run_dir = request.run_dir.toStdString();
        options.out = request.out.toStdString();
        const FilmResult result = write_run_film(
            options, [&](double fraction) { progress("Writing the film", fraction); }, stop.get_token());
        end([this, result] { Q_EMIT filmed(result); });
      } else {
        const ExportResult result = export_model(options_of(request), progress, stop.get_token());
        end([this, result] { Q_EMIT finished(result); });
      }
    } catch (const Error& error) {
      const bool cancelled = error.code() == ErrorCode::kCancelled;
      end([this, sentence = cancelled ? QString() : engine_text(error.what())] { Q_EMIT failed(sentence); });
    } catch (const std::exception& error) {
      end([this, sentence = engine_text(error.what())] { Q_EMIT failed(sentence); });
    }
  });
}

void ExportSession::cancel() {
  if (is_busy_) stop_.request_stop();
}

}  // namespace vernier::ui
