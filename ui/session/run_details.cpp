#include "ui/session/run_details.h"

#include <QFileInfo>
#include <QSaveFile>
#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "ui/style/paint.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStepsAPiece = 50'000;  // read together, so that a long run shows itself soon
constexpr std::int64_t kRowsAPiece = 20'000;   // of a CSV

// As a spreadsheet reads it: an empty field for what is no number.
void add_field(QByteArray& line, double value, bool last = false) {
  if (std::isfinite(value)) line += QByteArray::number(value, 'g', 9);
  line += last ? '\n' : ',';
}

std::uint64_t bytes_under(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const auto size = entry->file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

}  // namespace

TokenShare token_share(qint64 step, const std::vector<SequenceRecord>& sequences) {
  constexpr double kHalf = 0.5;
  std::vector<std::int64_t> targets;
  std::int64_t all = 0;
  for (const SequenceRecord& one : sequences) {
    if (one.loss.num_targets == 0) continue;
    targets.push_back(one.loss.num_targets);
    all += one.loss.num_targets;
  }
  std::sort(targets.begin(), targets.end(), std::greater<>());
  TokenShare found{step, 0, static_cast<int>(targets.size()), 0.0};
  std::int64_t held = 0;
  for (const std::int64_t count : targets) {
    if (found.share >= kHalf) break;
    held += count;
    ++found.rows;
    found.share = static_cast<double>(held) / static_cast<double>(all);
  }
  return found;
}

QString to_words(const TokenShare& share) {
  if (share.rows == 0) return {};
  return RunDetails::tr("%n row(s) of %1 hold %2 of the tokens with a label", nullptr, share.rows)
      .arg(share.of_rows)
      .arg(percent(share.share, 0));
}

void write_series_csv(const RunReader& reader, const std::string& path, const Task::Progress& progress,
                      const std::stop_token& stop) {
  const auto refuse = [&path](const QString& why) {
    fail(ErrorCode::kIo, path,
         "got \"" + why.toStdString() + "\", expected a file that can be written. Choose another place.");
  };
  QSaveFile file(QString::fromStdString(path));
  if (!file.open(QIODevice::WriteOnly)) refuse(file.errorString());
  file.write(
      "step,loss_per_token,loss_per_sequence,learning_rate,grad_norm,step_ms,tokens_per_second,peak_memory_bytes,"
      "num_tokens,num_items_in_batch,eval_loss_per_token,eval_loss_per_sequence\n");
  const std::vector<EvalEvent> evals = reader.evals();
  std::size_t next_eval = 0;
  const auto add_evals_before = [&](std::int64_t step) {
    for (; next_eval < evals.size() && evals[next_eval].step < step; ++next_eval) {
      QByteArray line = QByteArray::number(static_cast<qlonglong>(evals[next_eval].step)) + ",,,,,,,,,,";
      add_field(line, evals[next_eval].eval_loss_per_token);
      add_field(line, evals[next_eval].eval_loss_per_sequence, true);
      file.write(line);
    }
  };
  const std::int64_t last = reader.info().last_step;
  for (std::int64_t first = 0;;) {
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, path, "stopped before all of it was written.");
    if (progress && last > 0) progress(std::min(1.0, static_cast<double>(first) / static_cast<double>(last)));
    const std::vector<SeriesPoint> points = reader.series(first, first + kRowsAPiece - 1);
    QByteArray lines;
    for (const SeriesPoint& point : points) {
      add_evals_before(point.step);
      QByteArray line = QByteArray::number(static_cast<qlonglong>(point.step)) + ',';
      for (const double value : {point.loss_per_token, point.loss_per_sequence, point.learning_rate, point.grad_norm,
                                 point.step_ms, point.tokens_per_second, point.peak_memory_bytes}) {
        add_field(line, value);
      }
      line += QByteArray::number(static_cast<qlonglong>(point.num_tokens)) + ',' +
              QByteArray::number(static_cast<qlonglong>(point.num_items_in_batch)) + ",,\n";
      file.write(line);
    }
    if (points.empty() && first > reader.info().last_step) break;
    first += kRowsAPiece;
  }
  add_evals_before(INT64_MAX);
  if (!file.commit()) refuse(file.errorString());
}

struct RunDetails::Reading {
  std::string run_dir;
  std::optional<RunReader> reader;
  std::optional<SignalGrid> grid;
  AlarmWatch watch;
  std::int64_t read_until = 0;
  std::vector<std::pair<std::int32_t, QString>> found;  // pieces of this job

  void look_up(const StepTokens& tokens) {
    for (const TokenRecord& token : tokens.tokens) {
      for (const std::int32_t id : {token.input_id, token.argmax}) {
        if (id >= 0) found.emplace_back(id, QString::fromStdString(reader->piece(id)));
      }
    }
  }
};

RunDetails::RunDetails(QObject* parent) : QObject(parent) {
  connect(&csv_, &Task::failed, this, &RunDetails::failed);
}
RunDetails::~RunDetails() = default;

