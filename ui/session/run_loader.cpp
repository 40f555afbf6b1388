#include "ui/session/run_loader.h"

#include <QDir>
#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

#include "ui/models/curve_watch.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

constexpr std::size_t kRoomToGrow = 8;  // one part in so many

// Its series from `first` on, everything else whole.
RunOverview read_overview(const RunReader& reader, const std::string& run_dir, std::int64_t first) {
  RunOverview overview;
  overview.info = reader.info();
  overview.config = RunConfig::from_json(reader.config(), run_dir);
  overview.series = reader.series(first);
  overview.totals = totals_of(overview.series);
  overview.evals = reader.evals();
  overview.parity = reader.parity_reports();
  overview.messages = reader.messages();
  overview.captures = reader.captures();
  const auto event_of = [&reader](std::int64_t step) {
    const std::vector<StepEvent> steps = reader.steps(step, step);
    return steps.empty() ? StepEvent() : steps.front();
  };
  if (!overview.series.empty()) {
    overview.latest = event_of(overview.series.back().step);
    // A run that goes on may have made steps since its summary was read; news go on after these.
    overview.info.last_step = std::max(overview.info.last_step, overview.series.back().step);
  }
  if (!overview.captures.empty()) overview.latest_capture = event_of(overview.captures.back().step);
  return overview;
}

// Here and not on the window's thread, and with room for the steps to come: a million of them take their time to be
// decimated, smoothed, looked through for alarms, and moved.
void make_ready_to_show(RunOverview& overview, std::size_t smoothing_span) {
  const std::size_t steps = overview.series.size();
  const std::size_t room = std::max(room_for(overview.info.total_steps), steps + steps / kRoomToGrow);
  overview.series.reserve(room);
  overview.curves = std::make_shared<LossSeries>();
  overview.curves->setWidestSpan(smoothing_span);
  overview.curves->reserve(room);
  overview.curves->append(overview.series);
  overview.watch = std::make_shared<CurveWatch>();
  overview.watch->take_in(overview.series, overview.evals);
}

// By its parent's list, which knows how to speak of a damaged one. Nothing where the folder is gone.
std::optional<RunSummary> summary_of(const std::filesystem::path& run_dir) {
  for (RunSummary& run : list_runs(run_dir.parent_path().string())) {
    if (std::filesystem::path(run.run_dir).filename() == run_dir.filename()) return std::move(run);
  }
  return std::nullopt;
}

bool worse(const SequenceRecord& a, const SequenceRecord& b) {
  const auto key = [](const SequenceRecord& s) {
    if (s.loss.num_targets == 0) return -1.0;
    return std::isnan(s.loss.loss) ? HUGE_VAL : s.loss.loss;
  };
  return key(a) > key(b);
}

QString sentence_of(const std::exception& error) {
  return engine_text(error.what());
}

}  // namespace

struct RunLoader::Reading {
  std::string run_dir;
  std::optional<RunReader> reader;
  std::unordered_set<std::int32_t> known;               // ids whose text was found and given
  std::vector<std::pair<std::int32_t, QString>> found;  // of this job

  void look_up(std::int32_t id) {
    if (id < 0 || known.contains(id)) return;
    const std::string text = reader->piece(id);
    if (text.empty()) return;
    known.insert(id);
    found.emplace_back(id, QString::fromStdString(text));
  }
};

RunLoader::RunLoader(QObject* parent) : QObject(parent) {}
RunLoader::~RunLoader() = default;

void RunLoader::ask(Kind kind, std::function<void()> work) {
  const quint64 number = newest_[kind].fetch_add(1) + 1;
  worker_.run([this, kind, number, work = std::move(work)](const std::stop_token& stop) {
    if (stop.stop_requested() || newest_[kind].load() != number) return;
    work();
  });
}

