#include "engine/io/run_store_writer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "engine/io/atomic_file.h"
#include "engine/io/capture_file.h"
#include "engine/io/run_folder.h"
#include "engine/io/run_lock.h"
#include "engine/io/run_log.h"
#include "engine/io/run_store_schema.h"
#include "engine/io/run_store_signals.h"
#include "engine/io/sqlite.h"
#include "vernier/error.h"
#include "vernier/inputs.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using run_store::database_path;
using run_store::sequence_id;

// Rows from here on are looked up in the database instead of in memory.
constexpr std::int64_t kMaxRowsInMemory = std::int64_t{1} << 22;
constexpr const char* kCaptures = "captures";

std::int64_t now_unix_ms() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

// How often steps go to log.txt: run.json's logging_steps.
std::int64_t logging_steps_of(std::string_view run_json) {
  const auto config = nlohmann::json::parse(run_json, nullptr, false);
  if (!config.is_object()) return 1;
  const auto found = config.find("logging_steps");
  return found != config.end() && found->is_number_integer() ? std::max<std::int64_t>(1, found->get<std::int64_t>())
                                                             : 1;
}

// The step of a name such as "step-12.safetensors" or "step-12-sequence-3.safetensors"; -1 for other names.
std::int64_t step_of_capture_name(const std::string& name) {
  constexpr std::string_view kPrefix = "step-";
  if (name.compare(0, kPrefix.size(), kPrefix) != 0) return -1;
  std::int64_t step = -1;
  const auto [end, error] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), step);
  return error == std::errc() && (*end == '.' || *end == '-') ? step : -1;
}

void use_as_run_store(Database& database) {
  database.execute("PRAGMA journal_mode = WAL");
  database.execute("PRAGMA synchronous = NORMAL");
  database.execute("PRAGMA journal_size_limit = 67108864");
}

StatementScope insert_info(Database& database) {
  return database.statement("INSERT OR REPLACE INTO info VALUES (?1, ?2)");
}

// The store of a run that is loading, under its name complete or not at all: whoever finds a run.db finds a run in it,
// and its configuration too should the process be killed before there is a run.json.
void write_new_store(const fs::path& path, std::string_view run_json) {
  Database database = Database::open_writer(":memory:");
  database.execute(run_store::kSchema);
  database.execute(run_store::kLayouts);
  database.execute(run_store::kAddedTables);
  database.execute(("PRAGMA application_id = " + std::to_string(run_store::kApplicationId)).c_str());
  database.execute(("PRAGMA user_version = " + std::to_string(run_store::kVersion)).c_str());
  insert_info(database)->bind(1, std::string_view("started_unix_ms")).bind(2, now_unix_ms()).run();
  insert_info(database)->bind(1, std::string_view("state")).bind(2, to_string(RunState::kLoading)).run();
  insert_info(database)->bind(1, std::string_view("message")).bind(2, std::string_view("")).run();
  insert_info(database)->bind(1, std::string_view(run_store::kRunJsonKey)).bind(2, run_json).run();
  AtomicFile file(path);
  file.write(database.serialized());
  file.commit();
}

// What create() has made, taken away again where it fails.
class NewRunFolder {
 public:
  explicit NewRunFolder(fs::path run_dir) : run_dir_(std::move(run_dir)) {
    std::error_code error;
    made_folder_ = fs::create_directories(run_dir_, error);
    if (!error && !fs::is_directory(run_dir_, error)) error = std::make_error_code(std::errc::not_a_directory);
    if (error.value() == ENOSPC || error.value() == EDQUOT) fail_system(error.value(), "make the run folder", run_dir_);
    if (error) {
      fail(ErrorCode::kIo, "run",
           run_dir_.string() + ": got \"" + error.message() +
               "\", expected a place where a folder can be made. Choose another run folder.");
    }
    made_lock_ = !fs::exists(run_dir_ / ".lock", error);
  }
  ~NewRunFolder() {
    if (complete_) return;
    std::error_code ignored;
    for (const std::string& name : made_files_) fs::remove(run_dir_ / name, ignored);
    if (made_lock_ && owns_lock_) fs::remove(run_dir_ / ".lock", ignored);
    if (made_folder_) fs::remove(run_dir_, ignored);  // only where it is empty
  }
  NewRunFolder(const NewRunFolder&) = delete;
  NewRunFolder& operator=(const NewRunFolder&) = delete;

