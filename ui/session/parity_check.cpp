#include "ui/session/parity_check.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"
#include "vernier/run_store.h"

namespace vernier::ui {
namespace {

// As many as a run takes: enough to see a difference, little enough to be quick.
constexpr std::size_t kTokens = 96;

// The first sequences of the run's last step whose tokens are recorded, the last of them cut.
Batch batch_of(const std::string& run_dir) {
  const RunReader reader(run_dir);
  Batch batch;
  std::size_t width = 0, taken = 0;
  for (const StepTokens& sequence : reader.tokens(reader.info().last_step)) {
    const std::size_t length = std::min(sequence.tokens.size(), kTokens - taken);
    if (length < 2) continue;
    std::vector<std::int32_t>& ids = batch.input_ids.emplace_back();
    std::vector<std::int32_t>& labels = batch.labels.emplace_back();
    for (std::size_t t = 0; t < length; ++t) {
      ids.push_back(sequence.tokens[t].input_id);
      labels.push_back(sequence.tokens[t].is_target ? ids.back() : -100);
    }
    batch.lengths.push_back(static_cast<std::int64_t>(length));
    width = std::max(width, length);
    taken += length;
  }
  if (batch.input_ids.empty()) {
    fail(ErrorCode::kNotFound, run_dir, "tokens: got none of the last step, expected some to check the paths on.");
  }
  for (std::size_t b = 0; b < batch.input_ids.size(); ++b) {
    batch.input_ids[b].resize(width, 0);
    batch.labels[b].resize(width, -100);
  }
  return batch;
}

}  // namespace

ParityCheck::ParityCheck(std::shared_ptr<LoadedModels> models, QObject* parent)
    : QObject(parent), models_(std::move(models)) {}

ParityCheck::~ParityCheck() {
  stop_.request_stop();
}

void ParityCheck::check(const ParityCheckRequest& request) {
  if (is_busy_) return;
  is_busy_ = true;
  stop_ = {};
  set_activity(tr("Loading the model"));
  worker_.run([this, request, stop = stop_.get_token()](const std::stop_token&) {
    yield_to_gui();
    QString error;
    try {
      const Batch batch = batch_of(request.run_dir);
      const LoadedModels::Loan loan = models_->borrow(
          {{.model_dir = request.model_dir, .adapter_dir = request.adapter_dir, .quantization = request.quantization}},
          [this] { mailbox_.post([this] { set_activity(tr("Waiting: another view is asking the model")); }); }, {},
          stop);
      mailbox_.post([this] { set_activity(tr("Checking the three paths against the reference")); });
      ParityReport report = loan[0].parity(batch);
      report.step = request.step;
      if (!stop.stop_requested()) {
        mailbox_.post(
            [this, report, run_dir = QString::fromStdString(request.run_dir)] { Q_EMIT checked(run_dir, report); });
      }
    } catch (const Error& found) {
      if (found.code() != ErrorCode::kCancelled) error = engine_text(found.what());
    } catch (const std::exception& found) {
      error = engine_text(found.what());
    }
    mailbox_.post([this, error] { end(error); });
  });
}

void ParityCheck::stop() {
  stop_.request_stop();
}

void ParityCheck::set_activity(const QString& text) {
  activity_ = text;
  Q_EMIT activityChanged();
}

void ParityCheck::end(const QString& error) {
  is_busy_ = false;
  set_activity({});
  if (!error.isEmpty()) Q_EMIT failed(error);
}

}  // namespace vernier::ui
