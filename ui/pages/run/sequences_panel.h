// What lies behind the selected step: its sequences, and the tokens of one.
#pragma once

#include <QAction>
#include <QLabel>
#include <QSplitter>
#include <QWidget>
#include <vector>

#include "ui/session/workbench.h"
#include "ui/widgets/sequence_table.h"
#include "ui/widgets/token_ribbon.h"

namespace vernier::ui {

class SequencesPanel : public QWidget {
  Q_OBJECT

 public:
  explicit SequencesPanel(Workbench& workbench, QWidget* parent = nullptr);

  // Pins the row of the selected sequence; disabled where none is selected.
  QAction& pin_action() { return *pin_; }
  void reset_layout();

 Q_SIGNALS:
  // The row of the selected sequence shall be followed through the run.
  void pinWanted(qint64 row);

 private:
  void connect_selection();
  void show_sequences(qint64 step, const std::vector<SequenceRecord>& sequences);
  // The data row of the selected sequence, -1 for none.
  qint64 selected_row() const;

  Workbench& workbench_;
  std::vector<SequenceRecord> records_;
  QSplitter* split_ = nullptr;
  QLabel* step_note_ = nullptr;
  QAction* pin_ = nullptr;
  SequenceTable* sequences_ = nullptr;
  TokenRibbon* ribbon_ = nullptr;
};

}  // namespace vernier::ui
