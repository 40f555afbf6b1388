// The pre-flight of the run that is being set up, in the background.
#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "ui/session/background.h"
#include "ui/session/run_draft.h"
#include "vernier/preflight.h"

namespace vernier::ui {

// As check_run().
using CheckFunction = std::function<PreflightReport(
    const PreflightOptions&, const std::function<void(const std::string& stage, double fraction)>& progress,
    std::stop_token stop, const std::function<void(const PreflightCheck&)>& checked)>;

// Two stages: one without the weights, which every change of the draft makes out of date, and one with them, which a
// change that they do not depend on leaves as it is. A change of the data's files, or of the model's config.json, makes
// both out of date. GUI thread.
class CheckSession : public QObject {
  Q_OBJECT

 public:
  struct ShownCheck {
    PreflightCheck check;
    bool is_stale = false;  // the configuration, or the file, has changed since
  };

  // out_dir: where the run is to go.
  CheckSession(RunDraft& draft, CheckFunction check, QString out_dir, QObject* parent = nullptr);
  ~CheckSession() override;

  // Another place has another disk: the first stage is out of date.
  void set_out_dir(const QString& out_dir);

  // There is a model and there are rows: something to check.
  bool can_check() const;
  // Makes what is out of date anew, the second stage only where its memory is small enough that nobody waits for it or
  // `with_weights` asks for it. Nothing while everything is as it should be.
  void refresh(bool with_weights = false);
  // Looks whether the files are as they were; a check that runs is ended where they are not. True: they are not.
  bool look_at_files();
  // Makes both stages anew, also where nothing is known to have changed.
  void check_again();
  void cancel();

  bool is_busy() const { return is_busy_; }
  // Something was checked, or is being checked.
  bool has_checks() const { return !checks_.empty(); }
  // The first stage, and the second, belong to the configuration and the files as they are.
  bool is_fresh() const { return files_key_ == draft_key(); }
  bool are_weights_fresh() const { return weights_key_ == weights_key(); }
  // The second stage waits for somebody to ask for it.
  bool waits_for_weights() const;
  // A change, or a cancel, came before the end: refresh() has something to do.
  bool needs_refresh() const { return can_check() && !is_busy_ && !is_fresh(); }

  // In the order of the run; new ones take the place of old ones as they come.
  const std::vector<ShownCheck>& checks() const { return checks_; }
  // Its figures; checks are in checks().
  const PreflightReport& figures() const { return figures_; }
  const QString& stage() const { return stage_; }
  double fraction() const { return fraction_; }
  // Why the last attempt gave no answer; "" where it did.
  const QString& problem() const { return problem_; }

 Q_SIGNALS:
  void changed();
  void progressed();

 private:
  struct Keys {
    QString files, weights;  // of the first stage and of the second
  };
  void when_draft_changed();
  void start(bool with_weights, bool is_asked_for);
  void arrive(const PreflightCheck& check);
  void finish(bool with_weights, bool is_asked_for, const Keys& keys, const PreflightReport& report);
  void end_and_mark();
  void mark_stale();
  // Sizes and times: what shows that a file is another.
  QString files_stamp() const;
  QString draft_key() const;
  QString weights_key() const;

  RunDraft& draft_;
  CheckFunction check_;
  QString out_dir_;
  std::vector<ShownCheck> checks_;
  PreflightReport figures_;
  QString files_key_;    // of the configuration and files that the first stage was made for; "" before
  QString weights_key_;  // the same, of the second
  QString seen_files_;   // their stamp when they were last looked at
  QString stage_;
  QString problem_;
  double fraction_ = 0.0;
  bool is_busy_ = false;
  std::size_t next_ = 0;  // of checks_: where the next one to arrive goes
  quint64 job_ = 0;       // letters of earlier ones are dropped
  std::stop_source stop_;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
