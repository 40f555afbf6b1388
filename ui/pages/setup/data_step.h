// Which rows are learnt from: the file, how its columns are read, what is held back, how turns are laid out.
#pragma once

#include <QPushButton>
#include <QTableView>
#include <QToolButton>
#include <string>

#include "ui/models/sample_model.h"
#include "ui/pages/actions.h"
#include "ui/pages/setup/evaluation_choice.h"
#include "ui/pages/setup/row_preview.h"
#include "ui/pages/setup/setup_step.h"
#include "ui/session/data_session.h"
#include "ui/widgets/finding_list.h"

namespace vernier::ui {

class DataStep : public SetupStep {
  Q_OBJECT

 public:
  DataStep(Workbench& workbench, Actions& actions, QWidget* parent);

  QString title() const override { return tr("Data"); }
  State state() const override;
  QString summary() const override;
  void take_focus() override;

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  QWidget* make_file();
  QWidget* make_rows();
  QWidget* make_table();
  void fill_recent();
  void take_demo();
  void refresh();
  void show_sample();
  void act(const QString& finding);
  QList<Finding> findings() const;
  Finding format_finding() const;
  QString shown_rows() const;

  DataSession& data_;
  PathField* path_ = nullptr;
  QToolButton* recent_ = nullptr;
  QPushButton* demo_ = nullptr;
  FindingList* findings_ = nullptr;
  QWidget* rows_ = nullptr;
  SampleModel sample_;
  QTableView* table_ = nullptr;
  QLabel* shown_ = nullptr;
  QPushButton* more_ = nullptr;
  RowPreview* preview_ = nullptr;
  EvaluationChoice* evaluation_ = nullptr;
  std::string sample_path_;  // of what the table shows
};

}  // namespace vernier::ui
