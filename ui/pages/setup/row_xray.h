// All rows of the data as bars, and the chosen one token by token.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QSplitter>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/models/row_selection.h"
#include "ui/plots/label_bars.h"
#include "ui/session/data_session.h"
#include "ui/widgets/mask_ribbon.h"

namespace vernier::ui {

class RowXray : public QWidget {
  Q_OBJECT

 public:
  RowXray(DataSession& session, QWidget* parent);

  RowSet set() const { return set_; }
  void show_set(RowSet set);
  void show_all();
  // Only the rows that lost every label, ...
  void show_lost();
  // ... for this reason, ...
  void show_lost(LostReason reason);
  // ... that are cut, ...
  void show_truncated();
  // ... or that have this flag.
  void show_flagged(LabelFlag flag);
  void take_focus();

 Q_SIGNALS:
  void setChanged(vernier::ui::RowSet set);

 private:
  QWidget* make_choosers();
  // Behind each reason how many rows it would show.
  void count_reasons();
  void show_choice(const LabelRowQuery& query);
  LabelRowQuery query() const;
  void follow_scan();
  void follow_draft();
  // At once where the rows are few; else a stretch at a time, while the rows shown before stay.
  void select();
  void go_on_selecting();
  void show_selected();
  void choose(int index);
  int scale() const;
  LabelBar bar(int index) const;
  QStringList readout(int index) const;
  QString explanation() const;

  DataSession& data_;
  RowSet set_ = RowSet::kTraining;
  QComboBox* set_box_ = nullptr;
  QComboBox* show_ = nullptr;
  QStringList reasons_;  // what show_ offers, without the counts
  QComboBox* order_ = nullptr;
  QLabel* count_ = nullptr;
  QSplitter* splitter_ = nullptr;
  LabelBars* bars_ = nullptr;
  QLabel* row_title_ = nullptr;
  MaskRibbon* ribbon_ = nullptr;
  std::vector<std::uint32_t> shown_;  // indices into the scan's rows
  std::int32_t cut_at_ = 0;
  std::size_t selected_for_ = 0;  // rows that there were
  LabelRowQuery selected_query_;
  std::optional<RowSelection> selecting_;  // goes on
  bool selects_again_ = false;             // once that is done: more rows came meanwhile
  bool chooses_first_ = false;             // once that is done
  qint64 row_ = -1;                        // chosen; an index into the scan's rows
  QTimer select_timer_;
  QTimer stretch_timer_;
};

}  // namespace vernier::ui
