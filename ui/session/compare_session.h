// Reads the runs that are compared, and asks each the same prompts, in the background.
#pragma once

#include <QObject>
#include <QStringList>
#include <stop_token>
#include <vector>

#include "ui/models/compared_run.h"
#include "ui/session/background.h"
#include "ui/session/engine_access.h"

namespace vernier::ui {

// GUI thread.
class CompareSession : public QObject {
  Q_OBJECT

 public:
  CompareSession(AnswerFunction answer, std::function<Demo()> load_demo, QObject* parent = nullptr);
  ~CompareSession() override;

  // Reads these runs, in this order; runs that were read before come from memory unless `anew`. A newer ask takes the
  // place of one that is not answered yet.
  void read(const QStringList& run_dirs, bool anew = false);
  // Greedy answers of each run to each prompt: answered() run by run.
  void ask(const QStringList& prompts);
  void cancel();

  const std::vector<ComparedRun>& runs() const { return runs_; }
  // Prompts that were made for the data of one of the runs: the demo's.
  const QStringList& suggested_prompts() const { return suggested_; }
  bool is_reading() const { return is_reading_; }
  bool is_asking() const { return is_asking_; }
  // The run that is being asked.
  int asked_run() const { return asked_run_; }

 Q_SIGNALS:
  void readStarted();
  void runsChanged();
  void askingChanged();
  void answered(int run, const QStringList& answers);
  void failed(const QString& sentence);

 private:
  void ask_run(quint64 job, int run, const std::vector<std::string>& prompts);

  AnswerFunction answer_;
  std::function<Demo()> load_demo_;
  std::vector<ComparedRun> runs_;
  QStringList suggested_;
  bool is_reading_ = false;
  bool is_asking_ = false;
  int asked_run_ = 0;
  quint64 read_job_ = 0;
  quint64 ask_job_ = 0;
  std::stop_source stop_;
  Mailbox mailbox_;
  Worker reader_;  // these two last: they post to the mailbox
  Worker asker_;
};

}  // namespace vernier::ui
