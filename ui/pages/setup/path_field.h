// A file or folder of the run that is being set up: typed, chosen, or dropped on it.
#pragma once

#include "ui/pages/setup/draft_field.h"

class QPushButton;

namespace vernier::ui {

class PathField : public DraftField {
  Q_OBJECT

 public:
  enum class Kind { kFolder, kFile };

  // get and set: the absolute path, "" for none.
  PathField(RunDraft& draft, FieldText text, Kind kind, std::function<QString(const RunConfig&)> get,
            std::function<void(RunConfig&, const QString&)> set, QWidget* parent);

  // What is wrong with the path that is there, as reading it told; "" where nothing is.
  void set_problem(const QString& problem) { set_error(problem); }
  // As if it had been typed.
  void choose(const QString& path);

 protected:
  void show_draft() override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void browse();

  Kind kind_;
  std::function<QString(const RunConfig&)> get_;
  std::function<void(RunConfig&, const QString&)> set_;
  QLineEdit* line_;
};

}  // namespace vernier::ui
