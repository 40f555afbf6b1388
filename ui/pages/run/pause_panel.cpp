#include "ui/pages/run/pause_panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/pages/describe.h"
#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

// "4f3a91bc2d5e6f70" as "4f3a 91bc 2d5e 6f70", to be compared by eye.
QString in_fours(const std::string& hash) {
  QString text = QString::fromStdString(hash);
  for (qsizetype at = text.size() - 4; at > 0; at -= 4) text.insert(at, QChar(0x2009));
  return text;
}

}  // namespace

PausePanel::PausePanel(Workbench& workbench, QWidget* parent) : QFrame(parent), workbench_(workbench) {
  setObjectName(QStringLiteral("pausePanel"));
  setFrameShape(QFrame::StyledPanel);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceMedium, kSpaceSmall, kSpaceMedium, kSpaceSmall);
  layout->setSpacing(kSpaceSmall);
  words_ = make_note({}, this);
  words_->setObjectName(QStringLiteral("pauseWords"));
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  words_->setFocusPolicy(Qt::NoFocus);
  words_->setToolTip(
      tr("A checksum over the weights that are trained, the optimizer's moments, and the sampler's and "
         "random state: everything that training goes on from. Equal before and after means that the run "
         "goes on as if nobody had looked."));
  auto* head = new QHBoxLayout;
  head->addWidget(words_, 1);
  auto* close = new FocusButton(this);
  describe(close, "pauseClose", tr("Hide"), tr("Hides what was found; log.txt of the run folder keeps it."));
  close->setIcon(make_icon(Icon::kClose));
  close->setFocusPolicy(Qt::StrongFocus);
  connect(close, &QAbstractButton::clicked, this, &QWidget::hide);
  head->addWidget(close, 0, Qt::AlignTop);
  layout->addLayout(head);
  asking_ = make_asking();
  layout->addWidget(asking_);
  answer_ = make_note({}, this);
  answer_->setObjectName(QStringLiteral("pauseAnswer"));
  answer_->setTextFormat(Qt::PlainText);
  answer_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  answer_->setFocusPolicy(Qt::NoFocus);
  layout->addWidget(answer_);
  show_words({});
  hide();

  connect(&workbench_.session(), &RunSession::paused, this, &PausePanel::show_pause);
  connect(&workbench_.session(), &RunSession::answered, this, &PausePanel::show_answer);
  connect(&workbench_.run(), &RunModel::activityChanged, this, &PausePanel::follow);
  connect(&workbench_.run(), &RunModel::wasReset, this, [this] {
    if (!workbench_.session().is_active()) hide();
  });
  // Another window may have been told.
  const std::optional<PauseEvent>& pause = workbench_.session().last_pause();
  if (workbench_.run().activity() == Activity::kPaused && pause) show_pause(*pause);
}

QWidget* PausePanel::make_asking() {
  auto* row = new QWidget(this);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  question_ = new QLineEdit(row);
  describe(question_, "pauseQuestion", tr("Question to the paused model"),
           tr("Answered with the weights as they stand at this step, token by token, the likeliest each time. Return "
              "asks."));
  question_->setPlaceholderText(tr("Ask the model as it is now"));
  ask_ = new QPushButton(tr("As&k"), row);
  describe(ask_, "pauseAsk", tr("Ask"), tr("Answers with the weights of this step; training is not touched by it."));
  ask_->setAutoDefault(false);
  auto* look = new QPushButton(tr("Inspect its tokens"), row);
  describe(look, "pauseInspect", tr("Inspect its tokens"),
           tr("Goes to the Inspect page with the newest step; the run stays paused."));
  look->setAutoDefault(false);
  connect(question_, &QLineEdit::returnPressed, this, &PausePanel::ask);
  connect(ask_, &QPushButton::clicked, this, &PausePanel::ask);
  connect(look, &QPushButton::clicked, this, [this] { workbench_.show(PageId::kInspect); });
  connect(question_, &QLineEdit::textChanged, ask_,
          [this](const QString& text) { ask_->setEnabled(!text.trimmed().isEmpty()); });
  ask_->setEnabled(false);
  layout->addWidget(question_, 1);
  layout->addWidget(ask_);
  layout->addWidget(look);
  return row;
}

void PausePanel::show_pause(const PauseEvent& pause) {
  const QString step = grouped(pause.step), before = in_fours(pause.state_hash);
  if (pause.state_hash_after.empty()) {
    words_->setText(tr("Paused after step %1; the training state is %2. Look, ask, check parity or do a single step: "
                       "before the run goes on, the state is compared with this one.")
                        .arg(step, before));
    show_words({});
    show();
    return;
  }
  words_->setText(
      pause.looking_changed_something()
          ? tr("Something changed the run while it was paused after step %1: the training state was %2, it is "
               "%3. Resume the run from its last checkpoint.")
                .arg(step, before, in_fours(pause.state_hash_after))
          : tr("The training state was %1 at the pause after step %2 and before going on: looking changed "
               "nothing.")
                .arg(before, step));
}

void PausePanel::show_words(const QString& answer) {
  answer_->setText(answer);
  answer_->setVisible(!answer.isEmpty());
}

void PausePanel::show_answer(const AnswerEvent& answer) {
  ask_->setEnabled(answer.done && !question_->text().trimmed().isEmpty());
  if (!answer.error.empty()) {
    show_words(engine_text(answer.error));
    return;
  }
  show_words(QString::fromStdString(answer.text) + (answer.done ? QString() : QStringLiteral(" \u2026")));
}

void PausePanel::follow(Activity activity) {
  const bool is_paused = activity == Activity::kPaused && workbench_.session().is_active();
  asking_->setVisible(is_paused);
  if (!is_paused) show_words({});
  if (activity == Activity::kLoading) hide();
}

void PausePanel::ask() {
  const QString question = question_->text().trimmed();
  if (question.isEmpty() || !ask_->isEnabled()) return;
  ask_->setEnabled(false);
  show_words(tr("Reading the question\u2026"));
  workbench_.session().ask(question);
}

}  // namespace vernier::ui
