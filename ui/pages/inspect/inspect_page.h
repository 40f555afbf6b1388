// Inspect: tokens, logits and parity, close up.
#pragma once

#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QMainWindow>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QWidget>
#include <vector>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/position_panel.h"
#include "ui/pages/page_scroller.h"
#include "ui/plots/logit_heat_map.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/logits_switch.h"
#include "ui/widgets/parity_panel.h"
#include "ui/widgets/token_ribbon.h"

namespace vernier::ui {

class InspectPage : public QWidget {
  Q_OBJECT

 public:
  InspectPage(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  // Opens the details where they are closed.
  void show_parity();
  void reset_layout();
  // Where the keyboard goes when the page is chosen.
  void take_focus();
  void set_details_shown(bool shown);
  bool details_shown() const { return !dock_->isHidden(); }

 Q_SIGNALS:
  // By the dock's own button.
  void detailsClosed();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QWidget* make_choosers();
  QWidget* make_pictures();
  void make_details(Actions& actions);
  void connect_run();
  void connect_selection();

  void show_run();
  void show_range();
  void show_sequences(qint64 step, const std::vector<SequenceRecord>& sequences);
  void show_tokens(const StepTokens& tokens);
  void list_captures();
  // The capture that fits the selection best: of its sequence, of its step, or the newest before it.
  void choose_capture();
  void show_capture(const CaptureRecord& record, const std::vector<PositionView>& positions);
  void show_position();
  void show_map_note();
  void show_price(const ReturnLogits& options);
  void show_measured();
  void show_abilities();
  PieceLookup pieces() const;

  Workbench& workbench_;
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  PageScroller* content_ = nullptr;
  QSpinBox* step_ = nullptr;
  QComboBox* sequence_ = nullptr;
  QComboBox* capture_ = nullptr;
  QMainWindow* docks_ = nullptr;
  QDockWidget* dock_ = nullptr;
  QSplitter* pictures_ = nullptr;
  TokenRibbon* ribbon_ = nullptr;
  QLabel* map_note_ = nullptr;
  LogitHeatMap* map_ = nullptr;
  QTabWidget* side_ = nullptr;
  PositionPanel* position_ = nullptr;
  QWidget* parity_tab_ = nullptr;
  ParityPanel* parity_ = nullptr;
  LogitsSwitch* logits_ = nullptr;
  QLabel* logits_note_ = nullptr;

  StepTokens tokens_;
  CaptureRecord wanted_capture_;  // step 0: none
  CaptureRecord shown_capture_;
  qint64 options_step_ = 0;  // captures up to this step were made with other options
  std::vector<PositionView> positions_;
};

}  // namespace vernier::ui
