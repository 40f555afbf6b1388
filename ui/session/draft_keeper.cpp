#include "ui/session/draft_keeper.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "ui/session/run_file.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr auto kQuiet = std::chrono::milliseconds(500);  // behind the last change of a drag

// In the place of a model or data that is not chosen yet, without which no run file is read.
const std::string kNotChosen = "/not chosen yet";

RunConfig with_all(RunConfig config) {
  if (config.model_name_or_path.empty()) config.model_name_or_path = kNotChosen;
  if (config.dataset.path.empty() && !config.batch) config.dataset.path = kNotChosen;
  return config;
}

RunConfig read(const QString& file) {
  RunConfig config = RunConfig::from_file(file.toStdString());
  for (std::string* path : {&config.model_name_or_path, &config.dataset.path}) {
    if (*path == kNotChosen) path->clear();
  }
  return config;
}

void write(const RunConfig& draft, const QString& file) {
  const RunConfig config = with_all(draft);
  // What contradicts itself could not be read back: that of before is nearer to it than nothing.
  if (!run_config_problem(config).isEmpty()) return;
  try {
    save_run_file(config, file);
  } catch (const std::exception&) {
    // The set-up itself is in the window, and is saved by its own action where that is wanted.
  }
}

}  // namespace

DraftKeeper::DraftKeeper(RunDraft& draft, QString file, QObject* parent)
    : QObject(parent), draft_(draft), file_(std::move(file)) {
  try {
    if (QFileInfo::exists(file_)) draft_.reset(read(file_));
  } catch (const std::exception& error) {
    // Of another version, or damaged: a new one begins, and does not take the place of what somebody may still want.
    const QString aside = file_ + QStringLiteral(".unread");
    QFile::remove(aside);
    if (QFile::rename(file_, aside)) {
      problem_ = tr("The set-up of last time could not be read, and a new one begins. It is kept as %1. %2")
                     .arg(QDir::toNativeSeparators(aside), engine_text(error.what()));
    }
  }
  timer_.setSingleShot(true);
  timer_.setInterval(kQuiet);
  connect(&draft_, &RunDraft::changed, this, [this] {
    is_changed_ = true;
    timer_.start();
  });
  connect(&timer_, &QTimer::timeout, this, &DraftKeeper::keep);
}

DraftKeeper::~DraftKeeper() {
  worker_.reset();  // no older one is written behind this
  if (is_changed_) write(draft_.config(), file_);
}

void DraftKeeper::keep() {
  worker_->run([config = draft_.config(), file = file_](const std::stop_token&) { write(config, file); });
}

}  // namespace vernier::ui
