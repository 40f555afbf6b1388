// Packing and normalisation: the step's rows as they were packed, and what each token weighs in either loss.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/plots/packing_map.h"
#include "ui/session/layout_loader.h"
#include "ui/widgets/color_legend.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

class PackingView : public InspectView {
  Q_OBJECT

 public:
  // kDifference: how much more a token weighs per sequence than per token.
  enum class Show { kPerToken, kPerSequence, kDifference };

  PackingView(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  QString title() const override;
  QString tool_tip() const override;
  void take_focus() override;
  bool is_busy() override { return settle_.isActive() || loader_.is_busy(); }

  const StepLayout& layout_shown() const { return layout_; }

 protected:
  void showEvent(QShowEvent* event) override;
  void changeEvent(QEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  void add_actions(QMenu& menu);
  void make_head(QVBoxLayout& column);
  void wish(qint64 step);
  void load();
  void show_layout(const StepLayout& layout);
  void paint_rows();
  void show_legend();
  void show_selection();
  Show shown() const { return static_cast<Show>(by_->currentData().toInt()); }
  PackedPiece piece_of(const LaidSequence& sequence) const;
  // Of a target of the sequence.
  QColor color_of(const LaidSequence& sequence) const;
  double height_of(const LaidSequence& sequence) const;
  QStringList readout(int strip, int piece, qint64 position) const;

  Workbench& workbench_;
  LayoutLoader loader_;
  QTimer settle_;
  StepLayout layout_;
  qint64 wanted_ = -1;  // step
  qint64 loaded_ = -1;  // asked for last
  MessageBar* messages_ = nullptr;
  QComboBox* by_ = nullptr;
  QLabel* fill_ = nullptr;
  QLabel* weight_ = nullptr;
  ColorLegend* legend_ = nullptr;
  PackingMap* map_ = nullptr;
};

}  // namespace vernier::ui
