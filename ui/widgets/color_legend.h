// A bar that says what the colours of a picture mean.
#pragma once

#include <QColor>
#include <QList>
#include <QPair>
#include <QString>
#include <QWidget>
#include <functional>

namespace vernier::ui {

class ColorLegend : public QWidget {
  Q_OBJECT

 public:
  explicit ColorLegend(QWidget* parent = nullptr);

  // caption: what is measured. map: from 0 to 1 along the bar. ticks: places along the bar and their words.
  void setScale(const QString& caption, std::function<QColor(double)> map, const QList<QPair<double, QString>>& ticks);

  // What hatching says in the picture; "" where nothing is hatched.
  void setHatched(const QString& word);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void describe();

  QString caption_;
  QString hatched_;
  std::function<QColor(double)> map_;
  QList<QPair<double, QString>> ticks_;
};

}  // namespace vernier::ui
