// A data file cut into its rows, before anything is known about what they mean.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "vernier/run_config.h"

namespace vernier {

// No single row may be larger: a file without line ends must not fill the memory.
inline constexpr std::size_t kMaxRowBytes = std::size_t{1} << 26;

struct RawRow {
  std::string bytes;
  std::int64_t index = 0;  // of the file's rows, from 0
  std::int64_t line = 0;   // where it begins, from 1
  bool last = false;       // of a plain text: nothing follows
};

// next() from one thread at a time; parse() from any.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // False at the end. Errors name file and row.
  virtual bool next(RawRow& row) = 0;
  // The row as an object; of a plain text {"text": ...}.
  virtual nlohmann::ordered_json parse(const RawRow& row) const = 0;
  // The rows are stretches of one text, cut where it has an empty line (where it can be) and of some ten thousand
  // bytes.
  virtual bool is_plain_text() const { return false; }
  // A plain text whose first lines look like a CSV's or TSV's.
  virtual bool looks_like_table() const { return false; }
  // What part of the file is read, 0 to 1.
  virtual double fraction() const = 0;
};

// What kind of file it is: by its ending where that says it, else by its first character, or a header of a CSV or TSV
// that names the columns of a known format. Rows that are single messages
// with the ids of those they answer are joined into trees (message_trees.h). Throws Error.
std::unique_ptr<RowSource> open_rows(const std::string& path);

// "train.jsonl row 3 (line 4)".
std::string row_place(const std::string& path, const RawRow& row);
// Refuses bytes that are no UTF-8.
void require_utf8(const std::string& path, const RawRow& row);

}  // namespace vernier
