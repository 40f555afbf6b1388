#include "ui/pages/setup/model_card.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "ui/pages/describe.h"
#include "ui/pages/setup/draft_summary.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr int kIcon = 16;

QString attention_of(const ModelDescription& model) {
  if (model.num_kv_heads == model.num_heads) {
    return ModelCard::tr("heads: %1, each of %2").arg(model.num_heads).arg(model.head_dim);
  }
  return ModelCard::tr("query heads: %1, sharing keys and values: %2, each of %3")
      .arg(model.num_heads)
      .arg(model.num_kv_heads)
      .arg(model.head_dim);
}

QString context_of(const ModelDescription& model) {
  const QString all = ModelCard::tr("%1 tokens").arg(grouped(model.max_position_embeddings));
  if (model.sliding_layers == 0) return all;
  return ModelCard::tr("%1; %2 of %3 layers see the last %4")
      .arg(all, grouped(model.sliding_layers), grouped(model.num_layers), grouped(model.sliding_window));
}

QString weights_of(const ModelDescription& model) {
  if (model.weights_files == 0) return ModelCard::tr("none that can be used");
  return ModelCard::tr("%1 of %2, files: %3")
      .arg(byte_count(model.weights_bytes), QString::fromStdString(model.weights_dtype), grouped(model.weights_files));
}

QString template_of(const ModelDescription& model) {
  if (!model.has_chat_template) return ModelCard::tr("none; conversations need a built-in one");
  return model.template_marks_assistant ? ModelCard::tr("its own, which marks the assistant's turns")
                                        : ModelCard::tr("its own, without marks of the assistant's turns");
}

QString tokenizer_of(const ModelDescription& model) {
  if (model.tokenizer.empty()) return ModelCard::tr("none that can be used");
  return ModelCard::tr("%1, %2 tokens").arg(QString::fromStdString(model.tokenizer), grouped(model.tokenizer_size));
}

}  // namespace

ModelCard::ModelCard(DraftFacts& facts, QWidget* parent)
    : QWidget(parent), facts_(facts), layout_(new QVBoxLayout(this)) {
  setObjectName(QStringLiteral("modelCard"));
  setAccessibleName(tr("What the model is"));
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setSpacing(kSpaceSmall);
  connect(&facts_, &DraftFacts::modelChanged, this, &ModelCard::refresh);
  refresh();
}

void ModelCard::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) refresh();
}

void ModelCard::refresh() {
  for (QObject* child : QObjectList(children())) {
    if (child->isWidgetType()) delete child;
  }
  if (facts_.is_reading_model()) {
    layout_->addWidget(make_note(tr("Reading the model's files\u2026"), this));
    return;
  }
  const auto& model = facts_.model();
  if (!model) {
    if (facts_.model_problem().isEmpty()) {
      layout_->addWidget(make_note(tr("The model's figures stand here as soon as one is chosen: its size, how it pays "
                                      "attention, and whether its files are complete. Weights are not read for that."),
                                   this));
    } else {
      add_read_again();
    }
    return;
  }
  auto* table = new QWidget(this);
  auto* grid = new QGridLayout(table);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(kSpaceMedium);
  grid->setVerticalSpacing(kSpaceTiny);
  grid->setColumnStretch(1, 1);
  const QList<QPair<QString, QString>> rows = {
      {tr("Family"), QString::fromStdString(model->family)},
      {tr("Parameters"), grouped(model->parameters)},
      {tr("Layers"), grouped(model->num_layers)},
      {tr("Width"), tr("%1, in the MLP %2").arg(grouped(model->hidden_size), grouped(model->intermediate_size))},
      {tr("Attention"), attention_of(*model)},
      {tr("Vocabulary"), model->tied_embeddings
                             ? tr("%1 tokens, the head shares the embedding").arg(grouped(model->vocab_size))
                             : tr("%1 tokens").arg(grouped(model->vocab_size))},
      {tr("Context"), context_of(*model)},
      {tr("On the disk"), weights_of(*model)},
      {tr("Tokenizer"), tokenizer_of(*model)},
      {tr("Chat template"), template_of(*model)}};
  for (int row = 0; row < rows.size(); ++row) {
    grid->addWidget(make_note(rows[row].first, table, false), row, 0, Qt::AlignTop);
    auto* value = new QLabel(rows[row].second, table);
    value->setWordWrap(true);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setAccessibleName(rows[row].first);
    grid->addWidget(value, row, 1);
  }
  layout_->addWidget(table);
  for (const ModelProblem& problem : model->problems) add_problem(problem);
  if (!model->problems.empty()) add_read_again();
}

void ModelCard::add_read_again() {
  auto* again = new QPushButton(tr("Read again"), this);
  describe(again, "readModelAgain", tr("Read the model's folder again"),
           tr("Looks at the folder anew, once its files were mended."));
  // This button goes with what is made anew.
  connect(again, &QPushButton::clicked, &facts_, &DraftFacts::reread_model, Qt::QueuedConnection);
  layout_->addWidget(again, 0, Qt::AlignLeft);
}

void ModelCard::add_problem(const ModelProblem& problem) {
  auto* box = new QWidget(this);
  box->setObjectName(QStringLiteral("modelProblem"));
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kSpaceSmall);
  auto* icon = new QLabel(box);
  const StateShape shape = problem.blocks ? StateShape::kOctagon : StateShape::kTriangle;
  icon->setPixmap(state_icon(shape, palette(), kIcon).pixmap(QSize(kIcon, kIcon), devicePixelRatioF()));
  auto* text = new QLabel(QStringLiteral("%1\n%2").arg(engine_text(problem.message), engine_text(problem.fix)), box);
  text->setTextFormat(Qt::PlainText);
  text->setWordWrap(true);
  text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  row->addWidget(icon, 0, Qt::AlignTop);
  row->addWidget(text, 1);
  layout_->addWidget(box);
}

}  // namespace vernier::ui
