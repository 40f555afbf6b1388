// One answer: what it is, how it went, and its text with a colour a token.
#pragma once

#include <QLabel>
#include <QWidget>

#include "ui/models/answer.h"
#include "ui/widgets/text_ribbon.h"

namespace vernier::ui {

class AnswerPane : public QWidget {
  Q_OBJECT

 public:
  AnswerPane(AnswerSide side, const QString& title, const QString& explanation, QWidget* parent = nullptr);

  // The answer's tokens from `first` on have changed. The answer must stay where it is.
  void show_answer(const Answer& answer, std::size_t first);
  void set_title(const QString& title);
  TextRibbon& ribbon() { return *ribbon_; }

 private:
  QStringList readout(int index) const;

  AnswerSide side_;
  QString explanation_;
  const Answer* answer_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* state_ = nullptr;
  TextRibbon* ribbon_ = nullptr;
};

// "1.2 %", "0.03 %", "1 in 40 000": probabilities from the likely to the very unlikely; "" for one that is not known.
QString probability_text(double probability);

}  // namespace vernier::ui
