// What the window remembers between two starts.
#pragma once

#include <QByteArray>
#include <QObject>
#include <QSettings>
#include <QString>
#include <QStringList>

#include "ui/session/language.h"
#include "ui/style/theme.h"

namespace vernier::ui {

// Kept in QSettings under the application's names. GUI thread.
class Settings : public QObject {
  Q_OBJECT

 public:
  static constexpr int kSmallestZoom = 50;
  static constexpr int kLargestZoom = 300;

  explicit Settings(QObject* parent = nullptr) : QObject(parent) {}

  // Newest first, without doubles, at most 20.
  QStringList recent_runs() const;
  void add_recent_run(const QString& run_dir);
  void remove_recent_run(const QString& run_dir);
  // Where the open dialog starts.
  QString last_folder() const;
  void set_last_folder(const QString& folder);
  // Where a dialog for another choice than `path` starts: the nearest folder around that which is there; the last
  // folder, or the user's own, where there is no such path.
  QString folder_around(const QString& path) const;

  Theme theme() const;
  void set_theme(Theme theme);
  // Holds from the next start.
  Language language() const;
  void set_language(Language language);
  // Per cent of the desktop's text size.
  int zoom() const;
  void set_zoom(int percent);

  // How the loss is drawn.
  bool is_loss_logarithmic() const;
  void set_loss_logarithmic(bool on);
  bool is_loss_smoothed() const;
  void set_loss_smoothed(bool on);
  // Steps that the smoothing spans at most.
  int smoothing_span() const;
  void set_smoothing_span(int steps);
  bool clips_outliers() const;
  void set_clips_outliers(bool on);
  // The charts under the loss, by name; what the first start shows where nothing was chosen.
  QStringList charts() const;
  void set_charts(const QStringList& names);
  // A desktop notification at the end of a run.
  bool notifies_at_end() const;
  void set_notifies_at_end(bool on);

  // Lessons whose experiment was seen to its end.
  QStringList lessons_done() const;
  void add_lesson_done(const QString& id);

  // Geometry of windows and splitters, by name.
  QByteArray layout(const QString& name) const;
  void set_layout(const QString& name, const QByteArray& state);
  void forget_layouts();

 Q_SIGNALS:
  void recentRunsChanged();
  void themeChanged(vernier::ui::Theme theme);
  void languageChanged(vernier::ui::Language language);
  void zoomChanged(int percent);

 private:
  QSettings store_;
};

}  // namespace vernier::ui
