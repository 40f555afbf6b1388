// A window in front of a scripted engine: what the tests of the window share.
#pragma once

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <optional>

#include "tests/ui/scripted_engine.h"
#include "ui/frame/main_window.h"
#include "ui/widgets/message_bar.h"

namespace vernier::test {

inline constexpr int kPatience = 30000;

class WindowFixture : public QObject {
  Q_OBJECT

 protected Q_SLOTS:  // which tests call as well
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("VernierTest"));
    QCoreApplication::setApplicationName(QLatin1String(metaObject()->className()));
  }

  void init() {
    folder_.emplace();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->filePath(QStringLiteral("config")));
  }

  void cleanup() {
    window_.reset();
    workbench_.reset();
  }

 protected:
  void open(const Script& script) {
    workbench_ = std::make_unique<ui::Workbench>(scripted_engine(script), folder_->filePath(QStringLiteral("runs")));
    window_ = std::make_unique<ui::MainWindow>(*workbench_);
    window_->show();
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }

  void make_demo_ready() {
    window_->actions().open_demo->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(workbench().run().activity(), ui::Activity::kReady, kPatience);
  }

  // Runs it to its end.
  void start_demo() {
    make_demo_ready();
    window_->actions().start->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!workbench().session().is_active(), kPatience);
  }

  ui::Workbench& workbench() { return *workbench_; }
  QString message() const { return window_->findChild<ui::MessageBar*>()->text(); }
  bool shown(const char* name) const {
    const auto* widget = window_->findChild<QWidget*>(QLatin1String(name));
    return widget != nullptr && widget->isVisible();
  }
  template <typename Widget>
  Widget* child(const char* name) const {
    return window_->findChild<Widget*>(QLatin1String(name));
  }

  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<ui::Workbench> workbench_;
  std::unique_ptr<ui::MainWindow> window_;
};

}  // namespace vernier::test
