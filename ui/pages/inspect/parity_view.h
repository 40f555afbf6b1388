// Train / eval parity: do training, evaluation and decoding compute the same thing, and have they all along?
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/plots/parity_history.h"
#include "ui/plots/state_deviations.h"
#include "ui/session/parity_check.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/parity_panel.h"

namespace vernier::ui {

class ParityView : public InspectView {
  Q_OBJECT

 public:
  ParityView(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  QString title() const override;
  QString tool_tip() const override;
  bool uses_selection() const override { return false; }
  void take_focus() override;
  void reset_layout() override;

  // Of a run that goes on its own next check; else one of what it saved, made here.
  void check_now();
  bool can_check() const;
  // The check that is shown, as PATH.md, and all of them as PATH.csv. False where one cannot be written.
  bool save_report(const QString& path);
  bool is_busy() override { return check_.is_busy(); }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* make_content();
  // A model or an adapter that the run saved.
  bool has_saved() const;
  void show_reports();
  void show_report(int index);
  void show_abilities();
  void choose_file();

  Workbench& workbench_;
  ParityCheck check_;
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  MessageBar* messages_ = nullptr;
  QPushButton* check_now_ = nullptr;
  QPushButton* save_ = nullptr;
  QToolButton* pictures_ = nullptr;
  QLabel* note_ = nullptr;
  QSplitter* content_ = nullptr;
  ParityPanel* panel_ = nullptr;
  ParityHistory* history_ = nullptr;
  StateDeviations* states_ = nullptr;
};

}  // namespace vernier::ui
