#include "ui/pages/inspect/return_logits_panel.h"

#include <QVBoxLayout>

#include "ui/style/theme.h"

namespace vernier::ui {

ReturnLogitsPanel::ReturnLogitsPanel(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceSmall, kSpaceSmall, kSpaceSmall, kSpaceSmall);
  logits_ = new LogitsSwitch(this);
  layout->addWidget(logits_);
  note_ = make_note(tr("This run has ended: there are no steps left whose logits could be kept."), this);
  note_->setObjectName(QStringLiteral("logitsEnded"));
  layout->addWidget(note_);
  layout->addStretch();

  RunModel& run = workbench.run();
  connect(&run, &RunModel::wasReset, this, &ReturnLogitsPanel::show_run);
  connect(&run, &RunModel::stepsAppended, this, [this] {
    show_price(logits_->options());
    show_measured();
  });
  connect(&run, &RunModel::startedChanged, this, [this] { show_price(logits_->options()); });
  connect(&workbench, &Workbench::abilitiesChanged, this, &ReturnLogitsPanel::show_abilities);
  connect(logits_, &LogitsSwitch::changed, &workbench, &Workbench::set_return_logits);
  connect(logits_, &LogitsSwitch::optionsEdited, this, &ReturnLogitsPanel::show_price);
  connect(logits_, &LogitsSwitch::optionsEdited, this, [this, &run] { options_step_ = run.latest().step; });
  show_run();
}

void ReturnLogitsPanel::show_run() {
  const RunModel& run = workbench_.run();
  options_step_ = 0;
  logits_->setOptions(run.config().return_logits);
  show_price(run.config().return_logits);
  show_measured();
  show_abilities();
}

void ReturnLogitsPanel::show_price(const ReturnLogits& options) {
  const RunModel& run = workbench_.run();
  const StepEvent& latest = run.latest();
  // A captured sequence has as many positions as are asked for, or, without a limit, as an average one of the last
  // step.
  const auto& keep = options.logits_to_keep;
  std::int64_t positions = keep.last > 0 ? keep.last : static_cast<std::int64_t>(keep.positions.size());
  if (positions == 0) {
    positions = latest.sequences.empty() ? run.config().max_length
                                         : latest.num_tokens / static_cast<std::int64_t>(latest.sequences.size());
  }
  positions *= static_cast<std::int64_t>(options.rows.size());
  // Forward and the way back through frozen weights: four operations a parameter and token.
  const double flops = 4.0 * static_cast<double>(run.total_parameters()) * static_cast<double>(latest.num_tokens);
  const std::string& dtype = run.config().dtype;  // "auto" until the run folder says what it came to
  logits_->setPrice(predict_logits_price({
      .positions = positions,
      .every = options.every,
      .vocab_size = run.info().vocab_size,
      .hidden_size = run.info().hidden_size,
      .in_bfloat16 = dtype == "bfloat16" || (dtype == "auto" && !run.info().device.starts_with("cpu")),
      .step_ms = latest.step_ms - latest.capture_ms,
      .step_flops = flops,
  }));
}

void ReturnLogitsPanel::show_measured() {
  const StepEvent& step = workbench_.run().latest_capture();
  if (step.step > options_step_ && step.capture_bytes > 0 && step.step_ms > 0) {
    logits_->setMeasured(step.capture_bytes, 100.0 * step.capture_ms / step.step_ms);
  }
}

void ReturnLogitsPanel::show_abilities() {
  const bool can = workbench_.can_return_logits();
  logits_->setEnabled(can);
  note_->setVisible(!can);
}

}  // namespace vernier::ui