  void lock_taken() { owns_lock_ = true; }
  void about_to_make(std::string name) { made_files_.push_back(std::move(name)); }
  void complete() { complete_ = true; }

 private:
  fs::path run_dir_;
  std::vector<std::string> made_files_;
  bool made_folder_ = false;
  bool made_lock_ = false;
  bool owns_lock_ = false;
  bool complete_ = false;
};

}  // namespace

struct RunStoreWriter::Impl {
  Impl(fs::path dir_in, RunLock lock_in, Database database_in, std::int64_t logging_steps_in)
      : dir(std::move(dir_in)),
        dir_text(dir.string()),
        lock(std::move(lock_in)),
        database(std::move(database_in)),
        log(dir / "log.txt"),
        logging_steps(logging_steps_in) {}

  void set(const char* key, std::int64_t value) {
    insert_info(database)->bind(1, std::string_view(key)).bind(2, value).run();
  }
  void set(const char* key, std::string_view value) {
    insert_info(database)->bind(1, std::string_view(key)).bind(2, value).run();
  }

  void write_pieces();
  void write_step(const StepEvent& event);
  void write_layout(const StepEvent& event);
  void write_sequences(const StepEvent& event, std::span<const SequenceTokens> tokens);
  // True where the store keeps exactly these tokens for the row, afterwards.
  bool keep_row(const SequenceTokens& sequence);
  void commit(Transaction& transaction) {
    write_pieces();
    transaction.commit();
    pending_pieces.clear();
    new_rows.clear();
  }

  fs::path dir;
  std::string dir_text;
  RunLock lock;  // outlives the database
  Database database;
  RunLog log;
  std::int64_t logging_steps;
  std::int64_t first_capture_begun = -1;  // of the step that captured last
  std::vector<std::uint64_t> row_hashes;  // of the rows known to be stored; 0: not known
  std::vector<std::int64_t> new_rows;     // of this transaction
  std::vector<bool> known_pieces;
  std::vector<std::pair<std::int32_t, std::string>> pending_pieces;
  std::vector<std::uint8_t> blob;
  std::vector<std::uint8_t> row_blob;
};

void RunStoreWriter::Impl::write_pieces() {
  if (pending_pieces.empty()) return;
  StatementScope insert = database.statement("INSERT OR IGNORE INTO pieces VALUES (?1, ?2)");
  for (const auto& [id, text] : pending_pieces) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    insert->bind(1, std::int64_t{id}).bind(2, std::span(bytes, text.size())).run();
  }
}

void RunStoreWriter::Impl::write_step(const StepEvent& event) {
  double worst = -1.0;
  for (const SequenceLoss& sequence : event.sequences) {
    if (sequence.num_targets == 0) continue;
    worst = std::isnan(sequence.loss) ? sequence.loss : (sequence.loss > worst ? sequence.loss : worst);
    if (std::isnan(worst)) break;
  }
  StatementScope insert = database.statement(
      "INSERT INTO steps VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
      "?19, ?20)");
  insert->bind(1, event.step)
      .bind(2, event.total_steps)
      .bind(3, event.epoch)
      .bind(4, event.loss)
      .bind(5, event.loss_per_token)
      .bind(6, event.loss_per_sequence)
      .bind(7, event.grad_norm)
      .bind(8, event.learning_rate)
      .bind(9, event.num_tokens)
      .bind(10, event.num_items_in_batch)
      .bind(11, event.mean_token_accuracy)
      .bind(12, event.entropy)
      .bind(13, event.tokens_per_second)
      .bind(14, event.step_ms)
      .bind(15, event.capture_ms)
      .bind(16, static_cast<std::int64_t>(event.capture_bytes))
      .bind(17, static_cast<std::int64_t>(event.peak_memory_bytes))
      .bind(18, event.seconds_left)
      .bind(19, std::int64_t{event.skipped})
      .bind(20, worst)
      .run();
}

