// "Return logits", with its price before it is turned on and what it took after.
#pragma once

#include <QWidget>
#include <optional>

#include "vernier/inspect.h"
#include "vernier/run_config.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace vernier::ui {

class LogitsSwitch : public QWidget {
  Q_OBJECT

 public:
  explicit LogitsSwitch(QWidget* parent = nullptr);

  // For the options last given by optionsEdited().
  void setPrice(const LogitsPrice& price);
  // Of the captures made so far: bytes each, per cent of the steps that made one.
  void setMeasured(quint64 bytes, double percent);
  // every > 0 is on. No signal. Forgets what was measured.
  void setOptions(const ReturnLogits& options);
  // As the switch stands: every is 0 when it is off.
  ReturnLogits options() const;

 signals:
  // What shall be captured from now on: turned on or off, or edited while on.
  void changed(const vernier::ReturnLogits& options);
  // Every edit, on or off, so that it can be priced: every is that of the field.
  void optionsEdited(const vernier::ReturnLogits& options);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  ReturnLogits edited() const;
  void onToggled(bool on);
  void onEdited();
  void say();

  QCheckBox* switch_ = nullptr;
  QSpinBox* every_ = nullptr;
  QLineEdit* rows_ = nullptr;
  QSpinBox* last_ = nullptr;
  QLabel* note_ = nullptr;
  QLabel* price_label_ = nullptr;
  ReturnLogits given_;  // listed positions live here, no field edits them
  std::optional<LogitsPrice> price_;
  std::optional<std::pair<quint64, double>> measured_;
};

}  // namespace vernier::ui
