// The step, sequence and token that the whole window looks at.
#pragma once

#include <QObject>

namespace vernier::ui {

// -1: none. GUI thread.
class SelectionModel : public QObject {
  Q_OBJECT

 public:
  explicit SelectionModel(QObject* parent = nullptr) : QObject(parent) {}

  qint64 step() const { return step_; }
  qint64 sequence() const { return sequence_; }
  int position() const { return position_; }
  // The newest step is selected whenever one arrives, until somebody picks one.
  bool follows_newest() const { return follows_newest_; }
  // The sequence was chosen by the user, not by the window.
  bool is_picked() const { return is_picked_; }

 public Q_SLOTS:
  // A choice of the user's: ends following.
  void selectStep(qint64 step);
  void selectSequence(qint64 step, qint64 index);
  void selectPosition(int position);
  // The window's own choice, where nobody made one: picks nothing, and following goes on.
  void proposeSequence(qint64 step, qint64 index);
  void setFollowsNewest(bool follows);
  // The newest step moved; a selected sequence index is kept.
  void advanceTo(qint64 step);
  void clear();
  // All that there is, for a window that has come to be since.
  void tellAgain();

 Q_SIGNALS:
  void stepChanged(qint64 step);
  void sequenceChanged(qint64 step, qint64 index);
  void positionChanged(int position);
  void followsNewestChanged(bool follows);

 private:
  void set(qint64 step, qint64 sequence, int position);

  qint64 step_ = -1;
  qint64 sequence_ = -1;
  int position_ = -1;
  bool follows_newest_ = true;
  bool is_picked_ = false;
};

}  // namespace vernier::ui
