#include "ui/session/model_session.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "ui/session/session_of.h"
#include "ui/session/workbench.h"
#include "vernier/chat.h"
#include "vernier/error.h"
#include "vernier/tokenizer.h"

namespace vernier::ui {
namespace {

// Loading a model takes most of the first ask.
constexpr double kLoadingShare = 0.5;
constexpr qint64 kLightBytes = 200'000'000;  // of weights

Task::Progress part(const Task::Progress& progress, double from, double to) {
  return [progress, from, to](double fraction) { progress(from + (to - from) * fraction); };
}

std::vector<std::int32_t> ids_of(const LensText& text, const LanguageModel& model, const std::string& model_dir,
                                 const std::string& chat_template) {
  if (text.kind == LensText::Kind::kIds) return text.ids;
  const Tokenizer& tokenizer = tokenizer_of(model, model_dir);
  const std::string words = text.text.toStdString();
  if (text.kind == LensText::Kind::kPlain) return tokenizer.encode(words, true);
  return encode_conversation(chat_template, model_dir, tokenizer, {{{"role", "user"}, {"content", words}}});
}

QHash<int, QString> names_of(const LensPair& pair, const Tokenizer* tokenizer) {
  QHash<int, QString> names;
  if (tokenizer == nullptr) return names;
  const auto name = [&](std::int32_t id) {
    if (!names.contains(id)) names.insert(id, QString::fromStdString(tokenizer->piece(id)));
  };
  for (const LogitLens* lens : {&pair.tuned, &pair.base}) {
    for (const std::int32_t id : lens->input_ids) name(id);
    for (const TopToken& token : lens->tokens) name(token.id);
  }
  return names;
}

// Models that are asked, in use for as long as this lives.
struct Borrowed {
  LoadedModels::Loan loan;
  ModelPair pair;
};

// What `asked` needs: one model, whose adapter can be left out, or two where all weights are trained.
Borrowed borrow(LoadedModels& models, const ModelPlaces& places, Asked asked, const Task::Progress& progress,
                const std::stop_token& stop) {
  if (asked != Asked::kBase && !places.has_tuned()) {
    fail(ErrorCode::kNotFound, "tuned model",
         ModelSession::tr(
             "got none, expected one that the run has saved. It saves at the end, when it is stopped, and on demand.")
             .toStdString());
  }
  const auto model = [&](const QString& folder, const QString& adapter) {
    return WantedModel{.model_dir = folder.toStdString(),
                       .adapter_dir = adapter.toStdString(),
                       .quantization = places.quantization.toStdString()};
  };
  std::vector<WantedModel> wanted;
  if (places.tuned.isEmpty()) {
    wanted = {model(places.base, places.adapter)};
  } else {
    if (asked != Asked::kBase) wanted.push_back(model(places.tuned, {}));
    if (asked != Asked::kTuned) wanted.push_back(model(places.base, {}));
  }
  LoadedModels::Loan loan = models.borrow(wanted, {}, progress, stop);
  const ModelPair pair{.tuned = &loan[0], .base = wanted.size() == 2 ? &loan[1] : nullptr};
  return {.loan = std::move(loan), .pair = pair};
}

}  // namespace

ModelPlaces ModelPlaces::of(const RunModel& run) {
  ModelPlaces places;
  places.base = QString::fromStdString(run.config().model_name_or_path);
  places.quantization = QString::fromStdString(run.config().quantization);
  places.chat_template = QString::fromStdString(run.config().chat_template);
  const QDir folder(run.run_dir());
  const bool trains_weights = run.config().method == Method::kFull;
  const QString saved = folder.filePath(trains_weights ? QStringLiteral("model") : QStringLiteral("adapter"));
  const QFileInfo config(
      QDir(saved).filePath(trains_weights ? QStringLiteral("config.json") : QStringLiteral("adapter_config.json")));
  if (!config.exists()) return places;
  (trains_weights ? places.tuned : places.adapter) = saved;
  places.saved_ms = config.lastModified().toMSecsSinceEpoch();
  return places;
}

bool ModelPlaces::is_light() const {
  const QFileInfoList files = QDir(base).entryInfoList({QStringLiteral("*.safetensors")}, QDir::Files);
  qint64 bytes = 0;
  for (const QFileInfo& file : files) bytes += file.size();
  return !files.isEmpty() && bytes <= kLightBytes;
}

ModelSession::ModelSession(Workbench* workbench)
    : QObject(workbench), models_(session_of<ModelShelf>(*workbench).models()) {
  connect(&workbench->run(), &RunModel::wasReset, this, [this] {
    ask_ = Ask::kNone;
    task_.stop();
  });
  connect(&task_, &Task::failed, this, [this](const QString& sentence) {
    if (ask_ == Ask::kGrid) Q_EMIT gridFailed(sentence);
    if (ask_ == Ask::kLens) Q_EMIT lensFailed(sentence);
  });
}

ModelSession::~ModelSession() = default;

void ModelSession::start(Ask ask, const QString& activity, Task::Work work) {
  ask_ = ask;
  task_.start(activity, std::move(work));
}

void ModelSession::ask_grid(const ModelPlaces& places, const Sequence& of, const std::vector<std::int32_t>& input_ids,
                            const std::vector<std::int32_t>& labels, const GridRows& rows, Asked asked) {
  start(Ask::kGrid, tr("Asking the model\u2026"),
        [this, models = models_, places, of, input_ids, labels, rows, asked](
            const Task::Progress& progress, const std::stop_token& stop) -> Task::Letter {
          const Borrowed borrowed = borrow(*models, places, asked, part(progress, 0.0, kLoadingShare), stop);
          LogitGrid grid =
              logit_grid(borrowed.pair, input_ids, labels, rows, asked, part(progress, kLoadingShare, 1.0), stop);
          return [this, of, grid = std::move(grid)] { Q_EMIT gridReady(grid, of.step, of.index); };
        });
}

void ModelSession::ask_lens(const ModelPlaces& places, const LensText& text, qint64 top, Asked asked) {
  start(Ask::kLens, tr("Looking through the layers\u2026"),
        [this, models = models_, places, text, top, asked](const Task::Progress& progress,
                                                           const std::stop_token& stop) -> Task::Letter {
          const Borrowed borrowed = borrow(*models, places, asked, part(progress, 0.0, kLoadingShare), stop);
          const ModelPair& pair = borrowed.pair;
          const QString& folder = asked == Asked::kBase || places.tuned.isEmpty() ? places.base : places.tuned;
          std::vector<std::int32_t> ids =
              ids_of(text, *pair.tuned, folder.toStdString(), places.chat_template.toStdString());
          const auto all = static_cast<qint64>(ids.size());
          if (all > text.most) ids.resize(static_cast<std::size_t>(text.most));
          auto lens = std::make_shared<const LensPair>(
              logit_lens(pair, ids, top, asked, part(progress, kLoadingShare, 1.0), stop));
          return [this, lens, names = names_of(*lens, pair.tuned->tokenizer()), all,
                  vocab = static_cast<qint64>(pair.tuned->info().vocab_size)] {
            Q_EMIT lensReady(lens, names, vocab, all);
          };
        });
}

}  // namespace vernier::ui