void RunStoreWriter::Impl::write_layout(const StepEvent& event) {
  blob.clear();
  if (!encode_layout(event.sequences, blob)) return;
  database.statement("INSERT INTO layouts VALUES (?1, ?2)")
      ->bind(1, event.step)
      .bind(2, std::span<const std::uint8_t>(blob))
      .run();
}

bool RunStoreWriter::Impl::keep_row(const SequenceTokens& sequence) {
  const std::uint64_t hash = hash_row(sequence.input_ids, sequence.is_target);
  const bool in_memory = sequence.row < kMaxRowsInMemory;
  const auto slot = static_cast<std::size_t>(sequence.row);
  if (in_memory) {
    if (slot >= row_hashes.size()) row_hashes.resize(std::max(slot + 1, row_hashes.size() * 2));
    if (row_hashes[slot] != 0) return row_hashes[slot] == hash;
  }
  std::uint64_t stored = 0;
  bool found = false;
  {
    StatementScope select = database.statement("SELECT hash FROM rows WHERE row = ?1");
    found = select->bind(1, sequence.row).step();
    if (found) stored = static_cast<std::uint64_t>(select->integer(0));
  }
  if (!found) {
    row_blob.clear();
    encode_row(sequence.input_ids, sequence.is_target, row_blob);
    database.statement("INSERT INTO rows VALUES (?1, ?2, ?3)")
        ->bind(1, sequence.row)
        .bind(2, static_cast<std::int64_t>(hash))
        .bind(3, std::span<const std::uint8_t>(row_blob))
        .run();
    stored = hash;
    if (in_memory) new_rows.push_back(sequence.row);
  }
  if (in_memory) row_hashes[slot] = stored;
  return stored == hash;
}

