// What the run that is being set up will be, always in sight: what is trained on what, and what it costs.
#pragma once

#include <QLabel>
#include <QWidget>

#include "ui/session/draft_facts.h"

namespace vernier::ui {

class DraftSummary : public QWidget {
  Q_OBJECT

 public:
  DraftSummary(RunDraft& draft, DraftFacts& facts, QWidget* parent);

 private:
  // A figure with its name above; the tooltip says how it comes about.
  QLabel* add_figure(const char* object_name, const QString& name, QLayout* layout);
  void refresh();
  QString sentence() const;

  RunDraft& draft_;
  DraftFacts& facts_;
  QLabel* sentence_ = nullptr;
  QLabel* trained_ = nullptr;
  QLabel* tokens_ = nullptr;
  QLabel* steps_ = nullptr;
  QLabel* memory_ = nullptr;
  QLabel* time_ = nullptr;
};

// 7 615 616 as "7.62 M", 36 864 as "36.9 k".
QString short_count(qint64 count);

}  // namespace vernier::ui
