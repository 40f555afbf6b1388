// How rows of max_length tokens are filled: real ones where the data's lengths are known, else an example.
#pragma once

#include <QWidget>
#include <optional>

#include "ui/plots/data_table_dialog.h"
#include "vernier/outline.h"
#include "vernier/run_config.h"

namespace vernier::ui {

class PackingPicture : public QWidget {
  Q_OBJECT

 public:
  explicit PackingPicture(QWidget* parent);

  void show_rows(const RunConfig& config, const std::optional<RunOutline>& outline);

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString headline() const;
  TableData table() const;

  qint64 capacity_ = 1;
  bool packs_ = false;
  bool is_example_ = true;
  RunOutline outline_;
};

}  // namespace vernier::ui
