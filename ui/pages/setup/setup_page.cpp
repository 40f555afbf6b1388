#include "ui/pages/setup/setup_page.h"

#include <QClipboard>
#include <QDateTime>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFrame>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>
#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/page_scroller.h"
#include "ui/pages/setup/check_figures.h"
#include "ui/pages/setup/check_step.h"
#include "ui/pages/setup/data_step.h"
#include "ui/pages/setup/draft_summary.h"
#include "ui/pages/setup/fix_place.h"
#include "ui/pages/setup/labels_step.h"
#include "ui/pages/setup/model_step.h"
#include "ui/pages/setup/setup_section.h"
#include "ui/pages/setup/step_delegate.h"
#include "ui/pages/setup/steps_model.h"
#include "ui/pages/setup/training_step.h"
#include "ui/session/data_facts.h"
#include "ui/session/data_session.h"
#include "ui/session/model_finder.h"
#include "ui/session/presets.h"
#include "ui/session/recent_paths.h"
#include "ui/session/run_file.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr int kIcon = 16;
constexpr auto kRowsDelay = std::chrono::milliseconds(300);
constexpr int kListChars = 30;

// A draft that nobody has touched begins with these.
RunConfig balanced(const RunConfig& config) {
  for (const Preset& preset : load_presets()) {
    if (preset.id == QLatin1String("balanced")) return apply_preset(preset, config);
  }
  return config;
}

}  // namespace

SetupPage::SetupPage(Workbench& workbench, Actions& actions, QWidget* parent)
    : Page(parent), workbench_(workbench), facts_(workbench.draft()) {
  setObjectName(QStringLiteral("setupPage"));
  RunDraft& draft = workbench_.draft();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceLarge, kSpaceMedium, kSpaceLarge, kSpaceMedium);
  layout->setSpacing(kSpaceSmall);
  layout->addWidget(make_header(actions));
  messages_ = new MessageBar(this);
  messages_->setObjectName(QStringLiteral("setupMessages"));
  layout->addWidget(messages_);
  try {
    const bool is_untouched = draft.config().to_json() == RunConfig().to_json() && !draft.undo_stack().canUndo();
    if (is_untouched) draft.reset(balanced(draft.config()));
  } catch (const std::exception& error) {
    messages_->showMessage(MessageLevel::kWarning, engine_text(error.what()));
  }

  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceLarge);
  list_ = new QListView(this);
  describe(list_, "setupSteps", tr("Steps of the set-up"),
           tr("Take them in any order. The shape says how each stands: a ring is to do, a tick is good, a triangle is "
              "worth a look, an octagon has to be mended."));
  list_->setItemDelegate(new StepDelegate(list_));
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setFixedWidth(character_width(fontMetrics()) * kListChars);
  stack_ = new PartStack(this);
  row->addWidget(list_);
  row->addWidget(stack_, 1);
  layout->addLayout(row, 1);

  model_step_ = new ModelStep(workbench_, facts_, this);
  training_step_ = new TrainingStep(workbench_, facts_, this);
  add_step(model_step_);
  data_step_ = new DataStep(workbench_, actions, this);
  add_step(data_step_);
  labels_step_ = new LabelsStep(workbench_, actions, this);
  add_step(labels_step_);
  add_step(training_step_);
  check_step_ = new CheckStep(workbench_, actions, this);
  add_step(check_step_);
  tell_rows();
  connect(check_step_, &CheckStep::placeWanted, this, &SetupPage::go_to);
  connect(&facts_, &DraftFacts::changed, this,
          [this] { check_step_->session().set_out_dir(QFileInfo(run_dir(facts_.run_name())).path()); });
  connect(&check_step_->session(), &CheckSession::changed, this, [this] {
    const CheckSession& checked = check_step_->session();
    const PreflightReport& found = checked.figures();
    if (!checked.is_fresh() || !found.predicted_step_ms) return facts_.set_checked(std::nullopt);
    facts_.set_checked(DraftFacts::Checked{*found.predicted_step_ms, found.tokens_per_step,
                                           CheckFigures::peak_memory(found).value_or(0)});
  });
  auto* steps = new StepsModel(steps_, this);
  list_->setModel(steps);
  connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex& current) { stack_->setCurrentIndex(current.row()); });
  connect(stack_, &QStackedWidget::currentChanged, this, &SetupPage::choose_step);

  layout->addWidget(make_footer());
  connect_actions(actions);
  connect(&facts_, &DraftFacts::changed, this, &SetupPage::refresh_start);
  for (const SetupStep* step : std::as_const(steps_)) {
    connect(step, &SetupStep::stateChanged, this, &SetupPage::refresh_start);
  }
  connect(&workbench_, &Workbench::abilitiesChanged, this, &SetupPage::refresh_start);
  // One that could not begin is tried again in the same place.
  connect(&workbench_, &Workbench::runEnded, this, [this] {
    const QString name = std::exchange(started_name_, {});
    if (workbench_.run().activity() == Activity::kReady && facts_.run_name().isEmpty()) facts_.set_run_name(name);
  });
  // Once everybody has heard of the end; not where the window was waiting for it to close.
  connect(
      &workbench_, &Workbench::runEnded, this,
      [this] {
        const auto waiting = std::exchange(waiting_, std::nullopt);
        if (waiting && window()->isVisible()) start_now(waiting->config, waiting->name);
      },
      Qt::QueuedConnection);
  list_->setCurrentIndex(steps->index(0));
  refresh_start();
}

