// Two rows and what each of their tokens weighs under either normalisation of the loss, with the sums worked out.
#pragma once

#include <QDoubleSpinBox>
#include <QLabel>
#include <QSpinBox>
#include <QWidget>

#include "ui/plots/data_table_dialog.h"
#include "vernier/run_config.h"

namespace vernier::ui {

// A short row with a high loss beside a long one with a low loss; the reader may change them.
struct ExampleRow {
  int tokens = 1;     // with a label
  double loss = 0.0;  // their mean
};
double loss_per_token(const ExampleRow& a, const ExampleRow& b);
double loss_per_sequence(const ExampleRow& a, const ExampleRow& b);

class NormalizationPicture : public QWidget {
  Q_OBJECT

 public:
  explicit NormalizationPicture(QWidget* parent);

  void show_choice(LossNormalization chosen);

 private:
  class Weights;
  void refresh();
  TableData table() const;

  QSpinBox* tokens_[2];
  QDoubleSpinBox* losses_[2];
  QLabel* formula_[2];
  Weights* weights_[2];
  LossNormalization chosen_ = LossNormalization::kPerToken;
};

}  // namespace vernier::ui
