// A workbench before the real engine, and data files made for a test.
#pragma once

#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "tests/ui/scripted_engine.h"
#include "ui/session/data_session.h"
#include "ui/session/workbench.h"
#include "vernier/demo.h"

namespace vernier::test {

inline constexpr int kDataPatience = 60000;

// Settings of its own, a run that is being set up with the bundled model, and a folder for files.
class DataBench {
 public:
  DataBench() {
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.filePath(QStringLiteral("config")));
    ui::EngineAccess engine;
    engine.train = scripted({});
    engine.load_demo = load_demo;
    bench_ = std::make_unique<ui::Workbench>(engine, folder_.filePath(QStringLiteral("runs")));
    demo_ = load_demo();
  }

  ui::Workbench& workbench() { return *bench_; }
  ui::RunDraft& draft() { return bench_->draft(); }
  ui::DataSession& data() { return ui::DataSession::of(*bench_); }
  const Demo& demo() const { return demo_; }

  QString file(const QString& name, const QByteArray& content) const {
    QFile out(folder_.filePath(name));
    if (!out.open(QIODevice::WriteOnly) || out.write(content) != content.size()) qFatal("the test's file");
    return out.fileName();
  }
  void use_model() {
    draft().edit(QStringLiteral("model"), [this](RunConfig& config) { config.model_name_or_path = demo_.model_dir; });
  }
  void use_data(const QString& path) {
    draft().edit(QStringLiteral("data"), [&](RunConfig& config) {
      config.dataset = {.path = path.toStdString(), .format = "auto", .columns = {}};
    });
  }
  // Until everything that was asked for is there.
  bool settle() {
    return QTest::qWaitFor([this] { return !data().is_busy(); }, kDataPatience);
  }

 private:
  QTemporaryDir folder_;
  std::unique_ptr<ui::Workbench> bench_;
  Demo demo_;
};

}  // namespace vernier::test