bool SetupPage::is_busy() {
  return facts_.is_busy() || rows_timer_.isActive() || DataSession::of(workbench_).is_busy() ||
         check_step_->session().is_busy();
}

void SetupPage::tell_rows() {
  DataSession& session = DataSession::of(workbench_);
  rows_timer_.setSingleShot(true);
  rows_timer_.setInterval(kRowsDelay);
  connect(&rows_timer_, &QTimer::timeout, this, [this, &session] { facts_.set_rows(row_facts(session)); });
  // A scan tells of itself more often than its rows are of use.
  const auto ask = [this] {
    if (!rows_timer_.isActive()) rows_timer_.start();
  };
  connect(&session, &DataSession::scanChanged, this, ask);
  connect(&workbench_.draft(), &RunDraft::changed, this, ask);
}

QWidget* SetupPage::make_header(Actions& actions) {
  auto* header = new QWidget(this);
  auto* flow = new FlowLayout(kSpaceSmall, kSpaceTiny, header);
  QLabel* heading = make_heading(tr("Set up a run"), header);
  heading->setContentsMargins(0, 0, kSpaceHuge, 0);
  flow->addWidget(heading);
  flow->addWidget(make_button(actions.undo, Qt::ToolButtonIconOnly, header));
  flow->addWidget(make_button(actions.redo, Qt::ToolButtonIconOnly, header));
  for (QAction* action : {actions.open_run_file, actions.save_run_file, actions.copy_command}) {
    flow->addWidget(make_button(action, Qt::ToolButtonTextBesideIcon, header));
  }
  return header;
}

QWidget* SetupPage::make_footer() {
  auto* footer = new QFrame(this);
  auto* column = new QVBoxLayout(footer);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceSmall);
  auto* line = new QFrame(footer);
  line->setFrameShape(QFrame::HLine);
  line->setFrameShadow(QFrame::Plain);
  line->setForegroundRole(QPalette::Mid);
  column->addWidget(line);
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceLarge);
  row->addWidget(new DraftSummary(workbench_.draft(), facts_, footer), 5);

  auto* starting = new QVBoxLayout;
  starting->setSpacing(kSpaceTiny);
  auto* why = new QHBoxLayout;
  why->setSpacing(kSpaceSmall);
  reason_icon_ = new QLabel(footer);
  reason_ = new QLabel(footer);
  reason_->setObjectName(QStringLiteral("startReason"));
  reason_->setTextFormat(Qt::PlainText);
  reason_->setWordWrap(true);
  reason_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  why->addWidget(reason_icon_, 0, Qt::AlignTop);
  why->addWidget(reason_, 1);
  starting->addLayout(why);
  starting->addStretch(1);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  start_anyway_ = new QPushButton(tr("Start anyway"), footer);
  describe(start_anyway_, "startAnyway", tr("Start anyway"),
           tr("Starts in spite of what is said beside it. The run may fail, or learn what it should not."));
  start_ = new QPushButton(footer);
  start_->setIcon(make_icon(Icon::kPlay));
  describe(start_, "startDraft", tr("Start training"),
           tr("Starts training with these settings, and goes to the Run page."));
  buttons->addWidget(start_anyway_);
  buttons->addWidget(start_);
  starting->addLayout(buttons);
  row->addLayout(starting, 3);
  column->addLayout(row);
  connect(start_, &QPushButton::clicked, this, &SetupPage::start_wanted);
  connect(start_anyway_, &QPushButton::clicked, this, &SetupPage::start_wanted);
  return footer;
}

