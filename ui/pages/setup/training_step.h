// How the model is trained.
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <vector>

#include "ui/pages/setup/draft_field.h"
#include "ui/pages/setup/setup_step.h"
#include "ui/session/draft_facts.h"
#include "ui/session/presets.h"
#include "ui/session/workbench.h"

class QAbstractButton;

namespace vernier::ui {

class MemoryPicture;
class NormalizationPicture;
class PackingPicture;
class SchedulePicture;
class SetupSection;

class TrainingStep : public SetupStep {
  Q_OBJECT

 public:
  TrainingStep(Workbench& workbench, DraftFacts& facts, QWidget* parent);

  QString title() const override { return tr("Training"); }
  State state() const override;
  QString summary() const override;
  void take_focus() override;

 private:
  QWidget* make_presets();
  QWidget* make_run_name();
  SetupSection* add_section(SetupSection* section, const QList<DraftField*>& fields);
  void apply(const Preset& preset);
  void refresh();
  void check_name();
  void choose_folder();
  // Settings that a run would refuse together, in words.
  QString conflict() const;

  Workbench& workbench_;
  RunDraft& draft_;
  DraftFacts& facts_;
  std::vector<Preset> presets_;
  QList<QAbstractButton*> preset_buttons_;
  QLabel* preset_note_ = nullptr;
  QList<DraftField*> fields_;
  QList<DraftField*> adapter_fields_;
  SetupSection* adapter_section_ = nullptr;
  QLabel* batch_ = nullptr;
  MemoryPicture* memory_ = nullptr;
  SchedulePicture* schedule_ = nullptr;
  PackingPicture* packing_ = nullptr;
  NormalizationPicture* normalization_ = nullptr;
  QLineEdit* name_ = nullptr;
  QLabel* name_problem_ = nullptr;
};

}  // namespace vernier::ui
