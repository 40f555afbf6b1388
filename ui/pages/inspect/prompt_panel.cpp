#include "ui/pages/inspect/prompt_panel.h"

#include <QFormLayout>
#include <QLabel>
#include <QStandardItemModel>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "ui/pages/describe.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kTextLines = 6;

// Only as high as the page that is shown.
class SnugStack : public QStackedWidget {
 public:
  using QStackedWidget::QStackedWidget;
  QSize sizeHint() const override { return currentWidget()->sizeHint(); }
  QSize minimumSizeHint() const override { return currentWidget()->minimumSizeHint(); }
};

}  // namespace

PromptPanel::PromptPanel(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceSmall);
  kind_ = new QComboBox(this);
  describe(kind_, "askKind", tr("What is asked"),
           tr("Turns go through the chat template, as they did in training. Text goes in as it is. A row shows what "
              "training did to the very data."));
  const auto add = [this](const QString& words, AskPrompt::Kind kind) {
    kind_->addItem(words, static_cast<int>(kind));
  };
  add(tr("A conversation"), AskPrompt::Kind::kChat);
  add(tr("Plain text"), AskPrompt::Kind::kText);
  add(tr("A row of the training data"), AskPrompt::Kind::kRow);
  add(tr("A row of the held-out data"), AskPrompt::Kind::kHeldOutRow);
  const auto add_field = [this, column](const QString& caption, QWidget* field) {
    auto* words = new QLabel(caption, this);
    words->setBuddy(field);
    column->addWidget(words);
    column->addWidget(field);
    return words;
  };
  add_field(tr("&What is asked"), kind_);
  examples_ = new QComboBox(this);
  describe(examples_, "askExamples", tr("Examples"),
           tr("Questions whose answers this training changes. Choosing one puts it into the conversation."));
  examples_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  examples_->setMinimumContentsLength(20);
  examples_->setPlaceholderText(tr("Choose an example\u2026"));
  examples_caption_ = add_field(tr("E&xamples"), examples_);

  pages_ = new SnugStack(this);
  conversation_ = new ConversationEditor(pages_);
  pages_->addWidget(conversation_);
  text_ = new PromptEdit(kTextLines, pages_);
  describe(
      text_, "askText", tr("Text to go on from"),
      tr("The model goes on from here. Special tokens that are written out, such as </s>, count as such. Ctrl+Enter "
         "asks both models."));
  text_->setPlaceholderText(tr("Once upon a time\u2026"));
  pages_->addWidget(text_);
  row_page_ = make_row_page();
  pages_->addWidget(row_page_);
  column->addWidget(pages_);

  connect(kind_, &QComboBox::currentIndexChanged, this, &PromptPanel::show_kind);
  connect(examples_, &QComboBox::activated, this, [this](int index) {
    kind_->setCurrentIndex(0);
    conversation_->set_turns({{"user", examples_->itemText(index).toStdString()}});
  });
  connect(conversation_, &ConversationEditor::changed, this, &PromptPanel::changed);
  connect(conversation_, &ConversationEditor::submitted, this, &PromptPanel::submitted);
  connect(text_, &PromptEdit::textChanged, this, &PromptPanel::changed);
  connect(text_, &PromptEdit::submitted, this, &PromptPanel::submitted);
  connect(row_, &QSpinBox::valueChanged, this, &PromptPanel::changed);
  connect(cut_, &QSpinBox::valueChanged, this, &PromptPanel::changed);
  set_examples({});
  set_selected_row(-1);
  show_kind();
}

QWidget* PromptPanel::make_row_page() {
  auto* page = new QWidget(pages_);
  auto* form = new QFormLayout(page);
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(kSpaceMedium);
  form->setVerticalSpacing(kSpaceSmall);
  row_ = new QSpinBox(page);
  describe(row_, "askRow", tr("Row"),
           tr("A row of the data, counted from 0. Its prompt is asked, and what it says next stands below both answers "
              "with its probability before and after."));
  row_->setRange(0, std::numeric_limits<int>::max());
  row_->setAccelerated(true);
  form->addRow(tr("&Row"), row_);
  cut_ = new QSpinBox(page);
  describe(cut_, "askCut", tr("Tokens of the prompt"),
           tr("How much of the row is given. Usually what stands before its first label: what training never asked the "
              "model to say."));
  cut_->setRange(0, std::numeric_limits<int>::max());
  cut_->setSpecialValueText(tr("up to its first label"));
  form->addRow(tr("Prompt &tokens"), cut_);
  use_selected_ = new QPushButton(page);
  describe(use_selected_, "askSelectedRow", tr("Use the selected sequence"),
           tr("The row of the sequence that is selected here and on the Run page."));
  form->addRow(use_selected_);
  connect(use_selected_, &QPushButton::clicked, this, [this] { use_row(selected_row_); });
  return page;
}

