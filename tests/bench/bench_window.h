// What the benches of the window share: settings and runs of their own, and the real engine.
#pragma once

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <clocale>

#include "ui/session/engine_access.h"
#include "ui/session/model_answers.h"
#include "vernier/demo.h"
#include "vernier/devices.h"
#include "vernier/run.h"

namespace vernier::test {

// A folder for one process's settings and runs; nothing of the user's is read or written.
class BenchFolder {
 public:
  BenchFolder() {
    std::setlocale(LC_NUMERIC, "C");
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, path("config"));
    QApplication::setOrganizationName(QStringLiteral("VernierBench"));
  }
  QString path(const char* name) const { return folder_.filePath(QLatin1String(name)); }

 private:
  QTemporaryDir folder_;
};

inline ui::EngineAccess real_engine() {
  return {.train = run_training, .answer = ui::answer_prompts, .load_demo = load_demo, .list_devices = list_devices};
}

}  // namespace vernier::test