void RunLoader::ask_current(Kind kind, std::function<Letter(Reading&)> work) {
  if (!reading_) return;
  ask(kind, [this, folder = folder_number_, reading = reading_, work = std::move(work)] {
    Letter letter;
    try {
      if (!reading->reader) reading->reader.emplace(reading->run_dir);
      letter = work(*reading);
    } catch (const std::exception& error) {
      letter = [this, sentence = sentence_of(error)] { Q_EMIT failed(sentence); };
    }
    mailbox_.post([this, folder, letter = std::move(letter), found = std::exchange(reading->found, {})] {
      if (folder != folder_number_) return;
      for (const auto& [id, text] : found) pieces_.insert(id, text);
      letter();
    });
  });
}

void RunLoader::list(const QString& runs_dir, const QStringList& recent) {
  ask(kList, [this, runs = runs_dir.toStdString(), recent] {
    std::vector<RunSummary> found = list_runs(runs);
    std::set<std::string> seen;
    for (const RunSummary& run : found) seen.insert(QDir::cleanPath(QString::fromStdString(run.run_dir)).toStdString());
    for (const QString& path : recent) {
      if (!seen.insert(QDir::cleanPath(path).toStdString()).second) continue;
      if (auto run = summary_of(path.toStdString())) found.push_back(std::move(*run));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const RunSummary& a, const RunSummary& b) { return a.started_unix_ms > b.started_unix_ms; });
    mailbox_.post([this, found = std::move(found)] { Q_EMIT listed(found); });
  });
}

void RunLoader::open(const QString& run_dir, std::size_t smoothing_span) {
  ask(kOpen, [this, run_dir, smoothing_span, path = run_dir.toStdString()] {
    try {
      auto overview = std::make_shared<RunOverview>(read_overview(RunReader(path), path, 0));
      make_ready_to_show(*overview, smoothing_span);
      mailbox_.post([this, overview] { Q_EMIT opened(overview); });
    } catch (const std::exception& error) {
      mailbox_.post([this, run_dir, sentence = sentence_of(error)] { Q_EMIT openFailed(run_dir, sentence); });
    }
  });
}

void RunLoader::set_current(const QString& run_dir) {
  ++folder_number_;
  current_ = run_dir;
  pieces_.clear();
  reading_ = std::make_shared<Reading>();
  reading_->run_dir = run_dir.toStdString();
}

void RunLoader::load_news(qint64 last_step) {
  ask_current(kNews, [this, last_step](Reading& reading) -> Letter {
    RunOverview news = read_overview(*reading.reader, reading.run_dir, last_step + 1);
    return [this, news = std::move(news)] { Q_EMIT newsLoaded(news); };
  });
}

void RunLoader::load_sequences(qint64 step) {
  ask_current(kSequences, [this, step](Reading& reading) -> Letter {
    std::vector<SequenceRecord> sequences = reading.reader->sequences(step);
    std::stable_sort(sequences.begin(), sequences.end(), worse);
    return [this, step, sequences = std::move(sequences)] { Q_EMIT sequencesLoaded(step, sequences); };
  });
}

void RunLoader::load_tokens(qint64 step, qint64 index) {
  ask_current(kTokens, [this, step, index](Reading& reading) -> Letter {
    StepTokens tokens;
    try {
      tokens = reading.reader->tokens(step, index);
    } catch (const Error& error) {
      // A step with fewer sequences than the one before it: one of its own is selected once they are listed.
      if (error.code() != ErrorCode::kNotFound) throw;
      return [] {};
    }
    for (const TokenRecord& token : tokens.tokens) {
      reading.look_up(token.input_id);
      reading.look_up(token.argmax);
    }
    return [this, tokens = std::move(tokens)] { Q_EMIT tokensLoaded(tokens); };
  });
}

void RunLoader::load_captures() {
  ask_current(kCaptures, [this](Reading& reading) -> Letter {
    return [this, captures = reading.reader->captures()] { Q_EMIT capturesLoaded(captures); };
  });
}

}  // namespace vernier::ui
