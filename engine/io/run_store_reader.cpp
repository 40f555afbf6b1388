#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "engine/io/atomic_file.h"
#include "engine/io/capture_file.h"
#include "engine/io/run_lock.h"
#include "engine/io/run_store_schema.h"
#include "engine/io/signal_codec.h"
#include "engine/io/sqlite.h"
#include "engine/io/token_codec.h"
#include "vernier/error.h"
#include "vernier/run_store.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using run_store::database_path;
using run_store::index_of;
using run_store::sequence_id;
using run_store::step_of;

// A range of steps as it stands in a query.
struct StepRange {
  StepRange(std::int64_t first_in, std::int64_t last_in)
      : first(std::clamp<std::int64_t>(first_in, 0, run_store::kMaxStep + 1)),
        last(last_in < 0 ? run_store::kMaxStep : std::min(last_in, run_store::kMaxStep)) {}
  std::int64_t first;
  std::int64_t last;
};

// "SELECT id, row, num_tokens, num_targets, loss ..."
SequenceRecord sequence_of(const Statement& select) {
  SequenceRecord record;
  const std::int64_t id = select.integer(0);
  record.step = step_of(id);
  record.loss.index = index_of(id);
  record.loss.row = select.integer(1);
  record.loss.num_tokens = select.integer(2);
  record.loss.num_targets = select.integer(3);
  record.loss.loss = select.real(4);
  return record;
}

std::vector<SequenceRecord> read_sequences(Statement& select) {
  std::vector<SequenceRecord> records;
  while (select.step()) records.push_back(sequence_of(select));
  return records;
}

[[noreturn]] void fail_damaged(const std::string& what) {
  fail(ErrorCode::kInvalidInput, "run.db", "damaged run store: " + what);
}

}  // namespace

void run_store::check_version(Database& database, const std::string& run_dir) {
  if (database.query_integer("SELECT count(*) FROM sqlite_schema") == 0) {
    fail(ErrorCode::kNotFound, "run", run_dir + ": got an empty run.db, expected the folder of a run that has begun.");
  }
  if (database.query_integer("PRAGMA application_id") != kApplicationId) {
    fail(ErrorCode::kInvalidInput, "run", run_dir + ": got a run.db of another program, expected a run store.");
  }
  const std::int64_t version = database.query_integer("PRAGMA user_version");
  if (version > kVersion) {
    fail(ErrorCode::kUnsupported, "run",
         run_dir + ": got a run store of version " + std::to_string(version) + ", expected at most " +
             std::to_string(kVersion) + ". A newer Vernier wrote it.");
  }
  if (version != kVersion) fail_damaged("got version " + std::to_string(version) + " (" + run_dir + ").");
}

bool run_store::has_layouts(Database& database) {
  return database.query_integer("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'layouts'") != 0;
}

std::string run_store::run_json_of(Database& database) {
  StatementScope select = database.statement("SELECT value FROM info WHERE key = ?1");
  select->bind(1, std::string_view(kRunJsonKey));
  return select->step() ? select->text(0) : "";
}

struct RunReader::Impl {
  Impl(fs::path dir_in, Database database_in) : dir(std::move(dir_in)), database(std::move(database_in)) {}

  // Tokens of the sequence that `select` stands on: "SELECT id, row, num_tokens, num_targets, loss, tokens ...".
  StepTokens tokens_of(const Statement& select);

  // Earlier versions made fewer tables.
  bool has_added_tables() {
    return database.query_integer("SELECT count(*) FROM sqlite_schema WHERE name IN ('signals', 'pauses')") == 2;
  }

  fs::path dir;
  Database database;
};

