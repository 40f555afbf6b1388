// Which model is trained, and what of it.
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QTableView>

#include "ui/models/found_models.h"
#include "ui/pages/setup/draft_field.h"
#include "ui/pages/setup/lora_diagram.h"
#include "ui/pages/setup/path_field.h"
#include "ui/pages/setup/setup_step.h"
#include "ui/session/workbench.h"

namespace vernier::ui {

class ModelStep : public SetupStep {
  Q_OBJECT

 public:
  ModelStep(Workbench& workbench, DraftFacts& facts, QWidget* parent);

  QString title() const override { return tr("Model"); }
  State state() const override;
  QString summary() const override;
  void take_focus() override;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* make_choice();
  QWidget* make_training();
  void find_models();
  void refresh();

  RunDraft& draft_;
  DraftFacts& facts_;
  PathField* path_ = nullptr;
  PathField* adapter_path_ = nullptr;
  DraftField* rank_ = nullptr;
  DraftField* random_ = nullptr;
  QTableView* table_ = nullptr;
  FoundModelsModel found_;
  QLabel* searching_ = nullptr;
  QLabel* trained_ = nullptr;
  LoraDiagram* diagram_ = nullptr;
  bool was_searched_ = false;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
