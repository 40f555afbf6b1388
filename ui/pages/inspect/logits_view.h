// The logits of captured rows, with the tokens they stand for.
#pragma once

#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QMainWindow>
#include <QSplitter>
#include <QTabWidget>
#include <vector>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/pages/inspect/position_panel.h"
#include "ui/plots/logit_heat_map.h"
#include "ui/widgets/logits_switch.h"
#include "ui/widgets/token_ribbon.h"

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

 private:
  QWidget* make_chooser();
  QWidget* make_pictures();
  void make_details();
  void connect_run();
  void connect_selection();

  void show_run();
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
  QComboBox* capture_ = nullptr;
  QMainWindow* docks_ = nullptr;
  QDockWidget* dock_ = nullptr;
  QSplitter* pictures_ = nullptr;
  TokenRibbon* ribbon_ = nullptr;
  QLabel* map_note_ = nullptr;
  LogitHeatMap* map_ = nullptr;
  QTabWidget* side_ = nullptr;
  PositionPanel* position_ = nullptr;
  LogitsSwitch* logits_ = nullptr;
  QLabel* logits_note_ = nullptr;

  StepTokens tokens_;
  CaptureRecord wanted_capture_;  // step 0: none
  CaptureRecord shown_capture_;
  qint64 options_step_ = 0;  // captures up to this step were made with other options
  std::vector<PositionView> positions_;
};

}  // namespace vernier::ui
