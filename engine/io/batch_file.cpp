// Batch files: rows of token ids, right-padded to one length.
#include <algorithm>
#include <limits>
#include <string>

#include "engine/core/nearest_name.h"
#include "engine/io/atomic_file.h"
#include "engine/io/json_fields.h"
#include "vernier/error.h"
#include "vernier/model.h"

namespace vernier {
namespace {

using Rows = std::vector<std::vector<std::int32_t>>;

[[noreturn]] void wrong(const std::string& path, const std::string& what, const std::string& got,
                        const std::string& expected) {
  fail(ErrorCode::kInvalidInput, path, what + ": got " + got + ", expected " + expected + ".");
}

std::int32_t id_from(const nlohmann::json& value, std::int32_t min, const std::string& path, const std::string& what,
                     const char* expected) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  if (!value.is_number_integer() || value < min || value > kMax) wrong(path, what, shown_json(value), expected);
  return value.get<std::int32_t>();
}

// `min`: the least value, with `expected` in words.
Rows rows_from(const nlohmann::json& value, const char* key, std::int32_t min, const std::string& path,
               const char* expected) {
  if (!value.is_array() || value.empty()) wrong(path, key, shown_json(value), "a list of rows, at least one");
  Rows rows;
  for (const nlohmann::json& row : value) {
    const std::string name = std::string(key) + "[" + std::to_string(rows.size()) + "]";
    if (!row.is_array() || row.empty()) wrong(path, name, shown_json(row), "a list of integers, at least one");
    std::vector<std::int32_t>& ids = rows.emplace_back();
    ids.reserve(row.size());
    for (const nlohmann::json& id : row) {
      ids.push_back(id_from(id, min, path, name + "[" + std::to_string(ids.size()) + "]", expected));
    }
    if (ids.size() != rows.front().size()) {
      wrong(path, name, std::to_string(ids.size()) + " values",
            "the " + std::to_string(rows.front().size()) + " of row 0 (rows are right-padded to one length)");
    }
  }
  return rows;
}

// Whether any position of a row predicts a label.
bool has_target(const Batch& batch) {
  for (std::size_t b = 0; b < batch.labels.size(); ++b) {
    const auto end = batch.labels[b].begin() + batch.lengths[b];
    if (std::any_of(batch.labels[b].begin() + 1, end, [](std::int32_t label) { return label >= 0; })) return true;
  }
  return false;
}

}  // namespace

Batch Batch::from_file(const std::string& path) {
  const nlohmann::json json = read_json_file(path);
  if (!json.is_object()) wrong(path, "batch file", shown_json(json), "an object with input_ids");
  const JsonFields fields(json, path);

  // prompt_length and train are what reference cases tell those who compare with them; nothing is read from them. Any
  // other key, such as an attention_mask, might be meant to change the result.
  const std::vector<std::string> keys = {"input_ids", "labels", "lengths", "prompt_length", "train"};
  for (const auto& item : json.items()) {
    if (std::find(keys.begin(), keys.end(), item.key()) != keys.end()) continue;
    const std::string near = nearest_name(item.key(), keys);
    fail(ErrorCode::kInvalidInput, path,
         "unknown key \"" + item.key() + "\": " +
             (near.empty() ? "expected input_ids, labels or lengths" : "the nearest known key is \"" + near + "\"") +
             ".");
  }

  Batch batch;
  const nlohmann::json* ids = fields.find("input_ids");
  if (ids == nullptr) fields.missing("input_ids");
  batch.input_ids = rows_from(*ids, "input_ids", 0, path, "a token id");
  const std::size_t rows = batch.input_ids.size();
  const std::int64_t width = batch.width();

  batch.labels = batch.input_ids;
  if (const nlohmann::json* labels = fields.find("labels")) {
    batch.labels = rows_from(*labels, "labels", -100, path, "a token id or -100");
    for (std::size_t b = 0; b < batch.labels.size(); ++b) {
      for (std::size_t t = 0; t < batch.labels[b].size(); ++t) {
        const std::int32_t label = batch.labels[b][t];
        if (label < 0 && label != -100) {
          wrong(path, "labels[" + std::to_string(b) + "][" + std::to_string(t) + "]", std::to_string(label),
                "a token id or -100");
        }
      }
    }
    if (batch.labels.size() != rows || batch.labels.front().size() != batch.input_ids.front().size()) {
      wrong(path, "labels",
            std::to_string(batch.labels.size()) + " rows of " + std::to_string(batch.labels.front().size()) + " values",
            std::to_string(rows) + " rows of " + std::to_string(width) + " as input_ids");
    }
  }

  batch.lengths.assign(rows, width);
  if (const nlohmann::json* lengths = fields.find("lengths")) {
    if (!lengths->is_array() || lengths->size() != rows) {
      wrong(path, "lengths", shown_json(*lengths), "a list of " + std::to_string(rows) + " integers, one a row");
    }
    for (std::size_t b = 0; b < rows; ++b) {
      const nlohmann::json& length = (*lengths)[b];
      if (!length.is_number_integer() || length < 1 || length > width) {
        wrong(path, "lengths[" + std::to_string(b) + "]", shown_json(length), "1 to " + std::to_string(width));
      }
      batch.lengths[b] = length.get<std::int64_t>();
    }
  }
  if (fields.find("labels") != nullptr && width > 1 && !has_target(batch)) {
    wrong(path, "labels", "none to learn (-100 everywhere, past lengths or at position 0)",
          "at least one token id, or no labels for every token to count");
  }
  return batch;
}

}  // namespace vernier
