// One projection in the picture of a layer: a box to switch, with its shape and what LoRA adds to it.
#pragma once

#include <QAbstractButton>

#include "vernier/describe.h"

namespace vernier::ui {

class ProjectionBox : public QAbstractButton {
  Q_OBJECT

 public:
  explicit ProjectionBox(const ProjectionInfo& projection, QWidget* parent);

  const ProjectionInfo& projection() const { return projection_; }
  // Trained parameters in all layers; -1 while they are not known. full: all of the projection's own.
  void set_trained(qint64 parameters, bool full);
  qint64 trained() const { return trained_; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString shape_text() const;
  QString trained_text() const;

  ProjectionInfo projection_;
  qint64 trained_ = -1;
  bool full_ = false;
};

}  // namespace vernier::ui