AskPrompt PromptPanel::prompt() const {
  AskPrompt prompt;
  prompt.kind = static_cast<AskPrompt::Kind>(kind_->currentData().toInt());
  switch (prompt.kind) {
    case AskPrompt::Kind::kChat:
      prompt.turns = conversation_->turns();
      break;
    case AskPrompt::Kind::kText:
      prompt.text = text_->toPlainText().toStdString();
      break;
    case AskPrompt::Kind::kRow:
    case AskPrompt::Kind::kHeldOutRow:
      prompt.row = row_->value();
      prompt.cut = cut_->value();
      break;
  }
  return prompt;
}

void PromptPanel::set_prompt(const AskPrompt& prompt) {
  kind_->setCurrentIndex(kind_->findData(static_cast<int>(prompt.kind)));
  switch (prompt.kind) {
    case AskPrompt::Kind::kChat:
      conversation_->set_turns(prompt.turns);
      break;
    case AskPrompt::Kind::kText:
      text_->setPlainText(QString::fromStdString(prompt.text));
      break;
    case AskPrompt::Kind::kRow:
    case AskPrompt::Kind::kHeldOutRow:
      row_->setValue(static_cast<int>(std::clamp<std::int64_t>(prompt.row, 0, std::numeric_limits<int>::max())));
      cut_->setValue(static_cast<int>(std::clamp<std::int64_t>(prompt.cut, 0, std::numeric_limits<int>::max())));
      break;
  }
}

bool PromptPanel::is_complete() const {
  const AskPrompt now = prompt();
  if (now.kind == AskPrompt::Kind::kChat) return !now.turns.empty();
  return now.kind != AskPrompt::Kind::kText || !now.text.empty();
}

void PromptPanel::set_examples(const QStringList& examples) {
  QStringList shown;
  for (int i = 0; i < examples_->count(); ++i) shown << examples_->itemText(i);
  for (QWidget* one : {static_cast<QWidget*>(examples_), static_cast<QWidget*>(examples_caption_)}) {
    one->setVisible(!examples.isEmpty());
  }
  if (shown == examples) return;
  examples_->clear();
  examples_->addItems(examples);
  examples_->setCurrentIndex(-1);
  if (!examples.isEmpty() && conversation_->turns().empty()) {
    conversation_->set_turns({{"user", examples.front().toStdString()}});
  }
}

void PromptPanel::set_has_held_out(bool has) {
  auto* items = qobject_cast<QStandardItemModel*>(kind_->model());
  const int index = kind_->findData(static_cast<int>(AskPrompt::Kind::kHeldOutRow));
  items->item(index)->setEnabled(has);
  items->item(index)->setToolTip(has ? QString() : tr("This run holds nothing out (eval_dataset, eval_fraction)."));
  if (!has && kind_->currentIndex() == index) kind_->setCurrentIndex(0);
}

void PromptPanel::set_selected_row(qint64 row) {
  selected_row_ = row;
  use_selected_->setEnabled(row >= 0);
  use_selected_->setText(row < 0 ? tr("Use the &selected sequence")
                                 : tr("Use the &selected sequence: row %1").arg(row));
}

void PromptPanel::use_row(qint64 row) {
  kind_->setCurrentIndex(kind_->findData(static_cast<int>(AskPrompt::Kind::kRow)));
  row_->setValue(static_cast<int>(std::clamp<qint64>(row, 0, std::numeric_limits<int>::max())));
}

void PromptPanel::take_focus() {
  if (pages_->currentWidget() == conversation_) {
    conversation_->take_focus();
  } else {
    (pages_->currentWidget() == text_ ? static_cast<QWidget*>(text_) : row_)->setFocus(Qt::OtherFocusReason);
  }
}

void PromptPanel::show_kind() {
  const auto kind = static_cast<AskPrompt::Kind>(kind_->currentData().toInt());
  pages_->setCurrentWidget(kind == AskPrompt::Kind::kChat   ? static_cast<QWidget*>(conversation_)
                           : kind == AskPrompt::Kind::kText ? static_cast<QWidget*>(text_)
                                                            : row_page_);
  use_selected_->setVisible(kind == AskPrompt::Kind::kRow);
  pages_->updateGeometry();
  Q_EMIT changed();
}

}  // namespace vernier::ui
