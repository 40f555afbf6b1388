// The first rows of a data file as they lie there, what format they seem to have, and what would be read from them.
// Needs no model: for choosing a file and mapping its columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "vernier/run_config.h"

namespace vernier {

// Reading stops at whichever is reached first. A row counts by its bytes in the file.
struct SampleLimits {
  std::int64_t rows = 5000;
  std::size_t bytes = std::size_t{16} << 20;
};

// One of Vernier's names for a column, for the format in question.
struct SampleColumn {
  std::string name;  // "messages"
  std::string key;   // the file's column that is read for it; "" where the file has none
  bool required = false;
  bool mapped = false;  // by dataset.columns
};

// What a choice of format and columns makes of the rows.
struct SampleReading {
  std::string format;   // as in dataset.format, never "auto"; "" where none was recognised
  bool chosen = false;  // named by the options, not recognised
  std::vector<SampleColumn> columns;
  std::vector<std::string> rivals;  // other formats that the first row has the columns for
  std::int64_t rows_read = 0;
  std::int64_t rows_failed = 0;    // that cannot be read so
  std::int64_t first_failed = -1;  // index in the sample
  std::string first_problem;
  std::int64_t placeholders = 0;  // rows with something like {{name}} in a text
  std::string problem;            // why no row can be read; "" otherwise
};

struct SampleTurn {
  // Of a conversation "system", "user", "assistant", "tool"; else "prompt", "completion", "text", "tokens".
  std::string role;
  std::string text;
};
using SampleExample = std::vector<SampleTurn>;

// A value; copies share the rows. Thread: const members from several threads.
class DataSample {
 public:
  // Throws Error where not even the first row can be found: kNotFound, kIo, kUnsupported (an encoding, a packed
  // format), kInvalidInput; kCancelled by `stop`.
  static DataSample read(const std::string& path, const SampleLimits& limits = {}, std::stop_token stop = {});

  const std::string& path() const;
  bool is_plain_text() const;
  std::int64_t size() const;        // rows
  bool is_whole() const;            // the file has no more than these
  double fraction() const;          // of the file's bytes that are read
  std::int64_t rows_guess() const;  // of the whole file, from the rows read so far
  // What ended the reading before its time ("... it is cut short"); "" for nothing.
  const std::string& problem() const;
  // The rows' keys in the order in which they first appear.
  const std::vector<std::string>& columns() const;

  // Of the file, from 0 and from 1.
  std::int64_t file_row(std::int64_t row) const;
  std::int64_t line(std::int64_t row) const;
  // Why the row is none; "" for one that is.
  const std::string& row_problem(std::int64_t row) const;
  // A text as it is, another value as JSON, "" for none; cut at a character behind max_bytes.
  std::string cell(std::int64_t row, std::size_t column, std::size_t max_bytes) const;
  bool has_cell(std::int64_t row, std::size_t column) const;

  // Reads every row of the sample. No errors: what is wrong is in the result, and kCancelled leaves it unfinished.
  SampleReading read_as(const DatasetOptions& options, const std::stop_token& stop = {}) const;
  // Throws Error{kInvalidInput} where the row cannot be read so.
  std::vector<SampleExample> examples(std::int64_t row, const DatasetOptions& options) const;

  struct Rows;
  const Rows& rows() const { return *rows_; }

 private:
  std::shared_ptr<const Rows> rows_;
};

// What dataset.format takes beside "auto".
std::vector<std::string> data_formats();
// Whether rows of the format tell a prompt from its completion, and turns of an assistant from others.
bool has_completions(const std::string& format);
bool has_turns(const std::string& format);

}  // namespace vernier
