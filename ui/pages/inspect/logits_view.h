// The logit microscope: what the model held likely at every position of a row.
#pragma once

#include <QDockWidget>
#include <QLabel>
#include <QMainWindow>
#include <QSplitter>
#include <QTabWidget>
#include <memory>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/pages/inspect/logits_controls.h"
#include "ui/pages/inspect/position_panel.h"
#include "ui/plots/token_map.h"
#include "ui/session/capture_session.h"
#include "ui/session/model_session.h"
#include "ui/session/vocabulary.h"
#include "ui/widgets/token_ribbon.h"
#include "ui/widgets/work_line.h"

namespace vernier::ui {

class LogitsView : public InspectView {
  Q_OBJECT

 public:
  LogitsView(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  QString title() const override;
  QString tool_tip() const override;
  void take_focus() override;
  void reset_layout() override;
  void set_details_shown(bool shown);
  bool details_shown() const { return !dock_->isHidden(); }

 Q_SIGNALS:
  // By the dock's own button.
  void detailsClosed();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* make_pictures();
  void make_details();
  void connect_run();
  void connect_selection();
  void connect_sessions();

  void show_run();
  void show_tokens(const StepTokens& tokens);
  // Asks for what the controls and the selection want.
  void refresh();
  // The capture that fits the selection best: of its sequence, of its step, or the newest before it.
  int best_capture() const;
  void load_capture();
  void ask_model();
  void show_grid(LogitGrid grid, qint64 step, qint64 sequence);
  void show_cells();
  void clear_map(const QString& explanation);
  // What is shown is of the selected sequence.
  bool shows_selected() const;
  void show_map_note();
  void show_position();
  PieceLookup pieces() const;

  Workbench& workbench_;
  Vocabulary& vocabulary_;
  CaptureSession& captures_;
  ModelSession& models_;
  LogitsControls* controls_ = nullptr;
  WorkLine* work_ = nullptr;
  QMainWindow* docks_ = nullptr;
  QDockWidget* dock_ = nullptr;
  QSplitter* pictures_ = nullptr;
  TokenRibbon* ribbon_ = nullptr;
  QLabel* map_note_ = nullptr;
  TokenMap* map_ = nullptr;
  QTabWidget* side_ = nullptr;
  PositionPanel* position_ = nullptr;

  StepTokens tokens_;
  QString wanted_;  // what the map has been asked to show, as a key; "" for nothing
  QString shown_;   // and what it shows
  std::shared_ptr<const LogitGrid> grid_;
  qint64 grid_step_ = -1;  // whose logits these are
  qint64 grid_sequence_ = -1;
};

}  // namespace vernier::ui
