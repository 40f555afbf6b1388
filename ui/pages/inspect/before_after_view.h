// Before / after: one prompt, answered by the model as it was and as training left it.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <optional>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/alternatives_panel.h"
#include "ui/pages/inspect/answer_pane.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/pages/inspect/prompt_panel.h"
#include "ui/pages/inspect/sampling_panel.h"
#include "ui/pages/page_scroller.h"
#include "ui/session/ask_session.h"
#include "ui/widgets/color_legend.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

class BeforeAfterView : public InspectView {
  Q_OBJECT

 public:
  BeforeAfterView(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  QString title() const override;
  QString tool_tip() const override;
  bool needs_steps() const override { return false; }
  void take_focus() override;
  void reset_layout() override;

  // What the buttons do; for tests too.
  void ask();
  const AskSession& session() const { return session_; }
  QString markdown() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* make_controls();
  QWidget* make_answers();
  void connect_session();
  void connect_run();

  // What can be asked has changed: another run, another state, another checkpoint.
  void show_run();
  void list_adapters();
  std::optional<AskModel> wanted_model() const;
  void show_prompt_seen();
  void show_answer(AnswerSide side, std::size_t first);
  void show_activity();
  void show_scale();
  void show_token(AnswerSide side, int index);
  void select_position(int position);
  AnswerPane& pane(AnswerSide side) { return *panes_[static_cast<std::size_t>(side)]; }

  Workbench& workbench_;
  Actions& actions_;
  AskSession& session_;  // outlives the view
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  QSplitter* content_ = nullptr;
  QComboBox* adapter_ = nullptr;
  PromptPanel* prompt_ = nullptr;
  SamplingPanel* sampling_ = nullptr;
  QPushButton* ask_ = nullptr;
  QPushButton* stop_ = nullptr;
  QPushButton* copy_ = nullptr;
  MessageBar* messages_ = nullptr;
  QLabel* activity_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* seen_ = nullptr;
  QSplitter* rows_ = nullptr;
  std::array<AnswerPane*, kNumAnswerSides> panes_{};
  ColorLegend* legend_ = nullptr;
  AlternativesPanel* alternatives_ = nullptr;
  QString shown_run_;
  qint64 selected_row_ = -1;  // of the sequence that is selected
  std::optional<std::pair<AnswerSide, int>> selected_;
};

}  // namespace vernier::ui