void SetupPage::connect_actions(Actions& actions) {
  RunDraft& draft = workbench_.draft();
  connect(actions.new_draft, &QAction::triggered, this, [this, &draft] {
    try {
      RunConfig fresh;
      fresh.model_name_or_path = draft.config().model_name_or_path;
      fresh = balanced(fresh);
      draft.edit(tr("set up a new run"), [&fresh](RunConfig& config) { config = fresh; });
      facts_.set_run_name({});
      file_.clear();
    } catch (const std::exception& error) {
      messages_->showMessage(MessageLevel::kError, engine_text(error.what()));
    }
    workbench_.show(PageId::kSetUp);
  });
  connect(actions.open_run_file, &QAction::triggered, this, [this] {
    const QString path = QFileDialog::getOpenFileName(this, tr("Open a run file"), workbench_.settings().last_folder(),
                                                      tr("Run files (*.json)"));
    if (path.isEmpty()) return;
    workbench_.settings().set_last_folder(QFileInfo(path).absolutePath());
    open_run_file(path);
  });
  connect(actions.save_run_file, &QAction::triggered, this, [this] {
    const QString begin =
        file_.isEmpty() ? QDir(workbench_.settings().last_folder()).filePath(QStringLiteral("run.json")) : file_;
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the run file"), begin, tr("Run files (*.json)"));
    if (!path.isEmpty()) save_run_file(path);
  });
  connect(actions.copy_command, &QAction::triggered, this, [this] {
    const QString command = make_command();
    workbench_.show(PageId::kSetUp);
    if (command.isEmpty()) return;
    QGuiApplication::clipboard()->setText(command);
    messages_->showMessage(MessageLevel::kInfo, tr("Copied. In a terminal it starts this run: %1").arg(command));
  });
  connect(actions.start_draft, &QAction::triggered, this, [this] {
    workbench_.show(PageId::kSetUp);
    if (start_->isEnabled()) start_wanted();
  });
}

void SetupPage::add_step(SetupStep* step) {
  auto* scroller = new PageScroller(stack_);
  auto* layout = new QVBoxLayout(scroller->page());
  layout->setContentsMargins(0, 0, kSpaceSmall, 0);
  layout->addWidget(step);
  stack_->add_part(scroller, step->title());
  steps_.append(step);
}

void SetupPage::go_to(const FixPlace& place) {
  if (place.kind == FixPlace::Kind::kRows) {
    choose_step(static_cast<int>(steps_.indexOf(labels_step_)));
    labels_step_->show_rows(place.target);
    return;
  }
  auto* control = findChild<QWidget*>(place.target);
  if (control == nullptr) {  // a key without a field of its own
    choose_step(static_cast<int>(steps_.indexOf(training_step_)));
    return;
  }
  for (int i = 0; i < steps_.size(); ++i) {
    if (steps_[i]->isAncestorOf(control)) choose_step(i);
  }
  for (QWidget* at = control; at != nullptr; at = at->parentWidget()) {
    if (auto* section = qobject_cast<SetupSection*>(at)) section->unfold();
  }
  control->setFocus(Qt::OtherFocusReason);
  // Once what was hidden has its place.
  QTimer::singleShot(0, control, [control] {
    if (auto* scroller = PageScroller::around(control)) scroller->ensureWidgetVisible(control);
  });
}

void SetupPage::choose_step(int row) {
  if (row >= 0 && row < steps_.size()) list_->setCurrentIndex(list_->model()->index(row, 0));
}

void SetupPage::take_focus() {
  list_->setFocus(Qt::OtherFocusReason);
}

void SetupPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (start_ == nullptr) return;  // not built yet
  if (event->type() == QEvent::FontChange) list_->setFixedWidth(character_width(fontMetrics()) * kListChars);
  if (event->type() == QEvent::PaletteChange) refresh_start();
}

