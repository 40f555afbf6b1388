// One layer of the model as boxes and arrows: which projections training touches, each a switch.
#pragma once

#include <QGridLayout>
#include <QLabel>
#include <QList>
#include <QWidget>

#include "ui/pages/setup/projection_box.h"
#include "ui/plots/data_table_dialog.h"
#include "ui/session/draft_facts.h"

namespace vernier::ui {

class LoraDiagram : public QWidget {
  Q_OBJECT

 public:
  LoraDiagram(RunDraft& draft, DraftFacts& facts, QWidget* parent);

 Q_SIGNALS:
  // The last projection was to be switched off, which would leave nothing to train.
  void refused();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void build();
  void refresh();
  void toggle(ProjectionBox* clicked);
  TableData table() const;
  QLabel* add_label(const QString& text, int row, int rows, int column);

  RunDraft& draft_;
  DraftFacts& facts_;
  QGridLayout* grid_;
  QList<ProjectionBox*> boxes_;
  // Where arrows run, by block: from the input to each first projection, through the operation, to the last, on.
  struct Flow {
    QLabel* from = nullptr;
    QList<ProjectionBox*> first;
    QLabel* operation = nullptr;
    ProjectionBox* last = nullptr;
    QLabel* to = nullptr;
  };
  QList<Flow> flows_;
};

}  // namespace vernier::ui
