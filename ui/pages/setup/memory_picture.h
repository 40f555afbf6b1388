// What the run takes of the device's memory, as one bar against what is free.
#pragma once

#include <QWidget>
#include <optional>

#include "ui/plots/data_table_dialog.h"
#include "vernier/memory.h"

namespace vernier::ui {

class MemoryPicture : public QWidget {
  Q_OBJECT

 public:
  explicit MemoryPicture(QWidget* parent);

  // is_exact: of the rows there are; else of the longest that the settings allow. problem: why there is no estimate.
  void show_memory(const std::optional<MemoryEstimate>& memory, bool is_exact, const QString& problem);

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Part {
    QString name;
    quint64 bytes;
  };
  QList<Part> parts() const;
  TableData table() const;
  QString headline() const;

  std::optional<MemoryEstimate> memory_;
  bool is_exact_ = false;
  QString problem_;
};

}  // namespace vernier::ui
