#include "engine/io/sqlite.h"

#include <sys/resource.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

// Something else in its place would block, or fail without a word of what it is.
void require_file(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) return;
  fail(ErrorCode::kIo, path.string(),
       "no run store: got a folder, a pipe or a device, expected a file. Remove it, or choose another run folder.");
}

// The size that this process's files may have, where one of the database's has come close to it.
std::optional<std::uint64_t> file_limit_met(const std::filesystem::path& path) {
  constexpr std::uint64_t kNear = std::uint64_t{128} << 10;  // a write, or the log's index
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    const std::uint64_t bytes = std::filesystem::file_size(path.string() + suffix, error);
    if (!error && bytes + kNear >= limit.rlim_cur) return limit.rlim_cur;
  }
  return std::nullopt;
}

[[noreturn]] void fail_sqlite(sqlite3* db, int code) {
  const char* name = sqlite3_db_filename(db, "main");
  const std::filesystem::path path = name == nullptr ? "" : name;
  const std::string where = path.filename().string();
  const std::string object = " (" + path.string() + ")";
  const std::string why = sqlite3_errmsg(db);
  const int system_error = sqlite3_system_errno(db);
  const bool io_error = (code & 0xff) == SQLITE_IOERR;
  if (const auto most = io_error || (code & 0xff) == SQLITE_FULL ? file_limit_met(path) : std::nullopt) {
    fail(ErrorCode::kNoSpace, path.string(),
         "file size: got a limit of " + std::to_string(*most) +
             " bytes, expected room for the run's records. Raise the limit (ulimit -f) and resume.");
  }
  if ((code & 0xff) == SQLITE_FULL ||
      (io_error && (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG))) {
    std::error_code ignored;
    const std::filesystem::space_info space = std::filesystem::space(path.parent_path(), ignored);
    Error error(ErrorCode::kNoSpace,
                "[" + where + "] disk full: got " + (ignored ? std::string("0") : std::to_string(space.available)) +
                    " bytes free, expected room for the run's records" + object + ". Free some space and resume.");
    if (!ignored) error.free_bytes = space.available;
    throw error;
  }
  if (code == SQLITE_IOERR_SHORT_READ) {
    fail(ErrorCode::kInvalidInput, where, "damaged run store: got a file that was cut short" + object + ".");
  }
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      fail(ErrorCode::kInvalidInput, where, "damaged run store: got \"" + why + "\"" + object + ".");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      fail(ErrorCode::kIo, where, "locked: got no access within 10 s" + object + ". Another program is writing to it.");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      fail(ErrorCode::kIo, where, "no access: got \"" + why + "\"" + object + ". Check the folder's permissions.");
    case SQLITE_NOMEM:
      fail(ErrorCode::kOutOfMemory, where, "got no memory for the run store" + object + ".");
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      fail(ErrorCode::kInternal, where, why + object + ".");
    default:
      fail(ErrorCode::kIo, path.string(),
           "reading or writing the run's records: got \"" + why + "\" (" +
               std::error_code(system_error, std::generic_category()).message() +
               "), expected it to succeed. Check the disk and resume.");
  }
}

// A path as an SQLite URI (RFC 3986), with the query.
std::string to_uri(const std::string& path, const char* query) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#' || byte < 0x20) {
      uri += '%';
      uri += kHex[byte >> 4];
      uri += kHex[byte & 15];
    } else {
      uri += c;
    }
  }
  return uri + query;
}

}  // namespace

Statement::Statement(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  handle_.reset(statement);
  if (code != SQLITE_OK) fail_sqlite(db, code);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  const int code = sqlite3_bind_int64(handle_.get(), parameter, value);
  if (code != SQLITE_OK) fail_sqlite(sqlite3_db_handle(handle_.get()), code);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  const int code = sqlite3_bind_double(handle_.get(), parameter, value);
  if (code != SQLITE_OK) fail_sqlite(sqlite3_db_handle(handle_.get()), code);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  const int code = sqlite3_bind_text64(handle_.get(), parameter, text.data() == nullptr ? "" : text.data(), text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) fail_sqlite(sqlite3_db_handle(handle_.get()), code);
  return *this;
}

Statement& Statement::bind(int parameter, std::span<const std::uint8_t> blob) {
  const int code = sqlite3_bind_blob64(handle_.get(), parameter, blob.data(), blob.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) fail_sqlite(sqlite3_db_handle(handle_.get()), code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail_sqlite(sqlite3_db_handle(handle_.get()), code);
  sqlite3_reset(handle_.get());
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
}

double Statement::real(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(handle_.get(), column);
}

std::string Statement::text(int column) const {
  const auto bytes = blob(column);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::uint8_t> Statement::blob(int column) const {
  // The pointer first: asking for it may convert the value, and only then is the size that of the bytes.
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int bytes = sqlite3_column_bytes(handle_.get(), column);
  if (data == nullptr || bytes <= 0) return {};
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(bytes)};
}

Database::Database(const std::string& path, int flags, const char* vfs) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
  handle_.reset(db);
  if (db == nullptr) throw std::bad_alloc();
  if (code != SQLITE_OK) fail_sqlite(db, code);
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  // A database may come from a stranger: nothing in its schema gets to run, nothing in its pages is believed.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  execute("PRAGMA cell_size_check = ON");
}

Database Database::open_writer(const std::string& path) {
  require_file(path);
  return Database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
}

Database Database::open_reader(const std::string& path) {
  require_file(path);
  constexpr const char* kProbe = "SELECT count(*) FROM sqlite_schema";
  std::string first_error;
  try {
    Database database(path, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_db_config(database.handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    database.query_integer(kProbe);
    return database;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIo) throw;
    first_error = error.what();
  }
  // Where neither `-shm` can be read nor made, nobody can be writing. What a killed writer left in `-wal` is read
  // through an index in this process's memory, which SQLite allows in exclusive mode only; the lock that mode wants
  // cannot be had on a file open for reading, hence the VFS without locks. Without `-wal` the file is all there is.
  try {
    std::error_code ignored;
    const auto wal_bytes = std::filesystem::file_size(path + "-wal", ignored);
    if (!ignored && wal_bytes > 0) {
      Database database(path, SQLITE_OPEN_READONLY, "unix-none");
      sqlite3_db_config(database.handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
      database.execute("PRAGMA locking_mode = EXCLUSIVE");
      database.query_integer(kProbe);
      return database;
    }
    Database database(to_uri(path, "?immutable=1"), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
    database.query_integer(kProbe);
    return database;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIo) throw;
    throw Error(ErrorCode::kIo, first_error);
  }
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_sqlite(handle_.get(), code);
}

std::int64_t Database::query_integer(const char* sql) {
  Statement query(handle_.get(), sql);
  return query.step() ? query.integer(0) : 0;
}

StatementScope Database::statement(const char* sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return StatementScope(found->second);
  return StatementScope(statements_.emplace(sql, Statement(handle_.get(), sql)).first->second);
}

std::vector<std::byte> Database::serialized() {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes(
      sqlite3_serialize(handle_.get(), "main", &size, 0), &sqlite3_free);
  if (bytes == nullptr) fail_sqlite(handle_.get(), SQLITE_NOMEM);
  const auto all = std::as_bytes(std::span(bytes.get(), static_cast<std::size_t>(size)));
  return {all.begin(), all.end()};
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error&) {  // SQLite has rolled back by itself, as it does where the disk is full
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

Snapshot::~Snapshot() {
  try {
    database_.execute("COMMIT");
  } catch (const Error&) {  // ended by the error that brings us here
  }
}

}  // namespace vernier