void RunStoreWriter::Impl::write_sequences(const StepEvent& event, std::span<const SequenceTokens> tokens) {
  std::size_t used = 0;
  for (const SequenceLoss& sequence : event.sequences) {
    if (sequence.index < 0 || sequence.index > run_store::kMaxIndex) {
      fail(ErrorCode::kInternal, "run.db", "a sequence's index is out of range: " + std::to_string(sequence.index));
    }
    // Both lists run in the step's order, so the next one is nearly always it.
    const SequenceTokens* own = nullptr;
    for (std::size_t i = 0; i < tokens.size() && own == nullptr; ++i) {
      const SequenceTokens& candidate = tokens[(used + i) % tokens.size()];
      if (candidate.index != sequence.index) continue;
      own = &candidate;
      used = (used + i + 1) % tokens.size();
    }
    blob.clear();
    if (own != nullptr) {
      if (own->row != sequence.row || own->row < 0) {
        fail(ErrorCode::kInternal, "run.db", "sequence " + std::to_string(sequence.index) + " names two data rows.");
      }
      if (own->is_target.size() != own->input_ids.size()) {
        fail(ErrorCode::kInternal, "run.db", "a sequence's label mask is not as long as its ids.");
      }
      encode_tokens(*own, !keep_row(*own), blob);
    }
    const auto bytes = own == nullptr ? std::span<const std::uint8_t>() : std::span<const std::uint8_t>(blob);
    database.statement("INSERT INTO sequences VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        ->bind(1, sequence_id(event.step, sequence.index))
        .bind(2, sequence.row)
        .bind(3, sequence.num_tokens)
        .bind(4, sequence.num_targets)
        .bind(5, sequence.loss)
        .bind(6, bytes)
        .run();
  }
}

RunStoreWriter::RunStoreWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunStoreWriter::~RunStoreWriter() = default;
RunStoreWriter::RunStoreWriter(RunStoreWriter&&) noexcept = default;
RunStoreWriter& RunStoreWriter::operator=(RunStoreWriter&&) noexcept = default;

const std::string& RunStoreWriter::run_dir() const {
  return impl_->dir_text;
}

std::string RunStoreWriter::kept_run_json() const {
  return run_store::run_json_of(impl_->database);
}

void RunStoreWriter::set_run_json(std::string_view run_json) {
  write_text_file(impl_->dir / "run.json", run_json);
  impl_->set(run_store::kRunJsonKey, run_json);
}

std::int64_t RunStoreWriter::last_step() const {
  return impl_->database.query_integer("SELECT coalesce(max(step), 0) FROM steps");
}

RunStoreWriter RunStoreWriter::create(const std::string& run_dir, std::string_view run_json) {
  const fs::path dir = run_dir;
  NewRunFolder made(dir);
  RunLock lock(dir);
  made.lock_taken();
  std::error_code ignored;
  check_new_run_folder(dir);
  const bool had_file = fs::exists(database_path(dir), ignored);
  for (const char* name : {"run.db", "run.db-wal", "run.db-shm", "run.json", "log.txt"}) {
    if (!fs::exists(dir / name, ignored)) made.about_to_make(name);
  }
  // A store without a schema holds no run; closing it also takes its write-ahead log away.
  if (had_file &&
      Database::open_writer(database_path(dir).string()).query_integer("SELECT count(*) FROM sqlite_schema") != 0) {
    fail_run_folder_in_use(dir, "a run");
  }
  write_new_store(database_path(dir), run_json);
  write_text_file(dir / "run.json", run_json);

  Database database = Database::open_writer(database_path(dir).string());
  use_as_run_store(database);
  auto impl = std::make_unique<Impl>(dir, std::move(lock), std::move(database), logging_steps_of(run_json));
  made.complete();
  impl->log.write("run created");
  return RunStoreWriter(std::move(impl));
}

RunStoreWriter RunStoreWriter::open(const std::string& run_dir) {
  const fs::path dir = run_dir;
  std::error_code ignored;
  if (!fs::exists(database_path(dir), ignored)) {
    fail(ErrorCode::kNotFound, "run", run_dir + ": got no run.db, expected the folder of a run.");
  }
  for (const char* name : {"run.json", "log.txt", ".lock"}) {
    if (fs::exists(dir / name, ignored)) check_input_file((dir / name).string());
  }
  RunLock lock(dir);
  Database database = Database::open_writer(database_path(dir).string());
  run_store::check_version(database, run_dir);
  use_as_run_store(database);
  database.execute(run_store::kLayouts);
  database.execute(run_store::kAddedTables);
  std::string run_json = run_store::run_json_of(database);
  if (!run_json.empty() && !fs::exists(dir / "run.json", ignored)) write_text_file(dir / "run.json", run_json);
  try {
    run_json = read_text_file(dir / "run.json");
  } catch (const Error&) {  // whoever needs the configuration says so
  }
  auto impl = std::make_unique<Impl>(dir, std::move(lock), std::move(database), logging_steps_of(run_json));
  impl->log.write("run opened again");
  return RunStoreWriter(std::move(impl));
}

void RunStoreWriter::rewind(std::int64_t last_step) {
  Impl& impl = *impl_;
  last_step = std::clamp<std::int64_t>(last_step, 0, run_store::kMaxStep);
  const std::int64_t first_id = sequence_id(last_step + 1, 0);
  Transaction transaction(impl.database);
  for (const char* sql : {"DELETE FROM steps WHERE step > ?1", "DELETE FROM evals WHERE step > ?1",
                          "DELETE FROM parity WHERE step > ?1", "DELETE FROM messages WHERE step > ?1",
                          "DELETE FROM saves WHERE step > ?1", "DELETE FROM layouts WHERE step > ?1",
                          "DELETE FROM signals WHERE step > ?1", "DELETE FROM pauses WHERE step > ?1"}) {
    impl.database.statement(sql)->bind(1, last_step).run();
  }
  for (const char* sql : {"DELETE FROM sequences WHERE id >= ?1", "DELETE FROM captures WHERE id >= ?1"}) {
    impl.database.statement(sql)->bind(1, first_id).run();
  }
  impl.set("message", "");
  impl.commit(transaction);
  impl.first_capture_begun = -1;
  // By name, so that files whose record never came to be go too; and what a killed process has left half written.
  std::error_code error;
  for (fs::directory_iterator entry(impl.dir / kCaptures, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (step_of_capture_name(name) > last_step || name.rfind(".step-", 0) == 0) fs::remove(entry->path(), ignored);
  }
  impl.log.write("going on after step " + std::to_string(last_step));
}

void RunStoreWriter::set_info(const StartedEvent& event) {
  Impl& impl = *impl_;
  Transaction transaction(impl.database);
  impl.set("model_path", event.model_path);
  impl.set("device", event.device);
  impl.set("total_steps", event.total_steps);
  impl.set("num_rows", event.num_rows);
  impl.set("num_eval_rows", event.num_eval_rows);
  impl.set("trainable_parameters", event.trainable_parameters);
  impl.set("total_parameters", event.total_parameters);
  impl.set("vocab_size", event.vocab_size);
  impl.set("hidden_size", event.hidden_size);
  impl.commit(transaction);
  impl.log.write("model " + event.model_path + " on " + event.device + ", steps " + std::to_string(event.first_step) +
                 " to " + std::to_string(event.total_steps) + ", " + std::to_string(event.num_rows) + " rows, " +
                 std::to_string(event.trainable_parameters) + " of " + std::to_string(event.total_parameters) +
                 " parameters trained");
}

void RunStoreWriter::set_state(RunState state, std::string_view message) {
  Impl& impl = *impl_;
  const std::string name = to_string(state);
  Transaction transaction(impl.database);
  impl.set("state", name);
  impl.set("message", message);
  impl.commit(transaction);
  impl.log.write(message.empty() ? name : name + ": " + std::string(message));
}

void RunStoreWriter::add_piece(std::int32_t id, std::string_view text) {
  Impl& impl = *impl_;
  if (id < 0) fail(ErrorCode::kInternal, "run.db", "a token id is negative: got " + std::to_string(id) + ".");
  const auto slot = static_cast<std::size_t>(id);
  if (slot >= impl.known_pieces.size()) impl.known_pieces.resize(std::max(slot + 1, impl.known_pieces.size() * 2));
  if (impl.known_pieces[slot]) return;
  impl.pending_pieces.emplace_back(id, text);
  impl.known_pieces[slot] = true;
}

void RunStoreWriter::add_step(const StepEvent& event, std::span<const SequenceTokens> tokens,
                              const StepSignals* signals) {
  Impl& impl = *impl_;
  if (event.step < 0 || event.step > run_store::kMaxStep) {
    fail(ErrorCode::kInternal, "run.db", "a step's number is out of range: " + std::to_string(event.step) + ".");
  }
  try {
    Transaction transaction(impl.database);
    impl.write_step(event);
    impl.write_layout(event);
    impl.write_sequences(event, tokens);
    if (signals != nullptr) run_store::write_signals(impl.database, *signals, impl.blob);
    impl.commit(transaction);
  } catch (...) {
    for (const std::int64_t row : impl.new_rows) impl.row_hashes[static_cast<std::size_t>(row)] = 0;
    impl.new_rows.clear();
    throw;
  }
  if (event.step % impl.logging_steps == 0 || event.step == event.total_steps) impl.log.write_step(event);
}

void RunStoreWriter::add_failed_signals(const StepSignals& signals) {
  Impl& impl = *impl_;
  Transaction transaction(impl.database);
  run_store::write_signals(impl.database, signals, impl.blob);
  impl.commit(transaction);
}

void RunStoreWriter::set_gradient_groups(std::span<const GradientGroup> groups) {
  Impl& impl = *impl_;
  Transaction transaction(impl.database);
  impl.set(run_store::kGradientGroupsKey, run_store::to_text(groups));
  impl.commit(transaction);
}

void RunStoreWriter::add_pause(const PauseEvent& event) {
  Impl& impl = *impl_;
  Transaction transaction(impl.database);
  run_store::write_pause(impl.database, event);
  impl.commit(transaction);
  if (event.state_hash_after.empty()) return;
  impl.log.write("paused after step " + std::to_string(event.step) + ": the state was " + event.state_hash +
                 ", before going on " + event.state_hash_after);
}

void RunStoreWriter::add_eval(const EvalEvent& event) {
  Impl& impl = *impl_;
  Transaction transaction(impl.database);
  impl.database.statement("INSERT OR REPLACE INTO evals VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
      ->bind(1, event.step)
      .bind(2, event.eval_loss_per_token)
      .bind(3, event.eval_loss_per_sequence)
      .bind(4, event.eval_mean_token_accuracy)
      .bind(5, event.num_items)
      .bind(6, event.milliseconds)
      .run();
  impl.commit(transaction);
  impl.log.write_eval(event);
}

void RunStoreWriter::add_parity(const ParityReport& report) {
  Impl& impl = *impl_;
  const std::string text = report.to_json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  Transaction transaction(impl.database);
  impl.database.statement("INSERT INTO parity(step, report) VALUES (?1, ?2)")
      ->bind(1, report.step)
      .bind(2, std::string_view(text))
      .run();
  impl.commit(transaction);
  impl.log.write("parity at step " + std::to_string(report.step) + " " + to_string(report.verdict) + ": " +
                 report.summary);
}

CaptureRecord RunStoreWriter::begin_capture(std::int64_t step, std::int64_t index, std::int64_t row,
                                            std::int64_t num_positions) {
  Impl& impl = *impl_;
  if (step < 0 || step > run_store::kMaxStep || index < 0 || index > run_store::kMaxIndex) {
    fail(ErrorCode::kInternal, "run.db", "a capture's step or index is out of range.");
  }
  const std::int64_t id = sequence_id(step, index);
  // The step's first may have been begun and not been added yet.
  bool first = run_store::step_of(impl.first_capture_begun) != step || impl.first_capture_begun == id;
  if (first) {
    StatementScope select = impl.database.statement("SELECT 1 FROM captures WHERE id >= ?1 AND id < ?2 AND id != ?3");
    first = !select->bind(1, sequence_id(step, 0)).bind(2, sequence_id(step + 1, 0)).bind(3, id).step();
  }
  if (first) impl.first_capture_begun = id;
  CaptureRecord record;
  record.step = step;
  record.index = index;
  record.row = row;
  record.file = std::string(kCaptures) + "/step-" + std::to_string(step) +
                (first ? "" : "-sequence-" + std::to_string(index)) + ".safetensors";
  record.num_positions = num_positions;
  std::error_code error;
  fs::create_directory(impl.dir / kCaptures, error);
  if (error) fail_system(error.value(), "make the folder", impl.dir / kCaptures);
  return record;
}

void RunStoreWriter::add_capture(const CaptureRecord& record) {
  Impl& impl = *impl_;
  Transaction transaction(impl.database);
  impl.database.statement("INSERT OR REPLACE INTO captures VALUES (?1, ?2, ?3, ?4, ?5)")
      ->bind(1, sequence_id(record.step, record.index))
      .bind(2, record.row)
      .bind(3, std::string_view(record.file))
      .bind(4, record.num_positions)
      .bind(5, static_cast<std::int64_t>(record.bytes))
      .run();
  impl.commit(transaction);
}

CaptureRecord RunStoreWriter::add_capture(const Capture& capture, std::int64_t index, std::int64_t row) {
  CaptureRecord record = begin_capture(capture.step, index, row, static_cast<std::int64_t>(capture.positions.size()));
  record.bytes = write_capture(impl_->dir / record.file, capture);
  add_capture(record);
  return record;
}

void RunStoreWriter::add_message(const MessageEvent& event) {
  Impl& impl = *impl_;
  Transaction transaction(impl.database);
  impl.database.statement("INSERT INTO messages(step, level, text) VALUES (?1, ?2, ?3)")
      ->bind(1, event.step)
      .bind(2, static_cast<std::int64_t>(event.level))
      .bind(3, std::string_view(event.text))
      .run();
  impl.commit(transaction);
  impl.log.write(to_string(event.level) + " at step " + std::to_string(event.step) + ": " + event.text);
}

void RunStoreWriter::add_saved(const SavedEvent& event) {
  Impl& impl = *impl_;
  // A commit with synchronous = FULL flushes the write-ahead log, and with it every step before this one.
  impl.database.execute("PRAGMA synchronous = FULL");
  try {
    Transaction transaction(impl.database);
    impl.database.statement("INSERT OR REPLACE INTO saves VALUES (?1, ?2)")
        ->bind(1, event.step)
        .bind(2, std::string_view(event.folder))
        .run();
    impl.commit(transaction);
  } catch (...) {
    impl.database.execute("PRAGMA synchronous = NORMAL");
    throw;
  }
  impl.database.execute("PRAGMA synchronous = NORMAL");
  impl.log.write("saved " + event.folder);
}

}  // namespace vernier
