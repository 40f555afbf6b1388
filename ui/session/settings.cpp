#include "ui/session/settings.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>

namespace vernier::ui {
namespace {

constexpr int kMostRecentRuns = 20;
const QLatin1String kRecent("recent_runs");
const QLatin1String kFolder("last_folder");
const QLatin1String kTheme("theme");
const QLatin1String kLanguage("language");
const QLatin1String kZoom("zoom");
const QLatin1String kLogarithmic("loss_logarithmic");
const QLatin1String kSmoothed("loss_smoothed");
const QLatin1String kLessons("lessons_done");
const QLatin1String kSmoothingSpan("smoothing_span");
const QLatin1String kClips("clips_outliers");
const QLatin1String kCharts("charts");
const QLatin1String kNotifies("notifies_at_end");
const QLatin1String kLayout("layout");
constexpr int kFirstSmoothingSpan = 20;

}  // namespace

QStringList Settings::recent_runs() const {
  return store_.value(kRecent).toStringList();
}

void Settings::add_recent_run(const QString& run_dir) {
  const QString path = QDir::cleanPath(QDir(run_dir).absolutePath());
  QStringList runs = recent_runs();
  runs.removeAll(path);
  runs.prepend(path);
  while (runs.size() > kMostRecentRuns) runs.removeLast();
  store_.setValue(kRecent, runs);
  Q_EMIT recentRunsChanged();
}

void Settings::remove_recent_run(const QString& run_dir) {
  QStringList runs = recent_runs();
  if (runs.removeAll(run_dir) == 0) return;
  store_.setValue(kRecent, runs);
  Q_EMIT recentRunsChanged();
}

QString Settings::last_folder() const {
  return store_.value(kFolder).toString();
}
QString Settings::folder_around(const QString& path) const {
  if (!QDir::isAbsolutePath(path)) return last_folder().isEmpty() ? QDir::homePath() : last_folder();
  QString folder = QFileInfo(path).path();
  while (!QFileInfo(folder).isDir() && folder != QFileInfo(folder).path()) folder = QFileInfo(folder).path();
  return folder;
}

void Settings::set_last_folder(const QString& folder) {
  store_.setValue(kFolder, folder);
}

Theme Settings::theme() const {
  return theme_from_string(store_.value(kTheme).toString());
}

void Settings::set_theme(Theme theme) {
  store_.setValue(kTheme, to_string(theme));
  Q_EMIT themeChanged(theme);
}

Language Settings::language() const {
  return language_from_string(store_.value(kLanguage).toString());
}

void Settings::set_language(Language language) {
  store_.setValue(kLanguage, to_string(language));
  Q_EMIT languageChanged(language);
}

int Settings::zoom() const {
  return std::clamp(store_.value(kZoom, 100).toInt(), kSmallestZoom, kLargestZoom);
}

void Settings::set_zoom(int percent) {
  const int value = std::clamp(percent, kSmallestZoom, kLargestZoom);
  store_.setValue(kZoom, value);
  Q_EMIT zoomChanged(value);
}

bool Settings::is_loss_logarithmic() const {
  return store_.value(kLogarithmic, false).toBool();
}
void Settings::set_loss_logarithmic(bool on) {
  store_.setValue(kLogarithmic, on);
}

bool Settings::is_loss_smoothed() const {
  return store_.value(kSmoothed, true).toBool();
}
void Settings::set_loss_smoothed(bool on) {
  store_.setValue(kSmoothed, on);
}

QStringList Settings::lessons_done() const {
  return store_.value(kLessons).toStringList();
}

void Settings::add_lesson_done(const QString& id) {
  QStringList done = lessons_done();
  if (done.contains(id)) return;
  store_.setValue(kLessons, done << id);
}

int Settings::smoothing_span() const {
  return std::max(1, store_.value(kSmoothingSpan, kFirstSmoothingSpan).toInt());
}
void Settings::set_smoothing_span(int steps) {
  store_.setValue(kSmoothingSpan, steps);
}

bool Settings::clips_outliers() const {
  return store_.value(kClips, false).toBool();
}
void Settings::set_clips_outliers(bool on) {
  store_.setValue(kClips, on);
}

QStringList Settings::charts() const {
  const QStringList first = {QStringLiteral("gap"), QStringLiteral("learning_rate"), QStringLiteral("gradient_norm")};
  return store_.value(kCharts, first).toStringList();
}
void Settings::set_charts(const QStringList& names) {
  store_.setValue(kCharts, names);
}

bool Settings::notifies_at_end() const {
  return store_.value(kNotifies, true).toBool();
}
void Settings::set_notifies_at_end(bool on) {
  store_.setValue(kNotifies, on);
}

QByteArray Settings::layout(const QString& name) const {
  return store_.value(kLayout + QLatin1Char('/') + name).toByteArray();
}

void Settings::set_layout(const QString& name, const QByteArray& state) {
  store_.setValue(kLayout + QLatin1Char('/') + name, state);
}

void Settings::forget_layouts() {
  store_.remove(kLayout);
}

}  // namespace vernier::ui
