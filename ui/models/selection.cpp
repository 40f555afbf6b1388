#include "ui/models/selection.h"

namespace vernier::ui {

void SelectionModel::set(qint64 step, qint64 sequence, int position) {
  const bool new_step = step != step_;
  const bool new_sequence = new_step || sequence != sequence_;
  const bool new_position = position != position_;
  step_ = step;
  sequence_ = sequence;
  position_ = position;
  if (new_step) Q_EMIT stepChanged(step_);
  if (new_sequence) Q_EMIT sequenceChanged(step_, sequence_);
  if (new_position) Q_EMIT positionChanged(position_);
}

void SelectionModel::selectStep(qint64 step) {
  setFollowsNewest(false);
  if (step == step_) return;
  is_picked_ = false;
  set(step, -1, -1);
}

void SelectionModel::selectSequence(qint64 step, qint64 index) {
  if (step != step_) setFollowsNewest(false);
  is_picked_ = true;
  if (step != step_ || index != sequence_) set(step, index, -1);
}

void SelectionModel::proposeSequence(qint64 step, qint64 index) {
  is_picked_ = false;
  if (step != step_ || index != sequence_) set(step, index, -1);
}

void SelectionModel::selectPosition(int position) {
  set(step_, sequence_, position);
}

void SelectionModel::setFollowsNewest(bool follows) {
  if (follows == follows_newest_) return;
  follows_newest_ = follows;
  Q_EMIT followsNewestChanged(follows);
}

void SelectionModel::advanceTo(qint64 step) {
  if (follows_newest_) set(step, sequence_, position_);
}

void SelectionModel::tellAgain() {
  if (step_ < 0) return;
  Q_EMIT stepChanged(step_);
  Q_EMIT sequenceChanged(step_, sequence_);
  Q_EMIT positionChanged(position_);
}

void SelectionModel::clear() {
  setFollowsNewest(true);
  is_picked_ = false;
  set(-1, -1, -1);
}

}  // namespace vernier::ui
