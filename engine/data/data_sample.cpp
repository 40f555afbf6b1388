#include "vernier/data_sample.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/data/dataset_audit.h"
#include "engine/data/load_dataset.h"
#include "engine/data/placeholders.h"
#include "engine/data/row_format.h"
#include "engine/data/row_source.h"
#include "engine/data/sample_rows.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

// So much of given tokens is worth reading as numbers.
constexpr std::size_t kMaxShownIds = 64;

// The value as JSON until `out` is long enough; strings in it lose what nobody will see.
void append_json(const ordered_json& value, std::size_t enough, std::string& out) {
  if (out.size() > enough) return;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const std::size_t end = std::min(text.size(), enough - out.size() + 1);
    out += ordered_json(text.substr(0, end)).dump(-1, ' ', false, ordered_json::error_handler_t::ignore);
  } else if (value.is_structured()) {
    const bool object = value.is_object();
    out += object ? '{' : '[';
    bool first = true;
    for (const auto& item : value.items()) {
      if (!first) out += ", ";
      first = false;
      if (object) out += ordered_json(item.key()).dump() + ": ";
      append_json(item.value(), enough, out);
      if (out.size() > enough) return;
    }
    out += object ? '}' : ']';
  } else {
    out += value.dump();
  }
}

void cut_at_character(std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "\xE2\x80\xA6";
}

std::string listed_ids(const GivenTokens& given) {
  std::string out;
  for (std::size_t i = 0; i < std::min(given.input_ids.size(), kMaxShownIds); ++i) {
    out += (i == 0 ? "" : " ") + std::to_string(given.input_ids[i]);
  }
  return given.input_ids.size() > kMaxShownIds ? out + " \xE2\x80\xA6" : out;
}

SampleExample turns_of(const RowContent& content) {
  if (const auto* text = std::get_if<WholeText>(&content)) return {{"text", text->text}};
  if (const auto* pair = std::get_if<PromptCompletion>(&content)) {
    return {{"prompt", pair->prompt}, {"completion", pair->completion}};
  }
  if (const auto* given = std::get_if<GivenTokens>(&content)) return {{"tokens", listed_ids(*given)}};
  SampleExample out;
  for (const ordered_json& message : std::get<Conversation>(content).messages) {
    std::string text = message["content"].get<std::string>();
    if (message.contains("tool_calls")) text += (text.empty() ? "" : "\n") + message["tool_calls"].dump();
    out.push_back({message["role"].get<std::string>(), std::move(text)});
  }
  return out;
}

}  // namespace

DataSample DataSample::read(const std::string& path, const SampleLimits& limits, std::stop_token stop) {
  auto rows = std::make_shared<Rows>();
  rows->path = path;
  const std::unique_ptr<RowSource> source = open_rows(path);
  rows->is_plain_text = source->is_plain_text();
  RawRow raw;
  std::size_t bytes = 0;
  try {
    while (static_cast<std::int64_t>(rows->rows.size()) < limits.rows && bytes < limits.bytes) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, path, "reading the data was cancelled.");
      if (!source->next(raw)) {
        rows->is_whole = true;
        break;
      }
      bytes += raw.bytes.size();
      Rows::Row& row = rows->rows.emplace_back();
      row.index = raw.index;
      row.line = raw.line;
      row.last = raw.last;
      try {
        row.value = source->parse(raw);
        for (const auto& item : row.value.items()) {
          if (std::find(rows->columns.begin(), rows->columns.end(), item.key()) == rows->columns.end()) {
            rows->columns.push_back(item.key());
          }
        }
      } catch (const Error& error) {
        row.problem = error.what();
      }
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled || rows->rows.empty()) throw;
    rows->problem = error.what();
  }
  rows->fraction = rows->is_whole ? 1.0 : source->fraction();
  DataSample out;
  out.rows_ = std::move(rows);
  return out;
}

const std::string& DataSample::path() const {
  return rows_->path;
}
bool DataSample::is_plain_text() const {
  return rows_->is_plain_text;
}
std::int64_t DataSample::size() const {
  return static_cast<std::int64_t>(rows_->rows.size());
}
bool DataSample::is_whole() const {
  return rows_->is_whole;
}
double DataSample::fraction() const {
  return rows_->fraction;
}
const std::string& DataSample::problem() const {
  return rows_->problem;
}
const std::vector<std::string>& DataSample::columns() const {
  return rows_->columns;
}

std::int64_t DataSample::rows_guess() const {
  if (is_whole() || !(fraction() > 0.0)) return size();
  return std::max(size() + 1, static_cast<std::int64_t>(std::llround(static_cast<double>(size()) / fraction())));
}

