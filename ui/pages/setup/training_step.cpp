#include "ui/pages/setup/training_step.h"

#include <QDateTime>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <exception>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/setup/memory_picture.h"
#include "ui/pages/setup/normalization_picture.h"
#include "ui/pages/setup/packing_picture.h"
#include "ui/pages/setup/schedule_picture.h"
#include "ui/pages/setup/setup_section.h"
#include "ui/pages/setup/training_fields.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr int kNameChars = 48;
constexpr int kLongestName = 255;  // bytes, on the file systems there are

// A folder that is there or can be made.
bool is_writable_place(QString path) {
  while (!QFileInfo::exists(path) && path != QFileInfo(path).path()) path = QFileInfo(path).path();
  return QFileInfo(path).isDir() && QFileInfo(path).isWritable();
}

}  // namespace

TrainingStep::TrainingStep(Workbench& workbench, DraftFacts& facts, QWidget* parent)
    : SetupStep(parent), workbench_(workbench), draft_(workbench.draft()), facts_(facts) {
  setObjectName(QStringLiteral("trainingStep"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(make_presets());

  auto* amount =
      add_section(new SetupSection("amountSection", tr("How much"), {}, this), TrainingFields::amount(draft_, this));
  batch_ = new QLabel(amount);
  batch_->setObjectName(QStringLiteral("effectiveBatch"));
  batch_->setWordWrap(true);
  amount->add_picture(batch_);
  memory_ = new MemoryPicture(amount);
  amount->add_picture(memory_);
  auto* rate =
      add_section(new SetupSection("rateSection", tr("Learning rate"), {}, this), TrainingFields::rate(draft_, this));
  schedule_ = new SchedulePicture(rate);
  rate->add_picture(schedule_);
  adapter_fields_ = TrainingFields::adapter(draft_, this);
  adapter_section_ = add_section(new SetupSection("adapterSection", tr("Adapter"), {}, this), adapter_fields_);
  auto* rows = add_section(new SetupSection("rowsSection", tr("Rows"), {}, this), TrainingFields::rows(draft_, this));
  packing_ = new PackingPicture(rows);
  rows->add_picture(packing_);
  add_section(new SetupSection("memorySection", tr("Memory"), {}, this), TrainingFields::memory(draft_, this));
  auto* loss = add_section(new SetupSection("lossSection", tr("Loss"), {}, this), TrainingFields::loss(draft_, this));
  normalization_ = new NormalizationPicture(loss);
  loss->add_picture(normalization_);
  auto* watching = add_section(new SetupSection("watchingSection", tr("Watching and keeping"), {}, this),
                               TrainingFields::watching(draft_, this));
  watching->add(make_run_name());
  add_section(new SetupSection("advancedSection", tr("Advanced"), tr("The optimizer and the arithmetic."), this,
                               SetupSection::Folding::kFolded),
              TrainingFields::advanced(draft_, this));
  layout->addStretch(1);
  connect(&facts_, &DraftFacts::changed, this, &TrainingStep::refresh);
  refresh();
}

QWidget* TrainingStep::make_presets() {
  auto* section = new SetupSection("presetSection", tr("Begin with"),
                                   tr("Settings that belong together; each can be changed below."), this);
  section->stand_first();
  auto* buttons = new QWidget(section);
  auto* flow = new FlowLayout(kSpaceSmall, kSpaceSmall, buttons);
  preset_note_ = new QLabel(section);
  preset_note_->setObjectName(QStringLiteral("presetNote"));
  preset_note_->setWordWrap(true);
  try {
    presets_ = load_presets();
  } catch (const std::exception& error) {
    preset_note_->setText(engine_text(error.what()));
  }
  for (const Preset& preset : presets_) {
    auto* button = new FocusButton(buttons);
    button->setText(preset.title);
    button->setCheckable(true);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setMinimumHeight(fontMetrics().height() + kSpaceMedium);
    describe(button, "", preset.title, preset.summary);
    button->setObjectName(QLatin1String("preset_") + preset.id);
    connect(button, &QAbstractButton::clicked, this, [this, &preset] { apply(preset); });
    flow->addWidget(button);
    preset_buttons_.append(button);
  }
  section->add(buttons);
  section->add(preset_note_);
  return section;
}

QWidget* TrainingStep::make_run_name() {
  auto* box = new QWidget(this);
  auto* form = new QFormLayout(box);
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(kSpaceMedium);
  name_ = new QLineEdit(box);
  name_->setMaximumWidth(character_width(fontMetrics()) * kNameChars);
  name_->setPlaceholderText(tr("by day and time"));
  describe(
      name_, "runName", tr("Name of the run"),
      tr("The folder of this run, below %1 or, with a whole path, anywhere; what is left empty is named by day and "
         "time.")
          .arg(QDir::toNativeSeparators(workbench_.runs_dir())));
  connect(name_, &QLineEdit::textEdited, this, [this](const QString& name) { facts_.set_run_name(name.trimmed()); });
  name_problem_ = new QLabel(box);
  name_problem_->setObjectName(QStringLiteral("runNameProblem"));
  name_problem_->setWordWrap(true);
  // In line with the fields above.
  auto* label = new QLabel(tr("&Name of the run"), box);
  label->setBuddy(name_);
  label->setMinimumWidth(character_width(fontMetrics()) * kFieldLabelChars);
  form->setVerticalSpacing(kSpaceTiny / 2);
  auto* line = new QHBoxLayout;
  line->setSpacing(kSpaceSmall);
  line->addWidget(name_, 1);
  auto* elsewhere = new QPushButton(tr("Elsewhere\u2026"), box);
  describe(elsewhere, "runFolderChoose", tr("Put the run elsewhere"),
           tr("Chooses the folder that the run's own goes into, such as one on a disk with more room."));
  connect(elsewhere, &QPushButton::clicked, this, &TrainingStep::choose_folder);
  line->addWidget(elsewhere);
  line->addStretch(1);
  form->addRow(label, line);
  form->addRow({}, make_note(tr("The folder it goes to, below the runs that are there."), box));
  form->addRow({}, name_problem_);
  return box;
}

void TrainingStep::choose_folder() {
  const QString now = facts_.run_name();
  const QString begin = QDir::isAbsolutePath(now) ? QFileInfo(now).path() : workbench_.runs_dir();
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Put the run into"), begin);
  if (folder.isEmpty()) return;
  QString name = QFileInfo(now).fileName();
  if (name.isEmpty()) name = QDateTime::currentDateTime().toString(QStringLiteral("'run'-yyyyMMdd-HHmmss"));
  facts_.set_run_name(QDir(folder).filePath(name));
}

SetupSection* TrainingStep::add_section(SetupSection* section, const QList<DraftField*>& fields) {
  for (DraftField* field : fields) {
    section->add(field);
    connect(field, &DraftField::errorChanged, this, [this, field, section] {
      if (field->has_error()) section->unfold();
      Q_EMIT stateChanged();
    });
  }
  fields_ += fields;
  layout()->addWidget(section);
  return section;
}

void TrainingStep::apply(const Preset& preset) {
  try {
    const RunConfig after = apply_preset(preset, draft_.config());
    draft_.edit(tr("take the preset %1").arg(preset.title), [&after](RunConfig& config) { config = after; });
  } catch (const std::exception& error) {
    preset_note_->setText(engine_text(error.what()));
    return;
  }
  refresh();
}

void TrainingStep::refresh() {
  const RunConfig& config = draft_.config();
  const auto& model = facts_.model();
  for (DraftField* field : std::as_const(fields_)) {
    field->set_advice(TrainingFields::advice(QString::fromLatin1(field->key()), config, model ? model->parameters : 0,
                                             model ? model->max_position_embeddings : 0));
  }
  const bool new_adapter = config.method == Method::kLora && !config.adapter_name_or_path;
  adapter_section_->setVisible(new_adapter);

  const Preset* matched = nullptr;
  for (std::size_t i = 0; i < presets_.size(); ++i) {
    const bool matches = matches_preset(presets_[i], config);
    preset_buttons_[static_cast<qsizetype>(i)]->setChecked(matches);
    if (matches) matched = &presets_[i];
  }
  if (!presets_.empty()) {
    preset_note_->setText(matched != nullptr ? matched->summary
                                             : tr("Your own settings: they differ from each of these."));
  }
  const std::int64_t rows = config.per_device_train_batch_size * config.gradient_accumulation_steps;
  const QString most = grouped(rows * config.max_length);
  batch_->setText(config.gradient_accumulation_steps == 1
                      ? tr("Each step learns from %1 rows at once, %2 tokens at most.").arg(grouped(rows), most)
                      : tr("Each step learns from %1 rows (%2 at once, %3 times), %4 tokens at most.")
                            .arg(grouped(rows), grouped(config.per_device_train_batch_size),
                                 grouped(config.gradient_accumulation_steps), most));
  const auto& outline = facts_.outline();
  memory_->show_memory(facts_.memory(), outline.has_value(), facts_.memory_problem());
  schedule_->show_schedule(config, outline ? outline->total_steps : config.max_steps);
  packing_->show_rows(config, outline);
  normalization_->show_choice(config.loss_normalization);
  check_name();
  Q_EMIT stateChanged();
}

void TrainingStep::check_name() {
  const QString name = facts_.run_name();
  if (name_->text().trimmed() != name) name_->setText(name);
  const QDir place(QDir(workbench_.runs_dir()).filePath(name));
  QString problem;
  if (!QDir::isAbsolutePath(name) &&
      (name.contains('/') || name == QLatin1String(".") || name == QLatin1String(".."))) {
    problem = tr("Got %1, expected one folder's name, or a whole path that begins with a slash.").arg(name);
  } else if (!name.isEmpty() && place.exists(QStringLiteral("run.db"))) {
    problem = tr("There is a run of that name already. Take another; a run never writes over one.");
  } else if (!name.isEmpty() && QFileInfo::exists(place.path())) {
    problem = tr("%1 is there already. Take another name: a run gets a new folder of its own.").arg(name);
  } else if (place.dirName().toUtf8().size() > kLongestName) {
    problem = tr("The name is longer than a folder's may be. Take a shorter one.");
  } else if (QDir::isAbsolutePath(name) && !is_writable_place(QFileInfo(name).path())) {
    problem = tr("Nothing can be written in %1. Choose another folder.").arg(QFileInfo(name).path());
  }
  name_problem_->setText(problem);
  name_problem_->setVisible(!problem.isEmpty());
}

SetupStep::State TrainingStep::state() const {
  const bool has_error = std::ranges::any_of(fields_, &DraftField::has_error);
  if (has_error || !name_problem_->text().isEmpty() || !conflict().isEmpty()) return State::kBad;
  // While the rows are not known, the largest micro-batch is only the largest that the settings allow.
  if (facts_.memory() && !facts_.memory()->problem.empty()) return facts_.outline() ? State::kBad : State::kWarning;
  // Of a learning rate that leads to nothing in any model; what else a field advises is a matter of degree.
  const bool is_hopeless = !TrainingFields::advice(QStringLiteral("learning_rate"), draft_.config(), 0, 0).isEmpty();
  return is_hopeless ? State::kWarning : State::kGood;
}

QString TrainingStep::conflict() const {
  const RunConfig& config = draft_.config();
  if (config.method == Method::kLora || config.quantization == "none") return {};
  return TrainingFields::advice(QStringLiteral("quantization"), config, 0, 0);
}

QString TrainingStep::summary() const {
  for (const DraftField* field : fields_) {
    if (field->has_error()) return field->problem();
  }
  if (!name_problem_->text().isEmpty()) return name_problem_->text();
  if (const QString found = conflict(); !found.isEmpty()) return found;
  if (facts_.memory() && !facts_.memory()->problem.empty()) return engine_text(facts_.memory()->problem);
  const RunConfig& config = draft_.config();
  const QString length = config.max_steps > 0 ? tr("%1 steps").arg(grouped(config.max_steps))
                                              : tr("%1 epochs").arg(setting_text(config.num_train_epochs));
  return tr("%1 at %2").arg(length, setting_text(config.learning_rate));
}

void TrainingStep::take_focus() {
  if (!preset_buttons_.isEmpty()) preset_buttons_.front()->setFocus(Qt::OtherFocusReason);
}

}  // namespace vernier::ui
