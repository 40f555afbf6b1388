// The turns of a conversation, to be put through a chat template.
#pragma once

#include <QComboBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWidget>
#include <vector>

#include "ui/session/ask_worker.h"
#include "ui/widgets/prompt_edit.h"

namespace vernier::ui {

class ConversationEditor : public QWidget {
  Q_OBJECT

 public:
  explicit ConversationEditor(QWidget* parent = nullptr);

  // Those with text, in order.
  std::vector<ChatTurn> turns() const;
  // One empty turn of the user's where there is none.
  void set_turns(const std::vector<ChatTurn>& turns);
  void take_focus();

 Q_SIGNALS:
  void changed();
  // Ctrl+Enter in a text.
  void submitted();

 private:
  struct Row {
    QWidget* widget = nullptr;
    QComboBox* role = nullptr;
    PromptEdit* text = nullptr;
    QToolButton* remove = nullptr;
  };
  void add_row(const ChatTurn& turn);
  void remove_row(const QWidget* widget);
  void refresh();

  QVBoxLayout* column_ = nullptr;
  QToolButton* add_ = nullptr;
  std::vector<Row> rows_;
};

}  // namespace vernier::ui
