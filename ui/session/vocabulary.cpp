#include "ui/session/vocabulary.h"

#include <algorithm>

#include "ui/session/workbench.h"
#include "vernier/error.h"
#include "vernier/run_store.h"

namespace vernier::ui {
namespace {

constexpr int kBetweenChecks = 4096;
const QChar kShownBlank(0x2423);     // as visible_piece() shows a blank
const QChar kSentencePiece(0x2581);  // how SentencePiece and byte-level vocabularies spell one
const QChar kByteLevel(0x0120);

// The pieces that a name may stand for, likeliest first.
QStringList spellings(const QString& name) {
  QStringList found = {name};
  for (const QChar blank : {kSentencePiece, kByteLevel, QChar(' ')}) {
    QString spelled = name;
    spelled.replace(kShownBlank, blank);
    if (blank != ' ') spelled.replace(' ', blank);
    found << spelled << blank + spelled;
  }
  return found;
}

}  // namespace

Vocabulary::Vocabulary(Workbench* workbench) : QObject(workbench), workbench_(*workbench) {
  RunModel& run = workbench_.run();
  connect(&task_, &Task::failed, this, &Vocabulary::failed);
  connect(&run, &RunModel::wasReset, this, [this] {
    forget();
    load();
  });
  // A run that starts knows its vocabulary with its first step.
  connect(&run, &RunModel::stepsAppended, this, &Vocabulary::load);
  load();
}

void Vocabulary::load() {
  const RunModel& run = workbench_.run();
  const qint64 vocab_size = run.info().vocab_size;
  if (vocab_size <= 0 || run.series().empty() || run.run_dir() == run_dir_) return;
  run_dir_ = run.run_dir();
  task_.start(tr("Reading the vocabulary\u2026"),
              [this, dir = run_dir_.toStdString(), vocab_size](const Task::Progress&,
                                                               const std::stop_token& stop) -> Task::Letter {
                const RunReader reader(dir);
                QStringList pieces, shown;
                pieces.reserve(vocab_size);
                shown.reserve(vocab_size);
                for (qint64 id = 0; id < vocab_size; ++id) {
                  if (id % kBetweenChecks == 0 && stop.stop_requested()) {
                    fail(ErrorCode::kCancelled, "vocabulary", "stopped before all tokens were read.");
                  }
                  pieces.append(QString::fromStdString(reader.piece(static_cast<std::int32_t>(id))));
                  shown.append(visible_piece(pieces.back(), static_cast<std::int32_t>(id)));
                }
                // Of several tokens with one name the first is meant, and a spelling goes before what is shown.
                QHash<QString, int> by_name;
                for (const QStringList* names : {&pieces, &shown}) {
                  for (int id = 0; id < names->size(); ++id) {
                    const QString& name = (*names)[id];
                    if (!pieces[id].isEmpty() && !by_name.contains(name)) by_name.insert(name, id);
                  }
                }
                return [this, pieces, shown, by_name] {
                  // The store of a run that has just begun may not hold them yet: the next steps ask again.
                  if (by_name.isEmpty()) return run_dir_.clear();
                  pieces_ = pieces;
                  shown_ = shown;
                  by_name_ = by_name;
                  Q_EMIT changed();
                };
              });
}

void Vocabulary::forget() {
  task_.stop();
  run_dir_.clear();
  pieces_.clear();
  shown_.clear();
  by_name_.clear();
  Q_EMIT changed();
}

int Vocabulary::find(const QString& name) const {
  for (const QString& spelling : spellings(name)) {
    const auto found = by_name_.constFind(spelling);
    if (found != by_name_.constEnd()) return *found;
  }
  return -1;
}

Vocabulary::Named Vocabulary::parse(const QString& text) const {
  Named named;
  const auto add = [&named](int id, const QString& name) {
    if (id < 0) {
      named.unknown << name;
    } else if (std::find(named.ids.begin(), named.ids.end(), id) == named.ids.end()) {
      named.ids.push_back(id);
    }
  };
  for (qsizetype at = 0; at < text.size();) {
    if (text[at].isSpace()) {
      ++at;
      continue;
    }
    const qsizetype close = text[at] == '"' ? text.indexOf('"', at + 1) : -1;
    if (close > at + 1) {
      const QString name = text.mid(at + 1, close - at - 1);
      add(find(name), name);
      at = close + 1;
      continue;
    }
    qsizetype end = at;
    while (end < text.size() && !text[end].isSpace()) ++end;
    const QString name = text.mid(at, end - at);
    bool is_number = false;
    const qlonglong number = name.toLongLong(&is_number);
    if (is_number && !name.startsWith('+')) {
      add(number >= 0 && number < pieces_.size() ? static_cast<int>(number) : -1, name);
    } else {
      add(find(name), name);
    }
    at = end;
  }
  return named;
}

QString Vocabulary::name_of(std::int32_t id) const {
  const QString shown = shown_.value(id);
  bool is_number = false;
  shown.toLongLong(&is_number);
  const bool is_plain = !shown.contains(' ') && !shown.contains('"') && !is_number;
  // A spelling that means another token first: by its number.
  if (shown.isEmpty()) return QString::number(id);
  if (is_plain && find(shown) == id) return shown;
  if (!shown.contains('"') && find(shown) == id) return '"' + shown + '"';
  return QString::number(id);
}

}  // namespace vernier::ui
