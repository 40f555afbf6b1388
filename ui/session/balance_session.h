// Counts a run's targets and answers in the background.
#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <vector>

#include "ui/session/task.h"
#include "vernier/balance.h"

namespace vernier::ui {

// GUI thread.
class BalanceSession : public QObject {
  Q_OBJECT

 public:
  static constexpr int kExamples = 50;

  explicit BalanceSession(QObject* parent = nullptr);

  // Steps [first, last]; last < 0: to the end.
  void count(const QString& run_dir, qint64 first, qint64 last);
  // The occurrences of one token that cost most, in the same steps.
  void find_examples(const QString& run_dir, std::int32_t id, ExampleKind kind, qint64 first, qint64 last);
  Task& counting() { return counting_; }
  Task& searching() { return searching_; }

 Q_SIGNALS:
  void counted(const vernier::ClassBalance& balance);
  void examplesFound(int id, vernier::ExampleKind kind, const std::vector<vernier::TokenExample>& examples);
  void failed(const QString& sentence);

 private:
  Task counting_{this};
  Task searching_{this};
};

}  // namespace vernier::ui
