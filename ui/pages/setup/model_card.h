// What a model is, in figures, and what is wrong with its folder, in words.
#pragma once

#include <QVBoxLayout>
#include <QWidget>

#include "ui/session/draft_facts.h"

namespace vernier::ui {

class ModelCard : public QWidget {
  Q_OBJECT

 public:
  ModelCard(DraftFacts& facts, QWidget* parent);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void refresh();
  void add_problem(const ModelProblem& problem);
  void add_read_again();

  DraftFacts& facts_;
  QVBoxLayout* layout_;
};

}  // namespace vernier::ui
