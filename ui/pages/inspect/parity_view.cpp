#include "ui/pages/inspect/parity_view.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QSaveFile>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/models/parity_text.h"
#include "ui/pages/describe.h"
#include "ui/pages/picture_button.h"
#include "ui/session/demo_session.h"
#include "ui/session/session_of.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kUnit = 1000;
constexpr int kLeastLines = 16;  // of the figures
constexpr int kNarrowest = 340;
constexpr int kSideBySide = 720;  // narrower, the pictures stand below the figures

// Aside, then renamed: whole or not at all.
bool write_text(const QString& path, const QString& text) {
  QSaveFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) >= 0 && file.commit();
}

// What method full trains is saved whole.
QString model_of(const QString& run_dir) {
  return QDir(run_dir).filePath(QStringLiteral("model"));
}

}  // namespace

ParityView::ParityView(Workbench& workbench, Actions& actions, QWidget* parent)
    : InspectView(parent), workbench_(workbench), check_(session_of<ModelShelf>(workbench).models()) {
  setObjectName(QStringLiteral("parityView"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceSmall);
  messages_ = new MessageBar(this);
  messages_->setObjectName(QStringLiteral("parityMessages"));
  column->addWidget(messages_);
  auto* head = new QHBoxLayout;
  head->setSpacing(kSpaceSmall);
  check_now_ = new QPushButton(make_icon(Icon::kCheck), tr("Check parity &now"), this);
  describe(check_now_, "parityCheckNow", tr("Check parity now"), actions.check_parity->statusTip());
  head->addWidget(check_now_);
  save_ = new QPushButton(make_icon(Icon::kSave), tr("&Save report\u2026"), this);
  describe(save_, "paritySave", tr("Save report"),
           tr("The check that is shown as Markdown, with its causes and their evidence, and all checks as CSV beside "
              "it."));
  head->addWidget(save_);
  pictures_ = make_picture_button(
      "parityPicture", [this](QMenu& menu) { history_->addActions(menu); }, this);
  head->addWidget(pictures_);
  note_ = make_note({}, this, false);
  note_->setObjectName(QStringLiteral("parityNote"));
  note_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  head->addWidget(note_, 1);
  column->addLayout(head);

  stack_ = new QStackedWidget(this);
  empty_ = new EmptyState(stack_);
  empty_->setObjectName(QStringLiteral("parityViewEmpty"));
  empty_->setTitle(tr("No parity check yet"));
  stack_->addWidget(empty_);
  stack_->addWidget(make_content());
  column->addWidget(stack_, 1);

  connect(check_now_, &QPushButton::clicked, this, &ParityView::check_now);
  connect(empty_, &EmptyState::actionTriggered, this, &ParityView::check_now);
  connect(save_, &QPushButton::clicked, this, &ParityView::choose_file);
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, [this] {
    messages_->hide();
    show_reports();
  });
  connect(&run, &RunModel::parityChanged, this, &ParityView::show_reports);
  connect(&run, &RunModel::savedStepChanged, this, &ParityView::show_abilities);
  connect(&workbench_, &Workbench::abilitiesChanged, this, &ParityView::show_abilities);
  connect(&check_, &ParityCheck::activityChanged, this, &ParityView::show_abilities);
  connect(&check_, &ParityCheck::failed, this,
          [this](const QString& sentence) { messages_->showMessage(MessageLevel::kError, sentence); });
  connect(&check_, &ParityCheck::checked, this, [this](const QString& run_dir, const ParityReport& report) {
    if (workbench_.run().run_dir() != run_dir) return;
    workbench_.run().append_parity(report);
    messages_->showMessage(MessageLevel::kInfo,
                           tr("This window has checked what the run saved after step %1. The run folder is as it was: "
                              "save the report to keep it.")
                               .arg(report.step));
  });
  setMinimumWidth(kNarrowest);
  reset_layout();
  show_reports();
}

QString ParityView::title() const {
  return tr("Train / eval parity");
}

QString ParityView::tool_tip() const {
  return tr("Holds the training, evaluation and KV-cache paths against a plain reference, now and over the run.");
}

QWidget* ParityView::make_content() {
  content_ = new QSplitter(Qt::Horizontal, stack_);
  content_->setObjectName(QStringLiteral("paritySplitter"));
  content_->setChildrenCollapsible(false);
  panel_ = new ParityPanel(content_);
  panel_->setMinimumSize(kNarrowest, fontMetrics().height() * kLeastLines);
  content_->addWidget(panel_);
  auto* pictures = new QWidget(content_);
  auto* column = new QVBoxLayout(pictures);
  column->setContentsMargins(kSpaceSmall, 0, 0, 0);
  column->setSpacing(kSpaceSmall);
  history_ = new ParityHistory(*messages_, pictures);
  column->addWidget(history_, 1);
  states_ = new StateDeviations(pictures);
  column->addWidget(states_);
  content_->addWidget(pictures);
  connect(panel_, &ParityPanel::reportShown, this, &ParityView::show_report);
  connect(history_, &ParityHistory::checkSelected, panel_, &ParityPanel::showReport);
  // A check is of a step, which is looked at everywhere.
  connect(history_, &ParityHistory::checkSelected, this, [this](int index) {
    workbench_.selection().selectStep(workbench_.run().parity()[static_cast<std::size_t>(index)].step);
  });
  connect(&workbench_.selection(), &SelectionModel::stepChanged, this, [this](qint64 step) {
    if (workbench_.selection().follows_newest()) return;
    const auto& reports = workbench_.run().parity();
    const auto found = std::find_if(reports.rbegin(), reports.rend(),
                                    [step](const ParityReport& report) { return report.step == step; });
    if (found != reports.rend()) panel_->showReport(static_cast<int>(reports.rend() - found) - 1);
  });
  return content_;
}

