#include "ui/pages/setup/draft_summary.h"

#include <QFileInfo>
#include <QVBoxLayout>

#include "ui/models/run_state.h"
#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/setup/draft_field.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

QString last_part(const std::string& path) {
  return QFileInfo(QString::fromStdString(path)).fileName();
}

// Of a folder in the Hugging Face cache the model's name, not the revision's.
QString model_name(const std::string& path) {
  const QString text = QString::fromStdString(path);
  const qsizetype at = text.indexOf(QLatin1String("models--"));
  // "model" alone says nothing.
  if (at < 0) return text.endsWith(QLatin1String("/model")) ? text.section('/', -2) : last_part(path);
  return text.mid(at + 8).section('/', 0, 0).replace(QLatin1String("--"), QLatin1String("/"));
}

}  // namespace

QString short_count(qint64 count) {
  const auto value = static_cast<double>(count);
  if (count >= 1'000'000'000) return DraftSummary::tr("%1 B").arg(figure(value / 1e9, 3));
  if (count >= 1'000'000) return DraftSummary::tr("%1 M").arg(figure(value / 1e6, 3));
  if (count >= 10'000) return DraftSummary::tr("%1 k").arg(figure(value / 1e3, 3));
  return grouped(count);
}

DraftSummary::DraftSummary(RunDraft& draft, DraftFacts& facts, QWidget* parent)
    : QWidget(parent), draft_(draft), facts_(facts) {
  setObjectName(QStringLiteral("draftSummary"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceTiny);
  sentence_ = new QLabel(this);
  sentence_->setObjectName(QStringLiteral("draftSentence"));
  sentence_->setTextFormat(Qt::PlainText);
  sentence_->setWordWrap(true);
  layout->addWidget(sentence_);
  auto* figures = new FlowLayout(kSpaceHuge, kSpaceTiny);
  trained_ = add_figure("draftTrained", tr("Trained"), figures);
  tokens_ = add_figure("draftTokens", tr("Tokens a step"), figures);
  steps_ = add_figure("draftSteps", tr("Steps"), figures);
  memory_ = add_figure("draftMemory", tr("Memory at the peak"), figures);
  time_ = add_figure("draftTime", tr("Time"), figures);
  layout->addLayout(figures);
  connect(&facts_, &DraftFacts::changed, this, &DraftSummary::refresh);
  refresh();
}

QLabel* DraftSummary::add_figure(const char* object_name, const QString& name, QLayout* layout) {
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(make_note(name, box, false));
  auto* value = new QLabel(box);
  value->setObjectName(QLatin1String(object_name));
  value->setFont(tabular_font(value->font()));
  value->setAccessibleName(name);
  column->addWidget(value);
  layout->addWidget(box);
  return value;
}

QString DraftSummary::sentence() const {
  const RunConfig& config = draft_.config();
  if (config.model_name_or_path.empty()) return tr("Choose a model and data; what the run will be is summed up here.");
  const QString model = model_name(config.model_name_or_path);
  const QString rows = config.batch ? last_part(*config.batch) : last_part(config.dataset.path);
  if (rows.isEmpty()) return tr("%1 is chosen; what it is to learn from is not.").arg(model);
  if (config.method == Method::kFull) return tr("Trains every weight of %1 on %2.").arg(model, rows);
  if (config.adapter_name_or_path) {
    return tr("Goes on with the adapter %1 of %2, on %3.").arg(last_part(*config.adapter_name_or_path), model, rows);
  }
  return config.lora.use_dora
             ? tr("Trains a DoRA adapter of rank %1 for %2 on %3.").arg(QString::number(config.lora.r), model, rows)
             : tr("Trains a LoRA adapter of rank %1 for %2 on %3.").arg(QString::number(config.lora.r), model, rows);
}

void DraftSummary::refresh() {
  const RunConfig& config = draft_.config();
  const QString unknown = QStringLiteral("\u2013");
  sentence_->setText(sentence());

  const auto& model = facts_.model();
  const auto& adapter = facts_.adapter();
  if (model && config.method == Method::kFull) {
    trained_->setText(tr("all %1").arg(short_count(model->parameters)));
  } else if (model && adapter) {
    const double share = static_cast<double>(adapter->parameters) / static_cast<double>(model->parameters);
    trained_->setText(tr("%1 (%2 of the base)").arg(short_count(adapter->parameters), percent(share, 2)));
  } else {
    trained_->setText(unknown);
  }
  trained_->setToolTip(tr("Parameters that the optimizer changes; the others stay as they are."));

  const auto& outline = facts_.outline();
  const qint64 most = config.max_length * config.per_device_train_batch_size * config.gradient_accumulation_steps;
  const auto& checked = facts_.checked();
  tokens_->setText(checked   ? tr("%1 on average").arg(grouped(qRound64(checked->tokens_per_step)))
                   : outline ? tr("%1 on average").arg(grouped(qRound64(outline->tokens_per_step)))
                             : tr("at most %1").arg(grouped(most)));
  tokens_->setToolTip(
      tr("max_length times rows a micro-batch times gradient_accumulation_steps is the most; rows that "
         "are shorter make it less."));
  if (outline) {
    steps_->setText(grouped(outline->total_steps));
  } else if (config.max_steps > 0) {
    steps_->setText(grouped(config.max_steps));
  } else {
    steps_->setText(tr("%1 epochs").arg(setting_text(config.num_train_epochs)));
  }
  steps_->setToolTip(
      tr("Updates of the trained parameters: max_steps, or what num_train_epochs makes of the rows, which "
         "is known once the data is read."));
  const auto& memory = facts_.memory();
  if (!memory) {
    memory_->setText(unknown);
  } else if (memory->problem.empty()) {
    const quint64 peak = checked && checked->peak_memory > 0 ? checked->peak_memory : memory->total();
    memory_->setText(memory->host_bytes > 0
                         ? tr("%1 of %2 free, and %3 of the computer's memory")
                               .arg(byte_count(peak), byte_count(memory->free_bytes), byte_count(memory->host_bytes))
                         : tr("%1 of %2 free").arg(byte_count(peak), byte_count(memory->free_bytes)));
  } else {
    memory_->setText(tr("%1, only %2 free").arg(byte_count(memory->total()), byte_count(memory->free_bytes)));
  }
  memory_->setToolTip(
      memory && !memory->problem.empty()
          ? engine_text(memory->problem)
          : tr("Weights, adapter, gradients, optimizer and activations of the largest micro-batch, as the "
               "engine will lay them out. The Training step draws it."));
  if (checked && outline) {
    time_->setText(
        tr("about %1").arg(to_duration(checked->step_ms * 1e-3 * static_cast<double>(outline->total_steps))));
  } else {
    time_->setText(tr("not measured yet"));
  }
  time_->setToolTip(
      tr("The check times a real step on this machine; steps times that is the run's time, evaluations "
         "and saving apart."));
}

}  // namespace vernier::ui
