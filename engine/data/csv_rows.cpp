#include "engine/data/csv_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxFields = std::size_t{1} << 16;

class CsvRows final : public RowSource {
 public:
  CsvRows(ByteSource bytes, char separator, char line_end)
      : bytes_(std::move(bytes)), separator_(separator), line_end_(line_end) {
    RawRow header;
    if (!next_record(header)) return;
    if (separator == ',' && header.bytes.find(',') == std::string::npos &&
        header.bytes.find(';') != std::string::npos) {
      separator_ = ';';
    }
    header.index = -1;
    names_ = fields_of(header);
    std::unordered_set<std::string> taken;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i].empty() || !taken.insert(names_[i]).second) {
        fail(ErrorCode::kInvalidInput, bytes_.path(),
             "column " + std::to_string(i) + " of the header: got \"" + names_[i] +
                 "\", expected a name that no other column has.");
      }
    }
  }

  bool next(RawRow& row) override {
    if (!next_record(row)) return false;
    row.index = next_index_++;
    return true;
  }

  ordered_json parse(const RawRow& row) const override {
    require_utf8(bytes_.path(), row);
    std::vector<std::string> fields = fields_of(row);
    if (fields.size() != names_.size()) {
      fail(ErrorCode::kInvalidInput, row_place(bytes_.path(), row),
           "got " + std::to_string(fields.size()) + " fields, expected " + std::to_string(names_.size()) +
               ", as many as the header names.");
    }
    ordered_json out = ordered_json::object();
    // No name is there twice: [] would look for one among all, for each.
    auto& members = out.get_ref<ordered_json::object_t&>();
    members.reserve(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) members.emplace_back(names_[i], std::move(fields[i]));
    return out;
  }
  double fraction() const override { return bytes_.fraction(); }

 private:
  // Lines up to one that ends outside quotes; empty lines between records are none.
  bool next_record(RawRow& row) {
    row.bytes.clear();
    do {
      row.line = line_ + 1;
      row.bytes.clear();
      if (!bytes_.append_line(row.bytes, kMaxRowBytes + 1, line_end_)) return false;
      ++line_;
    } while (row.bytes == "\n" || row.bytes == "\r\n" || row.bytes == "\r");
    // Inside a quoted field there is an odd number of quotes so far; a quote in it is written as two.
    std::size_t counted = 0;
    bool quoted = false;
    for (;;) {
      for (; counted < row.bytes.size(); ++counted) quoted ^= row.bytes[counted] == '"';
      if (row.bytes.size() > kMaxRowBytes ||
          (quoted && !bytes_.append_line(row.bytes, kMaxRowBytes + 1 - counted, line_end_))) {
        row.index = next_index_;
        fail(ErrorCode::kInvalidInput, row_place(bytes_.path(), row), "a quoted field is never closed.");
      }
      if (!quoted && counted == row.bytes.size()) break;
      ++line_;
    }
    if (row.bytes.ends_with('\n')) row.bytes.pop_back();
    if (row.bytes.ends_with('\r')) row.bytes.pop_back();
    return true;
  }

  std::vector<std::string> fields_of(const RawRow& row) const {
    const std::string& text = row.bytes;
    std::vector<std::string> out(1);
    std::size_t at = 0;
    for (;;) {
      std::string& field = out.back();
      if (at < text.size() && text[at] == '"') {
        for (++at; text[at] != '"' || (at + 1 < text.size() && text[at + 1] == '"'); ++at) {
          if (text[at] == '"') ++at;
          field += text[at];
        }
        ++at;
        if (at < text.size() && text[at] != separator_) wrong_quotes(row, out.size());
      } else {
        const std::size_t end = std::min(text.find(separator_, at), text.size());
        field = text.substr(at, end - at);
        if (field.find('"') != std::string::npos) wrong_quotes(row, out.size());
        at = end;
      }
      if (at == text.size()) return out;
      if (out.size() == kMaxFields) {
        fail(ErrorCode::kInvalidInput, row.index < 0 ? bytes_.path() : row_place(bytes_.path(), row),
             "got more than " + std::to_string(kMaxFields) + " fields, expected at most so many.");
      }
      ++at;  // the separator
      out.emplace_back();
    }
  }

  [[noreturn]] void wrong_quotes(const RawRow& row, std::size_t field) const {
    fail(ErrorCode::kInvalidInput, row.index < 0 ? bytes_.path() : row_place(bytes_.path(), row),
         "field " + std::to_string(field - 1) +
             ": a quote stands inside it. A field with quotes is quoted as a whole, each of its own written twice.");
  }

  ByteSource bytes_;
  char separator_;
  char line_end_;
  std::vector<std::string> names_;
  std::int64_t next_index_ = 0;
  std::int64_t line_ = 0;
};

// '\r' where nothing else ends the first record, as old spreadsheets write it.
char line_end_of(const std::string& path) {
  ByteSource bytes(path);
  bool quoted = false;
  for (std::size_t i = 0; i < kMaxRowBytes; ++i) {
    const int c = bytes.get();
    if (c < 0 || (c == '\n' && !quoted)) break;
    quoted ^= c == '"';
    if (c == '\r' && !quoted) return bytes.peek() == '\n' ? '\n' : '\r';
  }
  return '\n';
}

}  // namespace

std::unique_ptr<RowSource> open_csv(ByteSource bytes, char separator) {
  const char line_end = line_end_of(bytes.path());
  return std::make_unique<CsvRows>(std::move(bytes), separator, line_end);
}

}  // namespace vernier
