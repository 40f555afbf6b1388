// Start: recent runs, a run folder, or the demo.
#pragma once

#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>

#include "ui/models/runs_model.h"
#include "ui/pages/actions.h"
#include "ui/pages/page.h"
#include "ui/widgets/empty_state.h"

namespace vernier::ui {

class StartPage : public Page {
  Q_OBJECT

 public:
  StartPage(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  void take_focus() override;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void make_table();
  void open_index(const QModelIndex& index);

  Workbench& workbench_;
  RunsModel runs_;
  QSortFilterProxyModel sorted_;
  QTableView* table_ = nullptr;
  EmptyState* empty_ = nullptr;
  QStackedWidget* stack_ = nullptr;
};

}  // namespace vernier::ui