RunReader::RunReader(const std::string& run_dir) {
  const fs::path dir = run_dir;
  std::error_code error;
  const fs::file_status status = fs::status(database_path(dir), error);
  if (status.type() == fs::file_type::not_found) {
    fail(ErrorCode::kNotFound, "run", run_dir + ": got no run.db, expected the folder of a run.");
  }
  if (!fs::exists(status)) fail_system(error.value(), "read", database_path(dir));
  if (!fs::is_regular_file(status)) {
    fail(ErrorCode::kInvalidInput, "run", run_dir + ": got a run.db that is no file, expected the folder of a run.");
  }
  Database database = Database::open_reader(fs::absolute(database_path(dir), error).string());
  run_store::check_version(database, run_dir);
  impl_ = std::make_unique<Impl>(dir, std::move(database));
}

RunReader::~RunReader() = default;
RunReader::RunReader(RunReader&&) noexcept = default;
RunReader& RunReader::operator=(RunReader&&) noexcept = default;

RunInfo RunReader::info() const {
  Database& database = impl_->database;
  RunInfo info;
  info.run_dir = impl_->dir.string();
  const bool held_before = RunLock::is_held(impl_->dir);
  {
    const Snapshot snapshot(database);
    const std::map<std::string, std::string*> texts = {
        {"model_path", &info.model_path}, {"device", &info.device}, {"state", &info.state}, {"message", &info.message}};
    const std::map<std::string, std::int64_t*> numbers = {{"total_steps", &info.total_steps},
                                                          {"started_unix_ms", &info.started_unix_ms},
                                                          {"vocab_size", &info.vocab_size},
                                                          {"hidden_size", &info.hidden_size}};
    {
      StatementScope select = database.statement("SELECT key, value FROM info");
      while (select->step()) {
        const std::string key = select->text(0);
        if (const auto text = texts.find(key); text != texts.end()) *text->second = select->text(1);
        if (const auto number = numbers.find(key); number != numbers.end()) *number->second = select->integer(1);
      }
    }
    // Two queries: SQLite looks up min() or max() by the key, but both at once by reading all rows.
    info.first_step = database.query_integer("SELECT min(step) FROM steps");
    info.last_step = database.query_integer("SELECT max(step) FROM steps");
    info.last_saved_step = database.query_integer("SELECT max(step) FROM saves");
  }
  const bool ended = info.state == to_string(RunState::kFinished) || info.state == to_string(RunState::kStopped) ||
                     info.state == to_string(RunState::kFailed);
  // Asked for before and after reading: a run that ends in between says so in what was read.
  if (!ended && !held_before && !RunLock::is_held(impl_->dir)) info.state = "interrupted";
  return info;
}

nlohmann::json RunReader::config() const {
  std::error_code ignored;
  if (!fs::exists(impl_->dir / "run.json", ignored)) {
    const std::string kept = run_store::run_json_of(impl_->database);
    if (!kept.empty()) return parse_json(kept, (impl_->dir / "run.db").string());
  }
  return read_json_file(impl_->dir / "run.json");
}

std::vector<StepEvent> RunReader::steps(std::int64_t first, std::int64_t last) const {
  const StepRange range(first, last);
  StatementScope select = impl_->database.statement(
      "SELECT step, total_steps, epoch, loss, loss_per_token, loss_per_sequence, grad_norm, learning_rate, num_tokens, "
      "num_items_in_batch, mean_token_accuracy, entropy, tokens_per_second, step_ms, capture_ms, capture_bytes, "
      "peak_memory_bytes, seconds_left, skipped FROM steps WHERE step BETWEEN ?1 AND ?2 ORDER BY step");
  select->bind(1, range.first).bind(2, range.last);
  std::vector<StepEvent> events;
  while (select->step()) {
    StepEvent& event = events.emplace_back();
    event.step = select->integer(0);
    event.total_steps = select->integer(1);
    event.epoch = select->real(2);
    event.loss = select->real(3);
    event.loss_per_token = select->real(4);
    event.loss_per_sequence = select->real(5);
    event.grad_norm = select->real(6);
    event.learning_rate = select->real(7);
    event.num_tokens = select->integer(8);
    event.num_items_in_batch = select->integer(9);
    event.mean_token_accuracy = select->real(10);
    event.entropy = select->real(11);
    event.tokens_per_second = select->real(12);
    event.step_ms = select->real(13);
    event.capture_ms = select->real(14);
    event.capture_bytes = static_cast<std::uint64_t>(select->integer(15));
    event.peak_memory_bytes = static_cast<std::uint64_t>(select->integer(16));
    event.seconds_left = select->real(17);
    event.skipped = select->integer(18) != 0;
  }
  return events;
}

