// What was found, one sentence a line, each with a shape for its weight and, where something can be done, a button.
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

#include "ui/widgets/state_icon.h"

class QVBoxLayout;

namespace vernier::ui {

struct Finding {
  QString id;  // "lost": what actionTriggered() tells
  StateShape shape = StateShape::kInfo;
  QString sentence;
  QString action;    // a verb; empty for no button
  QString tool_tip;  // of the button
  bool operator==(const Finding&) const = default;
};

// Takes no room while there are none. GUI thread only.
class FindingList : public QWidget {
  Q_OBJECT

 public:
  explicit FindingList(QWidget* parent = nullptr);

  void setFindings(const QList<Finding>& findings);
  const QList<Finding>& findings() const { return findings_; }

 Q_SIGNALS:
  void actionTriggered(const QString& id);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void build();

  QList<Finding> findings_;
  QVBoxLayout* layout_;
};

}  // namespace vernier::ui
