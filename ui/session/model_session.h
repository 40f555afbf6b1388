// Asks the shown run's model now: before training and as it is tuned.
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <cstdint>
#include <memory>
#include <vector>

#include "ui/models/run_model.h"
#include "ui/session/model_shelf.h"
#include "ui/session/task.h"
#include "vernier/lens.h"
#include "vernier/logit_grid.h"

namespace vernier::ui {

// Where a run's models lie. Equal places hold the same weights.
struct ModelPlaces {
  QString base;     // a model folder
  QString adapter;  // of the tuned one; "" where the run has saved none yet
  QString tuned;    // instead of an adapter, where all weights are trained: a model folder
  QString quantization = QStringLiteral("none");  // of the run's weights
  QString chat_template;                          // of the run; "" for the folder's
  qint64 saved_ms = 0;                            // when the tuned one was written

  bool has_tuned() const { return !adapter.isEmpty() || !tuned.isEmpty(); }
  // So small that it can be asked without being waited for.
  bool is_light() const;
  bool operator==(const ModelPlaces&) const = default;
  static ModelPlaces of(const RunModel& run);
};

// What is looked at through the lens: ids, or a text that the model's own tokenizer cuts.
struct LensText {
  enum class Kind { kIds, kPlain, kChat };
  Kind kind = Kind::kIds;
  std::vector<std::int32_t> ids;
  QString text;
  qint64 most = 256;  // tokens; what comes later is left out, which changes nothing before it
};

class Workbench;

// GUI thread. Models are loaded when they are first asked.
class ModelSession : public QObject {
  Q_OBJECT

 public:
  explicit ModelSession(Workbench* workbench);
  ~ModelSession() override;

  // of: which sequence of the run these tokens are; comes back with the answer.
  struct Sequence {
    qint64 step = 0;
    qint64 index = 0;
  };
  void ask_grid(const ModelPlaces& places, const Sequence& of, const std::vector<std::int32_t>& input_ids,
                const std::vector<std::int32_t>& labels, const GridRows& rows, Asked asked);
  void ask_lens(const ModelPlaces& places, const LensText& text, qint64 top, Asked asked);
  // One thing is asked at a time.
  Task& task() { return task_; }

 Q_SIGNALS:
  void gridReady(const vernier::LogitGrid& grid, qint64 step, qint64 index);
  void gridFailed(const QString& sentence);
  // names: how the model's own tokenizer spells the tokens of the lens, by id; cut: of how many tokens these are.
  void lensReady(std::shared_ptr<const vernier::LensPair> lens, const QHash<int, QString>& names, qint64 vocab_size,
                 qint64 cut_from);
  void lensFailed(const QString& sentence);

 private:
  enum class Ask { kNone, kGrid, kLens };
  void start(Ask ask, const QString& activity, Task::Work work);

  std::shared_ptr<LoadedModels> models_;
  Ask ask_ = Ask::kNone;  // the latest
  Task task_{this};       // last: its work uses the models
};

}  // namespace vernier::ui
