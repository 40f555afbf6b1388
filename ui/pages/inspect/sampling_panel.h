// How the answers are drawn, and how strongly the adapter acts.
#pragma once

#include <QDoubleSpinBox>
#include <QLabel>
#include <QSlider>
#include <QSpinBox>
#include <QTimer>
#include <QWidget>

#include "ui/session/ask_worker.h"

namespace vernier::ui {

class SamplingPanel : public QWidget {
  Q_OBJECT

 public:
  static constexpr double kStrongest = 1.5;

  explicit SamplingPanel(QWidget* parent = nullptr);

  AskSampling sampling() const;
  void set_sampling(const AskSampling& sampling);
  double strength() const;
  void set_strength(double strength);

 Q_SIGNALS:
  // The adapter's strength came to rest at another value.
  void strengthChanged(double strength);

 private:
  void add_strength();
  void show_note();

  QSlider* slider_ = nullptr;
  QDoubleSpinBox* strength_ = nullptr;
  QDoubleSpinBox* temperature_ = nullptr;
  QSpinBox* top_k_ = nullptr;
  QDoubleSpinBox* top_p_ = nullptr;
  QSpinBox* seed_ = nullptr;
  QSpinBox* max_new_tokens_ = nullptr;
  QLabel* note_ = nullptr;
  QTimer settle_;
};

}  // namespace vernier::ui
