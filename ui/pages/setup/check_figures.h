// What the pre-flight predicts and measures, each figure with its yardstick.
#pragma once

#include <QLabel>
#include <QWidget>
#include <cstdint>
#include <optional>

#include "ui/pages/flow_layout.h"
#include "vernier/preflight.h"

namespace vernier::ui {

class CheckFigures : public QWidget {
  Q_OBJECT

 public:
  explicit CheckFigures(QWidget* parent = nullptr);

  // Measured where it was, else predicted.
  static std::optional<std::uint64_t> peak_memory(const PreflightReport& report);
  void show_figures(const PreflightReport& report, const RunConfig& config);

 private:
  struct Figure {
    QLabel* value = nullptr;
    QLabel* yardstick = nullptr;
  };
  Figure add(const char* name, const QString& caption, const QString& tool_tip);
  static void set(const Figure& figure, const QString& value, const QString& yardstick);

  FlowLayout* row_ = nullptr;
  Figure memory_, time_, steps_, tokens_, loss_;
};

}  // namespace vernier::ui
