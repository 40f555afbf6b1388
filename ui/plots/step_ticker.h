// Ticks that read well: whole steps with thin spaces, few figures, 1-2-5 on logarithmic axes.
#pragma once

#include <qcustomplot.h>

namespace vernier::ui {

class StepTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override;
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;
};

class FigureTicker : public QCPAxisTicker {
 public:
  explicit FigureTicker(int count) { setTickCount(count); }

 protected:
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;
};

// 0 and one round figure of either sign, for a strip too low for more.
class BoundsTicker : public FigureTicker {
 public:
  BoundsTicker() : FigureTicker(2) {}
  // The share of the axis that a figure takes: one that would touch another is left out, the outermost last.
  void setFigureShare(double share) { share_ = share; }
  double figureShare() const { return share_; }

 protected:
  QVector<double> createTickVector(double step, const QCPRange& range) override;

 private:
  double share_ = 0.0;
};

// A few powers of ten, for a low logarithmic strip.
class PowerTicker : public FigureTicker {
 public:
  PowerTicker() : FigureTicker(3) {}

 protected:
  QVector<double> createTickVector(double step, const QCPRange& range) override;
};

class LogTicker : public FigureTicker {
 public:
  LogTicker() : FigureTicker(6) {}

 protected:
  QVector<double> createTickVector(double step, const QCPRange& range) override;
};

}  // namespace vernier::ui
