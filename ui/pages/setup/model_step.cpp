#include "ui/pages/setup/model_step.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/pages/roomy_delegate.h"
#include "ui/pages/setup/draft_summary.h"
#include "ui/pages/setup/model_card.h"
#include "ui/pages/setup/setup_section.h"
#include "ui/pages/setup/training_fields.h"
#include "ui/session/model_finder.h"
#include "ui/session/recent_paths.h"
#include "ui/session/thread_priority.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr int kTableRows = 6;

}  // namespace

ModelStep::ModelStep(Workbench& workbench, DraftFacts& facts, QWidget* parent)
    : SetupStep(parent), draft_(workbench.draft()), facts_(facts) {
  setObjectName(QStringLiteral("modelStep"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(make_choice());
  layout->addWidget(make_training());
  layout->addStretch(1);
  connect(&facts_, &DraftFacts::changed, this, &ModelStep::refresh);
  refresh();
}

QWidget* ModelStep::make_choice() {
  auto* section = new SetupSection("modelChoice", tr("Which model"),
                                   tr("A folder with config.json, safetensors and a tokenizer, as the Hugging Face Hub "
                                      "gives them out."),
                                   this);
  section->stand_first();
  path_ = new PathField(
      draft_,
      {"model_name_or_path", tr("Model fol&der"), tr("The model that learns; its own files are never changed."), {}},
      PathField::Kind::kFolder,
      [](const RunConfig& config) { return QString::fromStdString(config.model_name_or_path); },
      [](RunConfig& config, const QString& path) { config.model_name_or_path = path.toStdString(); }, section);
  section->add(path_);

  auto* heading = new QWidget(section);
  auto* row = new QHBoxLayout(heading);
  row->setContentsMargins(0, 0, 0, 0);
  searching_ = make_note({}, heading, false);
  searching_->setObjectName(QStringLiteral("foundNote"));
  row->addWidget(searching_);
  row->addStretch(1);
  auto* again = new QPushButton(tr("Search again"), heading);
  describe(
      again, "findModels", tr("Search again"),
      tr("Looks again in the caches of Hugging Face and ModelScope, LM Studio's folders, ~/models and what was used "
         "lately."));
  connect(again, &QPushButton::clicked, this, &ModelStep::find_models);
  row->addWidget(again);
  section->add(heading);

  table_ = new QTableView(section);
  describe(table_, "foundModels", tr("Models found on this machine"),
           tr("Enter or a click takes the model. They were found in the places where models usually lie."));
  table_->setModel(&found_);
  table_->setItemDelegate(new RoomyDelegate(table_));
  show_as_rows(table_);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setSectionResizeMode(FoundModelsModel::kName, QHeaderView::Stretch);
  table_->setFixedHeight((fontMetrics().height() + 2 * kSpaceTiny) * kTableRows);
  const auto take = [this](const QModelIndex& index) {
    path_->choose(index.data(FoundModelsModel::kDirRole).toString());
  };
  connect(table_, &QTableView::clicked, this, take);
  connect(table_, &QTableView::activated, this, take);
  section->add(table_);
  section->add_picture(new ModelCard(facts_, section));
  return section;
}

QWidget* ModelStep::make_training() {
  auto* section = new SetupSection("modelTraining", tr("What of it is trained"),
                                   tr("LoRA leaves the weights as they are and trains a small pair of matrices beside "
                                      "those that are switched on. The "
                                      "picture is one layer; all layers are alike."),
                                   this);
  section->add(new ChoiceField(
      draft_,
      {"method", tr("&Method"), tr("An adapter needs a fraction of the memory, and can be taken off again."), {}},
      {{tr("A low-rank adapter (lora)"), static_cast<int>(Method::kLora)},
       {tr("Every weight (full)"), static_cast<int>(Method::kFull)}},
      [](const RunConfig& config) { return static_cast<int>(config.method); },
      [](RunConfig& config, int value) {
        config.method = static_cast<Method>(value);
        // What the other method cannot have.
        if (config.method == Method::kFull) config.adapter_name_or_path.reset();
        if (config.method == Method::kLora) config.init_from_config = false;
      },
      section));
  random_ = new SwitchField(
      draft_,
      {"init_from_config",
       tr("Be&gin at random"),
       tr("Takes the architecture from config.json and none of its weights: training from nothing."),
       {}},
      [](const RunConfig& config) { return config.init_from_config; },
      [](RunConfig& config, bool on) { config.init_from_config = on; }, section);
  section->add(random_);
  rank_ = TrainingFields::rank(draft_, section);
  section->add(rank_);
  adapter_path_ = new PathField(
      draft_,
      {"adapter_name_or_path",
       tr("Go &on from"),
       tr("A PEFT adapter to train further, whose rank and projections then stand; leave empty for a new one."),
       {}},
      PathField::Kind::kFolder,
      [](const RunConfig& config) { return QString::fromStdString(config.adapter_name_or_path.value_or("")); },
      [](RunConfig& config, const QString& path) {
        config.adapter_name_or_path.reset();
        if (!path.isEmpty()) config.adapter_name_or_path = path.toStdString();
      },
      section);
  section->add(adapter_path_);
  diagram_ = new LoraDiagram(draft_, facts_, section);
  section->add_picture(diagram_);
  trained_ = new QLabel(section);
  trained_->setObjectName(QStringLiteral("trainedTotal"));
  trained_->setWordWrap(true);
  trained_->setAccessibleName(tr("What is trained in all"));
  section->add_picture(trained_);
  connect(diagram_, &LoraDiagram::refused, this,
          [this] { trained_->setText(tr("At least one projection has to be trained: switch another one on first.")); });
  for (DraftField* field : {static_cast<DraftField*>(rank_), static_cast<DraftField*>(adapter_path_)}) {
    connect(field, &DraftField::errorChanged, this, &SetupStep::stateChanged);
  }
  return section;
}

void ModelStep::find_models() {
  searching_->setText(tr("Searching this machine for models\u2026"));
  worker_.run([this, recent = recent_paths(PathKind::kModel)](const std::stop_token& stop) {
    yield_to_gui();
    std::vector<FoundModel> models = find_models_on_this_machine(recent, stop);
    mailbox_.post([this, models = std::move(models)] {
      searching_->setText(tr("Found on this machine: %1").arg(models.size()));
      found_.set_models(models);
      refresh();
    });
  });
}

void ModelStep::refresh() {
  const RunConfig& config = draft_.config();
  path_->set_problem(facts_.model_problem());
  const bool full = config.method == Method::kFull;
  random_->setVisible(full);
  rank_->setVisible(!full && !config.adapter_name_or_path);
  adapter_path_->setVisible(!full);
  adapter_path_->set_problem(config.adapter_name_or_path ? facts_.adapter_problem() : QString());

  const int row = found_.row_of(QString::fromStdString(config.model_name_or_path));
  if (row >= 0) {
    table_->selectRow(row);
  } else {
    table_->clearSelection();
  }
  const auto& model = facts_.model();
  const auto& adapter = facts_.adapter();
  if (!model) {
    trained_->clear();
  } else if (full) {
    trained_->setText(tr("All %1 parameters are trained; gradients and optimizer take twelve more bytes for each.")
                          .arg(grouped(model->parameters)));
  } else if (!facts_.adapter_problem().isEmpty()) {
    trained_->setText(facts_.adapter_problem());
  } else if (adapter) {
    trained_->setText(
        tr("%1 parameters are trained, %2 of the model's %3.")
            .arg(grouped(adapter->parameters),
                 percent(static_cast<double>(adapter->parameters) / static_cast<double>(model->parameters), 2),
                 grouped(model->parameters)));
  }
  Q_EMIT stateChanged();
}

SetupStep::State ModelStep::state() const {
  if (draft_.config().model_name_or_path.empty()) return State::kEmpty;
  if (facts_.is_reading_model()) return State::kEmpty;
  const auto& model = facts_.model();
  if (!model || model->is_blocked() || !facts_.adapter_problem().isEmpty() || rank_->has_error()) return State::kBad;
  return model->problems.empty() ? State::kGood : State::kWarning;
}

QString ModelStep::summary() const {
  if (draft_.config().model_name_or_path.empty()) return tr("Choose a model folder");
  if (facts_.is_reading_model()) return tr("Reading the model's files\u2026");
  const auto& model = facts_.model();
  if (!model) return facts_.model_problem();
  if (!facts_.adapter_problem().isEmpty()) return facts_.adapter_problem();
  if (rank_->has_error()) return rank_->problem();
  if (!model->problems.empty()) return engine_text(model->problems.front().message);
  return tr("%1, %2").arg(QString::fromStdString(model->family), short_count(model->parameters));
}

void ModelStep::take_focus() {
  path_->control()->setFocus(Qt::OtherFocusReason);
}

void ModelStep::showEvent(QShowEvent* event) {
  SetupStep::showEvent(event);
  if (!std::exchange(was_searched_, true)) find_models();
}

}  // namespace vernier::ui
