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

// 0 and one round figure, for a strip too low for more.
class BoundsTicker : public FigureTicker {
 public:
  BoundsTicker() : FigureTicker(2) {}

 protected:
  QVector<double> createTickVector(double step, const QCPRange& range) override;
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