void SetupPage::take_path(const QString& path) {
  RunDraft& draft = workbench_.draft();
  const QString whole = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
  const std::string text = whole.toStdString();
  const QString name = QFileInfo(whole).fileName();
  if (is_adapter_folder(whole)) {
    draft.edit(tr("go on from the adapter %1").arg(name), [&text](RunConfig& config) {
      config.method = Method::kLora;
      config.init_from_config = false;
      config.adapter_name_or_path = text;
    });
  } else if (QFileInfo(whole).isDir()) {
    draft.edit(tr("choose the model %1").arg(name), [&text](RunConfig& config) { config.model_name_or_path = text; });
    choose_step(static_cast<int>(steps_.indexOf(model_step_)));
  } else if (name == QLatin1String("run.json")) {
    open_run_file(whole);
  } else {
    draft.edit(tr("choose the data %1").arg(name), [&text](RunConfig& config) {
      config.batch.reset();
      config.dataset = DatasetOptions{.path = text, .format = "auto", .columns = {}};
    });
    remember_path(PathKind::kData, whole);
    choose_step(static_cast<int>(steps_.indexOf(data_step_)));
  }
}

void SetupPage::open_run_file(const QString& path) {
  try {
    const RunConfig read = RunConfig::from_file(path.toStdString());
    workbench_.draft().edit(tr("open %1").arg(QFileInfo(path).fileName()),
                            [&read](RunConfig& config) { config = read; });
    workbench_.draft().undo_stack().setClean();
    file_ = QFileInfo(path).absoluteFilePath();  // a command names it wherever it is pasted
    messages_->hide();
  } catch (const std::exception& error) {
    messages_->showMessage(MessageLevel::kError, engine_text(error.what()));
  }
  workbench_.show(PageId::kSetUp);
}

bool SetupPage::save_run_file(const QString& path) {
  try {
    ui::save_run_file(workbench_.draft().config(), path);
  } catch (const std::exception& error) {
    messages_->showMessage(MessageLevel::kError, engine_text(error.what()));
    return false;
  }
  file_ = QFileInfo(path).absoluteFilePath();
  workbench_.draft().undo_stack().setClean();
  workbench_.settings().set_last_folder(QFileInfo(path).absolutePath());
  QString problem = run_config_problem(workbench_.draft().config());
  // What stands in a field that does not take it is not in the file.
  if (problem.isEmpty() && training_step_->state() == SetupStep::State::kBad) problem = training_step_->summary();
  if (problem.isEmpty()) {
    messages_->showMessage(MessageLevel::kInfo, tr("Saved as %1.").arg(QDir::toNativeSeparators(path)));
  } else {
    messages_->showMessage(MessageLevel::kWarning,
                           tr("Saved, but it is not complete yet, and a run would be refused: %1").arg(problem));
  }
  return true;
}

QString SetupPage::make_command() {
  const RunConfig& config = workbench_.draft().config();
  if (const QString problem = run_config_problem(config); !problem.isEmpty()) {
    messages_->showMessage(MessageLevel::kError, problem);
    return {};
  }
  if (training_step_->state() == SetupStep::State::kBad) {
    messages_->showMessage(MessageLevel::kError, training_step_->summary());
    return {};
  }
  const QString dir = run_dir(facts_.run_name());
  QString file = file_;
  if (file.isEmpty() || !workbench_.draft().undo_stack().isClean() || !QFileInfo::exists(file)) {
    file = QDir::cleanPath(
        QDir(workbench_.runs_dir()).filePath(QStringLiteral("../run-files/%1.json").arg(QFileInfo(dir).fileName())));
    try {
      ui::save_run_file(config, file);
    } catch (const std::exception& error) {
      messages_->showMessage(MessageLevel::kError, engine_text(error.what()));
      return {};
    }
  }
  return train_command(file, dir);
}

QString SetupPage::run_dir(const QString& name) const {
  const QString by_date = QDateTime::currentDateTime().toString(QStringLiteral("'run'-yyyyMMdd-HHmmss"));
  // Without the slash that a typed path may end in, which would leave the run without a name.
  return QDir::cleanPath(QDir(workbench_.runs_dir()).filePath(name.isEmpty() ? by_date : name));
}