bool ParityView::has_saved() const {
  const RunModel& run = workbench_.run();
  if (run.info().last_saved_step == 0) return false;
  return run.config().method == Method::kLora || QFileInfo::exists(model_of(run.run_dir()));
}

bool ParityView::can_check() const {
  return workbench_.can_ask() || (has_saved() && !check_.is_busy());
}

void ParityView::check_now() {
  messages_->hide();
  if (workbench_.can_ask()) return workbench_.check_parity();
  if (!can_check()) return;
  const RunModel& run = workbench_.run();
  const bool is_whole = run.config().method != Method::kLora;
  ParityCheckRequest request;
  request.run_dir = run.run_dir().toStdString();
  request.model_dir = is_whole                        ? model_of(run.run_dir()).toStdString()
                      : run.info().model_path.empty() ? run.config().model_name_or_path
                                                      : run.info().model_path;
  if (!is_whole) request.adapter_dir = DemoSession::adapter_of(run.run_dir()).toStdString();
  request.quantization = run.config().quantization;
  request.step = run.info().last_saved_step;
  check_.check(request);
}

void ParityView::show_reports() {
  const std::vector<ParityReport>& reports = workbench_.run().parity();
  stack_->setCurrentWidget(reports.empty() ? static_cast<QWidget*>(empty_) : content_);
  history_->setReports(reports);
  panel_->setReports(reports);
  show_abilities();
}

void ParityView::show_report(int index) {
  const std::vector<ParityReport>& reports = workbench_.run().parity();
  if (index < 0 || index >= static_cast<int>(reports.size())) return;
  history_->setSelected(index);
  const ParityReport& report = reports[static_cast<std::size_t>(index)];
  states_->setReport(report);
  states_->setVisible(!states_->isEmpty());
}

void ParityView::show_abilities() {
  const bool can = can_check();
  check_now_->setEnabled(can);
  save_->setEnabled(!workbench_.run().parity().empty());
  pictures_->setEnabled(!workbench_.run().parity().empty());
  if (check_.is_busy()) {
    note_->setText(check_.activity());
  } else if (workbench_.can_ask()) {
    note_->setText(tr("The check is made after the current step."));
  } else if (can) {
    note_->setText(tr("The run does not go on: what it saved after step %1 is checked.")
                       .arg(workbench_.run().info().last_saved_step));
  } else {
    note_->setText(tr("There is nothing to check before the run has saved something."));
  }
  empty_->setExplanation(
      tr("Training, evaluation and generation run different code. Here they stand side by side against a plain "
         "reference on the same tokens, so that a difference is seen before it spoils a result. "
         "\u201cparity_check\u201d "
         "in the run file makes a check every so many steps.") +
      (check_.is_busy() ? QStringLiteral("\n\n") + check_.activity() : QString()));
  empty_->setAction(can ? tr("Check parity now") : QString());
}

void ParityView::choose_file() {
  const RunModel& run = workbench_.run();
  const QString proposed =
      QDir(workbench_.settings().last_folder())
          .filePath(QStringLiteral("%1-parity-step-%2.md").arg(run.name()).arg(panel_->shownStep()));
  const QString path =
      QFileDialog::getSaveFileName(this, tr("Save the parity report"), proposed, tr("Markdown (*.md)"));
  if (!path.isEmpty()) save_report(path);
}

bool ParityView::save_report(const QString& path) {
  const std::vector<ParityReport>& reports = workbench_.run().parity();
  const QFileInfo file(path);
  const QString stem = file.suffix() == QLatin1String("md") ? path.chopped(3) : path;
  const QString markdown = stem + QStringLiteral(".md"), csv = stem + QStringLiteral(".csv");
  const QString text =
      parity_markdown(reports, static_cast<std::size_t>(std::max(0, panel_->shownIndex())), workbench_.run().name());
  for (const auto& [name, content] : {std::pair(markdown, text), std::pair(csv, parity_csv(reports))}) {
    if (write_text(name, content)) continue;
    messages_->showMessage(
        MessageLevel::kError,
        tr("%1 cannot be written. Is the folder there, and is it yours?").arg(QDir::toNativeSeparators(name)));
    return false;
  }
  messages_->showMessage(MessageLevel::kInfo, tr("The report is in %1, all checks are in %2.")
                                                  .arg(QDir::toNativeSeparators(markdown), QFileInfo(csv).fileName()));
  return true;
}

void ParityView::resizeEvent(QResizeEvent* event) {
  InspectView::resizeEvent(event);
  content_->setOrientation(width() < kSideBySide ? Qt::Vertical : Qt::Horizontal);
}

void ParityView::take_focus() {
  if (stack_->currentWidget() == empty_) {
    empty_->setFocus(Qt::OtherFocusReason);
  } else {
    panel_->setFocus(Qt::OtherFocusReason);
  }
}

void ParityView::reset_layout() {
  content_->setSizes({kUnit, kUnit});
  history_->resetZoom();
}

}  // namespace vernier::ui
