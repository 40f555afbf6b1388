// The alarms of the shown run, kept up to date while it goes on.
#pragma once

#include <QObject>
#include <QSet>
#include <QString>
#include <QTimer>
#include <optional>
#include <utility>
#include <vector>

#include "ui/models/curve_watch.h"
#include "ui/models/run_model.h"
#include "vernier/alarms.h"

namespace vernier::ui {

// "Divergence": what the alarm is called.
QString name_of(AlarmKind kind);
// The evidence with its yardstick, and what to do: two sentences.
QString to_words(const Alarm& alarm);
// The verb that leads to the evidence.
QString action_of(AlarmKind kind);

// GUI thread.
class RunAlarms : public QObject {
  Q_OBJECT

 public:
  // The model must outlive it.
  explicit RunAlarms(RunModel& run, QObject* parent = nullptr);

  // From what is read of the run's signals and of its disk.
  void set_signal_alarms(const std::vector<Alarm>& alarms);
  void set_disk(quint64 free_bytes, quint64 save_bytes);
  // Not shown again in this run.
  void dismiss(AlarmKind kind);

  // Those not dismissed, in the order of the steps; one a kind.
  std::vector<Alarm> alarms() const;

 Q_SIGNALS:
  void changed();

 private:
  void restart();
  // For some milliseconds, and later on: a million steps would hold up the window.
  void take_in();
  void tell();

  RunModel& run_;
  CurveWatch curves_;
  std::vector<Alarm> of_signals_;
  std::optional<Alarm> disk_;
  QSet<int> dismissed_;
  QString run_dir_;
  std::vector<std::pair<AlarmKind, std::int64_t>> told_;
  QTimer timer_;
};

}  // namespace vernier::ui
