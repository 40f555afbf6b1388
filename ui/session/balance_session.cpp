#include "ui/session/balance_session.h"

#include <utility>

#include "vernier/run_store.h"

namespace vernier::ui {

BalanceSession::BalanceSession(QObject* parent) : QObject(parent) {
  connect(&counting_, &Task::failed, this, &BalanceSession::failed);
  connect(&searching_, &Task::failed, this, &BalanceSession::failed);
}

void BalanceSession::count(const QString& run_dir, qint64 first, qint64 last) {
  counting_.start(tr("Counting targets and answers\u2026"),
                  [this, dir = run_dir.toStdString(), first, last](const Task::Progress& progress,
                                                                   const std::stop_token& stop) -> Task::Letter {
                    const RunReader reader(dir);
                    ClassBalance balance = class_balance(reader, first, last, progress, stop);
                    return [this, balance = std::move(balance)] { Q_EMIT counted(balance); };
                  });
}

void BalanceSession::find_examples(const QString& run_dir, std::int32_t id, ExampleKind kind, qint64 first,
                                   qint64 last) {
  searching_.start(tr("Looking for examples\u2026"),
                   [this, dir = run_dir.toStdString(), id, kind, first, last](
                       const Task::Progress& progress, const std::stop_token& stop) -> Task::Letter {
                     const RunReader reader(dir);
                     std::vector<TokenExample> found =
                         token_examples(reader, id, kind, kExamples, first, last, progress, stop);
                     return [this, id, kind, found = std::move(found)] { Q_EMIT examplesFound(id, kind, found); };
                   });
}

}  // namespace vernier::ui
