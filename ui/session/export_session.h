// Takes a run out of its folder, in the background: an adapter, a checkpoint, a GGUF file, a film.
#pragma once

#include <QObject>
#include <QString>
#include <optional>
#include <stop_token>

#include "ui/session/background.h"
#include "vernier/export.h"
#include "vernier/film.h"

namespace vernier::ui {

enum class ExportKind { kAdapter, kMerged, kGguf, kFilm };

struct ExportRequest {
  ExportKind kind = ExportKind::kAdapter;
  QString run_dir;
  QString dtype;  // "": as the engine chooses
  QString out;
};

// GUI thread.
class ExportSession : public QObject {
  Q_OBJECT

 public:
  explicit ExportSession(QObject* parent = nullptr) : QObject(parent) {}
  ~ExportSession() override;

  // Finds out what would be written: planned() or refused(). A newer ask takes the place of one that waits. Not for
  // films, whose size nobody knows before.
  void plan(const ExportRequest& request);
  // finished(), filmed() or failed(). Nothing while another goes on.
  void start(const ExportRequest& request);
  void cancel();

  bool is_busy() const { return is_busy_; }
  bool is_planning() const { return is_planning_; }
  const QString& stage() const { return stage_; }
  double fraction() const { return fraction_; }

 Q_SIGNALS:
  void planned(const vernier::ExportPlan& plan);
  void refused(const QString& sentence);
  void progressed();
  void finished(const vernier::ExportResult& result);
  void filmed(const vernier::FilmResult& result);
  // "" where it was cancelled.
  void failed(const QString& sentence);

 private:
  bool is_busy_ = false;
  bool is_planning_ = false;
  QString stage_;
  double fraction_ = 0.0;
  quint64 plan_ = 0;
  std::stop_source stop_;
  Mailbox mailbox_;
  Worker planner_;  // these two last: they post to the mailbox
  Worker worker_;
};

}  // namespace vernier::ui
