#include "ui/session/draft_facts.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

// So that a typed number is worked out once.
constexpr auto kPlanDelay = std::chrono::milliseconds(40);
constexpr std::int64_t kUnitsShown = 24;

// The rows to train on and, in `evaluation`, those to evaluate on, as the run will split them.
std::vector<std::int32_t> split_rows(const RowFacts& rows, const RunConfig& config,
                                     std::vector<std::int32_t>& evaluation) {
  if (rows.eval_lengths) evaluation = *rows.eval_lengths;
  if (config.eval_dataset || config.eval_fraction <= 0.0) return *rows.lengths;
  const std::vector<std::int64_t> chosen = evaluation_split(std::ssize(*rows.lengths), config);
  std::vector<std::int32_t> training;
  auto next = chosen.begin();
  for (std::size_t row = 0; row < rows.lengths->size(); ++row) {
    const bool is_chosen = next != chosen.end() && *next == static_cast<std::int64_t>(row);
    (is_chosen ? evaluation : training).push_back((*rows.lengths)[row]);
    if (is_chosen) ++next;
  }
  return training;
}

// As much as the settings allow, where the rows are not known.
MicroBatchNeeds largest_needs(const RunConfig& config) {
  MicroBatchNeeds needs;
  needs.sequences = config.per_device_train_batch_size;
  needs.tokens = config.per_device_train_batch_size * config.max_length;
  if (config.eval_dataset || config.eval_fraction > 0.0) needs.evaluation_tokens = needs.tokens;
  return needs;
}

}  // namespace

DraftFacts::DraftFacts(RunDraft& draft, QObject* parent) : QObject(parent), draft_(draft) {
  plan_timer_.setSingleShot(true);
  plan_timer_.setInterval(kPlanDelay);
  connect(&plan_timer_, &QTimer::timeout, this, &DraftFacts::ask_plan);
  connect(&draft_, &RunDraft::changed, this, &DraftFacts::follow_draft);
  follow_draft();
}

DraftFacts::~DraftFacts() = default;

void DraftFacts::follow_draft() {
  checked_.reset();
  if (QString::fromStdString(draft_.config().model_name_or_path) != model_dir_) ask_model();
  plan_timer_.start();
  Q_EMIT changed();
}

void DraftFacts::reread_model() {
  ask_model();
  Q_EMIT changed();
}

void DraftFacts::ask_model() {
  model_dir_ = QString::fromStdString(draft_.config().model_name_or_path);
  model_.reset();
  model_problem_.clear();
  const int turn = ++model_turn_;
  is_reading_model_ = !model_dir_.isEmpty();
  Q_EMIT modelChanged();
  if (!is_reading_model_) return;
  model_worker_.run([this, turn, dir = model_dir_.toStdString()](const std::stop_token&) {
    yield_to_gui();
    std::shared_ptr<const ModelDescription> model;
    QString problem;
    try {
      model = std::make_shared<const ModelDescription>(describe_model(dir));
    } catch (const std::exception& error) {
      problem = engine_text(error.what());
    }
    mailbox_.post([this, turn, model, problem] {
      if (turn != model_turn_) return;
      model_ = model;
      model_problem_ = problem;
      is_reading_model_ = false;
      plan_timer_.start();
      Q_EMIT modelChanged();
      Q_EMIT changed();
    });
  });
}

void DraftFacts::set_rows(std::optional<RowFacts> rows) {
  rows_ = std::move(rows);
  plan_timer_.start();
  Q_EMIT changed();
}

void DraftFacts::set_checked(std::optional<Checked> checked) {
  if (checked == checked_) return;
  checked_ = checked;
  Q_EMIT changed();
}

void DraftFacts::set_run_name(const QString& name) {
  run_name_ = name;
  Q_EMIT changed();
}

void DraftFacts::ask_plan() {
  // One at a time: what changes meanwhile is worked out when it is done, in one go.
  if (is_planning_) {
    plan_is_stale_ = true;
    return;
  }
  is_planning_ = true;
  plan_is_stale_ = false;
  plan_worker_.run([this, model = model_, config = draft_.config(), rows = rows_](const std::stop_token&) {
    yield_to_gui();
    Plan plan = make_plan(model.get(), config, rows, estimator_);
    mailbox_.post([this, plan = std::move(plan)] {
      is_planning_ = false;
      plan_ = plan;
      if (plan_is_stale_) plan_timer_.start();
      Q_EMIT changed();
    });
  });
}

DraftFacts::Plan DraftFacts::make_plan(const ModelDescription* model, const RunConfig& config,
                                       const std::optional<RowFacts>& rows,
                                       std::unique_ptr<MemoryEstimator>& estimator) {
  Plan plan;
  MicroBatchNeeds needs = largest_needs(config);
  if (rows && !rows->lengths->empty() && !config.batch) {
    try {
      std::vector<std::int32_t> evaluation;
      plan.outline = outline_run(split_rows(*rows, config, evaluation), config, kUnitsShown);
      needs.tokens = plan.outline->micro_batch_tokens;
      needs.evaluation_tokens = largest_evaluation(evaluation, config);
    } catch (const std::exception&) {
      // A split that leaves nothing to train on is told where the split is chosen.
    }
  }
  if (model == nullptr) return plan;
  try {
    plan.adapter = outline_adapter(*model, config);
  } catch (const std::exception& error) {
    plan.adapter_problem = engine_text(error.what());
    return plan;
  }
  try {
    if (!estimator) estimator = std::make_unique<MemoryEstimator>();
    plan.memory = estimator->estimate(*model, config, needs);
  } catch (const std::exception& error) {
    plan.memory_problem = engine_text(error.what());
  }
  return plan;
}

bool DraftFacts::is_busy() {
  return is_reading_model_ || is_planning_ || plan_timer_.isActive() || !mailbox_.is_empty();
}

}  // namespace vernier::ui
