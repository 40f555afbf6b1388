// What of the data is learnt: every row's labels seen before a run counts on them.
#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>

#include "ui/pages/actions.h"
#include "ui/pages/setup/label_choice.h"
#include "ui/pages/setup/row_xray.h"
#include "ui/pages/setup/setup_step.h"
#include "ui/plots/length_histogram.h"
#include "ui/session/data_session.h"
#include "ui/widgets/finding_list.h"

namespace vernier::ui {

class LabelsStep : public SetupStep {
  Q_OBJECT

 public:
  LabelsStep(Workbench& workbench, Actions& actions, QWidget* parent);

  QString title() const override { return tr("Labels"); }
  State state() const override;
  QString summary() const override;
  void take_focus() override;
  // Of the rows to train on: "all", "truncated", "lost", or a flag: "unclosed", "placeholder", "special", "duplicate",
  // "bos".
  void show_rows(const QString& which);

 private:
  QWidget* make_choice();
  QWidget* make_lengths();
  QWidget* make_rows();
  void follow_scan(RowSet set);
  void show_counts();
  void refresh();
  void refresh_progress();
  void act(const QString& finding);
  QList<Finding> findings() const;
  void add_lost(RowSet set, const LengthEffect& effect, QList<Finding>& out) const;
  void add_flags(const LabelRows& rows, QList<Finding>& out) const;
  // The format tells more apart than is made use of.
  bool learns_prompts() const;
  QString effect_text() const;

  DataSession& data_;
  LabelChoice* choice_ = nullptr;
  FindingList* findings_ = nullptr;
  QWidget* progress_line_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* progress_text_ = nullptr;
  QPushButton* stop_ = nullptr;
  QPushButton* again_ = nullptr;
  LengthHistogram* lengths_ = nullptr;
  QLabel* effect_ = nullptr;
  RowXray* xray_ = nullptr;
  QTimer counts_timer_;
};

}  // namespace vernier::ui