void RunDetails::set_current(const QString& run_dir) {
  ++folder_number_;
  pieces_.clear();
  reading_.reset();
  if (run_dir.isEmpty()) return;
  reading_ = std::make_shared<Reading>();
  reading_->run_dir = run_dir.toStdString();
}

void RunDetails::ask(Kind kind, std::function<Letter(Reading&)> work) {
  if (!reading_) return;
  const quint64 number = newest_[kind].fetch_add(1) + 1;
  worker_.run([this, kind, number, folder = folder_number_, reading = reading_,
               work = std::move(work)](const std::stop_token& stop) {
    if (stop.stop_requested() || newest_[kind].load() != number) return;
    Letter letter;
    try {
      if (!reading->reader) reading->reader.emplace(reading->run_dir);
      letter = work(*reading);
    } catch (const Error& error) {
      // A run that is only about to start has no folder yet.
      if (error.code() == ErrorCode::kNotFound) return;
      letter = [this, sentence = engine_text(error.what())] { Q_EMIT failed(sentence); };
    } catch (const std::exception& error) {
      letter = [this, sentence = engine_text(error.what())] { Q_EMIT failed(sentence); };
    }
    mailbox_.post([this, folder, letter = std::move(letter), found = std::exchange(reading->found, {})] {
      if (folder != folder_number_) return;
      for (const auto& [id, text] : found) pieces_.insert(id, text);
      letter();
    });
  });
}

void RunDetails::read_signals() {
  ask(kSignals, [this](Reading& reading) -> Letter {
    if (!reading.grid || reading.grid->groups().empty()) reading.grid.emplace(reading.reader->gradient_groups());
    const std::int64_t last = reading.reader->info().last_step + 1;  // a failed step's are behind the last one
    const std::int64_t until = std::min(last, reading.read_until + kStepsAPiece);
    reading.reader->for_each_signal(reading.read_until + 1, until, [&reading](const StepSignals& one) {
      reading.grid->add(one);
      reading.watch.add(one);
      reading.read_until = one.step;
      return true;
    });
    const bool complete = until >= last;
    // A stretch without signals is passed over, but what is still to come is asked for again.
    if (!complete) reading.read_until = until;
    return [this, complete, grid = std::make_shared<const SignalGrid>(*reading.grid), alarms = reading.watch.alarms()] {
      Q_EMIT signalsRead(grid, alarms, complete);
      if (!complete) read_signals();
    };
  });
}

void RunDetails::read_signals_of(qint64 first, qint64 last) {
  ask(kSignalsOf, [this, first, last](Reading& reading) -> Letter {
    SignalGrid grid(reading.reader->gradient_groups());
    reading.reader->for_each_signal(first, last, [&grid](const StepSignals& one) {
      grid.add(one);
      return true;
    });
    return [this, grid = std::make_shared<const SignalGrid>(std::move(grid))] { Q_EMIT signalsOfRead(grid); };
  });
}

void RunDetails::read_row(qint64 row) {
  ask(kRow, [this, row](Reading& reading) -> Letter {
    RowThroughRun found;
    found.row = row;
    found.history = reading.reader->history_of_row(row);
    if (!found.history.empty()) {
      const auto tokens_of = [&reading](const SequenceRecord& one) {
        StepTokens tokens = reading.reader->tokens(one.step, one.loss.index);
        reading.look_up(tokens);
        return tokens;
      };
      found.then = tokens_of(found.history.front());
      found.now = tokens_of(found.history.back());
    }
    return [this, found = std::move(found)] { Q_EMIT rowRead(found); };
  });
}

void RunDetails::read_share(qint64 step) {
  ask(kShare, [this, step](Reading& reading) -> Letter {
    return [this, share = token_share(step, reading.reader->sequences(step))] { Q_EMIT shareRead(share); };
  });
}

void RunDetails::save_csv(const QString& path) {
  if (!reading_) return;
  csv_.start(tr("Writing %1").arg(QFileInfo(path).fileName()),
             [this, path, run_dir = reading_->run_dir](const Task::Progress& progress, const std::stop_token& stop) {
               write_series_csv(RunReader(run_dir), path.toStdString(), progress, stop);
               return [this, path] { Q_EMIT csvSaved(path); };
             });
}

void RunDetails::check_disk() {
  ask(kDisk, [this](Reading& reading) -> Letter {
    const fs::path run_dir = reading.run_dir;
    std::error_code error;
    const fs::space_info space = fs::space(run_dir, error);
    if (error) return [] {};
    const std::int64_t saved = reading.reader->info().last_saved_step;
    const std::uint64_t bytes =
        saved > 0 ? bytes_under(run_dir / "checkpoints" / ("step-" + std::to_string(saved))) : std::uint64_t{0};
    return [this, free = space.available, bytes] { Q_EMIT diskChecked(free, bytes); };
  });
}

}  // namespace vernier::ui
