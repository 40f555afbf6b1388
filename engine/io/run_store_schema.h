// The layout of run.db, shared by its writer and its reader.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace vernier {
class Database;
}

namespace vernier::run_store {

inline constexpr std::int32_t kApplicationId = 0x56726e72;  // "Vrnr", so that file(1) and we know a run store
inline constexpr std::int32_t kVersion = 1;

// A sequence's key: its step and its index in the step, so that a step's sequences lie side by side.
inline constexpr int kIndexBits = 20;
inline constexpr std::int64_t kMaxIndex = (std::int64_t{1} << kIndexBits) - 1;
inline constexpr std::int64_t kMaxStep = (std::int64_t{1} << (62 - kIndexBits)) - 1;
constexpr std::int64_t sequence_id(std::int64_t step, std::int64_t index) {
  return (step << kIndexBits) | index;
}
constexpr std::int64_t step_of(std::int64_t id) {
  return id >> kIndexBits;
}
constexpr std::int64_t index_of(std::int64_t id) {
  return id & kMaxIndex;
}

// NULL stands for NaN in REAL columns. worst_loss is the highest of the step's sequences, -1 where it has none: the
// steps with the n highest hold the n worst sequences of the run, so sequences need no index by loss.
// sequences.tokens and rows.data: engine/io/token_codec.h.
inline constexpr const char* kSchema = R"(
CREATE TABLE info(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE steps(
  step INTEGER PRIMARY KEY, total_steps INTEGER NOT NULL, epoch REAL, loss REAL, loss_per_token REAL,
  loss_per_sequence REAL, grad_norm REAL, learning_rate REAL, num_tokens INTEGER NOT NULL,
  num_items_in_batch INTEGER NOT NULL, mean_token_accuracy REAL, entropy REAL, tokens_per_second REAL, step_ms REAL,
  capture_ms REAL, capture_bytes INTEGER NOT NULL, peak_memory_bytes INTEGER NOT NULL, seconds_left REAL,
  skipped INTEGER NOT NULL, worst_loss REAL) STRICT;
CREATE TABLE sequences(
  id INTEGER PRIMARY KEY, row INTEGER NOT NULL, num_tokens INTEGER NOT NULL, num_targets INTEGER NOT NULL, loss REAL,
  tokens BLOB) STRICT;
CREATE INDEX sequences_by_row ON sequences(row);
CREATE TABLE rows(row INTEGER PRIMARY KEY, hash INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE pieces(id INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;
CREATE TABLE evals(
  step INTEGER PRIMARY KEY, loss_per_token REAL, loss_per_sequence REAL, mean_token_accuracy REAL,
  num_items INTEGER NOT NULL, milliseconds REAL) STRICT;
CREATE TABLE parity(id INTEGER PRIMARY KEY, step INTEGER NOT NULL, report TEXT NOT NULL) STRICT;
CREATE TABLE captures(
  id INTEGER PRIMARY KEY, row INTEGER NOT NULL, file TEXT NOT NULL, num_positions INTEGER NOT NULL,
  bytes INTEGER NOT NULL) STRICT;
CREATE TABLE messages(
  id INTEGER PRIMARY KEY, step INTEGER NOT NULL, level INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE saves(step INTEGER PRIMARY KEY, folder TEXT NOT NULL) STRICT;
)";

// How each step's sequences lay in micro-batches and packed rows: encode_layout() of engine/io/token_codec.h. Beside
// the schema, because stores of earlier versions of this program lack it and may be gone on with.
inline constexpr const char* kLayouts =
    "CREATE TABLE IF NOT EXISTS layouts(step INTEGER PRIMARY KEY, layout BLOB NOT NULL) STRICT";
bool has_layouts(Database& database);

// What later versions record besides. A store of an earlier one has none of it until it is opened for writing.
// signals.gradients: engine/io/signal_codec.h; in the order of info's gradient_groups.
inline constexpr const char* kAddedTables = R"(
CREATE TABLE IF NOT EXISTS signals(
  step INTEGER PRIMARY KEY, logit_mean REAL, logit_spread REAL, logit_min REAL, logit_max REAL,
  non_finite INTEGER NOT NULL, top_argmax_share REAL, top_target_share REAL, top_argmax INTEGER NOT NULL,
  gradients BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS pauses(
  id INTEGER PRIMARY KEY, step INTEGER NOT NULL, state_hash TEXT NOT NULL, state_hash_after TEXT NOT NULL) STRICT;
)";
// A list of [layer, module].
inline constexpr const char* kGradientGroupsKey = "gradient_groups";

// In table info: run.json as it was when the run began.
inline constexpr const char* kRunJsonKey = "run_json";
// "" in stores of versions that did not keep it.
std::string run_json_of(Database& database);

inline std::filesystem::path database_path(const std::filesystem::path& run_dir) {
  return run_dir / "run.db";
}

// Throws where an open database is no run store that we can read: kNotFound where it is empty (a run that never began),
// kUnsupported where a newer Vernier wrote it, kInvalidInput.
void check_version(Database& database, const std::string& run_dir);

}  // namespace vernier::run_store
