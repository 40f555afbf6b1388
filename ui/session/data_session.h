// The data of the run that is being set up: its first rows, what is read from them, and where the labels of all lie.
#pragma once

#include <QFileSystemWatcher>
#include <QObject>
#include <QSet>
#include <QString>
#include <QTimer>
#include <array>
#include <memory>
#include <optional>
#include <stop_token>

#include "ui/models/label_rows.h"
#include "ui/session/background.h"
#include "ui/session/run_draft.h"
#include "vernier/data_sample.h"
#include "vernier/demo.h"
#include "vernier/row_inspector.h"

namespace vernier::ui {

class Workbench;

enum class RowSet { kTraining, kEvaluation };
inline constexpr std::array kRowSets = {RowSet::kTraining, RowSet::kEvaluation};

// How far a piece of work in the background is.
enum class Stage { kNone, kWorking, kReady, kFailed, kStopped };

// All rows of a data file, uncut, as they come.
struct RowsScan {
  Stage stage = Stage::kNone;
  double progress = 0.0;
  QString problem;  // a sentence, kFailed
  LabelRows rows;
  QString format;
};

// Follows the draft: whatever changes there is read anew, on threads of its own, as far as it depends on the change. A
// file that changes on the disk is read anew too. GUI thread.
class DataSession : public QObject {
  Q_OBJECT

 public:
  // The one of the workbench's draft, made when it is first asked for; the workbench owns it.
  static DataSession& of(Workbench& workbench);

  DataSession(RunDraft& draft, std::function<Demo()> load_demo, QObject* parent = nullptr);
  ~DataSession() override;

  RunDraft& draft() { return draft_; }
  const RunConfig& config() const { return draft_.config(); }

  // The first rows of dataset.path.
  Stage sample_stage() const { return sample_stage_; }
  const std::optional<DataSample>& sample() const { return sample_; }
  const QString& sample_problem() const { return sample_problem_; }
  // Reads four times as many.
  void read_more();
  // What dataset.format and dataset.columns make of them; nothing until it is known.
  const std::optional<SampleReading>& reading() const { return reading_; }

  // The model's tokenizer and template.
  Stage inspector_stage() const { return inspector_stage_; }
  const std::shared_ptr<const RowInspector>& inspector() const { return inspector_; }
  const QString& inspector_problem() const { return inspector_problem_; }
  // The model folder has a chat template of its own.
  bool model_has_template() const { return model_has_template_; }

  const RowsScan& scan(RowSet set) const { return scans_[static_cast<std::size_t>(set)].scan; }
  void stop_scans();
  // Those that were stopped, or failed.
  void scan_again();
  // Reads the file from the disk anew, and all that follows.
  void reload();

  // config().max_length, or 0 where nothing is cut: a packing that splits long rows, or a plain text.
  std::int32_t cut_at(RowSet set) const;
  // Rows to train on and to evaluate on that have something to learn, after the split; without duplicates where they
  // are dropped. What drop_eval_overlap takes away is not known here. -1: not known yet.
  qint64 training_rows() const;
  qint64 evaluation_rows() const;

  // rowRead() or rowFailed() follow, for the last row that was asked for. Of a longer row the first kMostTokens alone.
  static constexpr std::int64_t kMostTokens = 20000;
  void ask_row(RowSet set, std::size_t index);
  // textsRead() follows: the row of the sample as the model reads it.
  void ask_texts(qint64 sample_row);
  // The bundled demo's; nothing where it is missing.
  const std::optional<Demo>& demo() const { return demo_; }
  // Something is being read.
  bool is_busy();

 Q_SIGNALS:
  void sampleChanged();
  void readingChanged();
  void inspectorChanged();
  // Stage, progress or rows.
  void scanChanged(vernier::ui::RowSet set);
  void rowRead(vernier::ui::RowSet set, std::size_t index, const vernier::InspectedRow& row);
  void rowFailed(const QString& sentence);
  void textsRead(qint64 sample_row, const QStringList& texts, const QString& problem);
  void demoFound();

 private:
  struct ScanJob {
    RowsScan scan;
    QString key;  // what it was made from
    bool is_due = false;
    int number = 0;
    std::stop_source stop;
  };

  qint64 learnable(RowSet set) const;
  void follow();
  void read_sample();
  void interpret();
  void load_inspector();
  void plan_scans();
  void start_scan(RowSet set);
  void stop_scan(ScanJob& job);
  std::optional<DatasetOptions> dataset_of(RowSet set) const;
  bool is_plain_text(const DatasetOptions& dataset) const;
  LabelOptions label_options() const;
  QString scan_key(RowSet set) const;

  RunDraft& draft_;
  std::optional<Demo> demo_;

  QString path_;
  SampleLimits limits_;
  Stage sample_stage_ = Stage::kNone;
  std::optional<DataSample> sample_;
  QString sample_problem_;
  int sample_number_ = 0;
  std::stop_source sample_stop_;
  QString reading_key_;
  std::optional<SampleReading> reading_;
  std::stop_source reading_stop_;

  QString inspector_key_;
  Stage inspector_stage_ = Stage::kNone;
  std::shared_ptr<const RowInspector> inspector_;
  QString inspector_problem_;
  bool model_has_template_ = false;

  std::array<ScanJob, kRowSets.size()> scans_;
  QSet<QString> plain_texts_;  // paths of what turned out to be such
  int file_version_ = 0;       // raised when a file is to be read anew
  std::stop_source row_stop_;
  int row_number_ = 0;

  QFileSystemWatcher watcher_;
  QTimer reload_timer_;
  QTimer scan_timer_;
  Mailbox mailbox_;
  Worker file_worker_;
  Worker row_worker_;   // models, single rows and texts
  Worker scan_worker_;  // last: post to the mailbox
};

}  // namespace vernier::ui
