// Lessons: short experiments on the bundled model, each predict, run, reveal.
#pragma once

#include <QListWidget>
#include <QSplitter>
#include <QToolButton>
#include <vector>

#include "ui/pages/actions.h"
#include "ui/pages/page.h"
#include "ui/pages/part_stack.h"
#include "ui/session/lesson_session.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

class LessonView;

class LessonsPage : public Page {
  Q_OBJECT

 public:
  LessonsPage(Workbench& workbench, const LessonFunction& run, QWidget* parent = nullptr);

  void take_focus() override;
  void reset_layout() override;
  // The lesson at `row` of the list.
  void show_lesson(int row);
  // What was begun, or seen to its end, in another window.
  void show_again();
  // A lesson's experiment goes on.
  bool is_running() const { return !session_.running().isEmpty(); }

 private:
  QWidget* make_list();
  void load();
  void connect_session();
  void refresh();
  void mark(int row);
  void set_projector(bool on);
  LessonView* view_of(const QString& id) const;

  Workbench& workbench_;
  LessonSession& session_;  // outlives the page
  MessageBar* messages_ = nullptr;
  QSplitter* split_ = nullptr;
  QListWidget* list_ = nullptr;
  QToolButton* projector_ = nullptr;
  PartStack* stack_ = nullptr;
  std::vector<LessonView*> views_;  // by the list's rows
};

}  // namespace vernier::ui
