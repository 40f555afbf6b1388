#include "ui/frame/status_strip.h"

#include <QLocale>
#include <chrono>
#include <cmath>

#include "ui/pages/describe.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr auto kDeviceInterval = std::chrono::seconds(5);
constexpr int kBarWidth = 120;
constexpr int kBarSteps = 1000;

}  // namespace

StatusStrip::StatusStrip(Workbench& workbench, QWidget* parent) : QStatusBar(parent), workbench_(workbench) {
  setObjectName(QStringLiteral("statusStrip"));
  setSizeGripEnabled(false);
  const auto make = [this](const char* name, const QString& accessible, const QString& tool_tip) {
    auto* button = new FocusButton(this);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setFont(tabular_font(font()));
    describe(button, name, accessible, tool_tip);
    return button;
  };
  device_ = make("deviceButton", tr("Devices and memory"),
                 tr("Where the run computes, and the memory that is free. "
                    "Opens the list of what this machine has."));
  device_menu_ = new QMenu(this);
  connect(device_, &QToolButton::clicked, this,
          [this] { device_menu_->popup(device_->mapToGlobal(QPoint(0, -device_menu_->sizeHint().height()))); });
  speed_ = make("speedButton", tr("Training speed"),
                tr("Tokens that went through forward and backward in a second, padding not counted. Opens the run."));
  progress_ = make("progressButton", tr("Progress"),
                   tr("Optimizer steps done, and the time that the rest will take at "
                      "the present speed. Opens the run."));
  bar_ = new QProgressBar(this);
  describe(bar_, "progressBar", tr("Progress"), tr("Share of the run's optimizer steps that are done."));
  bar_->setTextVisible(false);
  bar_->setRange(0, kBarSteps);
  bar_->setMaximumWidth(kBarWidth);
  bar_->setMinimumWidth(kSpaceHuge);
  lamp_ = new ParityLamp(this);
  lamp_->setObjectName(QStringLiteral("parityLamp"));

  addWidget(device_);
  addWidget(speed_);
  addPermanentWidget(bar_);
  addPermanentWidget(progress_);
  addPermanentWidget(lamp_);

  connect(speed_, &QToolButton::clicked, this, &StatusStrip::runWanted);
  connect(progress_, &QToolButton::clicked, this, &StatusStrip::runWanted);
  connect(lamp_, &QAbstractButton::clicked, this, &StatusStrip::parityWanted);
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &StatusStrip::show_progress);
  connect(&run, &RunModel::activityChanged, this, &StatusStrip::show_progress);
  connect(&run, &RunModel::progressChanged, this, &StatusStrip::show_progress);
  connect(&run, &RunModel::startedChanged, this, &StatusStrip::show_progress);
  connect(&run, &RunModel::stepsAppended, this, &StatusStrip::show_progress);
  connect(&run, &RunModel::wasReset, this, &StatusStrip::show_parity);
  connect(&run, &RunModel::parityChanged, this, &StatusStrip::show_parity);
  connect(this, &QStatusBar::messageChanged, this, &StatusStrip::show_progress);
  connect(&workbench_, &Workbench::devicesListed, this, &StatusStrip::show_devices);
  device_timer_.setInterval(kDeviceInterval);
  connect(&device_timer_, &QTimer::timeout, &workbench_, &Workbench::ask_devices);
  device_timer_.start();
  device_->setText(tr("Looking for devices\u2026"));
  show_progress();
  show_parity();
  workbench_.ask_devices();
}

void StatusStrip::show_devices(const std::vector<DeviceInfo>& devices) {
  devices_ = devices;
  const auto words = [](const DeviceInfo& device) {
    if (!device.problem.empty()) {
      return tr("%1: %2").arg(QString::fromStdString(device.id), engine_text(device.problem));
    }
    return tr("%1: %2 of %3 of memory free")
        .arg(QString::fromStdString(device.id), byte_count(device.free_bytes), byte_count(device.total_bytes));
  };
  device_menu_->clear();
  const std::string& used = workbench_.run().info().device;
  const DeviceInfo* shown = nullptr;
  for (const DeviceInfo& device : devices_) {
    QAction* line =
        device_menu_->addAction(QStringLiteral("%1 \u2013 %2").arg(words(device), QString::fromStdString(device.name)));
    line->setEnabled(device.problem.empty());
    if (device.problem.empty() && (shown == nullptr || device.id == used)) shown = &device;
  }
  device_->setText(shown != nullptr ? words(*shown) : tr("No device can be used"));
}

void StatusStrip::show_progress() {
  const RunModel& run = workbench_.run();
  const StepEvent& latest = run.latest();
  const qint64 total = run.info().total_steps;
  const bool live = is_active(run.activity());
  // Of a run that has ended the header of its page tells.
  // Not on top of what the bar says of the action under the pointer.
  speed_->setVisible(live && latest.step > 0 && latest.tokens_per_second > 0 && currentMessage().isEmpty());
  speed_->setText(tr("%1 tokens/s").arg(grouped(std::llround(latest.tokens_per_second))));
  bar_->setVisible(live);
  progress_->setVisible(run.has_run());
  if (live && latest.step == 0 && run.activity() != Activity::kPaused) {
    bar_->setValue(static_cast<int>(run.progress().fraction * kBarSteps));
    progress_->setText(run.progress().stage.empty() ? to_words(run.activity()) : engine_text(run.progress().stage));
    return;
  }
  bar_->setValue(total > 0 ? static_cast<int>(kBarSteps * latest.step / total) : 0);
  QString text = latest.step == 0 ? to_words(run.activity())
                 : total > 0      ? tr("step %1 of %2").arg(grouped(latest.step), grouped(total))
                                  : tr("step %1").arg(grouped(latest.step));
  const QString left = to_duration(latest.seconds_left);
  if (run.activity() == Activity::kRunning && !left.isEmpty()) text += tr(" \u00b7 %1 left").arg(left);
  progress_->setText(text);
}

void StatusStrip::show_parity() {
  const std::vector<ParityReport>& reports = workbench_.run().parity();
  if (const QString& before = workbench_.run().parity_before(); reports.empty() && !before.isEmpty()) {
    lamp_->setAgreedBefore(tr("The check of the set-up, before the start: %1").arg(before));
    return;
  }
  if (reports.empty()) {
    lamp_->setIdle(tr("No parity check yet: it compares training, evaluation and decoding with a plain reference."));
  } else {
    lamp_->setReport(reports.back());
  }
  lamp_->setAccessibleName(
      tr("Parity: %1").arg(reports.empty() ? tr("not checked yet") : engine_text(to_string(reports.back().verdict))));
}

}  // namespace vernier::ui
