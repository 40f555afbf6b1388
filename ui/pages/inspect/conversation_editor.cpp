#include "ui/pages/inspect/conversation_editor.h"

#include <QHBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/tab_order.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kLines = 3;  // of a turn's text
constexpr std::size_t kMostTurns = 32;

}  // namespace

ConversationEditor::ConversationEditor(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("conversation"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(kSpaceSmall);
  column_ = new QVBoxLayout;
  column_->setSpacing(kSpaceSmall);
  outer->addLayout(column_);
  add_ = new FocusButton(this);
  describe(add_, "addTurn", tr("Add a turn"),
           tr("A conversation of several turns: what was said before shapes the answer. The roles alternate."));
  add_->setText(tr("Add a t&urn"));
  add_->setFocusPolicy(Qt::StrongFocus);
  outer->addWidget(add_, 0, Qt::AlignLeft);
  connect(add_, &QToolButton::clicked, this, [this] {
    const bool after_user = !rows_.empty() && rows_.back().role->currentData().toString() == QLatin1String("user");
    add_row({after_user ? "assistant" : "user", ""});
    rows_.back().text->setFocus();
    Q_EMIT changed();
  });
  set_turns({});
}

std::vector<ChatTurn> ConversationEditor::turns() const {
  std::vector<ChatTurn> all;
  for (const Row& row : rows_) {
    const QString text = row.text->toPlainText();
    if (!text.trimmed().isEmpty())
      all.push_back({row.role->currentData().toString().toStdString(), text.toStdString()});
  }
  return all;
}

void ConversationEditor::set_turns(const std::vector<ChatTurn>& turns) {
  while (!rows_.empty()) {
    delete rows_.back().widget;
    rows_.pop_back();
  }
  for (const ChatTurn& turn : turns) add_row(turn);
  if (turns.empty()) add_row({"user", ""});
  Q_EMIT changed();
}

void ConversationEditor::take_focus() {
  rows_.back().text->setFocus(Qt::OtherFocusReason);
}

void ConversationEditor::add_row(const ChatTurn& turn) {
  Row row;
  row.widget = new QWidget(this);
  auto* layout = new QVBoxLayout(row.widget);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceTiny);
  auto* head = new QHBoxLayout;
  row.role = new QComboBox(row.widget);
  row.role->addItem(tr("System"), QStringLiteral("system"));
  row.role->addItem(tr("User"), QStringLiteral("user"));
  row.role->addItem(tr("Assistant"), QStringLiteral("assistant"));
  row.role->setCurrentIndex(std::max(0, row.role->findData(QString::fromStdString(turn.role))));
  head->addWidget(row.role);
  head->addStretch(1);
  row.remove = new FocusButton(row.widget);
  row.remove->setIcon(make_icon(Icon::kClose));
  row.remove->setAutoRaise(true);
  row.remove->setFocusPolicy(Qt::StrongFocus);
  head->addWidget(row.remove);
  layout->addLayout(head);
  row.text = new PromptEdit(kLines, row.widget);
  row.text->setPlainText(QString::fromStdString(turn.content));
  layout->addWidget(row.text);
  column_->addWidget(row.widget);
  connect(row.role, &QComboBox::currentIndexChanged, this, &ConversationEditor::changed);
  connect(row.text, &PromptEdit::textChanged, this, &ConversationEditor::changed);
  connect(row.text, &PromptEdit::submitted, this, &ConversationEditor::submitted);
  connect(row.remove, &QToolButton::clicked, this, [this, widget = row.widget] { remove_row(widget); });
  rows_.push_back(row);
  order_tabs(rows_.size() > 1 ? rows_[rows_.size() - 2].text : static_cast<QWidget*>(this),
             {row.role, row.remove, row.text});
  refresh();
}

void ConversationEditor::remove_row(const QWidget* widget) {
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [widget](const Row& row) { return row.widget == widget; });
  if (found == rows_.end() || rows_.size() == 1) return;
  found->widget->hide();
  found->widget->deleteLater();  // its own button was pressed
  rows_.erase(found);
  refresh();
  take_focus();
  Q_EMIT changed();
}

void ConversationEditor::refresh() {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    const QString number = QString::number(i + 1);
    describe(row.role, "", tr("Role of turn %1").arg(number),
             tr("Who says it. The chat template writes each role in the model's own way."));
    row.role->setObjectName(QStringLiteral("turnRole%1").arg(number));
    describe(row.text, "", tr("Text of turn %1").arg(number), tr("What is said. Ctrl+Enter asks both models."));
    row.text->setObjectName(QStringLiteral("turnText%1").arg(number));
    row.text->setPlaceholderText(i == 0 ? tr("Ask something\u2026") : QString());
    describe(row.remove, "", tr("Remove turn %1").arg(number), tr("Takes this turn out of the conversation."));
    row.remove->setObjectName(QStringLiteral("removeTurn%1").arg(number));
    row.remove->setVisible(rows_.size() > 1);
  }
  add_->setEnabled(rows_.size() < kMostTurns);
}

}  // namespace vernier::ui
