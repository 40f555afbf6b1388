// The tokens of a run's vocabulary: what they are called, and which ones a text names.
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "ui/session/task.h"
#include "ui/style/paint.h"

namespace vernier::ui {

class Workbench;

// Of the run that the workbench shows. GUI thread; the run store is read in the background.
class Vocabulary : public QObject {
  Q_OBJECT

 public:
  explicit Vocabulary(Workbench* workbench);

  // By id; "" where the store does not know it.
  const QStringList& pieces() const { return pieces_; }
  QString piece(std::int32_t id) const { return pieces_.value(id); }
  // As visible_piece() shows them.
  const QStringList& shown() const { return shown_; }
  PieceLookup lookup() const {
    return [pieces = pieces_](std::int32_t id) { return pieces.value(id); };
  }
  // Tokens that are named one behind the other, separated by blanks: an id, a piece as it is spelled or as it is shown,
  // with or without the mark of a blank before it; in double quotes where it looks like an id or holds a blank.
  struct Named {
    std::vector<std::int32_t> ids;  // in their order, each once
    QStringList unknown;
  };
  Named parse(const QString& text) const;
  // What parse() reads as this token alone.
  QString name_of(std::int32_t id) const;

 Q_SIGNALS:
  void changed();
  void failed(const QString& sentence);

 private:
  // What the run's store knows of its tokens, where that was not read yet.
  void load();
  void forget();
  int find(const QString& name) const;

  Workbench& workbench_;
  QString run_dir_;  // that is read or was
  QStringList pieces_, shown_;
  QHash<QString, int> by_name_;  // spelled and shown; of several the first
  Task task_{this};
};

}  // namespace vernier::ui
