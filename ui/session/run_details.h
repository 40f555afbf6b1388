// What the Run page reads of the shown run beyond its curves: gradients and logits, one row through the steps, who
// holds the tokens of a step, the numbers as a file. On a thread of its own, so that nothing else waits for a long run.
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "ui/plots/signal_grid.h"
#include "ui/session/background.h"
#include "ui/session/task.h"
#include "vernier/alarms.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// A row of the data whenever it came up, with its tokens at the first and the last time.
struct RowThroughRun {
  qint64 row = -1;
  std::vector<SequenceRecord> history;
  StepTokens then, now;
};

// Of one step: the fewest sequences that hold half of the tokens with a label, or more.
struct TokenShare {
  qint64 step = 0;
  int rows = 0;
  int of_rows = 0;
  double share = 0.0;
};
TokenShare token_share(qint64 step, const std::vector<SequenceRecord>& sequences);
// "3 rows of 8 hold 61 % of the tokens with a label"; "" where no token has one.
QString to_words(const TokenShare& share);

// The numbers of a run as CSV, a line a step and one an evaluation; the header first. What was at `path` stays until
// all of it is written.
// Errors: Error{kIo, kNoSpace}; kCancelled where it was stopped.
void write_series_csv(const RunReader& reader, const std::string& path, const Task::Progress& progress = {},
                      const std::stop_token& stop = {});

// Asks come from the GUI thread and are answered by signals there. A newer ask of the same kind replaces one that
// waits. Answers about a folder that is no longer the current one are dropped.
class RunDetails : public QObject {
  Q_OBJECT

 public:
  explicit RunDetails(QObject* parent = nullptr);
  ~RunDetails() override;

  // "" for none. Signals are read from the first step on.
  void set_current(const QString& run_dir);
  // What has been recorded since the last time; a long run comes in pieces, each shown as it is there.
  void read_signals();
  // Finer, of these steps alone.
  void read_signals_of(qint64 first, qint64 last);
  void read_row(qint64 row);
  void read_share(qint64 step);
  // Beside everything else: a long run takes its time.
  void save_csv(const QString& path);
  Task& csv() { return csv_; }
  void check_disk();

  // The text of a token that a row read so far holds; "" for others.
  QString piece(int id) const { return pieces_.value(id); }
  bool is_busy() { return worker_.is_busy() || !mailbox_.is_empty() || csv_.is_busy(); }

 Q_SIGNALS:
  // alarms: of the signals. complete: nothing recorded is missing. No groups: the run recorded none.
  void signalsRead(const std::shared_ptr<const vernier::ui::SignalGrid>& grid,
                   const std::vector<vernier::Alarm>& alarms, bool complete);
  void signalsOfRead(const std::shared_ptr<const vernier::ui::SignalGrid>& grid);
  void rowRead(const vernier::ui::RowThroughRun& row);
  void shareRead(const vernier::ui::TokenShare& share);
  void csvSaved(const QString& path);
  void diskChecked(quint64 free_bytes, quint64 save_bytes);
  void failed(const QString& sentence);

 private:
  enum Kind { kSignals, kSignalsOf, kRow, kShare, kDisk, kNumKinds };
  using Letter = std::function<void()>;
  struct Reading;
  void ask(Kind kind, std::function<Letter(Reading&)> work);

  QHash<int, QString> pieces_;
  quint64 folder_number_ = 0;
  std::array<std::atomic<quint64>, kNumKinds> newest_{};
  std::shared_ptr<Reading> reading_;
  Task csv_;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