SetupPage::Verdict SetupPage::judge() const {
  const RunConfig& config = workbench_.draft().config();
  if (config.model_name_or_path.empty()) return {Readiness::kBlocked, tr("Choose a model first.")};
  if (config.dataset.path.empty() && !config.batch) return {Readiness::kBlocked, tr("Choose a data file first.")};
  if (facts_.is_reading_model()) return {Readiness::kBlocked, tr("The model's files are being read\u2026")};
  // Neither can be overridden: there is nothing that could run, or what is typed is not what would run.
  for (const SetupStep* step : {model_step_, static_cast<SetupStep*>(training_step_)}) {
    if (step->state() == SetupStep::State::kBad) return {Readiness::kBlocked, step->summary()};
  }
  if (const QString problem = run_config_problem(config); !problem.isEmpty()) return {Readiness::kBlocked, problem};
  for (const SetupStep* step : steps_) {
    if (step->state() != SetupStep::State::kBad) continue;
    // Without rows there is no run, whatever is risked.
    const Readiness readiness = step == data_step_ ? Readiness::kBlocked : Readiness::kRisky;
    return {readiness, tr("%1: %2").arg(step->title(), step->summary())};
  }
  QStringList warned;
  for (const SetupStep* step : steps_) {
    if (step->state() == SetupStep::State::kWarning) warned << step->title();
  }
  // What each of them warns of stands in its step.
  if (warned.size() == 1 && check_step_->state() == SetupStep::State::kWarning) {
    return {Readiness::kWarned, check_step_->summary()};  // which says the same
  }
  if (!warned.isEmpty()) {
    return {Readiness::kWarned, tr("Worth a look before: %1").arg(QLocale().createSeparatedList(warned))};
  }
  for (const SetupStep* step : steps_) {
    if (step->state() == SetupStep::State::kEmpty) {
      return {Readiness::kReady, tr("Ready to start; the step \u201c%1\u201d is still open.").arg(step->title())};
    }
  }
  return {Readiness::kReady, tr("Ready to start.")};
}

StateShape SetupPage::shape_of(Readiness readiness) {
  switch (readiness) {
    case Readiness::kBlocked:
      return StateShape::kHollow;
    case Readiness::kRisky:
      return StateShape::kOctagon;
    case Readiness::kWarned:
      return StateShape::kTriangle;
    case Readiness::kReady:
      return StateShape::kCircle;
  }
  return StateShape::kHollow;
}

void SetupPage::refresh_start() {
  const Verdict verdict = judge();
  const bool can_start = verdict.readiness == Readiness::kReady || verdict.readiness == Readiness::kWarned;
  const bool runs = workbench_.session().is_active();
  QString reason = verdict.reason;
  StateShape shape = shape_of(verdict.readiness);
  if (waiting_) {
    reason = tr("Starts by itself when the run that goes on has ended, with the settings as they were then.");
    shape = StateShape::kInfo;
  } else if (runs && can_start) {
    reason = tr("A run is going on. This one can wait for its end, or you stop that one first.");
    shape = StateShape::kInfo;
  }
  reason_->setText(reason);
  reason_icon_->setPixmap(state_icon(shape, palette(), kIcon).pixmap(QSize(kIcon, kIcon), devicePixelRatioF()));
  start_->setText(waiting_ ? tr("Do not wait") : runs ? tr("Start when the run ends") : tr("Start training"));
  start_->setAccessibleName(start_->text());
  start_->setEnabled(waiting_ || can_start);
  start_anyway_->setVisible(!waiting_ && verdict.readiness == Readiness::kRisky);
  start_anyway_->setAccessibleDescription(reason);
}

void SetupPage::start_wanted() {
  if (std::exchange(waiting_, std::nullopt)) {
    refresh_start();
    return;
  }
  const RunConfig& config = workbench_.draft().config();
  if (workbench_.session().is_active()) {
    waiting_ = Waiting{config, facts_.run_name()};
    refresh_start();
    return;
  }
  start_now(config, facts_.run_name());
}

void SetupPage::start_now(const RunConfig& config, const QString& name) {
  remember_path(PathKind::kModel, QString::fromStdString(config.model_name_or_path));
  if (!config.dataset.path.empty()) remember_path(PathKind::kData, QString::fromStdString(config.dataset.path));
  workbench_.make_ready(config, run_dir(name));
  workbench_.start();
  // One that has waited may be another than the one that was checked.
  if (config.to_json() == workbench_.draft().config().to_json()) {
    workbench_.run().set_parity_before(check_step_->parity_found());
  }
  // The next run gets a folder of its own.
  started_name_ = name;
  facts_.set_run_name({});
  workbench_.show(PageId::kRun);
}

}  // namespace vernier::ui
