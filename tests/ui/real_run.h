// Short runs of the bundled demo by the real engine: for the tests of pages that look at what a run left.
#pragma once

#include <QElapsedTimer>
#include <QSettings>
#include <QString>
#include <QTemporaryDir>
#include <QTest>
#include <QWidget>
#include <functional>
#include <string>
#include <vector>

#include "ui/session/engine_access.h"
#include "ui/session/model_answers.h"
#include "ui/session/workbench.h"
#include "vernier/demo.h"
#include "vernier/run.h"

namespace vernier::ui {

inline constexpr int kPatience = 120000;

// Trains some steps of the demo into `run_dir`; `change` may alter its configuration. "" or what went wrong.
inline QString train_demo(const QString& run_dir, std::int64_t steps,
                          const std::function<void(RunConfig&)>& change = {}) {
  RunConfig config = load_demo().config;
  config.max_steps = steps;
  config.eval_steps = 0;
  config.eval_dataset.reset();
  config.per_device_train_batch_size = 4;
  config.return_logits = {};
  config.parity_check_every = 0;
  if (change) change(config);
  RunOptions options;
  options.out_dir = run_dir.toStdString();
  options.device = "cpu";
  EventSink silent;
  RunControl control;
  const RunResult result = run_training(config, options, silent, control, {});
  return result.status == RunStatus::kFinished ? QString() : QString::fromStdString(result.message);
}

inline EngineAccess real_engine() {
  return {.train = [](const RunConfig& config, const RunOptions& options, EventSink& events, RunControl& control,
                      std::stop_token stop) { return run_training(config, options, events, control, std::move(stop)); },
          .answer = answer_prompts,
          .load_demo = load_demo,
          .list_devices = [] { return std::vector<DeviceInfo>{}; }};
}

// Settings that are the test's own.
inline void use_settings_in(const QTemporaryDir& folder, const char* name) {
  QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
  QCoreApplication::setApplicationName(QLatin1String(name));
  QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder.filePath(QStringLiteral("config")));
}

// Nothing of this machine's models, and no cache of it.
inline void use_models_in(const QTemporaryDir& folder) {
  qputenv("HF_HUB_CACHE", folder.filePath(QStringLiteral("hub")).toUtf8());
  qputenv("HOME", folder.path().toUtf8());
  qputenv("VERNIER_CACHE_DIR", folder.filePath(QStringLiteral("cache")).toUtf8());
}

}  // namespace vernier::ui
