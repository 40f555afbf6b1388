// The run that is being set up: a configuration whose every change can be undone.
#pragma once

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <functional>

#include "vernier/run_config.h"

namespace vernier::ui {

// GUI thread.
class RunDraft : public QObject {
  Q_OBJECT

 public:
  explicit RunDraft(QObject* parent = nullptr) : QObject(parent) {}

  const RunConfig& config() const { return config_; }
  // Changes the configuration by one command of the undo stack, named `what` ("Change learning_rate"). Edits that
  // follow one another with the same merge_key, "" apart, become one command: a dragged line, a typed number. An edit
  // that changes nothing makes no command.
  void edit(const QString& what, const std::function<void(RunConfig&)>& change, const QString& merge_key = {});
  // Another run is set up from here on: nothing before it can be undone.
  void reset(RunConfig config);
  QUndoStack& undo_stack() { return undo_stack_; }

 Q_SIGNALS:
  // By an edit, by undo and redo, or by reset().
  void changed();
  // By undo or redo, after changed(): what was typed and is no change yet is given up as well.
  void wentBack();

 private:
  class Edit;
  void set(const RunConfig& config);
  void go_to(const RunConfig& config);

  RunConfig config_;
  QUndoStack undo_stack_;
};

}  // namespace vernier::ui
