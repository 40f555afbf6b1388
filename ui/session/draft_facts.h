// What is known of the run that is being set up: its model, what would be trained of it, steps, memory and time.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ui/session/background.h"
#include "ui/session/run_draft.h"
#include "vernier/describe.h"
#include "vernier/memory.h"
#include "vernier/outline.h"

namespace vernier::ui {

// What reading the data told: the tokens of each row that has something to learn, before max_length cuts it. Shared, as
// there may be millions.
struct RowFacts {
  std::shared_ptr<const std::vector<std::int32_t>> lengths;       // of dataset, before eval_fraction splits some off
  std::shared_ptr<const std::vector<std::int32_t>> eval_lengths;  // of eval_dataset; null where there is none
};

// Follows the draft. What takes time is worked out on threads of its own, and always for the newest draft; in between
// the last answers stand. GUI thread.
class DraftFacts : public QObject {
  Q_OBJECT

 public:
  explicit DraftFacts(RunDraft& draft, QObject* parent = nullptr);
  ~DraftFacts() override;

  // nullptr: none was chosen, or it cannot be used (model_problem), or it is being read.
  const std::shared_ptr<const ModelDescription>& model() const { return model_; }
  const QString& model_problem() const { return model_problem_; }
  bool is_reading_model() const { return is_reading_model_; }
  // Reads the model's folder anew: its files may have changed.
  void reread_model();

  const std::optional<AdapterOutline>& adapter() const { return plan_.adapter; }
  // Why there is no such adapter.
  const QString& adapter_problem() const { return plan_.adapter_problem; }

  // Of the data there is now; nothing while it is not known.
  void set_rows(std::optional<RowFacts> rows);
  const std::optional<RowFacts>& rows() const { return rows_; }
  // With rows known: steps, micro-batches, and some packed rows to show.
  const std::optional<RunOutline>& outline() const { return plan_.outline; }

  // The largest micro-batch is that of the rows where they are known, else as many tokens as the settings allow.
  const std::optional<MemoryEstimate>& memory() const { return plan_.memory; }
  const QString& memory_problem() const { return plan_.memory_problem; }

  // What a check found of a draft that nothing has changed since: it counts more than what is worked out here.
  struct Checked {
    double step_ms = 0.0;
    double tokens_per_step = 0.0;
    quint64 peak_memory = 0;  // 0: not known
    bool operator==(const Checked&) const = default;
  };
  void set_checked(std::optional<Checked> checked);
  const std::optional<Checked>& checked() const { return checked_; }

  // The folder that the run is to get, below the runs' own; "": one named after the day and the time.
  void set_run_name(const QString& name);
  const QString& run_name() const { return run_name_; }

  bool is_busy();

 Q_SIGNALS:
  void modelChanged();
  // Anything of the above.
  void changed();

 private:
  struct Plan {
    std::optional<AdapterOutline> adapter;
    QString adapter_problem;
    std::optional<RunOutline> outline;
    std::optional<MemoryEstimate> memory;
    QString memory_problem;
  };
  static Plan make_plan(const ModelDescription* model, const RunConfig& config, const std::optional<RowFacts>& rows,
                        std::unique_ptr<MemoryEstimator>& estimator);
  void follow_draft();
  void ask_model();
  void ask_plan();

  RunDraft& draft_;
  QString model_dir_;  // that was asked for last
  std::shared_ptr<const ModelDescription> model_;
  QString model_problem_;
  bool is_reading_model_ = false;
  int model_turn_ = 0;
  std::optional<RowFacts> rows_;
  std::optional<Checked> checked_;
  QString run_name_;
  Plan plan_;
  int plan_turn_ = 0;
  bool is_planning_ = false;
  bool plan_is_stale_ = false;
  QTimer plan_timer_;
  std::unique_ptr<MemoryEstimator> estimator_;  // of the plan's thread
  Mailbox mailbox_;
  Worker model_worker_;
  Worker plan_worker_;  // last: post to the mailbox
};

}  // namespace vernier::ui
