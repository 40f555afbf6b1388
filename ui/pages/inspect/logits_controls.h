// What the logit microscope shows: whose logits, which tokens, and what the colour says.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QWidget>
#include <vector>

#include "ui/plots/logit_cells.h"
#include "ui/session/vocabulary.h"
#include "ui/widgets/token_list_edit.h"
#include "vernier/run_store.h"

namespace vernier::ui {

class LogitsControls : public QWidget {
  Q_OBJECT

 public:
  enum class Source { kCaptured, kTuned, kBase, kTunedAgainstBase };
  static constexpr int kMostRows = 256;

  explicit LogitsControls(Vocabulary& vocabulary, QWidget* parent = nullptr);

  Source source() const;
  GridRows rows() const;
  bool has_list() const;
  LogitCells::ColorBy color_by() const;
  // Index into the captures: what the shown one is compared with; -1 for nothing.
  int against() const;

  // The slider goes through them. shown: -1 for none, then `placeholder` says why.
  void set_captures(const std::vector<CaptureRecord>& captures, int shown, const QString& placeholder);
  void set_has_tuned(bool has_tuned);
  void step_capture(int by);

 Q_SIGNALS:
  // Index into the captures.
  void captureChosen(int index);
  // Other cells are wanted.
  void contentChanged();
  // The same cells, coloured otherwise.
  void colorChanged();

 private:
  void make_captured(QWidget* parent, QLayout* row);
  void make_rows(QLayout* row);
  void make_colors(QLayout* row);
  void list_against();
  void refresh();
  void show_named();

  Vocabulary& vocabulary_;
  std::vector<CaptureRecord> captures_;
  int shown_ = -1;
  QComboBox* source_ = nullptr;
  QWidget* captured_ = nullptr;
  QToolButton* previous_ = nullptr;
  QSlider* slider_ = nullptr;
  QToolButton* next_ = nullptr;
  QLabel* label_ = nullptr;
  QWidget* against_pair_ = nullptr;
  QComboBox* against_ = nullptr;
  QComboBox* rows_ = nullptr;
  QSpinBox* top_ = nullptr;
  TokenListEdit* list_ = nullptr;
  QLabel* unknown_ = nullptr;
  QComboBox* color_ = nullptr;
};

}  // namespace vernier::ui
