#include "ui/pages/compare/prompts_panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kPromptLines = 4;

}  // namespace

PromptsPanel::PromptsPanel(CompareSession& session, QWidget* parent) : QWidget(parent), session_(session) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  prompts_ = new QPlainTextEdit(this);
  describe(prompts_, "comparePrompts", tr("Prompts"),
           tr("One prompt a line. Each is put to every run through the model's chat template and answered greedily, so "
              "that a difference comes from the training alone."));
  prompts_->setPlaceholderText(tr("One prompt a line"));
  prompts_->setTabChangesFocus(true);
  prompts_->setFixedHeight(fontMetrics().lineSpacing() * kPromptLines + 2 * kSpaceSmall);
  row->addWidget(prompts_, 1);
  auto* buttons = new QVBoxLayout;
  buttons->setSpacing(kSpaceTiny);
  ask_ = new QPushButton(tr("&Ask"), this);
  describe(ask_, "compareAsk", tr("Ask"), tr("Loads one model after the other and asks each the same prompts."));
  cancel_ = new QPushButton(tr("&Cancel"), this);
  describe(cancel_, "compareCancel", tr("Cancel the asking"), tr("Ends the asking. Answers that are there stay."));
  for (QPushButton* button : {ask_, cancel_}) {
    button->setAutoDefault(true);
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  row->addLayout(buttons);
  layout->addLayout(row);
  progress_ = new QProgressBar(this);
  describe(progress_, "compareAskProgress", tr("Progress of the asking"), tr("How many of the runs have answered."));
  progress_->setTextVisible(false);
  layout->addWidget(progress_);
  note_ = make_note({}, this, false);
  note_->setObjectName(QStringLiteral("compareAskNote"));
  layout->addWidget(note_);
  answers_ = new ComparisonPanel("compareAnswers", tr("Prompt"), tr("Answers"),
                                 tr("The same prompt in a row, a run in a column."), false, this);
  layout->addWidget(answers_, 1);
  connect(ask_, &QPushButton::clicked, this, &PromptsPanel::ask);
  connect(cancel_, &QPushButton::clicked, &session_, &CompareSession::cancel);
  connect(prompts_, &QPlainTextEdit::textChanged, this, &PromptsPanel::refresh);
  connect(&session_, &CompareSession::runsChanged, this, &PromptsPanel::show_runs);
  connect(&session_, &CompareSession::answered, this, &PromptsPanel::show_answers);
  connect(&session_, &CompareSession::askingChanged, this, &PromptsPanel::refresh);
  refresh();
}

QStringList PromptsPanel::prompts() const {
  QStringList out;
  for (const QString& line : prompts_->toPlainText().split(QLatin1Char('\n'))) {
    if (!line.trimmed().isEmpty()) out << line.trimmed();
  }
  return out;
}

void PromptsPanel::show_runs() {
  if (prompts_->document()->isEmpty()) {
    prompts_->setPlainText(session_.suggested_prompts().join(QLatin1Char('\n')));
  }
  asked_.clear();
  of_run_.clear();
  fill();
  refresh();
}

void PromptsPanel::ask() {
  asked_ = prompts();
  of_run_ = QList<QStringList>(static_cast<qsizetype>(session_.runs().size()));
  fill();
  session_.ask(asked_);
}

void PromptsPanel::show_answers(int run, const QStringList& answers) {
  if (run >= of_run_.size()) return;
  of_run_[run] = answers;
  fill();
}

void PromptsPanel::fill() {
  QStringList names;
  for (const ComparedRun& run : session_.runs()) names << run.name;
  std::vector<ComparisonRow> rows;
  for (int prompt = 0; prompt < asked_.size(); ++prompt) {
    ComparisonRow row;
    row.name = asked_[prompt];
    for (const QStringList& answers : of_run_) row.values << answers.value(prompt);
    rows.push_back(row);
  }
  answers_->model().set(names, std::move(rows));
}

void PromptsPanel::refresh() {
  const bool is_asking = session_.is_asking();
  const bool had_focus = ask_->hasFocus() || cancel_->hasFocus();
  ask_->setVisible(!is_asking);
  ask_->setEnabled(!prompts().isEmpty() && !session_.runs().empty());
  cancel_->setVisible(is_asking);
  if (had_focus) (is_asking ? cancel_ : ask_)->setFocus(Qt::OtherFocusReason);
  const int runs = static_cast<int>(session_.runs().size());
  progress_->setVisible(is_asking);
  progress_->setRange(0, std::max(1, runs));
  progress_->setValue(session_.asked_run());
  if (is_asking) {
    note_->setText(tr("Asking %1\u2026").arg(session_.runs()[static_cast<std::size_t>(session_.asked_run())].name));
  } else {
    note_->setText(asked_.isEmpty() ? tr("The answers stand here side by side once the runs were asked.") : QString());
  }
  note_->setVisible(!note_->text().isEmpty());
}

}  // namespace vernier::ui