std::vector<SeriesPoint> RunReader::series(std::int64_t first, std::int64_t last) const {
  const StepRange range(first, last);
  StatementScope select = impl_->database.statement(
      "SELECT step, loss_per_token, loss_per_sequence, learning_rate, grad_norm, step_ms, tokens_per_second, "
      "peak_memory_bytes, num_tokens, num_items_in_batch FROM steps WHERE step BETWEEN ?1 AND ?2 ORDER BY step");
  select->bind(1, range.first).bind(2, range.last);
  std::vector<SeriesPoint> points;
  while (select->step()) {
    points.push_back({select->integer(0), select->real(1), select->real(2), select->real(3), select->real(4),
                      select->real(5), select->real(6), static_cast<double>(select->integer(7)), select->integer(8),
                      select->integer(9)});
  }
  return points;
}

std::vector<StepSignals> RunReader::step_signals(std::int64_t first, std::int64_t last) const {
  std::vector<StepSignals> all;
  for_each_signal(first, last, [&all](const StepSignals& one) {
    all.push_back(one);
    return true;
  });
  return all;
}

void RunReader::for_each_signal(std::int64_t first, std::int64_t last,
                                const std::function<bool(const StepSignals&)>& each) const {
  if (!impl_->has_added_tables()) return;
  const StepRange range(first, last);
  StatementScope select = impl_->database.statement(
      "SELECT step, logit_mean, logit_spread, logit_min, logit_max, non_finite, top_argmax_share, top_target_share, "
      "top_argmax, gradients FROM signals WHERE step BETWEEN ?1 AND ?2 ORDER BY step");
  select->bind(1, range.first).bind(2, range.last);
  StepSignals one;
  while (select->step()) {
    one.step = select->integer(0);
    one.logits.mean = select->real(1);
    one.logits.spread = select->real(2);
    one.logits.min = select->real(3);
    one.logits.max = select->real(4);
    one.logits.non_finite = select->integer(5);
    one.logits.top_argmax_share = select->real(6);
    one.logits.top_target_share = select->real(7);
    one.logits.top_argmax = static_cast<std::int32_t>(select->integer(8));
    decode_norms(select->blob(9), one.gradient_norms);
    if (!each(one)) return;
  }
}

std::vector<GradientGroup> RunReader::gradient_groups() const {
  StatementScope select = impl_->database.statement("SELECT value FROM info WHERE key = ?1");
  if (!select->bind(1, std::string_view(run_store::kGradientGroupsKey)).step()) return {};
  std::vector<GradientGroup> groups;
  const nlohmann::json list = parse_json(select->text(0), "run.db");
  for (const nlohmann::json& entry : list) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_number_integer() || !entry[1].is_string()) {
      fail_damaged("got a gradient group that is no [layer, module].");
    }
    groups.push_back({entry[0].get<std::int64_t>(), entry[1].get<std::string>()});
  }
  return groups;
}

std::vector<PauseRecord> RunReader::pauses() const {
  if (!impl_->has_added_tables()) return {};
  StatementScope select =
      impl_->database.statement("SELECT step, state_hash, state_hash_after FROM pauses ORDER BY id");
  std::vector<PauseRecord> records;
  while (select->step()) records.push_back({select->integer(0), select->text(1), select->text(2)});
  return records;
}

std::vector<EvalEvent> RunReader::evals() const {
  StatementScope select = impl_->database.statement(
      "SELECT step, loss_per_token, loss_per_sequence, mean_token_accuracy, num_items, milliseconds FROM evals "
      "ORDER BY step");
  std::vector<EvalEvent> events;
  while (select->step()) {
    EvalEvent& event = events.emplace_back();
    event.step = select->integer(0);
    event.eval_loss_per_token = select->real(1);
    event.eval_loss_per_sequence = select->real(2);
    event.eval_mean_token_accuracy = select->real(3);
    event.num_items = select->integer(4);
    event.milliseconds = select->real(5);
  }
  return events;
}

