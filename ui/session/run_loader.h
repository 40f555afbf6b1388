// Reads run folders on a thread of its own, so that the GUI thread never waits for SQLite.
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QStringList>
#include <atomic>
#include <memory>
#include <vector>

#include "ui/models/run_model.h"
#include "ui/session/background.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// Asks come from the GUI thread and are answered by signals there. A newer ask of the same kind replaces one that
// waits. Answers about a folder that is no longer the current one are dropped.
class RunLoader : public QObject {
  Q_OBJECT

 public:
  explicit RunLoader(QObject* parent = nullptr);
  ~RunLoader() override;

  // Summaries of the runs under `runs_dir` and of the folders in `recent`, newest first.
  void list(const QString& runs_dir, const QStringList& recent);
  // Reads a folder's overview, with its curves smoothed over at most so many steps. opened() makes it no current
  // folder: set_current() does.
  void open(const QString& run_dir, std::size_t smoothing_span = LossSeries::kDefaultSpan);
  // Details are read from here on from this folder.
  void set_current(const QString& run_dir);
  // What a run that another process trains has had since `last_step`.
  void load_news(qint64 last_step);
  void load_sequences(qint64 step);
  void load_tokens(qint64 step, qint64 index);
  void load_captures();

  // The text of a token of the current run; "" where nothing that was loaded holds it.
  QString piece(int id) const { return pieces_.value(id); }
  // Something was asked and is not answered yet.
  bool is_busy() { return worker_.is_busy() || !mailbox_.is_empty(); }

 Q_SIGNALS:
  void listed(const std::vector<vernier::RunSummary>& runs);
  // For one receiver, who may empty it: a long run is too large to be copied while the window waits.
  void opened(const std::shared_ptr<vernier::ui::RunOverview>& overview);
  // As opened(), its series from the step after the one that was asked for.
  void newsLoaded(const vernier::ui::RunOverview& news);
  void openFailed(const QString& run_dir, const QString& sentence);
  // Highest loss first, those without targets last.
  void sequencesLoaded(qint64 step, const std::vector<vernier::SequenceRecord>& sequences);
  void tokensLoaded(const vernier::StepTokens& tokens);
  void capturesLoaded(const std::vector<vernier::CaptureRecord>& captures);
  // Something of the current run could not be read.
  void failed(const QString& sentence);

 private:
  enum Kind { kList, kOpen, kNews, kSequences, kTokens, kCaptures, kNumKinds };
  using Letter = std::function<void()>;
  struct Reading;  // the reader and the pieces given so far, used by the worker alone

  // work: on the worker, with the current reader; what it returns is called on the GUI thread.
  void ask_current(Kind kind, std::function<Letter(Reading&)> work);
  void ask(Kind kind, std::function<void()> work);

  QString current_;
  QHash<int, QString> pieces_;
  quint64 folder_number_ = 0;
  std::array<std::atomic<quint64>, kNumKinds> newest_{};
  std::shared_ptr<Reading> reading_;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
