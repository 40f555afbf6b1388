// What is asked: a conversation, plain text, or a row of the run's data.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QWidget>

#include "ui/pages/inspect/conversation_editor.h"
#include "ui/session/ask_worker.h"
#include "ui/widgets/prompt_edit.h"

namespace vernier::ui {

class PromptPanel : public QWidget {
  Q_OBJECT

 public:
  explicit PromptPanel(QWidget* parent = nullptr);

  AskPrompt prompt() const;
  // Its kind, and what belongs to that.
  void set_prompt(const AskPrompt& prompt);
  // There is something to ask.
  bool is_complete() const;
  // Prompts that the run is known by, to choose from; none hides the choice.
  void set_examples(const QStringList& examples);
  // Whether the run has evaluation data of its own.
  void set_has_held_out(bool has);
  // The row of the sequence that is selected, -1 for none.
  void set_selected_row(qint64 row);
  void use_row(qint64 row);
  void take_focus();

 Q_SIGNALS:
  void changed();
  void submitted();

 private:
  QWidget* make_row_page();
  void show_kind();

  QComboBox* kind_ = nullptr;
  QLabel* examples_caption_ = nullptr;
  QComboBox* examples_ = nullptr;
  QStackedWidget* pages_ = nullptr;
  ConversationEditor* conversation_ = nullptr;
  PromptEdit* text_ = nullptr;
  QWidget* row_page_ = nullptr;
  QSpinBox* row_ = nullptr;
  QSpinBox* cut_ = nullptr;
  QPushButton* use_selected_ = nullptr;
  qint64 selected_row_ = -1;
};

}  // namespace vernier::ui
