#include "ui/pages/run/answers_panel.h"

#include <QHeaderView>
#include <QVBoxLayout>

#include "ui/pages/describe.h"
#include "ui/pages/roomy_delegate.h"
#include "ui/style/theme.h"

namespace vernier::ui {

AnswersPanel::AnswersPanel(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  layout->setSpacing(kSpaceSmall);
  note_ = make_note({}, this, false);
  note_->setObjectName(QStringLiteral("answersNote"));
  layout->addWidget(note_);
  table_ = new QTableView(this);
  describe(table_, "answersTable", tr("Answers before and after"),
           tr("The same five prompts, greedily answered by the model as it came and as it was tuned. None of them is "
              "among the training rows."));
  table_->setModel(&workbench_.demo().answers());
  table_->setItemDelegate(new RoomyDelegate(table_));
  show_as_rows(table_);
  fit_rows_to_text(table_);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table_->horizontalHeader()->setSectionResizeMode(AnswersModel::kPrompt, QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setSectionResizeMode(AnswersModel::kLearned, QHeaderView::ResizeToContents);
  layout->addWidget(table_, 1);
  connect(&workbench_.demo(), &DemoSession::answersChanged, this, &AnswersPanel::refresh);
  connect(&workbench_.demo(), &DemoSession::loaded, this, &AnswersPanel::refresh);
  refresh();
}

void AnswersPanel::refresh() {
  const DemoSession& demo = workbench_.demo();
  const AnswersModel& answers = workbench_.demo().answers();
  if (!demo.activity().isEmpty()) {
    note_->setText(demo.activity());
  } else if (answers.has_after()) {
    note_->setText(tr("%1 of %2 answers hold what they should. Greedy decoding, the same prompts.")
                       .arg(answers.hits())
                       .arg(answers.rowCount()));
  } else {
    note_->setText(tr("The answers after training follow when the run has ended."));
  }
}

}  // namespace vernier::ui