std::vector<ParityReport> RunReader::parity_reports() const {
  StatementScope select = impl_->database.statement("SELECT report FROM parity ORDER BY id");
  std::vector<ParityReport> reports;
  while (select->step()) reports.push_back(ParityReport::from_json(parse_json(select->text(0), "run.db")));
  return reports;
}

std::vector<MessageEvent> RunReader::messages() const {
  StatementScope select = impl_->database.statement("SELECT step, level, text FROM messages ORDER BY id");
  std::vector<MessageEvent> events;
  while (select->step()) {
    const std::int64_t level = select->integer(1);
    if (level < 0 || level > static_cast<std::int64_t>(MessageLevel::kError)) fail_damaged("got an unknown level.");
    MessageEvent& event = events.emplace_back();
    event.step = select->integer(0);
    event.level = static_cast<MessageLevel>(level);
    event.text = select->text(2);
  }
  return events;
}

std::vector<SequenceRecord> RunReader::sequences(std::int64_t step) const {
  if (step < 0 || step > run_store::kMaxStep) return {};
  StatementScope select = impl_->database.statement(
      "SELECT id, row, num_tokens, num_targets, loss FROM sequences WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
  select->bind(1, sequence_id(step, 0)).bind(2, sequence_id(step, run_store::kMaxIndex));
  std::vector<SequenceRecord> records = read_sequences(*select);
  if (!records.empty() && run_store::has_layouts(impl_->database)) {
    StatementScope layout = impl_->database.statement("SELECT layout FROM layouts WHERE step = ?1");
    if (layout->bind(1, step).step()) decode_layout(layout->blob(0), records);
  }
  return records;
}

std::vector<SequenceRecord> RunReader::worst(std::int64_t n, std::int64_t step) const {
  return step < 0 ? worst_between(n, 0, -1) : worst_between(n, step, step);
}

std::vector<SequenceRecord> RunReader::worst_between(std::int64_t n, std::int64_t first, std::int64_t last) const {
  if (n <= 0) return {};
  const StepRange range(first, last);
  // A sequence among the n worst lies in one of the n steps with the highest worst_loss.
  StatementScope select = impl_->database.statement(
      "SELECT id, row, num_tokens, num_targets, sequences.loss FROM "
      "(SELECT step FROM steps WHERE step BETWEEN ?1 AND ?2 ORDER BY worst_loss DESC NULLS FIRST, step LIMIT ?3) AS s "
      "JOIN sequences ON id BETWEEN s.step << ?4 AND (s.step << ?4) + ?5 "
      "WHERE num_targets > 0 ORDER BY sequences.loss DESC NULLS FIRST, id LIMIT ?3");
  select->bind(1, range.first)
      .bind(2, range.last)
      .bind(3, n)
      .bind(4, std::int64_t{run_store::kIndexBits})
      .bind(5, run_store::kMaxIndex);
  return read_sequences(*select);
}

StepTokens RunReader::Impl::tokens_of(const Statement& select) {
  const SequenceRecord record = sequence_of(select);
  StepTokens out;
  out.step = record.step;
  out.sequence = record.loss;
  if (select.is_null(5)) return out;
  const std::span<const std::uint8_t> blob = select.blob(5);
  RowTokens row;
  if (!has_row(blob)) {
    StatementScope select_row = database.statement("SELECT data FROM rows WHERE row = ?1");
    if (!select_row->bind(1, record.loss.row).step()) {
      fail_damaged("got no tokens for data row " + std::to_string(record.loss.row) + ".");
    }
    row = decode_row(select_row->blob(0));
  }
  out.tokens = decode_tokens(blob, row);
  return out;
}

std::vector<StepTokens> RunReader::tokens(std::int64_t step) const {
  if (step < 0 || step > run_store::kMaxStep) return {};
  StatementScope select = impl_->database.statement(
      "SELECT id, row, num_tokens, num_targets, loss, tokens FROM sequences WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
  select->bind(1, sequence_id(step, 0)).bind(2, sequence_id(step, run_store::kMaxIndex));
  std::vector<StepTokens> out;
  while (select->step()) out.push_back(impl_->tokens_of(*select));
  return out;
}

StepTokens RunReader::tokens(std::int64_t step, std::int64_t index) const {
  StatementScope select =
      impl_->database.statement("SELECT id, row, num_tokens, num_targets, loss, tokens FROM sequences WHERE id = ?1");
  const bool in_range = step >= 0 && step <= run_store::kMaxStep && index >= 0 && index <= run_store::kMaxIndex;
  if (!in_range || !select->bind(1, sequence_id(step, index)).step()) {
    fail(ErrorCode::kNotFound, "run",
         impl_->dir.string() + ": got step " + std::to_string(step) + ", sequence " + std::to_string(index) +
             ", expected a recorded one.");
  }
  return impl_->tokens_of(*select);
}

std::vector<SequenceRecord> RunReader::history_of_row(std::int64_t row) const {
  StatementScope select = impl_->database.statement(
      "SELECT id, row, num_tokens, num_targets, loss FROM sequences WHERE row = ?1 ORDER BY id");
  select->bind(1, row);
  return read_sequences(*select);
}

std::string RunReader::piece(std::int32_t id) const {
  StatementScope select = impl_->database.statement("SELECT text FROM pieces WHERE id = ?1");
  return select->bind(1, std::int64_t{id}).step() ? select->text(0) : std::string();
}

std::vector<CaptureRecord> RunReader::captures() const {
  StatementScope select =
      impl_->database.statement("SELECT id, row, file, num_positions, bytes FROM captures ORDER BY id");
  std::vector<CaptureRecord> records;
  while (select->step()) {
    CaptureRecord& record = records.emplace_back();
    record.step = step_of(select->integer(0));
    record.index = index_of(select->integer(0));
    record.row = select->integer(1);
    record.file = select->text(2);
    record.num_positions = select->integer(3);
    record.bytes = static_cast<std::uint64_t>(select->integer(4));
  }
  return records;
}

Capture RunReader::load_capture(const CaptureRecord& record) const {
  // The name comes from a file that may be a stranger's: it stays in the run folder.
  const fs::path file = fs::path(record.file).lexically_normal();
  if (file.empty() || file.is_absolute() || *file.begin() == ".." || record.file.find('\0') != std::string::npos) {
    fail_damaged("got the capture \"" + record.file + "\", expected a file in the run folder.");
  }
  return read_capture(impl_->dir / file, record.step);
}

std::vector<RunSummary> list_runs(const std::string& folder) {
  std::vector<RunSummary> runs;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path dir = entry->path();
    std::error_code ignored;
    if (!fs::is_regular_file(database_path(dir), ignored)) continue;
    RunSummary run;
    run.run_dir = dir.string();
    run.name = dir.filename().string();
    try {
      const RunReader reader(run.run_dir);
      const RunInfo info = reader.info();
      run.state = info.state;
      run.last_step = info.last_step;
      run.total_steps = info.total_steps;
      run.started_unix_ms = info.started_unix_ms;
      const std::vector<StepEvent> last = reader.steps(info.last_step, info.last_step);
      if (!last.empty()) run.last_loss = last.front().loss;
    } catch (const Error& run_error) {
      if (run_error.code() == ErrorCode::kNotFound) continue;
      run.state = "damaged";
    }
    runs.push_back(std::move(run));
  }
  std::sort(runs.begin(), runs.end(), [](const RunSummary& a, const RunSummary& b) {
    return a.started_unix_ms != b.started_unix_ms ? a.started_unix_ms > b.started_unix_ms : a.name < b.name;
  });
  return runs;
}

}  // namespace vernier
