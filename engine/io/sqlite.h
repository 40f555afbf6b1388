// A thin, safe layer over SQLite: connections and statements as values, result codes as Error.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vernier {

// A prepared statement. Columns count from 0, parameters from 1. Real columns: NaN is kept as NULL.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  // The bytes must outlive the statement's run.
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::span<const std::uint8_t> blob);

  // To the next row; false after the last one, and then the statement is reset.
  bool step();
  // For statements without rows: steps and resets.
  void run();
  void reset();

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  double real(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }
  // Valid until the next step() or reset().
  std::span<const std::uint8_t> blob(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// Resets a statement at the end of a scope, so that a read transaction never outlives the call that made it.
class StatementScope {
 public:
  explicit StatementScope(Statement& statement) : statement_(statement) {}
  ~StatementScope() { statement_.reset(); }
  StatementScope(const StatementScope&) = delete;
  StatementScope& operator=(const StatementScope&) = delete;
  Statement* operator->() { return &statement_; }
  Statement& operator*() { return statement_; }

 private:
  Statement& statement_;
};

// A connection; one thread at a time. Errors: kNoSpace where disk, quota or file size limit is exhausted (with the free
// bytes), kInvalidInput where the file is damaged or no database, kOutOfMemory, else kIo. They name the file.
class Database {
 public:
  // For reading and writing; made where it is missing.
  static Database open_writer(const std::string& path);
  // For reading only: beside a live writer, after a crash, and in a folder that cannot be written.
  static Database open_reader(const std::string& path);

  void execute(const char* sql);
  std::int64_t query_integer(const char* sql);
  // The statement of this text, prepared once; `sql` must be a literal: it is found by its address.
  StatementScope statement(const char* sql);
  // The bytes of a file that holds this database.
  std::vector<std::byte> serialized();

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  Database(const std::string& path, int flags, const char* vfs);

  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<const char*, Statement> statements_;
};

// BEGIN IMMEDIATE ... COMMIT; rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

// A read transaction: everything read in its scope is of one moment.
class Snapshot {
 public:
  explicit Snapshot(Database& database) : database_(database) { database_.execute("BEGIN"); }
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& database_;
};

}  // namespace vernier