std::int64_t DataSample::file_row(std::int64_t row) const {
  return rows_->at(row).index;
}
std::int64_t DataSample::line(std::int64_t row) const {
  return rows_->at(row).line;
}
const std::string& DataSample::row_problem(std::int64_t row) const {
  return rows_->at(row).problem;
}

bool DataSample::has_cell(std::int64_t row, std::size_t column) const {
  return rows_->at(row).value.contains(rows_->columns[column]);
}

std::string DataSample::cell(std::int64_t row, std::size_t column, std::size_t max_bytes) const {
  const ordered_json& value = rows_->at(row).value;
  const auto found = value.find(rows_->columns[column]);
  if (found == value.end()) return "";
  std::string out;
  if (found->is_string()) {
    out = found->get_ref<const std::string&>().substr(0, max_bytes + 4);
  } else {
    append_json(*found, max_bytes, out);
  }
  cut_at_character(out, max_bytes);
  return out;
}

SampleReading DataSample::read_as(const DatasetOptions& options, const std::stop_token& stop) const {
  SampleReading out;
  out.chosen = options.format != "auto" && !options.format.empty();
  if (rows_->is_plain_text) {
    out.format = to_string(DataFormat::kText);
    out.rows_read = size();
    try {
      require_plain_text(options, {});
    } catch (const Error& error) {
      out.problem = error.what();
    }
    for (const Rows::Row& row : rows_->rows) {
      out.placeholders += has_placeholder(row.value["text"].get_ref<const std::string&>()) ? 1 : 0;
    }
    return out;
  }
  const auto first = std::find_if(rows_->rows.begin(), rows_->rows.end(), [](const auto& r) { return r.is_good(); });
  if (first == rows_->rows.end()) {
    out.problem = rows_->rows.empty() ? "[" + path() + "] " + kNoRows : rows_->rows.front().problem;
    return out;
  }
  std::optional<RowFormat> format;
  try {
    format.emplace(options, first->value, first->place(path()));
  } catch (const Error& error) {
    out.problem = error.what();
    return out;
  }
  out.format = to_string(format->format());
  for (const FormatColumn& column : columns_of(format->format())) {
    const std::string name(column.name), key = format->key_of(first->value, column.name);
    out.columns.push_back(
        {name, first->value.contains(key) ? key : std::string(), column.required, options.columns.contains(name)});
  }
  for (const std::string& name : data_formats()) {
    const auto other = data_format_of(name);
    if (*other != format->format() && format->fits(*other, first->value)) out.rivals.push_back(name);
  }
  for (std::int64_t i = 0; i < size() && !stop.stop_requested(); ++i) {
    try {
      const Rows::Row& row = rows_->at(i);
      if (!row.is_good()) fail(ErrorCode::kInvalidInput, row.place(path()), "the row cannot be read.");
      bool placeholder = false;
      for (const RowContent& content : format->read(row.value, row.place(path()))) {
        for (const SampleTurn& turn : turns_of(content)) placeholder = placeholder || has_placeholder(turn.text);
      }
      ++out.rows_read;
      out.placeholders += placeholder ? 1 : 0;
    } catch (const Error& error) {
      if (out.rows_failed++ > 0) continue;
      out.first_failed = i;
      out.first_problem = rows_->at(i).is_good() ? error.what() : rows_->at(i).problem;
    }
  }
  return out;
}

std::vector<RowContent> DataSample::Rows::contents(std::int64_t row, const DatasetOptions& options) const {
  const Row& wanted = at(row);
  if (!wanted.is_good()) throw Error(ErrorCode::kInvalidInput, wanted.problem);
  if (is_plain_text) return {WholeText{wanted.value["text"].get<std::string>()}};
  // The first row decides about the format.
  const auto first = std::find_if(rows.begin(), rows.end(), [](const auto& r) { return r.is_good(); });
  return RowFormat(options, first->value, first->place(path)).read(wanted.value, wanted.place(path));
}

std::vector<SampleExample> DataSample::examples(std::int64_t row, const DatasetOptions& options) const {
  std::vector<SampleExample> out;
  for (const RowContent& content : rows_->contents(row, options)) out.push_back(turns_of(content));
  return out;
}

std::vector<std::string> data_formats() {
  std::vector<std::string> out;
  for (const DataFormat format :
       {DataFormat::kMessages, DataFormat::kShareGpt, DataFormat::kAlpaca, DataFormat::kQuestionAnswer,
        DataFormat::kPromptCompletion, DataFormat::kMessageTree, DataFormat::kText, DataFormat::kTokens}) {
    out.emplace_back(to_string(format));
  }
  return out;
}

bool has_completions(const std::string& format) {
  return format == "alpaca" || format == "question_answer" || format == "prompt_completion";
}

bool has_turns(const std::string& format) {
  return format == "messages" || format == "sharegpt" || format == "oasst" || format == "alpaca" ||
         format == "question_answer";
}

}  // namespace vernier
