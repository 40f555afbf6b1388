#include "ui/pages/setup/check_step.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/setup/check_words.h"
#include "ui/pages/setup/steps_model.h"
#include "ui/pages/tab_order.h"
#include "ui/session/data_session.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

constexpr auto kPauseInEditing = std::chrono::milliseconds(400);
constexpr int kIconSize = 24;

}  // namespace

CheckStep::CheckStep(Workbench& workbench, Actions&, QWidget* parent)
    : SetupStep(parent), workbench_(workbench), session_(workbench.draft(), check_run, workbench.runs_dir()) {
  setObjectName(QStringLiteral("checkStep"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  stack_ = new QStackedWidget(this);
  outer->addWidget(stack_);
  empty_ = new EmptyState(stack_);
  empty_->setObjectName(QStringLiteral("checkEmpty"));
  empty_->setTitle(tr("Nothing to check yet"));
  empty_->setExplanation(
      tr("Once a model and data are chosen, every row is read, a step is tried on the longest ones, and whatever would "
         "spoil the run stands here with what to do about it. Choose a model and data in the steps before."));
  stack_->addWidget(empty_);

  content_ = new QWidget(stack_);
  auto* layout = new QVBoxLayout(content_);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  layout->addWidget(make_header());
  message_ = new MessageBar(content_);
  message_->setObjectName(QStringLiteral("checkMessage"));
  layout->addWidget(message_);
  connect(message_, &MessageBar::actionTriggered, this, [this] {
    message_->hide();
    workbench_.draft().undo_stack().undo();
  });
  auto* scroller = new PageScroller(content_);
  list_ = scroller->page();
  auto* list = new QVBoxLayout(list_);
  list->setContentsMargins(0, 0, kSpaceSmall, 0);
  list->setSpacing(kSpaceTiny);
  figures_ = new CheckFigures(list_);
  list->addWidget(figures_);
  failing_ = make_section(list, "checksFailing", tr("Stands in the way"));
  worth_a_look_ = make_section(list, "checksWorthALook", tr("Worth a look"));
  passing_ = make_section(list, "checksPassing", tr("In order"));
  list->addStretch(1);
  layout->addWidget(scroller, 1);
  stack_->addWidget(content_);

  edit_timer_.setSingleShot(true);
  edit_timer_.setInterval(kPauseInEditing);
  connect(&edit_timer_, &QTimer::timeout, this, [this] {
    if (isVisible()) session_.refresh();
  });
  connect(&workbench_.draft(), &RunDraft::changed, this, [this] {
    message_->hide();
    if (isVisible()) edit_timer_.start();
  });
  connect(&DataSession::of(workbench_), &DataSession::sampleChanged, this, &CheckStep::look_at_files);
  connect(&session_, &CheckSession::changed, this, &CheckStep::refresh);
  connect(&session_, &CheckSession::progressed, this, &CheckStep::show_progress);
  refresh();
}

QWidget* CheckStep::make_header() {
  auto* header = new QWidget(content_);
  auto* column = new QVBoxLayout(header);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceTiny);
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  icon_ = new QLabel(header);
  icon_->setFixedSize(kIconSize, kIconSize);
  row->addWidget(icon_);
  headline_ = make_heading({}, header);
  headline_->setObjectName(QStringLiteral("checkHeadline"));
  headline_->setWordWrap(true);
  row->addWidget(headline_, 1);
  try_weights_ = new QPushButton(tr("Try the &weights"), header);
  describe(try_weights_, "checkTryWeights", tr("Try the weights"),
           tr("Loads the model and makes a step on the longest rows, up to the update: shows whether it fits, what the "
              "first loss is and whether training and evaluation agree. Nothing is changed."));
  check_again_ = new QPushButton(tr("Check &again"), header);
  describe(check_again_, "checkAgain", tr("Check again"),
           tr("Makes every check anew, with the weights: after a file was changed, or memory became free."));
  cancel_ = new QPushButton(tr("&Cancel"), header);
  describe(cancel_, "checkCancel", tr("Cancel the check"), tr("Ends the check. What was found so far stays."));
  for (QPushButton* button : {try_weights_, check_again_, cancel_}) {
    button->setAutoDefault(true);
    row->addWidget(button);
  }
  column->addLayout(row);
  note_ = make_note({}, header);
  note_->setObjectName(QStringLiteral("checkNote"));
  add_note(column, note_);
  progress_row_ = new QWidget(header);
  auto* progress = new QHBoxLayout(progress_row_);
  progress->setContentsMargins(0, 0, 0, 0);
  progress_ = new QProgressBar(progress_row_);
  describe(progress_, "checkProgress", tr("Progress of the check"), tr("How far the present part of the check is."));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setMaximumWidth(character_width(fontMetrics()) * 30);
  stage_ = make_note({}, progress_row_, false);
  stage_->setObjectName(QStringLiteral("checkStage"));
  progress->addWidget(progress_, 1);
  progress->addWidget(stage_, 2);
  column->addWidget(progress_row_);
  connect(check_again_, &QPushButton::clicked, &session_, &CheckSession::check_again);
  connect(try_weights_, &QPushButton::clicked, &session_, [this] { session_.refresh(true); });
  connect(cancel_, &QPushButton::clicked, &session_, &CheckSession::cancel);
  return header;
}

CheckStep::Section CheckStep::make_section(QVBoxLayout* layout, const char* name, const QString& title) {
  Section section;
  section.heading = make_heading(title, content_);
  section.heading->setObjectName(QLatin1String(name));
  layout->addSpacing(kSpaceSmall);
  layout->addWidget(section.heading);
  section.rows = new QVBoxLayout;
  section.rows->setSpacing(0);
  layout->addLayout(section.rows);
  return section;
}

QString CheckStep::title() const {
  return tr("Check");
}

SetupStep::State CheckStep::state() const {
  if (!session_.can_check() || !session_.has_checks()) return State::kEmpty;
  if (!failures().isEmpty()) return State::kBad;
  // What is not through yet is not worth a warning.
  if (!session_.is_fresh() || session_.is_busy()) return State::kEmpty;
  return session_.are_weights_fresh() && titles(CheckStatus::kWarn).isEmpty() ? State::kGood : State::kWarning;
}

QString CheckStep::summary() const {
  if (!session_.can_check()) return tr("Needs a model and data");
  if (session_.is_busy()) return tr("Checking\u2026");
  if (!session_.has_checks()) return tr("Not checked yet");
  if (const QStringList failing = titles(CheckStatus::kFail); !failing.isEmpty()) {
    return tr("Fails: %1").arg(QLocale().createSeparatedList(failing));
  }
  if (!session_.is_fresh()) return tr("Changed since it was checked");
  if (!session_.are_weights_fresh()) return tr("The weights are not tried yet");
  if (const QStringList warnings = titles(CheckStatus::kWarn); !warnings.isEmpty()) {
    return tr("Worth a look: %1").arg(QLocale().createSeparatedList(warnings));
  }
  return tr("Everything is in order");
}

QStringList CheckStep::titles(CheckStatus status) const {
  QStringList out;
  for (const CheckSession::ShownCheck& shown : session_.checks()) {
    if (shown.check.status == status && !shown.is_stale) out << title_of(shown.check);
  }
  out.removeDuplicates();  // one of the rows trained on and one of those evaluated on
  return out;
}

QStringList CheckStep::failures() const {
  QStringList out;
  for (const CheckSession::ShownCheck& shown : session_.checks()) {
    if (shown.check.status != CheckStatus::kFail || shown.is_stale) continue;
    out << tr("%1: %2").arg(title_of(shown.check), engine_text(shown.check.message));
  }
  return out;
}

QString CheckStep::parity_found() const {
  for (const CheckSession::ShownCheck& shown : session_.checks()) {
    const PreflightCheck& check = shown.check;
    if (check.id != "parity" || shown.is_stale || check.status != CheckStatus::kPass) continue;
    // Rows of one token pass too, and nothing was compared.
    return check.message.starts_with("nothing") ? QString() : engine_text(check.message);
  }
  return {};
}

void CheckStep::take_focus() {
  (session_.can_check() ? static_cast<QWidget*>(session_.is_busy() ? cancel_ : check_again_) : empty_)
      ->setFocus(Qt::OtherFocusReason);
}

void CheckStep::showEvent(QShowEvent* event) {
  SetupStep::showEvent(event);
  session_.look_at_files();
  if (session_.needs_refresh()) session_.refresh();
}

void CheckStep::changeEvent(QEvent* event) {
  SetupStep::changeEvent(event);
  if (event->type() == QEvent::ActivationChange && isActiveWindow()) look_at_files();
}

void CheckStep::look_at_files() {
  if (session_.look_at_files() && isVisible()) edit_timer_.start();
}

QString CheckStep::headline() const {
  if (!titles(CheckStatus::kFail).isEmpty()) return tr("As it stands, the run would fail");
  if (session_.is_busy()) return tr("Checking\u2026");
  if (!session_.problem().isEmpty()) return tr("The check is not complete");
  if (!session_.is_fresh()) return tr("The configuration, or a file, has changed since it was checked");
  if (!session_.are_weights_fresh()) return tr("Nothing found so far: the weights are not tried yet");
  if (!titles(CheckStatus::kWarn).isEmpty()) return tr("The run can start; some things are worth a look");
  return tr("Nothing stands against this run");
}

QString CheckStep::note() const {
  if (session_.is_busy()) return tr("Results appear as they come. Nothing is written and nothing is trained.");
  if (!session_.problem().isEmpty()) return session_.problem();
  if (!session_.waits_for_weights()) return {};
  const auto& memory = session_.figures().predicted_peak_memory_bytes;
  return memory ? tr("Trying them takes about %1 of memory and as long as loading does.").arg(byte_count(*memory))
                : QString();
}

void CheckStep::refresh() {
  const bool can_check = session_.can_check();
  stack_->setCurrentWidget(can_check ? content_ : static_cast<QWidget*>(empty_));
  if (can_check) {
    const bool is_busy = session_.is_busy();
    headline_->setText(headline());
    note_->setText(note());
    note_->setVisible(!note_->text().isEmpty());
    icon_->setPixmap(
        state_icon(is_busy && state() != State::kBad ? StateShape::kHollow : shape_of(state()), palette(), kIconSize)
            .pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
    const bool had_focus = check_again_->hasFocus() || cancel_->hasFocus() || try_weights_->hasFocus();
    cancel_->setVisible(is_busy);
    check_again_->setVisible(!is_busy);
    try_weights_->setVisible(session_.waits_for_weights());
    progress_row_->setVisible(is_busy);
    // The keyboard stays where it was, also where that button gives way to another.
    if (had_focus) take_focus();
    show_progress();
    const QWidget* held = QApplication::focusWidget();
    const bool was_in_list = held != nullptr && list_->isAncestorOf(held);
    figures_->show_figures(session_.figures(), workbench_.draft().config());
    show_checks();
    held = QApplication::focusWidget();
    // A Fix button goes away once it has done its work.
    if (was_in_list && (held == nullptr || !list_->isAncestorOf(held))) take_focus();
  }
  Q_EMIT stateChanged();
}

void CheckStep::show_progress() {
  progress_->setValue(static_cast<int>(1000.0 * session_.fraction()));
  stage_->setText(session_.stage());
}

void CheckStep::show_checks() {
  QHash<QString, int> count;
  QHash<QString, CheckRow*> shown_rows;
  QList<CheckRow*> failing, worth_a_look, passing;
  for (const CheckSession::ShownCheck& shown : session_.checks()) {
    const QString id = QString::fromStdString(shown.check.id);
    const QString key = QStringLiteral("%1 %2").arg(id).arg(count[id]++);
    CheckRow* row = rows_.take(key);
    if (row == nullptr) {
      row = new CheckRow(content_);
      connect(row, &CheckRow::fixWanted, this, [this, row] { fix(row->check()); });
    }
    row->show_check(shown, workbench_.draft().config());
    shown_rows.insert(key, row);
    (shown.check.status == CheckStatus::kFail   ? failing
     : shown.check.status == CheckStatus::kWarn ? worth_a_look
                                                : passing)
        << row;
  }
  for (CheckRow* row : std::as_const(rows_)) {
    row->hide();
    row->deleteLater();
  }
  rows_ = shown_rows;
  place(failing_, failing);
  place(worth_a_look_, worth_a_look);
  place(passing_, passing);
  QWidgetList stops;
  for (CheckRow* row : failing + worth_a_look + passing) stops << tab_stops(row);
  order_tabs(list_, stops);
}

void CheckStep::place(const Section& section, const QList<CheckRow*>& rows) {
  section.heading->setVisible(!rows.isEmpty());
  for (int i = 0; i < rows.size(); ++i) {
    const QLayoutItem* there = section.rows->itemAt(i);
    if (there != nullptr && there->widget() == rows[i]) continue;
    section.rows->insertWidget(i, rows[i]);
    rows[i]->show();
  }
}

void CheckStep::fix(PreflightCheck check) {
  const QString what = tr("Fix: %1").arg(title_of(check));
  const QStringList changes = changes_of(workbench_.draft().config(), check.fix_changes);
  if (changes.isEmpty()) {
    const FixPlace place = fix_place(check, workbench_.draft().config());
    if (place.kind == FixPlace::Kind::kCheckAgain) {
      session_.check_again();
    } else {
      Q_EMIT placeWanted(place);
    }
    return;
  }
  try {
    const RunConfig mended = with_changes(workbench_.draft().config(), check.fix_changes);
    workbench_.draft().edit(what, [&](RunConfig& config) { config = mended; });
    message_->showMessage(MessageLevel::kInfo, tr("Changed %1.").arg(changes.join(QStringLiteral(", "))), tr("Undo"));
  } catch (const Error& error) {
    message_->showMessage(MessageLevel::kError, engine_text(error.what()));
  }
}

}  // namespace vernier::ui
