#include "ui/session/capture_session.h"

#include <utility>

#include "vernier/run_store.h"

namespace vernier::ui {

CaptureSession::CaptureSession(QObject* parent) : QObject(parent) {
  connect(&task_, &Task::failed, this, &CaptureSession::failed);
}

void CaptureSession::load(const QString& run_dir, const CaptureRecord& capture, const GridRows& rows,
                          const std::optional<CaptureRecord>& other) {
  task_.start(tr("Reading the logits\u2026"),
              [this, dir = run_dir.toStdString(), capture, rows, other](const Task::Progress&,
                                                                        const std::stop_token& stop) -> Task::Letter {
                const RunReader reader(dir);
                const Capture shown = reader.load_capture(capture);
                std::optional<Capture> compared;
                if (other) compared = reader.load_capture(*other);
                LogitGrid grid = logit_grid(shown, rows, compared ? &*compared : nullptr, stop);
                return [this, capture, grid = std::move(grid)] { Q_EMIT loaded(capture, grid); };
              });
}

}  // namespace vernier::ui
