// What else might have stood at a token of an answer, before and after; one of them to go on from.
#pragma once

#include <QLabel>
#include <QTableWidget>
#include <QWidget>

#include "ui/models/answer.h"

namespace vernier::ui {

class AlternativesPanel : public QWidget {
  Q_OBJECT

 public:
  explicit AlternativesPanel(QWidget* parent = nullptr);

  // can_go_on: an answer that was generated, not a row of the data.
  void show_token(AnswerSide side, int index, const AnswerToken& token, bool can_go_on);
  void clear();

 Q_SIGNALS:
  // By a click or Enter.
  void chosen(vernier::ui::AnswerSide side, int index, int id);

 private:
  void choose(int row);

  AnswerSide side_ = AnswerSide::kBase;
  int index_ = -1;
  bool can_go_on_ = false;
  QLabel* head_ = nullptr;
  QTableWidget* table_ = nullptr;
};

}  // namespace vernier::ui
