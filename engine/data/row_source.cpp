#include "engine/data/row_source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/core/strict_json.h"
#include "engine/data/byte_source.h"
#include "engine/data/csv_rows.h"
#include "engine/data/message_trees.h"
#include "engine/data/parquet_rows.h"
#include "engine/data/row_format.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

bool is_json_space(int c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_blank(const std::string& text) {
  return std::all_of(text.begin(), text.end(), is_json_space);
}

[[noreturn]] void fail_too_long(const std::string& path, const RawRow& row) {
  fail(ErrorCode::kInvalidInput, row_place(path, row),
       "the row is longer than " + std::to_string(kMaxRowBytes >> 20) +
           " MiB: expected one object a line, or an array of objects.");
}

ordered_json parse_object(const std::string& path, const RawRow& row) {
  const std::string place = row_place(path, row);
  require_utf8(path, row);
  auto value = parse_strict_json<ordered_json>(row.bytes, place);
  if (!value.is_object()) {
    fail(ErrorCode::kInvalidInput, place, "got a JSON " + std::string(value.type_name()) + ", expected an object.");
  }
  return value;
}

// One object a line; lines of nothing but white space are no rows.
class JsonLines final : public RowSource {
 public:
  explicit JsonLines(ByteSource bytes) : bytes_(std::move(bytes)) {}

  bool next(RawRow& row) override {
    do {
      row.bytes.clear();
      row.index = next_index_;
      row.line = ++line_;
      if (!bytes_.append_line(row.bytes, kMaxRowBytes + 1)) return false;
      if (row.bytes.size() > kMaxRowBytes) fail_too_long(bytes_.path(), row);
    } while (is_blank(row.bytes));
    while (is_json_space(row.bytes.back())) row.bytes.pop_back();
    ++next_index_;
    return true;
  }
  ordered_json parse(const RawRow& row) const override { return parse_object(bytes_.path(), row); }
  double fraction() const override { return bytes_.fraction(); }

 private:
  ByteSource bytes_;
  std::int64_t next_index_ = 0;
  std::int64_t line_ = 0;
};

// Values found by brackets and quotes alone and parsed one by one.
class BracketRows : public RowSource {
 public:
  ordered_json parse(const RawRow& row) const override { return parse_object(bytes_.path(), row); }
  double fraction() const override { return bytes_.fraction(); }

 protected:
  explicit BracketRows(ByteSource bytes) : bytes_(std::move(bytes)) {}

  const std::string& path() const { return bytes_.path(); }
  int take() {
    const int c = bytes_.get();
    if (c == '\n') ++line_;
    return c;
  }
  int skip_space() {
    while (is_json_space(bytes_.peek())) take();
    return bytes_.peek();
  }
  // Up to the comma or bracket behind the value, or alone: up to the value's own last bracket.
  void read_value(RawRow& row, bool alone) {
    row.line = line_;
    int depth = 0;
    bool quoted = false;
    for (;;) {
      const int c = bytes_.peek();
      if (c < 0 && depth == 0 && !quoted && !is_blank(row.bytes)) return;
      if (c < 0)
        fail(ErrorCode::kInvalidInput, row_place(path(), row), "the file ends inside this row: it is cut short.");
      bool ends = false;
      if (quoted) {
        if (c == '"') quoted = false;
        if (c == '\\') {
          row.bytes.push_back(static_cast<char>(take()));
          if (bytes_.peek() < 0) continue;
        }
      } else {
        if (!alone && depth == 0 && (c == ',' || c == ']')) return;
        if (c == '"') quoted = true;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') ends = --depth <= 0 && alone;
      }
      row.bytes.push_back(static_cast<char>(take()));
      if (row.bytes.size() > kMaxRowBytes) fail_too_long(path(), row);
      if (ends) return;
    }
  }

  ByteSource bytes_;
  std::int64_t next_index_ = 0;
  std::int64_t line_ = 1;
};

// One array of objects.
class JsonArray final : public BracketRows {
 public:
  explicit JsonArray(ByteSource bytes) : BracketRows(std::move(bytes)) {}

  bool next(RawRow& row) override {
    row.bytes.clear();
    row.index = next_index_;
    int c = skip_space();
    if (state_ == State::kDone) return false;
    if (state_ == State::kStart) {
      take();  // the bracket that open_rows() saw
      state_ = State::kInside;
      c = skip_space();
      if (c == ']') return close();
    } else if (c == ']') {
      return close();
    } else if (c == ',') {
      take();
      c = skip_space();
      if (c == ']' || c == ',') {
        row.line = line_;
        fail(ErrorCode::kInvalidInput, row_place(path(), row),
             std::string("got ") + static_cast<char>(c) + " behind a comma, expected a row. Remove the comma.");
      }
    } else {
      row.line = line_;
      fail(ErrorCode::kInvalidInput, row_place(path(), row),
           c < 0 ? "the file ends inside its array: it is cut short." : "expected a comma or ] behind the row before.");
    }
    read_value(row, false);
    ++next_index_;
    return true;
  }

 private:
  enum class State { kStart, kInside, kDone };

  bool close() {
    take();
    if (skip_space() >= 0) {
      fail(ErrorCode::kInvalidInput, path(),
           "line " + std::to_string(line_) + ": something follows the end of the array.");
    }
    state_ = State::kDone;
    return false;
  }

  State state_ = State::kStart;
};

// Objects that go over several lines, one behind the other.
class JsonObjects final : public BracketRows {
 public:
  explicit JsonObjects(ByteSource bytes) : BracketRows(std::move(bytes)) {}

  bool next(RawRow& row) override {
    row.bytes.clear();
    row.index = next_index_;
    if (skip_space() < 0) return false;
    read_value(row, true);
    ++next_index_;
    return true;
  }
};

// Stretches of about kStretchBytes that end at an empty line, or failing that at a line's end.
class PlainText final : public RowSource {
 public:
  PlainText(ByteSource bytes, bool looks_like_table) : bytes_(std::move(bytes)), looks_like_table_(looks_like_table) {}

  bool next(RawRow& row) override {
    row.bytes.clear();
    row.index = next_index_;
    row.line = line_;
    bool blank_line = false;
    while (row.bytes.size() < kStretchBytes || (!blank_line && row.bytes.size() < 2 * kStretchBytes)) {
      const std::size_t before = row.bytes.size();
      if (!bytes_.append_line(row.bytes, kMaxRowBytes + 1 - before)) break;
      if (row.bytes.size() > kMaxRowBytes) fail_too_long(bytes_.path(), row);
      blank_line = is_blank(row.bytes.substr(before));
      ++line_;
    }
    row.last = bytes_.peek() < 0;
    if (row.bytes.empty()) return false;
    require_utf8(bytes_.path(), row);
    ++next_index_;
    return true;
  }
  ordered_json parse(const RawRow& row) const override { return {{"text", row.bytes}}; }
  bool is_plain_text() const override { return true; }
  bool looks_like_table() const override { return looks_like_table_; }
  double fraction() const override { return bytes_.fraction(); }

 private:
  static constexpr std::size_t kStretchBytes = std::size_t{1} << 15;

  ByteSource bytes_;
  bool looks_like_table_;
  std::int64_t next_index_ = 0;
  std::int64_t line_ = 1;
};

// ".csv" of "a.CSV.gz".
std::string lower_ending(const std::string& path) {
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (const std::string last = lower(name.extension().string()); last == ".gz" || last == ".zst") name = name.stem();
  return lower(name.extension().string());
}

// Whether the first line of a JSON file opens an object that it does not close.
bool goes_on_behind_its_line(const std::string& path) {
  ByteSource bytes(path);
  std::string line;
  while (is_blank(line)) {
    line.clear();
    if (!bytes.append_line(line, kMaxRowBytes)) return false;
  }
  while (is_json_space(line.back())) line.pop_back();
  return std::string_view("{[,:").find(line.back()) != std::string_view::npos;
}

// "prompt,completion": two names or more.
bool looks_like_header(std::string_view line, char separator) {
  std::size_t names = 0;
  for (;;) {
    const std::size_t end = std::min(line.find(separator), line.size());
    std::string_view name = line.substr(0, end);
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
    if (!std::all_of(name.begin(), name.end(), fits)) return false;
    ++names;
    if (end == line.size()) return names >= 2;
    line.remove_prefix(end + 1);
  }
}

struct FoundTable {
  char separator;
  bool is_known;  // its columns are those of a format
};

// A file whose first line looks like the header of a CSV or TSV and whose first row has as many fields.
std::optional<FoundTable> find_table(const std::string& path) {
  constexpr std::size_t kLongestHeader = 4096;
  std::string line;
  ByteSource(path).append_line(line, kLongestHeader);
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  for (const char separator : {'\t', ',', ';'}) {
    if (!looks_like_header(line, separator)) continue;
    FoundTable found{separator == '\t' ? '\t' : ',', false};  // open_csv() sees semicolons itself
    ordered_json row;
    try {
      const std::unique_ptr<RowSource> rows = open_csv(ByteSource(path), found.separator);
      RawRow first;
      if (!rows->next(first)) return std::nullopt;
      row = rows->parse(first);
    } catch (const Error&) {
      return std::nullopt;
    }
    try {
      const RowFormat format(DatasetOptions{}, row, path);
      found.is_known = true;
    } catch (const Error&) {
      // Columns that have to be mapped, or no table.
    }
    return found;
  }
  return std::nullopt;
}

bool is_parquet(const std::string& path) {
  std::array<char, 4> magic{};
  std::error_code ignored;  // what is wrong with a path the next reader says
  return std::filesystem::is_regular_file(path, ignored) &&
         std::ifstream(path, std::ios::binary).read(magic.data(), 4) && std::string_view(magic.data(), 4) == "PAR1";
}

std::unique_ptr<RowSource> open_file_rows(const std::string& path) {
  if (is_parquet(path)) return open_parquet(path);
  ByteSource bytes(path);
  const std::string ending = lower_ending(path);
  const bool json = ending == ".jsonl" || ending == ".ndjson" || ending == ".json";
  if (ending == ".txt" || ending == ".md") {
    return std::make_unique<PlainText>(std::move(bytes), find_table(path).has_value());
  }
  if (ending == ".csv" || ending == ".tsv") return open_csv(std::move(bytes), ending == ".csv" ? ',' : '\t');
  int first = bytes.peek();
  if (is_json_space(first)) {
    ByteSource ahead(path);  // white space in front is part of a text, and counts as lines
    while (is_json_space(first = ahead.peek())) ahead.get();
  }
  if (first == '[') return std::make_unique<JsonArray>(std::move(bytes));
  if (first == '{' && goes_on_behind_its_line(path)) return std::make_unique<JsonObjects>(std::move(bytes));
  if (json || first == '{') return std::make_unique<JsonLines>(std::move(bytes));
  const std::optional<FoundTable> table = find_table(path);
  if (table && table->is_known) return open_csv(std::move(bytes), table->separator);
  return std::make_unique<PlainText>(std::move(bytes), table.has_value());
}

}  // namespace

std::string row_place(const std::string& path, const RawRow& row) {
  return std::filesystem::path(path).filename().string() + " row " + std::to_string(row.index) + " (line " +
         std::to_string(row.line) + ")";
}

void require_utf8(const std::string& path, const RawRow& row) {
  if (is_valid_utf8(row.bytes)) return;
  std::string_view rest = row.bytes;
  while (decode_utf8(rest).code_point != kBadUtf8) rest.remove_prefix(decode_utf8(rest).length);
  fail(ErrorCode::kInvalidInput, row_place(path, row),
       "not UTF-8 at byte " + std::to_string(row.bytes.size() - rest.size()) +
           " of the row: save the file as UTF-8 (it may be Latin-1).");
}

std::unique_ptr<RowSource> open_rows(const std::string& path) {
  std::unique_ptr<RowSource> rows = open_file_rows(path);
  RawRow first;
  if (rows->is_plain_text() || !rows->next(first)) return open_file_rows(path);
  const bool joined = is_linked_message(rows->parse(first));
  rows = open_file_rows(path);
  return joined ? join_messages(std::move(rows), path) : std::move(rows);
}

}  // namespace vernier
