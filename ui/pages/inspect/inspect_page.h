// Inspect: the views that look at a run close up, each a tab.
#pragma once

#include <QComboBox>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTabBar>
#include <vector>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/pages/page.h"
#include "ui/pages/page_scroller.h"
#include "ui/pages/part_stack.h"
#include "ui/widgets/empty_state.h"

namespace vernier::ui {

class LogitsView;
class ParityView;

class InspectPage : public Page {
  Q_OBJECT

 public:
  InspectPage(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  void take_focus() override;
  void reset_layout() override;
  bool is_busy() override;
  void show_parity();
  // Of the logits view.
  void set_details_shown(bool shown);
  bool details_shown() const;

 Q_SIGNALS:
  // By the dock's own button.
  void detailsClosed();
  // By one of its actions: the window shows this page.
  void wanted();

 private:
  void make_views();
  void add_view(InspectView* view);
  QWidget* make_choosers();
  void connect_selection();
  void show_view(InspectView* view);
  void show_range();
  void show_sequences(qint64 step, const std::vector<SequenceRecord>& sequences);

  Workbench& workbench_;
  Actions& actions_;
  QTabBar* tabs_ = nullptr;
  QWidget* choosers_ = nullptr;
  QSpinBox* step_ = nullptr;
  QComboBox* sequence_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  PageScroller* content_ = nullptr;
  PartStack* view_stack_ = nullptr;
  std::vector<InspectView*> views_;  // in the order of the tabs
  LogitsView* logits_ = nullptr;
  ParityView* parity_ = nullptr;
};

}  // namespace vernier::ui
