// Every action of the window: menus, buttons and the command palette share them.
#pragma once

#include <QAction>
#include <QActionGroup>
#include <QList>
#include <QObject>

#include "ui/session/workbench.h"
#include "ui/style/icons.h"

namespace vernier::ui {

// Run actions are wired to the workbench and enabled as it allows. The others are wired by the window.
class Actions : public QObject {
  Q_OBJECT

 public:
  explicit Actions(Workbench& workbench, QObject* parent = nullptr);

  QAction* open_run;
  QAction* open_demo;
  QAction* export_run;  // the window opens the dialog
  QAction* quit;

  // Of the run that is being set up; the Set up page wires all but the first two.
  QAction* undo;
  QAction* redo;
  QAction* new_draft;
  QAction* open_run_file;
  QAction* save_run_file;
  QAction* copy_command;
  QAction* start_draft;

  QAction* start;
  QAction* pause;
  QAction* resume;
  QAction* single_step;
  QAction* stop;
  QAction* save;
  QAction* check_parity;
  QAction* follow_newest;

  QActionGroup* pages;
  // Those without a page in the window are hidden.
  QAction* page_start;
  QAction* page_set_up;
  QAction* page_run;
  QAction* page_inspect;
  QAction* page_compare;
  QAction* page_lessons;
  QActionGroup* inspect_views;  // see add_inspect_view()
  QAction* inspect_details;
  QAction* log_loss;
  QAction* smooth_loss;
  QAction* notify_at_end;
  QAction* palette;
  QAction* zoom_in;
  QAction* zoom_out;
  QAction* zoom_reset;
  QActionGroup* themes;
  QAction* theme_system;
  QAction* theme_light;
  QAction* theme_dark;
  QActionGroup* languages;  // each has its Language as data
  QAction* reset_layout;

  QAction* shortcuts;
  QAction* about;

  QAction* of_page(PageId page) const;
  // One that leads to a view of the Inspect page, which wires it.
  QAction* add_inspect_view(const QString& object_name, const QString& title, const QString& tool_tip);

  // All of the above, in the order of the menus.
  const QList<QAction*>& all() const { return all_; }

 private:
  QAction* add(const char* name, const QString& text, const QKeySequence& keys, const QString& tool_tip);
  QAction* add(const char* name, const QString& text, const QKeySequence& keys, const QString& tool_tip, Icon icon);
  void add_file_actions();
  void add_draft_actions();
  void add_run_actions();
  void add_view_actions();
  void add_languages();
  void refresh();

  Workbench& workbench_;
  QList<QAction*> all_;
};

}  // namespace vernier::ui
