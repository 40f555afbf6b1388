#include "ui/session/data_session.h"

#include <QFileInfo>
#include <QStringList>
#include <chrono>
#include <cmath>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/session/workbench.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"
#include "vernier/template.h"

namespace vernier::ui {
namespace {

// A typed number or a ticked box is followed by the next: a scan of all rows waits for the last of them.
constexpr auto kScanDelay = std::chrono::milliseconds(250);
// Programs write files in several goes.
constexpr auto kReloadDelay = std::chrono::milliseconds(500);
constexpr int kMoreRows = 4;

QString joined(const DatasetOptions& dataset) {
  QString out = QString::fromStdString(dataset.path) + QChar(0) + QString::fromStdString(dataset.format);
  for (const auto& [name, key] : dataset.columns) {
    out += QChar(0) + QString::fromStdString(name) + QChar(1) + QString::fromStdString(key);
  }
  return out;
}

// Runs `job` with a token that either of both stops.
Worker::Job stoppable(std::stop_source source, std::function<void(const std::stop_token&)> job) {
  return [source = std::move(source), job = std::move(job)](const std::stop_token& worker) {
    const std::stop_callback link(worker, [&source] { source.request_stop(); });
    yield_to_gui();
    job(source.get_token());
  };
}

bool was_cancelled(const std::exception& error) {
  const auto* ours = dynamic_cast<const Error*>(&error);
  return ours != nullptr && ours->code() == ErrorCode::kCancelled;
}

}  // namespace

DataSession& DataSession::of(Workbench& workbench) {
  auto* found = workbench.findChild<DataSession*>(QString(), Qt::FindDirectChildrenOnly);
  return found != nullptr ? *found : *new DataSession(workbench.draft(), workbench.engine().load_demo, &workbench);
}

DataSession::DataSession(RunDraft& draft, std::function<Demo()> load_demo, QObject* parent)
    : QObject(parent), draft_(draft) {
  scan_timer_.setSingleShot(true);
  scan_timer_.setInterval(kScanDelay);
  connect(&scan_timer_, &QTimer::timeout, this, [this] {
    for (const RowSet set : kRowSets) {
      if (scans_[static_cast<std::size_t>(set)].is_due) start_scan(set);
    }
  });
  reload_timer_.setSingleShot(true);
  reload_timer_.setInterval(kReloadDelay);
  connect(&reload_timer_, &QTimer::timeout, this, &DataSession::reload);
  connect(&watcher_, &QFileSystemWatcher::fileChanged, &reload_timer_, qOverload<>(&QTimer::start));
  connect(&draft_, &RunDraft::changed, this, &DataSession::follow);
  row_worker_.run([this, load_demo = std::move(load_demo)](const std::stop_token&) {
    try {
      mailbox_.post([this, demo = load_demo()] {
        demo_ = demo;
        Q_EMIT demoFound();
      });
    } catch (const std::exception&) {
      // Without the demo's files nothing is offered.
    }
  });
  follow();
}

DataSession::~DataSession() {
  for (const std::stop_source& source : {sample_stop_, reading_stop_, row_stop_})
    std::stop_source(source).request_stop();
  for (ScanJob& job : scans_) job.stop.request_stop();
}

void DataSession::follow() {
  const RunConfig& config = draft_.config();
  const QString path = QString::fromStdString(config.dataset.path);
  if (path != path_) {
    path_ = path;
    limits_ = {};
    read_sample();
  } else if (const QString key = joined(config.dataset); key != reading_key_) {
    interpret();
  }
  const QString inspector_key =
      QString::fromStdString(config.model_name_or_path) + QChar(0) + QString::fromStdString(config.chat_template);
  if (inspector_key != inspector_key_) {
    inspector_key_ = inspector_key;
    load_inspector();
  }
  plan_scans();
}

void DataSession::read_sample() {
  sample_stop_.request_stop();
  reading_stop_.request_stop();
  sample_stop_ = std::stop_source();
  sample_.reset();
  reading_.reset();
  reading_key_.clear();
  sample_problem_.clear();
  sample_stage_ = path_.isEmpty() ? Stage::kNone : Stage::kWorking;
  const int number = ++sample_number_;
  if (!watcher_.files().isEmpty()) watcher_.removePaths(watcher_.files());
  Q_EMIT sampleChanged();
  Q_EMIT readingChanged();
  if (path_.isEmpty()) return;
  file_worker_.run(stoppable(sample_stop_,
                             [this, number, path = path_.toStdString(), limits = limits_](const std::stop_token& stop) {
                               try {
                                 mailbox_.post([this, number, sample = DataSample::read(path, limits, stop)] {
                                   if (number != sample_number_) return;
                                   sample_ = sample;
                                   sample_stage_ = Stage::kReady;
                                   watcher_.addPath(path_);
                                   Q_EMIT sampleChanged();
                                   interpret();
                                 });
                               } catch (const std::exception& error) {
                                 if (was_cancelled(error)) return;
                                 mailbox_.post([this, number, sentence = engine_text(error.what())] {
                                   if (number != sample_number_) return;
                                   sample_stage_ = Stage::kFailed;
                                   sample_problem_ = sentence;
                                   if (QFileInfo::exists(path_)) watcher_.addPath(path_);
                                   Q_EMIT sampleChanged();
                                 });
                               }
                             }));
}

void DataSession::interpret() {
  if (!sample_) return;
  reading_stop_.request_stop();
  reading_stop_ = std::stop_source();
  const QString key = joined(config().dataset);
  reading_key_ = key;
  file_worker_.run(
      stoppable(reading_stop_, [this, key, sample = *sample_, dataset = config().dataset](const std::stop_token& stop) {
        const SampleReading reading = sample.read_as(dataset, stop);
        if (stop.stop_requested()) return;
        mailbox_.post([this, key, reading] {
          if (key != reading_key_ || !sample_) return;
          reading_ = reading;
          Q_EMIT readingChanged();
        });
      }));
}

void DataSession::read_more() {
  limits_.rows *= kMoreRows;
  limits_.bytes *= kMoreRows;
  read_sample();
}

void DataSession::load_inspector() {
  inspector_.reset();
  inspector_problem_.clear();
  const std::string model = config().model_name_or_path;
  inspector_stage_ = model.empty() ? Stage::kNone : Stage::kWorking;
  Q_EMIT inspectorChanged();
  if (model.empty()) return;
  row_worker_.run([this, key = inspector_key_, model, chat_template = config().chat_template](const std::stop_token&) {
    yield_to_gui();
    bool has_own = false;
    try {
      has_own = chat_template_source(model).has_value();
      auto inspector = std::make_shared<const RowInspector>(model, chat_template);
      mailbox_.post([this, key, has_own, inspector = std::move(inspector)] {
        if (key != inspector_key_) return;
        inspector_ = inspector;
        model_has_template_ = has_own;
        inspector_stage_ = Stage::kReady;
        Q_EMIT inspectorChanged();
        plan_scans();
      });
    } catch (const std::exception& error) {
      mailbox_.post([this, key, has_own, sentence = engine_text(error.what())] {
        if (key != inspector_key_) return;
        inspector_stage_ = Stage::kFailed;
        model_has_template_ = has_own;
        inspector_problem_ = sentence;
        Q_EMIT inspectorChanged();
      });
    }
  });
}

std::optional<DatasetOptions> DataSession::dataset_of(RowSet set) const {
  if (set == RowSet::kEvaluation) return config().eval_dataset;
  return config().dataset.path.empty() || config().batch ? std::nullopt : std::optional(config().dataset);
}

bool DataSession::is_plain_text(const DatasetOptions& dataset) const {
  return plain_texts_.contains(QString::fromStdString(dataset.path));
}

LabelOptions DataSession::label_options() const {
  const RunConfig& config = draft_.config();
  LabelOptions labels;
  labels.assistant_only_loss = config.assistant_only_loss;
  labels.completion_only_loss = config.completion_only_loss;
  labels.instruction_part = config.instruction_part;
  labels.response_part = config.response_part;
  labels.keep_whole = true;  // where max_length cuts is worked out from the whole rows; it cuts plain texts into rows
  labels.max_length = std::clamp<std::int64_t>(config.max_length, 1, LabelRows::kMaxLength);
  return labels;
}

QString DataSession::scan_key(RowSet set) const {
  const std::optional<DatasetOptions> dataset = dataset_of(set);
  if (!dataset || !inspector_) return {};
  const LabelOptions labels = label_options();
  const QStringList parts = {joined(*dataset),
                             inspector_key_,
                             QString::number(labels.assistant_only_loss),
                             QString::number(labels.completion_only_loss),
                             is_plain_text(*dataset) ? QString::number(labels.max_length) : QString(),
                             QString::fromStdString(labels.instruction_part),
                             QString::fromStdString(labels.response_part),
                             QString::number(file_version_)};
  return parts.join(QChar(2));
}

void DataSession::plan_scans() {
  for (const RowSet set : kRowSets) {
    ScanJob& job = scans_[static_cast<std::size_t>(set)];
    const QString key = scan_key(set);
    if (key == job.key) continue;
    job.key = key;
    stop_scan(job);
    job.is_due = !key.isEmpty();
    job.scan = RowsScan();
    if (job.is_due) {
      job.scan.stage = Stage::kWorking;
      scan_timer_.start();
    }
    Q_EMIT scanChanged(set);
  }
}

void DataSession::stop_scan(ScanJob& job) {
  job.stop.request_stop();
  ++job.number;
  job.is_due = false;
}

void DataSession::start_scan(RowSet set) {
  ScanJob& job = scans_[static_cast<std::size_t>(set)];
  stop_scan(job);
  job.stop = std::stop_source();
  job.scan = RowsScan();
  job.scan.stage = Stage::kWorking;
  const DatasetOptions dataset = *dataset_of(set);
  scan_worker_.run(stoppable(job.stop, [this, set, &job, number = job.number, dataset, labels = label_options(),
                                        inspector = inspector_](const std::stop_token& stop) {
    const auto tell_plain_text = [&] {
      mailbox_.post([this, set, &job, number, path = QString::fromStdString(dataset.path)] {
        plain_texts_.insert(path);
        if (number == job.number) job.key = scan_key(set);  // this scan has read it as one
      });
    };
    auto batch = std::make_shared<LabelRows>();
    const auto hand_over = [&](double progress) {
      mailbox_.post([this, set, &job, number, progress, rows = std::exchange(batch, std::make_shared<LabelRows>())] {
        if (number != job.number) return;
        job.scan.rows.append(*rows);
        job.scan.progress = progress;
        Q_EMIT scanChanged(set);
      });
    };
    const auto end = [&](Stage stage, const QString& problem, const QString& format) {
      mailbox_.post([this, set, &job, number, stage, problem, format] {
        if (number != job.number) return;
        job.scan.stage = stage;
        job.scan.problem = problem;
        job.scan.format = format;
        Q_EMIT scanChanged(set);
      });
    };
    try {
      if (DataSample::read(dataset.path, {.rows = 1}, stop).is_plain_text()) tell_plain_text();
      const RowScan done = inspector->scan(
          dataset, labels, [&](const RowSummary& row) { batch->append(row); }, hand_over, stop);
      end(Stage::kReady, {}, QString::fromStdString(done.format));
    } catch (const std::exception& error) {
      if (was_cancelled(error)) {
        end(Stage::kStopped, {}, {});
      } else {
        end(Stage::kFailed, engine_text(error.what()), {});
      }
    }
  }));
  Q_EMIT scanChanged(set);
}

void DataSession::stop_scans() {
  for (const RowSet set : kRowSets) {
    ScanJob& job = scans_[static_cast<std::size_t>(set)];
    if (job.scan.stage != Stage::kWorking) continue;
    stop_scan(job);
    job.scan.stage = Stage::kStopped;
    Q_EMIT scanChanged(set);
  }
}

void DataSession::scan_again() {
  for (const RowSet set : kRowSets) {
    ScanJob& job = scans_[static_cast<std::size_t>(set)];
    if (job.key.isEmpty() || (job.scan.stage != Stage::kStopped && job.scan.stage != Stage::kFailed)) continue;
    start_scan(set);
  }
}

void DataSession::reload() {
  ++file_version_;
  plain_texts_.clear();
  read_sample();
  plan_scans();
}

std::int32_t DataSession::cut_at(RowSet set) const {
  const std::optional<DatasetOptions> dataset = dataset_of(set);
  const bool splits = config().packing == Packing::kBfdSplit || config().packing == Packing::kWrapped;
  if (splits || !dataset || is_plain_text(*dataset)) return 0;
  return static_cast<std::int32_t>(label_options().max_length);
}

qint64 DataSession::learnable(RowSet set) const {
  const LabelRows& rows = scan(set).rows;
  const qint64 all = rows.effect(cut_at(set)).learnable();
  return config().drop_duplicates ? all - rows.learnable_duplicates(cut_at(set)) : all;
}

qint64 DataSession::evaluation_rows() const {
  if (config().eval_dataset) {
    return scan(RowSet::kEvaluation).stage == Stage::kReady ? learnable(RowSet::kEvaluation) : -1;
  }
  if (scan(RowSet::kTraining).stage != Stage::kReady) return -1;
  // As the run splits: rounded up.
  return static_cast<qint64>(std::ceil(static_cast<double>(learnable(RowSet::kTraining)) * config().eval_fraction));
}

qint64 DataSession::training_rows() const {
  if (scan(RowSet::kTraining).stage != Stage::kReady) return -1;
  return learnable(RowSet::kTraining) - (config().eval_dataset ? 0 : evaluation_rows());
}

void DataSession::ask_row(RowSet set, std::size_t index) {
  const std::optional<DatasetOptions> dataset = dataset_of(set);
  if (!dataset || index >= scan(set).rows.size()) return;
  const LabelRow row = scan(set).rows[index];
  row_stop_.request_stop();
  row_stop_ = std::stop_source();
  const int number = ++row_number_;
  row_worker_.run(stoppable(row_stop_, [this, set, index, number, row, dataset = *dataset, labels = label_options(),
                                        inspector = inspector_](const std::stop_token& stop) {
    try {
      mailbox_.post([this, set, index, number,
                     read = inspector->read_row(dataset, labels, row.file_row, row.example, kMostTokens, stop)] {
        if (number == row_number_) Q_EMIT rowRead(set, index, read);
      });
    } catch (const std::exception& error) {
      mailbox_.post([this, number, sentence = engine_text(error.what())] {
        if (number == row_number_) Q_EMIT rowFailed(sentence);
      });
    }
  }));
}

void DataSession::ask_texts(qint64 sample_row) {
  if (!sample_ || !inspector_) return;
  row_worker_.run([this, sample_row, sample = *sample_, dataset = config().dataset,
                   inspector = inspector_](const std::stop_token&) {
    QStringList texts;
    QString problem;
    try {
      for (const std::string& text : inspector->texts(sample, sample_row, dataset)) {
        texts.append(QString::fromStdString(text));
      }
    } catch (const std::exception& error) {
      problem = engine_text(error.what());
    }
    mailbox_.post([this, sample_row, texts, problem] { Q_EMIT textsRead(sample_row, texts, problem); });
  });
}

bool DataSession::is_busy() {
  return file_worker_.is_busy() || row_worker_.is_busy() || scan_worker_.is_busy() || scan_timer_.isActive() ||
         !mailbox_.is_empty();
}

}  // namespace vernier::ui
